#pragma once
#include <vector>

#include "sim/engine/simulation.hpp"
#include "sim/io/static_group.hpp"

namespace swarm::io {

/// The summary's lines on what crosses borders and what may not, and on how evenly sites are loaded, after the warm-up.
std::vector<StaticVariable> space_summary(const engine::Simulation& sim);

}  // namespace swarm::io
