#include <cmath>
#include <limits>

#include "sim/core/math.hpp"
#include "sim/core/math_lanes.hpp"

namespace swarm {
inline namespace core {
namespace math {
namespace {

inline Lanes exp_kernel(Lanes x) {
  return exp_lanes(x, splat(0.0));
}

/// (e^y − 1)/(e^y + 1), which is tanh(y/2), from e^y = power·(1 + r + tail). Neither the −1 nor the +1 may
/// lose digits, so both sums carry their rounding errors into a correction of the quotient.
template <class V>
inline V tanh_of_half(V power, V r, V tail) {
  const V one = V{} + 1, two = V{} + 2;
  const V offset = power - one;
  const V linear = power * r;
  const V sum = offset + linear;  // |offset| ≥ |linear| or offset = 0, so the error below is exact
  const V small = fma(power, tail, linear - (sum - offset));
  const V above = sum + small;
  const V above_low = small - (above - sum);
  const V below = above + two;
  const V part = below - above;
  const V below_low = (above - (below - part)) + (two - part) + above_low;
  const V inverse = one / below;
  const V quotient = above * inverse;
  const V left = fnma(quotient, below, above) + fnma(quotient, below_low, above_low);
  return fma(left, inverse, quotient);
}

inline Lanes tanh_kernel(Lanes x) {
  const Lanes sign = _mm256_and_pd(x, splat(-0.0));
  const Lanes twice = _mm256_min_pd(splat(44.0), splat(2.0) * _mm256_xor_pd(x, sign));
  const ExpParts parts = exp_parts(twice);
  return _mm256_or_pd(tanh_of_half(scale(splat(1.0), parts.shifted), parts.r, parts.tail), sign);
}

/// The same for floats: e^r = 1 + r + r²·(1/2 + r·Q(r)), relative error 2⁻³⁰.
constexpr std::array<float, 5> kExpTailFloat{0x1.555556p-3f, 0x1.55551ap-5f, 0x1.1110f6p-7f, 0x1.6d113cp-10f,
                                             0x1.a0f89cp-13f};

struct FloatExpParts {
  __m256i n;
  FloatLanes r, tail;
};

inline FloatExpParts exp_parts(FloatLanes x) {
  const FloatLanes shift = splat(0x1.8p23f);
  const FloatLanes shifted = fma(x, splat(0x1.715476p+0f), shift);
  const FloatLanes n = shifted - shift;
  const FloatLanes exact = fnma(n, splat(0x1.62e430p-1f), x);
  const FloatLanes r = fma(n, splat(0x1.05c610p-29f), exact);
  const FloatLanes half = fma(r, polynomial(r, kExpTailFloat), splat(0.5f));
  return {_mm256_sub_epi32(_mm256_castps_si256(shifted), _mm256_castps_si256(shift)), r, r * r * half};
}

inline FloatLanes power_of_two(__m256i n) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23));
}

inline FloatLanes exp_kernel(FloatLanes x) {
  x = _mm256_max_ps(splat(-105.0f), _mm256_min_ps(splat(90.0f), x));
  const auto [n, r, tail] = exp_parts(x);
  const __m256i half = _mm256_srai_epi32(n, 1);
  const FloatLanes value = splat(1.0f) + (r + tail);
  return value * power_of_two(half) * power_of_two(_mm256_sub_epi32(n, half));
}

inline FloatLanes tanh_kernel(FloatLanes x) {
  const FloatLanes sign = _mm256_and_ps(x, splat(-0.0f));
  const FloatLanes twice = _mm256_min_ps(splat(22.0f), splat(2.0f) * _mm256_xor_ps(x, sign));
  const auto [n, r, tail] = exp_parts(twice);
  return _mm256_or_ps(tanh_of_half(power_of_two(n), r, tail), sign);
}

/// A value as an unevaluated sum of two doubles.
struct DoubleSum {
  double high, low;
};

constexpr DoubleSum exact_sum(double a, double b) {  // Knuth
  const double s = a + b;
  const double of_b = s - a;
  return {s, (a - (s - of_b)) + (b - of_b)};
}
inline DoubleSum exact_product(double a, double b) {
  const double p = a * b;
  return {p, std::fma(a, b, -p)};
}

/// ln((1 + s)/(1 − s)) = 2s + (2/3)·s³ + s⁵·Q(s²).
constexpr std::array<double, 8> kLogTailLong{0x1.999999999999ap-2, 0x1.2492492492522p-2, 0x1.c71c71c6ea5acp-3,
                                             0x1.745d177ad436ap-3, 0x1.3b1395b82701ep-3, 0x1.1118cd67251c5p-3,
                                             0x1.df7ba1f4809c3p-4, 0x1.e03a7acf07f85p-4};

/// ln x to about 2⁻⁶⁴ of its value, for positive finite x.
DoubleSum long_log(double x) {
  const LogParts parts = log_parts(splat(x));
  const double k = first(parts.exponent), f = first(parts.f);
  const double s = f / (2.0 + f);
  const DoubleSum below = exact_sum(2.0, f);
  const double s_low = (std::fma(-s, below.high, f) - s * below.low) / below.high;
  const DoubleSum z = exact_product(s, s);
  const double z_low = std::fma(2.0 * s, s_low, z.low);
  // the cubic term s·z·2/3 as a sum, since at |s| = 0.17 its rounding would show
  const DoubleSum cube = exact_product(s, z.high);
  const double cube_low = std::fma(s, z_low, std::fma(s_low, z.high, cube.low));
  constexpr double kTwoThirds = 0x1.5555555555555p-1, kTwoThirdsLow = 0x1.5555555555555p-55;
  const DoubleSum third = exact_product(cube.high, kTwoThirds);
  const double third_low = std::fma(cube.high, kTwoThirdsLow, std::fma(cube_low, kTwoThirds, third.low));
  const double rest = cube.high * z.high * first(polynomial(splat(z.high), kLogTailLong));
  const DoubleSum main = exact_sum(k * kLn2Short, 2.0 * s);
  const DoubleSum sum = exact_sum(main.high, third.high);
  const double low = sum.low + (main.low + (2.0 * s_low + third_low + std::fma(k, kLn2Rest, rest)));
  const double high = sum.high + low;
  return {high, low - (high - sum.high)};
}

}  // namespace

double exp(double x) {
  return first(exp_kernel(splat(x)));
}
double log(double x) {
  return first(log_lanes(splat(x)));
}
double tanh(double x) {
  return first(tanh_kernel(splat(x)));
}
float exp(float x) {
  return first(exp_kernel(splat(x)));
}
float tanh(float x) {
  return first(tanh_kernel(splat(x)));
}

void exp(std::span<const double> in, std::span<double> out) {
  map_lanes(in, out, [](Lanes x) { return exp_lanes(x); });
}
void log(std::span<const double> in, std::span<double> out) {
  map_lanes(in, out, [](Lanes x) { return log_lanes(x); });
}
void exp(std::span<const float> in, std::span<float> out) {
  map_lanes(in, out, [](FloatLanes x) { return exp_kernel(x); });
}
void tanh(std::span<const float> in, std::span<float> out) {
  map_lanes(in, out, [](FloatLanes x) { return tanh_kernel(x); });
}

double pow(double x, double y) {
  if (x == 1.0 || y == 0.0) return 1.0;
  if (!(x > 0.0) || !(x < std::numeric_limits<double>::infinity()) || y != y) {
    if (!(x >= 0.0) || y != y) return std::numeric_limits<double>::quiet_NaN();
    const bool large = (x > 1.0) == (y > 0.0);  // ∞ to a positive or 0 to a negative power
    return large ? std::numeric_limits<double>::infinity() : 0.0;
  }
  const DoubleSum l = long_log(x);
  const double product = y * l.high;
  if (!(std::fabs(product) < 800.0)) return exp(product);  // far outside the range: 0 or ∞
  const double low = std::fma(y, l.low, std::fma(y, l.high, -product));
  return first(exp_lanes(splat(product), splat(low)));
}

}  // namespace math
}  // namespace core
}  // namespace swarm
