#include "sim/dispatch/exact_sums.hpp"

#include <array>

#include "sim/core/checks.hpp"
#include "sim/core/units.hpp"

namespace swarm {
namespace dispatch {
namespace {

constexpr std::array<double, kMostSignalDecimals + 1> kPowersOfTen{1e0, 1e1, 1e2, 1e3, 1e4,  1e5, 1e6,
                                                                   1e7, 1e8, 1e9, 1e10, 1e11, 1e12};

}  // namespace

double units_per_one(int decimals) {
  EXPECT(decimals >= 0 && decimals <= kMostSignalDecimals);
  return kPowersOfTen[static_cast<std::size_t>(decimals)];
}

int signal_decimals(double greatest, std::size_t count) {
  int decimals = kMostSignalDecimals;
  const auto fits = [&] {
    const double units = greatest * units_per_one(decimals);
    return units <= 0x1p50 && units * static_cast<double>(count) <= 0x1p62;
  };
  while (decimals > 0 && !fits()) --decimals;
  return decimals;
}

void to_units(std::span<const double> values, int decimals, std::span<std::int64_t> units) {
  EXPECT(values.size() == units.size());
  const double factor = units_per_one(decimals);
  for (std::size_t i = 0; i < values.size(); ++i) units[i] = round_half_even(values[i] * factor);
}

void running_totals(std::span<const std::int64_t> units, std::span<std::int64_t> totals) {
  EXPECT(totals.size() == units.size() + 1);
  std::int64_t sum = 0;
  totals[0] = 0;
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (__builtin_add_overflow(sum, units[i], &sum)) integer_overflow("summing a signal");
    totals[i + 1] = sum;
  }
}

}  // namespace dispatch
}  // namespace swarm
