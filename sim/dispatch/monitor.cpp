#include "sim/dispatch/monitor.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "sim/core/math.hpp"

namespace swarm {
namespace dispatch {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double entropy(std::span<const double> p) {
  double h = 0;
  for (const double x : p)
    if (x > 0) h -= x * math::log(x);
  return h;
}

/// Pearson correlations of n signals, row after row.
std::vector<double> correlations(std::span<const double> readings, std::size_t rows) {
  const std::size_t n = readings.size() / rows;
  std::vector<double> centred(readings.begin(), readings.end()), r(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    double mean = 0, squares = 0;
    for (std::size_t t = 0; t < rows; ++t) mean += centred[i * rows + t] / static_cast<double>(rows);
    for (std::size_t t = 0; t < rows; ++t) {
      centred[i * rows + t] -= mean;
      squares += centred[i * rows + t] * centred[i * rows + t];
    }
    for (std::size_t t = 0; t < rows; ++t) centred[i * rows + t] /= std::sqrt(squares);
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t t = 0; t < rows; ++t) r[i * n + j] += centred[i * rows + t] * centred[j * rows + t];
  return r;
}

/// ln det by Cholesky; NaN unless the matrix is positive definite beyond rounding.
double log_determinant(std::vector<double> m, std::size_t n) {
  constexpr double kSingular = 1e-12;
  double sum = 0;
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < j; ++k) m[j * n + j] -= m[j * n + k] * m[j * n + k];
    if (!(m[j * n + j] > kSingular)) return kNone;
    sum += math::log(m[j * n + j]);
    const double pivot = std::sqrt(m[j * n + j]);
    for (std::size_t i = j + 1; i < n; ++i) {
      for (std::size_t k = 0; k < j; ++k) m[i * n + j] -= m[i * n + k] * m[j * n + k];
      m[i * n + j] /= pivot;
    }
    m[j * n + j] = pivot;
  }
  return sum;
}

}  // namespace

double integration(std::span<const double> readings, std::size_t rows) {
  const std::size_t n = rows == 0 ? 0 : readings.size() / rows;
  if (n < 2 || rows <= n) return kNone;
  return -0.5 * log_determinant(correlations(readings, rows), n);
}

double self_assessment(const MonitorParams& p, std::span<const double> confidence, std::span<const std::uint8_t> correct) {
  if (confidence.empty()) return kNone;
  const auto bins = static_cast<std::size_t>(p.calibration_bins);
  std::vector<double> right(bins, 0.0), confident(bins, 0.0);
  for (std::size_t k = 0; k < confidence.size(); ++k) {
    const auto bin = std::min(bins - 1, static_cast<std::size_t>(confidence[k] * static_cast<double>(bins)));
    right[bin] += correct[k] != 0;
    confident[bin] += confidence[k];
  }
  double error = 0;
  for (std::size_t b = 0; b < bins; ++b) error += std::abs(right[b] - confident[b]);
  return 1.0 - error / static_cast<double>(confidence.size());
}

double attention_coherence(std::span<const double> attention, std::size_t targets) {
  const std::size_t n = targets == 0 ? 0 : attention.size() / targets;
  if (n < 2) return 1;
  std::vector<double> mean(targets, 0.0);
  double within = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = attention.subspan(i * targets, targets);
    within += entropy(row) / static_cast<double>(n);
    for (std::size_t k = 0; k < targets; ++k) mean[k] += row[k] / static_cast<double>(n);
  }
  return 1.0 - (entropy(mean) - within) / math::log(static_cast<double>(n));
}

double memory_consistency(std::span<const std::uint64_t> thing, std::span<const std::uint32_t> recalled) {
  std::map<std::uint64_t, std::map<std::uint32_t, double>> counts;
  for (std::size_t k = 0; k < thing.size(); ++k) ++counts[thing[k]][recalled[k]];
  const auto pairs_of = [](double n) { return n * (n - 1) / 2; };
  double agreeing = 0, pairs = 0;
  for (const auto& [what, by_answer] : counts) {
    double all = 0;
    for (const auto& [answer, n] : by_answer) {
      agreeing += pairs_of(n);
      all += n;
    }
    pairs += pairs_of(all);
  }
  return pairs > 0 ? agreeing / pairs : kNone;
}

bool is_anomaly(const MonitorParams& p, std::span<const double> former, double x) {
  const auto readings = static_cast<std::size_t>(p.readings);
  if (former.size() < readings) return false;
  double sum = 0, n = 0, squares = 0;
  for (const double f : former.last(readings))
    if (!std::isnan(f)) {
      sum += f;
      ++n;
    }
  if (n < 2) return false;
  if (std::isnan(x)) return true;
  for (const double f : former.last(readings))
    if (!std::isnan(f)) squares += (f - sum / n) * (f - sum / n);
  const double deviation = std::max(p.least_deviation, std::sqrt(squares / (n - 1)));
  return std::abs(x - sum / n) > p.deviations * deviation;
}

}  // namespace dispatch
}  // namespace swarm
