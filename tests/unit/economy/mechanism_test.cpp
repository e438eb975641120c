#include "sim/economy/mechanism.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/core/rng.hpp"

namespace swarm::economy {
namespace {

using Orders = std::vector<MarketOrder>;
using Settlements = std::vector<Settlement>;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kRules = EnumNames<Mechanism>::names.size();

struct Cleared {
  MarketOutcome outcome;
  Settlements settlements;
};

Cleared clear(Mechanism rule, const Orders& orders) {
  Cleared c{.settlements = Settlements(orders.size(), {7, 7})};
  c.outcome = clear_market(rule, orders, c.settlements);
  return c;
}

MarketOrder bid(std::int64_t price, std::int64_t quantity) {
  return {Side::bid, {price, quantity}};
}
MarketOrder ask(std::int64_t price, std::int64_t quantity) {
  return {Side::ask, {price, quantity}};
}

// The market of docs/models/markets.md in tenths: rows D, X, A, Y, B, Z, C.
const Orders kMarket{bid(40, 3), ask(30, 5), bid(100, 5), ask(50, 3), bid(80, 2), ask(90, 6), bid(60, 1)};

struct Example {
  Mechanism rule;
  Settlements settlements;
  double price;
  std::int64_t surplus;
};
const std::vector<Example> kExamples{
    {Mechanism::uniform, {{0, 0}, {5, 275}, {5, 275}, {3, 165}, {2, 110}, {0, 0}, {1, 55}}, 55, 420},
    {Mechanism::second_price, {{0, 0}, {5, 250}, {5, 250}, {3, 150}, {2, 100}, {0, 0}, {1, 50}}, 50, 420},
    {Mechanism::pay_as_bid, {{0, 0}, {5, 500}, {5, 500}, {3, 220}, {2, 160}, {0, 0}, {1, 60}}, 90, 420},
    {Mechanism::vcg, {{0, 0}, {5, 200}, {5, 230}, {3, 180}, {2, 100}, {0, 0}, {1, 50}}, 47.5, 420},
    {Mechanism::cda, {{3, 120}, {5, 180}, {5, 360}, {3, 300}, {0, 0}, {0, 0}, {0, 0}}, 60, 320},
    {Mechanism::posted, {{3, 90}, {5, 150}, {5, 210}, {3, 150}, {0, 0}, {0, 0}, {0, 0}}, 37.5, 320},
};

TEST(Mechanism, WorkedExamples) {
  EXPECT_EQ(kExamples.size(), kRules);
  for (const Example& e : kExamples) {
    const Cleared c = clear(e.rule, kMarket);
    EXPECT_EQ(c.settlements, e.settlements) << enum_name(e.rule);
    EXPECT_EQ(c.outcome.volume, 8);
    EXPECT_EQ(c.outcome.price(), e.price) << enum_name(e.rule);
    EXPECT_TRUE(c.outcome.surplus == e.surplus && c.outcome.possible_surplus == 420) << enum_name(e.rule);
    EXPECT_DOUBLE_EQ(c.outcome.efficiency(), static_cast<double>(e.surplus) / 420);
  }
}

TEST(Mechanism, OneUnitForSaleIsVickreysAuction) {
  const Orders three{bid(5, 1), bid(9, 1), ask(0, 1), bid(7, 1)};
  for (const Mechanism rule : {Mechanism::second_price, Mechanism::vcg})
    EXPECT_EQ(clear(rule, three).settlements, (Settlements{{0, 0}, {1, 7}, {1, 7}, {0, 0}})) << enum_name(rule);
  EXPECT_EQ(clear(Mechanism::pay_as_bid, three).settlements[1], (Settlement{1, 9}));
  // Nobody loses: the reserve is paid.
  EXPECT_EQ(clear(Mechanism::second_price, {bid(9, 1), ask(4, 1)}).settlements[0], (Settlement{1, 4}));
}

TEST(Mechanism, VcgDividesWhatIsLeftOverToTheLastUnit) {
  // A rival wants all 5 units at 4; they cost 1 each, so 15 is left over: 3 a unit.
  const Cleared even = clear(Mechanism::vcg, {bid(9, 5), bid(4, 5), ask(1, 2), ask(1, 3)});
  EXPECT_EQ(even.settlements, (Settlements{{5, 20}, {0, 0}, {2, 8}, {3, 12}}));
  const Cleared odd = clear(Mechanism::vcg, {bid(9, 3), bid(4, 1), ask(1, 1), ask(1, 1), ask(1, 1)});
  // The rival wants one unit, the others would not be made: 4 + 1 + 1, of which 3 is left over.
  EXPECT_EQ(odd.settlements, (Settlements{{3, 6}, {0, 0}, {1, 2}, {1, 2}, {1, 2}}));
  // 3 + 1 + 1: 2 is left over for three, 0, 1 and 1, as ⅔, 1⅓ and 2 are rounded down.
  const Cleared rest = clear(Mechanism::vcg, {bid(9, 3), bid(3, 1), ask(1, 1), ask(1, 1), ask(1, 1)});
  EXPECT_EQ(rest.settlements, (Settlements{{3, 5}, {0, 0}, {1, 1}, {1, 2}, {1, 2}}));
}

TEST(Mechanism, APartlyFilledBidIsNotItsOwnRival) {
  // It wants 4 and gets 2: what it lacks does not raise what it pays, which is the rival's 3, then cost.
  const Cleared c = clear(Mechanism::vcg, {bid(9, 4), bid(3, 1), ask(1, 2)});
  EXPECT_EQ(c.settlements, (Settlements{{2, 4}, {0, 0}, {2, 4}}));
}

TEST(Mechanism, PostedPricesServeWhoComesFirst) {
  const Orders queue{bid(9, 1), bid(3, 1), ask(5, 1), ask(2, 1), bid(8, 1)};
  EXPECT_EQ(clear(Mechanism::posted, queue).settlements, (Settlements{{1, 2}, {0, 0}, {1, 5}, {1, 2}, {1, 5}}));
  const Orders other{bid(3, 1), bid(9, 1), ask(5, 1), ask(2, 1), bid(8, 1)};
  EXPECT_EQ(clear(Mechanism::posted, other).settlements, (Settlements{{1, 2}, {1, 5}, {1, 5}, {1, 2}, {0, 0}}));
}

TEST(Mechanism, ContinuousTradeIsAtTheRestingPriceEarlierFirst) {
  const Orders rows{ask(4, 1), ask(3, 1), ask(3, 1), bid(5, 3), ask(1, 1), bid(2, 1)};
  // The bid takes both at 3 (row 1 before row 2), then the one at 4; the ask at 1 rests and is taken at 1.
  EXPECT_EQ(clear(Mechanism::cda, rows).settlements, (Settlements{{1, 4}, {1, 3}, {1, 3}, {3, 10}, {1, 1}, {1, 1}}));
  const Orders part{ask(3, 2), ask(3, 2), bid(3, 3), ask(2, 1), bid(3, 9)};
  EXPECT_EQ(clear(Mechanism::cda, part).settlements, (Settlements{{2, 6}, {2, 6}, {3, 9}, {1, 2}, {2, 5}}));
}

TEST(Mechanism, NothingTradesWithoutASideQuantityOrCrossing) {
  for (std::size_t r = 0; r < kRules; ++r)
    for (const Orders& orders : {Orders{}, Orders{bid(5, 1)}, Orders{ask(5, 1)}, Orders{bid(4, 1), ask(5, 1)},
                                 Orders{bid(5, 0), ask(4, 1)}, Orders{bid(5, 1), ask(4, 0)}}) {
      const Cleared c = clear(static_cast<Mechanism>(r), orders);
      EXPECT_EQ(c.settlements, Settlements(orders.size()));
      EXPECT_TRUE(c.outcome.volume == 0 && c.outcome.surplus == 0 && c.outcome.turnover == 0);
      EXPECT_TRUE(std::isnan(c.outcome.price()) && std::isnan(c.outcome.efficiency()));
    }
}

TEST(Mechanism, TradeWithoutGainIsEfficient) {
  for (std::size_t r = 0; r < kRules; ++r) {
    const Cleared c = clear(static_cast<Mechanism>(r), {bid(5, 2), ask(5, 1)});
    EXPECT_EQ(c.settlements, (Settlements{{1, 5}, {1, 5}}));
    EXPECT_EQ(c.outcome.efficiency(), 1);
  }
}

TEST(Mechanism, ExtremesFitAndOverflowIsRefused) {
  for (std::size_t r = 0; r < kRules; ++r) {
    const auto rule = static_cast<Mechanism>(r);
    const Cleared c = clear(rule, {bid(kMost, kMost - 1), bid(kMost, 1), ask(0, kMost - 2), ask(1, 2)});
    EXPECT_EQ(c.outcome.volume, kMost) << enum_name(rule);
    EXPECT_EQ(c.outcome.efficiency(), 1) << enum_name(rule);
    EXPECT_TRUE(c.settlements[0].payment + c.settlements[1].payment ==
                c.settlements[2].payment + c.settlements[3].payment);
    EXPECT_THROW(clear(rule, {bid(1, kMost), bid(1, 1), ask(0, 1)}), ModelError);
    EXPECT_THROW(clear(rule, {bid(1, 1), ask(0, -1)}), ModelError);
  }
}

/// What every mechanism promises.
bool keeps_promises(const Orders& orders, const Cleared& c) {
  Int128 paid = 0, received = 0, surplus = 0;
  std::int64_t bought = 0, sold = 0;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const auto [filled, payment] = c.settlements[i];
    const Int128 at_limit = Int128{orders[i].limit.price} * filled;
    if (filled < 0 || filled > orders[i].limit.quantity || payment < 0) return false;
    if (orders[i].side == Side::bid) {
      if (payment > at_limit) return false;
      paid += payment, bought += filled, surplus += at_limit;
    } else {
      if (payment < at_limit) return false;
      received += payment, sold += filled, surplus -= at_limit;
    }
  }
  return paid == received && bought == sold && bought == c.outcome.volume && paid == c.outcome.turnover &&
         surplus == c.outcome.surplus && surplus <= c.outcome.possible_surplus && surplus >= 0;
}

TEST(Mechanism, RandomMarketsBalanceAndHarmNobody) {
  RandomSequence draw(Random(3, Stream::experiment), 0, 0);
  int inefficient = 0, mutants = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    const std::uint32_t ticks = 1 + uniform_below(draw.word(), trial % 2 == 0 ? 6 : 1000), most = 1 + trial % 9;
    Orders orders(uniform_below(draw.word(), 12));
    for (MarketOrder& o : orders)
      o = {draw.word() % 2 == 0 ? Side::bid : Side::ask,
           {uniform_below(draw.word(), ticks), uniform_below(draw.word(), most + 1)}};
    for (std::size_t r = 0; r < kRules; ++r) {
      const auto rule = static_cast<Mechanism>(r);
      Cleared c = clear(rule, orders);
      ASSERT_TRUE(keeps_promises(orders, c)) << enum_name(rule) << " trial " << trial;
      const bool by_arrival = rule == Mechanism::cda || rule == Mechanism::posted;
      ASSERT_TRUE(by_arrival || c.outcome.surplus == c.outcome.possible_surplus)
          << enum_name(rule) << " trial " << trial;
      inefficient += c.outcome.volume > 0 && c.outcome.efficiency() < 1;
      if (c.outcome.volume == 0) continue;
      ++c.settlements[0].payment;  // a unit of money from nowhere
      mutants += keeps_promises(orders, c);
    }
  }
  EXPECT_GT(inefficient, 300) << "order of arrival must matter to posted prices and continuous trade";
  EXPECT_EQ(mutants, 0);
}

}  // namespace
}  // namespace swarm::economy
