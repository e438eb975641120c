#include "sim/grid/resample.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "sim/core/stats.hpp"
#include "tests/unit/grid/helpers.hpp"

namespace swarm::grid {
namespace {
using namespace test;

TraceSeries series_of(std::vector<double> values, std::int64_t step = 3600, std::int64_t start = 0) {
  return {.start_utc = start, .step_s = step, .values = std::move(values), .interpolated = 0};
}

TEST(Resample, WorkedExample) {
  // Hours 100, 200, 400 in steps of 90 min: (60·100 + 30·200)/90 = 133⅓; (30·200 + 60·400)/90 = 333⅓.
  const auto out = resample(series_of({100, 200, 400}), 0, 5400, 2, BeyondTrace::error);
  EXPECT_DOUBLE_EQ(out[0], 400.0 / 3);
  EXPECT_DOUBLE_EQ(out[1], 1000.0 / 3);
}

TEST(Resample, StepsWithinAValueKeepItExactly) {
  const auto out = resample(series_of({0.1, 0.2}), 0, 300, 24, BeyondTrace::error);
  for (std::size_t i = 0; i < 24; ++i) EXPECT_EQ(out[i], i < 12 ? 0.1 : 0.2);
}

using Method = std::vector<double> (*)(const TraceSeries&, std::int64_t, std::int64_t, std::size_t,
                                       BeyondTrace, const std::string&);

/// Mutant: the value at the beginning of a step instead of the mean over it.
std::vector<double> sampled(const TraceSeries& s, std::int64_t start, std::int64_t step, std::size_t steps,
                            BeyondTrace, const std::string&) {
  std::vector<double> out(steps);
  for (std::size_t i = 0; i < steps; ++i)
    out[i] = s.values[static_cast<std::size_t>((start + static_cast<std::int64_t>(i) * step - s.start_utc) /
                                               s.step_s)];
  return out;
}

double integral(const std::vector<double>& values, std::int64_t step) {
  CompensatedSum sum;
  for (double v : values) sum.add(v * static_cast<double>(step));
  return sum.value();
}

/// ∫ of the series over [from, to) second by second boundaries of its own steps.
double exact_integral(const TraceSeries& s, std::int64_t from, std::int64_t to) {
  CompensatedSum sum;
  for (std::size_t i = 0; i < s.values.size(); ++i) {
    const std::int64_t a = s.start_utc + static_cast<std::int64_t>(i) * s.step_s;
    const std::int64_t overlap = std::min(a + s.step_s, to) - std::max(a, from);
    if (overlap > 0) sum.add(s.values[i] * static_cast<double>(overlap));
  }
  return sum.value();
}

/// Largest relative error of the integral over many steps and starts, also such as do not divide an hour.
double worst_error(Method method) {
  std::vector<double> values(24 * 14);
  std::uint32_t state = 7;
  for (double& v : values) v = 50 + static_cast<double>((state = state * 1664525u + 1013904223u) >> 22);
  double worst = 0;
  for (std::int64_t trace_step : {900, 1800, 3600, 86400})
    for (std::int64_t step : {300, 420, 700, 1000, 3599, 3600, 5400, 10007, 100000})
      for (std::int64_t offset : {0, 17, 1799, 40000}) {
        const TraceSeries s = series_of(values, trace_step, 1640995200);
        const std::int64_t start = s.start_utc + offset;
        const auto steps = static_cast<std::size_t>((s.end_utc() - start) / step);
        if (steps == 0) continue;
        const auto out = method(s, start, step, steps, BeyondTrace::error, "trace");
        const double exact = exact_integral(s, start, start + static_cast<std::int64_t>(steps) * step);
        worst = std::max(worst, std::abs(integral(out, step) - exact) / exact);
      }
  return worst;
}

TEST(Resample, ConservesTheTimeIntegral) {
  EXPECT_LT(worst_error(resample), 1e-13);
  EXPECT_GT(worst_error(sampled), 1e-4);  // the mutant is caught
}

TEST(Resample, HalvingTheStepKeepsTheIntegral) {
  const TraceSeries s = series_of({100, 250, 75, 310, 20, 500}, 3600);
  for (std::int64_t step : {7200, 4200, 2400}) {
    const auto steps = static_cast<std::size_t>(s.end_utc() / step);
    const auto whole = resample(s, 0, step, steps, BeyondTrace::error);
    const auto half = resample(s, 0, step / 2, 2 * steps, BeyondTrace::error);
    EXPECT_NEAR(integral(whole, step), integral(half, step / 2), 1e-9);
    for (std::size_t i = 0; i < steps; ++i) EXPECT_NEAR(whole[i], (half[2 * i] + half[2 * i + 1]) / 2, 1e-12);
  }
}

TEST(Resample, BeyondTheTrace) {
  const TraceSeries s = series_of({1, 2, 3}, 3600, 7200);
  EXPECT_EQ(resample(s, 0, 3600, 8, BeyondTrace::hold), (std::vector<double>{1, 1, 1, 2, 3, 3, 3, 3}));
  EXPECT_EQ(resample(s, 0, 3600, 8, BeyondTrace::wrap), (std::vector<double>{2, 3, 1, 2, 3, 1, 2, 3}));
  EXPECT_EQ(resample(s, 0, 10800, 2, BeyondTrace::wrap), (std::vector<double>{2, 2}));
  EXPECT_EQ(resample(s, 18000, 7200, 1, BeyondTrace::wrap), (std::vector<double>{1.5}));
  const std::string text = input_error([&] { resample(s, 7200, 3600, 5, BeyondTrace::error, "a.csv"); });
  EXPECT_TRUE(has(text, "a.csv: the trace runs from 1970-01-01T02:00:00Z to 1970-01-01T05:00:00Z")) << text;
  EXPECT_TRUE(has(text, "needs 1970-01-01T02:00:00Z to 1970-01-01T07:00:00Z")) << text;
  EXPECT_TRUE(has(text, "2 h of the run")) << text;
  EXPECT_EQ(resample(s, 7200, 3600, 3, BeyondTrace::error).size(), 3u);
}

}  // namespace
}  // namespace swarm::grid
