#include "sim/grid/signals.hpp"

#include <fmt/core.h>

#include <cmath>

#include "sim/core/calendar.hpp"
#include "sim/grid/region_table.hpp"
#include "tests/unit/grid/helpers.hpp"

namespace swarm::grid {
namespace {
using namespace test;

const std::int64_t kStart = parse_utc("2022-03-05");

std::vector<Region> regions_of(std::initializer_list<const char*> names) {
  std::vector<Region> out;
  for (const char* name : names) out.push_back(*find_region(name));
  return out;
}

constexpr RegionId kFirst{0}, kSecond{1};

TEST(Signals, ProfileDoesNotDependOnTheStep) {
  const auto regions = regions_of({"KE", "IN"});  // IN: half an hour off the hour
  const Signals coarse = Signals::build({}, regions, kStart, 3600, 48, 1, "");
  const Signals fine = Signals::build({}, regions, kStart, 300, 48 * 12, 1, "");
  for (RegionId r : {kFirst, kSecond})
    for (std::uint32_t hour = 0; hour < 48; ++hour) {
      EXPECT_EQ(fine.intensity(r, hour * 12 + 5), coarse.intensity(r, hour));
      EXPECT_EQ(fine.price(r, hour * 12), coarse.price(r, hour));
    }
  const Signals odd = Signals::build({}, regions, kStart, 420, 480, 1, "");  // 56 h
  double sum = 0, whole = 0;
  const Signals longer = Signals::build({}, regions, kStart, 3600, 56, 1, "");
  for (std::uint32_t i = 0; i < 480; ++i) sum += odd.intensity(kFirst, i) * 420;
  for (std::uint32_t i = 0; i < 56; ++i) whole += longer.intensity(kFirst, i) * 3600;
  EXPECT_NEAR(sum, whole, 1e-12 * whole);
}

TEST(Signals, ARegionKeepsItsWeather) {
  const Signals both = Signals::build({}, regions_of({"BD", "KE"}), kStart, 300, 600, 1, "");
  const Signals alone = Signals::build({}, regions_of({"KE"}), kStart + 30000, 300, 500, 1, "");
  const Signals other = Signals::build({}, regions_of({"KE"}), kStart + 30000, 300, 500, 2, "");
  int same = 0;
  for (std::uint32_t i = 0; i < 500; ++i) {
    EXPECT_EQ(alone.intensity(kFirst, i), both.intensity(kSecond, i + 100));
    EXPECT_EQ(alone.price(kFirst, i), both.price(kSecond, i + 100));
    same += alone.intensity(kFirst, i) == other.intensity(kFirst, i) ? 1 : 0;
  }
  EXPECT_EQ(same, 0);  // another seed is another weather
}

/// 72 hours of A and B: B lies 100 above A, hour h of A is 100 + h.
std::string three_days() {
  std::string text = "datetime_utc,A,B\n";
  for (int h = 0; h < 72; ++h)
    text += fmt::format("{},{},{}\n", utc_text(kStart + h * 3600), 100 + h, 200 + h);
  return text;
}

Region region_called(const char* name) {
  Region region;
  region.name = name;
  return region;
}

TEST(Signals, TracesReachTheStepsAndTheHorizon) {
  const TempFile file("grid.csv", three_days());
  GridParams params;
  params.source = SignalSource::trace;
  params.trace = file.path().filename();
  params.forecast = ForecastKind::perfect;
  params.forecast_horizon = {172800};
  const std::vector<Region> regions{region_called("B"), region_called("A")};
  const Signals s = Signals::build(params, regions, kStart, 1800, 96, 1, file.path().parent_path());
  EXPECT_EQ(s.steps(), 96u);
  EXPECT_EQ(s.horizon_steps(), 96u);
  EXPECT_EQ(s.regions(), 2u);
  EXPECT_EQ(s.intensity(kFirst, 3), 201);
  EXPECT_EQ(s.intensity(kSecond, 95), 147);
  EXPECT_EQ(s.forecast_intensity(kSecond, 95, 0), 147);
  EXPECT_EQ(s.forecast_intensity(kSecond, 95, 48), 171);  // the trace goes on for a day after the run
  EXPECT_EQ(s.forecast_intensity(kSecond, 95, 96), 171);  // and is held from there
  EXPECT_GE(s.bytes(), 2 * 2 * 192 * sizeof(double));
  EXPECT_EQ(s.renewable_share(kFirst, 5), regions[0].renewable_share);
  for (double error : s.forecast_mape(kSecond)) EXPECT_TRUE(error == 0 || std::isnan(error));
}

TEST(Signals, BeyondTheTrace) {
  const TempFile file("grid.csv", three_days());
  GridParams params;
  params.source = SignalSource::trace;
  params.trace = file.path();
  const std::vector<Region> regions{region_called("A"), region_called("B")};
  const auto build = [&](std::uint32_t hours) {
    return Signals::build(params, regions, kStart, 3600, hours, 1, "");
  };
  EXPECT_EQ(build(72).intensity(kFirst, 71), 171);
  const std::string text = input_error([&] { build(80); });
  EXPECT_TRUE(has(text, "zone A runs from 2022-03-05T00:00:00Z to 2022-03-08T00:00:00Z")) << text;
  EXPECT_TRUE(has(text, "zone B runs")) << text;
  EXPECT_TRUE(has(text, "8 h of the run")) << text;
  params.beyond_trace = BeyondTrace::wrap;
  EXPECT_EQ(build(80).intensity(kFirst, 72), 100);
  params.beyond_trace = BeyondTrace::hold;
  EXPECT_EQ(build(80).intensity(kFirst, 79), 171);
}

TEST(Signals, PricesAndSharesAreConverted) {
  const TempFile file("grid.csv", three_days()),
      share("share.csv",
            "time,A\n" + std::to_string(kStart) + ",25\n" + std::to_string(kStart + 86400) + ",75\n");
  GridParams params;
  params.price_trace = file.path();
  params.renewable_trace = share.path();
  std::vector<Region> regions{region_called("A")};
  const Signals s = Signals::build(params, regions, kStart, 3600, 48, 1, "");
  EXPECT_DOUBLE_EQ(s.price(kFirst, 10), 0.110);  // 110 USD/MWh
  EXPECT_DOUBLE_EQ(s.renewable_share(kFirst, 23), 0.25);
  EXPECT_DOUBLE_EQ(s.renewable_share(kFirst, 24), 0.75);
  EXPECT_DOUBLE_EQ(s.forecast_price(kFirst, 10, 5), 0.110);  // persistence
  params.price_unit = PriceUnit::usd_per_kwh;
  EXPECT_TRUE(
      has(input_error([&] { Signals::build(params, regions, kStart, 3600, 48, 1, ""); }), "usd_per_mwh"));
}

TEST(Signals, ARegionsOwnTraceIsUsedInProfileRuns) {
  const TempFile file("grid.csv", three_days());
  std::vector<Region> regions{region_called("A"), region_called("KE")};
  regions[0].trace = file.path();
  const Signals s = Signals::build({}, regions, kStart, 3600, 24, 1, "");
  EXPECT_EQ(s.intensity(kFirst, 3), 103);
  EXPECT_NE(s.intensity(kSecond, 3), 103);
}

TEST(Signals, ProblemsOfAllFilesAtOnce) {
  GridParams params;
  params.source = SignalSource::trace;
  params.price_trace = "electricity_prices/none.csv";
  std::vector<Region> regions{region_called("A"), region_called("B")};
  regions[1].trace = "absent.csv";
  const std::string text =
      input_error([&] { Signals::build(params, regions, kStart, 3600, 24, 1, "/nowhere"); });
  EXPECT_TRUE(has(text, "region A has no trace")) << text;
  EXPECT_TRUE(has(text, "/nowhere/absent.csv: trace file not found")) << text;
  EXPECT_TRUE(has(text, "sustain-cluster")) << text;
}

TEST(Signals, PersistenceErrorMatchesALoop) {
  const std::uint32_t steps = 24 * 12 * 5;
  GridParams params;
  const Signals s = Signals::build(params, regions_of({"DE"}), kStart, 300, steps, 1, "");
  const std::vector<double> mape = s.forecast_mape(kFirst);
  ASSERT_EQ(mape.size(), 24u);
  for (std::uint32_t hour : {1u, 5u, 24u}) {
    double sum = 0, mutant = 0;
    std::uint32_t n = 0;
    for (std::uint32_t i = 0; i + 12 * hour < steps; ++i, ++n) {
      const double now = s.intensity(kFirst, i), then = s.intensity(kFirst, i + 12 * hour);
      sum += std::abs(now - then) / then;
      mutant += std::abs(now - then) / now;  // the forecast as the base
    }
    EXPECT_NEAR(mape[hour - 1], 100 * sum / n, 1e-9);
    EXPECT_GT(std::abs(mape[hour - 1] - 100 * mutant / n), 1e-6);
  }
  EXPECT_GT(mape[4], mape[0]);
}

TEST(Signals, PerfectForecastsAndConstantSeriesHaveNoError) {
  GridParams params;
  params.forecast = ForecastKind::perfect;
  for (double error :
       Signals::build(params, regions_of({"DE"}), kStart, 300, 600, 1, "").forecast_mape(kFirst))
    EXPECT_EQ(error, 0);
  params = {};
  params.diurnal = params.weekly = params.seasonal = params.ar1_sigma = 0;
  for (double error :
       Signals::build(params, regions_of({"DE"}), kStart, 300, 600, 1, "").forecast_mape(kFirst))
    EXPECT_EQ(error, 0);
  // A run shorter than an hour has nothing to score.
  EXPECT_TRUE(
      std::isnan(Signals::build({}, regions_of({"DE"}), kStart, 300, 6, 1, "").forecast_mape(kFirst)[0]));
}

}  // namespace
}  // namespace swarm::grid
