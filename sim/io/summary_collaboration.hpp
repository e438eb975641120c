#pragma once
#include <vector>

#include "sim/engine/simulation.hpp"
#include "sim/io/static_group.hpp"

namespace swarm::io {

/// What /summary says of reports in councils, of how members shared the work, and of the monitor; 0 or NaN where they are
/// switched off.
std::vector<StaticVariable> collaboration_summary(const engine::Simulation& sim);

}  // namespace swarm::io
