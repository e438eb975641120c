// Noisy and seasonal-ar forecasts on made-up series.
#include <fmt/core.h>

#include <cmath>
#include <numbers>

#include "sim/core/calendar.hpp"
#include "sim/grid/region_table.hpp"
#include "sim/grid/signals.hpp"
#include "tests/unit/grid/helpers.hpp"

namespace swarm::grid {
namespace {
using namespace test;

const std::int64_t kMonday = parse_utc("2022-03-07");
constexpr RegionId kFirst{0};
constexpr double kHour = 3600;

GridParams with(ForecastKind kind) {
  GridParams params;
  params.forecast = kind;
  return params;
}

/// Sample moments of noise errors at two leads over n hours of issue.
struct Moments {
  double mean, sd, sd_later, correlation;
};

Moments moments(const ForecastNoise& noise, double lead_h, double later_h, int n) {
  double a = 0, aa = 0, bb = 0, ab = 0;
  for (int i = 0; i < n; ++i) {
    const double x = noise.error(7, Disturbance::intensity, i, lead_h * kHour);
    const double y = noise.error(7, Disturbance::intensity, i, later_h * kHour);
    a += x, aa += x * x, bb += y * y, ab += x * y;
  }
  return {a / n, std::sqrt(aa / n), std::sqrt(bb / n), ab / std::sqrt(aa * bb)};
}

TEST(ForecastNoise, GrowsFromSigma0ToSigma24AndIsCorrelatedAlongTheHorizon) {
  GridParams params;
  params.forecast_sigma0 = 0.02;
  params.forecast_sigma24 = 0.14;
  params.forecast_correlation = {6 * kHour};
  const ForecastNoise noise(params, 1);
  constexpr int n = 40000;
  const double error = 4 / std::sqrt(2.0 * n);  // of a standard deviation, relative; four standard errors
  // σ(h) = 0.02 + 0.12 h/24: 0.03 at 2 h, 0.08 at 12 h, 0.14 at 24 h, 0.38 at 72 h.
  for (const auto& [h, sigma] : {std::pair{2.0, 0.03}, {12.0, 0.08}, {24.0, 0.14}, {72.0, 0.38}}) {
    const Moments m = moments(noise, h, h, n);
    EXPECT_NEAR(m.sd, sigma, error * sigma) << h;
    EXPECT_NEAR(m.mean, 0, 4 * sigma / std::sqrt(n)) << h;
  }
  EXPECT_GT(std::abs(moments(noise, 12, 12, n).sd - 0.14), 4 * error) << "mutant: σ24 at every horizon";
  // Knots every 6 h. 12 h is knot 2, 15 h half way between knots 2 and 3, 18 h knot 3:
  // corr(12, 15) = 0.5/√0.5 = 0.7071, corr(12, 18) = 0.
  EXPECT_NEAR(moments(noise, 12, 15, n).correlation, std::numbers::sqrt2 / 2, 4 / std::sqrt(n));
  EXPECT_NEAR(moments(noise, 12, 18, n).correlation, 0, 4 / std::sqrt(n));
  EXPECT_NEAR(moments(noise, 3, 16, n).correlation, 0, 4 / std::sqrt(n));
  // One forecast is smooth: an hour further ahead the error is nearly the same.
  EXPECT_GT(moments(noise, 12.5, 13.5, n).correlation, 0.9);
}

TEST(ForecastNoise, DrawsOfOtherSeedsRegionsHoursAndQuantitiesDiffer) {
  const ForecastNoise noise({}, 1), other({}, 2);
  const double e = noise.error(7, Disturbance::intensity, 5, kHour);
  EXPECT_EQ(noise.error(7, Disturbance::intensity, 5, kHour), e);
  EXPECT_NE(other.error(7, Disturbance::intensity, 5, kHour), e);
  EXPECT_NE(noise.error(8, Disturbance::intensity, 5, kHour), e);
  EXPECT_NE(noise.error(7, Disturbance::intensity, 6, kHour), e);
  EXPECT_NE(noise.error(7, Disturbance::price, 5, kHour), e);
}

TEST(NoisyForecast, RealisedErrorsMatchSigma0AndSigma24) {
  const std::vector<Region> regions{*find_region("DE")};
  const std::uint32_t hours = 24 * 250;
  const Signals s = Signals::build(with(ForecastKind::noisy), regions, kMonday, 3600, hours, 1, "");
  const std::vector<double> mape = s.forecast_mape(kFirst), price = s.forecast_price_error(kFirst);
  // E|e| = σ·√(2/π) and sd|e| = σ·√(1 − 2/π); errors of different hours of issue are independent. The price
  // error weights hours with their price, which varies by 15 %: its standard error is a little larger.
  for (std::size_t h : {1u, 6u, 12u, 24u}) {
    const double sigma = 0.02 + 0.10 * static_cast<double>(h) / 24;
    const double expected = 100 * sigma * std::sqrt(2 / std::numbers::pi);
    const double error = 100 * sigma * std::sqrt((1 - 2 / std::numbers::pi) / hours);
    EXPECT_NEAR(mape[h - 1], expected, 4 * error) << h;
    EXPECT_NEAR(price[h - 1], expected, 5 * error) << h;
    const double mutant = 100 * 0.12 * std::sqrt(2 / std::numbers::pi);  // σ24 throughout
    if (h < 24) {
      EXPECT_GT(std::abs(mape[h - 1] - mutant), 4 * error) << h;
    }
  }
}

TEST(NoisyForecast, DoesNotDependOnWhereTheRunStartsOrOnTheStep) {
  const std::vector<Region> regions{*find_region("KE")};
  const GridParams params = with(ForecastKind::noisy);
  const Signals early = Signals::build(params, regions, kMonday, 3600, 100, 1, "");
  const Signals late = Signals::build(params, regions, kMonday + 40 * 3600, 3600, 60, 1, "");
  const Signals fine = Signals::build(params, regions, kMonday, 900, 400, 1, "");
  for (std::uint32_t i = 0; i < 60; ++i) {
    EXPECT_EQ(late.forecast_intensity(kFirst, i, 7), early.forecast_intensity(kFirst, i + 40, 7));
    EXPECT_EQ(fine.forecast_price(kFirst, 4 * i, 28), early.forecast_price(kFirst, i, 7));
  }
  EXPECT_EQ(early.forecast_intensity(kFirst, 9, 0), early.intensity(kFirst, 9)) << "the present is known";
}

TEST(NoisyForecast, StaysNotNegative) {
  GridParams params = with(ForecastKind::noisy);
  params.forecast_sigma24 = 1;
  const Signals s =
      Signals::build(params, std::vector<Region>{*find_region("KE")}, kMonday, 3600, 500, 1, "");
  int at_zero = 0;
  for (std::uint32_t i = 0; i < 500; ++i) {
    EXPECT_GE(s.forecast_intensity(kFirst, i, 24), 0);
    at_zero += s.forecast_intensity(kFirst, i, 24) == 0 ? 1 : 0;
  }
  EXPECT_GT(at_zero, 0);
}

TEST(SeasonalAr, WorkedExample) {
  // From Monday 00:00, UTC. The mean of hour 0 is 100, of hour 1 it is 200, of hours 2 to 23 it is 150, all
  // exact after one day. On Tuesday hour 0 is 110 (r = 10), hour 1 is 205 (r = 5). All other remainders are 0
  // after the first value of each hour; with a memory so long that nothing fades, and first-day remainders
  // against the running level: those of hours 1, 2, … are computed by the same rules below.
  std::vector<double> y{100, 200};
  y.resize(24, 150);
  y.insert(y.end(), {110, 205});
  const double memory = 1e15;
  const SeasonalAr past(kMonday / 3600, y, 0, memory);
  // Remainders: hour 0: 0; hour 1: 200 − 100 = 100; hours 2 …: the level is (100 + 200)/2 = 150, so 0;
  // Tuesday 10, 5. φ = Σ r(j)r(j−1)/Σ r(j−1)² = (100·0 + 0·100 + 10·0 + 5·10)/(100² + 10²) = 50/10100. Means
  // after Tuesday's two hours: hour 0: 105, hour 1: 202.5, others 150.
  const double phi = 50.0 / 10100;
  const std::int64_t ended = kMonday / 3600 + 26, now = kMonday + 26 * 3600;
  // Now (Tuesday 02:00) the value is 190, 40 above its mean: an hour later 150 + φ·40 is expected; 22 hours
  // later (Wednesday 00:00) 105 + φ²²·40 = 105; a day and 23 hours later (Thursday 01:00) 202.5.
  EXPECT_NEAR(past.expect(ended, now, 190, now + 3600, 3600), 150 + phi * 40, 1e-9);
  EXPECT_NEAR(past.expect(ended, now, 190, now + 22 * 3600, 22 * 3600), 105, 1e-9);
  EXPECT_NEAR(past.expect(ended, now, 190, now + 47 * 3600, 47 * 3600), 202.5, 1e-9);
  EXPECT_EQ(past.expect(ended, now, 190, now, 0), 190);
  // Known after Monday alone: the mean of hour 0 is still 100, and φ = 0 (no product differs from zero).
  EXPECT_NEAR(past.expect(ended - 2, now - 7200, 130, now + 22 * 3600, 24 * 3600), 100, 1e-9);
  // Nothing has ended yet: the last value stays.
  EXPECT_EQ(past.expect(kMonday / 3600, kMonday, 77, kMonday + 7200, 7200), 77);
}

TEST(SeasonalAr, WeekendsAreApart) {
  // Three weeks from Monday: 100 on weekdays, 60 on Saturday and Sunday.
  std::vector<double> y;
  for (int h = 0; h < 21 * 24; ++h) y.push_back(h / 24 % 7 >= 5 ? 60 : 100);
  const SeasonalAr past(kMonday / 3600, y, 0, 7 * 86400);
  const std::int64_t friday = kMonday + 18 * 86400;
  const auto expected = [&](std::int64_t at) {
    return past.expect(friday / 3600, friday, 100, at, double(at - friday));
  };
  EXPECT_NEAR(expected(friday + 12 * 3600), 100, 1e-9);
  EXPECT_NEAR(expected(friday + 36 * 3600), 60, 1e-9);
  EXPECT_NEAR(expected(friday + 72 * 3600), 100, 1e-9);
  // Six hours further east, Friday 20:00 UTC lies in Saturday and so does not share a mean with Thursday's
  // 20:00. Weekends' 20:00 UTC there are Fridays (100) and Saturdays (60) here: after 100, 60, 100, 60 the
  // mean is 80.
  const SeasonalAr east(kMonday / 3600, y, 6, 7 * 86400);
  const std::int64_t evening = friday + 20 * 3600;
  EXPECT_NEAR(east.expect(friday / 3600, friday, 100, evening, 20 * 3600), 80, 1e-9);
  EXPECT_NEAR(past.expect(friday / 3600, friday, 100, evening, 20 * 3600), 100, 1e-9);
  // In the first week there is no weekend to learn from: the same hour of weekdays stands in.
  EXPECT_NEAR(past.expect(kMonday / 3600 + 72, kMonday + 72 * 3600, 100, kMonday + 5 * 86400, 48 * 3600), 100,
              1e-9);
}

/// Hourly trace of four weeks; from hour `changed` on it is twice as high.
std::string trace_text(int changed) {
  std::string text = "datetime_utc,A\n";
  for (int h = 0; h < 28 * 24; ++h) {
    const double value = 300 + 80 * std::cos(2 * M_PI * h / 24) + 37 * ((h * 7919) % 101) / 101.0;
    text += fmt::format("{},{:.6f}\n", utc_text(kMonday + h * 3600), h >= changed ? 2 * value : value);
  }
  return text;
}

struct Seen {
  int before = 0, after = 0;  ///< forecasts that differ, issued before and after the change
};

Seen differences(ForecastKind kind, std::int64_t step_s) {
  const int changed = 20 * 24 + 5;
  const TempFile real("real.csv", trace_text(28 * 24)), other("other.csv", trace_text(changed));
  std::vector<Region> regions(1);
  regions[0].name = "A";
  regions[0].utc_offset_h = 5.5;
  const auto build = [&](const TempFile& file) {
    GridParams params = with(kind);
    params.source = SignalSource::trace;
    params.trace = params.price_trace = file.path();
    return Signals::build(params, regions, kMonday + 10 * 86400, step_s,
                          static_cast<std::uint32_t>(17 * 86400 / step_s), 1, "");
  };
  const Signals a = build(real), b = build(other);
  Seen seen;
  const auto first = static_cast<std::uint32_t>((changed - 240) * 3600 / step_s);
  for (std::uint32_t step = 0; step < a.steps(); ++step)
    for (std::uint32_t ahead = 0; ahead <= a.horizon_steps(); ahead += 1 + a.horizon_steps() / 12) {
      const bool differ =
          a.forecast_intensity(kFirst, step, ahead) != b.forecast_intensity(kFirst, step, ahead) ||
          a.forecast_price(kFirst, step, ahead) != b.forecast_price(kFirst, step, ahead);
      (step < first ? seen.before : seen.after) += differ ? 1 : 0;
    }
  return seen;
}

TEST(SeasonalAr, NeverLooksIntoTheFuture) {
  for (std::int64_t step : {900, 3600}) {
    const Seen honest = differences(ForecastKind::seasonal_ar, step);
    EXPECT_EQ(honest.before, 0) << step;
    EXPECT_GT(honest.after, 1000) << step;
    // Mutants: forecasters that know the truth are found out.
    EXPECT_GT(differences(ForecastKind::perfect, step).before, 0);
    EXPECT_GT(differences(ForecastKind::noisy, step).before, 0);
  }
}

TEST(SeasonalAr, HistoryEndsWhereTheTraceBegins) {
  // A run at the very beginning of a trace has no past, whether the trace would be held or wrapped there:
  // what follows must not be taken for what went before.
  const TempFile file("real.csv", trace_text(28 * 24));
  std::vector<Region> regions(1);
  regions[0].name = "A";
  for (const BeyondTrace beyond : {BeyondTrace::error, BeyondTrace::hold, BeyondTrace::wrap}) {
    GridParams params = with(ForecastKind::seasonal_ar);
    params.source = SignalSource::trace;
    params.trace = file.path();
    params.beyond_trace = beyond;
    const Signals s = Signals::build(params, regions, kMonday, 900, 96 * 7, 1, "");
    EXPECT_EQ(s.forecast_intensity(kFirst, 3, 40), s.intensity(kFirst, 3));
    EXPECT_NE(s.forecast_intensity(kFirst, 96, 40), s.intensity(kFirst, 96));
  }
}

TEST(SeasonalAr, LearnsAProfileBeforeTheRun) {
  // A profile without weather is a daily cosine: with four weeks of history it is foreseen well from the
  // first step on.
  GridParams params = with(ForecastKind::seasonal_ar);
  params.ar1_sigma = params.weekly = params.seasonal = 0;
  params.diurnal = 0.3;
  const std::vector<Region> regions{*find_region("BD")};
  const Signals s = Signals::build(params, regions, kMonday, 3600, 24 * 7, 1, "");
  for (std::uint32_t i = 0; i < 24; ++i)
    EXPECT_NEAR(s.forecast_intensity(kFirst, i, 12), s.intensity(kFirst, i + 12),
                1e-6 * s.intensity(kFirst, i + 12));
  params.forecast = ForecastKind::persistence;
  const Signals naive = Signals::build(params, regions, kMonday, 3600, 24 * 7, 1, "");
  EXPECT_GT(std::abs(naive.forecast_intensity(kFirst, 6, 12) - naive.intensity(kFirst, 18)), 100);
  EXPECT_GT(s.bytes(), naive.bytes() + 2 * 3 * 8 * 24 * 34);
}

TEST(Forecasts, ErrorsGrowWithTheHorizonAndPerfectOnesHaveNone) {
  const std::vector<Region> regions{*find_region("DE"), *find_region("IN")};
  for (const auto kind :
       {ForecastKind::perfect, ForecastKind::persistence, ForecastKind::noisy, ForecastKind::seasonal_ar}) {
    GridParams params = with(kind);
    params.forecast_horizon = {72 * kHour};
    const Signals s = Signals::build(params, regions, kMonday, 3600, 24 * 120, 1, "");
    EXPECT_EQ(s.horizon_hours(), 72u);
    for (const auto& errors : {s.forecast_mape(kFirst), s.forecast_price_error(kFirst)}) {
      if (kind == ForecastKind::perfect) {
        for (double error : errors) EXPECT_EQ(error, 0);
      } else {
        EXPECT_GT(errors[0], 0) << enum_name(kind);
        EXPECT_GT(errors[5], errors[0]) << enum_name(kind);
        EXPECT_GT(errors[23], errors[0]) << enum_name(kind);
        EXPECT_GT(errors[71], 0.95 * errors[23]) << enum_name(kind);
      }
    }
  }
}

TEST(Forecasts, PriceErrorIsRelativeToTheMeanPrice) {
  // Prices 10, −10, 10, … USD/MWh around zero: persistence is wrong by 20 at odd horizons, 200 % of the mean
  // magnitude, and right at even ones; a percentage of each signed price would be the same here, of a zero
  // price it would be none.
  std::string text = "datetime_utc,A\n";
  for (int h = 0; h < 48; ++h) text += fmt::format("{},{}\n", utc_text(kMonday + h * 3600), h % 2 ? -10 : 10);
  const TempFile file("price.csv", text);
  GridParams params;
  params.price_trace = file.path();
  std::vector<Region> regions(1);
  regions[0].name = "A";
  const auto errors = Signals::build(params, regions, kMonday, 3600, 48, 1, "").forecast_price_error(kFirst);
  EXPECT_NEAR(errors[0], 200, 1e-9);
  EXPECT_EQ(errors[1], 0);
}

/// Steps 5 and 6, and 6 to 8 of another outage: until step 8 the last value seen is that of step 4.
TEST(Outage, ForecastersSeeTheLastValueBefore) {
  for (const auto kind : {ForecastKind::perfect, ForecastKind::persistence, ForecastKind::noisy, ForecastKind::seasonal_ar}) {
    const std::vector<Region> regions{*find_region("DE"), *find_region("KE")};
    const auto build = [&] { return Signals::build(with(kind), regions, kMonday, 300, 200, 3, {}); };
    const Signals plain = build();
    Signals out = build();
    out.lose_forecasts(kFirst, 6, 9);
    out.lose_forecasts(kFirst, 5, 7);
    out.lose_forecasts(RegionId{1}, 0, 2);
    out.lose_forecasts(RegionId{1}, 50, 50);
    for (std::uint32_t step = 0; step < 12; ++step)
      for (const std::uint32_t ahead : {0u, 1u, 40u}) {
        const bool gone = step >= 5 && step <= 8;
        EXPECT_EQ(out.forecast_intensity(kFirst, step, ahead), gone ? plain.intensity(kFirst, 4) : plain.forecast_intensity(kFirst, step, ahead)) << step;
        EXPECT_EQ(out.forecast_price(kFirst, step, ahead), gone ? plain.price(kFirst, 4) : plain.forecast_price(kFirst, step, ahead)) << step;
        const double other = step < 2 ? plain.intensity(RegionId{1}, 0) : plain.forecast_intensity(RegionId{1}, step, ahead);
        EXPECT_EQ(out.forecast_intensity(RegionId{1}, step, ahead), other) << step;
      }
    EXPECT_EQ(out.intensity(kFirst, 6), plain.intensity(kFirst, 6)) << "the grid itself goes on";
    EXPECT_EQ(out.forecast_intensity(RegionId{1}, 50, 9), plain.forecast_intensity(RegionId{1}, 50, 9)) << "an outage of no step";
  }
}

}  // namespace
}  // namespace swarm::grid
