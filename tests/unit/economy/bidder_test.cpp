#include "sim/economy/bidder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sim/core/units.hpp"

namespace swarm::economy {
namespace {

constexpr RandomBlock kMiddle{0x80000000, 0, 0, 0};  // a uniform of 0.5

TEST(Bidder, WorkedExample) {
  // A unit that costs 40 or is worth 80, ceiling 200, margin 0.1, and a uniform draw of 0.5.
  const auto ask = [](Bidder bidder) { return name_ticks(bidder, Side::ask, {40, 200, 0.1, kMiddle}, 1.0); };
  const auto bid = [](Bidder bidder) { return name_ticks(bidder, Side::bid, {80, 200, 0.1, kMiddle}, 1.0); };
  EXPECT_EQ(ask(Bidder::truthful), 40);
  EXPECT_EQ(bid(Bidder::truthful), 80);
  EXPECT_EQ(ask(Bidder::markup), 44);
  EXPECT_EQ(bid(Bidder::markup), 72);
  EXPECT_EQ(ask(Bidder::zip), 44);
  EXPECT_EQ(bid(Bidder::zip), 72);
  EXPECT_EQ(ask(Bidder::zi_constrained), 121);  // 40 + 0.5 · 160, a little above, rounded up
  EXPECT_EQ(bid(Bidder::zi_constrained), 40);   // 0.5 · 80, a little above, rounded down
  EXPECT_EQ(ask(Bidder::zi_unconstrained), 101);
  EXPECT_EQ(bid(Bidder::zi_unconstrained), 100);
}

TEST(Bidder, NamesAreThoseOfItsTable) {
  EXPECT_EQ(enum_name(Bidder::truthful), "truthful");
  EXPECT_EQ(enum_name(Bidder::markup), "mark-up");
  EXPECT_EQ(enum_name(Bidder::zi_constrained), "zi-constrained");
  EXPECT_EQ(enum_name(Bidder::zi_unconstrained), "zi-unconstrained");
  EXPECT_EQ(enum_name(Bidder::zip), "zip");
}

/// Prices of one bidder from 10,000 draws, in thousandths.
std::vector<double> drawn(Bidder bidder, Side side, double limit, double ceiling) {
  const Random random(5, Stream::experiment);
  std::vector<double> out;
  for (std::uint64_t k = 0; k < 10'000; ++k)
    out.push_back(1e-3 * static_cast<double>(name_ticks(bidder, side, {limit, ceiling, 0, random.block(1, k)}, 1e3)));
  return out;
}
bool uniform_on(const std::vector<double>& prices, double least, double most) {
  double sum = 0;
  for (const double price : prices) {
    if (price < least || price > most) return false;
    sum += price;
  }
  const double n = static_cast<double>(prices.size()), error = (most - least) / std::sqrt(12 * n);
  return std::abs(sum / n - (least + most) / 2) <= 4 * error + 0.5e-3;  // half a tick of rounding
}

TEST(Bidder, ZeroIntelligenceIsUniformWithinItsBudget) {
  EXPECT_TRUE(uniform_on(drawn(Bidder::zi_constrained, Side::ask, 40, 200), 40, 200));
  EXPECT_TRUE(uniform_on(drawn(Bidder::zi_constrained, Side::bid, 80, 200), 0, 80));
  EXPECT_TRUE(uniform_on(drawn(Bidder::zi_unconstrained, Side::ask, 40, 200), 0, 200));
  EXPECT_TRUE(uniform_on(drawn(Bidder::zi_unconstrained, Side::bid, 80, 200), 0, 200));
  // Mutant: no budget.
  EXPECT_FALSE(uniform_on(drawn(Bidder::zi_unconstrained, Side::ask, 40, 200), 40, 200));
  EXPECT_FALSE(uniform_on(drawn(Bidder::zi_unconstrained, Side::bid, 80, 200), 0, 80));
}

TEST(Bidder, ACeilingBelowTheLimitIsDefined) {
  for (const double price : drawn(Bidder::zi_constrained, Side::ask, 40, 30)) EXPECT_EQ(price, 40);
  EXPECT_TRUE(uniform_on(drawn(Bidder::zi_constrained, Side::bid, 80, 30), 0, 30));
  for (const double price : drawn(Bidder::zi_constrained, Side::bid, 0, 0)) EXPECT_EQ(price, 0);
}

TEST(Bidder, NobodyWithABudgetNamesALosingPrice) {
  const Random random(6, Stream::experiment);
  std::uint64_t nearest_would_lose = 0;
  for (std::uint64_t k = 0; k < 20'000; ++k) {
    const RandomBlock draw = random.block(0, k);
    const double limit = 1e-4 * uniform_open(draw[2]), ticks_per_unit = 1e5 + 1e6 * uniform_open(draw[3]);
    const double limit_ticks = limit * ticks_per_unit;
    for (const Bidder bidder : {Bidder::truthful, Bidder::markup, Bidder::zi_constrained, Bidder::zip}) {
      const BidTerms terms{limit, 4e-4, 0.2, draw};
      EXPECT_GE(static_cast<double>(name_ticks(bidder, Side::ask, terms, ticks_per_unit)), limit_ticks);
      EXPECT_LE(static_cast<double>(name_ticks(bidder, Side::bid, terms, ticks_per_unit)), limit_ticks);
    }
    nearest_would_lose += std::nearbyint(limit_ticks) < limit_ticks;  // mutant: rounded to the nearest tick
  }
  EXPECT_GT(nearest_would_lose, 5000u);
}

TEST(Bidder, PricesThatFitNoTickAreRefused) {
  const double infinite = std::numeric_limits<double>::infinity();
  EXPECT_THROW(name_ticks(Bidder::truthful, Side::ask, {1e10, 0, 0, {}}, 1e9), ModelError);
  EXPECT_THROW(name_ticks(Bidder::truthful, Side::bid, {infinite, 0, 0, {}}, 1.0), ModelError);
  EXPECT_THROW(name_ticks(Bidder::truthful, Side::bid, {std::nan(""), 0, 0, {}}, 1.0), ModelError);
  EXPECT_EQ(name_ticks(Bidder::markup, Side::bid, {80, 0, 1.5, {}}, 1.0), 0) << "a margin above 1 leaves nothing";
}

}  // namespace
}  // namespace swarm::economy
