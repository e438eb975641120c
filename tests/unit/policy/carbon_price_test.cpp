// The price of carbon over time, and every way in which its file can be wrong.
#include "sim/policy/carbon_price.hpp"

#include <cmath>

#include "sim/core/calendar.hpp"
#include "tests/unit/grid/helpers.hpp"
#include "tests/unit/grid/temp_folder.hpp"

namespace swarm {
namespace policy {
namespace {

using economy::BeyondSeries;
using economy::CarbonPriceKind;
using economy::PricingParams;
using grid::test::has;
using grid::test::shared_file;

const std::int64_t kStart = parse_utc("2025-01-01"), kEnd = parse_utc("2025-01-03");
constexpr std::int64_t kYear = 31'557'600;  // 365.25 d

PricingParams series_of(const std::string& file, const std::string& column = "",
                            BeyondSeries beyond = BeyondSeries::error) {
  PricingParams p;
  p.carbon_price = CarbonPriceKind::series;
  p.carbon_series = file;
  p.carbon_column = column;
  p.carbon_beyond = beyond;
  return p;
}

CarbonPrice read(std::string_view text, const std::string& column = "", BeyondSeries beyond = BeyondSeries::error) {
  const grid::test::TempFolder folder;
  return CarbonPrice::build(series_of(folder.write("price.csv", text), column, beyond), kStart, kEnd, folder.path());
}

std::string problem(std::string_view text, const std::string& column = "", BeyondSeries beyond = BeyondSeries::error) {
  return grid::test::input_error([&] { read(text, column, beyond); });
}

TEST(CarbonPrice, ConstantAndPath) {
  PricingParams p;
  p.carbon_price_usd_per_t = 80;
  const CarbonPrice constant = CarbonPrice::build(p, kStart, kEnd, "");
  EXPECT_EQ(constant.usd_per_t(kStart), 80);
  EXPECT_EQ(constant.usd_per_t(kStart + 10 * kYear), 80);
  p.carbon_price = CarbonPriceKind::path;
  p.carbon_growth_per_year = 0.21;
  const CarbonPrice path = CarbonPrice::build(p, kStart, kEnd, "");
  EXPECT_EQ(path.usd_per_t(kStart), 80);
  EXPECT_NEAR(path.usd_per_t(kStart + kYear / 2), 88, 1e-12);       // 80·√1.21
  EXPECT_NEAR(path.usd_per_t(kStart + kYear), 96.8, 1e-12);         // 80·1.21
  EXPECT_NEAR(path.usd_per_t(kStart + 2 * kYear), 117.128, 1e-12);  // 80·1.21²
  EXPECT_NEAR(path.usd_per_t(kStart - kYear), 80 / 1.21, 1e-12);
  // Growth that is added instead of compounded would say 88.4 half a year on.
  EXPECT_GT(std::abs(path.usd_per_t(kStart + kYear / 2) - 80 * (1 + 0.21 / 2)), 0.3);
  p.carbon_growth_per_year = 0;
  EXPECT_EQ(CarbonPrice::build(p, kStart, kEnd, "").usd_per_t(kStart + 7 * kYear), 80);
  p.carbon_growth_per_year = -0.5;
  EXPECT_NEAR(CarbonPrice::build(p, kStart, kEnd, "").usd_per_t(kStart + 2 * kYear), 20, 1e-12);
}

TEST(CarbonPrice, ARowHoldsUntilTheNext) {
  const CarbonPrice p =
      read("datetime_utc,usd_per_t\n2025-01-01,50\n2025-01-01T12:00Z,60.5\n2025-01-02,0\n2025-01-03,70\n");
  EXPECT_EQ(p.usd_per_t(kStart), 50);
  EXPECT_EQ(p.usd_per_t(kStart + 43199), 50);
  EXPECT_EQ(p.usd_per_t(kStart + 43200), 60.5);
  EXPECT_EQ(p.usd_per_t(kStart + 86399), 60.5);
  EXPECT_EQ(p.usd_per_t(kStart + 86400), 0);
  EXPECT_EQ(p.usd_per_t(kEnd), 70);
  EXPECT_EQ(p.held_rows(), 0u);
}

TEST(CarbonPrice, OneColumnOfSeveral) {
  const std::string text = "week_start,EU_ETS,UK_ETS\n2025-01-01,70,\n2025-01-02,,40\n2025-01-03,75,41\n";
  const CarbonPrice eu = read(text, "EU_ETS");
  EXPECT_EQ(eu.usd_per_t(kStart), 70);
  EXPECT_EQ(eu.usd_per_t(kStart + 86400), 70);  // an empty cell is no price
  EXPECT_EQ(eu.usd_per_t(kEnd), 75);
  EXPECT_EQ(eu.held_rows(), 1u);
  // Rows before the first price are not its own: without `hold` the run starts too early for it.
  EXPECT_TRUE(has(problem(text, "UK_ETS"), "UK_ETS has prices from 2025-01-02T00:00:00Z to 2025-01-04T00:00:00Z"));
  EXPECT_EQ(read(text, "UK_ETS", BeyondSeries::hold).usd_per_t(kStart), 40);
  EXPECT_EQ(read(text, "UK_ETS", BeyondSeries::hold).held_rows(), 0u) << "nothing is held before the first";
  EXPECT_EQ(read("UK_ETS,date\n70,2025-01-01\n71,2025-01-02\n").usd_per_t(kStart), 70)
      << "the only column needs no name";
  EXPECT_EQ(read("year,EU_ETS\n2024,70\n2025,71\n2026,72\n").usd_per_t(kStart), 71);
}

TEST(CarbonPrice, BeyondTheSeries) {
  const std::string day = "datetime_utc,usd_per_t\n2025-01-01,50\n2025-01-02,60\n";  // until the 3rd
  EXPECT_EQ(read(day).usd_per_t(kEnd - 1), 60);
  const std::string hours = "datetime_utc,usd_per_t\n2025-01-01T00:00,50\n2025-01-01T12:00,60\n";
  const std::string late = problem(hours);
  EXPECT_TRUE(has(late, "prices from 2025-01-01T00:00:00Z to 2025-01-02T00:00:00Z")) << late;
  EXPECT_TRUE(has(late, "the run needs 2025-01-01T00:00:00Z to 2025-01-03T00:00:00Z")) << late;
  EXPECT_EQ(read(hours, "", BeyondSeries::hold).usd_per_t(kEnd + kYear), 60);
  EXPECT_FALSE(problem("datetime_utc,usd_per_t\n2025-01-01,50\n").empty()) << "a single price lasts for no time";
  EXPECT_EQ(read("datetime_utc,usd_per_t\n2025-01-01,50\n", "", BeyondSeries::hold).usd_per_t(kStart - 1), 50);
}

TEST(CarbonPrice, EveryProblemAtOnceWithItsPlace) {
  const std::string text =
      problem("datetime_utc,usd_per_t\n2025-01-01,50\n2025-01-02,-3\n2025-01-04,nan\n2025-01-03,x\n2025-01-03,1e999\n2025-01-05,1e7\n");
  EXPECT_TRUE(has(text, "price.csv:3:12: the carbon price -3 is negative")) << text;
  EXPECT_TRUE(has(text, "price.csv:4:12: ")) << text;
  EXPECT_TRUE(has(text, "price.csv:5:12: ")) << text;
  EXPECT_TRUE(has(text, "price.csv:6:12: ")) << text;
  EXPECT_TRUE(has(text, "price.csv:7:12: the carbon price 10000000 is above 1000000 USD/t")) << text;
  EXPECT_TRUE(has(text, "price.csv:5:1: 2025-01-03T00:00:00Z comes after 2025-01-04T00:00:00Z")) << text;
  EXPECT_TRUE(has(text, "price.csv:6:1: the stamp 2025-01-03T00:00:00Z occurs twice")) << text;
}

TEST(CarbonPrice, ProblemsOfColumnsAndStamps) {
  const std::string near = problem("date,EU_ETS,UK_ETS\n2025-01-01,1,2\n2025-01-02,1,2\n", "EU_EST");
  EXPECT_TRUE(has(near, "price.csv:1: no column \"EU_EST\" (columns of prices: EU_ETS, UK_ETS)")) << near;
  EXPECT_TRUE(has(near, "The nearest spelling is EU_ETS")) << near;
  EXPECT_TRUE(has(problem("date,EU_ETS,UK_ETS\n2025-01-01,1,2\n"), "no column \"usd_per_t\""));
  EXPECT_TRUE(has(problem("date\n2025-01-01\n"), "no column of prices"));
  EXPECT_TRUE(has(problem("date,a\n2025-01-01,\n2025-01-02,\n"), "the column a has no prices"));
  EXPECT_TRUE(has(problem("date,a\n2025-13-01,5\n"), "price.csv:2:1: \"2025-13-01\" is no time stamp"));
  EXPECT_TRUE(has(problem("year,a\n2025,5\ntwo,6\n"), "price.csv:3:1: \"two\" is no year"));
  EXPECT_TRUE(has(problem("date,a\n"), "no rows below the header"));
  EXPECT_TRUE(has(grid::test::input_error([] { CarbonPrice::build(series_of("none.csv"), kStart, kEnd, "nowhere"); }),
                  "nowhere/none.csv: carbon price series not found"));
}

TEST(CarbonPrice, PublishedSeries) {
  SKIP_WITHOUT("carbon_prices/ets_weekly_usd_per_tco2.csv");
  const auto folder = shared_file("carbon_prices");
  const std::int64_t from = parse_utc("2019-01-07"), to = parse_utc("2025-12-15");
  const CarbonPrice eu = CarbonPrice::build(series_of("ets_weekly_usd_per_tco2.csv", "EU_ETS"), from, to, folder);
  EXPECT_EQ(eu.usd_per_t(from), 25.44);
  EXPECT_EQ(eu.usd_per_t(parse_utc("2019-01-13T23:59:59")), 25.44);
  EXPECT_EQ(eu.usd_per_t(parse_utc("2019-01-14")), 26.79);
  EXPECT_EQ(eu.usd_per_t(to), 99.06);
  EXPECT_EQ(eu.held_rows(), 0u + 364 - 363) << "363 prices in 364 weeks up to its last one";
  const std::string late = grid::test::input_error(
      [&] { CarbonPrice::build(series_of("ets_weekly_usd_per_tco2.csv", "UK_ETS"), from, to, folder); });
  EXPECT_TRUE(has(late, "UK_ETS has prices from 2021-05-17")) << late;
  const CarbonPrice yearly =
      CarbonPrice::build(series_of("ets_annual_mean_usd_per_tco2.csv", "KR_ETS"), from, to, folder);
  EXPECT_EQ(yearly.usd_per_t(parse_utc("2023-06-01")), 8.75);
}

}  // namespace
}  // namespace policy
}  // namespace swarm
