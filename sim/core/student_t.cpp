#include "sim/core/student_t.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include "sim/core/math.hpp"
#include "sim/core/stats.hpp"

namespace swarm {
inline namespace core {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kNegligible = 0x1p-90;  // of the sum; what follows could not change its last bit

/// P(|T| ≤ √df · tan θ) for θ in [0, π/2].
double central_share(double theta, std::int64_t df) {
  const double cosine = math::cos(theta), sine = math::sin(theta);
  const bool odd = df % 2 == 1;
  double term = odd ? cosine : 1.0, sum = 0;
  for (std::int64_t k = odd ? 1 : 0; k <= df - 2 && term > kNegligible * sum; k += 2) {
    sum += term;
    term *= cosine * cosine * static_cast<double>(k + 1) / static_cast<double>(k + 2);
  }
  return odd ? 2 / std::numbers::pi * (theta + sine * sum) : sine * sum;
}

}  // namespace

double student_t_quantile(double p, std::int64_t df) {
  if (!(p > 0 && p < 1) || df < 1) return kNaN;
  const double share = std::fabs(2 * p - 1);
  if (share == 0) return 0;
  double low = 0, high = std::numbers::pi / 2;
  for (double middle = high / 2; low < middle && middle < high; middle = low + (high - low) / 2)
    (central_share(middle, df) < share ? low : high) = middle;
  const double t = std::sqrt(static_cast<double>(df)) * math::sin(high) / math::cos(high);
  return p < 0.5 ? -t : t;
}

MeanInterval mean_interval(std::span<const double> values, double confidence) {
  MeanInterval result{.mean = mean(values), .half_width = kNaN, .n = values.size()};
  if (values.size() < 2) return result;
  CompensatedSum squares;
  for (const double x : values) squares.add((x - result.mean) * (x - result.mean));
  const auto n = static_cast<double>(values.size());
  const double variance = squares.value() / (n - 1);
  result.half_width = student_t_quantile(0.5 + confidence / 2, static_cast<std::int64_t>(values.size()) - 1) * std::sqrt(variance / n);
  return result;
}

}  // namespace core
}  // namespace swarm
