#include "sim/core/stats.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "sim/core/math.hpp"

namespace swarm {
inline namespace core {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// The largest value, which the indices scale by so that no sum or square leaves the range of a double; NaN
/// if the list is empty or a value is negative, infinite or missing.
double largest(std::span<const double> values) {
  double top = values.empty() ? kNaN : 0.0;
  for (double x : values) {
    if (!(x >= 0) || std::isinf(x)) return kNaN;
    top = std::max(top, x);
  }
  return top;
}

/// Mean of values / top.
double scaled_mean(std::span<const double> values, double top) {
  CompensatedSum sum;
  for (double x : values) sum.add(x / top);
  return sum.value() / static_cast<double>(values.size());
}

/// Geometric mean of x/top over mean, as the limit of the power means; 0 if any value is 0.
double geometric_share(std::span<const double> values, double top, double mean) {
  CompensatedSum logs;
  for (double x : values) {
    const double share = x / top;
    if (share == 0) return 0;
    logs.add(math::log(share / mean));
  }
  return math::exp(logs.value() / static_cast<double>(values.size()));
}

}  // namespace

void CompensatedSum::add(double x) {
  const double next = sum_ + x;
  lost_ += std::fabs(sum_) >= std::fabs(x) ? (sum_ - next) + x : (x - next) + sum_;
  sum_ = next;
}

double CompensatedSum::value() const {
  return std::isfinite(sum_) ? sum_ + lost_ : sum_;
}

double mean(std::span<const double> values) {
  CompensatedSum sum;
  for (double x : values) sum.add(x);
  return values.empty() ? kNaN : sum.value() / static_cast<double>(values.size());
}

double quantile(std::span<const double> values, double q) {
  if (values.empty() || !(q >= 0 && q <= 1)) return kNaN;
  if (std::any_of(values.begin(), values.end(), [](double x) { return std::isnan(x); })) return kNaN;
  std::vector<double> copy(values.begin(), values.end());
  const double position = q * static_cast<double>(copy.size() - 1);
  const double whole = std::floor(position);
  const auto at = copy.begin() + static_cast<std::ptrdiff_t>(whole);
  std::nth_element(copy.begin(), at, copy.end());
  const double low = *at;
  if (position == whole) return low;
  const double high = *std::min_element(at + 1, copy.end());
  return high == low ? low : std::fma(position - whole, high - low, low);
}

double gini(std::span<const double> values) {
  const double top = largest(values);
  if (!(top > 0)) return top;
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const double n = static_cast<double>(sorted.size());
  CompensatedSum weighted;
  double weight = 1.0 - n;
  for (double x : sorted) {
    weighted.add(weight * (x / top));
    weight += 2.0;
  }
  return weighted.value() / (n * n * scaled_mean(sorted, top));
}

double theil(std::span<const double> values) {
  const double top = largest(values);
  if (!(top > 0)) return top;
  const double mean = scaled_mean(values, top);
  CompensatedSum sum;
  for (double x : values) {
    const double ratio = x / top / mean;
    if (ratio > 0) sum.add(ratio * math::log(ratio));
  }
  return std::max(0.0, sum.value() / static_cast<double>(values.size()));
}

double jain(std::span<const double> values) {
  const double top = largest(values);
  if (!(top > 0)) return top == 0 ? 1.0 : kNaN;
  CompensatedSum squares;
  for (double x : values) squares.add((x / top) * (x / top));
  const double mean = scaled_mean(values, top);
  return std::min(1.0, mean * mean * static_cast<double>(values.size()) / squares.value());
}

double atkinson(std::span<const double> values, double epsilon) {
  constexpr double kLimitWithin = 1e-8;  // there 1/(1 − ε) would blow rounding up more than the limit errs
  if (!(epsilon >= 0) || std::isinf(epsilon)) return kNaN;
  const double top = largest(values);
  if (!(top > 0)) return top;
  const double mean = scaled_mean(values, top);
  const double power = 1.0 - epsilon;
  if (std::fabs(power) < kLimitWithin) return std::max(0.0, 1.0 - geometric_share(values, top, mean));
  CompensatedSum sum;
  for (double x : values) {
    const double share = x / top;
    if (share == 0 && power < 0) return 1.0;
    sum.add(math::pow(share / mean, power));
  }
  return std::max(0.0, 1.0 - math::pow(sum.value() / static_cast<double>(values.size()), 1.0 / power));
}

}  // namespace core
}  // namespace swarm
