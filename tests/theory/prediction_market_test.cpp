#include "sim/economy/prediction_market.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "sim/core/rng.hpp"

/// What the logarithmic scoring rule promises (Hanson 2003, 2007), in whole µTKN: the maker loses at most
/// b·ln n whatever the traders know or do, no sequence of trades gains by itself, and prices end at the
/// traders' beliefs.
namespace swarm::economy {
namespace {

using Shares = std::vector<std::int64_t>;
using Cost = std::function<std::int64_t(const ScoringRule&, const Shares&, const Shares&)>;

std::int64_t rounded_up(const ScoringRule& rule, const Shares& q, const Shares& change) {
  return rule.cost(q, change).value;
}

/// Mutants: the formula rounded in the trader's favour, and to the nearest.
long double formula(const ScoringRule& rule, const Shares& q, const Shares& change) {
  long double before = 0, after = 0;
  for (std::size_t i = 0; i < q.size(); ++i) {
    before += std::exp(static_cast<long double>(q[i]) / rule.liquidity());
    after += std::exp(static_cast<long double>(q[i] + change[i]) / rule.liquidity());
  }
  return static_cast<long double>(rule.payout().value) * rule.liquidity() * std::log(after / before);
}
std::int64_t rounded_down(const ScoringRule& rule, const Shares& q, const Shares& change) {
  return static_cast<std::int64_t>(std::floor(formula(rule, q, change)));
}
std::int64_t rounded_to_nearest(const ScoringRule& rule, const Shares& q, const Shares& change) {
  return static_cast<std::int64_t>(std::nearbyint(formula(rule, q, change)));
}

/// What the traders are up to: anything; buying the outcome that will hold; share by share, so that every
/// trade is rounded; buying and selling the same over and over.
enum class Path { random, insider, nibbler, churner };
constexpr Path kPaths[] = {Path::random, Path::insider, Path::nibbler, Path::churner};

Shares next_change(Path path, const Shares& q, std::size_t truth, int trade, RandomSequence& draws) {
  Shares change(q.size());
  switch (path) {
    case Path::random:
      for (std::size_t i = 0; i < q.size(); ++i)
        change[i] = std::max(-q[i], std::int64_t{uniform_below(draws.word(), 21)} - 8);
      break;
    case Path::insider:
      change[truth] = 1 + uniform_below(draws.word(), 30);
      break;
    case Path::nibbler:
      change[truth] = 1;
      break;
    case Path::churner:
      change[truth] = trade % 2 == 0 ? 1 : -1;
      break;
  }
  return change;
}

/// Largest part of b·ln n that a maker lost, over `paths` questions of 60 trades each.
long double worst_loss(const Cost& cost, std::uint64_t paths) {
  long double worst = 0;
  for (std::uint64_t k = 0; k < paths; ++k) {
    RandomSequence draws(Random(1, Stream::experiment), 0, k);
    const Path path = kPaths[k % 4];
    // Shares that pay little: there the roundings are as large as the bound itself.
    const ScoringRule rule(2 + uniform_below(draws.word(), 7), 0.5 + 20 * draws.uniform(),
                           {1 + uniform_below(draws.word(), 20)});
    Shares q(rule.outcomes());
    const std::size_t truth = uniform_below(draws.word(), static_cast<std::uint32_t>(q.size()));
    std::int64_t taken = 0;
    for (int trade = 0; trade < 60; ++trade) {
      const Shares change = next_change(path, q, truth, trade, draws);
      taken += cost(rule, q, change);
      std::ranges::transform(q, change, q.begin(), std::plus<>{});
    }
    const auto lost = static_cast<long double>(rule.payout().value * std::ranges::max(q) - taken);
    worst = std::max(worst, lost / (static_cast<long double>(rule.payout().value) * rule.liquidity() *
                                    std::log(static_cast<long double>(q.size()))));
  }
  return worst;
}

TEST(PredictionMarketTheory, TheMakerNeverLosesMoreThanItsBound) {
  const long double worst = worst_loss(rounded_up, 10'000);
  EXPECT_LE(worst, 1);
  EXPECT_GT(worst, 0.95L) << "adversaries must come close, or the bound is not tested";
  EXPECT_GT(worst_loss(rounded_down, 10'000), 1);
  EXPECT_GT(worst_loss(rounded_to_nearest, 10'000), 1);
}

TEST(PredictionMarketTheory, TheLedgerPaysEverybodyWhateverHappens) {
  constexpr AccountId kSponsor{0}, kMaker{1};
  for (std::uint64_t k = 0; k < 400; ++k) {
    RandomSequence draws(Random(2, Stream::experiment), 0, k);
    const ScoringRule rule(2 + uniform_below(draws.word(), 5), 1 + 30 * draws.uniform(),
                           {1 + uniform_below(draws.word(), 1000)});
    Ledger ledger(6);
    const std::vector<AccountId> traders{{2}, {3}, {4}, {5}};
    for (const AccountId id : traders)
      ledger.mint(id, {uniform_below(draws.word(), 50'000)}, Posting::endowment);
    ledger.mint(kSponsor, rule.worst_loss(), Posting::endowment);
    const Int128 all = ledger.sum_of_accounts();
    PredictionMarket market(rule, kMaker, traders);
    ASSERT_TRUE(market.open(ledger, kSponsor));
    for (int trade = 0; trade < 100; ++trade) {
      const std::size_t who = uniform_below(draws.word(), 4),
                        outcome = uniform_below(draws.word(), std::uint32_t(rule.outcomes()));
      if (trade % 3 == 0) {
        Shares change(rule.outcomes());
        change[outcome] = std::int64_t{uniform_below(draws.word(), 40)} - 25;
        market.trade(ledger, who, change);
      } else {
        const auto bettor = trade % 3 == 1 ? BettorRule::risk_neutral : BettorRule::kelly;
        const Bet bet = choose_bet(rule, market.outstanding(), outcome, draws.uniform(),
                                   ledger.balance(traders[who]), bettor);
        ASSERT_EQ(market.trade(ledger, who, bet), BetOutcome::done) << "a bet is within the budget";
      }
      for (std::size_t i = 0; i < rule.outcomes(); ++i)  // solvent whatever happens
        ASSERT_LE(rule.payout().value * market.outstanding()[i], ledger.balance(kMaker).value);
    }
    const std::size_t truth = uniform_below(draws.word(), std::uint32_t(rule.outcomes()));
    const std::int64_t due = rule.payout().value * market.outstanding()[truth],
                       held = ledger.balance(kMaker).value;
    EXPECT_EQ(market.settle(ledger, truth, kSponsor).value, held - due);
    EXPECT_EQ(ledger.balance(kMaker).value, 0);
    EXPECT_TRUE(ledger.sum_of_accounts() == all);
    ledger.audit();
  }
}

/// Smallest and largest cost of reaching `target` from nothing by 2,000 random ways of `steps` trades, and of
/// ways round that end where they began.
struct Ways {
  std::int64_t least, most;
};

Ways ways_to(const ScoringRule& rule, const Shares& target, int steps, const Cost& cost) {
  Ways ways{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
  for (std::uint64_t k = 0; k < 2000; ++k) {
    RandomSequence draws(Random(3, Stream::experiment), 0, k);
    Shares q(target.size());
    std::int64_t paid = 0;
    for (int step = 0; step < steps; ++step) {
      Shares change(q.size());
      for (std::size_t i = 0; i < q.size(); ++i)
        change[i] =
            step + 1 == steps ? target[i] - q[i] : std::int64_t{uniform_below(draws.word(), 101)} - 50;
      paid += cost(rule, q, change);
      std::ranges::transform(q, change, q.begin(), std::plus<>{});
    }
    ways = {std::min(ways.least, paid), std::max(ways.most, paid)};
  }
  return ways;
}

TEST(PredictionMarketTheory, TheWayDoesNotMatterButForOneMicroTknPerTrade) {
  const ScoringRule rule(4, 20, {1'000'000});
  const Shares target{120, 40, 0, 65};
  const std::int64_t direct = rule.cost(Shares(4), target).value;
  constexpr int kSteps = 12;
  const Ways ways = ways_to(rule, target, kSteps, rounded_up);
  // Exact costs add up to the exact direct cost; each of 12 trades adds less than 1 µTKN, the direct one too.
  EXPECT_GE(ways.least, direct - 1);
  EXPECT_LT(ways.most, direct + kSteps + 1);
  // Mutant: priced at the mean of the prices before and after instead of by the cost function.
  const Cost trapezium = [](const ScoringRule& r, const Shares& q, const Shares& change) {
    Shares after = q;
    std::ranges::transform(q, change, after.begin(), std::plus<>{});
    std::vector<double> p0(q.size()), p1(q.size());
    r.prices(q, p0);
    r.prices(after, p1);
    double sum = 0;
    for (std::size_t i = 0; i < q.size(); ++i) sum += 0.5 * (p0[i] + p1[i]) * double(change[i]);
    return static_cast<std::int64_t>(std::ceil(sum * double(r.payout().value)));
  };
  const Ways wrong = ways_to(rule, target, kSteps, trapezium);
  EXPECT_GT(wrong.most - wrong.least, 1'000'000);
}

TEST(PredictionMarketTheory, ARoundTripNeverGains) {
  const ScoringRule rule(4, 20, {1000});
  EXPECT_GE(ways_to(rule, Shares(4), 2, rounded_up).least, 0);
  EXPECT_GE(ways_to(rule, Shares(4), 9, rounded_up).least, 0);
  EXPECT_LT(ways_to(rule, Shares(4), 9, rounded_down).least, 0);
  EXPECT_LT(ways_to(rule, Shares(4), 9, rounded_to_nearest).least, 0);
}

TEST(PredictionMarketTheory, PricesEndAtTheBeliefOfWhoCanPay) {
  const ScoringRule rule(5, 100, {1'000'000});
  const std::vector<double> belief{0.05, 0.1, 0.5, 0.3, 0.05};
  Shares q(5);
  for (int round = 0; round < 60; ++round)
    for (std::size_t i = 0; i < 5; ++i) {
      const Bet bet = choose_bet(rule, q, i, belief[i], {1'000'000'000'000}, BettorRule::risk_neutral);
      for (std::size_t j = 0; j < 5; ++j) q[j] += bet.change(j);
    }
  std::vector<double> prices(5);
  rule.prices(q, prices);
  // No bet is left of a whole share, and one share moves a price by less than p(1 − p)/b ≤ 0.0025.
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(prices[i], belief[i], 0.0026) << i;
}

TEST(PredictionMarketTheory, KellyBettorsWithEqualWealthMeetAtTheMeanBelief) {
  // Small budgets against a deep market at 1/2: each bets (p − s)/(1 − s) of its wealth, or (s − p)/s
  // against, at a price that hardly moves; shares for and against cancel where the price is the
  // wealth-weighted mean belief.
  const double beliefs[] = {0.35, 0.45, 0.5, 0.55, 0.65};  // mean 1/2
  const ScoringRule rule(2, 1e7, {1'000'000});
  std::int64_t net = 0, gross = 0;
  for (const double p : beliefs) {
    const Bet bet = choose_bet(rule, Shares{0, 0}, 0, p, {1'000'000'000}, BettorRule::kelly);
    net += bet.against ? -bet.shares : bet.shares;
    gross += bet.shares;
  }
  EXPECT_NEAR(double(gross), (0.3 + 0.1 + 0.1 + 0.3) * 2 * 1000,
              4);  // fractions 0.3 and 0.1 of 1,000 TKN at 1/2
  EXPECT_LE(std::abs(net), 4) << "one share of rounding each";
}

}  // namespace
}  // namespace swarm::economy
