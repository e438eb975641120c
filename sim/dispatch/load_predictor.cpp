#include "sim/dispatch/load_predictor.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/core/checks.hpp"

namespace swarm {
namespace dispatch {
namespace {

constexpr std::size_t kLeastReadings = 3;  // two points are always in line

double variance_among(const LoadReadings& r, std::size_t row) {
  const auto n = static_cast<double>(r.agents);
  double sum = 0, squares = 0;
  for (std::size_t a = 0; a < r.agents; ++a) sum += r.at(row, a);
  for (std::size_t a = 0; a < r.agents; ++a) squares += (r.at(row, a) - sum / n) * (r.at(row, a) - sum / n);
  return squares / n;
}

/// Each specialist's readings less their mean, over their length; all zero where they did not change.
std::vector<double> unit_vectors(const LoadReadings& r) {
  const std::size_t rows = r.rows();
  std::vector<double> unit(r.load.size());
  for (std::size_t a = 0; a < r.agents; ++a) {
    double sum = 0, squares = 0;
    bool constant = true;  // by comparison: rounding would leave a length above zero
    for (std::size_t t = 0; t < rows; ++t) {
      sum += r.at(t, a);
      constant = constant && r.at(t, a) == r.at(0, a);
    }
    for (std::size_t t = 0; t < rows; ++t) {
      const double x = r.at(t, a) - sum / static_cast<double>(rows);
      unit[a * rows + t] = x;
      squares += x * x;
    }
    const double scale = constant ? 0.0 : 1.0 / std::sqrt(squares);
    for (std::size_t t = 0; t < rows; ++t) unit[a * rows + t] *= scale;
  }
  return unit;
}

double mean_correlation(const LoadReadings& r) {
  const std::size_t rows = r.rows();
  const auto unit = unit_vectors(r);
  double sum = 0;
  for (std::size_t a = 0; a < r.agents; ++a)
    for (std::size_t b = 0; b < a; ++b) {
      double product = 0;
      for (std::size_t t = 0; t < rows; ++t) product += unit[a * rows + t] * unit[b * rows + t];
      sum += std::min(1.0, std::abs(product));
    }
  const auto n = static_cast<double>(r.agents);
  return sum / (n * (n - 1) / 2);
}

}  // namespace

double synchrony(const PredictorParams& p, const LoadReadings& readings) {
  if (readings.agents < 2 || readings.rows() == 0) return 0;
  const double spread = variance_among(readings, readings.rows() - 1) / p.variance_scale;
  const double alike = p.variance_weight * (1.0 - std::min(spread, 1.0));
  return readings.rows() < kLeastReadings ? alike : alike + p.correlation_weight * mean_correlation(readings);
}

LoadPrediction predict_load(const PredictorParams& p, const LoadReadings& readings) {
  EXPECT(readings.agents == 0 || readings.load.size() % readings.agents == 0);
  LoadPrediction out;
  const std::size_t rows = readings.rows();
  if (rows == 0) return out;
  out.synchrony = synchrony(p, readings);
  const auto crossing_share = static_cast<double>(static_cast<float>(p.crossing_share));  // as readings are held
  for (std::size_t a = 0; a < readings.agents; ++a) {
    out.mean += readings.at(rows - 1, a) / static_cast<double>(readings.agents);
    if (rows > 1 && readings.at(rows - 2, a) < crossing_share && readings.at(rows - 1, a) >= crossing_share) ++out.crossed;
  }
  const bool crossing = out.crossed >= static_cast<std::size_t>(p.crossings);
  out.in_step = out.synchrony > p.synchrony_limit;
  out.plain = out.in_step || crossing;
  out.gated = (out.in_step && out.mean >= p.gate_share) || crossing;
  return out;
}

}  // namespace dispatch
}  // namespace swarm
