#pragma once
#include "sim/world/world.hpp"

/// What answers are worth in a run (docs/models/incentives.md, "Value in a run").
namespace swarm {
namespace engine {

/// The answer of a flight that lands after `delay_s`: adds its value, all multiplicity, to the region's step, and what it
/// tells about answers of its cell. Nothing where answers are not valued.
void note_answer(const world::World& w, world::RegionState& r, std::size_t flight, double delay_s);

}  // namespace engine
}  // namespace swarm
