#include "sim/dispatch/exact_sums.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <charconv>
#include <string>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/core/rng.hpp"

namespace swarm::dispatch {
namespace {

std::vector<std::int64_t> totals_of(const std::vector<double>& values, int decimals) {
  std::vector<std::int64_t> units(values.size()), totals(values.size() + 1);
  to_units(values, decimals, units);
  running_totals(units, totals);
  return totals;
}

TEST(ExactSums, MeansOfWindowsByHand) {
  const auto totals = totals_of({10, 20, 30, 40, 5}, 3);
  const double expected[] = {15, 25, 35, 22.5};
  for (std::int64_t start = 0; start < 4; ++start)
    EXPECT_EQ(static_cast<double>(sum_of(totals, start, 2)) / (2 * units_per_one(3)), expected[start]);
  EXPECT_EQ(sum_of(totals, 0, 5), 105'000);
  EXPECT_EQ(sum_of(totals, 4, 1), 5'000);
}

TEST(ExactSums, DecimalsAreReadBackFromBinaryFractions) {
  // A value printed with k decimals and read as a double is the whole number it was printed from.
  RandomSequence draw(Random(3, Stream::experiment), 0, 0);
  const int decimals = signal_decimals(999, 17568);
  ASSERT_EQ(decimals, 11);
  for (int i = 0; i < 20'000; ++i) {
    const auto whole = static_cast<std::int64_t>(draw.uniform() * 1e14);
    const std::string text = fmt::format("{}.{:011}", whole / 100'000'000'000, whole % 100'000'000'000);
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    std::int64_t unit = 0;
    to_units({&value, 1}, decimals, {&unit, 1});
    ASSERT_EQ(unit, whole) << text;
  }
}

TEST(ExactSums, EqualStretchesHaveEqualSumsWhereverTheyLie) {
  // 0.1 + 0.2 + 0.3 behind sums of any size: a running sum of doubles would differ (mutant below).
  std::vector<double> values;
  for (int i = 0; i < 3000; ++i) values.push_back(i % 4 == 3 ? 977.7 : 0.1 * (i % 4 + 1));
  const auto totals = totals_of(values, signal_decimals(977.7, values.size()));
  double mutant = 0;
  std::vector<double> doubles{0};
  for (const double v : values) doubles.push_back(mutant += v);
  int differ = 0;
  for (std::size_t i = 0; i < values.size(); i += 4) {
    EXPECT_EQ(sum_of(totals, static_cast<std::int64_t>(i), 3), sum_of(totals, 0, 3));
    differ += doubles[i + 3] - doubles[i] != doubles[3];
  }
  EXPECT_GT(differ, 500);
}

TEST(ExactSums, AsManyDecimalsAsFit) {
  EXPECT_EQ(signal_decimals(0, 10), 12);
  EXPECT_EQ(signal_decimals(1000, 1), 12);
  EXPECT_EQ(signal_decimals(1125, 1), 12);
  EXPECT_EQ(signal_decimals(1126, 1), 11);       // 1126e12 > 2⁵⁰
  EXPECT_EQ(signal_decimals(1000, 4611), 12);    // 4.611e18 < 2⁶²
  EXPECT_EQ(signal_decimals(1000, 4612), 11);
  EXPECT_EQ(signal_decimals(1e6, 10'000'000), 5);
  EXPECT_EQ(signal_decimals(1e12, 4), 3);
  EXPECT_EQ(signal_decimals(1e30, 4), 0);
}

TEST(ExactSums, OverflowIsRefused) {
  std::vector<double> huge{1e10};
  std::vector<std::int64_t> unit(1);
  EXPECT_THROW(to_units(huge, 12, unit), ModelError);
  const std::vector<std::int64_t> units{std::int64_t{1} << 62, std::int64_t{1} << 62};
  std::vector<std::int64_t> totals(3);
  EXPECT_THROW(running_totals(units, totals), ModelError);
}

}  // namespace
}  // namespace swarm::dispatch
