#pragma once
#include <cmath>
#include <compare>
#include <cstdint>

#include "sim/core/checks.hpp"

/// Quantities that must add up exactly are integers: money in µTKN, metered energy in nJ. Arithmetic that
/// would overflow throws instead of wrapping. Everything else is a double with its unit in its name.
namespace swarm {
inline namespace core {

inline constexpr double kSecondsPerHour = 3600.0;
inline constexpr double kSecondsPerDay = 86400.0;
inline constexpr double kJoulesPerKwh = 3.6e6;
inline constexpr double kNanojoulesPerKwh = 3.6e15;
/// The peg: 1 TKN = 0.001 USD, so 1 µTKN = 1e-9 USD.
inline constexpr double kMicroTknPerUsd = 1e9;

[[noreturn]] void integer_overflow(const char* operation);

/// A 64-bit integer quantity that refuses to overflow.
template <class Tag>
struct CheckedInt {
  std::int64_t value{};

  friend constexpr auto operator<=>(CheckedInt, CheckedInt) = default;
  friend constexpr CheckedInt operator+(CheckedInt a, CheckedInt b) {
    CheckedInt r;
    if (__builtin_add_overflow(a.value, b.value, &r.value)) integer_overflow("addition");
    return r;
  }
  friend constexpr CheckedInt operator-(CheckedInt a, CheckedInt b) {
    CheckedInt r;
    if (__builtin_sub_overflow(a.value, b.value, &r.value)) integer_overflow("subtraction");
    return r;
  }
  friend constexpr CheckedInt operator*(CheckedInt a, std::int64_t factor) {
    CheckedInt r;
    if (__builtin_mul_overflow(a.value, factor, &r.value)) integer_overflow("multiplication");
    return r;
  }
  constexpr CheckedInt operator-() const { return CheckedInt{} - *this; }
  constexpr CheckedInt& operator+=(CheckedInt b) { return *this = *this + b; }
  constexpr CheckedInt& operator-=(CheckedInt b) { return *this = *this - b; }
};

/// Money [µTKN], 1e-9 USD.
using MicroTkn = CheckedInt<struct MoneyTag>;
/// Metered energy [nJ].
using NanoJoule = CheckedInt<struct EnergyTag>;

/// Sums that may exceed 64 bits (energy over a swarm, audits).
__extension__ using Int128 = __int128;

/// Double to integer, half to even; throws if it does not fit (NaN included).
inline std::int64_t round_half_even(double x) {
  const double r = std::nearbyint(x);  // default rounding mode: ties to even
  if (!(r >= -9.2e18 && r <= 9.2e18)) integer_overflow("rounding");
  return static_cast<std::int64_t>(r);
}

/// The same for sums that may exceed 64 bits; exact up to 2^53, then as exact as the double.
inline Int128 round_half_even_wide(double x) {
  const double r = std::nearbyint(x);
  if (!(r >= -1e38 && r <= 1e38)) integer_overflow("rounding");
  return static_cast<Int128>(r);
}

inline MicroTkn micro_tkn_from_usd(double usd) { return {round_half_even(usd * kMicroTknPerUsd)}; }
inline double usd(MicroTkn m) { return static_cast<double>(m.value) / kMicroTknPerUsd; }
inline double kwh(NanoJoule e) { return static_cast<double>(e.value) / kNanojoulesPerKwh; }
/// Energy of a sum of nanojoules that may exceed 64 bits.
inline double kwh_wide(Int128 nj) { return static_cast<double>(nj) / kNanojoulesPerKwh; }

}  // namespace core
}  // namespace swarm
