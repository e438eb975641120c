// Built-in profiles against the zones they were fitted to; skipped by name where the series are absent.
// Held-out months and another year: tests/theory/profiles.py.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "sim/core/calendar.hpp"
#include "sim/grid/profile.hpp"
#include "sim/grid/region_table.hpp"
#include "tests/unit/grid/helpers.hpp"

namespace swarm::grid {
namespace {
using namespace test;

const char* kYear2022 = "carbon_intensity_2022_123zones/ci_lca_hourly_2022.csv";
const std::int64_t k2022 = parse_utc("2022-01-01");
constexpr std::uint64_t kSeeds = 8;

/// Regions with a zone of their own in the table of 2022 that varies (Indonesia's is a constant estimate).
std::vector<Region> fitted_regions() {
  std::vector<Region> out;
  for (const char* name : {"DE", "ZA", "BR", "FR", "GB", "IN-WE", "KR", "SG", "IL", "TR", "PA",
                           "CL", "PE", "UY", "PL", "ES", "IT",    "NL", "SE", "CH", "NZ"})
    out.push_back(*find_region(name));
  return out;
}

/// Daily range over the mean, and autocorrelation at 1 h and 24 h.
using Figures = std::array<double, 3>;

Figures figures(const std::vector<double>& x) {
  double mean = 0, range = 0;
  for (double v : x) mean += v / static_cast<double>(x.size());
  for (std::size_t day = 0; day < x.size() / 24; ++day) {
    const auto [low, high] = std::minmax_element(x.begin() + day * 24, x.begin() + (day + 1) * 24);
    range += (*high - *low) / static_cast<double>(x.size() / 24);
  }
  const auto covariance = [&](std::size_t lag) {
    double sum = 0;
    for (std::size_t i = 0; i + lag < x.size(); ++i) sum += (x[i] - mean) * (x[i + lag] - mean);
    return sum / static_cast<double>(x.size() - lag);
  };
  return {range / mean, covariance(1) / covariance(0), covariance(24) / covariance(0)};
}

/// Mean figures of a region's profile of 2022 over some seeds.
Figures modelled(const GridParams& params, const Region& region) {
  const ProfileShape shape = intensity_shape(params, region);
  Figures sum{};
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const TraceSeries s = profile_series(shape, profile_scale(shape), 1, region.utc_offset_h,
                                         Random(seed, Stream::grid_profile), region_key(region.name),
                                         Disturbance::intensity, k2022, k2022 + 8760 * 3600);
    const Figures one = figures(s.values);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += one[i] / static_cast<double>(kSeeds);
  }
  return sum;
}

/// Medians over regions of the error's magnitude: relative for the range, absolute for the autocorrelations.
Figures median_errors(const GridParams& params, bool tell) {
  const std::vector<Region> regions = fitted_regions();
  std::vector<std::string> zones;
  for (const Region& region : regions) zones.push_back(region.zone.empty() ? region.name : region.zone);
  const auto series = read_traces(shared_file(kYear2022), zones, TraceKind::intensity, {10800});
  std::array<std::vector<double>, 3> errors;
  for (std::size_t r = 0; r < regions.size(); ++r) {
    const Figures real = figures(series[r].values), ours = modelled(params, regions[r]);
    errors[0].push_back(std::abs(ours[0] / real[0] - 1));
    for (std::size_t i : {1u, 2u}) errors[i].push_back(std::abs(ours[i] - real[i]));
    if (tell)
      fmt::print("{:<8} range/mean {:.3f} for {:.3f}, r(1 h) {:.3f} for {:.3f}, r(24 h) {:.3f} for {:.3f}\n",
                 zones[r], ours[0], real[0], ours[1], real[1], ours[2], real[2]);
  }
  Figures out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::ranges::sort(errors[i]);
    out[i] = errors[i][errors[i].size() / 2];
  }
  return out;
}

TEST(RealData, FittedProfilesVaryLikeTheirZones) {
  SKIP_WITHOUT(kYear2022);
  const Figures own = median_errors({}, true);
  fmt::print("median |error|: range {:.1f} %, r(1 h) {:.3f}, r(24 h) {:.3f}\n", 100 * own[0], own[1], own[2]);
  EXPECT_LT(own[0], 0.12);
  EXPECT_LT(own[1], 0.004);
  EXPECT_LT(own[2], 0.11);
  // Mutant: one shape for all regions (medians over zones). The typical error of the daily range more than
  // doubles.
  GridParams common;
  const Region world;
  common.diurnal = world.intensity.diurnal;
  common.diurnal_peak_h = world.intensity.diurnal_peak_h;
  common.ar1_sigma = world.intensity.ar1_sigma;
  common.ar1_hourly = world.intensity.ar1_hourly;
  const Figures same = median_errors(common, false);
  fmt::print("one shape for all: range {:.1f} %, r(1 h) {:.3f}, r(24 h) {:.3f}\n", 100 * same[0], same[1],
             same[2]);
  EXPECT_GT(same[0], 2 * own[0]);
  EXPECT_GT(same[1], 2 * own[1]);
}

}  // namespace
}  // namespace swarm::grid
