#pragma once
#include "sim/world/world.hpp"

/// Where the energy of a region's sites comes from in a run, and where its heat goes (docs/models/energy_storage.md).
/// Without batteries, heat that is used, and regeneration, sites get what the grid gives.
namespace swarm {
namespace engine {

/// As a step begins: how much cleaner answers have made the grid, and which batteries charge or deliver. Sets the step's
/// carbon intensity.
void open_supply(const world::World& w, world::RegionState& r);

/// A carbon intensity of the region's signals, as answers have lowered it.
inline double lowered(const world::RegionState& r, double intensity) { return intensity * (1.0 - r.energy.intensity_cut); }

/// What energy at a site is expected to be in this step, if the grid is as foreseen and the site takes what it took last.
hardware::GridState expected_supply(const world::World& w, const world::RegionState& r, std::size_t site_of_region,
                                    const hardware::GridState& foreseen);

/// Closes a site's step: the servers took `used_nj` before PUE. Sets what it drew from the grid and what its energy was.
void supply_site(const world::World& w, world::RegionState& r, std::size_t site_of_region, Int128 used_nj);

/// Counts the answers that the region's users have got in this step.
void note_regeneration(const world::World& w, world::RegionState& r);

/// What was drawn is what was used, lost and kept: energy to the microjoule, carbon and money to a rounding. Throws
/// ModelError.
void audit_supply(const world::World& w, const world::RegionState& r);

}  // namespace engine
}  // namespace swarm
