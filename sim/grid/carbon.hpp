#pragma once
#include "sim/core/checks.hpp"

/// The two methods of the GHG Protocol Scope 2 Guidance (World Resources Institute, 2015). Both are always
/// computed. The grid's own renewable share enters neither: an average intensity contains it already.
namespace swarm {
namespace grid {

/// Location-based emissions [g]: energy drawn from the grid [kWh, PUE included] times the grid's average
/// intensity [g/kWh] at that time.
inline double location_based_g(double grid_kwh, double intensity) {
  return grid_kwh * intensity;
}

/// Market-based emissions [g]: the contracted renewable share [0..1] counts as zero, the remainder at the
/// residual mix's intensity [g/kWh] (the location's average where no residual mix is known).
inline double market_based_g(double grid_kwh, double contracted_share, double residual_intensity) {
  EXPECT(contracted_share >= 0 && contracted_share <= 1);
  return grid_kwh * (1 - contracted_share) * residual_intensity;
}

}  // namespace grid
}  // namespace swarm
