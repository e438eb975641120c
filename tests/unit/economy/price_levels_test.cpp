#include "sim/economy/price_levels.hpp"

#include <gtest/gtest.h>

#include <set>

#include "sim/core/rng.hpp"

namespace swarm::economy {
namespace {

constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kWindow = PriceLevels::kWindow;

/// Levels whose first order is a mark of their price, beside an ordered set of the prices.
struct Twins {
  PriceLevels levels;
  std::set<std::int64_t> prices;

  static std::uint32_t mark(std::int64_t price) { return static_cast<std::uint32_t>(price % 1'000'003); }
  void open(std::int64_t price) {
    levels.open(price).first = mark(price);
    prices.insert(price);
  }
  void close(std::int64_t price) {
    levels.close(price);
    prices.erase(price);
  }
  /// Upwards and downwards from everywhere, and from beside and beyond every price.
  void expect_same() const {
    for (const std::int64_t price : prices) ASSERT_EQ(levels.at(price).first, mark(price)) << price;
    std::set<std::int64_t> from{0, 1, kHighest / 2, kHighest - 1, kHighest};
    for (const std::int64_t price : prices) {
      from.insert({std::max<std::int64_t>(price, 1) - 1, price});
      from.insert(std::min(price, kHighest - 1) + 1);
    }
    for (const std::int64_t price : from) {
      const auto above = prices.upper_bound(price), at = prices.lower_bound(price);
      ASSERT_EQ(levels.above(price), above == prices.end() ? std::nullopt : std::optional(*above)) << price;
      ASSERT_EQ(levels.below(price), at == prices.begin() ? std::nullopt : std::optional(*std::prev(at))) << price;
    }
  }
};

TEST(PriceLevels, WithoutPricesThereIsNoNeighbour) {
  const PriceLevels levels;
  for (const std::int64_t price : {std::int64_t{0}, kWindow, kHighest}) {
    EXPECT_FALSE(levels.above(price));
    EXPECT_FALSE(levels.below(price));
  }
}

TEST(PriceLevels, FindsEveryPriceWhereverTheWindowGoes) {
  constexpr std::int64_t kMiddle = 1'000'000;
  Twins twins;
  twins.open(kMiddle);  // the window is about it
  // Both ends of the window, of its words of 64 prices, and those beside.
  for (const std::int64_t word : {-kWindow / 2, -kWindow / 2 + 64, std::int64_t{0}, kWindow / 2 - 64, kWindow / 2})
    for (const std::int64_t offset : {-1, 0, 1, 63}) twins.open(kMiddle + word + offset);
  for (const std::int64_t price : {std::int64_t{0}, std::int64_t{1}, kWindow - 1, kWindow, kHighest - kWindow,
                                   kHighest - kWindow + 1, kHighest - 1, kHighest})
    twins.open(price);
  twins.expect_same();
  const std::set<std::int64_t> all = twins.prices;
  for (const std::int64_t centre : all)  // every price is an end of the window, or just outside, at some time
    for (const std::int64_t shift : {-kWindow / 2, -kWindow / 2 + 1, std::int64_t{0}, kWindow / 2 - 1, kWindow / 2}) {
      if (shift > 0 ? centre > kHighest - shift : centre < -shift) continue;
      twins.levels.follow(kHighest / 3);
      twins.levels.follow(centre + shift);
      ASSERT_NO_FATAL_FAILURE(twins.expect_same()) << centre << " " << shift;
    }
  for (const std::int64_t price : all) {
    twins.close(price);
    ASSERT_NO_FATAL_FAILURE(twins.expect_same()) << price;
  }
  twins.open(5);
  twins.levels.clear();
  twins.prices.clear();
  twins.expect_same();
}

TEST(PriceLevels, LooksOutsideTheWindowMakeItStrayUntilItFollows) {
  PriceLevels levels;
  levels.open(1'000'000);
  levels.open(1'000'000 + kWindow / 2 - 1);
  EXPECT_FALSE(levels.strayed());
  levels.open(1'000'000 + kWindow / 2);  // just outside
  for (std::uint32_t look = 1; look < PriceLevels::kPatience; ++look) {
    EXPECT_FALSE(levels.strayed());
    levels.at(1'000'000 + kWindow / 2);
  }
  EXPECT_TRUE(levels.strayed());
  levels.follow(1'000'000 + kWindow / 8 - 1);  // not worth a move
  EXPECT_FALSE(levels.strayed());
  for (std::uint32_t look = 0; look < PriceLevels::kPatience; ++look) levels.at(1'000'000 + kWindow / 2);
  EXPECT_TRUE(levels.strayed());
  levels.follow(1'000'000 + kWindow / 8);
  for (std::uint32_t look = 0; look < PriceLevels::kPatience; ++look) levels.at(1'000'000 + kWindow / 2);
  EXPECT_FALSE(levels.strayed()) << "it is inside now";
}

}  // namespace
}  // namespace swarm::economy
