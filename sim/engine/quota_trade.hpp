#pragma once
#include <span>

#include "sim/world/world.hpp"

namespace swarm {
namespace engine {

/// The day's trade in quota among the specialists of a region (docs/models/credit.md, "Quotas in a run"): a
/// call auction at one price. `need` is what each used and missed yesterday [tok]; who has less today bids
/// for the rest, as far as its wallet goes; who has tradeable quota beyond its need offers that. Prices are
/// µTKN per 1,000 tok, all multiplicity.
void trade_quota(const world::World& w, world::RegionState& r, std::span<const std::int64_t> need,
                 economy::QuotaBook& book);

}  // namespace engine
}  // namespace swarm
