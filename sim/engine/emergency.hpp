#pragma once
#include "sim/world/world.hpp"

/// Hazards in a step: what a region notices, whom it turns away, and who was helped (docs/models/instruments.md, "In a
/// run").
namespace swarm {
namespace engine {

/// What is going on in the region, for the phases of this step; whether something new began.
void note_hazards(const world::World& w, world::RegionState& r);

/// Of the orders that came to the region, those that give way to an emergency here are sent on to their next region, or
/// home. Which ones is drawn by request, so that all regions and mechanisms with one share choose the same.
void set_capacity_aside(world::World& w, world::RegionState& r);

/// An outcome of an emergency request of this region.
void count_emergency(world::RegionState& r, const world::Outcome& outcome);

/// Whether the step brought the first answer since the hazards began, and how long that took.
void note_first_answer(world::RegionState& r);

}  // namespace engine
}  // namespace swarm
