#pragma once
#include "sim/world/plan.hpp"
#include "sim/world/region_state.hpp"

namespace swarm {
namespace engine {

/// Time from a request's arrival to its answer [s]: wait, the identical answers one after the other where
/// they share servers, the network, and what held it up.
inline double answer_delay(const world::Plan& plan, const world::RegionState& r, std::size_t flight) {
  const auto& f = r.flights;
  const double wait = f.start_s[flight] - f.arrival_s[flight];
  return wait + f.service_s[flight] * plan.sites[f.site[flight]].answer_factor +
         plan.network_s(RegionId{f.asker[flight]}, r.id, f.tok[flight] / f.seats[flight]) + f.held_s[flight];
}

}  // namespace engine
}  // namespace swarm
