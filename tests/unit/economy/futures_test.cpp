#include "sim/economy/futures.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace swarm::economy {
namespace {

using Numbers = std::vector<std::int64_t>;

/// The margin account is account 0, agents follow. Margins 20 % and 10 %.
struct Exchange {
  explicit Exchange(const Numbers& wallets) : ledger(wallets.size() + 1), book({}, {0}, {1}, wallets.size()) {
    for (std::size_t i = 0; i < wallets.size(); ++i) ledger.mint({i + 1}, {wallets[i]}, Posting::endowment);
  }
  Numbers wallets() const { return Numbers(ledger.balances().begin() + 1, ledger.balances().end()); }
  Numbers trade(Numbers quantities, std::int64_t price) {
    book.trade(ledger, quantities, {price});
    check();
    return quantities;
  }
  FuturesSettlement settle(std::int64_t price) {
    const FuturesSettlement done = book.settle(ledger, {price});
    check();
    return done;
  }
  FuturesSettlement expire(std::int64_t price) {
    const FuturesSettlement done = book.expire(ledger, {price});
    check();
    EXPECT_EQ(ledger.balance({0}).value, 0) << "all security has returned";
    return done;
  }
  void check() const {
    const FuturesColumns& c = book.columns();
    const auto sum = [](const Numbers& x) { return std::accumulate(x.begin(), x.end(), std::int64_t{0}); };
    EXPECT_EQ(sum(c.contracts), 0);
    EXPECT_EQ(sum(c.basis), 0);
    EXPECT_EQ(sum(c.margin), ledger.balance({0}).value);
    ledger.audit();
  }

  Ledger ledger;
  FuturesBook book;
};

TEST(Futures, PriceOfAContract) {
  EXPECT_EQ(contract_price({}, 2e-6).value, 2'000'000) << "1,000 units at 2e-6 USD are 0.002 USD";
}

TEST(Futures, WorkedExample) {
  enum { Long, Short };
  Exchange x({1000, 1000});
  EXPECT_EQ(x.trade({10, -10}, 100), (Numbers{10, -10}));  // 20 % of 1,000
  EXPECT_EQ(x.wallets(), (Numbers{800, 800}));
  // 106: the short owes 60 out of its 200. 140 ≥ 10 % of 1,060, so nobody is called.
  FuturesSettlement done = x.settle(106);
  EXPECT_EQ(done.gains.value, 60);
  EXPECT_EQ(done.called.value, 0);
  EXPECT_EQ(x.wallets(), (Numbers{860, 800}));
  EXPECT_EQ(x.book.columns().margin, (Numbers{200, 140}));
  // 112: another 60; 80 < 112, so the short pays 224 − 80 = 144. The long's 200 is above 112.
  done = x.settle(112);
  EXPECT_EQ(done.called.value, 144);
  EXPECT_EQ(x.wallets(), (Numbers{920, 656}));
  // 90: the long owes 220, 20 more than its margin, and needs 180 again; 44 of the short's 224 return.
  done = x.settle(90);
  EXPECT_EQ(done.gains.value, 220);
  EXPECT_EQ(done.called.value, 20 + 180);
  EXPECT_EQ(x.wallets(), (Numbers{720, 656 + 220 + 44}));
  // The last day at 95: the short owes 50. In all the long has lost 10 · (100 − 95).
  x.expire(95);
  EXPECT_EQ(x.wallets(), (Numbers{950, 1050}));
  EXPECT_TRUE(x.ledger.total(Posting::variation) == 60 + 60 + 220 + 50);
}

TEST(Futures, WhoCannotPayTheMarginGetsLess) {
  // 20 per contract: agent 1 can pay for 3 of its 5, so both shorts get 3 · 4/8 and 3 · 4/8: 1 and 2.
  Exchange x({0, 79, 1000, 1000});
  EXPECT_EQ(x.trade({3, 5, -4, -4}, 100), (Numbers{0, 3, -1, -2}));
  EXPECT_EQ(x.wallets(), (Numbers{0, 19, 980, 960}));
  EXPECT_EQ(x.trade({0, 7, 0, 0}, 100), (Numbers{0, 0, 0, 0})) << "no other side";
  // Who has nothing left can still end its position, and turn it as far as its security goes.
  Exchange y({60, 1000});
  y.trade({3, -3}, 100);
  EXPECT_EQ(y.wallets()[0], 0);
  EXPECT_EQ(y.trade({-3, 3}, 150), (Numbers{-3, 3}));
  EXPECT_EQ(y.trade({-9, 9}, 150), (Numbers{-2, 2})) << "60 pay 20 % of 300";
}

TEST(Futures, LiquidationEndsAsManyContractsOfTheOtherSide) {
  enum { Weak, Strong, First, Second };
  Exchange x({100, 1000, 1000, 1000});
  x.trade({5, 10, -6, -9}, 100);  // Weak's wallet is empty
  // 85: Weak owes 75 of its 100; 25 < 42.5 and nothing to add: its 5 end, and 5 · 6/15 = 2 and 3 of the
  // shorts.
  const FuturesSettlement done = x.settle(85);
  EXPECT_EQ(done.liquidated, 1);
  EXPECT_EQ(done.closed, 5);
  EXPECT_EQ(done.shortfall.value, 0);
  EXPECT_EQ(x.book.columns().contracts, (Numbers{0, 10, -4, -6}));
  EXPECT_EQ(x.wallets()[Weak], 25) << "what is left of its security";
  EXPECT_EQ(x.wallets()[First], 1000 - 120 + 90 + (120 - 68));
}

TEST(Futures, MissingLossesAreTakenFromGainsProRata) {
  enum { Broke, Fine, First, Second };
  Exchange x({100, 1000, 1000, 1000});
  x.trade({5, 10, -6, -9}, 100);
  // 60: Broke owes 200 and has 100. Gains of 240 and 360 become 500 · 240/600 = 200 and 300.
  const FuturesSettlement done = x.settle(60);
  EXPECT_EQ(done.gains.value, 600);
  EXPECT_EQ(done.shortfall.value, 100);
  EXPECT_EQ(done.liquidated, 1);
  EXPECT_EQ(x.wallets()[Broke], 0);
  EXPECT_EQ(x.wallets()[First] + x.book.columns().margin[First], 1200);
  EXPECT_EQ(x.wallets()[Second] + x.book.columns().margin[Second], 1300);
  x.expire(60);
  EXPECT_EQ(x.wallets(), (Numbers{0, 600, 1200, 1300}));
}

TEST(Futures, NobodySolvent) {
  // Both have only their margin. At 100 → 200 the short has lost 500 and had 100; the long keeps its margin
  // of 100 = 10 % of 1,000 and receives 100, but its counterpart is gone, and so is its position.
  Exchange x({100, 100});
  x.trade({5, -5}, 100);
  FuturesSettlement done = x.settle(200);
  EXPECT_EQ(done.shortfall.value, 400);
  EXPECT_EQ(x.book.columns().contracts, (Numbers{0, 0}));
  EXPECT_EQ(x.wallets(), (Numbers{200, 0}));
  done = x.settle(300);
  EXPECT_EQ(done.gains.value, 0) << "no positions, no settlement";
  EXPECT_EQ(done.liquidated, 0);
}

TEST(Futures, PriceOfZero) {
  Exchange x({100, 100});
  EXPECT_EQ(x.trade({1000, -1000}, 0), (Numbers{1000, -1000})) << "no value, no security";
  const FuturesSettlement done = x.settle(1);  // the short owes 1,000
  EXPECT_EQ(done.gains.value, 1000);
  EXPECT_EQ(done.shortfall.value, 900);
  EXPECT_EQ(x.wallets(), (Numbers{200, 0}));
}

TEST(Futures, MarginsThatMakeNoSenseAreRefused) {
  EXPECT_THROW(FuturesBook({.initial_margin = 0.1, .maintenance_margin = 0.2}, {0}, {1}, 1), ModelError);
  EXPECT_THROW(FuturesBook({.initial_margin = 1.5}, {0}, {1}, 1), ModelError);
  EXPECT_THROW(FuturesBook({.maintenance_margin = -0.1}, {0}, {1}, 1), ModelError);
}

TEST(Futures, ColumnsAreAllThereIsToSave) {
  Exchange a({500, 700, 900}), b({500, 700, 900});
  for (Exchange* x : {&a, &b}) x->trade({5, 4, -9}, 100);
  FuturesBook restored({}, {0}, {1}, 3);
  restored.restore(b.book.columns());
  b.book = restored;
  for (const std::int64_t price : {80, 130, 90})
    for (Exchange* x : {&a, &b}) x->settle(price);
  EXPECT_TRUE(std::ranges::equal(a.ledger.balances(), b.ledger.balances()));
  EXPECT_EQ(a.book.columns().basis, b.book.columns().basis);
}

}  // namespace
}  // namespace swarm::economy
