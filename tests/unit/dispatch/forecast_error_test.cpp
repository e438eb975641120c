#include "sim/dispatch/forecast_error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "sim/core/errors.hpp"

namespace swarm::dispatch {
namespace {

std::vector<std::int64_t> errors(std::size_t count, double sigma, std::uint64_t seed) {
  std::vector<std::int64_t> truth(count, 400'000), forecast(count);
  add_forecast_error(truth, sigma, seed, forecast);
  for (std::size_t i = 0; i < count; ++i) forecast[i] -= truth[i];
  return forecast;
}

TEST(ForecastError, IsNormalWithTheGivenDeviation) {
  constexpr std::size_t kCount = 200'000;
  constexpr double kSigma = 1e6;
  const auto drawn = errors(kCount, kSigma, 5);
  double mean = 0, square = 0, lag = 0;
  int within = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    const double z = static_cast<double>(drawn[i]) / kSigma;
    mean += z / kCount;
    square += z * z / kCount;
    lag += i > 0 ? z * static_cast<double>(drawn[i - 1]) / kSigma / kCount : 0;
    within += std::abs(z) < 1;
  }
  // Four standard errors: 1/√n of the mean and of the lag, √(2/n) of the square, 0.465/√n of the share.
  const double error = 4 / std::sqrt(static_cast<double>(kCount));
  EXPECT_NEAR(mean, 0, error);
  EXPECT_NEAR(lag, 0, error);
  EXPECT_NEAR(square, 1, 1.42 * error);
  EXPECT_NEAR(within / static_cast<double>(kCount), 0.682689, 0.465 * error);
}

TEST(ForecastError, DependsOnSeedAndSlotAlone) {
  const auto one = errors(1000, 1000, 1), same = errors(1000, 1000, 1), longer = errors(2000, 1000, 1);
  EXPECT_EQ(one, same);
  EXPECT_TRUE(std::equal(one.begin(), one.end(), longer.begin()));
  EXPECT_NE(one, errors(1000, 1000, 2));
  // The bits of today, so that a published run can be repeated.
  EXPECT_EQ(errors(4, 1e6, 1), (std::vector<std::int64_t>{-397364, -1550013, 439751, 804242}));
}

TEST(ForecastError, NoneAndTooMuch) {
  EXPECT_EQ(errors(50, 0, 3), std::vector<std::int64_t>(50, 0));
  const std::vector<std::int64_t> truth(100, std::numeric_limits<std::int64_t>::max());
  std::vector<std::int64_t> forecast(100);
  EXPECT_THROW(add_forecast_error(truth, 1e3, 1, forecast), ModelError);
}

}  // namespace
}  // namespace swarm::dispatch
