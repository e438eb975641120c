#pragma once
#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "sim/core/checks.hpp"

/// Building blocks of sim/core/math.hpp: four doubles or eight floats in the lanes of one AVX2 register. A
/// single value is computed by the same kernel with the value in every lane, so arrays and single values
/// agree bit for bit by construction. Kernels never mix lanes.
namespace swarm {
inline namespace core {
namespace math {

using Lanes = __m256d;
using FloatLanes = __m256;

inline constexpr double kLog2E = 0x1.71547652b82fep+0;
inline constexpr double kLn2High = 0x1.62e42fefa39efp-1;  // nearest double
inline constexpr double kLn2Low = 0x1.abc9e3b39803fp-56;
// ln 2 with 11 trailing zero bits, so that a multiple by an exponent is exact; and the remainder.
inline constexpr double kLn2Short = 0x1.62e42fefa3800p-1;
inline constexpr double kLn2Rest = 0x1.ef35793c76730p-45;
/// Adding and subtracting it rounds to an integer, which then sits in the low bits of the sum.
inline constexpr double kRoundingShift = 0x1.8p52;

inline Lanes splat(double x) {
  return _mm256_set1_pd(x);
}
inline Lanes fma(Lanes a, Lanes b, Lanes c) {
  return _mm256_fmadd_pd(a, b, c);
}
inline Lanes fnma(Lanes a, Lanes b, Lanes c) {
  return _mm256_fnmadd_pd(a, b, c);
}  // c − a·b
inline Lanes select(Lanes mask, Lanes yes, Lanes no) {
  return _mm256_blendv_pd(no, yes, mask);
}
inline bool any(Lanes mask) {
  return _mm256_movemask_pd(mask) != 0;
}
inline bool all(Lanes mask) {
  return _mm256_movemask_pd(mask) == 0xF;
}
inline double first(Lanes x) {
  return _mm256_cvtsd_f64(x);
}

inline FloatLanes splat(float x) {
  return _mm256_set1_ps(x);
}
inline FloatLanes fma(FloatLanes a, FloatLanes b, FloatLanes c) {
  return _mm256_fmadd_ps(a, b, c);
}
inline FloatLanes fnma(FloatLanes a, FloatLanes b, FloatLanes c) {
  return _mm256_fnmadd_ps(a, b, c);
}
inline float first(FloatLanes x) {
  return _mm256_cvtss_f32(x);
}

/// c[K] + c[K+2]·square + c[K+4]·square² + …
template <std::size_t K, class V, class T, std::size_t N>
inline V every_other(V square, const std::array<T, N>& c) {
  if constexpr (K + 2 < N)
    return fma(every_other<K + 2>(square, c), square, splat(c[K]));
  else
    return splat(c[K]);
}

/// Σ c[k]·x^k as two interleaved Horner chains in x²: half the latency of one.
template <class V, class T, std::size_t N>
inline V polynomial(V x, const std::array<T, N>& c) {
  const V square = x * x;
  return fma(every_other<1>(square, c), x, every_other<0>(square, c));
}

/// e^r = 1 + r + r²·(1/2 + r·Q(r)) on |r| ≤ ln 2 / 2, relative error 2⁻⁵⁹: Q, fitted at Chebyshev nodes.
inline constexpr std::array<double, 10> kExpTail{
    0x1.5555555555556p-3,  0x1.5555555555555p-5,  0x1.11111111109adp-7,  0x1.6c16c16c167dep-10,
    0x1.a01a01a7c8d47p-13, 0x1.a01a01a47db6fp-16, 0x1.71de0d9c145d0p-19, 0x1.27e4e1ea0f53ap-22,
    0x1.af38d53857513p-26, 0x1.1f66f85dfa20ap-29};

/// x = n·ln 2 + r; `tail` is e^r − 1 − r and `shifted` holds n in its low bits.
struct ExpParts {
  Lanes shifted, r, tail;
};

/// For |x| < 2^30 or NaN.
inline ExpParts exp_parts(Lanes x) {
  const Lanes shifted = fma(x, splat(kLog2E), splat(kRoundingShift));
  const Lanes n = shifted - splat(kRoundingShift);
  const Lanes exact = fnma(n, splat(kLn2High), x);
  const Lanes r = fnma(n, splat(kLn2Low), exact);
  const Lanes r_low = fnma(n, splat(kLn2Low), exact - r);
  const Lanes half = fma(r, polynomial(r, kExpTail), splat(0.5));
  return {shifted, r, fma(r * r, half, r_low)};
}

/// value · 2^n in two exact steps and one rounding, for n in (−2048, 2048).
inline Lanes scale(Lanes value, Lanes shifted) {
  const __m256i n =
      _mm256_sub_epi64(_mm256_castpd_si256(shifted), _mm256_castpd_si256(splat(kRoundingShift)));
  const __m256i half =  // floor(n / 2): 64-bit arithmetic shifts do not exist in AVX2
      _mm256_sub_epi64(_mm256_srli_epi64(_mm256_add_epi64(n, _mm256_set1_epi64x(4096)), 1),
                       _mm256_set1_epi64x(2048));
  const __m256i bias = _mm256_set1_epi64x(1023);
  const __m256i one = _mm256_slli_epi64(_mm256_add_epi64(half, bias), 52);
  const __m256i two = _mm256_slli_epi64(_mm256_add_epi64(_mm256_sub_epi64(n, half), bias), 52);
  return value * _mm256_castsi256_pd(one) * _mm256_castsi256_pd(two);
}

/// Brings arguments beyond the range of a double to its edge; NaN passes, since min and max return their
/// second operand if one is NaN.
inline Lanes clamp_exponent(Lanes x) {
  return _mm256_max_pd(splat(-747.0), _mm256_min_pd(splat(711.0), x));
}

inline Lanes exp_lanes(Lanes x) {
  const ExpParts parts = exp_parts(clamp_exponent(x));
  return scale(splat(1.0) + (parts.r + parts.tail), parts.shifted);
}

/// e^(x + x_low) with |x_low| ≤ ulp(x).
inline Lanes exp_lanes(Lanes x, Lanes x_low) {
  const ExpParts parts = exp_parts(clamp_exponent(x));
  const Lanes slope = splat(1.0) + (parts.r + parts.tail);
  return scale(splat(1.0) + (parts.r + fma(x_low, slope, parts.tail)), parts.shifted);
}

/// ln((1 + s)/(1 − s)) = 2s + s³·R(s²) on s ≤ 3 − 2√2, relative error 2⁻⁵⁷.
inline constexpr std::array<double, 7> kLogTail{
    0x1.5555555555558p-1, 0x1.9999999995273p-2, 0x1.2492492dfd86cp-2, 0x1.c71c62d5e53e0p-3,
    0x1.7462b91b8df65p-3, 0x1.39fdcceb4bb45p-3, 0x1.2b5f68a50d903p-3};

/// x = 2^exponent · (1 + f), √½ ≤ 1 + f < √2.
struct LogParts {
  Lanes exponent, f;
};

/// For positive finite x, subnormal ones included; anything else gives bits without meaning.
inline LogParts log_parts(Lanes x) {
  const Lanes tiny = _mm256_cmp_pd(x, splat(0x1p-1022), _CMP_LT_OQ);
  x = select(tiny, x * splat(0x1p54), x);
  const __m256i root = _mm256_castpd_si256(splat(0x1.6a09e667f3bcdp-1));
  const __m256i moved =  // the exponent field steps at √½ instead of 1
      _mm256_add_epi64(_mm256_castpd_si256(x), _mm256_sub_epi64(_mm256_castpd_si256(splat(1.0)), root));
  const __m256i mantissa =
      _mm256_add_epi64(_mm256_and_si256(moved, _mm256_set1_epi64x(0x000F'FFFF'FFFF'FFFF)), root);
  const __m256i field = _mm256_srli_epi64(moved, 52);
  const Lanes biased =
      _mm256_castsi256_pd(_mm256_or_si256(field, _mm256_castpd_si256(splat(0x1p52)))) - splat(0x1p52);
  return {biased - select(tiny, splat(1023.0 + 54.0), splat(1023.0)),
          _mm256_castsi256_pd(mantissa) - splat(1.0)};
}

/// Natural logarithm of any double, in the arrangement of fdlibm's e_log.c (f is kept apart from its square).
inline Lanes log_lanes(Lanes x) {
  const auto [k, f] = log_parts(x);
  const Lanes s = f / (splat(2.0) + f);
  const Lanes z = s * s;
  const Lanes tail = z * polynomial(z, kLogTail);
  const Lanes half_square = splat(0.5) * f * f;
  const Lanes small = fma(s, half_square + tail, k * splat(kLn2Rest));
  const Lanes finite = fma(k, splat(kLn2Short), f - (half_square - small));
  const Lanes regular = _mm256_and_pd(_mm256_cmp_pd(x, splat(0.0), _CMP_GT_OQ),
                                      _mm256_cmp_pd(x, splat(__builtin_inf()), _CMP_LT_OQ));
  if (all(regular)) return finite;
  const Lanes zero = _mm256_cmp_pd(x, splat(0.0), _CMP_EQ_OQ);
  const Lanes negative = _mm256_cmp_pd(x, splat(0.0), _CMP_LT_OQ);
  const Lanes special = select(zero, splat(-__builtin_inf()), select(negative, splat(__builtin_nan("")), x));
  return select(regular, finite, special);
}

/// out[i] = kernel(in[i]) in registers of four; the rest goes through a padded register of its own.
template <class Kernel>
inline void map_lanes(std::span<const double> in, std::span<double> out, Kernel kernel) {
  EXPECT(in.size() == out.size());
  std::size_t i = 0;
  for (; i + 4 <= in.size(); i += 4) _mm256_storeu_pd(&out[i], kernel(_mm256_loadu_pd(&in[i])));
  if (i == in.size()) return;
  std::array<double, 4> rest;
  rest.fill(0.5);
  std::copy(in.begin() + static_cast<std::ptrdiff_t>(i), in.end(), rest.begin());
  _mm256_storeu_pd(rest.data(), kernel(_mm256_loadu_pd(rest.data())));
  std::copy_n(rest.begin(), in.size() - i, out.begin() + static_cast<std::ptrdiff_t>(i));
}

template <class Kernel>
inline void map_lanes(std::span<const float> in, std::span<float> out, Kernel kernel) {
  EXPECT(in.size() == out.size());
  std::size_t i = 0;
  for (; i + 8 <= in.size(); i += 8) _mm256_storeu_ps(&out[i], kernel(_mm256_loadu_ps(&in[i])));
  if (i == in.size()) return;
  std::array<float, 8> rest;
  rest.fill(0.5f);
  std::copy(in.begin() + static_cast<std::ptrdiff_t>(i), in.end(), rest.begin());
  _mm256_storeu_ps(rest.data(), kernel(_mm256_loadu_ps(rest.data())));
  std::copy_n(rest.begin(), in.size() - i, out.begin() + static_cast<std::ptrdiff_t>(i));
}

}  // namespace math
}  // namespace core
}  // namespace swarm
