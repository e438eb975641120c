#pragma once
#include <vector>

#include "sim/engine/simulation.hpp"
#include "sim/io/static_group.hpp"

namespace swarm::io {

/// What batteries, heat, regeneration and allowances of energy came to, for /summary.
std::vector<StaticVariable> energy_summary(const engine::Simulation& sim);

}  // namespace swarm::io
