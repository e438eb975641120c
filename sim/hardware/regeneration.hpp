#pragma once
#include <algorithm>

#include "sim/hardware/storage_params.hpp"

/// What a swarm gives back: heat that is used, and answers that help to run the grid
/// (docs/models/energy_storage.md). None of it is netted against emissions.
namespace swarm {
namespace hardware {

/// By which share a region's carbon intensity falls where `share` of the answers that its users got lately were about
/// the optimisation of renewable energy.
inline double intensity_cut(const RegenerationParams& params, double share) {
  return std::min(params.max_cut, params.elasticity * share);
}

/// (heat + avoided energy) / used, all in one unit; NaN where nothing is used.
inline double net_balance(double heat, double avoided, double used) { return (heat + avoided) / used; }

}  // namespace hardware
}  // namespace swarm
