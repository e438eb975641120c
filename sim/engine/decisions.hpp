#pragma once
#include <vector>

#include "sim/engine/quoter.hpp"

/// The few decisions about requests that are recorded with everything that went into them.
namespace swarm {
namespace engine {

/// Rows of this step's requests whose decisions are recorded, last first: record.decisions of
/// them, or all if there are fewer; a keyed draw from each of as many equal strata.
std::vector<std::size_t> sample_decisions(const world::World& w, const world::RegionState& r);

/// Adds one to the region's decisions: what was quoted for the request in `row`, and how that ended.
void record_decision(const Quoter& quoter, world::RegionState& r, std::size_t row, world::Refusal refusal);

}  // namespace engine
}  // namespace swarm
