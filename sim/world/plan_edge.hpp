#pragma once
#include "sim/world/plan.hpp"

/// The part of a plan that is about where specialists fit. Internal to the room.
namespace swarm {
namespace world {

/// Shares `total` out over `weights` by largest remainder; ties go to the earlier row.
std::vector<std::uint64_t> share_out(std::uint64_t total, const std::vector<double>& weights);

/// With hardware.edge_envelope = enforce: in regions where a specialist would break the envelope of the site it lives at,
/// the specialists of each type are divided anew, by capacity, over the sites that they fit. Specialists must be placed.
/// Throws InputError with every limit that is broken where a type fits none of its region's sites.
void keep_envelope(Plan& plan);

}  // namespace world
}  // namespace swarm
