#pragma once
#include <algorithm>

#include "sim/world/world.hpp"

/// Requests in the sites of a region, as a router would count them: balance.signal = "requests". Of each the time is known
/// at which it leaves; who counts by work left never asks, and then nothing of this is kept.
namespace swarm {
namespace engine {

inline bool counts_requests(const world::Plan& plan) {
  return plan.scenario.balance.signal == dispatch::QueueSignal::requests;
}

/// Begins anew with what has been placed and is not finished.
inline void count_flights(const world::World& w, world::RegionState& r) {
  if (!counts_requests(*w.plan)) return;
  auto& departures = r.scratch.departures;
  departures.resize(r.pools.size());
  for (auto& list : departures) list.clear();
  for (std::size_t k = 0; k < r.flights.size(); ++k)
    departures[r.flights.site[k] - w.plan->regions[r.id.value].first_site].push_back(r.flights.finish_s[k]);
  for (auto& list : departures) std::sort(list.begin(), list.end());
}

/// One more request, which will leave the region's site k at `time` [s since start].
inline void count_departure(const world::World& w, world::RegionState& r, std::uint32_t k, double time) {
  if (!counts_requests(*w.plan)) return;
  auto& list = r.scratch.departures[k];
  list.insert(std::upper_bound(list.begin(), list.end(), time), time);
}

/// In the region's site k at `time`, per gang.
inline float requests_in(const world::World& w, const world::RegionState& r, std::uint32_t k, double time) {
  const auto& list = r.scratch.departures[k];
  const auto staying = list.end() - std::upper_bound(list.begin(), list.end(), time);
  return static_cast<float>(staying) / static_cast<float>(w.plan->sites[w.plan->regions[r.id.value].first_site + k].gangs);
}

}  // namespace engine
}  // namespace swarm
