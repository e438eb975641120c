#pragma once
#include "sim/world/plan.hpp"

namespace swarm {
namespace world {

/// All faults of a run, and the forecasts that they take away. Specialists have been placed.
void plan_faults(Plan& plan);
/// What a rule answers to problems of a region, type and complexity: the commonest label of the bank, the least among equals.
void plan_rules(Plan& plan);

}  // namespace world
}  // namespace swarm
