// Credits at the end of a period: own ones first, the rest at one price, retired once.
#include "sim/policy/credit_session.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "sim/core/errors.hpp"
#include "sim/core/rng.hpp"
#include "sim/core/units.hpp"

namespace swarm {
namespace policy {
namespace {

constexpr std::int64_t kFifty = 50 * kPriceUnits;  // 50 µTKN per mg
using Positions = std::vector<CreditPosition>;

// A needs 30 and holds 10, C needs 10; B holds 15. At 50 µTKN/mg A pays 500 to itself; 20 and 10 want the 15 of B: 10
// and 5, for 500 and 250. The rest of what was collected, for 10 and 5 mg, is bought out.
TEST(CreditSession, ByHand) {
  const auto out = settle_credits({}, kFifty, Positions{{30, 10, 1500}, {0, 15, 0}, {10, 0, 500}});
  EXPECT_EQ(out[0].own_mg, 10);
  EXPECT_EQ(out[0].bought_mg, 10);
  EXPECT_EQ(out[0].unmet_mg, 10);
  EXPECT_EQ(out[0].own_paid_utkn, 500);
  EXPECT_EQ(out[0].paid_utkn, 500);
  EXPECT_EQ(out[0].buyout_utkn, 500);
  EXPECT_EQ(out[1].sold_mg, 15);
  EXPECT_EQ(out[1].paid_utkn, -750);
  EXPECT_EQ(out[1].buyout_utkn, 0);
  EXPECT_EQ(out[2].bought_mg, 5);
  EXPECT_EQ(out[2].unmet_mg, 5);
  EXPECT_EQ(out[2].buyout_utkn, 250);
}

TEST(CreditSession, WithoutCreditsNeedsOrMoney) {
  const auto none = settle_credits({}, kFifty, Positions{{30, 0, 1500}, {10, 0, 500}});
  EXPECT_EQ(none[0].unmet_mg, 30);
  EXPECT_EQ(none[0].buyout_utkn, 1500) << "what was collected goes to the fund";
  const auto idle = settle_credits({}, kFifty, Positions{{0, 40, 0}, {0, 0, 0}});
  EXPECT_EQ(idle[0].sold_mg, 0);
  // 119 µTKN buy 2 mg at 50; the need of a third is not met though there are credits.
  const auto poor = settle_credits({}, kFifty, Positions{{3, 0, 119}, {0, 40, 0}});
  EXPECT_EQ(poor[0].bought_mg, 2);
  EXPECT_EQ(poor[0].unmet_mg, 1);
  EXPECT_EQ(poor[0].buyout_utkn, 19);
  EXPECT_TRUE(settle_credits({}, kFifty, {}).empty());
}

TEST(CreditSession, CostsAreRoundedUp) {
  EXPECT_EQ(credit_cost(kFifty, 3), 150);
  EXPECT_EQ(credit_cost(kFifty, 10'800), 540'000) << "10.8 g at 50 USD/t are 0.00054 USD";
  EXPECT_EQ(credit_cost(1, 1), 1);
  EXPECT_EQ(credit_cost(kPriceUnits / 2, 3), 2);
  EXPECT_EQ(credit_cost(kFifty, 0), 0);
  EXPECT_THROW(credit_cost(100'000 * kPriceUnits, std::int64_t{1} << 62), ModelError);
}

// 50·(1 + 0.5·(40 − 25)/65) = 55.769231; twice as much needed as held for long: up to the buy-out of 150.
TEST(CreditSession, ThePriceFollowsWhatIsScarce) {
  CreditParams p;
  EXPECT_EQ(first_credit_price(p), kFifty);
  EXPECT_EQ(next_credit_price(p, kFifty, 40, 25), 55'769'231);
  EXPECT_EQ(next_credit_price(p, kFifty, 25, 40), 44'230'769);
  EXPECT_EQ(next_credit_price(p, kFifty, 7, 0), 75 * kPriceUnits);
  EXPECT_EQ(next_credit_price(p, kFifty, 0, 0), kFifty);
  std::int64_t up = kFifty, down = kFifty;
  for (int k = 0; k < 50; ++k) {
    up = next_credit_price(p, up, 2, 1);
    down = next_credit_price(p, down, 1, 2);
  }
  EXPECT_EQ(up, 150 * kPriceUnits);
  EXPECT_EQ(down, 1 * kPriceUnits);
  p.start_usd_per_t = 1000;
  EXPECT_EQ(first_credit_price(p), 150 * kPriceUnits) << "nobody buys above the buy-out";
}

CreditRegistry with_lots() {
  CreditRegistry registry;
  for (std::uint16_t region = 0; region < 2; ++region) registry.issue({RegionId{region}, 1}, 40, 10);
  registry.issue({RegionId{1}, 2}, 20, 0);
  return registry;  // region 0 holds 30, region 1 holds 30 and 20
}

TEST(CreditSession, CreditsGoToWhoPaidAndAreRetiredOnce) {
  CreditRegistry registry = with_lots();
  const std::vector<CreditOutcome> out{{.own_mg = 30, .bought_mg = 10}, {.sold_mg = 35}, {.bought_mg = 25}};
  carry_out(registry, out);
  registry.audit();
  EXPECT_EQ(registry.held(RegionId{0}), 0);
  EXPECT_EQ(registry.held(RegionId{1}), 15);
  EXPECT_EQ(registry.held({RegionId{1}, 2}, RegionId{1}), 15) << "the oldest are sold first";
  EXPECT_EQ(registry.held(RegionId{2}), 0);
  EXPECT_EQ(
      std::accumulate(registry.columns().retired_mg.begin(), registry.columns().retired_mg.end(), std::int64_t{0}), 65);
  EXPECT_THROW(carry_out(registry, out), ModelError) << "they are gone";
  CreditRegistry again = with_lots();
  EXPECT_THROW(carry_out(again, std::vector<CreditOutcome>{{.own_mg = 31}}), ModelError);
}

// Money and credits add up at any price, and nobody is left with a need while others, with money, are left with offers.
TEST(CreditSession, AddsUpAtAnyPrice) {
  RandomSequence draws(Random(31, Stream::experiment), 0, 0);
  for (int round = 0; round < 500; ++round) {
    const std::int64_t price = 1'000'000 + uniform_below(draws.word(), 140'000'000);
    Positions regions(5);
    for (CreditPosition& p : regions) {
      p.needed_mg = uniform_below(draws.word(), 1000);
      p.held_mg = uniform_below(draws.word(), 1000);
      p.money_utkn = round % 2 == 0 ? credit_cost(price, p.needed_mg) : uniform_below(draws.word(), 100'000);
    }
    const auto out = settle_credits({}, price, regions);
    std::int64_t paid = 0, bought = 0, sold = 0, unmet = 0, left = 0;
    for (std::size_t r = 0; r < 5; ++r) {
      ASSERT_EQ(out[r].own_mg + out[r].bought_mg + out[r].unmet_mg, regions[r].needed_mg);
      ASSERT_EQ(out[r].own_paid_utkn + std::max<std::int64_t>(0, out[r].paid_utkn) + out[r].buyout_utkn,
                regions[r].money_utkn);
      ASSERT_GE(out[r].buyout_utkn, 0);
      ASSERT_GE(out[r].unmet_mg, 0);
      paid += out[r].paid_utkn;
      bought += out[r].bought_mg;
      sold += out[r].sold_mg;
      unmet += out[r].unmet_mg;
      left += regions[r].held_mg - out[r].own_mg - out[r].sold_mg;
      ASSERT_GE(left, 0);
    }
    ASSERT_EQ(paid, 0);
    ASSERT_EQ(bought, sold);
    if (round % 2 == 0) {
      ASSERT_TRUE(unmet == 0 || left == 0) << "with all the money collected only a want of credits leaves a need";
    }
  }
}

}  // namespace
}  // namespace policy
}  // namespace swarm
