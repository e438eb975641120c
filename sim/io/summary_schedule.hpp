#pragma once
#include <vector>

#include "sim/engine/simulation.hpp"
#include "sim/io/static_group.hpp"

namespace swarm::io {

/// The summary's lines on requests that can wait.
std::vector<StaticVariable> schedule_summary(const engine::Simulation& sim);

}  // namespace swarm::io
