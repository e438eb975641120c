#include "sim/grid/profile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sim/core/calendar.hpp"
#include "sim/core/distributions.hpp"
#include "sim/core/stats.hpp"
#include "sim/grid/region_table.hpp"

namespace swarm::grid {
namespace {

constexpr std::int64_t kYears = 20;
constexpr std::int64_t kHours = kYears * 8766;
const Random kRandom{42, Stream::grid_profile};
const std::int64_t kStart = parse_utc("2000-01-01");

std::vector<double> draws(double sigma, double phi, std::int64_t first, std::size_t n,
                          Disturbance which = Disturbance::intensity, const char* region = "KE") {
  std::vector<double> x(n);
  disturbance(kRandom, region_key(region), which, sigma, phi, first, x);
  return x;
}

double covariance(const std::vector<double>& x, const std::vector<double>& y, std::size_t lag) {
  CompensatedSum sum;
  for (std::size_t i = 0; i + lag < x.size(); ++i) sum.add(x[i] * y[i + lag]);
  return sum.value() / static_cast<double>(x.size() - lag);
}

TEST(Profile, HarmonicsWorkedExample) {
  // Saturday 2022-01-01 18:30 UTC is 00:30 on Sunday in Dhaka (UTC+6): half an hour after the daily peak,
  // weekend, and (0.5 h of 365 d) after New Year, the peak of this made-up year.
  ProfileShape shape{.diurnal = 0.2,
                     .diurnal_peak_h = 0,
                     .half_daily = 0,
                     .half_daily_peak_h = 0,
                     .weekly = 0.07,
                     .seasonal = 0.1,
                     .seasonal_peak_d = 0,
                     .sigma = 0,
                     .phi = 0,
                     .floor = 0};
  const std::int64_t t = parse_utc("2022-01-01T18:30Z");
  const double expected =
      1 + 0.2 * std::cos(2 * M_PI * 0.5 / 24) - 0.05 + 0.1 * std::cos(2 * M_PI * 24.5 / (365 * 24));
  EXPECT_NEAR(harmonics(shape, t, 6), expected, 1e-12);
  EXPECT_NEAR(harmonics(shape, t + 86400, 6) - harmonics(shape, t, 6), 0.07,
              1e-4);                                             // Monday: the weekly step
  EXPECT_GT(std::abs(harmonics(shape, t, 0) - expected), 1e-3);  // mutant: UTC for local time
}

TEST(Profile, SeasonsAreOppositeSouthOfTheEquator) {
  GridParams params;
  Region north, south;
  north.latitude = 50;
  south.latitude = -30;
  EXPECT_NEAR(intensity_shape(params, south).seasonal_peak_d - intensity_shape(params, north).seasonal_peak_d,
              365.25 / 2, 1e-12);
}

TEST(Profile, HalfDailyTermWorkedExample) {
  // Half a day's cosine of amplitude 0.1 peaks at 7 and 19 h and is lowest at 1 and 13 h. At 13:00 local time
  // the daily term (peak at 1 h) is at its minimum too: 1 − 0.2 − 0.1 = 0.7; at 19:00 it is zero: 1 + 0 + 0.1
  // = 1.1.
  const ProfileShape shape{.diurnal = 0.2, .diurnal_peak_h = 1, .half_daily = 0.1, .half_daily_peak_h = 7};
  const std::int64_t day = parse_utc("2022-03-02");
  EXPECT_NEAR(harmonics(shape, day + 13 * 3600, 0), 0.7, 1e-12);
  EXPECT_NEAR(harmonics(shape, day + 19 * 3600, 0), 1.1, 1e-12);
}

TEST(Profile, KenyaWorkedExampleOfTheModelPage) {
  // Friday 2022-07-22, 05:00 in Nairobi: 1 + 0.2679 + 0.0610 + 0.0318 + 0.0006 = 1.3613.
  const Region& kenya = *find_region("KE");
  const ProfileShape shape = intensity_shape({}, kenya);
  EXPECT_NEAR(harmonics(shape, parse_utc("2022-07-22T02:00Z"), kenya.utc_offset_h), 1.3613, 1e-4);
  Region north = kenya;
  north.latitude = 1.3;  // mutant: the season of the other half of the Earth
  EXPECT_LT(harmonics(intensity_shape({}, north), parse_utc("2022-07-22T02:00Z"), kenya.utc_offset_h), 0.9);
}

TEST(Profile, RegionsKeepTheirOwnShapeUnlessTheGridReplacesIt) {
  Region region;
  region.intensity = {0.1, 3, 0.05, 7, -0.02, 0.2, 40, 0.3, 0.9};
  region.price = {0.5, 20, 0.4, 8, 0, 0, 0, 0.6, 0.8};
  GridParams params;
  const ProfileShape own = intensity_shape(params, region);
  EXPECT_EQ(own.half_daily, 0.05);
  EXPECT_EQ(own.weekly, -0.02);
  EXPECT_EQ(own.phi, 0.9);
  params.price_pass_through = 0.5;
  const ProfileShape price = price_shape(params, region);  // half of 0.5, 0.4 and 0.6
  EXPECT_DOUBLE_EQ(price.diurnal, 0.25);
  EXPECT_DOUBLE_EQ(price.half_daily, 0.2);
  EXPECT_DOUBLE_EQ(price.sigma, 0.3);
  EXPECT_EQ(price.phi, 0.8);
  params.diurnal = params.price_diurnal = params.price_ar1_sigma = 0;
  params.ar1_hourly = 0.5;
  const ProfileShape replaced = intensity_shape(params, region);
  EXPECT_EQ(replaced.diurnal, 0);
  EXPECT_EQ(replaced.half_daily, 0) << "the stated amplitude is that of the whole daily shape";
  EXPECT_EQ(replaced.seasonal, 0.2);
  EXPECT_EQ(replaced.phi, 0.5);
  const ProfileShape flat = price_shape(params, region);
  EXPECT_EQ(flat.diurnal, 0);
  EXPECT_EQ(flat.half_daily, 0);
  EXPECT_EQ(flat.sigma, 0);
  EXPECT_EQ(flat.phi, 0.5);
}

TEST(Profile, DisturbanceIsStationaryAr1) {
  const double sigma = 0.3, phi = 0.9;
  const auto n = static_cast<double>(kHours);
  const auto x = draws(sigma, phi, kStart / 3600, static_cast<std::size_t>(kHours));
  const double mean_error = sigma * std::sqrt((1 + phi) / (1 - phi) / n);
  EXPECT_NEAR(mean(x), 0, 4 * mean_error);
  const double variance_error = sigma * sigma * std::sqrt(2 / n * (1 + phi * phi) / (1 - phi * phi));
  const double variance = covariance(x, x, 0);
  EXPECT_NEAR(variance, sigma * sigma, 4 * variance_error);
  EXPECT_GT(std::abs(variance - sigma * sigma / (1 - phi * phi)),
            4 * variance_error);  // mutant: σ as innovation
  const double correlation_error = std::sqrt((1 + phi * phi) / (1 - phi * phi) / n);
  for (std::size_t lag : {1u, 5u, 24u})
    EXPECT_NEAR(covariance(x, x, lag) / variance, std::pow(phi, lag), 4 * correlation_error) << lag;
}

TEST(Profile, DisturbancesAreIndependentOfEachOther) {
  const double error = 4 * std::sqrt((1 + 0.25) / (1 - 0.25) / 100000.0);
  const auto x = draws(1, 0.5, 0, 100000);
  EXPECT_NEAR(covariance(x, draws(1, 0.5, 0, 100000, Disturbance::price), 0), 0, error);
  EXPECT_NEAR(covariance(x, draws(1, 0.5, 0, 100000, Disturbance::intensity, "BD"), 0), 0, error);
}

/// Mutant: an AR(1) that begins where the run begins.
std::vector<double> started_by_run(double sigma, double phi, std::int64_t first, std::size_t n) {
  std::vector<double> x(n);
  double last = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const RandomBlock b =
        kRandom.block(static_cast<std::uint32_t>(first + static_cast<std::int64_t>(i)), region_key("KE"));
    last = phi * last + sigma * std::sqrt(1 - phi * phi) * normal(uniform_open(b[0], b[1]));
    x[i] = last;
  }
  return x;
}

TEST(Profile, ValueOfAnHourDoesNotDependOnWhereTheRunStarts) {
  const std::int64_t first = kStart / 3600;
  for (double phi : {0.0, 0.5, 0.96, 0.9995}) {
    const auto whole = draws(0.2, phi, first, 20000);
    for (std::int64_t later : {1, 24, 4000, 12345}) {
      const auto part = draws(0.2, phi, first + later, 3000);
      EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + later)) << phi << " " << later;
    }
  }
  const auto whole = started_by_run(0.2, 0.96, first, 2000),
             part = started_by_run(0.2, 0.96, first + 24, 100);
  EXPECT_FALSE(std::equal(part.begin(), part.end(), whole.begin() + 24));
}

TEST(Profile, BlocksJoinSeamlessly) {
  // x(h) − φ·x(h−1) must be the innovation of hour h everywhere, block boundaries included.
  const double sigma = 0.2;
  for (double phi : {0.5, 0.96, 0.9995}) {
    const auto x = draws(sigma, phi, 0, 20000);
    for (std::size_t h = 1; h < x.size(); ++h) {
      const RandomBlock b = kRandom.block(static_cast<std::uint32_t>(h), region_key("KE"));
      const double fresh = sigma * std::sqrt(1 - phi * phi) * normal(uniform_open(b[0], b[1]));
      ASSERT_NEAR(x[h] - phi * x[h - 1], fresh, 1e-5 * sigma) << phi << " " << h;
    }
  }
}

/// Long-run mean of a profile of mean 1 and its standard error.
struct LongRun {
  double mean;
  double error;
  double least;
};

LongRun long_run(const ProfileShape& shape, double scale) {
  const TraceSeries s = profile_series(shape, scale, 1, 3, kRandom, region_key("KE"), Disturbance::intensity,
                                       kStart, kStart + kHours * 3600);
  const double error =
      shape.sigma * std::sqrt((1 + shape.phi) / (1 - shape.phi) / static_cast<double>(kHours)) + 1e-5;
  return {mean(s.values), error, *std::min_element(s.values.begin(), s.values.end())};
}

TEST(Profile, LongRunMeanIsTheAnnualMean) {
  const ProfileShape shape = intensity_shape({}, {});
  const LongRun run = long_run(shape, profile_scale(shape));
  EXPECT_NEAR(run.mean, 1, 4 * run.error);
  EXPECT_GE(run.least, shape.floor);
}

TEST(Profile, TheFloorDoesNotRaiseTheMean) {
  const ProfileShape wild{.diurnal = 0.9,
                          .diurnal_peak_h = 2,
                          .half_daily = 0.2,
                          .half_daily_peak_h = 5,
                          .weekly = 0.3,
                          .seasonal = 0.6,
                          .seasonal_peak_d = 10,
                          .sigma = 0.8,
                          .phi = 0.7,
                          .floor = 0.05};
  const double scale = profile_scale(wild);
  EXPECT_LT(scale, 1);
  const LongRun run = long_run(wild, scale);
  EXPECT_NEAR(run.mean, 1, 6 * run.error);  // H up to 2.5 multiplies the disturbance
  EXPECT_EQ(run.least, 0.05);
  const LongRun mutant = long_run(wild, 1);  // floor without normalisation
  EXPECT_GT(mutant.mean - 1, 6 * mutant.error);
  ProfileShape calm = wild;
  calm.diurnal = calm.half_daily = calm.seasonal = calm.sigma = 0.1;
  EXPECT_NEAR(profile_scale(calm), 1, 1e-12);
}

TEST(Profile, NegativeHoursWork) {
  const TraceSeries s =
      profile_series(intensity_shape({}, {}), 1, 100, 0, kRandom, 1, Disturbance::intensity, -5400, 1800);
  EXPECT_EQ(s.start_utc, -7200);
  EXPECT_EQ(s.values.size(), 3u);
}

}  // namespace
}  // namespace swarm::grid
