#pragma once
#include <vector>

#include "sim/engine/simulation.hpp"
#include "sim/io/static_group.hpp"

namespace swarm::io {

/// The summary's lines on faults and on recovery from them, after the warm-up.
std::vector<StaticVariable> fault_summary(const engine::Simulation& sim);

}  // namespace swarm::io
