#pragma once
#include "sim/world/field_spec.hpp"
#include "sim/world/region_state.hpp"

/// The part of the field registry (fields.hpp) that is about context windows.
namespace swarm {
namespace world {

/// Columns of windows, handovers, budgets and the load predictor; all 0 or without rows where context.strategy is none.
template <class V>
void describe_context(V& v, RegionState& r) {
  using enum Dim;
  using enum Role;
  using enum Kind;
  ContextAccount& c = r.context;
  ContextSums& s = c.step;
  ContextSums& q = c.total;
  v({"context_sessions", region, output, modelled, "1", "sessions that began: runs of requests of one asking region and purpose to one specialist, by serving region"}, s.sessions);
  v({"context_answers", region, output, modelled, "1", "answers that entered a context window, one for each specialist that gave them, by serving region"}, s.answers);
  v({"context_exhaustions", region, output, modelled, "1", "answers cut short because the window ran over before a handover was complete, by serving region"}, s.exhaustions);
  v({"context_truncated_tok", region, output, modelled, "tok", "tok of these answers that did not fit, by serving region"}, s.truncated_tok);
  v({"context_snapshots", region, output, modelled, "1", "snapshots taken of windows, by serving region"}, s.snapshots);
  v({"handovers_graceful", region, output, modelled, "1", "handovers begun that wait for nobody and carry the whole record, by serving region"}, s.graceful);
  v({"handovers_coordinated", region, output, modelled, "1", "handovers begun by several specialists together because exhaustion was predicted, by serving region"}, s.coordinated);
  v({"handovers_emergency", region, output, modelled, "1", "handovers begun that carry the essential context alone, those after an exhaustion included, by serving region"}, s.emergency);
  v({"handovers_failed", region, output, modelled, "1", "handovers that failed, by serving region"}, s.failed);
  v({"handover_fallbacks", region, output, modelled, "1", "emergency handovers whose transfer failed, so that a cached snapshot took its place, by serving region"}, s.fallbacks);
  v({"handovers_critical", region, output, modelled, "1", "emergency handovers and exhaustions after which the context was critically unlike the one before, by serving region"}, s.critical);
  v({"context_items_at_risk", region, output, modelled, "1", "essential items, one for each remembered answer of a session, in windows as they were handed over or ran over, by serving region"}, s.items_at_risk);
  v({"context_items_kept", region, output, modelled, "1", "of these, the ones that the fresh window has, by serving region"}, s.items_kept);
  v({"handover_s", region, output, modelled, "s", "server-seconds that handovers begun in the step take, of one of the identical requests, by serving region"}, s.handover_s);
  v({"budget_estimates", region, output, modelled, "1", "answers whose tok had been estimated, by serving region"}, s.budgets);
  v({"budget_close", region, output, modelled, "1", "of these, the ones with an error within context.close_within, by serving region"}, s.budgets_close);
  v({"context_synchrony", region, output, modelled, "1", "synchrony of watched windows, at the end of the step (NaN where there are no windows)"}, c.synchrony);
  v({"context_mean_window", region, output, modelled, "1", "mean part of watched windows that is in use, at the end of the step (NaN where there are no windows)"}, c.mean_window);
  v({"context_alarm_plain", region, both, modelled, "1", "1 if exhaustion in the next step is predicted without the level gate"}, c.alarm_plain);
  v({"context_alarm_gated", region, both, modelled, "1", "1 if exhaustion in the next step is predicted with the level gate"}, c.alarm_gated);

  WindowColumns& a = c.windows;
  v({"window_used", agent, state, modelled, "tok", "context in the window; this and the others of windows without rows unless there are any"}, a.used);
  v({"window_since_snapshot", agent, state, modelled, "tok", "that came since the last snapshot"}, a.since_snapshot);
  v({"window_session", agent, state, accounting, "1", "asking region times 256 plus purpose plus 1; 0 before the first session"}, a.session);
  v({"window_items", agent, state, modelled, "1", "essential items: answers of the session that are remembered"}, a.items);
  v({"window_out_drop", agent, state, modelled, "tok", "tok that a handover under way will leave out"}, a.out_drop);
  v({"window_out_lost", agent, state, modelled, "1", "essential items that it will lose"}, a.out_lost);
  v({"window_last_s", agent, state, modelled, "s", "last answer, since the start"}, a.last_s);
  v({"window_dirty_s", agent, state, modelled, "s", "first answer since the last snapshot, since the start"}, a.dirty_s);
  v({"window_out_until_s", agent, state, modelled, "s", "when the handover under way is complete, since the start; 0 without one"}, a.out_until_s);
  v({"window_snapshot_items", agent, state, modelled, "1", "essential items in each kept snapshot, the latest first; context.snapshots rows each"}, a.snapshot_items);
  v({"budget_base_tok", kind, state, modelled, "tok", "what an answer is expected to take, by problem type, of one specialist and of a council"}, c.budgets.base);
  v({"budget_role_tok", kind, state, modelled, "tok", "and each role beside it"}, c.budgets.role);
  v({"budget_confidence", kind, state, modelled, "1", "confidence in it"}, c.budgets.confidence);
  v({"episode_kind", episode, state, modelled, "1", "kind of a remembered answer; 4294967295 for none"}, c.budgets.episode_kind);
  v({"episode_complexity", episode, state, modelled, "1", "its complexity"}, c.budgets.episode_complexity);
  v({"budget_sessions", region, state, modelled, "1", "answers that budgets were learnt from"}, c.budgets.sessions);
  v({"window_reading", reading, state, modelled, "1", "part of a watched window in use, step after step"}, c.readings);
  v({"reading_steps", region, state, modelled, "1", "steps of which there are readings"}, c.reading_steps);
  v({"agent", upkeep, state, accounting, "1", "specialist that hands over, local number"}, c.upkeep_agent);
  v({"start_s", upkeep, state, modelled, "s", "when its handover takes servers, since the start"}, c.upkeep_start_s);
  v({"finish_s", upkeep, state, modelled, "s", "and until when"}, c.upkeep_finish_s);

  v({"total_context_sessions", region, state, modelled, "1", "sum after the warm-up"}, q.sessions);
  v({"total_context_answers", region, state, modelled, "1", "sum after the warm-up"}, q.answers);
  v({"total_context_exhaustions", region, state, modelled, "1", "sum after the warm-up"}, q.exhaustions);
  v({"total_context_truncated_tok", region, state, modelled, "tok", "sum after the warm-up"}, q.truncated_tok);
  v({"total_context_snapshots", region, state, modelled, "1", "sum after the warm-up"}, q.snapshots);
  v({"total_handovers_graceful", region, state, modelled, "1", "sum after the warm-up"}, q.graceful);
  v({"total_handovers_coordinated", region, state, modelled, "1", "sum after the warm-up"}, q.coordinated);
  v({"total_handovers_emergency", region, state, modelled, "1", "sum after the warm-up"}, q.emergency);
  v({"total_handovers_failed", region, state, modelled, "1", "sum after the warm-up"}, q.failed);
  v({"total_handover_fallbacks", region, state, modelled, "1", "sum after the warm-up"}, q.fallbacks);
  v({"total_handovers_critical", region, state, modelled, "1", "sum after the warm-up"}, q.critical);
  v({"total_context_items_at_risk", region, state, modelled, "1", "sum after the warm-up"}, q.items_at_risk);
  v({"total_context_items_kept", region, state, modelled, "1", "sum after the warm-up"}, q.items_kept);
  v({"total_handover_s", region, state, modelled, "s", "sum after the warm-up"}, q.handover_s);
  v({"total_budget_estimates", region, state, modelled, "1", "sum after the warm-up"}, q.budgets);
  v({"total_budget_close", region, state, modelled, "1", "sum after the warm-up"}, q.budgets_close);
  v({"total_exhausted_steps", region, state, modelled, "1", "steps after the warm-up in which a window ran over"}, q.exhausted_steps);
  v({"total_alarms_plain", region, state, modelled, "1", "steps after the warm-up for whose next exhaustion was predicted without the level gate"}, q.alarms_plain);
  v({"total_alarms_gated", region, state, modelled, "1", "the same with the level gate"}, q.alarms_gated);
  v({"total_alarm_hits_plain", region, state, modelled, "1", "steps after the warm-up in which a window ran over as predicted without the level gate"}, q.hits_plain);
  v({"total_alarm_hits_gated", region, state, modelled, "1", "the same with the level gate"}, q.hits_gated);
}

}  // namespace world
}  // namespace swarm
