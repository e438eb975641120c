#include "sim/workload/moments.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "sim/core/errors.hpp"
#include "sim/core/math.hpp"

namespace swarm::workload {
namespace {

/// E[min(M, max(1, round(X)))] over a fine grid of quantiles: a check that shares nothing with the formula.
double mean_by_quantiles(double mean, double sigma, double most) {
  const int n = 400000;
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    const double z = math::normal_quantile((i + 0.5) / n);
    const double x = std::exp(std::log(mean) - 0.5 * sigma * sigma + sigma * z);
    sum += std::fmin(most, std::fmax(1, std::floor(x + 0.5)));
  }
  return sum / n;
}

TEST(ExpectedTok, MatchesQuantileIntegration) {
  struct Case {
    double mean, sigma, most;
  };
  for (auto [mean, sigma, most] : {Case{900, 0.8, 32768},
                                   {900, 0.8, 1000},
                                   {250, 0.8, 100},
                                   {2, 1.5, 50},
                                   {20000, 1.2, 32768},
                                   {1, 0.3, 1},
                                   {900, 0.01, 32768}}) {
    WorkloadParams p;
    p.tok_in_mean = p.tok_out_mean = mean;
    p.tok_sigma = sigma;
    p.tok_max = most;
    const double exact = mean_by_quantiles(mean, sigma, most);
    EXPECT_NEAR(expected_tok(p).in, exact, 2e-4 * exact) << mean << " " << sigma << " " << most;
    EXPECT_EQ(expected_tok(p).in, expected_tok(p).out);
  }
}

TEST(ExpectedTok, IgnoringTheCapIsRejected) {  // mutant: the mean before the cut
  WorkloadParams p;
  p.tok_max = 1000;
  EXPECT_LT(expected_tok(p).in, 0.75 * p.tok_in_mean);
}

TEST(ExpectedTok, WithoutSpreadItIsTheRoundedMean) {
  WorkloadParams p;
  p.tok_sigma = 0;
  p.tok_in_mean = 900.4;
  p.tok_out_mean = 1e6;
  EXPECT_EQ(expected_tok(p).in, 900);
  EXPECT_EQ(expected_tok(p).out, 32768);
}

TEST(TypeShares, AreNormalised) {
  WorkloadParams p;
  p.vision = 1;
  p.language = 1;
  p.reasoning = 0;
  p.memory = 0.5;
  const auto s = type_shares(p);
  EXPECT_DOUBLE_EQ(s[0], 0.4);
  EXPECT_DOUBLE_EQ(s[1], 0.4);
  EXPECT_EQ(s[2], 0);
  EXPECT_DOUBLE_EQ(s[3], 0.2);
  p = {};
  p.vision = p.language = p.reasoning = p.memory = 0;
  EXPECT_THROW(type_shares(p), InputError);
}

}  // namespace
}  // namespace swarm::workload
