#include "sim/workload/arrivals.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sim/core/errors.hpp"

namespace swarm::workload {
namespace {

constexpr std::int64_t kMonday = 1641168000;  // 2022-01-03T00:00Z
constexpr std::int64_t kWeek = 7 * 86400;
const Random kCount(1, Stream::arrival_count), kBurst(1, Stream::arrival_burst);

WorkloadParams flat() {
  WorkloadParams p;
  p.diurnal_amplitude = 0;
  p.weekend_factor = 1;
  p.burstiness = 0;
  return p;
}

double week_mean(const WorkloadParams& p, double offset_h) {
  double sum = 0;
  for (std::int64_t t = 0; t < kWeek; t += 300) sum += local_rate_factor(p, kMonday + t, offset_h);
  return sum / (static_cast<double>(kWeek) / 300);
}

TEST(LocalRate, MeanOverAWeekIsOne) {
  for (double offset : {0.0, -8.0, 5.75, 14.0})
    for (double weekend : {0.0, 0.8, 3.0}) {
      WorkloadParams p;
      p.weekend_factor = weekend;
      EXPECT_NEAR(week_mean(p, offset), 1, 1e-12);
      if (weekend != 1) {  // mutant: without the normalisation
        EXPECT_GT(std::abs(week_mean(p, offset) * (5 + 2 * weekend) / 7 - 1), 0.01);
      }
    }
}

int peak_utc_hour(const WorkloadParams& p, double offset_h) {
  int best = 0;
  for (int h = 1; h < 24; ++h)
    if (local_rate_factor(p, kMonday + 86400 + h * 3600, offset_h) >
        local_rate_factor(p, kMonday + 86400 + best * 3600, offset_h))
      best = h;
  return best;
}

TEST(LocalRate, PeaksAtTheLocalHour) {
  const WorkloadParams p;  // 15:00 local
  EXPECT_EQ(peak_utc_hour(p, 0), 15);
  EXPECT_EQ(peak_utc_hour(p, 6), 9);    // Dhaka: the mutant that adds the offset instead would say 21
  EXPECT_EQ(peak_utc_hour(p, -5), 20);  // New York, winter
}

TEST(LocalRate, WeekendIsLocal) {
  WorkloadParams p = flat();
  p.weekend_factor = 0.5;  // mean (5 + 2·0.5)/7 = 6/7: working days 7/6, weekend 7/12
  const std::int64_t friday_18 = kMonday + 4 * 86400 + 18 * 3600;  // Saturday 00:00 at UTC+6
  EXPECT_DOUBLE_EQ(local_rate_factor(p, friday_18 - 1, 6), 7.0 / 6);
  EXPECT_DOUBLE_EQ(local_rate_factor(p, friday_18, 6), 7.0 / 12);
  EXPECT_DOUBLE_EQ(local_rate_factor(p, friday_18, 0), 7.0 / 6);
  EXPECT_DOUBLE_EQ(local_rate_factor(p, friday_18 + 2 * 86400 - 1, 6), 7.0 / 12);
  EXPECT_DOUBLE_EQ(local_rate_factor(p, friday_18 + 2 * 86400, 6), 7.0 / 6);
}

TEST(ExpectedArrivals, IsTheIntegralOfTheLocalRate) {
  const WorkloadParams p;
  for (double offset : {0.0, 5.75}) {
    double sum = 0;  // midpoint rule over nine hours across a Friday midnight
    const std::int64_t start = kMonday + 4 * 86400 + 12 * 3600;
    const int seconds = 9 * 3600;
    for (int t = 0; t < seconds; t += 2) sum += 2 * local_rate_factor(p, start + t + 1, offset);
    EXPECT_NEAR(expected_arrivals(p, start, 3600, offset, seconds), sum, 1e-7 * sum);
  }
  EXPECT_NEAR(expected_arrivals(p, kMonday, 250, 3, static_cast<double>(kWeek)), 250 * 168.0, 1e-8);
}

TEST(ExpectedArrivals, WorkedByHand) {
  // Dhaka (UTC+6), Monday 09:00 UTC = 15:00 local, the peak. Working day: 7/(5 + 2·0.8) = 1.0606061. Over 300
  // s the cosine averages sin(x)/x = 1 − x²/6 = 0.9999207 at x = 2π·300/86400 = 0.0218166. So the mean factor
  // is 1.0606061·(1 + 0.5·0.9999207) = 1.5908670, and 1,000 per hour give 1.5908670·1000/12 = 132.57225.
  EXPECT_NEAR(expected_arrivals(WorkloadParams{}, kMonday + 9 * 3600, 1000, 6, 300), 132.57225, 1e-5);
}

TEST(ExpectedArrivals, HalvingTheStepLeavesTheSumUnchanged) {
  const WorkloadParams p;
  const double whole = expected_arrivals(p, kMonday + 3600, 1000, 5.75, static_cast<double>(kWeek));
  for (int dt : {86400, 3600, 900, 300, 150}) {
    double sum = 0;
    for (std::int64_t t = 0; t < kWeek; t += dt)
      sum += expected_arrivals(p, kMonday + 3600 + t, 1000, 5.75, dt);
    EXPECT_NEAR(sum, whole, 1e-10 * whole) << dt;
  }
  // Mutant: the rate at the start of each step, over a morning, when it rises.
  double left = 0;
  for (std::int64_t t = 0; t < 6 * 3600; t += 3600)
    left += 1000 * local_rate_factor(p, kMonday + 3600 + t, 0);
  EXPECT_GT(std::abs(left - expected_arrivals(p, kMonday + 3600, 1000, 0, 6 * 3600)), 10);
}

struct Sample {
  double mean, variance;
};

Sample sample_counts(const WorkloadParams& p, double rate, double step_s, int n) {
  double sum = 0, square = 0;
  for (int i = 0; i < n; ++i) {  // one step per distinct UTC hour, so that burst factors are independent
    const double x = arrival_count(p, kCount, kBurst, kMonday + 3600 * std::int64_t{i},
                                   static_cast<std::uint32_t>(i), RegionId{7}, rate, 0, step_s);
    sum += x;
    square += x * x;
  }
  const double mean = sum / n;
  return {mean, (square - n * mean * mean) / (n - 1)};
}

TEST(ArrivalCount, IsPoissonWithoutBurstiness) {
  const int n = 20000;
  const double mean = 60;  // 720 per hour · 300 s
  const Sample s = sample_counts(flat(), 720, 300, n);
  EXPECT_NEAR(s.mean, mean, 4 * std::sqrt(mean / n));
  const double error = mean * std::sqrt(2.0 / n + 1 / (mean * n));  // of a Poisson sample variance
  EXPECT_NEAR(s.variance, mean, 4 * error);
}

TEST(ArrivalCount, IsOverdispersedAsTold) {
  const int n = 20000;
  WorkloadParams p = flat();
  p.burstiness = 0.25;
  const double mean = 60, variance = mean + 0.25 * mean * mean;  // mixed Poisson: m + b·m²
  const Sample s = sample_counts(p, 720, 300, n);
  EXPECT_NEAR(s.mean, mean, 4 * std::sqrt(variance / n));
  EXPECT_NEAR(s.variance, variance,
              0.06 * variance);  // about 4 standard errors: kurtosis of the mixture below 6
  EXPECT_GT(std::abs(mean - variance), 0.5 * variance);  // mutant: plain Poisson
}

TEST(BurstFactor, HasMeanOneAndTheGivenVariance) {
  for (double b : {0.05, 1.0, 10.0}) {
    WorkloadParams p;
    p.burstiness = b;
    const int n = 100000;
    double sum = 0, square = 0;
    for (int h = 0; h < n; ++h) {
      const double g = burst_factor(p, kBurst, 400000 + h, RegionId{3});
      sum += g;
      square += (g - 1) * (g - 1);
    }
    EXPECT_NEAR(sum / n, 1, 4 * std::sqrt(b / n));
    // Var of (g − 1)²: fourth central moment 3b² + 6b³ less b².
    EXPECT_NEAR(square / n, b, 4 * std::sqrt((2 * b * b + 6 * b * b * b) / n));
  }
}

TEST(ArrivalCount, SpanningHoursUsesTheFactorOfEach) {
  WorkloadParams p = flat();
  p.burstiness = 0.5;
  const int n = 4000;
  double sum = 0, expected = 0, first_only = 0;
  for (int i = 0; i < n; ++i) {  // from 20 minutes before the hour, 100 minutes: 20 + 60 + 20
    const std::int64_t hour = kMonday / 3600 + 3 * i;
    sum += arrival_count(p, kCount, kBurst, hour * 3600 + 2400, static_cast<std::uint32_t>(i), RegionId{2},
                         600, 5.75, 6000);
    const double f0 = burst_factor(p, kBurst, hour, RegionId{2}),
                 f1 = burst_factor(p, kBurst, hour + 1, RegionId{2}),
                 f2 = burst_factor(p, kBurst, hour + 2, RegionId{2});
    expected += 200 * f0 + 600 * f1 + 200 * f2;
    first_only += 1000 * f0;
  }
  const double error = std::sqrt(expected);  // Poisson, given the factors
  EXPECT_NEAR(sum, expected, 4 * error);
  EXPECT_GT(std::abs(sum - first_only), 4 * error);  // mutant: one factor for the whole step
}

TEST(ArrivalCount, HalvingTheStepKeepsTheMean) {
  const WorkloadParams p;  // same hours, so the same burst factors: the sums differ by Poisson noise only
  double coarse = 0, fine = 0;
  for (std::uint32_t i = 0; i < 2016; ++i)
    coarse += arrival_count(p, kCount, kBurst, kMonday + 300 * std::int64_t{i}, i, RegionId{1}, 3000, 3, 300);
  for (std::uint32_t i = 0; i < 4032; ++i)
    fine += arrival_count(p, kCount, kBurst, kMonday + 150 * std::int64_t{i}, i, RegionId{1}, 3000, 3, 150);
  EXPECT_NEAR(coarse, fine, 4 * std::sqrt(coarse + fine));
}

TEST(ArrivalCount, RefusesWhatDoesNotFit) {
  EXPECT_THROW(arrival_count(flat(), kCount, kBurst, kMonday, 0, RegionId{0}, 1e12, 0, 86400), ModelError);
  EXPECT_EQ(arrival_count(flat(), kCount, kBurst, kMonday, 0, RegionId{0}, 0, 0, 300), 0u);
}

TEST(RegionShares, FollowTheSplit) {
  const RegionWeight regions[] = {{170e6, 3}, {50e6, 1}, {80e6, 0}};
  WorkloadParams p;
  const auto population = region_shares(p, regions);
  EXPECT_DOUBLE_EQ(population[0], 170.0 / 300);
  EXPECT_DOUBLE_EQ(population[1], 50.0 / 300);
  p.split = Split::equal;
  EXPECT_DOUBLE_EQ(region_shares(p, regions)[2], 1.0 / 3);
  p.split = Split::share;
  const auto share = region_shares(p, regions);
  EXPECT_DOUBLE_EQ(share[0], 0.75);
  EXPECT_EQ(share[2], 0);
}

TEST(RegionShares, RefusesWeightsThatDivideNothing) {
  WorkloadParams p;
  const RegionWeight none[] = {{0, 1}, {0, 1}}, negative[] = {{1, 1}, {-1, 1}},
                     unknown[] = {{std::numeric_limits<double>::quiet_NaN(), 1}};
  EXPECT_THROW(region_shares(p, none), InputError);
  EXPECT_THROW(region_shares(p, negative), InputError);
  EXPECT_THROW(region_shares(p, unknown), InputError);
}

}  // namespace
}  // namespace swarm::workload
