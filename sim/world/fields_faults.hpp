#pragma once
#include "sim/world/field_spec.hpp"
#include "sim/world/region_state.hpp"

namespace swarm {
namespace world {

/// Columns of faults and circuit breakers.
template <class V>
void describe_faults(V& v, RegionState& r) {
  using enum Dim;
  using enum Role;
  using enum Kind;
  FaultAccount& a = r.faults;
  FaultSums& s = a.step;
  FaultSums& q = a.total;
  v({"agents_down", region, output, modelled, "1", "specialists that cannot answer in the step: crashed, or at a site that is out"}, a.agents_down);
  v({"sites_down", region, output, modelled, "1", "sites that are out in the step"}, a.sites_down);
  v({"cut_off", region, output, modelled, "1", "1 while a partition cuts the region off from all others"}, a.cut_off);
  v({"forecast_down", region, output, modelled, "1", "1 while the region's forecasts are out"}, a.forecast_down);
  v({"breakers_open", region, output, accounting, "1", "circuit breakers of the region's specialists and sites that let nothing through in the step"}, a.breakers_open);
  v({"requests_lost", region, output, accounting, "1", "times that a specialist was asked and never answered because of a fault, by serving region"}, s.lost);
  v({"requests_fell_back", region, output, accounting, "1", "requests that another specialist took after that, by serving region"}, s.fell_back);
  v({"answered_by_rule", region, output, executed, "1", "requests that a rule answered because no specialist did, by serving region"}, s.by_rule);
  v({"answers_held", region, output, accounting, "1", "answers that arrived late because a partition held them up, by serving region"}, s.held);
  v({"rejected_fault", region, output, accounting, "1", "refused because no answer came, by asking region"}, r.step.rejected_fault);
  v({"faults_begun", region, output, modelled, "1", "faults that began in the region"}, s.begun);
  v({"faults_recovered", region, output, accounting, "1", "faults from which the region recovered in the step: its served share is back at faults.recovered_share of what it usually was"}, s.recovered);
  v({"recovery_s_sum", region, output, accounting, "s", "time that this took since the faults began, sum"}, s.recovery_s);
  v({"usual_served_share", region, both, accounting, "1", "served share per step, smoothed while no fault is being recovered from; -1 before the first request"}, a.usual_share);
  v({"faults_tracked", region, both, accounting, "1", "faults from which the region has not recovered yet"}, a.tracked);
  v({"faults_tracked_since_s", region, state, accounting, "s", "when they began, since the start, sum"}, a.tracked_since_s);
  v({"breaker_open_until_s", agent, state, accounting, "s", "until when the specialist's circuit breaker is open; this and the next six without rows unless there are breakers"}, a.agents.open_until_s);
  v({"breaker_failed", agent, state, accounting, "1", "latest answers that failed, one bit each"}, a.agents.failed);
  v({"breaker_answers", agent, state, accounting, "1", "latest answers that are known"}, a.agents.answers);
  v({"breaker_probing", agent, state, accounting, "1", "probes that are under way"}, a.agents.probing);
  v({"breaker_probed", agent, state, accounting, "1", "probes in a row that succeeded"}, a.agents.probed);
  v({"breaker_round", agent, state, accounting, "1", "times that it opened, in a circle from 1 to 255"}, a.agents.round);
  v({"breaker_state", agent, state, accounting, "1", "closed, open, half open"}, a.agents.state);
  v({"breaker_open_until_s", site, state, accounting, "s", "until when the site's circuit breaker is open; this and the next six without rows unless there are breakers"}, a.sites.open_until_s);
  v({"breaker_failed", site, state, accounting, "1", "latest answers that failed, one bit each"}, a.sites.failed);
  v({"breaker_answers", site, state, accounting, "1", "latest answers that are known"}, a.sites.answers);
  v({"breaker_probing", site, state, accounting, "1", "probes that are under way"}, a.sites.probing);
  v({"breaker_probed", site, state, accounting, "1", "probes in a row that succeeded"}, a.sites.probed);
  v({"breaker_round", site, state, accounting, "1", "times that it opened, in a circle from 1 to 255"}, a.sites.round);
  v({"breaker_state", site, state, accounting, "1", "closed, open, half open"}, a.sites.state);
  v({"agent_probe", flight, state, accounting, "1", "round of its specialist's circuit breaker whose probe it is; 0 of none"}, r.flights.agent_probe);
  v({"site_probe", flight, state, accounting, "1", "the same of its site's"}, r.flights.site_probe);
  v({"lost", flight, state, accounting, "1", "1 if no answer will come, because of a fault"}, r.flights.lost);
  v({"held_s", flight, state, modelled, "s", "by which its answer is later than its servers' clock says: a partition held it up, or a time-out ended after the step"}, r.flights.held_s);
  v({"total_requests_lost", region, state, accounting, "1", "sum after the warm-up"}, q.lost);
  v({"total_requests_fell_back", region, state, accounting, "1", "sum after the warm-up"}, q.fell_back);
  v({"total_answered_by_rule", region, state, executed, "1", "sum after the warm-up"}, q.by_rule);
  v({"total_rule_correct", region, state, executed, "1", "of those, the correct ones"}, q.rule_correct);
  v({"total_answers_held", region, state, accounting, "1", "sum after the warm-up"}, q.held);
  v({"total_rejected_fault", region, state, accounting, "1", "sum after the warm-up"}, q.rejected);
  v({"total_faults_begun", region, state, modelled, "1", "sum after the warm-up"}, q.begun);
  v({"total_faults_measured", region, state, accounting, "1", "of those, the ones after which recovery was measured"}, q.measured);
  v({"total_faults_recovered", region, state, accounting, "1", "sum after the warm-up"}, q.recovered);
  v({"total_recovery_s", region, state, accounting, "s", "sum after the warm-up"}, q.recovery_s);
}

}  // namespace world
}  // namespace swarm
