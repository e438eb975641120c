#include "sim/core/distributions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "sim/core/math.hpp"

namespace {

using namespace swarm;

constexpr std::uint32_t kDraws = 60000;
/// Keys are fixed, so a passing test passes for ever; the bound is what chance exceeds once in 30,000.
constexpr double kMostDeviations = 4;

using Sampler = std::function<double(RandomSequence&)>;

std::vector<double> sample(const Sampler& draw, std::uint32_t step) {
  const Random random(20, Stream::experiment);
  std::vector<double> x;
  for (std::uint32_t i = 0; i < kDraws; ++i) {
    RandomSequence sequence(random, step, i);
    x.push_back(draw(sequence));
  }
  return x;
}

/// Chi-square statistic as a standard normal deviate (Wilson and Hilferty 1931).
double normal_deviate(double chi_square, double freedom) {
  const double v = 2 / (9 * freedom);
  return (std::cbrt(chi_square / freedom) - (1 - v)) / std::sqrt(v);
}

/// Poisson counts against exact probabilities, in cells of at least 50 expected counts.
double poisson_misfit(const Sampler& draw, double mean) {
  std::vector<double> x = sample(draw, 1);
  std::sort(x.begin(), x.end());
  double chi_square = 0, cells = 0, expected = 0, expected_before = 0, k = 0;
  std::size_t at = 0;
  if (mean > 100) k = std::floor(mean - 12 * std::sqrt(mean));
  for (; expected_before + expected < kDraws - 50.0 && k < mean + 12 * std::sqrt(mean) + 50; ++k) {
    expected += kDraws * std::exp(k * std::log(mean) - mean - std::lgamma(k + 1));
    if (expected < 50 || expected_before + expected > kDraws - 50.0) continue;
    const std::size_t end = static_cast<std::size_t>(std::upper_bound(x.begin(), x.end(), k) - x.begin());
    const double difference = static_cast<double>(end - at) - expected;
    chi_square += difference * difference / expected;
    expected_before += expected;
    expected = 0;
    at = end;
    ++cells;
  }
  const double rest = kDraws - expected_before;
  const double difference = static_cast<double>(x.size() - at) - rest;
  chi_square += difference * difference / rest;
  return normal_deviate(chi_square, cells);
}

/// Kolmogorov and Smirnov's √n·sup|F_n − F|; 2.3 is exceeded by chance once in 20,000.
double ks_distance(std::vector<double> x, const std::function<double(double)>& cdf) {
  std::sort(x.begin(), x.end());
  const double n = static_cast<double>(x.size());
  double most = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double f = cdf(x[i]), rank = static_cast<double>(i);
    most = std::max({most, f - rank / n, (rank + 1) / n - f});
  }
  return most * std::sqrt(n);
}
constexpr double kMostDistance = 2.3;

/// Deviations of the sample mean from the mean, in standard errors.
double mean_misfit(const std::vector<double>& x, double mean, double variance) {
  double sum = 0;
  for (double v : x) sum += v - mean;
  return std::fabs(sum) / std::sqrt(variance * static_cast<double>(x.size()));
}
/// The same for the second central moment; `fourth` is the fourth central moment.
double variance_misfit(const std::vector<double>& x, double mean, double variance, double fourth) {
  double sum = 0;
  for (double v : x) sum += (v - mean) * (v - mean) - variance;
  return std::fabs(sum) / std::sqrt((fourth - variance * variance) * static_cast<double>(x.size()));
}

/// Regularised lower incomplete gamma function by its power series.
double gamma_cdf(double shape, double x) {
  if (x <= 0) return 0;
  double term = 1 / shape, sum = term;
  for (double n = shape + 1; term > sum * 1e-15; ++n) sum += term *= x / n;
  return sum * std::exp(shape * std::log(x) - x - std::lgamma(shape));
}

const Sampler kNormal = [](RandomSequence& r) { return normal(r.uniform()); };

TEST(Distributions, ExponentialFollowsItsLaw) {
  const auto x = sample([](RandomSequence& r) { return exponential(r.uniform()); }, 2);
  EXPECT_LT(ks_distance(x, [](double v) { return 1 - std::exp(-v); }), kMostDistance);
  EXPECT_LT(mean_misfit(x, 1, 1), kMostDeviations);
  EXPECT_LT(variance_misfit(x, 1, 1, 9), kMostDeviations);
  EXPECT_GT(ks_distance(x, [](double v) { return 1 - std::exp(-1.05 * v); }), kMostDistance);  // 5 % too fast
  EXPECT_EQ(exponential(0.5), -math::log(0.5));
}

TEST(Distributions, NormalFollowsItsLaw) {
  const auto x = sample(kNormal, 3);
  EXPECT_LT(ks_distance(x, math::normal_cdf), kMostDistance);
  EXPECT_LT(mean_misfit(x, 0, 1), kMostDeviations);
  EXPECT_LT(variance_misfit(x, 0, 1, 3), kMostDeviations);
  // the mutant adds up uniforms, which has the right mean and variance but thin tails
  const auto mutant =
      sample([](RandomSequence& r) { return (r.uniform() + r.uniform() + r.uniform() - 1.5) * 2; }, 3);
  EXPECT_GT(ks_distance(mutant, math::normal_cdf), kMostDistance);
}

TEST(Distributions, PoissonHasExactProbabilities) {
  for (double mean : {0.02, 0.7, 4.0, 9.99, 10.0, 37.5, 400.0, 20000.0}) {
    const Sampler draw = [mean](RandomSequence& r) { return static_cast<double>(poisson(r, mean)); };
    EXPECT_LT(poisson_misfit(draw, mean), kMostDeviations) << "mean " << mean;
  }
  const Sampler rate_off = [](RandomSequence& r) { return static_cast<double>(poisson(r, 4.0 * 1.02)); };
  EXPECT_GT(poisson_misfit(rate_off, 4.0), kMostDeviations);
  const Sampler rounded_normal = [](RandomSequence& r) {
    return std::nearbyint(37.5 + std::sqrt(37.5) * normal(r.uniform()));
  };
  EXPECT_GT(poisson_misfit(rounded_normal, 37.5), kMostDeviations);
}

TEST(Distributions, PoissonHasItsMomentsAtAnyMean) {
  std::uint32_t step = 10;
  for (double mean : {1e-3, 3.0, 9.5, 10.5, 1e3, 1e6, 1e9, 1e12, 0x1p50}) {
    const auto x =
        sample([mean](RandomSequence& r) { return static_cast<double>(poisson(r, mean)); }, step++);
    EXPECT_LT(mean_misfit(x, mean, mean), kMostDeviations) << mean;
    EXPECT_LT(variance_misfit(x, mean, mean, mean + 3 * mean * mean), kMostDeviations) << mean;
    EXPECT_GT(mean_misfit(x, mean + 0.05 * std::sqrt(mean), mean), kMostDeviations) << mean;
  }
  // far above 1e6 the law is normal to the eye of 60,000 draws; a naive ln k! would be noise here
  const double mean = 1e14;
  const auto x = sample([](RandomSequence& r) { return static_cast<double>(poisson(r, 1e14)); }, 30);
  EXPECT_LT(ks_distance(x, [&](double k) { return math::normal_cdf((k - mean) / std::sqrt(mean)); }),
            kMostDistance);
}

TEST(Distributions, PoissonAtItsEdges) {
  RandomSequence random(Random(21, Stream::experiment), 0, 0);
  EXPECT_EQ(poisson(random, 0.0), 0u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(poisson(random, 1e-300), 0u);
}

TEST(Distributions, GammaFollowsItsLaw) {
  std::uint32_t step = 50;
  for (double shape : {0.05, 0.5, 0.99, 1.0, 1.5, 4.0, 60.0}) {
    const auto x = sample([shape](RandomSequence& r) { return gamma(r, shape); }, step++);
    EXPECT_LT(ks_distance(x, [shape](double v) { return gamma_cdf(shape, v); }), kMostDistance) << shape;
    EXPECT_LT(mean_misfit(x, shape, shape), kMostDeviations) << shape;
    EXPECT_LT(variance_misfit(x, shape, shape, 3 * shape * shape + 6 * shape), kMostDeviations) << shape;
    EXPECT_TRUE(std::all_of(x.begin(), x.end(), [](double v) { return v >= 0; }));
  }
  // the mutant forgets the power of a uniform that brings shape + 1 down to shape
  const auto mutant = sample([](RandomSequence& r) { return gamma(r, 1.5) * r.uniform(); }, 70);
  EXPECT_GT(ks_distance(mutant, [](double v) { return gamma_cdf(0.5, v); }), kMostDistance);
}

TEST(Distributions, GammaOfExtremeShapes) {
  RandomSequence random(Random(22, Stream::experiment), 0, 0);
  const double tiny = gamma(random, 1e-300), large = gamma(random, 1e12);
  EXPECT_EQ(tiny, 0.0);
  EXPECT_NEAR(large / 1e12, 1, 1e-5);
}

TEST(Distributions, ADrawIsAFunctionOfItsKey) {
  const Random random(23, Stream::experiment);
  for (std::uint64_t entity : {0ull, 5ull, 1ull << 40}) {
    RandomSequence a(random, 3, entity), b(random, 3, entity), other(random, 4, entity);
    const std::uint64_t first = poisson(a, 1e6);
    EXPECT_EQ(first, poisson(b, 1e6));
    EXPECT_EQ(gamma(a, 2.5), gamma(b, 2.5));
    EXPECT_NE(first, poisson(other, 1e6));
  }
}

}  // namespace
