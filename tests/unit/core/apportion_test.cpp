#include "sim/core/apportion.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <vector>

#include "sim/core/rng.hpp"
#include "sim/core/units.hpp"

namespace swarm {
inline namespace core {
namespace {

using Amounts = std::vector<std::int64_t>;

Amounts shares(std::int64_t total, const Amounts& weights) {
  Amounts out(weights.size());
  apportion(total, weights, out);
  return out;
}

TEST(Apportion, LargestRemainderAndTies) {
  // 10 over 1:1:1: 3⅓ each, the one that is left to the first.
  EXPECT_EQ(shares(10, {1, 1, 1}), (Amounts{4, 3, 3}));
  // 7 over 5:3:1: 3.89, 2.33, 0.78; two are left: to the first and the third.
  EXPECT_EQ(shares(7, {5, 3, 1}), (Amounts{4, 2, 1}));
  EXPECT_EQ(shares(0, {5, 3}), (Amounts{0, 0}));
  EXPECT_EQ(shares(5, {0, 2, 0}), (Amounts{0, 5, 0}));
}

TEST(Apportion, NobodyToGiveTo) {
  EXPECT_EQ(shares(5, {0, 0}), (Amounts{0, 0}));
  Amounts none;
  EXPECT_EQ(apportion(5, none, none), 0);
}

TEST(Apportion, LargeAmountsAreExact) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(shares(most, {most, most}), (Amounts{most / 2 + 1, most / 2}));
  EXPECT_EQ(shares(most, {most}), (Amounts{most}));
}

/// Mutants that the test below must reject.
Amounts rounded_alone(std::int64_t total, const Amounts& weights) {
  const double sum = static_cast<double>(std::accumulate(weights.begin(), weights.end(), std::int64_t{0}));
  Amounts out;
  for (const std::int64_t w : weights)
    out.push_back(round_half_even(static_cast<double>(total) * static_cast<double>(w) / sum));
  return out;
}
Amounts rest_to_the_first(std::int64_t total, const Amounts& weights) {
  const std::int64_t sum = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
  Amounts out;
  for (const std::int64_t w : weights) out.push_back(total * w / sum);
  out[0] += total - std::accumulate(out.begin(), out.end(), std::int64_t{0});
  return out;
}

/// Whether shares add up, are within one unit of the exact ones, and exceed no weight where total ≤ Σ weights.
template <class Divide>
bool holds(Divide&& divide) {
  const Random random(1, Stream::experiment);
  for (std::uint32_t round = 0; round < 500; ++round) {
    RandomSequence draws(random, round, 0);
    Amounts weights(7);
    for (std::int64_t& w : weights) w = uniform_below(draws.word(), round % 2 == 0 ? 4 : 1000);
    const std::int64_t sum = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
    if (sum == 0) continue;
    const auto total = static_cast<std::int64_t>(draws.uniform() * static_cast<double>(sum));
    const Amounts out = divide(total, weights);
    if (std::accumulate(out.begin(), out.end(), std::int64_t{0}) != total) return false;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::int64_t off = out[i] * sum - total * weights[i];
      if (off >= sum || off <= -sum || out[i] > weights[i] || out[i] < 0) return false;
    }
  }
  return true;
}

TEST(Apportion, AddsUpAndIsNeverAUnitOff) {
  EXPECT_TRUE(holds(shares));
  EXPECT_FALSE(holds(rounded_alone));
  EXPECT_FALSE(holds(rest_to_the_first));
}

}  // namespace
}  // namespace core
}  // namespace swarm
