#pragma once
#include <cstdint>
#include <span>
#include <vector>

/// Green windows: the intervals of a forecast horizon worth waiting for.
namespace swarm {
namespace grid {

/// Steps first … last of a horizon, both included.
struct Window {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  friend constexpr bool operator==(Window, Window) = default;
};

/// Maximal intervals in which every value lies strictly below the given quantile (type 7; 0.25 by the model)
/// of all values of the horizon, in order of time. A constant horizon has none: nothing is gained by waiting.
std::vector<Window> green_windows(std::span<const double> horizon, double quantile);

}  // namespace grid
}  // namespace swarm
