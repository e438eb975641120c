#include "sim/economy/scoring_rule.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "sim/core/rng.hpp"

namespace swarm::economy {
namespace {

using Shares = std::vector<std::int64_t>;

constexpr MicroTkn kTkn{1'000'000};

/// Prices by the bare formula; long double holds exp(q/b) up to q/b = 11,356.
template <class Real>
std::vector<double> naive_prices(const Shares& outstanding, double b) {
  Real sum = 0;
  for (const std::int64_t q : outstanding) sum += std::exp(Real(q) / Real(b));
  std::vector<double> prices;
  for (const std::int64_t q : outstanding) prices.push_back(double(std::exp(Real(q) / Real(b)) / sum));
  return prices;
}

/// Cost in µTKN by the bare formula.
long double naive_cost(const Shares& outstanding, const Shares& change, double b, MicroTkn payout) {
  long double before = 0, after = 0;
  for (std::size_t i = 0; i < change.size(); ++i) {
    before += std::exp(static_cast<long double>(outstanding[i]) / b);
    after += std::exp(static_cast<long double>(outstanding[i] + change[i]) / b);
  }
  return static_cast<long double>(payout.value) * b * (std::log(after) - std::log(before));
}

std::vector<double> prices_of(const ScoringRule& rule, const Shares& outstanding) {
  std::vector<double> prices(outstanding.size());
  rule.prices(outstanding, prices);
  return prices;
}

TEST(ScoringRule, WorkedExample) {
  // Two outcomes, b = 100, 1 TKN a share. 138 shares of the first cost 100·ln((1 + e^1.38)/2) =
  // 100·ln 2.48745 = 91.125842 TKN and bring its price to e^1.38/(1 + e^1.38) = 3.974902/4.974902 = 0.798991.
  const ScoringRule rule(2, 100, kTkn);
  EXPECT_EQ(rule.cost(Shares{0, 0}, Shares{138, 0}).value, 91'125'842);  // 91.12584165 TKN
  EXPECT_NEAR(prices_of(rule, {138, 0})[0], 0.798991, 5e-7);
  EXPECT_EQ(prices_of(rule, {0, 0}), (std::vector<double>{0.5, 0.5}));
  EXPECT_EQ(rule.worst_loss().value, 69'314'719);  // 100·ln 2 = 69.314718056 TKN
  EXPECT_NEAR(rule.log_odds(Shares{138, 0}, 0), 1.38, 1e-15);
  EXPECT_NEAR(rule.log_odds(Shares{138, 0}, 1), -1.38, 1e-15);
}

TEST(ScoringRule, PricesEqualTheNaiveFormulaWhereThatHolds) {
  const Random random(1, Stream::experiment);
  for (std::uint64_t k = 0; k < 2000; ++k) {
    RandomSequence draws(random, 0, k);
    const double b = 0.5 + 200 * draws.uniform();
    Shares q(2 + uniform_below(draws.word(), 9));
    for (std::int64_t& x : q) x = static_cast<std::int64_t>((draws.uniform() - 0.3) * 10'000 * b);
    const ScoringRule rule(q.size(), b, kTkn);
    const std::vector<double> prices = prices_of(rule, q), naive = naive_prices<long double>(q, b);
    EXPECT_NEAR(std::accumulate(prices.begin(), prices.end(), 0.0), 1, 1e-15 * double(q.size()));
    for (std::size_t i = 0; i < q.size(); ++i) {
      // e^(x + δ) with δ = 1e4·2⁻⁵² and a handful of ulps; below the range of doubles all of it may be lost.
      EXPECT_NEAR(prices[i], naive[i], 4e-12 * naive[i] + 1e-307);
      const double odds = rule.log_odds(q, i);
      EXPECT_NEAR(1 / (1 + std::exp(-odds)), prices[i], 1e-11);
    }
  }
}

TEST(ScoringRule, NothingOverflowsWhereTheBareFormulaDoes) {
  const Shares q{80'000, 79'950, 0};  // q/b = 800: e^800 is not a double
  const ScoringRule rule(3, 100, kTkn);
  EXPECT_NEAR(prices_of(rule, q)[0], 1 / (1 + std::exp(-0.5)), 1e-15);
  EXPECT_NEAR(double(rule.cost(q, Shares{0, 50, 0}).value), double(naive_cost(q, {0, 50, 0}, 100, kTkn)),
              1 + 1e-6);
  EXPECT_NEAR(rule.log_odds(q, 2), -800 - std::log(1 + std::exp(-0.5)), 1e-12);
  // Mutant: no log-sum-exp.
  EXPECT_TRUE(std::isnan(naive_prices<double>(q, 100)[0]));
  // Far beyond, and to the ends of 64 bits.
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(prices_of(rule, {kMost, 0, 0}), (std::vector<double>{1, 0, 0}));
  EXPECT_EQ(rule.cost(Shares{1'000'000'000, 0, 0}, Shares{5, 0, 0}).value, 5'000'001)
      << "price 1, and rounded up";
  EXPECT_EQ(rule.cost(Shares{1'000'000'000, 0, 0}, Shares{-5, 0, 0}).value, -4'999'999)
      << "price 1, and rounded down";
  EXPECT_THROW(prices_of(rule, {kMost, -5, 0}), ModelError);
  EXPECT_THROW(rule.cost(Shares{kMost, 0, 0}, Shares{1, 0, 0}), ModelError);
  EXPECT_THROW(rule.cost(Shares{0, 0, 0}, Shares{kMost / 1000, 0, 0}), ModelError) << "9.2e15 TKN";
}

/// Largest fall below and rise above the exact cost of many trades.
struct Gap {
  long double below = 0, above = 0;
};

template <class Cost>
Gap gap_of(Cost&& cost) {
  const Random random(2, Stream::experiment);
  Gap gap;
  for (std::uint64_t k = 0; k < 20'000; ++k) {
    RandomSequence draws(random, 0, k);
    const double b = 1 + 50 * draws.uniform();
    Shares q(2 + uniform_below(draws.word(), 5)), change(q.size());
    for (std::int64_t& x : q) x = uniform_below(draws.word(), 200);
    for (std::int64_t& x : change) x = std::int64_t{uniform_below(draws.word(), 41)} - 20;
    const ScoringRule rule(q.size(), b, {1000});
    const long double excess =
        static_cast<long double>(cost(rule, q, change).value) - naive_cost(q, change, b, {1000});
    gap.below = std::max(gap.below, -excess);
    gap.above = std::max(gap.above, excess);
  }
  return gap;
}

TEST(ScoringRule, CostsAreRoundedUpAndBarely) {
  const Gap gap =
      gap_of([](const ScoringRule& rule, const Shares& q, const Shares& d) { return rule.cost(q, d); });
  EXPECT_LE(gap.below, 1e-12L) << "rounding of the long double formula itself";
  EXPECT_LT(gap.above, 1 + 1e-9L);
  EXPECT_GT(gap.above, 0.99L);
  // Mutants: rounded down, and rounded to the nearest.
  const auto down = [](const ScoringRule& rule, const Shares& q, const Shares& d) {
    return MicroTkn{static_cast<std::int64_t>(std::floor(naive_cost(q, d, rule.liquidity(), rule.payout())))};
  };
  const auto nearest = [](const ScoringRule& rule, const Shares& q, const Shares& d) {
    return MicroTkn{round_half_even(double(naive_cost(q, d, rule.liquidity(), rule.payout())))};
  };
  EXPECT_GT(gap_of(down).below, 0.99L);
  EXPECT_GT(gap_of(nearest).below, 0.49L);
}

/// Largest fall below the exact cost over trades so large that a double's roundings are whole µTKN.
template <class Cost>
long double fall_of_large_trades(Cost&& cost) {
  const ScoringRule rule(3, 1e6, {1'000'000'000});
  long double below = 0;
  for (std::uint64_t k = 0; k < 5000; ++k) {
    RandomSequence draws(Random(3, Stream::experiment), 0, k);
    Shares q(3), change(3);
    for (std::int64_t& x : q) x = uniform_below(draws.word(), 3'000'000);
    for (std::int64_t& x : change) x = std::int64_t{uniform_below(draws.word(), 2'000'000)} - 1'000'000;
    below = std::max(below, naive_cost(q, change, 1e6, rule.payout()) -
                                static_cast<long double>(cost(rule, q, change).value));
  }
  return below;
}

TEST(ScoringRule, RoundingErrorsOfTheFormulaAreCovered) {
  constexpr long double kLongDouble =
      0.01L;  // 1e15 µTKN in 64 bits are exact to 1e-4, after a few operations
  EXPECT_LT(fall_of_large_trades(
                [](const auto& rule, const Shares& q, const Shares& d) { return rule.cost(q, d); }),
            kLongDouble);
  // Mutant: rounded up, but without the margin.
  const auto without = [](const ScoringRule& rule, const Shares& q, const Shares& d) {
    return MicroTkn{rule.cost(q, d).value - static_cast<std::int64_t>(std::ceil(rule.margin()))};
  };
  EXPECT_GT(ScoringRule(3, 1e6, {1'000'000'000}).margin(), 3);  // 1e15 · 2 · 2⁻⁴⁹ = 3.55
  EXPECT_GT(fall_of_large_trades(without), 0.1L);
}

TEST(ScoringRule, ABetCostsWhatItsChangesCost) {
  const ScoringRule rule(3, 10, kTkn);
  const Shares q{4, 0, 9};
  EXPECT_EQ(rule.cost(q, Bet{1, false, 7}), rule.cost(q, Shares{0, 7, 0}));
  EXPECT_EQ(rule.cost(q, Bet{1, true, 7}), rule.cost(q, Shares{7, 0, 7}));
  // 7 of an outcome and 7 of all others pay 7 whatever happens: together they cost 7, up to two roundings.
  const MicroTkn both = rule.cost(q, Bet{1, true, 7}) + rule.cost(Shares{11, 0, 16}, Bet{1, false, 7});
  EXPECT_GE(both.value, 7'000'000);
  EXPECT_LE(both.value, 7'000'002);
}

TEST(ScoringRule, ACompleteSetCostsItsPayoutExactly) {
  const ScoringRule rule(3, 10, kTkn);
  EXPECT_EQ(rule.cost(Shares{4, 0, 9}, Shares{7, 7, 7}).value, 7'000'000);
  EXPECT_EQ(rule.cost(Shares{4, 0, 9}, Shares{-7, -7, -7}).value, -7'000'000);
  EXPECT_EQ(rule.cost(Shares{4, 0, 9}, Shares{0, 0, 0}).value, 0);
}

TEST(ScoringRule, ASoleOutcomeIsCertain) {
  const ScoringRule rule(1, 10, kTkn);
  EXPECT_EQ(rule.worst_loss().value, 0);
  EXPECT_EQ(prices_of(rule, {3}), std::vector<double>{1});
  EXPECT_EQ(rule.cost(Shares{3}, Shares{2}).value, 2'000'000);
  EXPECT_EQ(rule.log_odds(Shares{3}, 0), std::numeric_limits<double>::infinity());
}

TEST(ScoringRule, ImpossibleRulesAreRefused) {
  const double inf = std::numeric_limits<double>::infinity();
  for (const double b : {0.0, -1.0, std::nan(""), inf})
    EXPECT_THROW(ScoringRule(2, b, kTkn), ModelError) << b;
  EXPECT_THROW(ScoringRule(0, 1, kTkn), ModelError);
  EXPECT_THROW(ScoringRule(2, 1, {0}), ModelError);
  EXPECT_THROW(ScoringRule(2, 1e15, kTkn), ModelError) << "a worst loss of 6.9e20 µTKN";
}

}  // namespace
}  // namespace swarm::economy
