#include "sim/grid/green_window.hpp"

#include "sim/core/stats.hpp"

namespace swarm {
namespace grid {

std::vector<std::uint8_t> green_slots(std::span<const double> forecast, double quantile) {
  const double limit = core::quantile(forecast, quantile);
  std::vector<std::uint8_t> green;
  green.reserve(forecast.size());
  for (const double value : forecast) green.push_back(value < limit);
  return green;
}

}  // namespace grid
}  // namespace swarm
