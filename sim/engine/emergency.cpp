#include "sim/engine/emergency.hpp"

#include <algorithm>
#include <limits>

#include "sim/engine/markets.hpp"

namespace swarm {
namespace engine {

using world::Order;
using world::Outcome;
using world::Refusal;
using world::RegionState;
using world::World;

void note_hazards(const World& w, RegionState& r) {
  r.scratch.emergency = world::emergency_in(*w.plan, r.id, w.step);
  const world::Emergency& now = r.scratch.emergency;
  r.step.hazard_severity = now.severity;
  r.step.emergency_level = now.level;
  if (now.severity == 0 || now.began_s == r.hazard_began_s) return;
  r.hazard_began_s = now.began_s;
  if (r.step.in_warmup == 0) ++r.totals.hazards_begun;
}

void set_capacity_aside(World& w, RegionState& r) {
  const auto& admitted = r.scratch.emergency.response.admitted;
  if (std::ranges::all_of(admitted, [](double share) { return share >= 1; })) return;
  const Random random(w.plan->seed, Stream::emergency_admission);
  const bool last_round = w.round + 1 >= w.plan->trade_rounds();
  auto& inbox = r.scratch.inbox_orders;
  std::size_t kept = 0;
  for (std::size_t k = 0; k < inbox.size(); ++k) {
    Order& order = inbox[k];
    const auto draw = [&] {
      return uniform_open(random.block(order.arrival_step, RequestId(RegionId{order.asker}, order.sequence).packed)[0]);
    };
    if (const double share = admitted[order.purpose]; share >= 1 || draw() < share) {
      inbox[kept++] = order;
      continue;
    }
    ++r.markets.orders_received[order.type];
    if (last_round)
      refuse(w, r, order, Refusal::emergency, 0);
    else
      pass_on(w, r, order, Refusal::emergency, 0);
  }
  inbox.resize(kept);
}

void count_emergency(RegionState& r, const Outcome& outcome) {
  if (outcome.emergency == 0) return;
  auto& s = r.step;
  if (outcome.refusal != Refusal::none) {
    ++s.emergency_rejected;
    return;
  }
  ++s.emergency_served;
  s.emergency_in_time += outcome.late == 0;
}

void note_first_answer(RegionState& r) {
  if (r.answered_began_s == r.hazard_began_s) return;
  double first = std::numeric_limits<double>::infinity();
  for (const Outcome& o : r.scratch.inbox_outcomes) {
    const bool asked_since = o.answered_s - static_cast<double>(o.delay_s) >= r.hazard_began_s;
    if (o.emergency != 0 && o.refusal == Refusal::none && asked_since) first = std::min(first, o.answered_s);
  }
  if (first == std::numeric_limits<double>::infinity()) return;
  r.answered_began_s = r.hazard_began_s;
  if (r.step.in_warmup != 0) return;
  ++r.totals.hazards_answered;
  r.totals.first_answer_s += first - r.hazard_began_s;
}

}  // namespace engine
}  // namespace swarm
