// Banking, ownership and payments over many steps.
#include "sim/policy/permit_market.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numeric>

#include "sim/core/rng.hpp"

namespace swarm {
namespace policy {
namespace {

using Amounts = std::vector<std::int64_t>;
using Curves = std::vector<DemandCurve>;
constexpr std::int64_t kStep = 3600;

std::int64_t sum(std::span<const std::int64_t> a) {
  return std::accumulate(a.begin(), a.end(), std::int64_t{0});
}

PermitParams day_cap(std::int64_t mg, Banking banking = Banking::on) {
  PermitParams p;
  p.cap_t = static_cast<double>(mg) * 1e-9;
  p.banking = banking;
  return p;
}

DemandCurve demand(double usd, std::int64_t mg) {
  DemandCurve c;
  c.add(usd, mg);
  return c;
}

// 24 mg a day, 1 an hour. Hour 1: no demand, 1 mg is banked. Hour 2: 3 wanted, 2 sold. Hour 3: 1 wanted, 1 sold.
TEST(PermitMarket, UnusedPermitsAreBanked) {
  const double people[] = {1};
  PermitMarket market(day_cap(24), Ownership::auction, people);
  EXPECT_EQ(market.trade(0, kStep, Curves(1)).clearing.unsold_mg, 1);
  EXPECT_EQ(market.holdings_mg(), (Amounts{0, 1}));
  const PermitStep second = market.trade(kStep, 2 * kStep, Curves{demand(50, 3)});
  EXPECT_EQ(second.clearing.allotted_mg, (Amounts{2}));
  EXPECT_EQ(second.issued_mg, 1);
  EXPECT_EQ(second.lapsed_mg, 0);
  EXPECT_GT(second.clearing.price, 0);
  EXPECT_EQ(market.trade(2 * kStep, 3 * kStep, Curves{demand(50, 1)}).clearing.price, 0);
  EXPECT_EQ(market.holdings_mg(), (Amounts{0, 0}));
}

TEST(PermitMarket, OrLapse) {
  const double people[] = {1};
  PermitMarket off(day_cap(24, Banking::off), Ownership::auction, people);
  EXPECT_EQ(off.trade(0, kStep, Curves(1)).lapsed_mg, 1);
  EXPECT_EQ(off.trade(kStep, 2 * kStep, Curves{demand(50, 3)}).clearing.sold_mg, 1);
  PermitMarket day(day_cap(24, Banking::within_period), Ownership::auction, people);
  std::int64_t lapsed = 0;
  for (std::int64_t h = 0; h < 24; ++h) {
    EXPECT_EQ(lapsed, 0);
    lapsed = day.trade(h * kStep, (h + 1) * kStep, Curves(1)).lapsed_mg;
  }
  EXPECT_EQ(lapsed, 24);
  EXPECT_EQ(sum(day.holdings_mg()), 0);
}

// Three regions with 1, 2 and 1 people: 24 mg give 6, 12 and 6. They want 10, 2 and 20 at 50 USD/t and more, 24 in all
// but for the cheapest 8.
TEST(PermitMarket, PerCapitaTradesByHand) {
  const double people[] = {1, 2, 1};
  PermitMarket market(day_cap(24), Ownership::per_capita, people);
  DemandCurve third = demand(5, 12);
  third.add(50, 8);
  const PermitStep step = market.trade(0, 86400, Curves{demand(200, 10), demand(200, 2), third});
  EXPECT_EQ(step.clearing.allotted_mg, (Amounts{10, 2, 12}));
  // 8 at 50 are served and 4 of 12 at 5: a third of the bin.
  const std::size_t bin = price_bin(5);
  const double price = price_edge(bin + 1) - (price_edge(bin + 1) - price_edge(bin)) / 3;
  EXPECT_NEAR(step.clearing.usd_per_t(), price, 1e-6);
  // The first buys 4, the third 6, the second sells 10. 1 USD/t is 1 µTKN/mg.
  const auto four = static_cast<std::int64_t>(std::nearbyint(4 * price)),
             six = static_cast<std::int64_t>(std::nearbyint(6 * price));
  EXPECT_EQ(step.paid_utkn, (Amounts{four, -four - six, six, 0}));
  EXPECT_EQ(market.holdings_mg(), (Amounts{0, 0, 0, 0}));
}

TEST(PermitMarket, NothingIsPaidForWhatIsNotScarce) {
  const double people[] = {3, 1};
  PermitMarket market(day_cap(24), Ownership::per_capita, people);
  const PermitStep step = market.trade(0, 86400, Curves{demand(50, 1), demand(50, 10)});
  EXPECT_EQ(step.paid_utkn, (Amounts{0, 0, 0}));
  EXPECT_EQ(step.clearing.allotted_mg, (Amounts{1, 10}));
  EXPECT_EQ(market.holdings_mg(), (Amounts{13, 0, 0})) << "18 − 1 of its own, of which the second got 10 − 6 = 4";
}

TEST(PermitMarket, AtTheFloorSellersShareTheSale) {
  PermitParams p = day_cap(40);
  p.floor_usd_per_t = 10;
  const double people[] = {1, 1, 2};
  PermitMarket market(p, Ownership::per_capita, people);  // 10, 10, 20
  const PermitStep step = market.trade(0, 86400, Curves{demand(50, 16), DemandCurve{}, demand(2, 99)});
  EXPECT_EQ(step.clearing.usd_per_t(), 10);
  EXPECT_EQ(step.clearing.allotted_mg, (Amounts{16, 0, 0}));
  EXPECT_EQ(step.paid_utkn, (Amounts{60, -20, -40, 0})) << "6 mg at 10 µTKN/mg, sold 2 : 4";
  EXPECT_EQ(market.holdings_mg(), (Amounts{0, 8, 16, 0}));
}

TEST(PermitMarket, AtTheCeilingTheAuthoritySells) {
  PermitParams p = day_cap(10);
  p.ceiling_usd_per_t = 30;
  const double people[] = {1, 1};
  PermitMarket market(p, Ownership::per_capita, people);  // 5, 5
  const PermitStep step = market.trade(0, 86400, Curves{demand(50, 25), DemandCurve{}});
  EXPECT_EQ(step.clearing.beyond_cap_mg, 15);
  EXPECT_EQ(step.paid_utkn, (Amounts{600, -150, -450})) << "20 bought at 30: 5 from the second, 15 from the authority";
}

TEST(PermitMarket, WithoutPeopleTheAuthorityOwnsThem) {
  const double people[] = {0, 0};
  PermitMarket market(day_cap(10), Ownership::per_capita, people);
  market.trade(0, 86400, Curves(2));
  EXPECT_EQ(market.holdings_mg(), (Amounts{0, 0, 10}));
}

// Random markets over 200 steps.

Curves random_curves(std::uint32_t step, std::size_t regions) {
  Curves out(regions);
  for (std::uint32_t r = 0; r < regions; ++r) {
    RandomSequence draws(Random(5, Stream::experiment), step, r);
    const double busy = step % 24 < 8 ? 0.2 : 1.0;
    for (int i = 0; i < 10; ++i)
      out[r].add(std::pow(10, 4 * draws.uniform()), static_cast<std::int64_t>(busy * 1e12 * draws.uniform()));
  }
  return out;
}

constexpr double kPeople[] = {1e7, 3.3e6, 8.4e7, 1e6};
const PermitParams kHard = day_cap(200'000'000'000'003);  // about half of what is wanted

TEST(PermitMarket, OwnershipChangesPaymentsOnly) {
  PermitMarket auction(kHard, Ownership::auction, kPeople), people(kHard, Ownership::per_capita, kPeople);
  bool differ = false;
  std::int64_t binding = 0;
  for (std::uint32_t s = 0; s < 200; ++s) {
    const Curves curves = random_curves(s, 4);
    const PermitStep a = auction.trade(s * kStep, (s + 1) * kStep, curves),
                     b = people.trade(s * kStep, (s + 1) * kStep, curves);
    ASSERT_EQ(a.clearing.price, b.clearing.price) << s;
    ASSERT_EQ(a.clearing.allotted_mg, b.clearing.allotted_mg) << s;
    ASSERT_EQ(sum(a.paid_utkn), 0);
    ASSERT_EQ(sum(b.paid_utkn), 0);
    differ |= a.paid_utkn != b.paid_utkn;
    binding += a.clearing.price > 0 ? 1 : 0;
    // At an auction all pay the authority; among people it takes no part.
    for (std::size_t r = 0; r < 4; ++r)
      ASSERT_EQ(a.paid_utkn[r], permit_cost(a.clearing.price, a.clearing.allotted_mg[r]));
    ASSERT_EQ(b.paid_utkn[4], 0);
  }
  EXPECT_TRUE(differ);
  EXPECT_GT(binding, 50);
  EXPECT_LT(binding, 200) << "the test must see steps that bank, too";
}

/// Emissions so far never exceed what has been issued so far, and what was issued is used, held or lapsed.
bool within_cap(const PermitParams& params, const std::function<void(PermitMarket&)>& meddle) {
  PermitMarket market(params, Ownership::auction, kPeople);
  std::int64_t emitted = 0, issued = 0, lapsed = 0;
  for (std::uint32_t s = 0; s < 200; ++s) {
    const PermitStep step = market.trade(s * kStep, (s + 1) * kStep, random_curves(s, 4));
    emitted += sum(step.clearing.allotted_mg);
    issued += step.issued_mg;
    lapsed += step.lapsed_mg;
    if (emitted > issued || issued != emitted + lapsed + sum(market.holdings_mg())) return false;
    meddle(market);
  }
  return emitted > 0;
}

TEST(PermitMarket, BankingNeverRaisesEmissionsAboveTheCaps) {
  for (const Banking banking : {Banking::off, Banking::within_period, Banking::on}) {
    PermitParams p = kHard;
    p.banking = banking;
    EXPECT_TRUE(within_cap(p, [](PermitMarket&) {}));
    // Mutant: a permit out of nothing after each step.
    EXPECT_FALSE(within_cap(p, [](PermitMarket& m) { m.holdings_mg()[0] += 1; }));
  }
}

TEST(PermitMarket, GoesOnFromItsColumn) {
  PermitMarket whole(kHard, Ownership::per_capita, kPeople), half(kHard, Ownership::per_capita, kPeople);
  for (std::uint32_t s = 0; s < 40; ++s) whole.trade(s * kStep, (s + 1) * kStep, random_curves(s, 4));
  for (std::uint32_t s = 0; s < 30; ++s) half.trade(s * kStep, (s + 1) * kStep, random_curves(s, 4));
  PermitMarket resumed(kHard, Ownership::per_capita, kPeople);
  EXPECT_GT(sum(half.holdings_mg()), 0);
  resumed.holdings_mg() = half.holdings_mg();
  for (std::uint32_t s = 30; s < 40; ++s) resumed.trade(s * kStep, (s + 1) * kStep, random_curves(s, 4));
  EXPECT_EQ(resumed.holdings_mg(), whole.holdings_mg());
}

}  // namespace
}  // namespace policy
}  // namespace swarm
