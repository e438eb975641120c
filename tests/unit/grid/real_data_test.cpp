// Checks against published series; skipped by name where they are absent.
#include <algorithm>
#include <cmath>
#include <map>

#include "sim/core/calendar.hpp"
#include "sim/core/csv.hpp"
#include "sim/core/stats.hpp"
#include "sim/grid/region_table.hpp"
#include "sim/grid/resample.hpp"
#include "sim/grid/signals.hpp"
#include "sim/grid/trace.hpp"
#include "tests/unit/grid/helpers.hpp"

namespace swarm::grid {
namespace {
using namespace test;

const char* kYear2022 = "carbon_intensity_2022_123zones/ci_lca_hourly_2022.csv";
const char* kZones2022 = "carbon_intensity_2022_123zones/zones.csv";
const char* kFourYears = "carbon_intensity_2021_2024_16zones/ci_lca_hourly_2021_2024.csv";
const char* kRenewables = "carbon_intensity_2021_2024_16zones/renewable_pct_hourly_2021_2024.csv";
const char* kPrices = "electricity_prices/price_usd_mwh_hourly_2020_2024.csv";
const char* kHalfHours = "lets_wait_awhile/ci_30min_2020.csv";
const char* kMix = "lets_wait_awhile/fr_production_mix.csv";

constexpr Duration kThreeHours{10800};
const std::int64_t k2022 = parse_utc("2022-01-01");

TEST(RealData, AllZonesOf2022HaveThePublishedMean) {
  SKIP_WITHOUT(kYear2022);
  SKIP_WITHOUT(kZones2022);
  const CsvTable table = CsvTable::read(shared_file(kZones2022));
  std::vector<std::string> zones;
  for (std::size_t row = 0; row < table.rows(); ++row)
    zones.emplace_back(table.cell(row, table.require_column("zone_code")));
  const auto series = read_traces(shared_file(kYear2022), zones, TraceKind::intensity, kThreeHours);
  ASSERT_EQ(series.size(), 123u);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    ASSERT_EQ(series[row].values.size(), 8760u) << zones[row];
    const double published = table.number(row, table.require_column("mean_ci_2022"));  // four decimals
    EXPECT_NEAR(mean(series[row].values), published, 0.5001e-4) << zones[row];
    if (zones[row] != "DE") continue;
    EXPECT_EQ(series[row].start_utc, k2022);
    for (std::int64_t step : {300, 3600, 7200}) {
      const auto steps = static_cast<std::size_t>(8760 * 3600 / step);
      const auto out = resample(series[row], k2022, step, steps, BeyondTrace::error);
      EXPECT_NEAR(mean(out), mean(series[row].values), 1e-12 * published);
      EXPECT_NEAR(mean(out), published, 0.5001e-4);
    }
    // Mutant: a series that begins one hour late loses an hour of the year.
    const std::vector<double> late(series[row].values.begin() + 1, series[row].values.end());
    EXPECT_GT(std::abs(mean(late) - published), 0.5001e-4);
  }
}

TEST(RealData, FourYearsAgreeWithTheSingleYear) {
  SKIP_WITHOUT(kFourYears);
  SKIP_WITHOUT(kYear2022);
  const TraceSeries four = read_trace(shared_file(kFourYears), "DE", TraceKind::intensity, kThreeHours);
  EXPECT_EQ(four.values.size(), 35064u);
  EXPECT_EQ(four.interpolated, 0u);
  const auto same_year = resample(four, k2022, 3600, 8760, BeyondTrace::error);
  const TraceSeries year = read_trace(shared_file(kYear2022), "DE", TraceKind::intensity, kThreeHours);
  const double a = mean(same_year), b = mean(year.values);
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < 8760; ++i) {
    ab += (same_year[i] - a) * (year.values[i] - b);
    aa += (same_year[i] - a) * (same_year[i] - a);
    bb += (year.values[i] - b) * (year.values[i] - b);
  }
  EXPECT_GT(ab / std::sqrt(aa * bb), 0.998);  // the data's own page says 0.999
  EXPECT_FALSE(
      read_trace(shared_file(kFourYears), "BR-CS", TraceKind::intensity, kThreeHours).values.empty());
}

TEST(RealData, PricesMayBeNegative) {
  SKIP_WITHOUT(kPrices);
  const TraceSeries price = read_trace(shared_file(kPrices), "DE", TraceKind::price, kThreeHours);
  EXPECT_EQ(price.values.size(), 43848u);
  EXPECT_LT(*std::min_element(price.values.begin(), price.values.end()), 0);
  EXPECT_FALSE(price_unit_problem(price, PriceUnit::usd_per_mwh, "", "DE"));
  EXPECT_TRUE(price_unit_problem(price, PriceUnit::usd_per_kwh, "", "DE"));
}

TEST(RealData, HalfHoursWithAMissingTail) {
  SKIP_WITHOUT(kHalfHours);
  std::map<std::string, std::size_t> lengths;
  for (const char* zone : {"DE", "GB", "FR"}) {
    const TraceSeries s = read_trace(shared_file(kHalfHours), zone, TraceKind::intensity, kThreeHours);
    EXPECT_EQ(s.start_utc, parse_utc("2020-01-01"));
    EXPECT_EQ(s.step_s, 1800);
    EXPECT_EQ(s.interpolated, 0u);
    lengths[zone] = s.values.size();
  }
  EXPECT_EQ(lengths["GB"], 18000u);
  EXPECT_EQ(lengths["DE"], 17999u);
  EXPECT_EQ(lengths["FR"], 17998u);
}

TEST(RealData, UnnamedTimeColumn) {
  SKIP_WITHOUT(kMix);
  const TraceSeries s = read_trace(shared_file(kMix), "Nuclear", TraceKind::price, kThreeHours);
  EXPECT_EQ(s.start_utc, parse_utc("2019-12-20"));
  EXPECT_EQ(s.step_s, 3600);
  EXPECT_EQ(s.values.front(), 42176);
}

TEST(RealData, SignalsOfARun) {
  SKIP_WITHOUT(kYear2022);
  SKIP_WITHOUT(kPrices);
  SKIP_WITHOUT(kRenewables);
  GridParams params;
  params.source = SignalSource::trace;
  params.trace = kYear2022;
  params.price_trace = kPrices;
  params.renewable_trace = kRenewables;
  const std::vector<Region> regions{*find_region("DE"), *find_region("BR"), *find_region("IN-WE"),
                                    *find_region("ZA")};
  const Signals s = Signals::build(params, regions, k2022, 900, 4 * 24 * 30, 1, shared_file(""));
  const TraceSeries brazil = read_trace(shared_file(kYear2022), "BR-CS", TraceKind::intensity, kThreeHours);
  const TraceSeries price = read_trace(shared_file(kPrices), "DE-LU", TraceKind::price, kThreeHours);
  EXPECT_EQ(s.intensity(RegionId{1}, 4 * 30), brazil.values[30]);
  EXPECT_DOUBLE_EQ(s.price(RegionId{0}, 4 * 30),
                   resample(price, k2022, 3600, 31, BeyondTrace::error)[30] / 1000);
  EXPECT_GT(s.renewable_share(RegionId{0}, 0), 0);
  const auto mape = s.forecast_mape(RegionId{0});
  EXPECT_GT(mape[0], 0);
  EXPECT_GT(mape[5], mape[0]);
  const std::vector<Region> kenya{*find_region("KE")};
  const std::string text =
      input_error([&] { Signals::build(params, kenya, k2022, 900, 96, 1, shared_file("")); });
  EXPECT_TRUE(has(text, "no zone \"KE\"") && has(text, "123 zones") && has(text, "22 zones")) << text;
}

}  // namespace
}  // namespace swarm::grid
