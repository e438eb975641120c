#include <cmath>

#include "sim/core/math.hpp"
#include "sim/core/math_lanes.hpp"

namespace swarm {
inline namespace core {
namespace math {
namespace {

/// erf x = x + x·P(x²) on |x| ≤ 1, fitted at Chebyshev nodes, relative error 2⁻⁵⁵.
constexpr std::array<double, 13> kErf{0x1.06eba8214db69p-3,   -0x1.812746b0379e6p-2,  0x1.ce2f21a042b30p-4,
                                      -0x1.b82ce31284e00p-6,  0x1.565bcd0dbaa38p-8,   -0x1.c02db3dac435fp-11,
                                      0x1.f9a321d5b8e1ep-14,  -0x1.f4d1e3183f7aep-17, 0x1.b9df224ca4b97p-20,
                                      -0x1.5f1ecb6f0764cp-23, 0x1.f7b4bf3b13964p-27,  -0x1.389d4f2641625p-30,
                                      0x1.05ffd737fb32ep-34};

/// (1 + 2z)·e^z²·erfc z as a polynomial in t = (z − 4)/(z + 4) for 0.395 ≤ z ≤ 27.8, relative error 2⁻⁵⁹.
constexpr std::array<double, 23> kErfcScaled{
    0x1.3ba5916e9fd7fp+0,   -0x1.1df1ad154a28ep-3,  0x1.f7f5df66fd681p-7,   0x1.16ecefcfa52bcp-4,
    -0x1.9ddb23c3e8606p-4,  0x1.7fee004e149a0p-4,   -0x1.0fb06dfe5bc38p-4,  0x1.3079edf627829p-5,
    -0x1.096238810978ap-6,  0x1.49c672a655e04p-8,   -0x1.8d4a9dfe8386ep-11, -0x1.a1df41767ae82p-13,
    0x1.3be08f7d1c566p-13,  -0x1.99554fd3dd824p-16, -0x1.7895279a539c0p-17, 0x1.7ef9a04c30eaap-18,
    0x1.3dc84b90cf044p-22,  -0x1.b8350712694e4p-21, 0x1.3449d8bf59f7dp-24,  0x1.bd21658d5a9a7p-24,
    -0x1.0f0a36df6a2c4p-26, -0x1.507b9287c34f9p-27, 0x1.3b5b3f4064741p-30};

double erf_small(double x) {
  return std::fma(x, first(polynomial(splat(x * x), kErf)), x);
}

/// e^z²·erfc z for 0.395 ≤ z ≤ 27.8.
double erfc_scaled(double z) {
  return first(polynomial(splat((z - 4.0) / (z + 4.0)), kErfcScaled)) / std::fma(2.0, z, 1.0);
}

/// e^(−a·b) without the rounding of the product.
double exp_of_minus_product(double a, double b) {
  const double product = a * b;
  return first(exp_lanes(splat(-product), splat(-std::fma(a, b, -product))));
}

// Quantile of the normal distribution: M. J. Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37, 1988.
constexpr std::array<double, 8> kCentreAbove{
    3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
    4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3};
constexpr std::array<double, 8> kCentreBelow{1.0,
                                             4.2313330701600911252e1,
                                             6.8718700749205790830e2,
                                             5.3941960214247511077e3,
                                             2.1213794301586595867e4,
                                             3.9307895800092710610e4,
                                             2.8729085735721942674e4,
                                             5.2264952788528545610e3};
constexpr std::array<double, 8> kTailAbove{1.42343711074968357734e0,  4.63033784615654529590e0,
                                           5.76949722146069140550e0,  3.64784832476320460504e0,
                                           1.27045825245236838258e0,  2.41780725177450611770e-1,
                                           2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr std::array<double, 8> kTailBelow{1.0,
                                           2.05319162663775882187e0,
                                           1.67638483018380384940e0,
                                           6.89767334985100004550e-1,
                                           1.48103976427480074590e-1,
                                           1.51986665636164571966e-2,
                                           5.47593808499534494600e-4,
                                           1.05075007164441684324e-9};
constexpr std::array<double, 8> kFarAbove{6.65790464350110377720e0,  5.46378491116411436990e0,
                                          1.78482653991729133580e0,  2.96560571828504891230e-1,
                                          2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                          2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr std::array<double, 8> kFarBelow{1.0,
                                          5.99832206555887937690e-1,
                                          1.36929880922735805310e-1,
                                          1.48753612908506148525e-2,
                                          7.86869131145613259100e-4,
                                          1.84631831751005468180e-5,
                                          1.42151175831644588870e-7,
                                          2.04426310338993978564e-15};

inline Lanes ratio(Lanes x, const std::array<double, 8>& above, const std::array<double, 8>& below) {
  return polynomial(x, above) / polynomial(x, below);
}

/// Quantile outside 0.075 < p < 0.925; q = p − ½.
inline Lanes quantile_of_tail(Lanes p, Lanes q) {
  const Lanes upper = _mm256_cmp_pd(q, splat(0.0), _CMP_GT_OQ);
  const Lanes r = _mm256_sqrt_pd(splat(0.0) - log_lanes(select(upper, splat(1.0) - p, p)));
  Lanes size = ratio(r - splat(1.6), kTailAbove, kTailBelow);
  const Lanes far = _mm256_cmp_pd(r, splat(5.0), _CMP_GT_OQ);
  if (any(far)) {
    size = select(far, ratio(r - splat(5.0), kFarAbove, kFarBelow), size);
    size = select(_mm256_cmp_pd(r, splat(__builtin_inf()), _CMP_EQ_OQ), r, size);
  }
  return _mm256_or_pd(size, _mm256_andnot_pd(upper, splat(-0.0)));
}

inline Lanes quantile_kernel(Lanes p) {
  const Lanes q = p - splat(0.5);
  const Lanes centre = q * ratio(fnma(q, q, splat(0.180625)), kCentreAbove, kCentreBelow);
  const Lanes size = _mm256_andnot_pd(splat(-0.0), q);
  const Lanes outside = _mm256_cmp_pd(size, splat(0.425), _CMP_GT_OQ);
  return any(outside) ? select(outside, quantile_of_tail(p, q), centre) : centre;
}

}  // namespace

double erf(double x) {
  const double size = std::fabs(x);
  if (size < 1.0) return erf_small(x);
  if (x != x) return x;
  if (size > 6.0) return std::copysign(1.0, x);
  return std::copysign(1.0 - exp_of_minus_product(size, size) * erfc_scaled(size), x);
}

double normal_cdf(double x) {
  constexpr double kRootHalf = 0x1.6a09e667f3bcdp-1;
  if (x != x) return x;
  if (std::fabs(x) < 0.5625) return std::fma(0.5, erf_small(x * kRootHalf), 0.5);
  const double size = std::fmin(std::fabs(x), 39.0);
  const double tail = 0.5 * exp_of_minus_product(0.5 * size, size) * erfc_scaled(size * kRootHalf);
  return x > 0 ? 1.0 - tail : tail;
}

double normal_quantile(double p) {
  return first(quantile_kernel(splat(p)));
}

void normal_quantile(std::span<const double> in, std::span<double> out) {
  map_lanes(in, out, [](Lanes p) { return quantile_kernel(p); });
}

}  // namespace math
}  // namespace core
}  // namespace swarm
