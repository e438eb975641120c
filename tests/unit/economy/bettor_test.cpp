#include "sim/economy/bettor.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "sim/core/rng.hpp"

namespace swarm::economy {
namespace {

using Shares = std::vector<std::int64_t>;

constexpr MicroTkn kTkn{1'000'000};
constexpr MicroTkn kRich{1'000'000'000'000};

Shares after(Shares q, const Bet& bet) {
  for (std::size_t i = 0; i < q.size(); ++i) q[i] += bet.change(i);
  return q;
}

double price_after(const ScoringRule& rule, const Shares& q, const Bet& bet) {
  std::vector<double> prices(q.size());
  rule.prices(after(q, bet), prices);
  return prices[bet.outcome];
}

TEST(Bettor, WorkedExample) {
  // From 1/2 to 0.8 with b = 100: 100·ln 4 = 138.6 shares. Budget 10 TKN: 100·ln(2·e^0.1 − 1) =
  // 100·ln 1.210342 = 19.09.
  const ScoringRule rule(2, 100, kTkn);
  const Bet rich = choose_bet(rule, Shares{0, 0}, 0, 0.8, kRich, BettorRule::risk_neutral);
  EXPECT_EQ(rich.shares, 138);
  EXPECT_FALSE(rich.against);
  EXPECT_EQ(choose_bet(rule, Shares{0, 0}, 0, 0.8, {10'000'000}, BettorRule::risk_neutral).shares, 19);
  // A budget is spent to the last µTKN.
  const MicroTkn cost = rule.cost(Shares{0, 0}, Shares{19, 0});
  EXPECT_EQ(choose_bet(rule, Shares{0, 0}, 0, 0.8, cost, BettorRule::risk_neutral).shares, 19);
  EXPECT_EQ(choose_bet(rule, Shares{0, 0}, 0, 0.8, cost - MicroTkn{1}, BettorRule::risk_neutral).shares, 18);
  // Against: a belief of 0.2 in the first is one of 0.8 in the second.
  const Bet against = choose_bet(rule, Shares{0, 0}, 0, 0.2, kRich, BettorRule::risk_neutral);
  EXPECT_TRUE(against.against);
  EXPECT_EQ(after({0, 0}, against), (Shares{0, 138}));
}

TEST(Bettor, KellyBetsTheClassicFractionWherePricesHardlyMove) {
  // Price 1/2, belief 0.6: (p − s)/(1 − s) = 1/5 of 1,000 TKN at 0.50 TKN a share is 400 shares.
  const ScoringRule rule(2, 1e9, kTkn);
  EXPECT_NEAR(double(choose_bet(rule, Shares{0, 0}, 0, 0.6, {1'000'000'000}, BettorRule::kelly).shares), 400,
              1);
  EXPECT_NEAR(double(choose_bet(rule, Shares{0, 0}, 0, 0.4, {1'000'000'000}, BettorRule::kelly).shares), 400,
              1);
  EXPECT_EQ(choose_bet(rule, Shares{0, 0}, 0, 1, {1'000'000'000}, BettorRule::kelly).shares,
            choose_bet(rule, Shares{0, 0}, 0, 1, {1'000'000'000}, BettorRule::risk_neutral).shares)
      << "who is certain bets everything";
}

TEST(Bettor, NoBetWhereThereIsNothingToGain) {
  const ScoringRule rule(2, 100, kTkn);
  for (const BettorRule bettor : {BettorRule::risk_neutral, BettorRule::kelly}) {
    EXPECT_EQ(choose_bet(rule, Shares{5, 5}, 0, 0.5, kRich, bettor).shares, 0) << "price = belief";
    EXPECT_EQ(choose_bet(rule, Shares{0, 0}, 0, 0.9, {0}, bettor).shares, 0);
    EXPECT_EQ(choose_bet(rule, Shares{0, 0}, 0, 0.9, {-5}, bettor).shares, 0);
    EXPECT_EQ(choose_bet(rule, Shares{0, 0}, 0, 0.9, {500'000}, bettor).shares, 0)
        << "one share costs more than 1/2";
    EXPECT_EQ(choose_bet(ScoringRule(1, 100, kTkn), Shares{3}, 0, 0.9, kRich, bettor).shares, 0)
        << "sole outcome";
    for (const double bad : {-0.1, 1.1, std::nan("")})
      EXPECT_THROW(choose_bet(rule, Shares{0, 0}, 0, bad, kRich, bettor), ModelError) << bad;
  }
}

TEST(Bettor, CertaintyIsLimitedByTheBudgetAlone) {
  const ScoringRule rule(3, 100, kTkn);
  for (const double belief : {0.0, 1.0}) {
    Bet bet = choose_bet(rule, Shares{0, 0, 0}, 1, belief, {777'000'000}, BettorRule::risk_neutral);
    EXPECT_EQ(bet.against, belief == 0);
    EXPECT_LE(rule.cost(Shares{0, 0, 0}, bet).value, 777'000'000);
    ++bet.shares;
    EXPECT_GT(rule.cost(Shares{0, 0, 0}, bet).value, 777'000'000);
  }
}

TEST(Bettor, ExtremesAreBetsToo) {
  constexpr MicroTkn kAll{std::numeric_limits<std::int64_t>::max()};
  const ScoringRule rule(2, 100, kTkn), cheap(2, 1e-3, {1});
  for (const BettorRule bettor : {BettorRule::risk_neutral, BettorRule::kelly}) {
    // 2⁶²/10⁶ shares, which is all that may be staked.
    EXPECT_EQ(choose_bet(rule, Shares{0, 0}, 0, 1, kAll, bettor).shares, 4'611'686'018'427);
    EXPECT_EQ(choose_bet(rule, Shares{0, 80'000}, 0, 1e-300, kAll, bettor).shares,
              10'922);  // b·(800 − 690.8)
    // A liquidity far below one share: nearly free up to the share that makes both prices 1/2.
    const std::int64_t expected = bettor == BettorRule::risk_neutral ? 1'000'000 : 999'999;
    EXPECT_EQ(choose_bet(cheap, Shares{0, 1'000'000}, 0, 0.5, {10}, bettor).shares, expected);
  }
}

/// One question with a trader, drawn from a wide range.
struct Case {
  ScoringRule rule;
  Shares q;
  std::size_t outcome;
  double belief;
  MicroTkn budget;
};

Case draw_case(std::uint64_t k) {
  RandomSequence draws(Random(3, Stream::experiment), 0, k);
  const double b = std::pow(10, 3 * draws.uniform());
  Shares q(2 + uniform_below(draws.word(), 6));
  for (std::int64_t& x : q) x = static_cast<std::int64_t>(8 * b * draws.uniform());
  const std::size_t outcome = uniform_below(draws.word(), static_cast<std::uint32_t>(q.size()));
  const double belief = draws.uniform();
  return {ScoringRule(q.size(), b, kTkn),
          q,
          outcome,
          belief,
          {static_cast<std::int64_t>(std::pow(10, 5 + 5 * draws.uniform()))}};
}

/// Whether a bet keeps its promises: within the budget, price not past the belief, and one share more breaks
/// one of both.
bool as_promised(const Case& c, Bet bet) {
  const auto within = [&](const Bet& b) {
    const double price = price_after(c.rule, c.q, b);
    return c.rule.cost(c.q, b) <= c.budget && (b.against ? price >= c.belief : price <= c.belief);
  };
  if (bet.shares > 0 && !within(bet)) return false;
  ++bet.shares;
  return !within(bet);
}

TEST(Bettor, RiskNeutralBetsAsMuchAsBeliefAndBudgetAllow) {
  int by_budget = 0;
  for (std::uint64_t k = 0; k < 3000; ++k) {
    const Case c = draw_case(k);
    const Bet bet = choose_bet(c.rule, c.q, c.outcome, c.belief, c.budget, BettorRule::risk_neutral);
    ASSERT_TRUE(as_promised(c, bet)) << k;
    Bet more = bet;
    ++more.shares;
    by_budget += c.rule.cost(c.q, more) > c.budget;
    // Mutants: a share more, and a share less.
    ASSERT_FALSE(as_promised(c, more)) << k;
    Bet less = bet;
    --less.shares;
    if (bet.shares > 1) {
      ASSERT_FALSE(as_promised(c, less)) << k;
    }
  }
  EXPECT_GT(by_budget, 500);
  EXPECT_LT(by_budget, 2500);
}

/// Expected log wealth in units of the payout after a bet of any real number of shares, by the long double
/// formula.
long double expected_log(const Case& c, const Bet& side, long double shares) {
  long double before = 0, with = 0;
  for (std::size_t i = 0; i < c.q.size(); ++i) {
    const long double more = (i == side.outcome) != side.against ? shares : 0;
    before += std::exp(static_cast<long double>(c.q[i]) / c.rule.liquidity());
    with += std::exp((static_cast<long double>(c.q[i]) + more) / c.rule.liquidity());
  }
  const long double rest =
      static_cast<long double>(c.budget.value) / 1e6L - c.rule.liquidity() * std::log(with / before);
  const long double p = side.against ? 1 - static_cast<long double>(c.belief) : c.belief;
  return p * std::log(rest + shares) + (1 - p) * std::log(rest);
}

/// Whether expected log wealth still rises at x and no longer at x + 1 (each within a hundredth of a share).
bool straddles_the_best(const Case& c, const Bet& side, std::int64_t shares) {
  const auto rises_at = [&](long double x) {
    return expected_log(c, side, x + 0.005L) > expected_log(c, side, x - 0.005L);
  };
  const long double x = static_cast<long double>(shares);
  return rises_at(x - 0.01L) && !rises_at(x + 1.01L);
}

TEST(Bettor, KellyMaximisesExpectedLogWealth) {
  int checked = 0, more_passes = 0, less_passes = 0;
  for (std::uint64_t k = 0; k < 3000; ++k) {
    const Case c = draw_case(k);
    const Bet bet = choose_bet(c.rule, c.q, c.outcome, c.belief, c.budget, BettorRule::kelly);
    const Bet most = choose_bet(c.rule, c.q, c.outcome, c.belief, c.budget, BettorRule::risk_neutral);
    ASSERT_LE(bet.shares, most.shares);
    if (bet.shares < 3 || bet.shares + 3 > most.shares) continue;
    ++checked;
    ASSERT_TRUE(straddles_the_best(c, bet, bet.shares)) << k;
    // Mutants: a share more, and a share less; right only where the best number is within 0.01 of a whole
    // one.
    more_passes += straddles_the_best(c, bet, bet.shares + 1);
    less_passes += straddles_the_best(c, bet, bet.shares - 1);
  }
  EXPECT_GT(checked, 1000);
  EXPECT_LT(more_passes + less_passes, checked / 10);
}

}  // namespace
}  // namespace swarm::economy
