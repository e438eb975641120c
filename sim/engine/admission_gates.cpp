#include "sim/engine/admission_gates.hpp"

#include <algorithm>

namespace swarm {
namespace engine {

using world::FaultView;
using world::Order;
using world::OrderLine;

AdmissionGates::AdmissionGates(const world::World& w, const world::RegionState& r)
    : w_(w), r_(r), first_site_(w.plan->regions[r.id.value].first_site), agent_left_(r.scratch.faults.agent_gate),
      site_left_(r.scratch.faults.site_gate) {}

Order& AdmissionGates::open_lines(Order& order) {
  if (agent_left_.empty()) return order;
  open_ = order;
  const auto end = std::remove_if(open_.line.begin(), open_.line.begin() + open_.lines, [&](const OrderLine& line) {
    return w_.plan->sites[line.site].region == r_.id && (agent_left_[line.agent] == 0 || site_left_[local(line)] == 0);
  });
  open_.lines = static_cast<std::uint8_t>(end - open_.line.begin());
  return open_;
}

void AdmissionGates::note_admitted(const OrderLine& line) {
  if (agent_left_.empty()) return;
  const auto take = [](std::uint8_t& left) {
    if (left != FaultView::kOpenGate) --left;
  };
  take(agent_left_[line.agent]);
  take(site_left_[local(line)]);
}

}  // namespace engine
}  // namespace swarm
