#pragma once
#include "sim/world/world.hpp"

/// The ways in which orders find capacity, one file each (market.mechanism). All read the orders delivered to the
/// world's regions, admit them, send them on to their next region, or refuse them.
namespace swarm {
namespace engine {

/// Posted prices: in order of arrival, as long as the answer is expected in time.
void admit_at_posted_prices(world::World& w);
/// A call auction of what is spare, per region and problem type.
void hold_call_auctions(world::World& w);
/// A continuous double auction per region and problem type; its order book outlives the step.
void trade_in_books(world::World& w);

/// The region to try after `order.attempt` others, in the order in which its lines name them; −1 if there is none.
int region_of_attempt(const world::World& w, const world::Order& order);
/// Sends an order on that found nothing here, or home with the reason where it has tried enough. `price`: what a
/// standard request cost here, or, where nothing was sold, the best that was bid for one; 0 at posted prices [µTKN].
void pass_on(world::World& w, const world::RegionState& r, world::Order& order, world::Refusal reason, std::int64_t price);
/// What becomes of an order that is not answered: all that was set aside for it goes back.
world::Outcome unanswered(RegionId server, const world::Order& order, world::Refusal reason, std::int64_t price);
/// Sends an order home unanswered.
void refuse(world::World& w, const world::RegionState& r, const world::Order& order, world::Refusal reason, std::int64_t price);
/// Rows of the region's inbox by arrival, in scratch.by_arrival.
void sort_inbox(world::RegionState& r);

}  // namespace engine
}  // namespace swarm
