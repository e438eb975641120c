#include "sim/dispatch/monitor.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "sim/core/rng.hpp"

namespace swarm::dispatch {
namespace {

const double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Two signals with correlation 0.6: -ln(1 - 0.36)/2 = 0.2231.
TEST(Integration, OfTwoIsTheirMutualInformation) {
  const std::vector<double> x{1, 1, -1, -1}, y{1.4, -0.2, 0.2, -1.4};  // y = 0.6 x + 0.8 z, z orthogonal to x
  std::vector<double> both(x);
  both.insert(both.end(), y.begin(), y.end());
  EXPECT_NEAR(integration(both, 4), -0.5 * std::log(1 - 0.36), 1e-12);
}

TEST(Integration, OfThreeIsTheDeterminant) {
  const Random random(9, Stream::experiment);
  constexpr std::size_t kRows = 50;
  std::vector<double> s(3 * kRows);
  for (std::uint32_t t = 0; t < kRows; ++t)
    for (std::uint32_t i = 0; i < 3; ++i) s[i * kRows + t] = uniform_open(random.block(t, i)[0]) + 0.5 * uniform_open(random.block(t, 7)[0]);
  const auto r = [&](std::size_t i, std::size_t j) {
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (std::size_t t = 0; t < kRows; ++t) {
      const double a = s[i * kRows + t], b = s[j * kRows + t];
      x += a, y += b, xx += a * a, yy += b * b, xy += a * b;
    }
    return (kRows * xy - x * y) / std::sqrt((kRows * xx - x * x) * (kRows * yy - y * y));
  };
  const double a = r(0, 1), b = r(0, 2), c = r(1, 2);
  EXPECT_NEAR(integration(s, kRows), -0.5 * std::log(1 + 2 * a * b * c - a * a - b * b - c * c), 1e-9);
}

TEST(Integration, WhereItHasNoMeaning) {
  EXPECT_TRUE(std::isnan(integration(std::vector<double>{1, 2, 3}, 3))) << "one";
  EXPECT_TRUE(std::isnan(integration(std::vector<double>{1, 2, 3, 4}, 2))) << "two points are always in line";
  EXPECT_TRUE(std::isnan(integration(std::vector<double>{1, 2, 3, 2, 4, 6}, 3))) << "one follows from the other";
  EXPECT_TRUE(std::isnan(integration(std::vector<double>{1, 2, 3, 5, 5, 5}, 3))) << "one is constant";
}

/// Five answers: three at 0.8 of which two are right, two at 0.4 of which one is: 1 − (0.4 + 0.2)/5.
TEST(SelfAssessment, WorkedExample) {
  const std::vector<double> confidence{0.8, 0.4, 0.8, 0.8, 0.4};
  const std::vector<std::uint8_t> correct{1, 1, 1, 0, 0};
  EXPECT_NEAR(self_assessment({}, confidence, correct), 1 - 0.6 / 5, 1e-12);
  EXPECT_TRUE(std::isnan(self_assessment({}, {}, {})));
  EXPECT_DOUBLE_EQ(self_assessment({}, std::vector<double>{1.0}, std::vector<std::uint8_t>{1}), 1) << "the last bin is closed";
}

TEST(Attention, CoherenceByEntropy) {
  EXPECT_NEAR(attention_coherence(std::vector<double>{0.5, 0.5, 0.5, 0.5}, 2), 1, 1e-12);
  EXPECT_NEAR(attention_coherence(std::vector<double>{1, 0, 0, 1}, 2), 0, 1e-12);
  EXPECT_NEAR(attention_coherence(std::vector<double>{1, 0, 0, 0, 1, 0, 0, 0, 1}, 3), 0, 1e-12);
  EXPECT_NEAR(attention_coherence(std::vector<double>{1, 0, 0.5, 0.5}, 2),
              1 - (-0.75 * std::log2(0.75) - 0.25 * std::log2(0.25) - 0.5), 1e-12);
  EXPECT_EQ(attention_coherence(std::vector<double>{1, 0}, 2), 1);
}

/// Thing 1 recalled as 5, 5, 6: one pair of three agrees; thing 2 as 7, 7: one of one; thing 3 once: no pair.
TEST(Memory, ConsistencyIsAgreementOfPairs) {
  EXPECT_DOUBLE_EQ(memory_consistency(std::vector<std::uint64_t>{1, 2, 1, 3, 1, 2}, std::vector<std::uint32_t>{5, 7, 5, 1, 6, 7}), 0.5);
  EXPECT_TRUE(std::isnan(memory_consistency({}, {})));
}

/// Ten readings with mean 0.5 and sample deviation sqrt(10 · 0.01 / 9) = 0.1054: beyond 0.816 is an anomaly.
TEST(Anomaly, ThreeDeviationsFromTenReadings) {
  std::vector<double> former;
  for (int k = 0; k < 10; ++k) former.push_back(k % 2 == 0 ? 0.4 : 0.6);
  EXPECT_FALSE(is_anomaly({}, former, 0.816));
  EXPECT_TRUE(is_anomaly({}, former, 0.8163));
  EXPECT_TRUE(is_anomaly({}, former, 0.18));
  EXPECT_TRUE(is_anomaly({}, former, kNaN));
  EXPECT_FALSE(is_anomaly({}, std::span(former).first(9), 100)) << "too few to say";
  former.insert(former.begin(), 1000.0);
  EXPECT_TRUE(is_anomaly({}, former, 0.8163)) << "only the last ten count";
}

TEST(Anomaly, SteadyReadingsHaveALeastDeviation) {
  const std::vector<double> steady(10, 0.7), missing(10, kNaN);
  EXPECT_FALSE(is_anomaly({}, steady, 0.729));
  EXPECT_TRUE(is_anomaly({}, steady, 0.731));
  EXPECT_FALSE(is_anomaly({}, missing, 1));
}

}  // namespace
}  // namespace swarm::dispatch
