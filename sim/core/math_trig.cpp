#include <cmath>
#include <cstdint>
#include <limits>

#include "sim/core/math.hpp"
#include "sim/core/math_lanes.hpp"
#include "sim/core/units.hpp"

namespace swarm {
inline namespace core {
namespace math {
namespace {

__extension__ using Unsigned128 = unsigned __int128;

// π/2 in three doubles, together 162 bits.
constexpr double kHalfPi1 = 0x1.921fb54442d18p+0;
constexpr double kHalfPi2 = 0x1.1a62633145c07p-54;
constexpr double kHalfPi3 = -0x1.f1976b7ed8fbcp-110;
/// Up to here Cody and Waite's three steps leave an error below 2⁻¹²⁰.
constexpr double kReduceDirectly = 0x1p30;

/// 2/π in binary behind 64 zero bits: bit 64 + i weighs 2^−(i+1).
constexpr std::array<std::uint64_t, 20> kTwoOverPi{0,
                                                   0xa2f9836e4e441529ull,
                                                   0xfc2757d1f534ddc0ull,
                                                   0xdb6295993c439041ull,
                                                   0xfe5163abdebbc561ull,
                                                   0xb7246e3a424dd2e0ull,
                                                   0x06492eea09d1921cull,
                                                   0xfe1deb1cb129a73eull,
                                                   0xe88235f52ebb4484ull,
                                                   0xe99c7026b45f7e41ull,
                                                   0x3991d639835339f4ull,
                                                   0x9c845f8bbdf9283bull,
                                                   0x1ff897ffde05980full,
                                                   0xef2f118b5a0a6d1full,
                                                   0x6d367ecf27cb09b7ull,
                                                   0x4f463f669e5fea2dull,
                                                   0x7527bac7ebe5f17bull,
                                                   0x3d0739f78a5292eaull,
                                                   0x6bfb5fb11f8d5d08ull,
                                                   0x56033046fc7b6babull};

// sin r = r + r³·S(r²) and cos r = 1 − r²/2 + r⁴·C(r²) on |r| ≤ π/4, fitted at Chebyshev nodes.
constexpr std::array<double, 7> kSin{-0x1.5555555555555p-3, 0x1.1111111111110p-7,   -0x1.a01a01a01992fp-13,
                                     0x1.71de3a545f836p-19, -0x1.ae645410e937bp-26, 0x1.61217d9252c03p-33,
                                     -0x1.ab16f5caa198ap-41};
constexpr std::array<double, 7> kCos{0x1.5555555555555p-5,   -0x1.6c16c16c16c16p-10, 0x1.a01a01a019d06p-16,
                                     -0x1.27e4fb77125c5p-22, 0x1.1eed8deac3dfep-29,  -0x1.9394b8bd50ae1p-37,
                                     0x1.ab779550c8d9bp-45};

/// |x| = (4m + quadrant)·π/2 + r + r_low with |r| ≤ π/4 (a hair more where the quadrant is rounded).
struct Reduced {
  unsigned quadrant;
  double r, r_low;
};

Reduced reduce_directly(double x) {
  const double n = std::nearbyint(x * 0x1.45f306dc9c883p-1);
  const double a = std::fma(-n, kHalfPi1, x);  // exact
  const double p = n * kHalfPi2;
  const double r = a - p;
  const double of_p = r - a;
  const double rounded = (a - (r - of_p)) - (p + of_p);  // exact error of a − p, whichever is larger
  const double p_low = std::fma(n, kHalfPi2, -p);
  return {static_cast<unsigned>(static_cast<std::int64_t>(n) & 3), r, rounded - std::fma(n, kHalfPi3, p_low)};
}

/// 64 bits of the table from a bit position on.
std::uint64_t table_bits(unsigned position) {
  const unsigned word = position / 64, shift = position % 64;
  if (shift == 0) return kTwoOverPi[word];
  return (kTwoOverPi[word] << shift) | (kTwoOverPi[word + 1] >> (64 - shift));
}

/// Payne and Hanek (ACM SIGNUM Newsletter 18, 1983): x = m·2^e, and of 2/π only the 192 bits that matter
/// for m·2^e·2/π modulo 4 are multiplied out. At least 66 correct bits remain for any double.
Reduced reduce_widely(double x) {
  const std::uint64_t bits = __builtin_bit_cast(std::uint64_t, x);
  const std::uint64_t m = (bits & 0x000F'FFFF'FFFF'FFFFull) | 0x0010'0000'0000'0000ull;
  const int e = static_cast<int>(bits >> 52) - 1075;
  const unsigned start = static_cast<unsigned>(62 + e);  // the first bit whose product is not a multiple of 4
  const Unsigned128 low = Unsigned128{m} * table_bits(start + 128);
  const Unsigned128 middle = Unsigned128{m} * table_bits(start + 64) + (low >> 64);
  const Unsigned128 top = (Unsigned128{m * table_bits(start)} << 64) + middle;  // upper 128 of 192 bits
  // top·2⁻¹²⁶ is the angle in quadrants modulo 4; half a quadrant is added so that the rest is in ±½
  const auto quadrant = static_cast<unsigned>((top + (Unsigned128{1} << 125)) >> 126);
  const std::uint64_t last = static_cast<std::uint64_t>(low);
  const auto fraction = static_cast<Int128>((top << 2) | (last >> 62));
  const double high = static_cast<double>(fraction);
  const double rest = static_cast<double>(fraction - static_cast<Int128>(high)) * 0x1p-128;
  const double turns = high * 0x1p-128;
  const double r = turns * kHalfPi1;
  const double r_low = std::fma(turns, kHalfPi1, -r) + std::fma(turns, kHalfPi2, rest * kHalfPi1);
  return {quadrant & 3, r, r_low};
}

double sin_near_zero(double r, double r_low) {
  const double z = r * r;
  const double tail = z * r * first(polynomial(splat(z), kSin));
  return r + (tail + std::fma(-0.5 * z, r_low, r_low));  // d sin = cos r · dr
}

double cos_near_zero(double r, double r_low) {
  const double z = r * r;
  const double half = 0.5 * z;
  const double sum = 1.0 - half;
  const double lost = (1.0 - sum) - half;
  return sum + (lost + std::fma(z * z, first(polynomial(splat(z), kCos)), -r * r_low));
}

/// sin(|x| + shift·π/2).
double sine_of_shifted(double magnitude, unsigned shift) {
  if (!(magnitude < std::numeric_limits<double>::infinity())) return std::numeric_limits<double>::quiet_NaN();
  const auto [quadrant, r, r_low] =
      magnitude < kReduceDirectly ? reduce_directly(magnitude) : reduce_widely(magnitude);
  const unsigned turn = (quadrant + shift) & 3;
  const double value = (turn & 1) != 0 ? cos_near_zero(r, r_low) : sin_near_zero(r, r_low);
  return (turn & 2) != 0 ? -value : value;
}

}  // namespace

double sin(double x) {
  const double magnitude = std::fabs(x);
  if (magnitude < 0x1p-27) return x;  // keeps the sign of zero
  return std::signbit(x) ? -sine_of_shifted(magnitude, 0) : sine_of_shifted(magnitude, 0);
}

double cos(double x) {
  return sine_of_shifted(std::fabs(x), 1);
}

}  // namespace math
}  // namespace core
}  // namespace swarm
