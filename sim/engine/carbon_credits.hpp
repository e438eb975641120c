#pragma once
#include "sim/engine/exchange.hpp"

/// Carbon credits in a run (docs/models/instruments.md, "In a run"): what an answer needs is collected when its seller is
/// paid; at the end of each period credits are issued against the counterfactual run, traded, and retired once.
namespace swarm {
namespace engine {

/// The step's price of credits, which holds for a period.
void price_credits(world::World& w);
/// Moves what an answer needs from its seller's wallet to the region's account for credits; what was moved.
MicroTkn collect_for_credits(world::RegionState& r, std::uint32_t agent, std::int64_t needed_mg, std::int64_t cost);
/// Adds the step's emissions to the period's, here and in the counterfactual run.
void count_emissions(const world::World& w, world::RegionState& r);

/// At the end of a period gives every world every region's notice and pages of the registry.
void exchange_credits(Worlds worlds);
/// Throws ModelError unless all that was issued is held or retired, nothing was bought that was not sold, and where
/// nothing is needed no money is left. At the end of a period, where alone they change, the registry's pages are checked
/// lot by lot: doing so in every step would take time in the square of a run's length.
void audit_credits(Worlds worlds, std::uint32_t step);

}  // namespace engine
}  // namespace swarm
