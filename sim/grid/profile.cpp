#include "sim/grid/profile.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "sim/core/calendar.hpp"
#include "sim/core/checks.hpp"
#include "sim/core/distributions.hpp"
#include "sim/core/hash.hpp"
#include "sim/core/math.hpp"
#include "sim/core/units.hpp"
#include "sim/grid/clock.hpp"

namespace swarm {
namespace grid {
namespace {

constexpr double kTau = 2 * std::numbers::pi;
constexpr double kDaysPerYear = 365.25;
constexpr std::int64_t kHour = 3600;
/// Least length of the blocks of the AR(1) clock: long enough that the start-up costs little.
constexpr std::int64_t kBlockHours = 4096;
/// What is left of an innovation before it is forgotten across a block boundary.
constexpr double kForgotten = 1e-6;

/// The replacement that [grid] states for all regions, else the region's own coefficient.
double or_own(double replacement, double own) {
  return replacement < 0 ? own : replacement;
}

/// Daily and half-daily terms at a local hour of the day.
double daily(const ProfileShape& shape, double hour) {
  double h = shape.diurnal * math::cos(kTau / 24 * (hour - shape.diurnal_peak_h));
  if (shape.half_daily != 0) h += shape.half_daily * math::cos(kTau / 12 * (hour - shape.half_daily_peak_h));
  return h;
}

/// E[max(k·Y, f)] and its derivative in k for Y = H·(1 + x), x ~ N(0, sigma²).
struct FlooredMean {
  double value;
  double slope;
};

FlooredMean floored_mean(double k, double h, double sigma, double f) {
  const double s = std::abs(h) * sigma;
  if (s == 0 || k == 0) return k * h > f ? FlooredMean{k * h, h} : FlooredMean{f, 0};
  const double d = (k * h - f) / (k * s);
  const double cdf = math::normal_cdf(d);
  const double pdf = math::exp(-0.5 * d * d) / std::sqrt(kTau);
  return {f + (k * h - f) * cdf + k * s * pdf, h * cdf + s * pdf};
}

/// Average of floored_mean over all hours of the day, days of the week and times of the year.
FlooredMean long_run_mean(const ProfileShape& shape, double k) {
  constexpr int kHours = 24;
  constexpr int kSeasons = 73;  // five-day means
  constexpr double kWorkdays = 5.0 / 7.0;
  FlooredMean sum{0, 0};
  for (int season = 0; season < kSeasons; ++season) {
    const double yearly = shape.seasonal * math::cos(kTau * (season + 0.5) / kSeasons);
    for (int hour = 0; hour < kHours; ++hour) {
      const double h = 1 + yearly + daily(shape, hour + 0.5);
      const FlooredMean work = floored_mean(k, h + shape.weekly * (1 - kWorkdays), shape.sigma, shape.floor);
      const FlooredMean rest = floored_mean(k, h - shape.weekly * kWorkdays, shape.sigma, shape.floor);
      sum.value += kWorkdays * work.value + (1 - kWorkdays) * rest.value;
      sum.slope += kWorkdays * work.slope + (1 - kWorkdays) * rest.slope;
    }
  }
  return {sum.value / (kHours * kSeasons), sum.slope / (kHours * kSeasons)};
}

}  // namespace

ProfileShape intensity_shape(const GridParams& params, const Region& region) {
  const Variation& own = region.intensity;
  const double south = region.latitude < 0 ? kDaysPerYear / 2 : 0.0;
  return {.diurnal = or_own(params.diurnal, own.diurnal),
          .diurnal_peak_h = or_own(params.diurnal_peak_h, own.diurnal_peak_h),
          .half_daily = params.diurnal < 0 ? own.half_daily : 0,
          .half_daily_peak_h = own.half_daily_peak_h,
          .weekly = or_own(params.weekly, own.weekly),
          .seasonal = or_own(params.seasonal, own.seasonal),
          .seasonal_peak_d = or_own(params.seasonal_peak_d, own.seasonal_peak_d) + south,
          .sigma = or_own(params.ar1_sigma, own.ar1_sigma),
          .phi = or_own(params.ar1_hourly, own.ar1_hourly),
          .floor = params.profile_floor};
}

ProfileShape price_shape(const GridParams& params, const Region& region) {
  const Variation& own = region.price;
  const double passed = params.price_pass_through;
  return {.diurnal = or_own(params.price_diurnal, passed * own.diurnal),
          .diurnal_peak_h = or_own(params.price_peak_h, own.diurnal_peak_h),
          .half_daily = params.price_diurnal < 0 ? passed * own.half_daily : 0,
          .half_daily_peak_h = own.half_daily_peak_h,
          .weekly = 0,
          .seasonal = 0,
          .seasonal_peak_d = 0,
          .sigma = or_own(params.price_ar1_sigma, passed * own.ar1_sigma),
          .phi = or_own(params.ar1_hourly, own.ar1_hourly),
          .floor = params.profile_floor};
}

double harmonics(const ProfileShape& shape, std::int64_t utc_seconds, double utc_offset_h) {
  const CivilTime local = civil(utc_seconds + round_half_even(utc_offset_h * kSecondsPerHour));
  const bool weekend = local.weekday >= 5;
  double h = 1 + daily(shape, local.hour_of_day);
  h += shape.weekly * (weekend ? -5.0 / 7.0 : 2.0 / 7.0);
  if (shape.seasonal != 0)
    h += shape.seasonal * math::cos(kTau * (local.year_fraction - shape.seasonal_peak_d / kDaysPerYear));
  return h;
}

double profile_scale(const ProfileShape& shape) {
  // The mean is convex and increasing in k and at least 1 at k = 1: Newton's steps go down to the root.
  double k = 1;
  for (int i = 0; i < 50; ++i) {
    const FlooredMean at = long_run_mean(shape, k);
    if (at.value - 1 < 1e-14) break;
    k -= (at.value - 1) / at.slope;
  }
  return k;
}

std::uint64_t region_key(std::string_view name) {
  return hash128(name.data(), name.size()).low;
}

void disturbance(const Random& random, std::uint64_t region_key, Disturbance which, double sigma, double phi,
                 std::int64_t first_hour, std::span<double> out) {
  EXPECT(phi >= 0 && phi < 1 && sigma >= 0);
  if (sigma == 0) {
    std::ranges::fill(out, 0.0);
    return;
  }
  const std::size_t word = which == Disturbance::intensity ? 0 : 2;
  const auto innovation = [&](std::int64_t hour) {
    const RandomBlock block = random.block(static_cast<std::uint32_t>(hour), region_key);
    return normal(uniform_open(block[word], block[word + 1]));
  };
  const auto run_up = phi > 0 ? static_cast<std::int64_t>(std::ceil(math::log(kForgotten) / math::log(phi)))
                              : std::int64_t{0};
  const std::int64_t length = std::max(kBlockHours, run_up);
  const double fresh = sigma * std::sqrt(1 - phi * phi);
  const std::int64_t end = first_hour + static_cast<std::int64_t>(out.size());
  for (std::int64_t start = first_hour; start < end;) {
    const std::int64_t block = floor_div(start, length);
    const std::int64_t stop = std::min(end, (block + 1) * length);
    std::int64_t hour = block * length - run_up;
    double x = sigma * innovation(hour);
    for (;; x = phi * x + fresh * innovation(hour)) {
      if (hour >= start) out[static_cast<std::size_t>(hour - first_hour)] = x;
      if (++hour >= stop) break;
    }
    start = stop;
  }
}

TraceSeries profile_series(const ProfileShape& shape, double scale, double mean, double utc_offset_h,
                           const Random& random, std::uint64_t region_key, Disturbance which,
                           std::int64_t start_utc, std::int64_t end_utc) {
  EXPECT(end_utc > start_utc);
  const std::int64_t first = floor_div(start_utc, kHour);
  const std::int64_t last = floor_div(end_utc - 1, kHour);
  TraceSeries series{.start_utc = first * kHour, .step_s = kHour, .values = {}, .interpolated = 0};
  series.values.resize(static_cast<std::size_t>(last - first + 1));
  disturbance(random, region_key, which, shape.sigma, shape.phi, first, series.values);
  for (std::size_t i = 0; i < series.values.size(); ++i) {
    const double h =
        harmonics(shape, series.start_utc + static_cast<std::int64_t>(i) * kHour + kHour / 2, utc_offset_h);
    series.values[i] = mean * std::max(shape.floor, scale * h * (1 + series.values[i]));
  }
  return series;
}

}  // namespace grid
}  // namespace swarm
