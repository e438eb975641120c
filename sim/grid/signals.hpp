#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "sim/core/checks.hpp"
#include "sim/core/ids.hpp"
#include "sim/grid/forecast_noise.hpp"
#include "sim/grid/params.hpp"
#include "sim/grid/seasonal_ar.hpp"

/// The grid as the rest of the model sees it: intensity, price and renewable share per region and step.
namespace swarm {
namespace grid {

/// Precomputed series of all regions: pure functions of scenario and seed, hence no part of the state.
///
/// Series reach `horizon_steps()` beyond the run for forecasts: profiles continue; traces give their real
/// values where they have them and otherwise follow `beyond_trace`, where `error` holds the last value. A
/// region's own `trace`, and a `price_trace` or `renewable_trace` of the grid, are used wherever they are
/// given, also with `source = profile`; everything else comes from the region's profile.
class Signals {
 public:
  /// Builds the series of `regions` (in scenario order) for steps of `step_s` seconds from `start_utc`.
  /// Relative trace paths are below `data_dir`. Throws InputError with all problems of all files.
  static Signals build(const GridParams& params, std::span<const Region> regions, std::int64_t start_utc,
                       std::int64_t step_s, std::uint32_t steps, std::uint64_t seed,
                       const std::filesystem::path& data_dir);

  /// Mean average carbon intensity over a step [g/kWh]; step < steps().
  double intensity(RegionId region, std::uint32_t step) const { return at(intensity_, region, step); }
  /// Mean electricity price over a step [USD/kWh]; may be negative.
  double price(RegionId region, std::uint32_t step) const { return at(price_, region, step); }
  /// Renewable share of the grid over a step [0..1]. For information only: it never enters emissions.
  double renewable_share(RegionId region, std::uint32_t step) const {
    EXPECT(region.value < regions() && step < row());
    const auto& series = renewable_[region.value];
    return series.empty() ? renewable_mean_[region.value] : series[step];
  }

  /// Intensity expected for step + ahead, known at `step`; ahead ≤ horizon_steps().
  double forecast_intensity(RegionId region, std::uint32_t step, std::uint32_t ahead) const {
    return forecast(Disturbance::intensity, region, step, ahead);
  }
  /// Price expected for step + ahead, known at `step`; ahead ≤ horizon_steps().
  double forecast_price(RegionId region, std::uint32_t step, std::uint32_t ahead) const {
    return forecast(Disturbance::price, region, step, ahead);
  }

  /// From step `first` to before step `last` the region's forecasts are out: instead, the last value seen before, for any
  /// step ahead; that of step 0 where nothing was seen. Outages may overlap and come in any order.
  void lose_forecasts(RegionId region, std::uint32_t first, std::uint32_t last);

  /// Values interpolated in all traces of a region (over the whole trace, not only the run).
  std::uint64_t interpolated(RegionId region) const { return interpolated_[region.value]; }
  std::uint32_t regions() const { return static_cast<std::uint32_t>(renewable_mean_.size()); }
  std::uint32_t steps() const { return steps_; }
  /// Steps a forecast may look ahead: grid.forecast_horizon, rounded up.
  std::uint32_t horizon_steps() const { return horizon_; }

  /// Whole hours of the horizon: how many entries the two error functions have.
  std::size_t horizon_hours() const;
  /// Mean absolute percentage error [%] of the intensity forecast; entry h − 1 is for the first step at least
  /// h hours ahead. Pairs whose target lies inside the run and is not zero count; NaN where there is none.
  std::vector<double> forecast_mape(RegionId region) const;
  /// Mean absolute error of the price forecast over the mean absolute price [%], by hours ahead in the same
  /// way: prices cross zero, where a percentage of each would mean nothing. NaN where no pair lies inside the
  /// run or all are zero.
  std::vector<double> forecast_price_error(RegionId region) const;

  /// Memory held by the series.
  std::size_t bytes() const;

 private:
  std::size_t row() const { return std::size_t{steps_} + horizon_; }
  double at(const std::vector<double>& series, RegionId region, std::size_t step) const {
    EXPECT(region.value < regions() && step < row());
    return series[region.value * row() + step];
  }
  double forecast(Disturbance which, RegionId region, std::uint32_t step, std::uint32_t ahead) const;
  /// While forecasts are out, the step whose values were the last that forecasters saw.
  std::optional<std::uint32_t> last_seen(RegionId region, std::uint32_t step) const;
  /// Steps to the first one at least `hours` ahead.
  std::uint32_t steps_ahead(std::size_t hours) const;

  std::uint32_t steps_ = 0;
  std::uint32_t horizon_ = 0;
  std::int64_t step_s_ = 0;
  std::int64_t start_utc_ = 0;
  ForecastKind kind_ = ForecastKind::persistence;
  struct Outage {
    std::uint32_t first, last;
  };
  std::vector<std::vector<Outage>> outages_;    ///< per region, disjoint, in order; empty: none anywhere
  std::vector<double> intensity_;               ///< [region][step], steps_ + horizon_ per region
  std::vector<double> price_;                   ///< same shape
  std::vector<std::vector<double>> renewable_;  ///< per region; empty: constant
  std::vector<double> renewable_mean_;
  std::vector<std::uint64_t> interpolated_;
  std::optional<ForecastNoise> noise_;      ///< noisy forecasts only
  std::vector<std::uint64_t> keys_;         ///< of the regions among random draws
  std::vector<SeasonalAr> intensity_past_;  ///< per region; seasonal-ar forecasts only
  std::vector<SeasonalAr> price_past_;
};

}  // namespace grid
}  // namespace swarm
