#include "sim/economy/zip.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace swarm::economy {
namespace {

constexpr RandomBlock kMiddle{0x80000000, 0x80000000, 0, 0};  // two uniforms of 0.5
const BidderParams kParams;

/// After one shout, with β = 0.3 and γ = 0.05; a tick is a price unit and the reference price 100.
ZipState after(Side side, double limit, ZipState state, const Heard& heard, bool active = true) {
  zip_observe(kParams, {0.3, 0.05}, {side, limit, active}, heard, {1.0, 100}, kMiddle, state);
  return state;
}

TEST(Zip, WorkedExample) {
  // A seller of cost 80 and margin 0.25 asks 100 and hears that a bid of 110 was accepted: τ = 1.025·110 + 2.5 =
  // 115.25, Δ = 0.3·15.25 = 4.575, Γ = 0.05·2 + 0.95·4.575 = 4.44625, price 104.44625 = 80·1.305578125.
  const ZipState seller = after(Side::ask, 80, {0.25, 2}, {Shout::bid, true, 110});
  EXPECT_NEAR(seller.momentum, 4.44625, 1e-6);
  EXPECT_NEAR(seller.margin, 0.305578125, 1e-8);
  // A buyer of value 200 and margin 0.4 bids 120 and hears that a bid of 130 was refused: τ = 1.025·130 + 2.5 = 135.75,
  // Δ = 0.3·15.75 = 4.725, Γ = −0.05 + 0.95·4.725 = 4.43875, price 124.43875 = 200·(1 − 0.37780625).
  const ZipState buyer = after(Side::bid, 200, {0.4, -1}, {Shout::bid, false, 130});
  EXPECT_NEAR(buyer.momentum, 4.43875, 1e-6);
  EXPECT_NEAR(buyer.margin, 0.37780625, 1e-8);
  // Down: an accepted ask of 90 lets the buyer want 0.975·90 − 2.5 = 85.25.
  const ZipState greedy = after(Side::bid, 200, {0.4, 0}, {Shout::ask, true, 90});
  EXPECT_NEAR(greedy.momentum, 0.95 * 0.3 * (85.25 - 120), 1e-6);
}

/// What the margin does where the own price is below, at and above the price heard: it Rises, Lowers or stays.
struct Row {
  Side side;
  bool accepted;
  Shout shout;
  std::string_view active, inactive;
};
constexpr Row kRules[] = {
    {Side::ask, true, Shout::bid, "RRL", "RR."},  {Side::ask, true, Shout::ask, "RR.", "RR."},
    {Side::ask, true, Shout::call, "RRL", "RR."}, {Side::ask, false, Shout::bid, "...", "..."},
    {Side::ask, false, Shout::ask, ".LL", "..."}, {Side::ask, false, Shout::call, ".LL", "..."},
    {Side::bid, true, Shout::bid, ".RR", ".RR"},   {Side::bid, true, Shout::ask, "LRR", ".RR"},
    {Side::bid, true, Shout::call, "LRR", ".RR"},  {Side::bid, false, Shout::bid, "LL.", "..."},
    {Side::bid, false, Shout::ask, "...", "..."},  {Side::bid, false, Shout::call, "LL.", "..."},
};

TEST(Zip, FollowsEveryRule) {
  for (const Row& row : kRules)
    for (const bool active : {true, false})
      for (int place = 0; place < 3; ++place) {
        const std::int64_t heard = 1000 - 20 * (place - 1);  // the own price is 1000 either way
        const double limit = row.side == Side::ask ? 800 : 1250, margin = row.side == Side::ask ? 0.25 : 0.2;
        ZipState state{margin, 0};
        zip_observe(kParams, {0.3, 0}, {row.side, limit, active}, {row.shout, row.accepted, heard}, {1.0, 1000},
                    {0xFFFFFFFF, 0xFFFFFFFF, 0, 0}, state);
        const char does = state.margin > margin ? 'R' : state.margin < margin ? 'L' : '.';
        EXPECT_EQ(does, (active ? row.active : row.inactive)[static_cast<std::size_t>(place)])
            << static_cast<int>(row.side) << row.accepted << static_cast<int>(row.shout) << active << place;
      }
}

TEST(Zip, ItsOwnShoutIsAtItsOwnPriceWhateverWasRounded) {
  // A buyer of 99.7 bids 99; refused, it must go up, though 99.7 lies above the 99 that was heard.
  const ZipState state = after(Side::bid, 199.4, {0.5, 0}, {Shout::bid, false, 99});
  EXPECT_LT(state.margin, 0.5);
  EXPECT_EQ(after(Side::bid, 199.4, {0.5, 0}, {Shout::bid, false, 98}).margin, 0.5) << "98 is below";
}

TEST(Zip, MarginsStayWhereTheyMakeSense) {
  EXPECT_EQ(after(Side::ask, 80, {0.01, -50}, {Shout::ask, false, 60}).margin, 0.0) << "never below cost";
  EXPECT_EQ(after(Side::bid, 80, {0.01, 50}, {Shout::bid, false, 120}).margin, 0.0) << "never above value";
  EXPECT_EQ(after(Side::bid, 80, {0.99, -1000}, {Shout::ask, true, 0}).margin, 1.0) << "never below zero";
  const ZipState nothing = after(Side::ask, 0, {0.2, 3}, {Shout::bid, true, 10});
  EXPECT_EQ(nothing.margin, 0.2) << "no margin moves a price of nothing";
  EXPECT_EQ(nothing.momentum, 3);
}

TEST(Zip, TraitsAreUniformInTheirRanges) {
  const Random random(4, Stream::experiment);
  double rates = 0, momenta = 0, margins = 0;
  constexpr int kTraders = 10'000;
  for (std::uint64_t i = 0; i < kTraders; ++i) {
    const ZipTraits traits = zip_traits(kParams, random.block(0, i));
    const ZipState start = zip_start(kParams, random.block(1, i));
    ASSERT_TRUE(traits.learning_rate > 0.1 && traits.learning_rate < 0.5);
    ASSERT_TRUE(traits.momentum > 0.0 && traits.momentum < 0.1);
    ASSERT_TRUE(start.margin > 0.05 && start.margin < 0.35 && start.momentum == 0);
    rates += traits.learning_rate / kTraders;
    momenta += traits.momentum / kTraders;
    margins += start.margin / kTraders;
  }
  // The standard error of a mean of 10,000 uniforms on a range of width w is 0.00289·w.
  EXPECT_NEAR(rates, 0.3, 4 * 0.00289 * 0.4);
  EXPECT_NEAR(momenta, 0.05, 4 * 0.00289 * 0.1);
  EXPECT_NEAR(margins, 0.2, 4 * 0.00289 * 0.3);
}

}  // namespace
}  // namespace swarm::economy
