#pragma once
#include <cstdint>

#include "sim/core/rng.hpp"
#include "sim/grid/params.hpp"
#include "sim/grid/profile.hpp"

/// Errors of synthetic forecasts: a pure function of (seed, region, hour of issue, horizon), without any
/// state.
namespace swarm {
namespace grid {

/// Relative error e of a forecast issued in the UTC hour i for a lead of h hours: e ~ N(0, σ(h)²) with
///
///     σ(h) = σ0 + (σ24 − σ0)·h/24,      e = σ(h)·((1−u)·ε(i, n) + u·ε(i, n+1)) / √((1−u)² + u²)
///
/// where n + u = h over the correlation length, and ε are independent standard normal draws. So errors of one
/// forecast are correlated along the horizon, and independent beyond twice that length; those of different
/// hours of issue, regions and quantities are independent. The forecast is target·max(0, 1 + e).
class ForecastNoise {
 public:
  ForecastNoise(const GridParams& params, std::uint64_t seed);

  /// Relative error at a lead [s] of at least 0; `issued` in hours since 1970.
  double error(std::uint64_t region_key, Disturbance which, std::int64_t issued, double lead_s) const;

 private:
  Random random_;
  double sigma0_;
  double growth_per_s_;
  double correlation_s_;
};

}  // namespace grid
}  // namespace swarm
