#include "sim/economy/call_auction.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "sim/core/errors.hpp"

namespace swarm::economy {
namespace {

using Orders = std::vector<LimitOrder>;
using Units = std::vector<std::int64_t>;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

struct Cleared {
  Clearing clearing;
  Units bids, asks;
};

Cleared clear(const Orders& bids, const Orders& asks, double k = 0.5) {
  CallScratch scratch;
  Cleared c{.bids = Units(bids.size(), -1), .asks = Units(asks.size(), -1)};  // every fill must be written
  c.clearing = clear_uniform(bids, asks, k, c.bids, c.asks, scratch);
  return c;
}

// The market of docs/models/markets.md in tenths: rows D, A, B, C and X, Y, Z.
const Orders kBids{{40, 3}, {100, 5}, {80, 2}, {60, 1}}, kAsks{{30, 5}, {50, 3}, {90, 6}};

TEST(CallAuction, WorkedExample) {
  const Cleared c = clear(kBids, kAsks);
  EXPECT_EQ(c.bids, (Units{0, 5, 2, 1}));
  EXPECT_EQ(c.asks, (Units{5, 3, 0}));
  EXPECT_EQ(c.clearing, (Clearing{.traded = true, .price = 55, .low = 50, .high = 60, .volume = 8, .surplus = 420}));
}

TEST(CallAuction, PriceLiesWhereItIsAsked) {
  for (const auto& [k, price] : {std::pair{0.0, 50}, {0.25, 52}, {0.375, 54}, {0.5, 55}, {0.75, 58}, {1.0, 60}})
    EXPECT_EQ(clear(kBids, kAsks, k).clearing.price, price) << k;  // 52.5 and 57.5 go to even
}

TEST(CallAuction, EndsOfTheIntervalAreTheBestOrdersLeftOut) {
  // All of 7 trades; the bid left out at 6 stands above the dearest accepted ask, the ask left out below the bid.
  const Cleared c = clear({{7, 4}, {6, 1}}, {{2, 4}, {7, 1}});
  EXPECT_EQ(c.bids, (Units{4, 0}));
  EXPECT_EQ(c.asks, (Units{4, 0}));
  EXPECT_EQ(std::pair(c.clearing.low, c.clearing.high), std::pair(std::int64_t{6}, std::int64_t{7}));
}

TEST(CallAuction, AnOrderFilledInPartFixesThePrice) {
  const Cleared buyer = clear({{9, 5}, {6, 5}}, {{2, 7}});
  EXPECT_EQ(buyer.bids, (Units{5, 2}));
  EXPECT_EQ(std::pair(buyer.clearing.low, buyer.clearing.high), std::pair(std::int64_t{6}, std::int64_t{6}));
  const Cleared seller = clear({{9, 5}}, {{2, 3}, {4, 3}});
  EXPECT_EQ(seller.asks, (Units{3, 2}));
  EXPECT_EQ(std::pair(seller.clearing.low, seller.clearing.high), std::pair(std::int64_t{4}, std::int64_t{4}));
}

TEST(CallAuction, EqualPricesTradeAndEarlierRowsComeFirst) {
  const Cleared c = clear({{5, 2}, {5, 2}, {5, 2}}, {{5, 3}});
  EXPECT_EQ(c.bids, (Units{2, 1, 0}));
  EXPECT_EQ(c.asks, (Units{3}));
  EXPECT_EQ(c.clearing, (Clearing{.traded = true, .price = 5, .low = 5, .high = 5, .volume = 3, .surplus = 0}));
  EXPECT_EQ(clear({{5, 3}}, {{5, 2}, {5, 2}, {5, 2}}).asks, (Units{2, 1, 0}));
}

TEST(CallAuction, NothingTradesWithoutASideQuantityOrCrossing) {
  const Orders some{{5, 2}, {4, 1}}, none, nothing{{9, 0}, {0, 0}}, dear{{6, 9}};
  for (const auto& [bids, asks] : {std::pair{none, none},
                                   {some, none},
                                   {none, some},
                                   {some, dear},
                                   {nothing, nothing},
                                   {nothing, some},
                                   {some, nothing}}) {
    const Cleared c = clear(bids, asks);
    EXPECT_EQ(c.clearing, Clearing{});
    EXPECT_EQ(c.bids, Units(bids.size(), 0));
    EXPECT_EQ(c.asks, Units(asks.size(), 0));
  }
}

TEST(CallAuction, OrdersOfNoQuantityDoNotMakeAPrice) {
  // A bid of nothing at 8 would raise `low`, an ask of nothing at 9 lower `high`.
  const Cleared c = clear({{10, 1}, {8, 0}}, {{9, 0}, {3, 1}});
  EXPECT_EQ(std::pair(c.clearing.low, c.clearing.high), std::pair(std::int64_t{3}, std::int64_t{10}));
}

TEST(CallAuction, ExtremesFit) {
  const Cleared c = clear({{kMost, kMost}}, {{0, kMost}});
  EXPECT_EQ(c.clearing.volume, kMost);
  EXPECT_TRUE(c.clearing.surplus == Int128{kMost} * kMost);
  EXPECT_EQ(c.clearing.price, kMost / 2 + 1) << "half of 2⁶³ − 1 goes to even";
  EXPECT_EQ(clear({{kMost, 1}, {0, kMost - 1}}, {{0, kMost}}).clearing.volume, kMost);
}

TEST(CallAuction, OverflowAndNegativeNumbersAreRefused) {
  const Orders good{{1, 1}};
  for (const Orders& bad : {Orders{{1, kMost}, {2, 1}}, Orders{{1, kMost}, {1, kMost}, {1, 2}}, Orders{{-1, 1}},
                            Orders{{1, 1}, {1, -1}}, Orders{{1, kMost}, {1, kMost}, {1, kMost}, {1, kMost}}}) {
    EXPECT_THROW(clear(bad, good), ModelError);
    EXPECT_THROW(clear(good, bad), ModelError);
  }
}

TEST(CallAuction, ScratchCarriesNothingFromMarketToMarket) {
  CallScratch used;
  Orders many;
  for (std::int64_t i = 0; i < 500; ++i) many.push_back({i * 7919 % 500, 1 + i % 3});
  Units a(many.size()), b(many.size()), first(kBids.size()), second(kAsks.size());
  const Clearing once = clear_uniform(many, many, 0.5, a, b, used);
  EXPECT_EQ(clear_uniform(kBids, kAsks, 0.5, first, second, used), clear(kBids, kAsks).clearing);
  EXPECT_EQ(clear_uniform(many, many, 0.5, a, b, used), once);
}

TEST(PriceBetween, RoundsOnceHalfToEven) {
  EXPECT_EQ(price_between(1, 2, 0.5), 2);
  EXPECT_EQ(price_between(2, 3, 0.5), 2);
  EXPECT_EQ(price_between(7, 7, 0.3), 7);
  EXPECT_EQ(price_between(0, 3, 0.5), 2);
  EXPECT_EQ(price_between(0, kMost, 1.0), kMost);
  EXPECT_EQ(price_between(0, kMost, 0.25), (std::int64_t{1} << 61));
  EXPECT_EQ(price_between(kMost - 1, kMost, 0.5), kMost - 1);
  EXPECT_EQ(price_between(3, kMost, 0x1p-1074), 3);
  EXPECT_EQ(price_between(3, kMost, 0x1p-64), 3) << "just below half a tick";
  EXPECT_EQ(price_between(0, kMost, 0x1.8p-64), 1) << "three quarters of one";
}

}  // namespace
}  // namespace swarm::economy
