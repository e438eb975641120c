// Quotes in whole µTKN: what is paid is what is received, to the last one.
#include "sim/policy/price.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/core/params.hpp"
#include "sim/core/rng.hpp"
#include "tests/unit/policy/helpers.hpp"

namespace swarm {
namespace policy {
namespace {

constexpr double kMicro = 1e-9;  ///< [USD]

TEST(Price, ByHand) {
  // 1,000 µTKN; a discount of 300; 40 of carbon; a rebate of 90, which is the seller's.
  const Items south{.base = 1000 * kMicro, .carbon = 40 * kMicro, .justice = -300 * kMicro, .renewable = 90 * kMicro};
  const Price p = price_of(south, true);
  EXPECT_EQ(p.due, 910);
  EXPECT_EQ(p.carbon, 40);
  EXPECT_EQ(p.premium, 0);
  EXPECT_EQ(p.grant, 300);
  EXPECT_EQ(p.price, 650);  // 910 + 40 − 300
  const Price denied = price_of(south, false);
  EXPECT_EQ(denied.grant, 0);
  EXPECT_EQ(denied.price, 950);
  EXPECT_EQ(denied.due, 910);
  const Items north{.base = 1000 * kMicro, .carbon = 40 * kMicro, .justice = 200 * kMicro, .renewable = 90 * kMicro};
  for (const bool granted : {true, false}) {
    const Price n = price_of(north, granted);
    EXPECT_EQ(n.premium, 200);
    EXPECT_EQ(n.grant, 0);
    EXPECT_EQ(n.price, 1150);
  }
}

TEST(Price, ADiscountLowersTheTotalToZeroAtMost) {
  const Items items{.base = 1000 * kMicro, .carbon = 40 * kMicro, .justice = -5000 * kMicro, .renewable = 90 * kMicro};
  const Price p = price_of(items, true);
  EXPECT_EQ(p.price, 0);
  EXPECT_EQ(p.grant, 950);  // not 5,000: nobody is paid for asking
  EXPECT_EQ(p.due, 910);
  EXPECT_EQ(price_of(items, false).price, 950);
}

TEST(Price, EachItemIsRoundedHalfToEven) {
  // Amounts that are halves of a µTKN exactly: checked before they are used.
  const auto micro = [](double half) { return half / kMicroTknPerUsd; };
  for (const double half : {0.5, 1.5, 2.5, 3.5, 4.5}) ASSERT_EQ(micro(half) * kMicroTknPerUsd, half);
  const auto due = [&](double base) { return price_of({.base = micro(base)}, true).due; };
  EXPECT_EQ(due(0.5), 0);
  EXPECT_EQ(due(1.5), 2);
  EXPECT_EQ(due(2.5), 2);
  EXPECT_EQ(due(3.5), 4);
  EXPECT_EQ(due(4.5), 4);
  EXPECT_EQ(price_of({.carbon = micro(2.5)}, true).carbon, 2);
  EXPECT_EQ(price_of({.justice = micro(3.5)}, true).premium, 4);
  EXPECT_EQ(price_of({.base = micro(100), .justice = -micro(2.5)}, true).grant, 2);
  // Once each: 2.5 + 2.5 + 2.5 is 6, not round(7.5) = 8.
  EXPECT_EQ(price_of({.base = micro(2.5), .carbon = micro(2.5), .justice = micro(2.5)}, true).price, 6);
  EXPECT_EQ(price_of({.base = micro(4.5), .renewable = micro(1.5)}, true).due, 2);  // 4 − 2
}

TEST(Price, NothingCostsNothing) {
  const Price p = price_of({}, true);
  EXPECT_EQ(p.price, 0);
  EXPECT_EQ(p.grant, 0);
  EXPECT_EQ(p.due, 0);
}

TEST(Price, WhatDoesNotFitIsRefused) {
  EXPECT_THROW(price_of({.base = 1e10}, true), ModelError);                 // 1e19 µTKN
  EXPECT_THROW(price_of({.base = 6e9, .carbon = 6e9}, true), ModelError);   // each fits, the sum does not
  EXPECT_THROW(price_of({.base = std::nan("")}, true), ModelError);
  EXPECT_EQ(price_of({.base = 9e9, .justice = -9e9}, true).grant, 9'000'000'000'000'000'000);
}

/// Log-uniform in [1e-13, 1e8] USD, now and then 0.
double amount(RandomSequence& random) {
  const double u = random.uniform();
  return u < 0.02 ? 0.0 : std::pow(10.0, -13 + 21 * random.uniform());
}

struct Case {
  Items items;
  bool discount;
};
/// Quotes of every rule, to the South, the North and between, of every size.
std::vector<Case> cases() {
  std::vector<Case> out;
  RandomSequence random(Random(1, Stream::experiment), 0, 0);
  for (std::size_t rule = 0; rule < EnumNames<PricingRule>::names.size(); ++rule)
    for (int i = 0; i < 3000; ++i) {
      PricingParams pricing;
      pricing.rule = static_cast<PricingRule>(rule);
      pricing.carbon_price_usd_per_t = 1000 * random.uniform();
      pricing.renewable_rebate = random.uniform();
      pricing.south_discount = random.uniform();
      pricing.north_premium = 2 * random.uniform();
      const char* region = i % 3 == 0 ? "BD" : i % 3 == 1 ? "DE" : "ZA";
      const Items items = quote(region_terms(pricing, {}, *grid::find_region(region)),
                                {.base_usd = amount(random),
                                 .footprint_g = amount(random),
                                 .tok = std::floor(10000 * random.uniform()),
                                 .renewable = i % 7 == 0 ? 1.0 : random.uniform()},
                                charged_usd_per_g(pricing.rule, pricing.carbon_price_usd_per_t));
      out.push_back({items, items.justice < 0});
    }
  return out;
}

TEST(Price, PaidIsReceivedAndNothingIsNegative) {
  std::size_t discounts = 0, premiums = 0, floors = 0;
  for (const auto& [items, discount] : cases()) {
    for (const bool granted : {true, false}) {
      const Price p = price_of(items, granted);
      ASSERT_EQ(Int128{p.price} + p.grant, Int128{p.due} + p.carbon + p.premium);
      ASSERT_TRUE(p.price >= 0 && p.grant >= 0 && p.due >= 0 && p.carbon >= 0 && p.premium >= 0);
      ASSERT_TRUE(p.grant == 0 || p.premium == 0);
      ASSERT_TRUE(granted || p.grant == 0);
    }
    const Price p = price_of(items, true), denied = price_of(items, false);
    ASSERT_EQ(denied.price, p.price + p.grant) << "denied, the price is higher by exactly the discount";
    ASSERT_EQ(denied.due, p.due);
    ASSERT_EQ(denied.carbon, p.carbon);
    ASSERT_TRUE(p.grant == 0 || discount);
    // Four items, each off by half a µTKN at most, and doubles of this size.
    ASSERT_NEAR(static_cast<double>(p.price), items.total() * kMicroTknPerUsd,
                2.0 + 4e-16 * kMicroTknPerUsd * (items.base + items.carbon + std::abs(items.justice)) * 4);
    discounts += p.grant > 0;
    premiums += p.premium > 0;
    floors += p.price == 0 && p.grant > 0;
  }
  EXPECT_GT(discounts, 3000u);
  EXPECT_GT(premiums, 3000u);
  EXPECT_GT(floors, 300u);
}

// The mutants: the sum rounded once beside rounded parts, and a discount without a floor.
TEST(Price, WrongVariantsAreCaught) {
  std::size_t unbalanced = 0, negative = 0;
  for (const auto& [items, discount] : cases()) {
    const Price p = price_of(items, true);
    unbalanced += Int128{micro_tkn_from_usd(items.total()).value} + p.grant != Int128{p.due} + p.carbon + p.premium;
    if (discount) negative += p.due + p.carbon + micro_tkn_from_usd(items.justice).value < 0;
  }
  EXPECT_GT(unbalanced, 500u);
  EXPECT_GT(negative, 300u);
}

}  // namespace
}  // namespace policy
}  // namespace swarm
