#include "sim/economy/order_book.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "tests/unit/economy/allocations.hpp"

namespace swarm::economy {
namespace {

constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();
using Trades = std::vector<Trade>;

Trades submit(OrderBook& book, std::uint64_t id, Side side, std::int64_t price, std::int64_t quantity) {
  Trades trades;
  book.submit(id, side, price, quantity, trades);
  return trades;
}

/// Asks 1: 5 at 101, 2: 5 at 100, 3: 5 at 100; bid 4: 6 at 98.
OrderBook example() {
  OrderBook book;
  book.add(1, Side::ask, 101, 5);
  book.add(2, Side::ask, 100, 5);
  book.add(3, Side::ask, 100, 5);
  book.add(4, Side::bid, 98, 6);
  return book;
}

TEST(OrderBook, WorkedExample) {
  OrderBook book = example();
  Trades trades;
  EXPECT_EQ(book.submit(5, Side::bid, 101, 12, trades), 0);
  EXPECT_EQ(trades, (Trades{{2, 5, 100, 5}, {3, 5, 100, 5}, {1, 5, 101, 2}}));
  EXPECT_EQ(book.best(Side::ask), (RestingOrder{1, Side::ask, 101, 3}));
  EXPECT_EQ(book.submit(6, Side::ask, 98, 10, trades), 4);  // appended; what is left rests at its own price
  EXPECT_EQ(trades.back(), (Trade{4, 6, 98, 6}));
  EXPECT_EQ(book.best(Side::ask), (RestingOrder{6, Side::ask, 98, 4}));
  EXPECT_FALSE(book.best(Side::bid));
  EXPECT_EQ(book.depth(Side::ask), 2u);
  EXPECT_TRUE(book.volume(Side::ask) == 7);
  EXPECT_EQ(book.save(), (BookColumns{{6, 1}, {1, 1}, {98, 101}, {4, 3}}));
}

TEST(OrderBook, AnEmptySideIsNoError) {
  OrderBook book;
  EXPECT_FALSE(book.best(Side::bid));
  EXPECT_FALSE(book.cancel(1));
  EXPECT_FALSE(book.reduce(1, 0));
  EXPECT_EQ(book.take(1, 5), 0);
  EXPECT_FALSE(book.find(1));
  EXPECT_EQ(book.depth(Side::bid), 0u);
  EXPECT_TRUE(book.volume(Side::ask) == 0);
  EXPECT_TRUE(submit(book, 1, Side::bid, kHighest, 5).empty());
  EXPECT_TRUE(book.cancel(1));
  EXPECT_FALSE(book.cancel(1));
  EXPECT_EQ(book.save(), BookColumns{});
}

TEST(OrderBook, ReducingKeepsThePlaceAndNothingGrows) {
  OrderBook book = example();
  EXPECT_TRUE(book.reduce(2, 1));
  EXPECT_FALSE(book.reduce(2, 2));
  EXPECT_TRUE(book.reduce(3, 5)) << "to what it has: nothing changes";
  EXPECT_EQ(submit(book, 5, Side::bid, 100, 3), (Trades{{2, 5, 100, 1}, {3, 5, 100, 2}}));
  EXPECT_TRUE(book.reduce(3, 0));
  EXPECT_FALSE(book.find(3));
  EXPECT_TRUE(book.volume(Side::ask) == 5);
  // Whoever leaves and comes back goes to the end instead.
  OrderBook other = example();
  EXPECT_TRUE(other.cancel(2));
  other.add(2, Side::ask, 100, 1);
  EXPECT_EQ(submit(other, 5, Side::bid, 100, 3), (Trades{{3, 5, 100, 3}}));
}

TEST(OrderBook, TakeExecutesWhereverTheOrderStands) {
  OrderBook book = example();
  EXPECT_EQ(book.take(1, 2), 2);
  EXPECT_EQ(book.take(1, 0), 0);
  EXPECT_EQ(book.take(1, 9), 3);
  EXPECT_FALSE(book.find(1));
  EXPECT_EQ(book.take(1, 9), 0);
  EXPECT_EQ(book.take(2, 5), 5);
  EXPECT_EQ(book.best(Side::ask), (RestingOrder{3, Side::ask, 100, 5}));
  EXPECT_EQ(book.depth(Side::ask), 1u);
}

TEST(OrderBook, PricesFromZeroToTheHighest) {
  OrderBook book;
  book.add(1, Side::bid, 0, kHighest);
  book.add(2, Side::ask, kHighest, kHighest);
  book.add(3, Side::ask, kHighest - 1, kHighest);
  EXPECT_TRUE(book.volume(Side::ask) == Int128{kHighest} * 2) << "the sum exceeds 64 bits";
  EXPECT_EQ(submit(book, 4, Side::bid, kHighest, kHighest), (Trades{{3, 4, kHighest - 1, kHighest}}));
  EXPECT_EQ(submit(book, 5, Side::ask, 0, 7), (Trades{{1, 5, 0, 7}}));
  EXPECT_EQ(book.best(Side::ask), (RestingOrder{2, Side::ask, kHighest, kHighest}));
  EXPECT_EQ(book.best(Side::bid), (RestingOrder{1, Side::bid, 0, kHighest - 7}));
}

TEST(OrderBook, BadNumbersAreRefusedAndChangeNothing) {
  OrderBook book = example();
  const BookColumns before = book.save();
  Trades trades;
  EXPECT_THROW(book.submit(9, Side::bid, -1, 1, trades), ModelError);
  EXPECT_THROW(book.submit(9, Side::bid, 200, 0, trades), ModelError);
  EXPECT_THROW(book.submit(9, Side::bid, 200, -3, trades), ModelError);
  EXPECT_THROW(book.add(9, Side::bid, -1, 1), ModelError);
  EXPECT_THROW(book.reduce(1, -1), ModelError);
  EXPECT_THROW(book.take(1, -1), ModelError);
  EXPECT_TRUE(trades.empty());
  EXPECT_EQ(book.save(), before);
}

#ifdef SWARM_CONTRACTS
TEST(OrderBook, ContractsRefuseAnIdThatRestsAndAnAddThatWouldTrade) {
  OrderBook book = example();
  EXPECT_THROW(submit(book, 4, Side::bid, 10, 1), ModelError);
  EXPECT_THROW(book.add(9, Side::bid, 100, 1), ModelError);
  EXPECT_THROW(book.add(9, Side::ask, 98, 1), ModelError);
}
#endif

TEST(OrderBook, RestoresWithEveryPriority) {
  OrderBook book = example(), other;
  other.add(77, Side::bid, 3, 3);
  other.restore(book.save());
  EXPECT_EQ(other.save(), book.save());
  EXPECT_EQ(submit(other, 5, Side::bid, 101, 12), submit(book, 5, Side::bid, 101, 12));
  EXPECT_EQ(other.save(), book.save());
  // Rows may be in any order but for those of one price, whose order is their priority.
  BookColumns swapped{{3, 2}, {1, 1}, {100, 100}, {5, 5}};
  other.restore(swapped);
  EXPECT_EQ(submit(other, 5, Side::bid, 100, 1), (Trades{{3, 5, 100, 1}}));
}

TEST(OrderBook, DamagedColumnsAreRefusedByName) {
  const auto message = [](const std::function<void(BookColumns&)>& damage) {
    OrderBook book = example();
    BookColumns columns = book.save();
    damage(columns);
    try {
      book.restore(columns);
    } catch (const ModelError& error) {
      EXPECT_EQ(book.save(), BookColumns{}) << "left empty";
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_EQ(message([](BookColumns&) {}), "accepted");
  EXPECT_EQ(message([](BookColumns& c) { c.ids.pop_back(); }), "order book: its columns differ in length");
  EXPECT_EQ(message([](BookColumns& c) { c.sides[1] = 2; }), "order book: an order is neither a bid nor an ask");
  EXPECT_EQ(message([](BookColumns& c) { c.prices[1] = -1; }), "order book: an order has a negative price");
  EXPECT_EQ(message([](BookColumns& c) { c.quantities[1] = 0; }), "order book: an order has no quantity");
  EXPECT_EQ(message([](BookColumns& c) { c.ids[1] = c.ids[2]; }), "order book: an id is there twice");
  EXPECT_EQ(message([](BookColumns& c) { c.prices[0] = 100; }), "order book: a bid meets an ask");
}

TEST(OrderBook, ASteadyBookAllocatesNothing) {
  OrderBook book;
  Trades trades;
  trades.reserve(64);
  // Bids and asks about a price that moves on by 10,000 each round, far orders included; each round ends empty.
  const auto round = [&](std::uint64_t n) {
    const auto mid = static_cast<std::int64_t>(1'000'000 + 10'000 * n);
    for (std::uint64_t i = 0; i < 500; ++i) {
      const auto away = static_cast<std::int64_t>(1 + i * i % 997 + (i % 10 == 0 ? 100'000 : 0));
      book.submit(2 * i, Side::bid, mid - away, 10, trades);
      book.submit(2 * i + 1, Side::ask, mid + away, 10, trades);
    }
    for (std::uint64_t i = 0; i < 500; ++i) {
      trades.clear();
      book.submit(1000, Side::bid, kHighest, 5, trades);
      book.cancel(2 * i);
    }
    book.clear();
  };
  for (std::uint64_t n = 0; n < 3; ++n) round(n);
  const std::uint64_t before = allocations();
  for (std::uint64_t n = 3; n < 50; ++n) round(n);
  EXPECT_EQ(allocations(), before);
  book.add(5000, Side::bid, 1, 1);
  for (std::uint64_t i = 0; i < 2000; ++i) book.add(6000 + i, Side::bid, 1, 1);
  EXPECT_GT(allocations(), before) << "more orders than ever before: the counter counts";
}

}  // namespace
}  // namespace swarm::economy
