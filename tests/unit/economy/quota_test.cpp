#include "sim/economy/quota.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "sim/economy/token_budget.hpp"

namespace swarm::economy {
namespace {

using Numbers = std::vector<std::int64_t>;

/// Ends `n` uses of one unit each with the given quality.
void use(QuotaBook& book, std::size_t agent, int n, double quality) {
  for (int k = 0; k < n; ++k) {
    ASSERT_TRUE(book.reserve(agent, 1));
    book.commit(agent, 1, 1, quality);
  }
}

TEST(Quota, WorkedExample) {
  QuotaBook book({}, 1);
  EXPECT_EQ(book.available(0), 0) << "nobody starts with quota";
  book.new_day(Numbers{100});
  EXPECT_TRUE(book.reserve(0, 60));
  EXPECT_FALSE(book.reserve(0, 41)) << "overdraw";
  EXPECT_FALSE(book.reserve(0, -1));
  EXPECT_TRUE(book.reserve(0, 40));
  EXPECT_EQ(book.available(0), 0);
  book.commit(0, 60, 45, 0.8);  // 15 come back
  book.release(0, 40);
  EXPECT_EQ(book.available(0), 55);
  EXPECT_EQ(book.columns().used[0], 45);
  EXPECT_DOUBLE_EQ(book.efficiency(0), 0.8 * 45 / 60);
}

TEST(Quota, EfficiencyIsTheMeanOfTheLastTenUses) {
  QuotaBook book({}, 2);
  book.new_day(Numbers{100, 100});
  EXPECT_EQ(book.efficiency(0), 0) << "a newcomer";
  use(book, 0, 2, 0.4);
  EXPECT_DOUBLE_EQ(book.efficiency(0), 0.4);
  use(book, 0, 9, 1.0);
  EXPECT_DOUBLE_EQ(book.efficiency(0), 0.94) << "the first 0.4 has left";
  use(book, 0, 1, 1.0);
  EXPECT_DOUBLE_EQ(book.efficiency(0), 1.0);
  book.commit(0, 0, 0, 0.0);
  EXPECT_DOUBLE_EQ(book.efficiency(0), 1.0) << "a use of nothing says nothing";
  EXPECT_EQ(book.efficiency(1), 0);
}

TEST(Quota, EfficientAgentsEarnABonusOutOfAFixedPool) {
  QuotaParams params;
  params.pool_share = 0.04;
  QuotaBook book(params, 4);
  book.new_day(Numbers{1000, 500, 200, 300});
  use(book, 0, 1, 0.81);
  use(book, 1, 1, 0.9);
  use(book, 2, 1, 0.8);  // not above
  // 100 and 50 are earned, the pool holds 80: 53.3… → 53, 27; half of each may be offered.
  const QuotaDay day = book.new_day(Numbers{1000, 500, 200, 300});
  EXPECT_EQ(day.base, 2000);
  EXPECT_EQ(day.bonus, 80);
  EXPECT_EQ(book.columns().allocated, (Numbers{1053, 527, 200, 300}));
  EXPECT_EQ(book.columns().tradeable, (Numbers{26, 13, 0, 0}));
  params.pool_share = 1;
  QuotaBook rich(params, 1);
  rich.new_day(Numbers{290});
  use(rich, 0, 1, 1);
  EXPECT_EQ(rich.new_day(Numbers{290}).bonus, 29);
  params.bonus_share = 0.29;
  QuotaBook exact(params, 1);
  exact.new_day(Numbers{100});
  use(exact, 0, 1, 1);
  EXPECT_EQ(exact.new_day(Numbers{100}).bonus, 29) << "0.29 · 100 in doubles lies below 29";
}

TEST(Quota, OnlyHalfTheBonusCanBeOfferedAndQuotaMovesWhole) {
  QuotaParams params;
  params.pool_share = 1;
  QuotaBook book(params, 2);
  book.new_day(Numbers{100, 100});
  use(book, 0, 1, 1);
  book.new_day(Numbers{100, 100});  // agent 0: 110, of which 5 tradeable
  EXPECT_FALSE(book.offer(0, 6));
  EXPECT_TRUE(book.offer(0, 3));
  EXPECT_FALSE(book.offer(0, 3));
  EXPECT_EQ(book.available(0), 107) << "what is offered is out of reach";
  EXPECT_FALSE(book.transfer(0, 1, 4)) << "more than offered";
  EXPECT_TRUE(book.transfer(0, 1, 2));
  EXPECT_EQ(book.available(1), 102);
  EXPECT_FALSE(book.offer(1, 1)) << "bought quota is not offered again";
  EXPECT_TRUE(book.withdraw_offer(0, 1));
  EXPECT_FALSE(book.withdraw_offer(0, 1));
  EXPECT_EQ(book.available(0), 108);
  EXPECT_TRUE(book.offer(0, 3)) << "5 tradeable, 2 sold";
  EXPECT_FALSE(book.offer(0, 1));
  EXPECT_EQ(std::accumulate(book.columns().allocated.begin(), book.columns().allocated.end(), 0), 210);
  EXPECT_TRUE(book.reserve(0, 105));
  EXPECT_EQ(book.available(0), 0);
}

TEST(Quota, ReservationsOutliveTheirDayWithTheirQuota) {
  QuotaBook book({}, 1);
  book.new_day(Numbers{100});
  ASSERT_TRUE(book.reserve(0, 80));
  book.new_day(Numbers{50});
  EXPECT_EQ(book.available(0), 50) << "yesterday's 20 ended, its 80 reserved stand beside today's 50";
  ASSERT_TRUE(book.reserve(0, 10));
  book.commit(0, 30, 20, 1);  // the oldest: of 30 carried 20 are used, 10 end
  EXPECT_EQ(book.available(0), 40);
  book.release(0, 50);  // the other 50 of yesterday end
  EXPECT_EQ(book.available(0), 40);
  book.release(0, 10);
  EXPECT_EQ(book.available(0), 50);
  EXPECT_EQ(book.columns().allocated[0], 70) << "50, and the 20 that were used";
}

TEST(Quota, DaysWithoutQuotaOrPool) {
  QuotaBook book({}, 2);
  EXPECT_EQ(book.new_day(Numbers{0, 0}).bonus, 0);
  EXPECT_FALSE(book.reserve(0, 1));
  EXPECT_TRUE(book.reserve(0, 0));
  QuotaParams none;
  none.pool_share = 0;
  QuotaBook poor(none, 1);
  poor.new_day(Numbers{100});
  use(poor, 0, 1, 1);
  EXPECT_EQ(poor.new_day(Numbers{100}).bonus, 0);
  QuotaBook nobody({}, 0);
  EXPECT_EQ(nobody.new_day({}).base, 0);
}

TEST(Quota, ColumnsAreAllThereIsToSave) {
  QuotaBook a({}, 2), b({}, 2);
  for (QuotaBook* book : {&a, &b}) {
    book->new_day(Numbers{100, 30});
    use(*book, 0, 13, 0.95);
  }
  QuotaBook restored({}, 2);
  restored.restore(b.columns());
  for (QuotaBook* book : {&a, &restored}) {
    use(*book, 0, 4, 0.2);
    book->new_day(Numbers{100, 30});
  }
  EXPECT_EQ(a.columns().recent, restored.columns().recent);
  EXPECT_EQ(a.columns().allocated, restored.columns().allocated);
  QuotaBook goes_on({}, a.release());
  for (QuotaBook* book : {&goes_on, &restored}) use(*book, 1, 2, 0.9);
  EXPECT_EQ(goes_on.columns().used, restored.columns().used);
  EXPECT_EQ(goes_on.columns().recent, restored.columns().recent);
}

TEST(TokenBudget, WorkedExample) {
  // 1,000 tok at quality 0.9 with a quarter on top: 1,125; return 0.125.
  const BudgetUse use{1000, 0.9, 0.25};
  EXPECT_DOUBLE_EQ(market_value(use), 1125);
  EXPECT_DOUBLE_EQ(return_on_budget(use), 0.125);
  EXPECT_DOUBLE_EQ(return_on_budget({1000, 1, 0.2}), 0.2);
  EXPECT_DOUBLE_EQ(return_on_budget({1000, 0, 3}), -1) << "spent for nothing";
  EXPECT_EQ(return_on_budget({0, 1, 1}), 0) << "not touched";
}

}  // namespace
}  // namespace swarm::economy
