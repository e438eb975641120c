#include "sim/world/idle_keys.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "sim/policy/rule.hpp"
#include "sim/scenario/fields.hpp"

namespace swarm {
namespace world {
namespace {

using dispatch::ContextStrategy;
using dispatch::ScheduleStrategy;
using Names = std::vector<std::string_view>;

/// Keys of a section, all of them unless some are named, and what leaves them without effect if `off`.
struct Switch {
  std::string_view section;
  bool off;
  std::string_view reason;
  Names keys = {};  ///< names; "*" stands for any beginning or end
};

bool any_site(const scenario::Scenario& s, bool (*has)(const hardware::Site&)) { return std::ranges::any_of(s.sites, has); }

bool fits(std::string_view name, std::string_view pattern) {
  if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  if (pattern.starts_with('*')) return name.ends_with(pattern.substr(1));
  return name == pattern;
}

std::vector<Switch> markets_and_money(const scenario::Scenario& s) {
  return {{"lending", !s.lending.enabled, "lending.enabled is false"},
          {"demurrage", s.demurrage.rate_per_day == 0, "demurrage.rate_per_day is 0"},
          {"appreciation", !s.appreciation.enabled, "appreciation.enabled is false"},
          {"quota", !s.quota.enabled, "quota.enabled is false"},
          {"reputation", !s.reputation.enabled, "reputation.enabled is false"},
          {"permits", !policy::under_cap(s.pricing.rule), "pricing.rule is neither \"cap-and-trade\" nor \"per-capita\""},
          {"emergency", !s.hazards.process && s.hazards.feed.empty() && s.hazard_records.empty(), "there are no hazards"},
          {"futures", !s.futures.enabled, "futures.enabled is false"},
          {"prediction", !s.prediction.enabled, "prediction.enabled is false"},
          {"value", s.value.form == economy::ValueForm::none, "value.form is \"none\""},
          {"credits", !s.credits.enabled, "credits.enabled is false"},
          {"allocation", s.allocation.rule == policy::AllocationRule::none, "allocation.rule is \"none\""},
          {"bidding", s.market.mechanism == economy::Mechanism::posted, "market.mechanism is \"posted\""}};
}

std::vector<Switch> waiting(const scenario::Scenario& s) {
  const auto& p = s.schedule;
  const bool on = p.strategy != ScheduleStrategy::none, by_threshold = p.strategy == ScheduleStrategy::threshold;
  return {{"schedule", !on, "schedule.strategy is \"none\""},
          {"schedule", on && !by_threshold, "schedule.strategy is not \"threshold\"", {"threshold", "threshold_memory"}},
          {"schedule", by_threshold && p.threshold > 0, "schedule.threshold says how clean a step must be", {"threshold_memory", "green_quantile"}},
          {"schedule", on && !by_threshold && p.strategy != ScheduleStrategy::carbon, "schedule.strategy is neither \"carbon\" nor \"threshold\"",
           {"green_quantile"}}};
}

std::vector<Switch> machines(const scenario::Scenario& s) {
  return {{"battery", !any_site(s, [](const hardware::Site& site) { return site.battery_kwh > 0; }), "no site has a battery"},
          {"regeneration", s.regeneration.elasticity == 0, "regeneration.elasticity is 0"},
          {"energy", !s.energy.allowance, "energy.allowance is false", {"allowance_*"}}};
}

std::vector<Switch> failures(const scenario::Scenario& s) {
  const auto& p = s.faults;
  const bool none = !p.process && s.fault_records.empty();
  return {{"faults", none && !p.breakers, "there are neither faults nor circuit breakers"},
          {"faults", !p.process && !(none && !p.breakers), "faults.process is false, and listed faults have their own", {"*_per_year", "*_duration", "slow_factor"}},
          {"faults", !p.breakers && !none, "faults.breakers is false", {"*_counts"}},
          {"breaker", !p.breakers, "faults.breakers is false"}};
}

std::vector<Switch> councils_and_windows(const scenario::Scenario& s) {
  const auto& p = s.context;
  const bool alone = s.council.seats == 1;
  return {{"council", alone, "council.seats is 1"},
          {"bus", alone, "there are no councils (council.seats is 1)"},
          {"bus", !alone && !s.bus.enabled, "bus.enabled is false"},
          {"monitor", !s.monitor.enabled, "monitor.enabled is false"},
          {"context", !p.enabled(), "context.strategy is \"none\""},
          {"context", p.strategy == ContextStrategy::reactive, "context.strategy is \"reactive\"",
           {"warn_share", "handover_share", "emergency_share", "margin_tok", "rationale_tok", "breakdown_tok", "hot_tok", "warm_tok", "warm_access",
            "cold_access", "checkpoint_limit", "readiness_limit", "group_gain", "most_groups", "least_gain", "level_gate"}},
          {"context", p.enabled() && alone, "council.seats is 1", {"council_tok", "role_tok"}},
          {"context", p.enabled() && p.window.snapshots == 0, "context.snapshots is 0", {"snapshot_tok", "dirty_limit"}}};
}

}  // namespace

void note_idle_keys(const scenario::Scenario& s, std::vector<std::string>& notes) {
  const auto now = scenario::section_rows(s), by_default = scenario::section_rows({});
  for (const auto& group : {markets_and_money(s), waiting(s), machines(s), failures(s), councils_and_windows(s)})
    for (const Switch& one : group) {
      if (!one.off) continue;
      const auto section = static_cast<std::size_t>(std::ranges::find(now, one.section, &scenario::SectionRows::name) - now.begin());
      const auto &rows = now[section].rows, &usual = by_default[section].rows;
      std::vector<std::string> idle;
      for (std::size_t k = 0; k < rows.size(); ++k)
        if (rows[k].value != usual[k].value &&
            (one.keys.empty() || std::ranges::any_of(one.keys, [&](std::string_view key) { return fits(rows[k].name, key); })))
          idle.push_back(fmt::format("{}.{}", one.section, rows[k].name));
      if (!idle.empty()) notes.push_back(fmt::format("no effect of {}: {}", fmt::join(idle, ", "), one.reason));
    }
}

}  // namespace world
}  // namespace swarm
