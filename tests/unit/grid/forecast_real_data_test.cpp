// The seasonal-ar forecast against persistence on published series of 2023; skipped by name where they are
// absent.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "sim/core/calendar.hpp"
#include "sim/grid/signals.hpp"
#include "tests/unit/grid/helpers.hpp"

namespace swarm::grid {
namespace {
using namespace test;

const char* kFourYears = "carbon_intensity_2021_2024_16zones/ci_lca_hourly_2021_2024.csv";
const char* kPrices = "electricity_prices/price_usd_mwh_hourly_2020_2024.csv";

struct Zone {
  const char* name;
  double utc_offset_h;
};
/// All zones that have both an intensity and a price (GB has no price).
constexpr std::array<Zone, 15> kZones{{{"AU-NSW", 10},
                                       {"AU-VIC", 10},
                                       {"BR-SP", -3},
                                       {"CA-ON", -5},
                                       {"CL-SIC", -4},
                                       {"DE-LU", 1},
                                       {"IN-WE", 5.5},
                                       {"JP-TK", 9},
                                       {"KR", 9},
                                       {"SG", 8},
                                       {"US-CAL-CISO", -8},
                                       {"US-MIDA-PJM", -5},
                                       {"US-NY-NYIS", -5},
                                       {"US-TEX-ERCO", -6},
                                       {"ZA", 2}}};
constexpr std::array<std::size_t, 5> kHours{1, 6, 12, 18, 24};

/// Errors [%] of a year's forecasts at kHours, by zone.
using Errors = std::vector<std::array<double, kHours.size()>>;

struct Both {
  Errors intensity, price;
};

Both errors_of(ForecastKind kind) {
  std::vector<Region> regions;
  for (const auto& [name, offset] : kZones) {
    regions.emplace_back().name = name;
    regions.back().utc_offset_h = offset;
  }
  GridParams params;
  params.source = SignalSource::trace;
  params.trace = kFourYears;
  params.price_trace = kPrices;
  params.forecast = kind;
  const Signals s = Signals::build(params, regions, parse_utc("2023-01-01"), 3600, 8760, 1, shared_file(""));
  Both out;
  for (std::uint16_t r = 0; r < regions.size(); ++r) {
    const auto intensity = s.forecast_mape(RegionId{r}), price = s.forecast_price_error(RegionId{r});
    out.intensity.emplace_back();
    out.price.emplace_back();
    for (std::size_t i = 0; i < kHours.size(); ++i) {
      out.intensity.back()[i] = intensity[kHours[i] - 1];
      out.price.back()[i] = price[kHours[i] - 1];
    }
  }
  return out;
}

double middle(const Errors& errors, std::size_t at) {
  std::vector<double> column;
  for (const auto& row : errors) column.push_back(row[at]);
  std::ranges::sort(column);
  return column[column.size() / 2];
}

void print(const char* what, const Errors& learnt, const Errors& naive) {
  fmt::print("{}: error [%] of seasonal-ar/persistence after 1, 6, 12, 18, 24 h\n", what);
  for (std::size_t z = 0; z < kZones.size(); ++z) {
    fmt::print("{:<12}", kZones[z].name);
    for (std::size_t i = 0; i < kHours.size(); ++i) fmt::print(" {:5.1f}/{:5.1f}", learnt[z][i], naive[z][i]);
    fmt::print("\n");
  }
  fmt::print("{:<12}", "median");
  for (std::size_t i = 0; i < kHours.size(); ++i)
    fmt::print(" {:5.1f}/{:5.1f}", middle(learnt, i), middle(naive, i));
  fmt::print("\n");
}

/// Names of the zones in which seasonal-ar is no better than persistence at kHours[at].
std::vector<std::string> lost(const Errors& learnt, const Errors& naive, std::size_t at) {
  std::vector<std::string> out;
  for (std::size_t z = 0; z < kZones.size(); ++z)
    if (!(learnt[z][at] < naive[z][at])) out.emplace_back(kZones[z].name);
  return out;
}

TEST(RealData, SeasonalArBeatsPersistence) {
  SKIP_WITHOUT(kFourYears);
  SKIP_WITHOUT(kPrices);
  const Both learnt = errors_of(ForecastKind::seasonal_ar), naive = errors_of(ForecastKind::persistence);
  print("intensity", learnt.intensity, naive.intensity);
  print("price", learnt.price, naive.price);
  using Names = std::vector<std::string>;
  // Intensity: everywhere up to 18 h. A day ahead persistence is itself seasonal (the same hour of
  // yesterday), and better where the shape of the day changes faster than a week's memory follows.
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_EQ(lost(learnt.intensity, naive.intensity, i), Names{}) << kHours[i];
  EXPECT_EQ(lost(learnt.intensity, naive.intensity, 4), (Names{"CA-ON", "CL-SIC", "IN-WE", "US-CAL-CISO"}));
  // Price at 12 and 18 h: but for Brazil, whose weekly prices move in steps. A day ahead spikes spoil the
  // means.
  for (std::size_t i : {2u, 3u}) EXPECT_EQ(lost(learnt.price, naive.price, i), Names{"BR-SP"}) << kHours[i];
  EXPECT_EQ(lost(learnt.price, naive.price, 4), (Names{"BR-SP", "IN-WE", "JP-TK", "SG", "US-CAL-CISO",
                                                       "US-MIDA-PJM", "US-NY-NYIS", "US-TEX-ERCO"}));
  // In the middle of the zones it is wrong by far less than half at 12 h.
  EXPECT_LT(middle(learnt.intensity, 2), 0.4 * middle(naive.intensity, 2));
  EXPECT_LT(middle(learnt.price, 2), 0.7 * middle(naive.price, 2));
  for (const Errors* errors : {&learnt.intensity, &learnt.price})
    EXPECT_GT(middle(*errors, 4), 1.5 * middle(*errors, 0)) << "errors grow with the horizon";
}

}  // namespace
}  // namespace swarm::grid
