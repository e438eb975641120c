#pragma once
#include <vector>

#include "sim/engine/simulation.hpp"
#include "sim/io/static_group.hpp"

namespace swarm::io {

/// The summary's lines on carbon credits, the warm-up included as far as they are amounts, and on the allocation of
/// capacity after it.
std::vector<StaticVariable> climate_summary(const engine::Simulation& sim);

}  // namespace swarm::io
