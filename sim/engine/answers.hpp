#pragma once
#include "sim/world/plan.hpp"
#include "sim/world/region_state.hpp"

namespace swarm {
namespace engine {

/// Time from a request's arrival to its answer [s]: held back, wait, the identical answers one after the other where
/// they share servers, the network, and what held it up. Of work in pieces the answers are those that its last piece gives, the mean one
/// as long before its end as if it had run in one piece.
inline double answer_delay(const world::Plan& plan, const world::RegionState& r, std::size_t flight) {
  const auto& f = r.flights;
  const auto& site = plan.sites[f.site[flight]];
  const double begun = f.worked_s[flight] > 0 ? f.finish_s[flight] - f.service_s[flight] * site.occupancy_factor : f.start_s[flight];
  return begun - f.arrival_s[flight] + f.service_s[flight] * site.answer_factor +
         plan.network_s(RegionId{f.asker[flight]}, r.id, f.tok[flight] / f.seats[flight]) + f.held_s[flight];
}

/// How long it waited for a server once it had asked [s].
inline double server_wait(const world::RegionState& r, std::size_t flight) {
  const auto& f = r.flights;
  const double begun = f.at_once_s[flight] >= 0 ? f.at_once_s[flight] : f.start_s[flight];
  return begun - f.arrival_s[flight];
}

}  // namespace engine
}  // namespace swarm
