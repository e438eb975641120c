#pragma once
#include <vector>

#include "sim/engine/simulation.hpp"
#include "sim/io/static_group.hpp"

namespace swarm::io {

/// The summary's lines on futures, prediction markets and the value of answers: sums after the warm-up. `carbon_g` is
/// what the answers' value is compared with. Empty of figures (NaN, 0) where these are switched off.
std::vector<StaticVariable> instruments_summary(const engine::Simulation& sim, double carbon_g);

/// Lost by makers of prediction markets after the warm-up [USD].
double makers_loss_usd(const engine::Simulation& sim);

}  // namespace swarm::io
