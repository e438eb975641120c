#pragma once
#include "sim/policy/price.hpp"
#include "sim/world/world.hpp"

/// Futures in a run (docs/models/credit.md, "Futures in a run"); the phase itself is phases/trade_futures.cpp. All of
/// it does nothing where futures are switched off.
namespace swarm {
namespace engine {

/// An order is being placed at this price: the period's mean price is of all of them, by work.
void note_sale(const world::World& w, world::RegionState& r, const world::Order& order, const policy::Price& price);

/// First row of a market's positions among those of its parity: its users, then its specialists.
std::size_t first_position(const world::RegionState& r, std::size_t type);

/// What each specialist has put up as security for its positions [µTKN].
std::vector<std::int64_t> security_of(const world::RegionState& r);

/// Whether a new period of this length begins with the step; none begins with the first.
bool period_begins(const world::Plan& plan, std::uint32_t step, Duration period);

/// Positions and settled values of each contract sum to zero, no margin is negative, the margin account holds the sum
/// of all margins, which is what was posted to it and from it. Throws ModelError.
void audit_futures(const world::World& w, const world::RegionState& r);

}  // namespace engine
}  // namespace swarm
