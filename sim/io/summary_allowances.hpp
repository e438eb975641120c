#pragma once
#include <vector>

#include "sim/engine/simulation.hpp"
#include "sim/io/static_group.hpp"

namespace swarm::io {

/// What /summary says of quotas, token budgets, reputation and councils, with their reports, and of the monitor; all 0 or
/// NaN where they are switched off.
std::vector<StaticVariable> allowance_summary(const engine::Simulation& sim);

}  // namespace swarm::io
