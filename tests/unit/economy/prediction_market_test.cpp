#include "sim/economy/prediction_market.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace swarm::economy {
namespace {

using Shares = std::vector<std::int64_t>;

constexpr AccountId kSponsor{0}, kMaker{1}, kAnn{2}, kBob{3};

struct Market {
  Ledger ledger{4};
  PredictionMarket market{ScoringRule(2, 100, {1'000'000}), kMaker, {kAnn, kBob}};
  Market() {
    for (const AccountId id : {kSponsor, kAnn, kBob}) ledger.mint(id, {200'000'000}, Posting::endowment);
  }
  Shares balances() const { return {ledger.balances().begin(), ledger.balances().end()}; }
};

TEST(PredictionMarket, WorkedExample) {
  Market m;
  ASSERT_TRUE(m.market.open(m.ledger, kSponsor));
  EXPECT_EQ(m.balances(), (Shares{130'685'281, 69'314'719, 200'000'000, 200'000'000}));
  // Ann believes 0.8: 138 shares for 91.125842 TKN. Bob disagrees (0.5) and has 100 TKN at hand: he buys back
  // to 1/2.
  const Bet ann =
      choose_bet(m.market.rule(), m.market.outstanding(), 0, 0.8, {200'000'000}, BettorRule::risk_neutral);
  EXPECT_EQ(m.market.trade(m.ledger, 0, ann), BetOutcome::done);
  const std::int64_t ann_paid = 200'000'000 - m.ledger.balance(kAnn).value;
  EXPECT_EQ(ann_paid, 91'125'842);
  const Bet bob =
      choose_bet(m.market.rule(), m.market.outstanding(), 0, 0.5, {100'000'000}, BettorRule::risk_neutral);
  EXPECT_EQ(m.market.trade(m.ledger, 1, bob), BetOutcome::done);
  EXPECT_EQ(m.market.held(0, 0), 138);
  EXPECT_EQ(m.market.held(1, 1), 138);
  // Both together hold 138 complete sets, which cost 138 TKN, rounded up twice.
  const std::int64_t bob_paid = 200'000'000 - m.ledger.balance(kBob).value;
  EXPECT_GE(ann_paid + bob_paid, 138'000'000);
  EXPECT_LE(ann_paid + bob_paid, 138'000'002);
  // The answer is good: Ann gets 138 TKN, the sponsor the worst loss back (and the roundings).
  const MicroTkn rest = m.market.settle(m.ledger, 0, kSponsor);
  EXPECT_EQ(rest.value, 69'314'719 + ann_paid + bob_paid - 138'000'000);
  EXPECT_EQ(m.balances(),
            (Shares{130'685'281 + rest.value, 0, 338'000'000 - ann_paid, 200'000'000 - bob_paid}));
  EXPECT_TRUE(m.ledger.total(Posting::stake) == Int128{69'314'719} + ann_paid + bob_paid);
  EXPECT_TRUE(m.ledger.total(Posting::payout) == Int128{138'000'000} + rest.value);
  m.ledger.audit();
}

TEST(PredictionMarket, RefusalsChangeNothing) {
  Market m;
  EXPECT_EQ(m.market.trade(m.ledger, 0, Shares{1, 0}), BetOutcome::closed);
  EXPECT_EQ(m.market.settle(m.ledger, 0, kSponsor).value, 0);
  ASSERT_TRUE(m.market.open(m.ledger, kSponsor));
  EXPECT_FALSE(m.market.open(m.ledger, kSponsor)) << "once is enough";
  ASSERT_EQ(m.market.trade(m.ledger, 1, Shares{10, 0}), BetOutcome::done);
  const Shares before = m.balances(), held = m.market.raw().held;
  EXPECT_EQ(m.market.trade(m.ledger, 0, Shares{400, 0}), BetOutcome::no_funds);
  EXPECT_EQ(m.market.trade(m.ledger, 0, Shares{-1, 0}), BetOutcome::no_shares)
      << "others hold shares, Ann does not";
  EXPECT_EQ(m.market.trade(m.ledger, 1, Shares{-11, 0}), BetOutcome::no_shares);
  EXPECT_EQ(m.balances(), before);
  EXPECT_EQ(m.market.raw().held, held);
  EXPECT_TRUE(std::ranges::equal(m.market.outstanding(), Shares{10, 0}));
  Market poor;
  ASSERT_TRUE(poor.ledger.transfer(kSponsor, kAnn, {130'685'282}, Posting::trade));
  EXPECT_FALSE(poor.market.open(poor.ledger, kSponsor)) << "1 µTKN short of the worst loss";
  EXPECT_EQ(poor.market.trade(poor.ledger, 0, Shares{1, 0}), BetOutcome::closed);
}

TEST(PredictionMarket, SellingPaysOut) {
  Market m;
  ASSERT_TRUE(m.market.open(m.ledger, kSponsor));
  ASSERT_EQ(m.market.trade(m.ledger, 0, Shares{50, 0}), BetOutcome::done);
  ASSERT_EQ(m.market.trade(m.ledger, 0, Shares{-50, 0}), BetOutcome::done);
  EXPECT_EQ(m.ledger.balance(kAnn).value, 200'000'000 - 1) << "rounded in the maker's favour both times";
  EXPECT_EQ(m.market.settle(m.ledger, 1, kSponsor).value, 69'314'720);
}

TEST(PredictionMarket, TheNextQuestionStartsAfresh) {
  Market m;
  ASSERT_TRUE(m.market.open(m.ledger, kSponsor));
  ASSERT_EQ(m.market.trade(m.ledger, 0, Shares{50, 0}), BetOutcome::done);
  m.market.settle(m.ledger, 0, kSponsor);
  EXPECT_EQ(m.market.settle(m.ledger, 0, kSponsor).value, 0) << "and is not paid twice";
  const std::int64_t ann = m.ledger.balance(kAnn).value;
  ASSERT_TRUE(m.market.open(m.ledger, kSponsor));
  EXPECT_EQ(m.market.trade(m.ledger, 0, Shares{-1, 0}), BetOutcome::no_shares);
  EXPECT_TRUE(std::ranges::equal(m.market.outstanding(), Shares{0, 0}));
  EXPECT_EQ(m.market.settle(m.ledger, 0, kSponsor).value, 69'314'719);
  EXPECT_EQ(m.ledger.balance(kAnn).value, ann);
}

TEST(PredictionMarket, StateIsItsColumns) {
  Market a, b;
  for (Market* m : {&a, &b}) {
    ASSERT_TRUE(m->market.open(m->ledger, kSponsor));
    ASSERT_EQ(m->market.trade(m->ledger, 0, Shares{30, 5}), BetOutcome::done);
  }
  PredictionMarket resumed(a.market.rule(), kMaker, {kAnn, kBob});
  resumed.raw() = a.market.raw();
  for (const Shares& change : {Shares{-10, 3}, Shares{8, -8}}) {
    EXPECT_EQ(resumed.trade(a.ledger, 0, change), BetOutcome::done);
    EXPECT_EQ(b.market.trade(b.ledger, 0, change), BetOutcome::done);
  }
  EXPECT_EQ(resumed.settle(a.ledger, 0, kSponsor), b.market.settle(b.ledger, 0, kSponsor));
  EXPECT_EQ(a.balances(), b.balances());
}

TEST(PredictionMarket, QualityFallsIntoBinsOfEqualWidth) {
  EXPECT_EQ(quality_bin(0, 5), 0u);
  EXPECT_EQ(quality_bin(0.19, 5), 0u);
  EXPECT_EQ(quality_bin(0.5, 4), 2u);
  EXPECT_EQ(quality_bin(1, 5), 4u) << "the last bin is closed";
  EXPECT_EQ(quality_bin(1, 1), 0u);
  for (const double bad : {-0.1, 1.1, std::nan("")}) EXPECT_THROW(quality_bin(bad, 5), ModelError) << bad;
}

}  // namespace
}  // namespace swarm::economy
