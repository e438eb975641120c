#pragma once
#include <cstdint>
#include <span>
#include <vector>

/// Green windows: the stretches of a forecast's horizon that are clean by its own measure.
namespace swarm {
namespace grid {

/// 1 for each value below the given quantile (type 7) of all of them; a green window is a stretch of ones that cannot be
/// longer. A flat forecast has none.
std::vector<std::uint8_t> green_slots(std::span<const double> forecast, double quantile);

}  // namespace grid
}  // namespace swarm
