#pragma once
#include "sim/world/field_spec.hpp"
#include "sim/world/region_state.hpp"

/// The part of the field registry (fields.hpp) that is about requests that can wait.
namespace swarm {
namespace world {

/// Columns of the schedule: what waits, what came of it, and what servers promised.
template <class V>
void describe_schedule(V& v, RegionState& r) {
  using enum Dim;
  using enum Role;
  using enum Kind;
  ScheduleSums& s = r.schedule.step;
  ScheduleSums& q = r.schedule.total;
  v({"requests_flexible", region, output, accounting, "1", "requests that arrived and can wait, by asking region"}, s.flexible);
  v({"requests_deferred", region, output, accounting, "1", "of the requests that arrived, those that were held back, by asking region"}, s.deferred);
  v({"requests_released", region, output, accounting, "1", "requests that had been held back and went on in this step, by asking region"}, s.released);
  v({"requests_held", region, output, accounting, "1", "requests held back at the end of the step (they are among requests_pending), by asking region"}, r.schedule.held);
  v({"held_s_sum", region, output, modelled, "s", "time that the requests released in the step had been held back, sum, by asking region"}, s.held_s);
  v({"released_gain_sum_g_per_kwh", region, output, modelled, "g/kWh", "by how much the asking region's intensity had fallen since released requests arrived, sum over those of the step"}, s.gain);
  v({"released_gain_foreseen_sum_g_per_kwh", region, output, modelled, "g/kWh", "what the forecast had said of that when they arrived, sum over those of the step (0 under strategy threshold, which has none)"}, s.foreseen);
  v({"pieces_resumed", region, output, accounting, "1", "times that interrupted work went on, by serving region"}, s.resumed);
  v({"flexible_answered", region, output, accounting, "1", "answers to requests that can wait, by serving region"}, s.answered);
  v({"flexible_kwh", region, output, modelled, "kWh", "grid energy of answers to requests that can wait, when settled, by serving region; idle energy excluded"}, s.kwh);
  v({"flexible_carbon_g", region, output, modelled, "g", "location-based carbon of answers to requests that can wait, when settled, by serving region; idle energy excluded"}, s.carbon_g);
  v({"flexible_carbon_at_once_g", region, output, modelled, "g", "the location-based carbon that the same work of the same servers would have had without holding it back or interrupting it"}, s.carbon_at_once_g);
  v({"total_flexible", region, state, accounting, "1", "sum after the warm-up"}, q.flexible);
  v({"total_deferred", region, state, accounting, "1", "sum after the warm-up"}, q.deferred);
  v({"total_released", region, state, accounting, "1", "sum after the warm-up"}, q.released);
  v({"total_held_s", region, state, modelled, "s", "sum after the warm-up"}, q.held_s);
  v({"total_released_gain", region, state, modelled, "g/kWh", "sum after the warm-up"}, q.gain);
  v({"total_released_gain_foreseen", region, state, modelled, "g/kWh", "sum after the warm-up"}, q.foreseen);
  v({"total_pieces_resumed", region, state, accounting, "1", "sum after the warm-up"}, q.resumed);
  v({"total_flexible_answered", region, state, accounting, "1", "sum after the warm-up"}, q.answered);
  v({"total_flexible_kwh", region, state, modelled, "kWh", "sum after the warm-up"}, q.kwh);
  v({"total_flexible_carbon_g", region, state, modelled, "g", "sum after the warm-up"}, q.carbon_g);
  v({"total_flexible_carbon_at_once_g", region, state, modelled, "g", "sum after the warm-up"}, q.carbon_at_once_g);
  v({"promised_us", slot, state, accounting, "1", "microseconds of server time promised in a step to come: a ring over the forecast's horizon; without rows unless requests are held back"}, r.schedule.promised_us);

  HeldColumns& h = r.held;
  v({"offset_s", held, state, accounting, "s", "arrival within its step"}, h.offset_s);
  v({"wtp_ratio", held, state, accounting, "1", "what its users would pay, in baseline prices"}, h.wtp_ratio);
  v({"arrival_step", held, state, accounting, "1", "step of arrival"}, h.arrival_step);
  v({"sequence", held, state, accounting, "1", "number within step and asking region"}, h.sequence);
  v({"release_step", held, state, accounting, "1", "step in which it goes on, at the latest"}, h.release_step);
  v({"tok_in", held, state, accounting, "tok", "input"}, h.tok_in);
  v({"tok_out", held, state, accounting, "tok", "output"}, h.tok_out);
  v({"bank_item", held, state, executed, "1", "problem posed"}, h.bank_item);
  v({"complexity", held, state, accounting, "1", "difficulty"}, h.complexity);
  v({"deadline_s", held, state, accounting, "s", "deadline after it goes on"}, h.deadline_s);
  v({"type", held, state, accounting, "1", "problem type"}, h.type);
  v({"purpose", held, state, accounting, "1", "what it is for"}, h.purpose);
  v({"seats", held, state, accounting, "1", "specialists that shall answer it"}, h.seats);
  v({"for_allowance", held, state, accounting, "1", "1: nobody had any left of an allowance of energy, and it goes on when that is renewed"}, h.for_allowance);

  v({"at_once_s", flight, state, modelled, "s", "when its service would have started had it not been held back; -1 if its users cannot wait"}, r.flights.at_once_s);
  v({"worked_s", flight, state, modelled, "s", "occupancy of its pieces before this one"}, r.flights.worked_s);
  v({"left_s", flight, state, modelled, "s", "occupancy still to come after this piece; 0: this is the last"}, r.flights.left_s);
  v({"slack_s", waiting, state, accounting, "s", "by which the answer may be later than the deadline, because its users can wait"}, r.waiting.slack_s);
  v({"asked_step", waiting, state, accounting, "1", "step in which it was quoted"}, r.waiting.asked_step);
  v({"wtp_ratio", waiting, state, accounting, "1", "what its users would pay, in baseline prices"}, r.waiting.wtp_ratio);
  v({"complexity", waiting, state, accounting, "1", "difficulty"}, r.waiting.complexity);
  v({"seats_wanted", waiting, state, accounting, "1", "specialists that shall answer it, before it was known who offers that"}, r.waiting.seats_wanted);
}

}  // namespace world
}  // namespace swarm
