#include "sim/economy/futures.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "sim/core/rng.hpp"

/// Futures without arbitrage: with cost of carry 0 the agreed price is the expected spot price, a hedged
/// position is worth the same on every path, and how often gains are settled does not matter (J. C. Hull,
/// Options, Futures and Other Derivatives, on futures and forwards under constant interest, here 0).
namespace swarm::economy {
namespace {

constexpr std::size_t kLong = 0, kShort = 1;
constexpr std::int64_t kWallet = 1'000'000'000'000, kContracts = 37, kStart = 1'000'003;
constexpr int kDays = 5;

/// Mean prices of kDays days: each the one before times 0.9 or 1.1, equally likely, so a martingale.
std::vector<std::int64_t> path(std::uint64_t number) {
  RandomSequence draw(Random(11, Stream::experiment), 3, number);
  std::vector<std::int64_t> prices;
  double price = kStart;
  for (int day = 0; day < kDays; ++day) {
    price *= draw.uniform() < 0.5 ? 0.9 : 1.1;
    prices.push_back(round_half_even(price));
  }
  return prices;
}

enum class Fault { none, forgets_settlement };

/// Money the buyer of kContracts at `agreed` has gained at the end [µTKN]; settled daily or on the last day
/// only.
std::int64_t gain(const std::vector<std::int64_t>& prices, std::int64_t agreed, bool daily,
                  Fault fault = Fault::none) {
  Ledger ledger(3);
  for (const std::uint64_t i : {1, 2}) ledger.mint({i}, {kWallet}, Posting::endowment);
  FuturesBook book({}, {0}, {1}, 2);
  std::vector<std::int64_t> quantities{kContracts, -kContracts};
  EXPECT_EQ(book.trade(ledger, quantities, {agreed}), kContracts);
  const FuturesColumns opened = book.columns();
  for (std::size_t day = 0; daily && day + 1 < prices.size(); ++day) {
    const FuturesSettlement done = book.settle(ledger, {prices[day]});
    EXPECT_EQ(done.liquidated, 0);
    FuturesColumns columns = book.columns();
    if (fault == Fault::forgets_settlement) columns.basis = opened.basis;
    book.restore(columns);
  }
  book.expire(ledger, {prices.back()});
  ledger.audit();
  const std::int64_t long_gain = ledger.balance({1 + kLong}).value - kWallet;
  EXPECT_EQ(long_gain, kWallet - ledger.balance({1 + kShort}).value);
  return long_gain;
}

TEST(FuturesTheory, AHedgedPositionIsWorthTheSameOnEveryPath) {
  for (std::uint64_t k = 0; k < 2000; ++k) {
    const std::vector<std::int64_t> prices = path(k);
    const std::int64_t agreed = kStart + 7 * static_cast<std::int64_t>(k);
    // Bought forward and sold at the spot price of the day: the future's gain, less what delivery costs, plus
    // the agreed price leaves nothing.
    EXPECT_EQ(gain(prices, agreed, true) - kContracts * prices.back() + kContracts * agreed, 0);
  }
}

TEST(FuturesTheory, DailySettlementAndHoldingToTheEndPayTheSame) {
  int differs = 0;
  for (std::uint64_t k = 0; k < 2000; ++k) {
    const std::vector<std::int64_t> prices = path(k);
    EXPECT_EQ(gain(prices, kStart, true), gain(prices, kStart, false));
    differs += gain(prices, kStart, true, Fault::forgets_settlement) != gain(prices, kStart, false);
  }
  EXPECT_GT(differs, 1000) << "mutant: a day's variation is paid again";
}

/// Mean gain of the buyer over its standard error.
double score(std::int64_t agreed) {
  constexpr std::uint64_t kPaths = 20'000;
  double sum = 0, squares = 0;
  for (std::uint64_t k = 0; k < kPaths; ++k) {
    const auto g = static_cast<double>(gain(path(k), agreed, true));
    sum += g;
    squares += g * g;
  }
  const double n = kPaths, mean = sum / n;
  return mean / std::sqrt((squares / n - mean * mean) / n);
}

TEST(FuturesTheory, TheExpectedSpotPriceGivesNeitherSideAnEdge) {
  // A day's price spreads by 10 %, that of the last by √(1.01⁵ − 1) = 22.6 %; 20,000 paths know its mean
  // within 0.16 %, so 4 standard errors are 0.64 % and a price 2 % off lies at 12.5.
  EXPECT_LT(std::abs(score(kStart)), 4);
  EXPECT_LT(score(kStart + kStart / 50), -8);
  EXPECT_GT(score(kStart - kStart / 50), 8);
}

}  // namespace
}  // namespace swarm::economy
