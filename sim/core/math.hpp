#pragma once
#include <span>

/// Elementary functions whose bits are the same on every machine: no libm, no contraction left to the
/// compiler, one kernel of explicit fma steps for single values and arrays. Arguments outside a domain give
/// NaN, poles give infinities, results too large or too small give ±∞, subnormal numbers or 0, NaN stays
/// NaN; nothing sets errno.
///
/// The stated maximum errors are checked against long double by tests/unit/core/math_test.cpp over dense and
/// random arguments (ulp: units in the last place of the exact result; correct rounding would be 0.5). They
/// hold for subnormal arguments and results too.
namespace swarm {
inline namespace core {
namespace math {

/// e^x; 0.9 ulp.
double exp(double x);
/// Natural logarithm; −∞ at ±0, NaN below; 0.9 ulp.
double log(double x);
/// Hyperbolic tangent; 0.9 ulp.
double tanh(double x);
/// Sine of x radians for any finite x, NaN at ±∞; 0.9 ulp.
double sin(double x);
/// Cosine of x radians for any finite x, NaN at ±∞; 0.9 ulp.
double cos(double x);
/// Error function; 1.3 ulp.
double erf(double x);
/// x^y for x ≥ 0; 1.5 ulp. 1 if x = 1 or y = 0; 0^y is 0 for y > 0 and ∞ for y < 0; NaN for every x < 0,
/// whole y included.
double pow(double x, double y);
/// Probability that a standard normal variate is below x; 5 ulp, in the lower tail too.
double normal_cdf(double x);
/// Inverse of normal_cdf on [0, 1]: −∞ at 0, ∞ at 1, NaN outside; relative error 1e-15, in the lower tail
/// down to the smallest subnormal p (Wichura's AS 241).
double normal_quantile(double p);

/// e^x in single precision; 1 ulp.
float exp(float x);
/// Hyperbolic tangent in single precision; 0.9 ulp.
float tanh(float x);

/// Whole arrays: out[i] has the same bits as the function of in[i]. Both have one size; out may be in.
void exp(std::span<const double> in, std::span<double> out);
void log(std::span<const double> in, std::span<double> out);
void normal_quantile(std::span<const double> in, std::span<double> out);
void exp(std::span<const float> in, std::span<float> out);
void tanh(std::span<const float> in, std::span<float> out);

}  // namespace math
}  // namespace core
}  // namespace swarm
