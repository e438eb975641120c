#pragma once
#include "sim/economy/prediction_market.hpp"
#include "sim/world/world.hpp"

/// Prediction markets in a run (docs/models/incentives.md, "Prediction markets in a run"); the phase itself is
/// phases/hold_predictions.cpp.
namespace swarm {
namespace engine {

/// The rule by which all makers of a run price shares.
economy::ScoringRule scoring_rule(const world::Plan& plan);

/// What the treasury has lent to makers of open markets: the most that each can lose.
MicroTkn makers_reserves(const world::World& w, const world::RegionState& r);

/// An open market's maker can pay whatever comes about, and what traders hold is what is outstanding; a closed one has
/// neither money nor shares; makers hold what was posted to them and from them. Throws ModelError.
void audit_predictions(const world::World& w, const world::RegionState& r);

}  // namespace engine
}  // namespace swarm
