#pragma once
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "sim/core/rng.hpp"
#include "sim/study/unit_points.hpp"

/// What the tests of designs ask of points, and the plain random points that most of it must reject.
namespace design_checks {

using swarm::study::UnitPoints;

/// Statistics of many seeds may lie this many standard errors from what they estimate.
constexpr double kStandardErrors = 4.5;

inline UnitPoints plain_random(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  UnitPoints points(rows, columns);
  swarm::RandomSequence draws(swarm::Random(seed, swarm::Stream::experiment), 0, 0);
  for (double& x : points.values) x = draws.uniform();
  return points;
}

/// Whether each of the `points.rows` equal intervals of [0, 1) holds exactly one coordinate of the column.
inline bool one_in_each_stratum(const UnitPoints& points, std::size_t column) {
  std::vector<int> count(points.rows);
  for (std::size_t row = 0; row < points.rows; ++row) {
    const double x = points.at(row, column);
    if (!(x >= 0 && x < 1)) return false;
    ++count[static_cast<std::size_t>(x * static_cast<double>(points.rows))];
  }
  for (const int n : count)
    if (n != 1) return false;
  return true;
}

inline bool all_columns_stratified(const UnitPoints& points) {
  for (std::size_t column = 0; column < points.columns; ++column)
    if (!one_in_each_stratum(points, column)) return false;
  return true;
}

/// Whether the first rows and columns of `large` are `small`.
inline bool extends(const UnitPoints& large, const UnitPoints& small) {
  for (std::size_t row = 0; row < small.rows; ++row)
    for (std::size_t column = 0; column < small.columns; ++column)
      if (small.at(row, column) != large.at(row, column)) return false;
  return true;
}

/// Mean 1/2 and variance 1/12, by the standard errors of independent uniform numbers: √(1/12 n) and √(1/180 n).
inline bool looks_uniform(std::span<const double> x) {
  const double n = static_cast<double>(x.size());
  double sum = 0, squares = 0;
  for (const double v : x) sum += v - 0.5, squares += (v - 0.5) * (v - 0.5);
  return std::fabs(sum / n) < kStandardErrors * std::sqrt(1 / (12 * n)) &&
         std::fabs(squares / n - 1.0 / 12) < kStandardErrors * std::sqrt(1 / (180 * n));
}

/// No correlation of two uniform numbers: 12·mean((x − ½)(y − ½)) has the standard error 1/√n.
inline bool looks_uncorrelated(std::span<const double> x, std::span<const double> y) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - 0.5) * (y[i] - 0.5);
  const double n = static_cast<double>(x.size());
  return std::fabs(12 * sum / n) < kStandardErrors / std::sqrt(n);
}

/// n events of probability p: the count lies within the standard errors of n·p.
inline bool looks_like_share(std::size_t count, std::size_t n, double p) {
  const double expected = static_cast<double>(n) * p;
  return std::fabs(static_cast<double>(count) - expected) < kStandardErrors * std::sqrt(expected * (1 - p));
}

}  // namespace design_checks
