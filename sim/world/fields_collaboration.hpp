#pragma once
#include "sim/world/field_spec.hpp"
#include "sim/world/region_state.hpp"

/// The part of the field registry (fields.hpp) that is about members' reports, shares of work, and the monitor.
namespace swarm {
namespace world {

/// Columns of reports and sessions; all 0 or NaN without councils, those of reports also where the bus is off.
template <class V>
void describe_sessions(V& v, RegionState& r) {
  using enum Dim;
  using enum Role;
  using enum Kind;
  CollaborationAccount& c = r.collaboration;
  BusSums& bus = c.total_bus;
  SessionSums& total = c.total_session;
  v({"bus_sent", region, output, accounting, "1", "reports of members of councils that were carried to who presides, by serving region"}, c.bus.sent);
  v({"bus_dropped", region, output, accounting, "1", "reports of members of councils that were dropped for want of energy, so that the member is not heard, by serving region"}, c.bus.dropped);
  v({"bus_batches", region, output, accounting, "1", "batches of reports to one specialist, by serving region"}, c.bus.batches);
  v({"bus_energy_j", region, output, modelled, "J", "energy of reports, of all identical requests, PUE not included, by serving region"}, c.bus.energy_j);
  v({"councils_held", region, output, accounting, "1", "councils that were held, when their answer was placed, by serving region"}, c.session.held);
  v({"councils_balanced", region, output, executed, "1", "of these, the ones with a contribution imbalance within council.imbalance_limit, by serving region"}, c.session.balanced);
  v({"councils_good", region, output, executed, "1", "of these, the ones with a collaboration quality of at least council.quality_aim, by serving region"}, c.session.good);
  v({"council_imbalance", region, output, executed, "1", "mean over councils of the farthest that a member's share of the probabilities of the chosen class is from an equal one (NaN without councils), by serving region"}, c.imbalance);
  v({"council_agreement", region, output, executed, "1", "mean over councils of the share of members who are heard and would have chosen the same class alone (NaN without councils), by serving region"}, c.agreement);
  v({"council_quality", region, output, executed, "1", "mean collaboration quality of councils (NaN without councils), by serving region"}, c.quality);
  v({"total_bus_sent", region, state, accounting, "1", "sum after the warm-up"}, bus.sent);
  v({"total_bus_dropped", region, state, accounting, "1", "sum after the warm-up"}, bus.dropped);
  v({"total_bus_batches", region, state, accounting, "1", "sum after the warm-up"}, bus.batches);
  v({"total_bus_energy_j", region, state, modelled, "J", "sum after the warm-up"}, bus.energy_j);
  v({"total_councils_held", region, state, accounting, "1", "sum after the warm-up"}, total.held);
  v({"total_councils_balanced", region, state, executed, "1", "sum after the warm-up"}, total.balanced);
  v({"total_councils_good", region, state, executed, "1", "sum after the warm-up"}, total.good);
  v({"total_council_imbalance", region, state, executed, "1", "sum over councils after the warm-up"}, total.imbalance);
  v({"total_council_agreement", region, state, executed, "1", "sum over councils after the warm-up"}, total.agreement);
  v({"total_council_quality", region, state, executed, "1", "sum over councils after the warm-up"}, total.quality);
}

/// Columns of the monitor; all 0 or without rows where it is off.
template <class V>
void describe_monitor(V& v, RegionState& r) {
  using enum Dim;
  using enum Role;
  using enum Kind;
  MonitorAccount& m = r.collaboration.monitor;
  v({"monitor_integration", region, output, executed, "nat", "integration of the numbers of answers to each problem type over the last monitor.readings steps (NaN before there are as many, or where they follow from each other), by serving region"}, m.figure[0]);
  v({"monitor_self_assessment", region, output, executed, "1", "1 less the expected calibration error of the step's answers (NaN without answers), by serving region"}, m.figure[1]);
  v({"monitor_attention_coherence", region, output, executed, "1", "mean over the step's councils of 1 less the divergence of members' probabilities of classes, 1 if all are the same (NaN without councils), by serving region"}, m.figure[2]);
  v({"monitor_memory_consistency", region, output, executed, "1", "share of pairs of the step's answers to the same question of type memory that agree (NaN without such a pair), by serving region"}, m.figure[3]);
  v({"monitor_integration_anomaly", region, output, executed, "1", "1 if monitor_integration is out of the ordinary among those of the last monitor.readings steps"}, m.anomaly[0]);
  v({"monitor_self_assessment_anomaly", region, output, executed, "1", "the same of monitor_self_assessment"}, m.anomaly[1]);
  v({"monitor_attention_coherence_anomaly", region, output, executed, "1", "the same of monitor_attention_coherence"}, m.anomaly[2]);
  v({"monitor_memory_consistency_anomaly", region, output, executed, "1", "the same of monitor_memory_consistency"}, m.anomaly[3]);
  v({"monitor_figure", observation, state, executed, "1", "the four figures of the last steps, step after step; this and the next without rows unless there is a monitor"}, m.figures);
  v({"monitor_answers", observation, state, executed, "1", "answers by problem type in the last steps, step after step"}, m.answers);
  v({"monitor_steps", region, state, executed, "1", "steps of which there are readings"}, m.steps);
  v({"total_monitor_figure", figure, state, executed, "1", "sum of those readings after the warm-up that are numbers, of each figure"}, std::span<double>(m.total));
  v({"total_monitor_readings", figure, state, executed, "1", "their number"}, std::span<std::uint64_t>(m.total_readings));
  v({"total_monitor_anomalies", figure, state, executed, "1", "anomalies after the warm-up"}, std::span<std::uint64_t>(m.total_anomalies));
}

}  // namespace world
}  // namespace swarm
