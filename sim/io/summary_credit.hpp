#pragma once
#include <vector>

#include "sim/engine/simulation.hpp"
#include "sim/io/static_group.hpp"

namespace swarm::io {

/// The summary's lines on lending, demurrage and bonuses: sums after the warm-up, and who owns what at the end.
std::vector<StaticVariable> credit_summary(const engine::Simulation& sim);

}  // namespace swarm::io
