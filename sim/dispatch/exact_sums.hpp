#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

/// Signals as whole numbers of a decimal unit, so that the sum over a stretch of slots has no rounding error and two
/// stretches with equal values have equal sums wherever they lie.
namespace swarm {
namespace dispatch {

inline constexpr int kMostSignalDecimals = 12;

/// The most decimals k ≤ 12 at which `count` values of magnitude up to `greatest` ≤ 10¹² are as many units of 10^−k as
/// their decimal digits say, and add up within 64 bits: greatest·10^k ≤ 2⁵⁰ and count·greatest·10^k ≤ 2⁶².
/// For 17,568 half-hours of up to 800 g/kWh that is 11. 0 where nothing finer fits.
int signal_decimals(double greatest, std::size_t count);

/// 10^k, k from 0 to 12.
double units_per_one(int decimals);

/// units[i] = values[i]·10^decimals, half to even; ModelError if it does not fit. A value with no more than so many
/// decimals is converted exactly, in spite of the binary fraction that carried it here.
void to_units(std::span<const double> values, int decimals, std::span<std::int64_t> units);

/// totals[i] = units[0] + … + units[i − 1] for i from 0 to units.size(); one longer than `units`. ModelError on overflow.
void running_totals(std::span<const std::int64_t> units, std::span<std::int64_t> totals);

/// Sum over slots first … first + length − 1.
inline std::int64_t sum_of(std::span<const std::int64_t> totals, std::int64_t first, std::int64_t length) {
  return totals[static_cast<std::size_t>(first + length)] - totals[static_cast<std::size_t>(first)];
}

}  // namespace dispatch
}  // namespace swarm
