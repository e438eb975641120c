#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sim/core/rng.hpp"
#include "sim/grid/trace.hpp"

/// Profiles: synthetic signals of a region of which only annual figures are known.
///
///     c(t) = mean · max(k · H(t) · (1 + x(t)), floor),   H = 1 + daily + half-daily + weekly + seasonal,   x
///     ~ AR(1)
///
/// on a clock of whole UTC hours, so that the signal at an instant depends neither on the run's step nor on
/// its start nor on the other regions. k makes the long-run mean equal `mean` in spite of the floor.
namespace swarm {
namespace grid {

/// Relative shape of a signal. Amplitudes are relative to the mean; peaks are local standard time.
struct ProfileShape {
  double diurnal = 0;            ///< amplitude of the daily cosine
  double diurnal_peak_h = 0;     ///< hour of day of its maximum
  double half_daily = 0;         ///< amplitude of the half-daily cosine
  double half_daily_peak_h = 0;  ///< hour of day of its first maximum
  double weekly = 0;             ///< fall from weekdays to Saturday and Sunday (zero mean over the week)
  double seasonal = 0;           ///< amplitude of the yearly cosine
  double seasonal_peak_d = 0;    ///< day of the year of its maximum in the region
  double sigma = 0;              ///< stationary standard deviation of x
  double phi = 0;                ///< autocorrelation of x at one hour, in [0, 1)
  double floor = 0;              ///< least value, relative to the mean
};

/// Shape of a region's carbon intensity: the region's own coefficients but for those that [grid] replaces;
/// the yearly peak moves by half a year south of the equator.
ProfileShape intensity_shape(const GridParams& params, const Region& region);
/// Shape of a region's electricity price: grid.price_pass_through of the wholesale price's daily terms and
/// disturbance, but for what [grid] replaces; no weekly and no yearly part.
ProfileShape price_shape(const GridParams& params, const Region& region);

/// H at an instant [seconds since 1970] of a place `utc_offset_h` ahead of UTC.
double harmonics(const ProfileShape& shape, std::int64_t utc_seconds, double utc_offset_h);

/// k such that the long-run mean of max(k·H·(1+x), floor) is 1; at most 1, and 1 where the floor never binds.
double profile_scale(const ProfileShape& shape);

/// Which of a region's two independent disturbances.
enum class Disturbance : std::uint8_t { intensity, price };

/// Key of a region among random draws: a hash of its name, so that a region keeps its weather in any
/// scenario.
std::uint64_t region_key(std::string_view name);

/// The AR(1) disturbance at hours first_hour … first_hour + out.size() − 1 (hours since 1970).
///
/// x(h) is a function of (seed, region, h) alone: the recursion x(h) = φ·x(h−1) + σ√(1−φ²)·ε(h) is started
/// from its stationary distribution at anchors fixed on the clock, n hours before each block of at least
/// 4,096 hours, with n such that φⁿ < 10⁻⁶. Its variance is exact everywhere; two sides of a block boundary
/// are joined by the n innovations they share.
void disturbance(const Random& random, std::uint64_t region_key, Disturbance which, double sigma, double phi,
                 std::int64_t first_hour, std::span<double> out);

/// Hourly series of a profile covering [start_utc, end_utc): values are of mid-hour, in units of `mean`.
TraceSeries profile_series(const ProfileShape& shape, double scale, double mean, double utc_offset_h,
                           const Random& random, std::uint64_t region_key, Disturbance which,
                           std::int64_t start_utc, std::int64_t end_utc);

}  // namespace grid
}  // namespace swarm
