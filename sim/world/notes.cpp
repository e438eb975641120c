#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <cmath>

#include "sim/hardware/roofline.hpp"
#include "sim/policy/rule.hpp"
#include "sim/workload/moments.hpp"
#include "sim/world/idle_keys.hpp"
#include "sim/world/plan.hpp"

namespace swarm {
namespace world {
namespace {

/// The plan as it will be, but with networks that were hardly trained, also where they come from files: only sizes
/// matter here.
std::shared_ptr<const Plan> untrained_plan(scenario::Scenario s) {
  auto& p = s.specialists;
  p.training_samples = 1;
  p.finetune_samples = 0;
  p.distillation = false;
  for (std::string* file : {&p.onnx_vision, &p.onnx_language, &p.onnx_reasoning, &p.onnx_memory}) file->clear();
  s.credits.enabled = false;
  return make_plan(s, {});
}

void note_empty_sites(const Plan& plan, std::vector<std::string>& notes) {
  for (const auto& region : plan.regions)
    if (region.agents == 0) notes.push_back(fmt::format("region {} has no specialists: others answer all its requests", region.name));
  std::vector<std::string> names;
  for (const auto& site : plan.sites)
    if (site.agents == 0 && plan.regions[site.region.value].agents > 0) names.push_back(site.name);
  if (!names.empty())
    notes.push_back(fmt::format("no specialists live at {}: {} servers there idle", fmt::join(names, ", "), names.size() == 1 ? "its" : "their"));
}

/// The largest specialist in demand: what is too much for an edge device is too much because of it.
workload::ProblemType largest_type(const scenario::Scenario& s) {
  const auto shares = workload::type_shares(s.workload);
  const auto size = [&](std::size_t t) {
    return shares[t] > 0 ? nominal_parameters(s.specialists, static_cast<workload::ProblemType>(t)) : 0.0;
  };
  std::size_t largest = 0;
  for (std::size_t t = 1; t < shares.size(); ++t)
    if (size(t) > size(largest)) largest = t;
  return static_cast<workload::ProblemType>(largest);
}

/// What a specialist as large as the scenario says would break on each edge device in use, at mean tok counts.
void note_edge_devices(const Plan& plan, std::vector<std::string>& notes) {
  if (plan.scenario.hardware.edge_envelope == hardware::EdgeEnvelope::enforce) return;
  const auto type = largest_type(plan.scenario);
  std::vector<std::string> seen;
  for (const auto& site : plan.sites) {
    if (site.agents == 0 || std::find(seen.begin(), seen.end(), site.device.name) != seen.end()) continue;
    seen.push_back(site.device.name);
    for (const auto& broken : edge_violations(plan, site, type))
      notes.push_back(fmt::format("{} specialists: {}", enum_name(type), broken));
  }
}

/// Who was placed elsewhere because it does not fit.
void note_envelope(const Plan& plan, std::vector<std::string>& notes) {
  for (const auto& region : plan.regions)
    for (std::uint32_t k = 0; k < region.agents_that_fit.size(); ++k) {
      const auto& site = plan.sites[region.first_site + k];
      for (std::size_t t = 0; t < workload::kProblemTypes; ++t)
        if (const auto broken = edge_violations(plan, site, static_cast<workload::ProblemType>(t)); !broken.empty())
          notes.push_back(fmt::format("no {} specialists live at {}: {}", enum_name(static_cast<workload::ProblemType>(t)), site.name,
                                      fmt::join(broken, "; ")));
    }
}

bool any_site(const scenario::Scenario& s, bool (*has)(const hardware::Site&)) { return std::ranges::any_of(s.sites, has); }
bool has_battery(const hardware::Site& site) { return site.battery_kwh > 0; }

/// Batteries that nothing ever fills or empties.
void note_batteries(const scenario::Scenario& s, std::vector<std::string>& notes) {
  if (!any_site(s, has_battery)) return;
  const auto& p = s.battery;
  if (s.grid.forecast == grid::ForecastKind::persistence)
    notes.push_back("batteries never charge: grid.forecast = \"persistence\" foresees no value below the present one");
  else if (p.charge_below == 0 || p.horizon.seconds <= s.run.step.seconds)
    notes.push_back("batteries never charge: no step is below a quantile of 0, or of itself alone (battery.charge_below, battery.horizon)");
  else if (p.discharge_above == 1)
    notes.push_back("batteries never deliver: no step is above the greatest of those foreseen (battery.discharge_above)");
  if (s.grid.forecast_horizon.seconds < p.horizon.seconds)
    notes.push_back(fmt::format("batteries could look {} ahead, but forecasts reach {} (grid.forecast_horizon)", duration_text(p.horizon),
                                duration_text(s.grid.forecast_horizon)));
}

/// Allowances that cover nothing.
void note_allowance(const scenario::Scenario& s, std::vector<std::string>& notes) {
  if (s.energy.allowance && s.energy.allowance_share == 0)
    notes.push_back("nobody is served: no specialist has any energy (energy.allowance_share is 0)");
}

/// Regions without specialists whose requests nobody may answer, and keys of policies that are not chosen.
void note_space(const Plan& plan, std::vector<std::string>& notes) {
  const auto& s = plan.scenario;
  for (std::uint16_t a = 0; a < plan.regions.size(); ++a) {
    bool somebody = false;
    for (std::uint16_t b = 0; b < plan.regions.size(); ++b)
      somebody |= plan.regions[b].agents > 0 && plan.barrier(RegionId{a}, RegionId{b}) == Barrier::none;
    if (!somebody)
      notes.push_back(fmt::format("nobody may answer the requests of region {}: residency and network.max_round_trip leave no region with specialists",
                                  plan.regions[a].name));
  }
  const scenario::Scenario usual;
  const auto note = [&](bool changed, std::string_view keys, std::string_view reason) {
    if (changed) notes.push_back(fmt::format("no effect of {}: {}", keys, reason));
  };
  using enum dispatch::BalancePolicy;
  const auto policy = s.balance.policy;
  note(s.balance.signal != usual.balance.signal && policy != join_shortest_queue && policy != power_of_d, "balance.signal",
       "balance.policy is neither \"join-shortest-queue\" nor \"power-of-d\"");
  note(s.balance.delay_joules_per_s != usual.balance.delay_joules_per_s && policy != min_total_energy, "balance.delay_joules_per_s",
       "balance.policy is not \"min-total-energy\"");
  note(s.network.bytes_per_tok != usual.network.bytes_per_tok && s.network.joules_per_byte == 0 && s.network.bytes_per_s == 0,
       "network.bytes_per_tok", "network.joules_per_byte and network.bytes_per_s are 0");
}

/// The most specialists of one type at any site; where all fit anywhere, types come in turn.
std::uint64_t most_of_a_type(const Plan& plan) {
  std::uint64_t most = 0;
  for (const auto& region : plan.regions)
    for (std::uint32_t k = 0; k < region.sites; ++k)
      most = std::max(most, region.agents_that_fit.empty()
                                ? (plan.sites[region.first_site + k].agents + workload::kProblemTypes - 1) / workload::kProblemTypes
                                : *std::ranges::max_element(region.agents_that_fit[k]));
  return most;
}

/// Councils that nothing asks for, that no site can hold, or whose members say all the same.
void note_councils(const Plan& plan, std::vector<std::string>& notes) {
  const auto& s = plan.scenario;
  if (s.council.seats > 1 && s.council.threshold >= 1)
    notes.push_back("no request gets a council: none has a triage score above 1 (council.threshold)");
  else if (s.council.seats > 1 && most_of_a_type(plan) < static_cast<std::uint64_t>(s.council.seats))
    notes.push_back(fmt::format("no site has {} specialists of a type: no council can be held (council.seats, population.agents)", s.council.seats));
  else if (s.council.seats > s.specialists.lineages)
    notes.push_back(fmt::format("councils have {} seats, but there are only {} lineages of networks per problem type: "
                                "some members repeat what others say, at full cost (specialists.lineages)",
                                s.council.seats, s.specialists.lineages));
}

/// Figures of the monitor that are never a number.
void note_monitor(const scenario::Scenario& s, std::vector<std::string>& notes) {
  if (!s.monitor.enabled) return;
  if (s.monitor.readings <= static_cast<std::int64_t>(workload::kProblemTypes))
    notes.push_back(fmt::format("the monitor's integration is hardly ever a number: {} problem types want more than {} readings (monitor.readings)",
                                workload::kProblemTypes, workload::kProblemTypes));
  if (s.council.seats == 1) notes.push_back("the monitor's attention_coherence is never a number: there are no councils (council.seats is 1)");
}

/// What the treasury should pay for although nothing flows into it.
void note_empty_treasury(const scenario::Scenario& s, std::vector<std::string>& notes) {
  const auto rule = s.pricing.rule;
  const bool paid_back = rule == economy::PricingRule::per_capita;
  if (s.credits.enabled || (!paid_back && policy::charged_usd_per_g(rule, 1.0) > 0)) return;
  std::vector<std::string> unpaid;
  if (s.appreciation.enabled) unpaid.emplace_back("bonuses for appreciation");
  if (s.prediction.enabled) unpaid.emplace_back("makers of prediction markets");
  if (s.reputation.enabled && s.reputation.treasury_share > 0) unpaid.emplace_back("pay for reputation");
  if (!unpaid.empty())
    notes.push_back(fmt::format("nothing is ever paid for {}: under pricing.rule = \"{}\" {}", fmt::join(unpaid, ", "), enum_name(rule),
                                paid_back ? "all that the treasury gets goes back to people" : "the treasury gets nothing"));
}

/// Listed faults that the run does not see: a step goes by the moment at which it begins.
void note_faults(const Plan& plan, std::vector<std::string>& notes) {
  const auto lasts = static_cast<std::int64_t>(plan.steps) * static_cast<std::int64_t>(plan.step_s);
  for (const auto& fault : plan.scenario.fault_records) {
    const double from = fault.start.seconds, to = from + fault.duration.seconds;
    const double first = std::ceil(std::max(0.0, from) / plan.step_s) * plan.step_s;  // a step begins then
    if (from >= static_cast<double>(lasts))
      notes.push_back(fmt::format("fault '{}' begins after the end of the run", fault.name));
    else if (to <= 0)
      notes.push_back(fmt::format("fault '{}' ends before the start of the run", fault.name));
    else if (first >= static_cast<double>(lasts))
      notes.push_back(fmt::format("fault '{}' does nothing: the run ends before the next step of {} s", fault.name, plan.step_s));
    else if (first >= to)
      notes.push_back(fmt::format("fault '{}' does nothing: it begins and ends between two steps of {} s", fault.name, plan.step_s));
    if (fault.kind == dispatch::FaultKind::partition && plan.regions.size() == 1)
      notes.push_back(fmt::format("fault '{}' does nothing: there is no other region to be cut off from", fault.name));
  }
  const auto& p = plan.scenario.faults;
  const bool answers_count = p.late_counts || p.wrong_counts, silence_counts = p.lost_counts && !plan.faults.none();
  if (p.breakers && !answers_count && !silence_counts)
    notes.push_back(fmt::format("no effect of faults.breakers: nothing that happens counts as a failure ({}faults.late_counts, faults.wrong_counts)",
                                p.lost_counts ? "there are no faults, " : "faults.lost_counts, "));
  else if (p.breakers && !silence_counts && plan.faults.none())
    notes.push_back("there are no faults: circuit breakers see only answers that are late (faults.late_counts) or wrong (faults.wrong_counts)");
}

/// What keeps requests that can wait from being held back.
void note_schedule(const scenario::Scenario& s, std::vector<std::string>& notes) {
  using enum dispatch::ScheduleStrategy;
  const auto& schedule = s.schedule;
  const auto strategy = enum_name(schedule.strategy);
  const double longest = std::min(s.workload.flexibility.seconds, schedule.max_delay.seconds);
  if (s.workload.flexible_share == 0) {
    if (schedule.strategy != none)
      notes.push_back(fmt::format("no effect of schedule.strategy = \"{}\": no request can wait (workload.flexible_share is 0)", strategy));
    if (s.workload.flexibility != workload::WorkloadParams{}.flexibility)
      notes.push_back("no effect of workload.flexibility: no request can wait (workload.flexible_share is 0)");
    if (s.energy.allowance && !s.energy.allowance_defer)
      notes.push_back("no effect of energy.allowance_defer: no request can wait (workload.flexible_share is 0)");
    return;
  }
  if (schedule.strategy == none) {
    const bool for_allowance = s.energy.allowance && s.energy.allowance_defer && s.workload.flexibility.seconds >= s.run.step.seconds;
    notes.push_back(fmt::format("requests whose users can wait are {}: schedule.strategy is \"none\"",
                                for_allowance ? "held back only for want of an allowance of energy" : "served at once"));
    return;
  }
  if (longest < s.run.step.seconds) {
    notes.push_back(fmt::format("nothing is held back: requests can wait for {} and a step takes {} (workload.flexibility, schedule.max_delay)",
                                duration_text({longest}), duration_text(s.run.step)));
    return;
  }
  if (schedule.strategy == threshold) return;
  if (s.grid.forecast == grid::ForecastKind::persistence)
    notes.push_back(fmt::format("nothing is held back but where slots are full: to a persistence forecast all slots of schedule.strategy = "
                                "\"{}\" are alike, and the first is now (grid.forecast)", strategy));
  if (s.grid.forecast_horizon.seconds < longest)
    notes.push_back(fmt::format("requests could be held for {}, but forecasts reach {} ahead (grid.forecast_horizon)",
                                duration_text({longest}), duration_text(s.grid.forecast_horizon)));
}

}  // namespace

std::vector<std::string> notes(const scenario::Scenario& s) {
  const auto plan = untrained_plan(s);
  std::vector<std::string> notes;
  note_empty_sites(*plan, notes);
  note_edge_devices(*plan, notes);
  note_envelope(*plan, notes);
  note_batteries(s, notes);
  note_allowance(s, notes);
  note_space(*plan, notes);
  note_councils(*plan, notes);
  note_monitor(s, notes);
  note_empty_treasury(s, notes);
  note_faults(*plan, notes);
  note_schedule(s, notes);
  note_idle_keys(s, notes);
  return notes;
}

}  // namespace world
}  // namespace swarm
