#include "sim/dispatch/load_predictor.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "sim/core/rng.hpp"

namespace swarm::dispatch {
namespace {

/// The formula as it stands, from sums of raw products.
double naive(const std::vector<std::vector<double>>& series) {
  const std::size_t n = series.size(), rows = series[0].size();
  double sum = 0, squares = 0;
  for (const auto& s : series) sum += s.back(), squares += s.back() * s.back();
  const double variance = squares / static_cast<double>(n) - sum / static_cast<double>(n) * sum / static_cast<double>(n);
  double total = 0;
  const auto m = static_cast<double>(rows);
  for (std::size_t a = 0; a < n; ++a)
    for (std::size_t b = a + 1; b < n; ++b) {
      double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
      for (std::size_t t = 0; t < rows; ++t) {
        x += series[a][t], y += series[b][t];
        xx += series[a][t] * series[a][t], yy += series[b][t] * series[b][t], xy += series[a][t] * series[b][t];
      }
      total += std::abs((m * xy - x * y) / std::sqrt((m * xx - x * x) * (m * yy - y * y)));
    }
  return 0.7 * (1 - std::min(variance / 0.25, 1.0)) + 0.3 * total / (static_cast<double>(n) * static_cast<double>(n - 1) / 2);
}

LoadPrediction predicted(const std::vector<float>& load, std::size_t agents, const PredictorParams& p = {}) {
  return predict_load(p, {load, agents});
}

/// The worked example of docs/models/context.md: variance 0.04, correlation 1.
TEST(Synchrony, WorkedExample) {
  const std::vector<float> load{0.1f, 0.5f, 0.2f, 0.6f, 0.3f, 0.7f};
  EXPECT_NEAR(synchrony({}, {load, 2}), 0.7 * (1 - 0.04 / 0.25) + 0.3, 1e-6);
  EXPECT_NEAR(synchrony({}, {std::span(load).first(4), 2}), 0.7 * (1 - 0.04 / 0.25), 1e-6) << "two readings: the first term alone";
}

TEST(Synchrony, IsTheFormula) {
  const Random random(5, Stream::experiment);
  for (std::uint32_t trial = 0; trial < 100; ++trial) {
    const std::size_t n = 2 + trial % 9, rows = 3 + trial % 8;
    std::vector<std::vector<double>> series(n, std::vector<double>(rows));
    std::vector<float> load(n * rows);
    for (std::uint32_t t = 0; t < rows; ++t)
      for (std::uint32_t a = 0; a < n; ++a) {
        load[t * n + a] = static_cast<float>(uniform_open(random.block(trial, a, t)[0]));
        series[a][t] = static_cast<double>(load[t * n + a]);
      }
    ASSERT_NEAR(synchrony({}, {load, n}), naive(series), 1e-9) << trial;
  }
}

TEST(Synchrony, OfFewIsNone) {
  const std::vector<float> load{0.2f, 0.9f, 0.5f};
  EXPECT_EQ(synchrony({}, {load, 1}), 0);
  EXPECT_EQ(synchrony({}, {{}, 4}), 0);
  EXPECT_EQ(synchrony({}, {{}, 0}), 0);
}

TEST(Synchrony, WhatDoesNotChangeIsNotCorrelated) {
  const std::vector<float> idle(30, 0.1f);
  EXPECT_NEAR(synchrony({}, {idle, 3}), 0.7, 1e-12);
}

/// An idle swarm in lockstep: the plain rule fires, the level gate does not.
TEST(Prediction, GateKeepsIdleSwarmsQuiet) {
  std::vector<float> load;
  for (int t = 0; t < 10; ++t)
    for (int a = 0; a < 4; ++a) load.push_back(0.02f + 0.01f * static_cast<float>(t % 2));
  const auto idle = predicted(load, 4);
  EXPECT_GT(idle.synchrony, 0.99);
  EXPECT_TRUE(idle.plain);
  EXPECT_FALSE(idle.gated);
  for (float& x : load) x += 0.6f;
  EXPECT_TRUE(predicted(load, 4).gated);
  EXPECT_NEAR(predicted(load, 4).mean, 0.63, 1e-6);
}

TEST(Prediction, TwoThatPassSeventyPercentAtOnce) {
  const std::vector<float> one{0.1f, 0.69f, 0.2f, 0.1f, 0.7f, 0.6f}, two{0.1f, 0.69f, 0.2f, 0.1f, 0.7f, 0.9f},
      stayed{0.1f, 0.7f, 0.8f, 0.1f, 0.9f, 0.9f};
  EXPECT_EQ(predicted(one, 3).crossed, 1u);
  EXPECT_FALSE(predicted(one, 3).gated);
  EXPECT_EQ(predicted(two, 3).crossed, 2u);
  EXPECT_TRUE(predicted(two, 3).gated);
  EXPECT_EQ(predicted(stayed, 3).crossed, 0u);
  EXPECT_FALSE(predicted(stayed, 3).plain);
}

}  // namespace
}  // namespace swarm::dispatch
