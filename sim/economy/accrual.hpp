#pragma once
#include "sim/core/units.hpp"

/// A charge that grows with time, in whole µTKN without losing a fraction over any number of steps
/// (docs/models/credit.md, "Accrual").
namespace swarm {
namespace economy {

/// A rate in fixed point, steps of 1e-12 per period; rounding it is the only inexactness of an accrual.
struct FixedRate {
  std::int64_t pico{};
  std::int64_t period_s = 3600;
  /// Half to even; ModelError if out of range or not a number.
  static FixedRate per_hour(double rate) { return {round_half_even(rate * 1e12), 3600}; }
  static FixedRate per_day(double rate) { return {round_half_even(rate * 1e12), 86'400}; }
  /// Remainders are counted in this part of a µTKN: it makes amount × rate × seconds a whole number.
  std::int64_t remainders_per_utkn() const { return period_s * 1'000'000'000'000; }
};

/// What to book now, and the fraction to hand to the next call: in [0, remainders_per_utkn()).
struct Accrual {
  std::int64_t utkn{};
  std::int64_t remainder{};
};

/// Charges `rate` on `amount` ≥ 0 for `seconds` ≥ 0, plus what was carried, rounded down. While amount and
/// rate stay, the charges of any division of a time into calls add up to the same whole number. The rate must
/// be ≥ 0; a remainder only means something to rates of the same period. ModelError beyond 64 bits.
inline Accrual accrue(std::int64_t amount, FixedRate rate, std::int64_t seconds, std::int64_t remainder) {
  const std::int64_t unit = rate.remainders_per_utkn();
  EXPECT(amount >= 0 && rate.pico >= 0 && seconds >= 0 && remainder >= 0 && remainder < unit);
  Int128 exact;
  if (__builtin_mul_overflow(Int128{amount} * rate.pico, Int128{seconds}, &exact) ||
      __builtin_add_overflow(exact, Int128{remainder}, &exact))
    integer_overflow("accrual");
  const Int128 utkn = exact / unit;
  if (utkn > INT64_MAX) integer_overflow("accrual");
  return {static_cast<std::int64_t>(utkn), static_cast<std::int64_t>(exact - utkn * unit)};
}

}  // namespace economy
}  // namespace swarm
