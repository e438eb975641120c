#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

/// An honest forecaster: what an operator could have computed at the time from the past alone.
namespace swarm {
namespace grid {

/// Hourly means (by local hour of the day, weekdays and weekends apart) plus an AR(1) remainder, both
/// estimated with exponential forgetting and updated after every full hour:
///
///     m ← m + a·(y − m)            for the hour's own mean; a = max(1/n, 1 − exp(−24 h/memory)) at its nth
///     update φ = Σ r(j)·r(j−1) / Σ r(j−1)²,   r = y − m before its update, sums fading with exp(−1
///     h/memory), 0 ≤ φ < 1 expected(t + h | t) = m(t + h) + φ^h·(y(t) − m(t))
///
/// All estimates of all times are computed at once, so that expect() is a look-up: entry j holds what was
/// known when hour j had ended. A mean that has no value yet is replaced by the other kind of day at that
/// hour, then by the mean of all hours so far; before the first hour has ended the last value stays.
class SeasonalAr {
 public:
  /// `hourly[j]` is the mean over hour first_hour + j (hours since 1970).
  SeasonalAr(std::int64_t first_hour, std::span<const double> hourly, double utc_offset_h, double memory_s);

  /// Value expected for the hour of `target_utc`, `lead_s` after the issue, known when `ended` hours (since
  /// 1970) had ended and the value of the hour of `now_utc` was `now`.
  double expect(std::int64_t ended, std::int64_t now_utc, double now, std::int64_t target_utc,
                double lead_s) const;

  std::size_t bytes() const { return (mean_.size() + level_.size() + phi_.size()) * sizeof(double); }

 private:
  bool weekend(std::int64_t index) const;
  /// Latest mean of the hour of the day of entry `index`, as known after entry `last`.
  double mean_at(std::int64_t last, std::int64_t index) const;
  std::optional<double> latest(std::int64_t last, std::int64_t index, bool same_kind_of_day) const;

  std::int64_t first_hour_;
  std::int64_t offset_s_;
  std::vector<double> mean_;   ///< mean of the entry's own hour of the day after its update
  std::vector<double> level_;  ///< mean of all hours so far, fading
  std::vector<double> phi_;    ///< hourly autocorrelation of the remainder
};

}  // namespace grid
}  // namespace swarm
