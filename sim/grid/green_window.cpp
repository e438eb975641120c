#include "sim/grid/green_window.hpp"

#include "sim/core/stats.hpp"

namespace swarm {
namespace grid {

std::vector<Window> green_windows(std::span<const double> horizon, double quantile) {
  std::vector<Window> windows;
  if (horizon.empty()) return windows;
  const double threshold = swarm::quantile(horizon, quantile);
  bool open = false;
  for (std::uint32_t i = 0; i < horizon.size(); ++i) {
    const bool green = horizon[i] < threshold;
    if (green && !open) windows.push_back({i, i});
    if (green) windows.back().last = i;
    open = green;
  }
  return windows;
}

}  // namespace grid
}  // namespace swarm
