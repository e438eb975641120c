#pragma once
#include <string>

#include "sim/core/params.hpp"

/// What fails, and what is done about it: `[faults]`, and a fault that is given: `[[fault]]` (docs/models/faults.md).
namespace swarm {
namespace dispatch {

enum class FaultKind : std::uint8_t { agent_crash, site_outage, slow_agent, wrong_answers, forecast_outage, partition };
inline constexpr std::size_t kFaultKinds = 6;

/// Whether a fault of this kind strikes specialists, so that it has a share.
constexpr bool strikes_agents(FaultKind kind) {
  return kind == FaultKind::agent_crash || kind == FaultKind::slow_agent || kind == FaultKind::wrong_answers;
}
/// Whether it strikes a region as a whole, and no site of it.
constexpr bool strikes_region(FaultKind kind) { return kind == FaultKind::forecast_outage || kind == FaultKind::partition; }

inline constexpr std::int64_t kMostRetries = 7;

struct FaultParams {
  bool process = false;
  double agent_crash_per_year = 12, site_outage_per_year = 2, slow_agent_per_year = 12, wrong_answers_per_year = 4,
         forecast_outage_per_year = 6, partition_per_year = 2;
  Duration agent_crash_duration{600}, site_outage_duration{4 * 3600.0}, slow_agent_duration{1800},
      wrong_answers_duration{2 * 3600.0}, forecast_outage_duration{3 * 3600.0}, partition_duration{1800};
  double slow_factor = 4;
  Duration timeout{30};
  std::int64_t retries = 1;
  bool rule_based = false;
  bool breakers = false;
  bool lost_counts = true, late_counts = true, wrong_counts = false;
  double recovered_share = 0.9;
  Duration memory{3600};
};

template <class V>
void describe(V& v, FaultParams& p) {
  v("process", p.process, {.unit = "", .doc = "Whether faults are drawn at random, beside those that are listed."});
  v("agent_crash_per_year", p.agent_crash_per_year, {.unit = "1/a", .min = 0, .max = 1e5, .doc = "Crashes per specialist and year.", .source = kAssumed});
  v("site_outage_per_year", p.site_outage_per_year, {.unit = "1/a", .min = 0, .max = 1e5, .doc = "Outages per site and year.", .source = kAssumed});
  v("slow_agent_per_year", p.slow_agent_per_year, {.unit = "1/a", .min = 0, .max = 1e5, .doc = "Times per specialist and year at which it becomes slow.", .source = kAssumed});
  v("wrong_answers_per_year", p.wrong_answers_per_year, {.unit = "1/a", .min = 0, .max = 1e5, .doc = "Times per specialist and year at which its answers become wrong.", .source = kAssumed});
  v("forecast_outage_per_year", p.forecast_outage_per_year, {.unit = "1/a", .min = 0, .max = 1e5, .doc = "Outages of the forecast per region and year.", .source = kAssumed});
  v("partition_per_year", p.partition_per_year, {.unit = "1/a", .min = 0, .max = 1e5, .doc = "Times per region and year at which it is cut off from all others.", .source = kAssumed});
  v("agent_crash_duration", p.agent_crash_duration, {.unit = "s", .min = 1, .max = 3.2e7, .doc = "Mean time until a crashed specialist is back; as with all faults, exponential.", .source = kAssumed});
  v("site_outage_duration", p.site_outage_duration, {.unit = "s", .min = 1, .max = 3.2e7, .doc = "Mean duration of a site's outage.", .source = kAssumed});
  v("slow_agent_duration", p.slow_agent_duration, {.unit = "s", .min = 1, .max = 3.2e7, .doc = "Mean time for which a specialist stays slow.", .source = kAssumed});
  v("wrong_answers_duration", p.wrong_answers_duration, {.unit = "s", .min = 1, .max = 3.2e7, .doc = "Mean time for which a specialist's answers stay wrong.", .source = kAssumed});
  v("forecast_outage_duration", p.forecast_outage_duration, {.unit = "s", .min = 1, .max = 3.2e7, .doc = "Mean duration of an outage of the forecast.", .source = kAssumed});
  v("partition_duration", p.partition_duration, {.unit = "s", .min = 1, .max = 3.2e7, .doc = "Mean time for which a region is cut off.", .source = kAssumed});
  v("slow_factor", p.slow_factor, {.unit = "1", .min = 1, .max = 1e4, .doc = "Factor on the service times of a specialist that became slow at random.", .source = kAssumed});
  v("timeout", p.timeout, {.unit = "s", .min = 0, .max = 86400, .doc = "Time after which it is known that no answer comes.", .source = kAssumed});
  v("retries", p.retries, {.unit = "1", .min = 0, .max = static_cast<double>(kMostRetries), .doc = "Other specialists of the region whom a request turns to, one after the other, when no answer comes.", .source = kAssumed});
  v("rule_based", p.rule_based, {.unit = "", .doc = "Whether a rule answers, free of charge, what no specialist did: the commonest answer to problems of the region, type and complexity. Otherwise such requests are refused."});
  v("breakers", p.breakers, {.unit = "", .doc = "Whether specialists and sites that keep failing are not asked for a while ([breaker])."});
  v("lost_counts", p.lost_counts, {.unit = "", .doc = "Whether circuit breakers count an answer that never came as a failure."});
  v("late_counts", p.late_counts, {.unit = "", .doc = "Whether circuit breakers count an answer after the deadline as a failure."});
  v("wrong_counts", p.wrong_counts, {.unit = "", .doc = "Whether circuit breakers count a wrong answer as a failure: as if the truth came out."});
  v("recovered_share", p.recovered_share, {.unit = "1", .min = 0, .max = 1, .min_open = true, .doc = "A region has recovered from a fault when its served share is back at this part of what it usually was.", .source = kAssumed});
  v("memory", p.memory, {.unit = "s", .min = 1, .max = 3.2e7, .doc = "Time constant with which a region's usual served share is smoothed.", .source = kAssumed});
}

/// A fault that a scenario gives.
struct FaultRecord {
  std::string name;
  FaultKind kind = FaultKind::site_outage;
  std::string region, site;
  Duration start{0};
  Duration duration{3600};
  double share = 1;
  double factor = 4;
};

template <class V>
void describe(V& v, FaultRecord& p) {
  v("name", p.name, {.unit = "", .doc = "Unique name of the fault within a scenario."});
  v("kind", p.kind, {.unit = "", .doc = "What happens: agent-crash, site-outage, slow-agent, wrong-answers, forecast-outage or partition."});
  v("region", p.region, {.unit = "", .doc = "Name of the region where it happens; may be left out where a site is named."});
  v("site", p.site, {.unit = "", .doc = "Name of the site where it happens; without it, at all sites of the region."});
  v("start", p.start, {.unit = "s", .min = -3.2e8, .max = 3.2e9, .doc = "When it begins, from the start of the run (warm-up included); a negative time lies before it."});
  v("duration", p.duration, {.unit = "s", .min = 1, .max = 3.2e8, .doc = "How long it lasts."});
  v("share", p.share, {.unit = "1", .min = 0, .max = 1, .min_open = true, .doc = "Part of the specialists of the site or region that it strikes, at least one; for agent-crash, slow-agent and wrong-answers."});
  v("factor", p.factor, {.unit = "1", .min = 1, .max = 1e4, .doc = "Factor on their service times, for slow-agent."});
}

}  // namespace dispatch
inline namespace core {
template <>
struct EnumNames<dispatch::FaultKind> {
  static constexpr std::array<std::string_view, dispatch::kFaultKinds> names{"agent-crash",   "site-outage",     "slow-agent",
                                                                             "wrong-answers", "forecast-outage", "partition"};
};
}  // namespace core
}  // namespace swarm
