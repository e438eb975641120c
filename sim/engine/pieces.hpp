#pragma once
#include <cstddef>
#include <cstdint>

#include "sim/world/world.hpp"

/// Work that is interrupted: flights whose occupancy takes several steps, under strategy interrupting.
namespace swarm {
namespace engine {

/// What a flight occupies a gang for now, and later [s].
struct PieceOfWork {
  double occupancy_s;
  double left_s;
};

/// Whole steps of which a request's users would let it be held back.
std::int64_t slack_steps(const world::Plan& plan);

/// How much of an order's work runs first: up to the end of the step if it may be interrupted and takes longer than a
/// step, else all of it.
PieceOfWork first_piece(const world::World& w, const world::Order& order, double occupancy_s);

/// Lets interrupted work of the region go on for a step, if the step is among the cheapest of those left to it by the
/// region's own forecast, or if it would else be later than in one piece. A piece that had to queue runs beyond its step.
void resume_pieces(const world::World& w, world::RegionState& r);

/// Counts the energy and carbon of an answer whose users could wait, and the carbon it would have had at once.
void note_flexible_answer(const world::World& w, world::RegionState& r, std::size_t flight);

}  // namespace engine
}  // namespace swarm
