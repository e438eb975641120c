#include "sim/grid/trace.hpp"

#include <fmt/core.h>

#include <cmath>

#include "sim/core/calendar.hpp"
#include "tests/unit/grid/helpers.hpp"

namespace swarm::grid {
namespace {
using namespace test;

constexpr Duration kThreeHours{10800};

TraceSeries read(std::string_view text, std::string_view zone = "DE", TraceKind kind = TraceKind::intensity,
                 Duration max_gap = kThreeHours) {
  const TempFile file("trace.csv", text);
  return read_trace(file.path(), zone, kind, max_gap);
}

std::string problem(std::string_view text, std::string_view zone = "DE",
                    TraceKind kind = TraceKind::intensity, Duration max_gap = kThreeHours) {
  return input_error([&] { read(text, zone, kind, max_gap); });
}

TEST(Trace, ReadsEveryLayout) {
  const std::vector<double> values{300, 310, 290};
  const std::int64_t start = parse_utc("2022-01-01T00:00Z");
  for (const char* text :
       {"datetime_utc,FR,DE\n2022-01-01T00:00Z,50,300\n2022-01-01T01:00Z,51,310\n2022-01-01T02:00Z,52,290\n",
        "datetime,DE\n2022-01-01T00:00,300\n2022-01-01T01:00,310\n2022-01-01T02:00,290\n",
        ",DE,FR\n2022-01-01 00:00:00,300,1\n2022-01-01 01:00:00,310,2\n2022-01-01 02:00:00,290,3\n",
        "timestamp,carbon_intensity\n1640995200,300\n1640998800,310\n1641002400,290\n",
        "DE,time\n300,1640995200\n310,1640998800\n290,1641002400\n",
        "zone,timestamp,value\nDE,1640995200,300\nFR,1640995200,50\nDE,1640998800,310\nDE,1641002400,290\n"
        "FR,1640998800,50\n"}) {
    const TraceSeries series = read(text);
    EXPECT_EQ(series.start_utc, start) << text;
    EXPECT_EQ(series.step_s, 3600) << text;
    EXPECT_EQ(series.values, values) << text;
    EXPECT_EQ(series.interpolated, 0u) << text;
    EXPECT_EQ(series.end_utc(), start + 3 * 3600) << text;
  }
}

TEST(Trace, ReadsHalfHoursAndAliases) {
  const TraceSeries series = read("datetime,ger,gb\n2020-01-01T00:00,300,1\n2020-01-01T00:30,310,2\n");
  EXPECT_EQ(series.step_s, 1800);
  EXPECT_EQ(series.values, (std::vector<double>{300, 310}));
}

TEST(Trace, AnEmptyZoneIsTheOnlyColumn) {
  EXPECT_EQ(read("time,XY\n0,100\n3600,200\n", "").values, (std::vector<double>{100, 200}));
  EXPECT_TRUE(has(problem("time,XY,XZ\n0,100,1\n3600,200,2\n", ""), "no zone is named"));
}

TEST(Trace, SeveralZonesFromOneFile) {
  const TempFile file("trace.csv", "time,A,B\n0,100,10\n3600,200,20\n");
  const std::vector<std::string> zones{"B", "A", "B"};
  const auto series = read_traces(file.path(), zones, TraceKind::intensity, kThreeHours);
  ASSERT_EQ(series.size(), 3u);
  EXPECT_EQ(series[0].values, (std::vector<double>{10, 20}));
  EXPECT_EQ(series[1].values, (std::vector<double>{100, 200}));
  EXPECT_EQ(series[2].values, series[0].values);
}

TEST(Trace, InterpolatesShortGapsAndCountsThem) {
  // An empty cell at 1 h, an absent row at 3 h: halves and halves between neighbours.
  const TraceSeries series = read("time,DE\n0,100\n3600,\n7200,200\n14400,400\n18000,500\n");
  EXPECT_EQ(series.values, (std::vector<double>{100, 150, 200, 300, 400, 500}));
  EXPECT_EQ(series.interpolated, 2u);
  // Three empty hours are as long as max_gap; one more is too long.
  EXPECT_EQ(read("time,DE\n0,100\n3600,\n7200,\n10800,\n14400,500\n").values,
            (std::vector<double>{100, 200, 300, 400, 500}));
}

TEST(Trace, EmptyEndsShortenIt) {
  const TraceSeries series =
      read("time,DE\n0,\n3600,100\n7200,200\n10800,\n14400,\n18000,\n21600,\n25200,\n");
  EXPECT_EQ(series.start_utc, 3600);
  EXPECT_EQ(series.values, (std::vector<double>{100, 200}));
  EXPECT_EQ(series.interpolated, 0u);
}

TEST(Trace, LongGapsAreErrorsWithTheirStamps) {
  const std::string cells = problem("time,DE\n0,100\n3600,\n7200,\n10800,\n14400,\n18000,500\n");
  EXPECT_TRUE(has(cells, ":3:")) << cells;
  EXPECT_TRUE(has(cells, "from 1970-01-01T01:00:00Z to 1970-01-01T05:00:00Z")) << cells;
  EXPECT_TRUE(has(cells, "4h are missing and grid.max_gap is 3h")) << cells;
  const std::string rows = problem("time,DE\n0,100\n3600,100\n7200,100\n25200,500\n");
  EXPECT_TRUE(has(rows, "no rows from 1970-01-01T03:00:00Z to 1970-01-01T07:00:00Z")) << rows;
}

TEST(Trace, MissingFileSaysWhereToGetIt) {
  const std::string text = input_error([] {
    read_trace("/nowhere/carbon_intensity_2022_123zones/ci_lca_hourly_2022.csv", "DE", TraceKind::intensity,
               {});
  });
  EXPECT_TRUE(has(text, "ci_lca_hourly_2022.csv: trace file not found")) << text;
  EXPECT_TRUE(has(text, "github.com/umassos/decarbonization-potential")) << text;
  EXPECT_TRUE(has(text, "run.data_dir")) << text;
}

TEST(Trace, UnknownZoneNamesTheNearest) {
  const std::string text = problem("time,US-TEX-ERCO,US-NY-NYIS\n0,100,1\n3600,200,2\n", "US-TEX-ERCOT");
  EXPECT_TRUE(has(text, ":1: no zone \"US-TEX-ERCOT\"")) << text;
  EXPECT_TRUE(has(text, "2 zones")) << text;
  EXPECT_TRUE(has(text, "nearest spelling is US-TEX-ERCO;")) << text;
  // One value column called after another zone is not taken for this one.
  EXPECT_TRUE(has(problem("time,FR\n0,100\n3600,200\n", "KE"), "no zone \"KE\""));
}

TEST(Trace, WrongUnitsAreRecognised) {
  EXPECT_TRUE(has(problem("time,DE\n0,0.3\n3600,0.4\n"), "probably kg/kWh"));
  EXPECT_TRUE(has(problem("time,DE\n0,300000\n3600,400000\n"), "probably mg/kWh"));
  EXPECT_EQ(problem("time,DE\n0,0\n3600,40\n"), "");  // a single true zero is fine
  EXPECT_TRUE(
      has(problem("time,DE\n0,0.3\n3600,0.4\n", "DE", TraceKind::share), "fractions instead of percent"));
  EXPECT_TRUE(has(problem("time,DE\n0,30\n3600,140\n", "DE", TraceKind::share), "outside 0..100"));
  EXPECT_EQ(problem("time,DE\n0,-30\n3600,0.4\n", "DE", TraceKind::price), "");
}

TEST(Trace, PriceUnitsAreRecognised) {
  const TraceSeries dear{.start_utc = 0, .step_s = 3600, .values = {50, -20, 90}, .interpolated = 0};
  const TraceSeries cheap{.start_utc = 0, .step_s = 3600, .values = {0.05, -0.02, 0.09}, .interpolated = 0};
  EXPECT_FALSE(price_unit_problem(dear, PriceUnit::usd_per_mwh, "f", "DE"));
  EXPECT_FALSE(price_unit_problem(cheap, PriceUnit::usd_per_kwh, "f", "DE"));
  EXPECT_TRUE(has(price_unit_problem(dear, PriceUnit::usd_per_kwh, "f", "DE")->text(), "usd_per_mwh"));
  EXPECT_TRUE(has(price_unit_problem(cheap, PriceUnit::usd_per_mwh, "f", "DE")->text(), "usd_per_kwh"));
}

TEST(Trace, BadClocksAreErrors) {
  EXPECT_TRUE(has(problem("time,DE\n0,100\n7200,100\n3600,100\n10800,1\n"),
                  ":4:1: 1970-01-01T01:00:00Z comes after"));
  EXPECT_TRUE(has(problem("time,DE\n0,100\n3600,100\n3600,100\n7200,1\n"),
                  ":4:1: the stamp 1970-01-01T01:00:00Z occurs"));
  EXPECT_TRUE(
      has(problem("time,DE\n0,100\n3600,100\n5000,100\n8600,1\n"), ":4:1: 1970-01-01T01:23:20Z follows"));
  EXPECT_TRUE(has(problem("time,DE\n0,100\n"), "the step of the trace cannot be told"));
  EXPECT_TRUE(has(problem("time,DE\nyesterday,100\n3600,1\n"), ":2:1: \"yesterday\" is no time stamp"));
  EXPECT_TRUE(has(problem("when,DE,FR\nfoo,100,3\n"), "no time column"));
  EXPECT_TRUE(has(problem("time,DE\n"), "no rows"));
}

TEST(Trace, BadCellsAreErrorsWithLineAndColumn) {
  EXPECT_TRUE(has(problem("time,FR,DE\n0,1,100\n3600,1,-5\n"), ":3:8: carbon intensity -5 is negative"));
  EXPECT_TRUE(has(problem("time,FR,DE\n0,1,100\n3600,1,n/a\n"), ":3:8: "));
  EXPECT_TRUE(has(problem("time,FR,DE\n0,1,\n3600,1,\n"), "zone DE has no values"));
  EXPECT_EQ(problem("time,FR,DE\n0,x,100\n3600,x,200\n"), "");  // other zones' cells do not matter
}

TEST(Trace, AllProblemsAtOnceUpToTwenty) {
  std::string text = "time,A,B\n";
  for (int i = 0; i < 50; ++i)
    text += fmt::format("{},{},{}\n", i * 3600, i == 7 ? "x" : "100", i == 9 ? -1 : 100);
  const TempFile file("trace.csv", text);
  const std::vector<std::string> zones{"A", "C", "B"};
  const std::string few =
      input_error([&] { read_traces(file.path(), zones, TraceKind::intensity, kThreeHours); });
  EXPECT_TRUE(has(few, ":9:") && has(few, "no zone \"C\"") && has(few, ":11:")) << few;

  std::string bad = "time,DE\n";
  for (int i = 0; i < 50; ++i) bad += fmt::format("{},-1\n", i * 3600);
  try {
    read(bad);
    FAIL();
  } catch (const InputError& e) {
    EXPECT_EQ(e.problems().size(), 20u);
  }
}

}  // namespace
}  // namespace swarm::grid
