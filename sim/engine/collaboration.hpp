#pragma once
#include "sim/world/world.hpp"

/// What members of councils do together besides answering (docs/models/collaboration.md): they report to who presides,
/// as far as there is energy for it, and share the work.
namespace swarm {
namespace engine {

/// Who is heard in each of the step's councils: everybody, or, with a bus, who presides and those whose reports are
/// carried.
void hear_reports(world::World& w);
/// How the members of a council worked together. `session`: scratch.
void note_collaboration(const world::World& w, world::InferenceBatch::Council& council, dispatch::SessionState& session);
/// Sums over the step's councils, region by region.
void sum_sessions(world::World& w);
/// Energy of the step's reports, to the members that sent them and to their sites.
void meter_reports(const world::World& w, world::RegionState& r);

/// Rows of the step's councils that a region (row in the world) holds.
std::span<world::InferenceBatch::Council> councils_of(world::World& w, std::size_t region);
/// A council's part of a column with a row of classes for each seat.
std::span<const double> probabilities_of(const world::World& w, const world::InferenceBatch::Council& council);

}  // namespace engine
}  // namespace swarm
