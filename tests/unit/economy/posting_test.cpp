#include "sim/economy/posting.hpp"

#include <gtest/gtest.h>

#include <set>

namespace swarm::economy {
namespace {

TEST(Posting, TheCircuitIsTheOneOfTheModel) {
  // Supply = endowments + deposits + receipts − (electricity + amortisation + withdrawals); the rest moves.
  EXPECT_EQ(effect(Posting::endowment), Effect::mint);
  EXPECT_EQ(effect(Posting::deposit), Effect::mint);
  EXPECT_EQ(effect(Posting::electricity_receipt), Effect::mint);
  EXPECT_EQ(effect(Posting::electricity), Effect::burn);
  EXPECT_EQ(effect(Posting::amortisation), Effect::burn);
  EXPECT_EQ(effect(Posting::withdrawal), Effect::burn);
  EXPECT_EQ(effect(Posting::transfer), Effect::burn) << "carriers are outside the model";
  for (const Posting kind : {Posting::escrow, Posting::refund, Posting::payment, Posting::trade})
    EXPECT_EQ(effect(kind), Effect::move);
  for (const Posting kind : {Posting::pool_deposit, Posting::pool_withdrawal, Posting::loan, Posting::repayment,
                             Posting::interest, Posting::seizure, Posting::margin, Posting::margin_return,
                             Posting::variation, Posting::demurrage, Posting::bonus, Posting::dividend,
                             Posting::stake, Posting::payout, Posting::carbon_credit,
                             Posting::quota_sale, Posting::council})
    EXPECT_EQ(effect(kind), Effect::move) << "credit, bets, carbon credits, quota and dividends make no money: " << enum_name(kind);
}

TEST(Posting, EveryPostingHasItsOwnName) {
  const auto& names = EnumNames<Posting>::names;
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), kPostings);
  EXPECT_EQ(enum_name(Posting::electricity_receipt), "electricity_receipt");
  EXPECT_EQ(enum_name(Posting::trade), "trade");
  EXPECT_EQ(enum_name(Posting::pool_withdrawal), "pool_withdrawal");
  EXPECT_EQ(enum_name(Posting::bonus), "bonus");
  EXPECT_EQ(enum_name(Posting::payout), "payout");
}

}  // namespace
}  // namespace swarm::economy
