#include "sim/workload/arrivals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/checks.hpp"
#include "sim/core/distributions.hpp"
#include "sim/core/math.hpp"
#include "sim/core/stats.hpp"
#include "sim/core/units.hpp"

namespace swarm {
namespace workload {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// Weekend factor of the local day `day` (days since Thursday 1970-01-01) over the mean of a week; the
/// cosine's mean over a day is 1, so it does not enter.
double weekday_factor(const WorkloadParams& params, double day) {
  const double monday_first = day + 3 - 7 * std::floor((day + 3) / 7);
  const double mean = (5 + 2 * params.weekend_factor) / 7;
  return (monday_first >= 5 ? params.weekend_factor : 1) / mean;
}

/// Integral of 1 + A·cos(2π(h − peak)/24) over local seconds [a, b) of one day [s].
double diurnal_integral(const WorkloadParams& params, double a, double b) {
  const double w = 2 * kPi / kSecondsPerDay, peak = params.peak_hour * kSecondsPerHour;
  // sin x − sin y as a product: no cancellation for short steps.
  const double mid = w * (0.5 * (a + b) - peak), half = w * 0.5 * (b - a);
  return (b - a) + params.diurnal_amplitude * 2 * math::cos(mid) * math::sin(half) / w;
}

/// Integral of local_rate_factor from `from` to `to` [s after `utc`], split at local midnights.
double rate_integral(const WorkloadParams& params, std::int64_t utc, double utc_offset_h, double from,
                     double to) {
  const double local = static_cast<double>(utc) + utc_offset_h * kSecondsPerHour;
  double sum = 0;
  for (double a = from; a < to;) {
    const double day = std::floor((local + a) / kSecondsPerDay);
    const double midnight = (day + 1) * kSecondsPerDay - local;
    const double b = std::min(to, midnight > a ? midnight : to);
    const double start = local + a - day * kSecondsPerDay;
    sum += weekday_factor(params, day) * diurnal_integral(params, start, start + (b - a));
    a = b;
  }
  return sum;
}

}  // namespace

double local_rate_factor(const WorkloadParams& params, std::int64_t utc, double utc_offset_h) {
  const double local = static_cast<double>(utc) + utc_offset_h * kSecondsPerHour;
  const double day = std::floor(local / kSecondsPerDay);
  const double hour = (local - day * kSecondsPerDay) / kSecondsPerHour;
  return weekday_factor(params, day) *
         (1 + params.diurnal_amplitude * math::cos(2 * kPi * (hour - params.peak_hour) / 24));
}

std::vector<double> region_shares(const WorkloadParams& params, std::span<const RegionWeight> regions) {
  std::vector<double> shares(regions.size(), 1);
  for (std::size_t r = 0; r < regions.size(); ++r) {
    if (params.split == Split::population) shares[r] = regions[r].population;
    if (params.split == Split::share) shares[r] = regions[r].request_share;
  }
  CompensatedSum total;
  bool sane = true;
  for (const double share : shares) {
    sane = sane && share >= 0 && std::isfinite(share);
    total.add(share);
  }
  if (!sane || !(total.value() > 0))
    throw InputError(
        Diagnostic{"", 0, 0,
                   sane ? "the regions' weights for dividing requests add up to 0"
                        : "a region's weight for dividing requests is negative or not finite",
                   "nobody would ask anything",
                   "check population or request_share of the regions, or set workload.split = \"equal\""});
  for (double& share : shares) share /= total.value();
  return shares;
}

double expected_arrivals(const WorkloadParams& params, std::int64_t step_start_utc,
                         double region_rate_per_hour, double utc_offset_h, double step_s) {
  return region_rate_per_hour / kSecondsPerHour *
         rate_integral(params, step_start_utc, utc_offset_h, 0, step_s);
}

double burst_factor(const WorkloadParams& params, const Random& burst, std::int64_t hour, RegionId region) {
  if (params.burstiness <= 0) return 1;
  RandomSequence words(burst, static_cast<std::uint32_t>(hour), RequestId(region, 0).packed);
  return gamma(words, 1 / params.burstiness) * params.burstiness;
}

std::uint32_t arrival_count(const WorkloadParams& params, const Random& count, const Random& burst,
                            std::int64_t step_start_utc, std::uint32_t step, RegionId region,
                            double region_rate_per_hour, double utc_offset_h, double step_s) {
  EXPECT(region_rate_per_hour >= 0 && step_s > 0);
  const double start = static_cast<double>(step_start_utc);
  double expected = 0;
  for (double from = 0; from < step_s;) {
    const double hour = std::floor((start + from) / kSecondsPerHour);
    const double to = std::min(step_s, (hour + 1) * kSecondsPerHour - start);
    expected += burst_factor(params, burst, static_cast<std::int64_t>(hour), region) *
                rate_integral(params, step_start_utc, utc_offset_h, from, to);
    from = to;
  }
  RandomSequence words(count, step, RequestId(region, 0).packed);
  const double mean = expected * region_rate_per_hour / kSecondsPerHour;
  constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
  const std::uint64_t n = mean < kMost ? poisson(words, mean) : std::uint64_t{kMost} + 1;
  if (n > kMost)
    throw ModelError("a region's requests of one step do not fit 32 bits; lower workload.requests_per_hour");
  return static_cast<std::uint32_t>(n);
}

}  // namespace workload
}  // namespace swarm
