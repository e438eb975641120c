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
  for (const Posting kind : {Posting::escrow, Posting::refund, Posting::payment, Posting::trade})
    EXPECT_EQ(effect(kind), Effect::move);
}

TEST(Posting, EveryPostingHasItsOwnName) {
  const auto& names = EnumNames<Posting>::names;
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), kPostings);
  EXPECT_EQ(enum_name(Posting::electricity_receipt), "electricity_receipt");
  EXPECT_EQ(enum_name(Posting::trade), "trade");
}

}  // namespace
}  // namespace swarm::economy
