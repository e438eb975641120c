#include "sim/core/distributions.hpp"

#include <array>
#include <cmath>

#include "sim/core/checks.hpp"
#include "sim/core/math.hpp"

namespace swarm {
inline namespace core {
namespace {

constexpr double kInversionBelow = 10.0;
constexpr double kLargestMean = 0x1p50;

/// ln n! − ln(√(2πn)·(n/e)^n): the error of Stirling's formula, for whole n ≥ 1. From a table up to 15, then
/// from the asymptotic series, whose first omitted term is below 1e-16.
double stirling_error(double n) {
  static constexpr std::array<double, 15> kTable{
      0x1.4c071bcda0a5bp-4, 0x1.52a9b923ea649p-5, 0x1.c579a268d80b3p-6, 0x1.54a2662fd78a9p-6,
      0x1.10b4e513fcbedp-6, 0x1.c6b167bebdf36p-7, 0x1.85d4d612e4a86p-7, 0x1.552805e7b3076p-7,
      0x1.2f4871b12ab64p-7, 0x1.10f9d4c0743a7p-7, 0x1.f0593088014f8p-8, 0x1.c7018733aa9c6p-8,
      0x1.a40514700f36cp-8, 0x1.86076c002d4a7p-8, 0x1.6c08f6f194a10p-8};
  if (n < 15.5) return kTable[static_cast<std::size_t>(n) - 1];
  const double inverse = 1.0 / n, square = inverse * inverse;
  double series = 1.0 / 1188;
  for (double term : {-1.0 / 1680, 1.0 / 1260, -1.0 / 360, 1.0 / 12}) series = std::fma(series, square, term);
  return series * inverse;
}

/// k·ln(k/mean) + mean − k without cancellation where the two are close.
double deviance(double k, double mean) {
  const double difference = k - mean, total = k + mean;
  if (std::fabs(difference) >= 0.1 * total) return std::fma(k, math::log(k / mean), -difference);
  const double v = difference / total, square = v * v;
  double sum = difference * v, power = 2.0 * k * v;
  for (int odd = 3;; odd += 2) {
    power *= square;
    const double next = sum + power / odd;
    if (next == sum) return sum;
    sum = next;
  }
}

/// ln of the probability of k events, accurate for any mean: C. Loader, Fast and Accurate Computation of
/// Binomial Probabilities (2000). The naive k·ln(mean) − mean − ln k! loses all digits for large means.
double log_poisson_probability(double k, double mean) {
  constexpr double kLogTwoPi = 0x1.d67f1c864beb5p+0;
  if (k == 0) return -mean;
  return -stirling_error(k) - deviance(k, mean) - 0.5 * (kLogTwoPi + math::log(k));
}

std::uint64_t poisson_by_inversion(RandomSequence& random, double mean) {
  double u = random.uniform();
  double probability = math::exp(-mean);
  std::uint64_t k = 0;
  // the second condition ends the search where u is nearer to 1 than rounding can tell
  while (u > probability && (probability > 0x1p-80 || static_cast<double>(k) < mean)) {
    u -= probability;
    ++k;
    probability *= mean / static_cast<double>(k);
  }
  return k;
}

std::uint64_t poisson_by_rejection(RandomSequence& random, double mean) {
  const double b = 0.931 + 2.53 * std::sqrt(mean);
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double squeeze = 0.9277 - 3.6224 / (b - 2.0);
  for (;;) {
    const double u = random.uniform() - 0.5;
    const double v = random.uniform();
    const double us = 0.5 - std::fabs(u);
    const double k = std::floor((2.0 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= squeeze) return static_cast<std::uint64_t>(k);
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const double height = v * inverse_alpha / (a / (us * us) + b);
    if (math::log(height) <= log_poisson_probability(k, mean)) return static_cast<std::uint64_t>(k);
  }
}

/// Shape ≥ 1.
double gamma_of_large_shape(RandomSequence& random, double shape) {
  const double d = shape - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    const double x = normal(random.uniform());
    const double u = random.uniform();
    const double root = 1.0 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    const double square = x * x;
    if (u < 1.0 - 0.0331 * square * square) return d * v;
    if (math::log(u) < 0.5 * square + d * (1.0 - v + math::log(v))) return d * v;
  }
}

}  // namespace

double exponential(double u) {
  return -math::log(u);
}

double normal(double u) {
  return math::normal_quantile(u);
}

std::uint64_t poisson(RandomSequence& random, double mean) {
  EXPECT(mean >= 0 && mean <= kLargestMean);
  if (mean == 0) return 0;
  return mean < kInversionBelow ? poisson_by_inversion(random, mean) : poisson_by_rejection(random, mean);
}

double gamma(RandomSequence& random, double shape) {
  EXPECT(shape > 0 && shape <= 0x1p1000);
  if (shape >= 1) return gamma_of_large_shape(random, shape);
  const double larger = gamma_of_large_shape(random, shape + 1.0);
  return larger * math::pow(random.uniform(), 1.0 / shape);
}

}  // namespace core
}  // namespace swarm
