#include "sim/core/stats.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include "sim/core/rng.hpp"

namespace {

using namespace swarm;
using Values = std::vector<double>;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// 1 + 1e100 + 1 − 1e100 is 2; plain summation gives 0, and so does Kahan's, whose correction the large
// term swallows.
TEST(Stats, CompensatedSumKeepsWhatLargeTermsSwallow) {
  const Values terms{1, 1e100, 1, -1e100};
  CompensatedSum sum;
  for (double x : terms) sum.add(x);
  EXPECT_EQ(sum.value(), 2.0);
  EXPECT_EQ(std::accumulate(terms.begin(), terms.end(), 0.0), 0.0);
  CompensatedSum tenths;
  double naive = 0;
  for (int i = 0; i < 10'000'000 / 100; ++i) {
    tenths.add(0.1);
    naive += 0.1;
  }
  EXPECT_EQ(tenths.value(), 10000.0);
  EXPECT_NE(naive, 10000.0);
  CompensatedSum infinite;
  infinite.add(kInf);
  infinite.add(1);
  EXPECT_EQ(infinite.value(), kInf);
}

TEST(Stats, Mean) {
  EXPECT_EQ(mean(Values{1, 2, 6}), 3.0);
  EXPECT_TRUE(std::isnan(mean(Values{})));
  EXPECT_TRUE(std::isnan(mean(Values{1, kNaN})));
}

// Type 7 of {1, 2, 4, 8}: position q·3. q = 0.25: 0.75 of the way from 1 to 2; q = 0.5: half way from 2 to 4;
// q = 0.9: position 2.7, so 4 + 0.7·4 = 6.8. (Type 6, for comparison, has position q·5 − 1 = 3.5 at q = 0.9.)
TEST(Stats, QuantileOfTypeSeven) {
  const Values x{8, 1, 4, 2};
  EXPECT_DOUBLE_EQ(quantile(x, 0.25), 1.75);
  EXPECT_DOUBLE_EQ(quantile(x, 0.5), 3.0);
  EXPECT_DOUBLE_EQ(quantile(x, 0.9), 6.8);
  EXPECT_EQ(quantile(x, 0.0), 1.0);
  EXPECT_EQ(quantile(x, 1.0), 8.0);
  EXPECT_EQ(quantile(Values{5}, 0.3), 5.0);
  EXPECT_EQ(quantile(Values{-kInf, kInf, kInf}, 0.75), kInf);
  EXPECT_EQ(x, (Values{8, 1, 4, 2}));
  EXPECT_TRUE(std::isnan(quantile(Values{}, 0.5)));
  EXPECT_TRUE(std::isnan(quantile(x, 1.1)));
  EXPECT_TRUE(std::isnan(quantile(x, kNaN)));
  EXPECT_TRUE(std::isnan(quantile(Values{1, kNaN, 2}, 0.5)));
}

// {1, 2, 3, 4}: absolute differences over all 16 pairs: 2·(1+2+3+1+2+1) = 20; mean 20/16 over twice the mean
// 2.5 is 1.25/5 = 0.25.
TEST(Stats, GiniByHand) {
  EXPECT_DOUBLE_EQ(gini(Values{3, 1, 4, 2}), 0.25);
  EXPECT_DOUBLE_EQ(gini(Values{0, 0, 0, 7}), 0.75);  // (n − 1)/n
  EXPECT_EQ(gini(Values{5, 5, 5}), 0.0);
}

// {1, 3}: mean 2, ratios 1/2 and 3/2: T = (0.5·ln 0.5 + 1.5·ln 1.5)/2 = (−0.346574 + 0.608198)/2 = 0.130812.
TEST(Stats, TheilByHand) {
  EXPECT_NEAR(theil(Values{1, 3}), 0.13081203594113694, 1e-15);
  EXPECT_NEAR(theil(Values{0, 0, 0, 7}), std::log(4.0), 1e-15);
  EXPECT_EQ(theil(Values{5, 5, 5}), 0.0);
}

// {1, 2, 3}: 6² / (3·14) = 36/42.
TEST(Stats, JainByHand) {
  EXPECT_DOUBLE_EQ(jain(Values{1, 2, 3}), 36.0 / 42);
  EXPECT_DOUBLE_EQ(jain(Values{0, 0, 0, 7}), 0.25);
  EXPECT_EQ(jain(Values{0.1, 0.1, 0.1}), 1.0);
}

// {1, 4}: mean 2.5. ε = 1: geometric mean 2, so 1 − 2/2.5 = 0.2. ε = 1/2: ((1 + 2)/2)² = 2.25, so 0.1.
// ε = 2: harmonic mean 2/(1 + 1/4) = 1.6, so 1 − 1.6/2.5 = 0.36.
TEST(Stats, AtkinsonByHand) {
  const Values x{1, 4};
  EXPECT_NEAR(atkinson(x, 1), 0.2, 1e-15);
  EXPECT_NEAR(atkinson(x, 0.5), 0.1, 1e-15);
  EXPECT_NEAR(atkinson(x, 2), 0.36, 1e-15);
  EXPECT_EQ(atkinson(x, 0), 0.0);
  EXPECT_NEAR(atkinson(x, 1 + 1e-7), 0.2, 1e-6);
  EXPECT_NEAR(atkinson(x, 1 + 1e-15), 0.2, 1e-7);  // where 1/(1 − ε) is useless
  EXPECT_EQ(atkinson(Values{0, 1}, 1), 1.0);
  EXPECT_EQ(atkinson(Values{0, 1}, 2), 1.0);
  EXPECT_NEAR(atkinson(Values{0, 1}, 0.5), 0.5, 1e-15);  // (1/2)² = 1/4 over the mean 1/2
  EXPECT_TRUE(std::isnan(atkinson(x, -0.1)));
  EXPECT_TRUE(std::isnan(atkinson(x, kInf)));
}

struct Index {
  const char* name;
  std::function<double(const Values&)> of;
  double at_equality;
};

const std::vector<Index> kIndices{
    {"gini", [](const Values& x) { return gini(x); }, 0},
    {"theil", [](const Values& x) { return theil(x); }, 0},
    {"jain", [](const Values& x) { return jain(x); }, 1},
    {"atkinson(0.5)", [](const Values& x) { return atkinson(x, 0.5); }, 0},
    {"atkinson(1)", [](const Values& x) { return atkinson(x, 1); }, 0},
    {"atkinson(2)", [](const Values& x) { return atkinson(x, 2); }, 0},
};

TEST(Stats, DomainOfTheIndices) {
  for (const auto& index : kIndices) {
    EXPECT_TRUE(std::isnan(index.of({}))) << index.name;
    EXPECT_EQ(index.of({0, 0, 0}), index.at_equality) << index.name;
    EXPECT_NEAR(index.of({3}), index.at_equality, 1e-15) << index.name;
    for (double bad : {-1.0, kNaN, kInf}) EXPECT_TRUE(std::isnan(index.of({1, bad}))) << index.name;
    EXPECT_TRUE(std::isfinite(index.of({1e308, 1.5e308, 1e300}))) << index.name;
    EXPECT_TRUE(std::isfinite(index.of({5e-324, 1e-310}))) << index.name;
  }
}

/// Does not change when everybody's income is multiplied, nor when the population is doubled (both are
/// defining properties of a measure of inequality), and falls when a rich man gives to a poor one.
bool is_measure_of_inequality(const std::function<double(const Values&)>& index, bool fairness) {
  RandomSequence random(Random(30, Stream::experiment), 0, 0);
  for (int trial = 0; trial < 50; ++trial) {
    Values x;
    for (int i = 0; i < 20; ++i) x.push_back(0.1 + random.uniform());
    Values scaled = x, doubled = x, shared = x;
    for (double& v : scaled) v *= 1000;
    doubled.insert(doubled.end(), x.begin(), x.end());
    const auto [poor, rich] = std::minmax_element(shared.begin(), shared.end());
    const double gift = 0.2 * (*rich - *poor);
    *poor += gift;
    *rich -= gift;
    const double value = index(x);
    if (std::fabs(index(scaled) - value) > 1e-12 || std::fabs(index(doubled) - value) > 1e-12) return false;
    if ((index(shared) < value) == fairness) return false;
  }
  return true;
}

TEST(Stats, IndicesMeasureInequality) {
  for (const auto& index : kIndices)
    EXPECT_TRUE(is_measure_of_inequality(index.of, index.at_equality == 1)) << index.name;
  const auto with_sample_correction = [](const Values& x) {  // n/(n − 1) breaks the doubling of a population
    return gini(x) * static_cast<double>(x.size()) / static_cast<double>(x.size() - 1);
  };
  EXPECT_FALSE(is_measure_of_inequality(with_sample_correction, false));
  EXPECT_FALSE(
      is_measure_of_inequality([](const Values& x) { return quantile(x, 1) - quantile(x, 0); }, false));
}

}  // namespace
