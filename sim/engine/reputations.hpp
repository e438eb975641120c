#pragma once
#include "sim/world/world.hpp"

/// Reputation in a run (docs/models/incentives.md, "Reputation in a run"). All of it does nothing where
/// reputation is switched off.
namespace swarm {
namespace engine {

/// Whether a request looks at reputation when it chooses a specialist.
inline bool reputation_weighs(const world::Plan& plan) {
  return plan.scenario.reputation.enabled && plan.scenario.reputation.weight > 0;
}
/// What reputation adds, where it weighs, to the router's score, which is the better the lower it is.
inline float ill_repute(const world::Plan& plan, float reputation) {
  const auto& p = plan.scenario.reputation;
  return static_cast<float>(p.weight) * (static_cast<float>(p.neutral) - reputation);
}

/// Reputations as they follow from all ratings so far.
void score_reputations(const world::World& w, world::RegionState& r);
/// Answers that land in this step are rated: 1 or 0 for a correct one and for one in time; a council's members
/// each for their own answer, and for collaboration by their contribution, times their number, from 0 to 1.
/// Then a step passes for all reputations.
void rate_answers(const world::World& w, world::RegionState& r);

/// In the last step of a UTC day: a part of the treasury, to specialists in proportion to reputation above
/// neutral.
void pay_reputation(const world::World& w, world::RegionState& r);

}  // namespace engine
}  // namespace swarm
