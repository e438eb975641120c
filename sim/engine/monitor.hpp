#pragma once
#include "sim/world/world.hpp"

/// The monitor in a run (docs/models/collaboration.md): all of it does nothing where it is off. Nothing acts on it.
namespace swarm {
namespace engine {

inline bool watched(const world::World& w) { return w.plan->scenario.monitor.enabled; }
/// Room for what is seen of the step's answers.
void open_eyes(world::World& w);
/// An answer of one specialist, by its logits, or of a council, by who is heard.
void see_answer(world::RegionState& r, std::size_t flight, std::span<const float> logits);
void see_council(world::World& w, world::InferenceBatch::Council& council);
/// The step's figures, and whether they are out of the ordinary.
void read_monitor(world::World& w);

}  // namespace engine
}  // namespace swarm
