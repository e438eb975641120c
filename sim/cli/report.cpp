#include "sim/cli/report.hpp"

#include <fmt/format.h>

#include <cmath>

#include "sim/cli/message.hpp"
#include "sim/cli/values.hpp"

namespace swarm {
namespace cli {
namespace {

std::string percent(double part, double whole) {
  return whole > 0 && !std::isnan(part) ? fmt::format("{:.1f} %", 100 * part / whole) : "–";
}

struct Table {
  const io::ResultReader& file;
  double get(const std::string& name) const { return file.scalar<double>("/summary/" + name); }
  std::vector<double> column(const std::string& name) const { return file.read<double>("/summary/" + name); }
  void line(std::string_view label, const std::string& value, const std::string& note = {}) const {
    fmt::print("  {:<26}{:>14}{}{}\n", label, value, note.empty() ? "" : "  ", note);
  }
  void requests() const;
  void waiting() const;
  void troubles() const;
  void machines() const;
  void regions() const;
  void accuracy() const;
};

void Table::requests() const {
  const double arrived = get("requests_arrived"), served = get("requests_served");
  fmt::print("Requests (simulated; each stands for {})\n", number_text(get("multiplicity")));
  line("arrived", number_text(arrived));
  line("served", number_text(served), percent(served, arrived) + " of arrived");
  line("  of these late", number_text(get("requests_late")), percent(get("requests_late"), served) + " of served");
  const auto refused = [&](const char* reason, const char* meaning, bool always) {
    const double n = get(fmt::format("rejected_{}", reason));
    if (n > 0 || always)
      line(fmt::format("refused: {}", reason), number_text(n), fmt::format("{} of arrived: {}", percent(n, arrived), meaning));
  };
  refused("price", "no quote was within what users would pay", true);
  refused("budget", "no quote fitted the daily budget", true);
  refused("capacity", "nobody offered capacity before the deadline", true);
  refused("deadline", "even an idle server would have been too slow", true);
  refused("carbon", "the region's permits did not cover the footprint", false);
  refused("residency", "its data may not go where specialists were listed", false);
  refused("quota", "no specialist of the site had quota left", false);
  refused("allowance", "no specialist of the site had enough energy left for the day", false);
  refused("fault", "whom it asked never answered", false);
  refused("emergency", "gave way to an emergency", false);
  line("pending at the end", number_text(get("requests_pending")));
  line("served by deadline", percent(get("served_share"), 1));
  line("  Global South | North", percent(get("served_share_south"), 1), "| " + percent(get("served_share_north"), 1));
  line("delay: mean | p95", number_text(get("delay_s")) + " s", "| " + number_text(get("delay_p95_s")) + " s");
}

/// Of those whose users can wait, where there are any.
void Table::waiting() const {
  const double flexible = get("requests_flexible");
  if (flexible == 0) return;
  const double released = get("requests_released");
  line("can wait | held back", number_text(flexible), "| " + number_text(get("requests_deferred")) + (released > 0 ? ", for " + number_text(get("held_s") / kSecondsPerHour) + " h on average" : ""));
  line("  intensity of answers", number_text(get("flexible_g_per_kwh")) + " g/kWh",
       fmt::format("at once {} g/kWh: {} % saved", number_text(get("flexible_at_once_g_per_kwh")), number_text(get("flexible_saving_pct"))));
}

/// What faults, breakers and rules did, and windows that ran over, where there are any.
void Table::troubles() const {
  if (const double lost = get("requests_lost"); lost > 0) {
    line("asked, never answered", number_text(lost), number_text(get("requests_fell_back")) + " times another specialist took the request");
    const double rule = get("answered_by_rule");
    if (rule > 0) line("  answered by a rule", number_text(rule), percent(get("rule_correct"), rule) + " of them correctly");
  }
  if (const double begun = get("faults_begun"); begun > 0) {
    const double measured = get("faults_measured"), recovered = get("faults_recovered");
    line("faults | recovered", number_text(begun), "| " + number_text(recovered) + " of the " + number_text(measured) + " that could be measured" +
                                                       (recovered > 0 ? ", after " + number_text(get("recovery_s")) + " s on average" : ""));
  }
  if (const double answers = get("context_answers"); answers > 0)
    line("windows that ran over", number_text(get("context_exhaustions")),
         percent(get("context_exhaustion_share"), 1) + " of answers | essential context kept " + percent(get("essential_context_kept"), 1));
}

void Table::machines() const {
  fmt::print("Energy, carbon, money (modelled and accounted, all multiplicity)\n");
  line("energy", number_text(get("energy_kwh")) + " kWh", "grid, PUE and idle servers included");
  line("utilisation", percent(get("utilisation"), 1));
  if (const double drawn = get("battery_charge_kwh"), delivered = get("battery_discharge_kwh"); drawn > 0 || delivered > 0)
    line("  from batteries", number_text(delivered) + " kWh",
         fmt::format("{} kWh drawn, {} lost, {} left in them; {} kg CO2e avoided", number_text(drawn), number_text(get("battery_loss_kwh")),
                     number_text(get("battery_held_kwh")), number_text(get("battery_avoided_g") / 1000)));
  if (const double heat = get("heat_kwh"); heat > 0)
    line("  heat that was used", number_text(heat) + " kWh", number_text(get("heat_avoided_g") / 1000) + " kg CO2e of other heating, not taken off emissions");
  if (const double carried = get("transfer_kwh"); carried > 0)
    line("carrying data", number_text(carried) + " kWh", number_text(get("transfer_carbon_g") / 1000) + " kg CO2e, neither of them in the sums here");
  line("carbon, location-based", number_text(get("carbon_location_g") / 1000) + " kg");
  line("carbon, market-based", number_text(get("carbon_market_g") / 1000) + " kg");
  line("embodied carbon", number_text(get("embodied_g") / 1000) + " kg");
  line("spent by users", number_text(get("spend_usd")) + " USD", number_text(get("spend_usd_per_kilotoken")) + " USD per 1,000 tok");
  line("surplus: users | sellers", number_text(get("consumer_surplus_usd")) + " USD", "| " + number_text(get("producer_surplus_usd")) + " USD");
  line("carbon price | discounts", number_text(get("carbon_levy_usd")) + " USD", "| " + number_text(get("grants_usd")) + " USD granted by the justice fund");
  line("justice fund", number_text(get("fund_balance_usd")) + " USD", "change " + number_text(get("fund_change_usd")) + " USD");
  line("welfare", number_text(get("welfare_usd")) + " USD", "surpluses and public money less carbon damage at " + number_text(get("social_cost_usd_per_t")) + " USD/t");
  line("Gini of wallets", number_text(get("gini_wallet")));
  const bool balanced = file.scalar<std::int64_t>("/summary/token_supply") == file.scalar<std::int64_t>("/summary/token_sum_of_accounts");
  line("money in accounts", number_text(get("token_sum_of_accounts") / 1e9) + " USD", balanced ? "equals the supply to the last µTKN" : "DIFFERS FROM THE SUPPLY");
}

void Table::accuracy() const {
  fmt::print("Accuracy (executed: networks ran and were scored)\n");
  line("all answers", percent(get("accuracy"), 1), number_text(get("correct_per_joule")) + " correct answers per joule");
  if (const double councils = get("council_answers"); councils > 0)
    line("  of councils", percent(get("council_accuracy"), 1), number_text(councils) + " answers; their presidents alone " + percent(get("council_lead_accuracy"), 1));
  const auto types = file.read_text("/summary/problem_type");
  const auto by_type = column("accuracy_by_type");
  for (std::size_t t = 0; t < types.size(); ++t) line("  " + types[t], percent(by_type[t], 1));
}

void Table::regions() const {
  constexpr std::size_t kShown = 12;
  const auto names = file.read_text("/summary/region");
  const auto arrived = column("requests_arrived_by_region"), share = column("served_share_by_region"),
             accuracy = column("accuracy_by_region"), energy = column("energy_kwh_by_region"),
             carbon = column("carbon_location_g_by_region"), spend = column("spend_usd_by_region");
  fmt::print("By region          arrived    served   correct    energy kWh     carbon kg     spent USD\n");
  for (std::size_t r = 0; r < std::min(names.size(), kShown); ++r)
    fmt::print("  {:<12}{:>12} {:>9} {:>9} {:>13} {:>13} {:>13}\n", names[r], number_text(arrived[r]), percent(share[r], 1),
               percent(accuracy[r], 1), number_text(energy[r]), number_text(carbon[r] / 1000), number_text(spend[r]));
  if (names.size() > kShown) fmt::print("  … and {} more (see /summary in the file)\n", names.size() - kShown);
}

std::string json_values(const io::ResultReader& file, const io::DatasetInfo& d) {
  std::vector<std::string> items;
  if (!d.type) {
    for (const auto& s : file.read_text(d.path)) items.push_back(json_text(s));
  } else if (*d.type == io::ElementType::f64 || *d.type == io::ElementType::f32) {
    for (const double x : file.read<double>(d.path)) items.push_back(json_number(x));
  } else {
    for (const std::int64_t x : file.read<std::int64_t>(d.path)) items.push_back(fmt::format("{}", x));
  }
  return d.shape.empty() ? items.at(0) : fmt::format("[{}]", fmt::join(items, ","));
}

}  // namespace

void print_summary(const io::ResultReader& file, SummaryFormat format) {
  if (format == SummaryFormat::json) {
    std::vector<std::string> items;
    for (const auto& d : file.datasets())
      if (d.path.starts_with("/summary/") && !d.bare_dimension)
        items.push_back(fmt::format("{}:{}", json_text(d.path.substr(9)), json_values(file, d)));
    fmt::print("{{{}}}\n", fmt::join(items, ","));
    return;
  }
  const Table table{file};
  table.requests();
  table.waiting();
  table.troubles();
  table.accuracy();
  table.machines();
  table.regions();
}

void print_timing(engine::Simulation& sim, double wall_s, std::uint64_t requests, const io::RecordingCost& cost) {
  auto& timer = sim.timer();
  say("{:<12}{:>10}{:>9}\n", "phase", "seconds", "share");
  for (std::size_t p = 0; p < timer.kCount; ++p) {
    const auto phase = static_cast<engine::Phase>(p);
    say("{:<12}{:>10.3f}{:>8.1f} %\n", enum_name(phase), timer.seconds(phase), 100 * timer.seconds(phase) / wall_s);
  }
  std::uint64_t inferences = 0, macs = 0;
  sim.each_region([&](const world::RegionState& r) {
    inferences += r.totals.inferences;
    macs += r.totals.executed_macs;
  });
  say("{:<12}{:>10.3f}{:>8.1f} %  waiting for the recorder ({:.3f} s compressing and {:.3f} s writing beside)\n",
             "record", cost.wait_seconds, 100 * cost.wait_seconds / wall_s, cost.compress_seconds, cost.write_seconds);
  const double infer_s = timer.seconds(engine::Phase::infer), generate_s = timer.seconds(engine::Phase::generate);
  const double rest_s = timer.total() - infer_s - generate_s;
  const double agent_steps = static_cast<double>(sim.plan().agents()) * sim.steps_done();
  say("wall {:.3f} s, {:.4g} agent-steps/s, {:.4g} requests/s, {:.4g} inferences/s, {:.4g} MAC/s while inferring, {:.4g} bytes recorded/s\n",
             wall_s, agent_steps / wall_s, static_cast<double>(requests) / wall_s, static_cast<double>(inferences) / wall_s,
             infer_s > 0 ? static_cast<double>(macs) / infer_s : 0.0, static_cast<double>(cost.raw_bytes) / wall_s);
  say("outside infer and generate: {:.4g} ns per request\n", requests > 0 ? 1e9 * rest_s / static_cast<double>(requests) : 0.0);
}

}  // namespace cli
}  // namespace swarm
