#include "sim/grid/seasonal_ar.hpp"

#include <algorithm>
#include <array>

#include "sim/core/checks.hpp"
#include "sim/core/math.hpp"
#include "sim/core/units.hpp"
#include "sim/grid/clock.hpp"

namespace swarm {
namespace grid {
namespace {

constexpr std::int64_t kHour_s = 3600, kDay_h = 24, kDay_s = 86400;
constexpr std::int64_t kWeek = 7;
constexpr std::int64_t kFirstWeekday = 3;  // 1970-01-01 was a Thursday; Monday is 0
constexpr std::int64_t kSaturday = 5;
constexpr double kMostPersistent = 0.9999;

/// Mean with exponential forgetting that begins as a plain mean.
struct FadingMean {
  double value = 0;
  double updates = 0;
  void add(double y, double weight) {
    updates += 1;
    value += std::max(1 / updates, weight) * (y - value);
  }
};

}  // namespace

SeasonalAr::SeasonalAr(std::int64_t first_hour, std::span<const double> hourly, double utc_offset_h,
                       double memory_s)
    : first_hour_(first_hour), offset_s_(round_half_even(utc_offset_h * kSecondsPerHour)) {
  EXPECT(memory_s > 0);
  const double hour_fade = math::exp(-static_cast<double>(kHour_s) / memory_s);
  const double day_weight = 1 - math::exp(-static_cast<double>(kDay_s) / memory_s);
  std::array<std::array<FadingMean, kDay_h>, 2> means{};
  FadingMean level;
  double before = 0, products = 0, squares = 0;
  for (auto* column : {&mean_, &level_, &phi_}) column->reserve(hourly.size());
  for (std::size_t j = 0; j < hourly.size(); ++j) {
    const double y = hourly[j];
    const auto index = static_cast<std::int64_t>(j);
    FadingMean& mean = means[weekend(index) ? 1 : 0][j % kDay_h];
    const double remainder = y - (mean.updates > 0 ? mean.value : level.updates > 0 ? level.value : y);
    products = hour_fade * products + remainder * before;
    squares = hour_fade * squares + before * before;
    before = remainder;
    mean.add(y, day_weight);
    level.add(y, 1 - hour_fade);
    mean_.push_back(mean.value);
    level_.push_back(level.value);
    phi_.push_back(squares > 0 ? std::clamp(products / squares, 0.0, kMostPersistent) : 0.0);
  }
}

bool SeasonalAr::weekend(std::int64_t index) const {
  const std::int64_t day = floor_div((first_hour_ + index) * kHour_s + kHour_s / 2 + offset_s_, kDay_s);
  return day + kFirstWeekday - floor_div(day + kFirstWeekday, kWeek) * kWeek >= kSaturday;
}

std::optional<double> SeasonalAr::latest(std::int64_t last, std::int64_t index, bool same_kind_of_day) const {
  const std::int64_t days_back = std::max<std::int64_t>(0, -floor_div(last - index, kDay_h));
  std::int64_t at = index - days_back * kDay_h;
  for (std::int64_t day = 0; day < kWeek && at >= 0; ++day, at -= kDay_h)
    if (!same_kind_of_day || weekend(at) == weekend(index)) return mean_[static_cast<std::size_t>(at)];
  return std::nullopt;
}

double SeasonalAr::mean_at(std::int64_t last, std::int64_t index) const {
  if (const auto same = latest(last, index, true)) return *same;
  if (const auto other = latest(last, index, false)) return *other;
  return level_[static_cast<std::size_t>(last)];
}

double SeasonalAr::expect(std::int64_t ended, std::int64_t now_utc, double now, std::int64_t target_utc,
                          double lead_s) const {
  EXPECT(lead_s >= 0 && ended - first_hour_ <= static_cast<std::int64_t>(mean_.size()));
  const std::int64_t last = ended - 1 - first_hour_;
  if (last < 0 || lead_s == 0) return now;
  const double phi = phi_[static_cast<std::size_t>(last)];
  const double kept = phi > 0 ? math::exp(lead_s / static_cast<double>(kHour_s) * math::log(phi)) : 0.0;
  const std::int64_t here = floor_div(now_utc, kHour_s) - first_hour_;
  const std::int64_t there = floor_div(target_utc, kHour_s) - first_hour_;
  return mean_at(last, there) + kept * (now - mean_at(last, here));
}

}  // namespace grid
}  // namespace swarm
