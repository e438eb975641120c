#pragma once
#include <vector>

#include "sim/engine/simulation.hpp"
#include "sim/io/static_group.hpp"

namespace swarm::io {

/// What /summary says of context windows, handovers and budgets; all 0 or NaN where there are none.
std::vector<StaticVariable> context_summary(const engine::Simulation& sim);

}  // namespace swarm::io
