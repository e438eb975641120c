#include "sim/economy/apportion.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "sim/core/rng.hpp"

namespace swarm::economy {
namespace {

using Shares = std::vector<std::int64_t>;

Shares divided(std::int64_t pool, std::vector<double> weights, std::int64_t expected_total) {
  Shares shares(weights.size(), -1);
  EXPECT_EQ(apportion({pool}, weights, shares).value, expected_total);
  return shares;
}

Int128 sum(const Shares& shares) {
  return std::accumulate(shares.begin(), shares.end(), Int128{0});
}

TEST(Apportion, WorkedExample) {
  // 100 by 0.5, 0.3, 0.25: quotas 47.62, 28.57, 23.81; 47 + 28 + 23 = 98, the two left go to .81 and .62.
  EXPECT_EQ(divided(100, {0.5, 0.3, 0.25}, 100), (Shares{48, 28, 24}));
  // Ties go to the earlier row; negative weights count as zero.
  EXPECT_EQ(divided(5, {1, 1, 1}, 5), (Shares{2, 2, 1}));
  EXPECT_EQ(divided(5, {-7, 1, -0.5, 1}, 5), (Shares{0, 3, 0, 2}));
}

TEST(Apportion, NobodyToDivideAmongGetsNothing) {
  EXPECT_EQ(divided(100, {}, 0), Shares{});
  EXPECT_EQ(divided(100, {0, -1}, 0), (Shares{0, 0}));
  EXPECT_EQ(divided(0, {1, 2}, 0), (Shares{0, 0}));
  EXPECT_EQ(divided(-3, {1, 2}, 0), (Shares{0, 0}));
}

TEST(Apportion, WeightsThatAreNoNumbersAreRefused) {
  Shares shares(2);
  for (const double bad :
       {std::nan(""), std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()})
    EXPECT_THROW(apportion({5}, std::vector<double>{1, bad}, shares), ModelError) << bad;
}

TEST(Apportion, ExtremePoolsAndWeightsAddUp) {
  constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();
  const double huge = std::numeric_limits<double>::max(), tiny = std::numeric_limits<double>::denorm_min();
  EXPECT_EQ(divided(kAll, {1}, kAll), Shares{kAll});
  EXPECT_EQ(divided(kAll, {tiny, tiny}, kAll), (Shares{kAll / 2 + 1, kAll / 2}));
  EXPECT_EQ(sum(divided(kAll, {huge, huge, huge}, kAll)), Int128{kAll});
  EXPECT_EQ(divided(kAll, {huge, tiny}, kAll), (Shares{kAll, 0}))
      << "below 2⁻⁵⁴ of the largest nothing is left of a weight";
}

/// How far shares are from the properties that the division promises: sum off the pool, and the worst
/// distance in µTKN of a share from its quota.
struct Faults {
  Int128 off;
  double distance;
};

template <class Division>
Faults worst_faults(Division&& division) {
  const Random random(1, Stream::experiment);
  Faults worst{0, 0};
  for (std::uint64_t k = 0; k < 2000; ++k) {
    RandomSequence draws(random, 0, k);
    std::vector<double> weights(1 + uniform_below(draws.word(), 40));
    for (double& w : weights) w = std::max(0.0, draws.uniform() - 0.2);
    if (std::ranges::max(weights) == 0) continue;
    const std::int64_t pool = uniform_below(draws.word(), 1'000'000);
    Shares shares(weights.size());
    division(pool, weights, shares);
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    worst.off = std::max(worst.off, sum(shares) > pool ? sum(shares) - pool : pool - sum(shares));
    for (std::size_t i = 0; i < shares.size(); ++i)
      worst.distance =
          std::max(worst.distance, std::abs(double(shares[i]) - double(pool) * weights[i] / total));
  }
  return worst;
}

TEST(Apportion, SharesAddUpAndKeepTheirQuota) {
  const Faults good = worst_faults(
      [](std::int64_t pool, const auto& weights, Shares& shares) { apportion({pool}, weights, shares); });
  EXPECT_TRUE(good.off == 0);
  EXPECT_LT(good.distance,
            1 + 1e-8);  // 40 weights rounded to 2⁻⁵³ move a share of 1e6 by 40 · 1e6 · 2⁻⁵³ = 4e-9
  // Mutants: every share rounded by itself; all that is left over to the first.
  const auto rounded = [](std::int64_t pool, const auto& weights, Shares& shares) {
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (std::size_t i = 0; i < shares.size(); ++i)
      shares[i] = round_half_even(double(pool) * weights[i] / total);
  };
  EXPECT_TRUE(worst_faults(rounded).off > 0);
  const auto first = [](std::int64_t pool, const auto& weights, Shares& shares) {
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (std::size_t i = 0; i < shares.size(); ++i)
      shares[i] = static_cast<std::int64_t>(std::floor(double(pool) * weights[i] / total));
    shares[0] += pool - static_cast<std::int64_t>(sum(shares));
  };
  EXPECT_TRUE(worst_faults(first).off == 0);
  EXPECT_GT(worst_faults(first).distance, 2);
}

TEST(PayShares, MovesThePoolOrNothing) {
  Ledger ledger(4);
  ledger.mint({0}, {100}, Posting::endowment);
  ledger.clear_journal();
  const std::vector<AccountId> to{{1}, {2}, {3}};
  EXPECT_FALSE(pay_shares(ledger, {0}, to, Shares{60, 0, 41}, Posting::trade));
  EXPECT_EQ(ledger.balance({0}).value, 100);
  EXPECT_TRUE(ledger.journal().empty());
  EXPECT_TRUE(pay_shares(ledger, {0}, to, Shares{60, 0, 40}, Posting::trade));
  EXPECT_TRUE(std::ranges::equal(ledger.balances(), std::vector<std::int64_t>{0, 60, 0, 40}));
  EXPECT_EQ(ledger.journal().size(), 2u);
  ledger.audit();
}

}  // namespace
}  // namespace swarm::economy
