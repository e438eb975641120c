#pragma once
#include "sim/engine/exchange.hpp"

/// Emission permits in a run (docs/models/instruments.md, "In a run"): regions hold them, requests reserve them when
/// their orders are placed, and what an answer did not need comes back with its outcome.
namespace swarm {
namespace engine {

/// The step's price of carbon as the plan has it; under a cap the floor price, until permits are sold.
void price_carbon(world::World& w);
/// Where banking ends, the region loses what the last step left.
void lapse_permits(const world::World& w, world::RegionState& r);

/// Whether the region still has the permits of an order.
bool permits_suffice(const world::World& w, const world::RegionState& r, const world::Order& order);
/// Sets them aside; what is missing, which only the ceiling allows, is bought beyond the cap.
void reserve_permits(world::RegionState& r, const world::Order& order);
/// Adds the request in `row` to the region's curve: all that would be served at some price of carbon.
void count_permit_demand(world::RegionState& r, std::size_t row, world::Refusal refusal);
/// An order that is settled has used its permits; what it did not need goes back to its region.
void settle_permits(world::RegionState& r, const world::Outcome& outcome);

/// Throws ModelError unless all permits issued so far, and those beyond the cap, are held, reserved, used or lapsed, and
/// what regions have reserved is what orders and flights carry.
void audit_permits(Worlds worlds, std::uint32_t step);

}  // namespace engine
}  // namespace swarm
