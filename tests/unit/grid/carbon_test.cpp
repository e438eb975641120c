#include "sim/grid/carbon.hpp"

#include <algorithm>
#include <cmath>

#include "sim/core/csv.hpp"
#include "sim/core/units.hpp"
#include "sim/grid/resample.hpp"
#include "sim/grid/trace.hpp"
#include "tests/unit/grid/helpers.hpp"

namespace swarm::grid {
namespace {
using namespace test;

TEST(Carbon, WorkedExample) {
  // 100 W for 10 h at PUE 1.2 draw 1.2 kWh. At 400 g/kWh: 1.2 · 400 = 480 g.
  // With 25 % contracted and a residual mix of 500 g/kWh: 1.2 · 0.75 · 500 = 450 g.
  const double kwh_drawn = 100.0 * 10 * 1.2 / 1000;
  EXPECT_DOUBLE_EQ(location_based_g(kwh_drawn, 400), 480);
  EXPECT_DOUBLE_EQ(market_based_g(kwh_drawn, 0.25, 500), 450);
  EXPECT_DOUBLE_EQ(market_based_g(kwh_drawn, 0, 400), location_based_g(kwh_drawn, 400));
  EXPECT_DOUBLE_EQ(market_based_g(kwh_drawn, 1, 400), 0);
}

TEST(Carbon, ContractsNeverReachTheLocationBasedFigure) {
  // Mutant: taking the grid's renewable share (0.5) off once more, as the intensity contains it already.
  const auto twice = [](double kwh_drawn, double c, double renewable) {
    return kwh_drawn * c * (1 - renewable);
  };
  EXPECT_DOUBLE_EQ(location_based_g(2, 300), 600);
  EXPECT_NE(twice(2, 300, 0.5), 600);
}

/// Power [W] of the loads that simgrid_carbon_golden describes, in the hour h of 10.
double watts(const std::string& host, int hour) {
  if (host.starts_with("host_usa")) return 5;
  if (host.starts_with("host_fr")) return 100;
  return hour < 1 ? 125 : hour < 3 ? 150 : hour < 6 ? 175 : 200;
}

TEST(Carbon, AgreesWithSimGrid) {
  SKIP_WITHOUT("simgrid_carbon_golden/expected.csv");
  SKIP_WITHOUT("simgrid_carbon_golden/co2.csv");
  const CsvTable expected = CsvTable::read(shared_file("simgrid_carbon_golden/expected.csv"));
  int compared = 0;
  for (std::size_t row = 0; row < expected.rows(); ++row) {
    const std::string host(expected.cell(row, expected.require_column("host")));
    const bool fixed = expected.cell(row, expected.require_column("intensity")) == "static";
    std::vector<double> intensity(
        10, fixed ? expected.number(row, expected.require_column("static_g_per_kwh")) : 0);
    if (!fixed) {
      const TraceSeries trace =
          read_trace(shared_file("simgrid_carbon_golden/co2.csv"), host, TraceKind::intensity, Duration{0});
      EXPECT_EQ(trace.start_utc, 0);
      intensity = resample(trace, 0, 3600, 10, BeyondTrace::error);
    }
    double joules = 0, grams = 0, late = 0;
    for (int hour = 0; hour < 10; ++hour) {
      const double energy = watts(host, hour) * kSecondsPerHour;
      joules += energy;
      grams += location_based_g(energy / kJoulesPerKwh, intensity[hour]);
      late += location_based_g(energy / kJoulesPerKwh, intensity[std::max(0, hour - 1)]);
    }
    EXPECT_DOUBLE_EQ(joules, expected.number(row, expected.require_column("expected_energy_j"))) << host;
    const double golden = expected.number(row, expected.require_column("expected_co2_g"));
    EXPECT_NEAR(grams, golden, 1e-9 * golden) << host;
    if (!fixed) {
      EXPECT_GT(std::abs(late - golden), 1e-6 * golden) << host;  // mutant: the hour before
    }
    ++compared;
  }
  EXPECT_EQ(compared, 6);
}

}  // namespace
}  // namespace swarm::grid
