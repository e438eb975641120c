#include "sim/io/summary.hpp"

#include <algorithm>
#include <limits>

#include "sim/core/stats.hpp"
#include "sim/io/summary_allowances.hpp"
#include "sim/io/summary_climate.hpp"
#include "sim/io/summary_context.hpp"
#include "sim/io/summary_credit.hpp"
#include "sim/io/summary_energy.hpp"
#include "sim/io/summary_faults.hpp"
#include "sim/io/summary_instruments.hpp"
#include "sim/io/summary_space.hpp"
#include "sim/io/summary_schedule.hpp"
#include "sim/policy/social_cost.hpp"

namespace swarm::io {
namespace {

using engine::Simulation;
using world::RegionState;
using world::RegionTotals;

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

double ratio(double part, double whole) { return whole > 0 ? part / whole : kNoValue; }

/// Totals of some regions together.
struct Sum {
  RegionTotals t{};
  std::int64_t pending = 0;
  double fund_usd = 0, treasury_usd = 0;  ///< at the end
  double consumer_surplus() const { return t.value_usd - t.spend_usd; }
  double producer_surplus() const { return t.received_usd - t.resource_cost_usd - t.transfer_usd; }
  void add(const RegionState& r) {
    const RegionTotals& q = r.totals;
    for (auto field : {&RegionTotals::requests_arrived, &RegionTotals::requests_served, &RegionTotals::requests_in_time,
                       &RegionTotals::requests_late, &RegionTotals::requests_waited, &RegionTotals::requests_correct,
                       &RegionTotals::rejected_price, &RegionTotals::rejected_budget, &RegionTotals::rejected_capacity,
                       &RegionTotals::rejected_deadline, &RegionTotals::rejected_carbon, &RegionTotals::tok_capped, &RegionTotals::inferences,
                       &RegionTotals::executed_macs, &RegionTotals::quotes, &RegionTotals::quotes_withdrawn,
                       &RegionTotals::grants_beyond_fund, &RegionTotals::emergency_arrived, &RegionTotals::emergency_served,
                       &RegionTotals::emergency_in_time, &RegionTotals::emergency_rejected, &RegionTotals::rejected_emergency,
                       &RegionTotals::hazards_begun, &RegionTotals::hazards_answered, &RegionTotals::rejected_residency})
      t.*field += q.*field;
    for (auto field : {&RegionTotals::spend_usd, &RegionTotals::wait_s, &RegionTotals::delay_s, &RegionTotals::tok_served,
                       &RegionTotals::carbon_caused_location_g, &RegionTotals::carbon_caused_market_g,
                       &RegionTotals::energy_kwh, &RegionTotals::busy_kwh, &RegionTotals::carbon_location_g,
                       &RegionTotals::carbon_market_g, &RegionTotals::embodied_g, &RegionTotals::busy_server_s,
                       &RegionTotals::server_s, &RegionTotals::value_usd, &RegionTotals::received_usd,
                       &RegionTotals::resource_cost_usd, &RegionTotals::transfer_usd, &RegionTotals::carbon_levy_usd, &RegionTotals::premium_usd,
                       &RegionTotals::grants_usd, &RegionTotals::fund_flow_usd, &RegionTotals::fund_deficit_usd, &RegionTotals::fund_at_start_usd,
                       &RegionTotals::treasury_at_start_usd, &RegionTotals::demurrage_usd, &RegionTotals::bonuses_usd,
                       &RegionTotals::dividends_usd, &RegionTotals::first_answer_s, &RegionTotals::reputation_paid_usd})
      t.*field += q.*field;
    fund_usd += r.step.fund_usd;
    treasury_usd += r.step.treasury_usd;
    t.pending_at_start += q.pending_at_start;
    pending += r.requests_pending;
  }
  /// Answered by the deadline / settled, where settled = arrived + open at the start − open at the end: what the warm-up
  /// left open counts on both sides, what the end leaves open on neither.
  double served_share() const {
    const double open = static_cast<double>(pending);
    const double carried = static_cast<double>(t.pending_at_start);
    return ratio(static_cast<double>(t.requests_in_time), static_cast<double>(t.requests_arrived) + carried - open);
  }
};

/// Quantile of the delay: linear within the bin that holds it (bins are an eighth of an octave wide).
double delay_quantile(const std::vector<std::uint64_t>& bins, double q) {
  std::uint64_t all = 0;
  for (const auto n : bins) all += n;
  if (all == 0) return kNoValue;
  const double target = q * static_cast<double>(all);
  double below = 0;
  for (std::size_t b = 0; b < bins.size(); ++b) {
    const auto n = static_cast<double>(bins[b]);
    if (n > 0 && below + n >= target) {
      const double start = b == 0 ? 0.0 : world::delay_bin_start(b);
      return start + (world::delay_bin_start(b + 1) - start) * (target - below) / n;
    }
    below += n;
  }
  return world::delay_bin_start(bins.size());
}

class Builder {
 public:
  explicit Builder(StaticGroup& group) : group_(group) {}
  void number(std::string name, double value, std::string units, std::string meaning, ResultKind kind) {
    group_.variables.push_back({std::move(name), std::vector<double>{value}, {}, std::move(units), std::move(meaning), kind});
  }
  void count(std::string name, std::int64_t value, std::string units, std::string meaning, ResultKind kind) {
    group_.variables.push_back({std::move(name), std::vector<std::int64_t>{value}, {}, std::move(units), std::move(meaning), kind});
  }
  template <class T>
  void table(std::string name, std::vector<T> values, std::vector<std::string> axes, std::string units, std::string meaning, ResultKind kind) {
    group_.variables.push_back({std::move(name), std::move(values), std::move(axes), std::move(units), std::move(meaning), kind});
  }

 private:
  StaticGroup& group_;
};

/// The integer of an exact 128-bit sum; a supply beyond 64 bits would be 9.2 billion USD.
std::int64_t narrow(Int128 value) {
  if (value > std::numeric_limits<std::int64_t>::max() || value < std::numeric_limits<std::int64_t>::min())
    integer_overflow("a sum of money");
  return static_cast<std::int64_t>(value);
}

void add_scalars(Builder& b, const Simulation& sim, const Sum& all) {
  using enum ResultKind;
  const RegionTotals& t = all.t;
  const auto m = static_cast<double>(sim.plan().multiplicity);
  const auto served = static_cast<double>(t.requests_served);
  const auto i64 = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  b.count("requests_arrived", i64(t.requests_arrived), "1", "simulated requests that arrived", accounting);
  b.count("requests_served", i64(t.requests_served), "1", "answered, in time or late", accounting);
  b.count("requests_late", i64(t.requests_late), "1", "answered after the deadline", accounting);
  b.count("requests_waited", i64(t.requests_waited), "1", "answered after waiting for a server", accounting);
  b.count("requests_correct", i64(t.requests_correct), "1", "answers that agreed with the ground truth", executed);
  b.count("requests_pending", all.pending, "1", "held back or admitted and not settled at the end", accounting);
  b.count("requests_pending_at_start", t.pending_at_start, "1", "held back or admitted during the warm-up and open when it ended", accounting);
  b.count("rejected_price", i64(t.rejected_price), "1", "refused: no quote was within the users' willingness to pay", accounting);
  b.count("rejected_budget", i64(t.rejected_budget), "1", "refused: no quote fitted the daily budget", accounting);
  b.count("rejected_capacity", i64(t.rejected_capacity), "1", "refused: nobody offered capacity before the deadline", accounting);
  b.count("rejected_deadline", i64(t.rejected_deadline), "1", "refused: of those who offered even an idle server would have been too slow", accounting);
  b.count("rejected_carbon", i64(t.rejected_carbon), "1", "refused: the region's permits did not cover the footprint", accounting);
  b.count("tok_capped", i64(t.tok_capped), "1", "tok counts cut to workload.tok_max", accounting);
  b.count("multiplicity", sim.plan().multiplicity, "1", "identical requests that one simulated request stands for", accounting);
  b.number("served_share", all.served_share(), "1", "answered by the deadline over arrived less pending", accounting);
  b.number("accuracy", ratio(static_cast<double>(t.requests_correct), served), "1", "share of correct answers", executed);
  b.count("inferences", i64(t.inferences), "1", "network passes executed", executed);
  b.count("executed_macs", i64(t.executed_macs), "1", "multiply-adds executed", executed);
  b.number("energy_kwh", t.energy_kwh, "kWh", "grid energy, PUE and idle servers included", modelled);
  b.number("busy_energy_kwh", t.busy_kwh, "kWh", "grid energy of busy servers", modelled);
  b.number("carbon_location_g", t.carbon_location_g, "g", "location-based carbon", modelled);
  b.number("carbon_market_g", t.carbon_market_g, "g", "market-based carbon", modelled);
  b.number("embodied_g", t.embodied_g, "g", "embodied carbon written off", modelled);
  b.number("utilisation", ratio(t.busy_server_s, t.server_s), "1", "busy share of all server-seconds", modelled);
  b.number("spend_usd", t.spend_usd, "USD", "paid for answers", accounting);
  b.number("spend_usd_per_kilotoken", ratio(t.spend_usd, t.tok_served * m / 1000.0), "USD/ktok", "paid per 1,000 tok", accounting);
  b.number("correct_per_joule", ratio(static_cast<double>(t.requests_correct) * m, t.energy_kwh * kJoulesPerKwh), "1/J", "correct answers per joule of grid energy", modelled);
  b.number("carbon_g_per_answer", ratio(t.carbon_location_g, served * m), "g", "location-based carbon per answer", modelled);
  b.number("wait_s", ratio(t.wait_s, served), "s", "mean wait for a server", modelled);
  b.number("delay_s", ratio(t.delay_s, served), "s", "mean time from arrival to answer", modelled);
}

/// Emergency requests, and what others gave up for them. What was settled is what was answered or refused.
void add_emergencies(Builder& b, const Simulation& sim, const RegionTotals& all) {
  using enum ResultKind;
  const auto i64 = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  const auto settled = [](const RegionTotals& t) { return t.emergency_served + t.emergency_rejected; };
  const auto fulfilled = [&](const RegionTotals& t) { return ratio(static_cast<double>(t.emergency_in_time), static_cast<double>(settled(t))); };
  const auto first_answer = [](const RegionTotals& t) { return ratio(t.first_answer_s, static_cast<double>(t.hazards_answered)); };
  b.count("rejected_emergency", i64(all.rejected_emergency), "1", "refused: capacity was set aside for an emergency", accounting);
  b.count("emergency_arrived", i64(all.emergency_arrived), "1", "requests for disaster_response or climate_adaptation during a hazard in their region", accounting);
  b.count("emergency_served", i64(all.emergency_served), "1", "emergency requests (for disaster_response or climate_adaptation during a hazard) answered, in time or late", accounting);
  b.count("emergency_rejected", i64(all.emergency_rejected), "1", "emergency requests (for disaster_response or climate_adaptation during a hazard) refused for any reason", accounting);
  b.count("emergency_unmet", i64(settled(all) - all.emergency_in_time), "1", "emergency requests (for disaster_response or climate_adaptation during a hazard) refused or answered late", accounting);
  b.number("emergency_fulfilled", fulfilled(all), "1", "emergency requests (for disaster_response or climate_adaptation during a hazard) answered by the deadline over settled", accounting);
  b.count("hazards_begun", i64(all.hazards_begun), "1", "times that hazards began in a region", modelled);
  b.count("hazards_answered", i64(all.hazards_answered), "1", "times that hazards began in a region and an emergency request was answered since", accounting);
  b.number("first_answer_s", first_answer(all), "s", "mean time from the beginning of hazards to the first answer to an emergency request that came after it", modelled);
  std::vector<double> share, time;
  std::vector<std::int64_t> arrived, unmet, turned_away;
  sim.each_region([&](const RegionState& r) {
    const RegionTotals& t = r.totals;
    share.push_back(fulfilled(t));
    time.push_back(first_answer(t));
    arrived.push_back(i64(t.emergency_arrived));
    unmet.push_back(i64(settled(t) - t.emergency_in_time));
    turned_away.push_back(i64(t.rejected_emergency));
  });
  const std::vector<std::string> by{"region"};
  b.table("rejected_emergency_by_region", turned_away, by, "1", "refused because capacity was set aside, by asking region", accounting);
  b.table("emergency_arrived_by_region", arrived, by, "1", "emergency requests by asking region", accounting);
  b.table("emergency_unmet_by_region", unmet, by, "1", "emergency requests refused or answered late, by asking region", accounting);
  b.table("emergency_fulfilled_by_region", share, by, "1", "emergency requests answered by the deadline over settled, by asking region", accounting);
  b.table("first_answer_s_by_region", time, by, "s", "mean time from the beginning of hazards to the first answer, by asking region", modelled);
}

void add_delays(Builder& b, const Simulation& sim) {
  std::vector<std::uint64_t> bins(world::kDelayBins, 0);
  sim.each_region([&](const RegionState& r) {
    for (std::size_t i = 0; i < bins.size(); ++i) bins[i] += r.delay_bins[i];
  });
  b.number("delay_p50_s", delay_quantile(bins, 0.50), "s", "median delay, within an eighth", ResultKind::modelled);
  b.number("delay_p95_s", delay_quantile(bins, 0.95), "s", "95th percentile of delay, within an eighth", ResultKind::modelled);
  b.number("delay_p99_s", delay_quantile(bins, 0.99), "s", "99th percentile of delay, within an eighth", ResultKind::modelled);
}

void add_money(Builder& b, const Simulation& sim) {
  Int128 supply = 0, accounts = 0;
  std::vector<double> wallets;
  sim.each_region([&](const RegionState& r) {
    supply += r.ledger.supply();
    accounts += r.ledger.sum_of_accounts();
    for (const std::int64_t balance : r.ledger.balances().subspan(world::kFirstAgentAccount))
      wallets.push_back(static_cast<double>(balance));
  });
  b.count("token_supply", narrow(supply), "1e-9 USD", "money minted less money burnt [µTKN]", ResultKind::accounting);
  b.count("token_sum_of_accounts", narrow(accounts), "1e-9 USD", "balances of all accounts [µTKN]", ResultKind::accounting);
  b.number("gini_wallet", gini(wallets), "1", "Gini coefficient of specialists' wallets", ResultKind::accounting);
  b.number("theil_wallet", theil(wallets), "1", "Theil index of specialists' wallets", ResultKind::accounting);
}

/// Surplus, public money and welfare.
void add_welfare(Builder& b, const Simulation& sim, const Sum& all) {
  using enum ResultKind;
  const auto& plan = sim.plan();
  const RegionTotals& t = all.t;
  const double middle_s = plan.step_s * (plan.warmup_steps + plan.steps) / 2.0;
  const double social_cost = policy::social_cost_usd_per_t(plan.scenario.policy.social_cost,
                                                           plan.start_utc + static_cast<std::int64_t>(middle_s));
  double weighted = 0, carbon_prices = 0;
  sim.each_region([&](const RegionState& r) {
    carbon_prices += r.totals.carbon_price_sum;
    Sum s;
    s.add(r);
    weighted += plan.regions[r.id.value].surplus_weight * (s.consumer_surplus() + s.t.dividends_usd + s.producer_surplus());
  });
  const double fund_change = all.fund_usd - t.fund_at_start_usd - t.fund_deficit_usd;
  const double treasury_change = all.treasury_usd - t.treasury_at_start_usd;
  const double damage = social_cost * t.carbon_location_g / 1e6;
  const double from_sellers = t.demurrage_usd - t.bonuses_usd - t.reputation_paid_usd - makers_loss_usd(sim);  // moved from specialists to fund and treasury
  const double outside_surplus = fund_change + treasury_change - from_sellers - damage;
  b.number("value_usd", t.value_usd, "USD", "willingness to pay of correct answers", accounting);
  b.number("consumer_surplus_usd", all.consumer_surplus(), "USD", "value of correct answers less spending", accounting);
  b.number("producer_surplus_usd", all.producer_surplus(), "USD", "sellers' receipts less electricity, wear and transfer", accounting);
  b.number("received_usd", t.received_usd, "USD", "paid to sellers", accounting);
  b.number("resource_cost_usd", t.resource_cost_usd, "USD", "electricity and wear", accounting);
  const double counted = static_cast<double>(plan.steps - plan.warmup_steps) * static_cast<double>(plan.regions.size());
  b.number("carbon_price_usd_per_t", ratio(carbon_prices, counted), "USD/t", "price of carbon, or of permits, in quotes, mean over steps", accounting);
  b.number("transfer_usd", t.transfer_usd, "USD", "carrying questions and answers between regions", accounting);
  b.number("carbon_levy_usd", t.carbon_levy_usd, "USD", "carbon price paid", accounting);
  b.number("premium_usd", t.premium_usd, "USD", "premiums paid to the justice fund", accounting);
  b.number("grants_usd", t.grants_usd, "USD", "discounts that the justice fund paid", accounting);
  b.count("grants_beyond_fund", static_cast<std::int64_t>(t.grants_beyond_fund), "1", "requests whose discount was more than the justice fund had left", accounting);
  b.number("fund_balance_usd", all.fund_usd - t.fund_deficit_usd, "USD", "justice fund at the end, less public money that made up for it", accounting);
  b.number("fund_change_usd", fund_change, "USD", "change of the fund since the warm-up, less public money that made up for it", accounting);
  b.number("fund_deficit_usd", t.fund_deficit_usd, "USD", "public money that made up for the fund", accounting);
  b.number("treasury_change_usd", treasury_change, "USD", "carbon revenue kept outside the fund", accounting);
  b.number("social_cost_usd_per_t", social_cost, "USD/t", "social cost of carbon in the middle of the run, USD of 2020", accounting);
  b.number("carbon_damage_usd", damage, "USD", "social cost of the location-based carbon", accounting);
  b.number("dividends_usd", t.dividends_usd, "USD", "revenue of permits paid back to people", accounting);
  b.number("welfare_usd", all.consumer_surplus() + t.dividends_usd + all.producer_surplus() + outside_surplus, "USD", "both surpluses, dividends, change of fund and treasury but for demurrage, bonuses, pay for reputation and makers' losses, less carbon damage", accounting);
  b.number("welfare_weighted_usd", weighted + outside_surplus, "USD", "the same with surpluses weighted by (typical income / income)^policy.distribution_aversion", accounting);
  b.number("typical_income_usd", plan.typical_income, "USD", "geometric mean income per inhabitant and year, weighted by arrivals", accounting);
  b.number("accepting_share", plan.accepting_share, "1", "share of requests whose users would pay the baseline price", accounting);
  b.count("quotes", static_cast<std::int64_t>(t.quotes), "1", "quotes offered", accounting);
  b.count("quotes_withdrawn", static_cast<std::int64_t>(t.quotes_withdrawn), "1", "quotes not offered because the seller would lose", accounting);
}

/// Who is served, by what for.
void add_purposes(Builder& b, const Simulation& sim) {
  std::vector<double> share(workload::kPurposes);
  std::vector<std::int64_t> settled(workload::kPurposes, 0), in_time(workload::kPurposes, 0);
  sim.each_region([&](const RegionState& r) {
    for (std::size_t p = 0; p < workload::kPurposes; ++p) {
      settled[p] += static_cast<std::int64_t>(r.purposes.total_settled[p]);
      in_time[p] += static_cast<std::int64_t>(r.purposes.total_in_time[p]);
    }
  });
  for (std::size_t p = 0; p < workload::kPurposes; ++p)
    share[p] = ratio(static_cast<double>(in_time[p]), static_cast<double>(settled[p]));
  b.table("served_share_by_purpose", share, {"purpose"}, "1", "answered by the deadline over settled, by purpose", ResultKind::accounting);
  b.table("requests_settled_by_purpose", settled, {"purpose"}, "1", "answered or refused, by purpose", ResultKind::accounting);
}

void add_groups_of_people(Builder& b, const Simulation& sim) {
  using enum ResultKind;
  Sum south, north;
  std::array<Sum, 4> income;
  sim.each_region([&](const RegionState& r) {
    const auto& region = sim.plan().scenario.regions[r.id.value];
    (region.global_south ? south : north).add(r);
    income[static_cast<std::size_t>(region.income_group)].add(r);
  });
  b.number("served_share_south", south.served_share(), "1", "served share of Global South regions", accounting);
  b.number("served_share_north", north.served_share(), "1", "served share of the other regions", accounting);
  std::vector<double> share, spend, surplus;
  std::vector<std::int64_t> arrived, price, budget, capacity, deadline, carbon, emergency, residency;
  for (const Sum& s : income) {
    surplus.push_back(s.consumer_surplus());
    for (auto [out, value] : {std::pair{&price, s.t.rejected_price}, {&budget, s.t.rejected_budget},
                              {&capacity, s.t.rejected_capacity}, {&deadline, s.t.rejected_deadline},
                              {&carbon, s.t.rejected_carbon}, {&emergency, s.t.rejected_emergency},
                              {&residency, s.t.rejected_residency}})
      out->push_back(static_cast<std::int64_t>(value));
    share.push_back(s.served_share());
    arrived.push_back(static_cast<std::int64_t>(s.t.requests_arrived));
    spend.push_back(s.t.spend_usd);
  }
  b.table("served_share_by_income", share, {"income_group"}, "1", "served share by World Bank income group", accounting);
  b.table("requests_arrived_by_income", arrived, {"income_group"}, "1", "requests by World Bank income group", accounting);
  b.table("rejected_price_by_income", price, {"income_group"}, "1", "refused for the price by World Bank income group", accounting);
  b.table("rejected_budget_by_income", budget, {"income_group"}, "1", "refused for the budget by World Bank income group", accounting);
  b.table("rejected_capacity_by_income", capacity, {"income_group"}, "1", "refused for capacity by World Bank income group", accounting);
  b.table("rejected_deadline_by_income", deadline, {"income_group"}, "1", "refused for the deadline by World Bank income group", accounting);
  b.table("rejected_carbon_by_income", carbon, {"income_group"}, "1", "refused for want of permits by World Bank income group", accounting);
  b.table("rejected_emergency_by_income", emergency, {"income_group"}, "1", "refused because capacity was set aside, by World Bank income group", accounting);
  b.table("rejected_residency_by_income", residency, {"income_group"}, "1", "refused because residency rules out all who were listed, by World Bank income group", accounting);
  b.table("consumer_surplus_usd_by_income", surplus, {"income_group"}, "USD", "consumer surplus by World Bank income group", accounting);
  b.table("spend_usd_by_income", spend, {"income_group"}, "USD", "spending by World Bank income group", accounting);
}

void add_regions(Builder& b, const Simulation& sim) {
  using enum ResultKind;
  std::vector<double> share, accuracy, energy, location, market, caused_location, caused_market, spend, delay, wait,
      consumer, producer, fund_flow, dividends;
  std::vector<std::int64_t> arrived, served, price, budget, capacity, deadline, carbon, permits;
  sim.each_region([&](const RegionState& r) {
    Sum s;
    s.add(r);
    const auto& t = s.t;
    const auto n = static_cast<double>(t.requests_served);
    share.push_back(s.served_share());
    accuracy.push_back(ratio(static_cast<double>(t.requests_correct), n));
    energy.push_back(t.energy_kwh);
    location.push_back(t.carbon_location_g);
    market.push_back(t.carbon_market_g);
    caused_location.push_back(t.carbon_caused_location_g);
    caused_market.push_back(t.carbon_caused_market_g);
    spend.push_back(t.spend_usd);
    delay.push_back(ratio(t.delay_s, n));
    wait.push_back(ratio(t.wait_s, n));
    consumer.push_back(s.consumer_surplus());
    producer.push_back(s.producer_surplus());
    fund_flow.push_back(t.fund_flow_usd);
    dividends.push_back(t.dividends_usd);
    permits.push_back(r.permits.used_mg);
    for (auto [out, value] : {std::pair{&arrived, t.requests_arrived}, {&served, t.requests_served}, {&price, t.rejected_price}, {&budget, t.rejected_budget},
                              {&capacity, t.rejected_capacity}, {&deadline, t.rejected_deadline}, {&carbon, t.rejected_carbon}})
      out->push_back(static_cast<std::int64_t>(value));
  });
  const std::vector<std::string> by{"region"};
  b.table("requests_arrived_by_region", arrived, by, "1", "requests by asking region", accounting);
  b.table("requests_served_by_region", served, by, "1", "answered requests by asking region", accounting);
  b.table("rejected_price_by_region", price, by, "1", "refused for the price, by asking region", accounting);
  b.table("consumer_surplus_usd_by_region", consumer, by, "USD", "consumer surplus by asking region", accounting);
  b.table("producer_surplus_usd_by_region", producer, by, "USD", "producer surplus by serving region", accounting);
  b.table("fund_flow_usd_by_region", fund_flow, by, "USD", "grants less payments into the justice fund, by asking region", accounting);
  b.table("rejected_budget_by_region", budget, by, "1", "refused for the budget, by asking region", accounting);
  b.table("rejected_capacity_by_region", capacity, by, "1", "refused for capacity, by asking region", accounting);
  b.table("rejected_deadline_by_region", deadline, by, "1", "refused for the deadline, by asking region", accounting);
  b.table("rejected_carbon_by_region", carbon, by, "1", "refused for want of permits, by asking region", accounting);
  b.table("permits_used_mg_by_region", permits, by, "mg", "permits used, warm-up included, by asking region", accounting);
  b.table("dividends_usd_by_region", dividends, by, "USD", "revenue of permits paid back to people, by asking region", accounting);
  b.table("served_share_by_region", share, by, "1", "served share by asking region", accounting);
  b.table("accuracy_by_region", accuracy, by, "1", "share of correct answers by asking region", executed);
  b.table("energy_kwh_by_region", energy, by, "kWh", "grid energy by serving region", modelled);
  b.table("carbon_location_g_by_region", location, by, "g", "location-based carbon by serving region", modelled);
  b.table("carbon_market_g_by_region", market, by, "g", "market-based carbon by serving region", modelled);
  b.table("carbon_caused_location_g_by_region", caused_location, by, "g", "location-based carbon by asking region, idle energy excluded", modelled);
  b.table("carbon_caused_market_g_by_region", caused_market, by, "g", "market-based carbon by asking region, idle energy excluded", modelled);
  b.table("spend_usd_by_region", spend, by, "USD", "spending by asking region", accounting);
  b.table("delay_s_by_region", delay, by, "s", "mean delay by asking region", modelled);
  b.table("wait_s_by_region", wait, by, "s", "mean wait by asking region", modelled);
}

void add_accuracy(Builder& b, const Simulation& sim) {
  using enum ResultKind;
  std::vector<std::int64_t> answered(world::kCells, 0), correct(world::kCells, 0);
  sim.each_region([&](const RegionState& r) {
    for (std::size_t i = 0; i < world::kCells; ++i) {
      answered[i] += static_cast<std::int64_t>(r.answered_cells[i]);
      correct[i] += static_cast<std::int64_t>(r.correct_cells[i]);
    }
  });
  std::vector<double> by_type, by_cell;
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    double n = 0, right = 0;
    for (std::size_t k = 0; k < workload::kComplexityBuckets; ++k) {
      n += static_cast<double>(answered[world::cell(t, k)]);
      right += static_cast<double>(correct[world::cell(t, k)]);
    }
    by_type.push_back(ratio(right, n));
  }
  for (std::size_t i = 0; i < world::kCells; ++i)
    by_cell.push_back(ratio(static_cast<double>(correct[i]), static_cast<double>(answered[i])));
  const std::vector<std::string> cells{"problem_type", "complexity"};
  b.table("accuracy_by_type", by_type, {"problem_type"}, "1", "share of correct answers by problem type", executed);
  b.table("accuracy_by_type_and_complexity", by_cell, cells, "1", "share of correct answers by problem type and complexity", executed);
  b.table("answered_by_type_and_complexity", answered, cells, "1", "answers by problem type and complexity", accounting);
  std::vector<double> base;
  for (const auto& model : sim.plan().models) base.push_back(model.base.test_accuracy);
  b.table("base_accuracy", base, {"problem_type", "lineage"}, "1", "accuracy of the base specialists on held-out problems after training", executed);
}

void add_forecasts(Builder& b, const Simulation& sim) {
  std::vector<double> error, price_error;
  std::vector<std::int64_t> interpolated;
  for (std::uint16_t r = 0; r < sim.plan().regions.size(); ++r) {
    const auto by_hour = sim.plan().signals.forecast_mape(RegionId{r});
    error.insert(error.end(), by_hour.begin(), by_hour.end());
    const auto price_by_hour = sim.plan().signals.forecast_price_error(RegionId{r});
    price_error.insert(price_error.end(), price_by_hour.begin(), price_by_hour.end());
    interpolated.push_back(static_cast<std::int64_t>(sim.plan().signals.interpolated(RegionId{r})));
  }
  b.table("forecast_mape", error, {"region", "horizon_h"}, "percent", "mean absolute error of the intensity forecast, whole run, by hours ahead", ResultKind::modelled);
  b.table("forecast_price_error", price_error, {"region", "horizon_h"}, "percent", "mean absolute error of the electricity price forecast over the mean absolute price, whole run, by hours ahead", ResultKind::modelled);
  b.table("interpolated_values", interpolated, {"region"}, "1", "trace values that were missing and interpolated", ResultKind::accounting);
}

}  // namespace

StaticGroup summary_group(const Simulation& sim) {
  const auto& plan = sim.plan();
  std::vector<std::string> regions, purposes, types, complexity, lineages, income, hours;
  for (const auto& r : plan.regions) regions.push_back(r.name);
  for (const auto name : EnumNames<workload::Purpose>::names) purposes.emplace_back(name);
  for (const auto name : EnumNames<workload::ProblemType>::names) types.emplace_back(name);
  for (std::size_t k = 0; k < workload::kComplexityBuckets; ++k)
    complexity.push_back(fmt::format("{:.2f}-{:.2f}", static_cast<double>(k) / workload::kComplexityBuckets,
                                     static_cast<double>(k + 1) / workload::kComplexityBuckets));
  for (std::size_t h = 1; h <= plan.signals.horizon_hours(); ++h) hours.push_back(std::to_string(h));
  for (std::int64_t k = 0; k < plan.scenario.specialists.lineages; ++k) lineages.push_back(std::to_string(k));
  for (const auto name : EnumNames<grid::IncomeGroup>::names) income.emplace_back(name);
  StaticGroup group{.path = "/summary",
                    .axes = {{"region", regions.size(), regions},
                             {"purpose", purposes.size(), purposes},
                             {"problem_type", types.size(), types},
                             {"complexity", complexity.size(), complexity},
                             {"lineage", lineages.size(), lineages},
                             {"income_group", income.size(), income}}};
  if (!hours.empty()) group.axes.push_back({"horizon_h", hours.size(), hours});
  Sum all;
  sim.each_region([&](const RegionState& r) { all.add(r); });
  Builder b(group);
  add_scalars(b, sim, all);
  add_delays(b, sim);
  add_money(b, sim);
  std::vector<StaticVariable> parts[] = {credit_summary(sim), instruments_summary(sim, all.t.carbon_location_g), climate_summary(sim), schedule_summary(sim),
                                         allowance_summary(sim), context_summary(sim), energy_summary(sim), fault_summary(sim), space_summary(sim)};
  for (auto& part : parts) std::ranges::move(part, std::back_inserter(group.variables));
  add_welfare(b, sim, all);
  add_groups_of_people(b, sim);
  add_purposes(b, sim);
  add_regions(b, sim);
  add_emergencies(b, sim, all.t);
  add_accuracy(b, sim);
  if (!hours.empty()) add_forecasts(b, sim);
  return group;
}

}  // namespace swarm::io
