#include "sim/io/summary_context.hpp"

#include <limits>

namespace swarm::io {
namespace {

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::vector<StaticVariable> context_summary(const engine::Simulation& sim) {
  world::ContextSums s;
  sim.each_region([&](const world::RegionState& r) { s.add(r.context.total); });
  std::vector<StaticVariable> all;
  const auto count = [&](std::string name, std::uint64_t value, std::string meaning, std::string unit = "1") {
    all.push_back({std::move(name), std::vector<std::int64_t>{static_cast<std::int64_t>(value)}, {}, std::move(unit), std::move(meaning), ResultKind::modelled});
  };
  const auto number = [&](std::string name, double value, std::string unit, std::string meaning) {
    all.push_back({std::move(name), std::vector<double>{value}, {}, std::move(unit), std::move(meaning), ResultKind::modelled});
  };
  count("context_sessions", s.sessions, "sessions that began: runs of requests of one asking region and purpose to one specialist");
  count("context_answers", s.answers, "answers that entered a context window, one for each specialist that gave them");
  count("context_exhaustions", s.exhaustions, "answers cut short because the window ran over before a handover was complete");
  number("context_exhaustion_share", ratio(s.exhaustions, s.answers), "1", "context_exhaustions over context_answers");
  count("context_truncated_tok", s.truncated_tok, "tok of these answers that did not fit", "tok");
  count("context_snapshots", s.snapshots, "snapshots taken of windows");
  count("handovers_graceful", s.graceful, "handovers that wait for nobody and carry the whole record");
  count("handovers_coordinated", s.coordinated, "handovers by several specialists together because exhaustion was predicted");
  count("handovers_emergency", s.emergency, "handovers that carry the essential context alone, those after an exhaustion included");
  count("handovers_failed", s.failed, "handovers that failed");
  count("handover_fallbacks", s.fallbacks, "emergency handovers whose transfer failed, so that a cached snapshot took its place");
  count("handovers_critical", s.critical, "emergency handovers and exhaustions after which the context was critically unlike the one before");
  number("handover_s", s.handover_s, "s", "server-seconds that handovers took, of one of the identical requests");
  number("essential_context_kept", ratio(s.items_kept, s.items_at_risk), "1",
         "share of essential items, one for each remembered answer, that fresh windows have after handovers and exhaustions");
  number("budget_close_share", ratio(s.budgets_close, s.budgets), "1", "share of estimates of an answer's tok with an error within context.close_within");
  count("context_exhausted_steps", s.exhausted_steps, "steps of a region in which a window ran over");
  count("context_alarms_plain", s.alarms_plain, "steps of a region at whose end exhaustion in the next one was predicted, without the level gate");
  count("context_alarms_gated", s.alarms_gated, "the same with the level gate");
  number("context_precision_plain", ratio(s.hits_plain, s.alarms_plain), "1", "share of alarms without the level gate after which a window ran over in the next step");
  number("context_precision_gated", ratio(s.hits_gated, s.alarms_gated), "1", "the same with the level gate");
  number("context_recall_plain", ratio(s.hits_plain, s.exhausted_steps), "1", "share of steps with a window that ran over for which there had been an alarm without the level gate");
  number("context_recall_gated", ratio(s.hits_gated, s.exhausted_steps), "1", "the same with the level gate");
  return all;
}

}  // namespace swarm::io
