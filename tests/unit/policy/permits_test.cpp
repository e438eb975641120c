// Issue, demand curves and the auction: worked by hand, at the edges, and on random curves.
#include "sim/policy/permits.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "sim/core/errors.hpp"
#include "sim/core/rng.hpp"
#include "sim/core/units.hpp"

namespace swarm {
namespace policy {
namespace {

using Curves = std::vector<DemandCurve>;
using Amounts = std::vector<std::int64_t>;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

DemandCurve curve(std::initializer_list<std::pair<double, std::int64_t>> demands) {
  DemandCurve out;
  for (const auto& [usd, mg] : demands) out.add(usd, mg);
  return out;
}

std::int64_t sum(const Amounts& a) {
  return std::accumulate(a.begin(), a.end(), std::int64_t{0});
}

TEST(DemandCurve, BinsOfTheGrid) {
  EXPECT_EQ(price_edge(0), 0);
  EXPECT_EQ(price_edge(1), kLeastPrice);
  EXPECT_EQ(price_edge(kAnyPrice), kMostPrice);
  for (std::size_t b = 0; b < kCurveBins; ++b) EXPECT_EQ(price_bin(price_edge(b)), b) << b;
  for (std::size_t b = 1; b < kCurveBins; ++b) EXPECT_EQ(price_bin(std::nextafter(price_edge(b), 0.0)), b - 1) << b;
  for (std::size_t b = 2; b < kCurveBins; ++b)  // 10^(7/256) = 1.064979
    EXPECT_NEAR(price_edge(b) / price_edge(b - 1), std::pow(10, 7.0 / 256), 1e-12) << b;
  EXPECT_EQ(price_bin(kInfinity), kAnyPrice);
  EXPECT_EQ(price_bin(0), 0u);
}

TEST(DemandCurve, NobodyWhoWouldNotEmitForNothing) {
  DemandCurve c = curve({{-1, 5}, {0, 7}, {0.005, 1}, {kInfinity, 3}});
  EXPECT_EQ(c.mg[0], 8);
  EXPECT_EQ(c.mg[kAnyPrice], 3);
  EXPECT_EQ(std::accumulate(c.mg.begin(), c.mg.end(), std::int64_t{0}), 11);
  EXPECT_THROW(c.add(0, std::numeric_limits<std::int64_t>::max()), ModelError);
}

PermitParams capped(double cap_t, double period_s) {
  PermitParams p;
  p.cap_t = cap_t;
  p.period.seconds = period_s;
  return p;
}

TEST(PermitIssue, AddsUpToTheCapExactly) {
  // 1 mg in three steps of a day: ⌊1/3⌋, ⌊2/3⌋ and 1 leave it to the last. 10 mg: 3, 3, 4.
  EXPECT_EQ(permits_issued(capped(1e-9, 86400), 0, 28800), 0);
  EXPECT_EQ(permits_issued(capped(1e-9, 86400), 57600, 86400), 1);
  EXPECT_EQ(permits_issued(capped(10e-9, 86400), 0, 28800), 3);
  EXPECT_EQ(permits_issued(capped(10e-9, 86400), 57600, 86400), 4);
  for (const double cap_t : {0.0, 1e-9, 1.234567891, 2e9})
    for (const std::int64_t step : {1800, 300, 7 * 60, 86400, 3 * 86400})  // 7 min do not divide a day
      for (const std::int64_t day : {-3, 0, 19000}) {
        const PermitParams p = capped(cap_t, 86400);
        Int128 issued = 0;
        const std::int64_t start = day * 86400 + (step < 86400 ? 0 : 86400 / 2), days = 21;
        for (std::int64_t t = start; t < start + days * 86400; t += step) {
          const std::int64_t part = permits_issued(p, t, std::min(t + step, start + days * 86400));
          ASSERT_GE(part, 0);
          issued += part;
        }
        const bool whole = issued == days * Int128{round_half_even(cap_t * 1e9)};
        EXPECT_TRUE(whole) << cap_t << " t, steps of " << step << " s from day " << day;
      }
  // What a mutant issues that rounds each step by itself: 288 steps of 1 mg a day give nothing.
  std::int64_t mutant = 0;
  for (int i = 0; i < 288; ++i) mutant += round_half_even(1.0 * 300 / 86400);
  EXPECT_EQ(mutant, 0);
}

TEST(PermitIssue, WhatDoesNotFitIsRefused) {
  EXPECT_THROW(permits_issued(capped(9e9, 1), 0, 2), ModelError);
}

TEST(PermitCost, RoundsHalfToEven) {
  EXPECT_EQ(permit_cost(72 * kPriceUnits, 4'000'000'000), 288'000'000'000);  // 72 USD/t · 4 t = 288 USD
  EXPECT_EQ(permit_cost(500'000, 1), 0);                                     // 0.5 µTKN
  EXPECT_EQ(permit_cost(500'000, 3), 2);                                     // 1.5
  EXPECT_EQ(permit_cost(500'001, 1), 1);
  EXPECT_EQ(permit_cost(500'000, -3), -2);
  EXPECT_EQ(permit_cost(0, 1), 0);
  EXPECT_THROW(permit_cost(100'000 * kPriceUnits, 9'000'000'000'000'000'000), ModelError);
}

// One bin, [lower, upper): demand 60 + 40 mg, supply 25. A quarter is served, so the price is upper − ¼·(upper −
// lower), and 25 mg are divided 15 : 10.
TEST(Auction, InsideOneBin) {
  const std::size_t bin = price_bin(50);
  const double low = price_edge(bin), high = price_edge(bin + 1);
  const Curves curves{curve({{50, 60}}), curve({{50, 40}})};
  const PermitClearing c = clear_permits({}, 25, curves);
  EXPECT_NEAR(c.usd_per_t(), high - 0.25 * (high - low), 1e-6);
  EXPECT_EQ(c.allotted_mg, (Amounts{15, 10}));
  EXPECT_EQ(c.sold_mg, 25);
  EXPECT_EQ(c.unsold_mg, 0);
  EXPECT_EQ(c.beyond_cap_mg, 0);
}

TEST(Auction, HighestBiddersFirstAndTiesToTheEarlierRegion) {
  // 10 mg at 200, then 3 regions of 5 mg each at 50 with 10 left: 3⅓ each.
  const Curves curves{curve({{50, 5}}), curve({{200, 10}, {50, 5}}), curve({{50, 5}, {1, 100}})};
  EXPECT_EQ(clear_permits({}, 20, curves).allotted_mg, (Amounts{4, 13, 3}));
  // Exactly what the upper bin wants: nothing of the lower, and the price at which its last buyer leaves.
  const PermitClearing exact = clear_permits({}, 10, curves);
  EXPECT_EQ(exact.allotted_mg, (Amounts{0, 10, 0}));
  EXPECT_NEAR(exact.usd_per_t(), price_edge(price_bin(50) + 1), 1e-6);
}

TEST(Auction, EnoughForAllCostsNothing) {
  const Curves curves{curve({{50, 60}, {0.001, 5}, {kInfinity, 1}}), curve({{3, 40}})};
  for (const std::int64_t supply : {106, 107, 1000}) {
    const PermitClearing c = clear_permits({}, supply, curves);
    EXPECT_EQ(c.price, 0);
    EXPECT_EQ(c.allotted_mg, (Amounts{66, 40}));
    EXPECT_EQ(c.unsold_mg, supply - 106);
  }
  EXPECT_GT(clear_permits({}, 105, curves).price, 0);
}

TEST(Auction, NoDemandAndNoRegions) {
  const PermitClearing nobody = clear_permits({}, 100, Curves(2));
  EXPECT_EQ(nobody.price, 0);
  EXPECT_EQ(nobody.sold_mg, 0);
  EXPECT_EQ(nobody.unsold_mg, 100);
  EXPECT_EQ(nobody.allotted_mg, (Amounts{0, 0}));
  EXPECT_EQ(clear_permits({}, 0, Curves(2)).price, 0);
  EXPECT_TRUE(clear_permits({}, 100, {}).allotted_mg.empty());
}

TEST(Auction, ACapOfZero) {
  PermitParams p;
  const Curves curves{curve({{50, 60}}), curve({{20, 40}})};
  const PermitClearing none = clear_permits(p, 0, curves);
  EXPECT_NEAR(none.usd_per_t(), price_edge(price_bin(50) + 1), 1e-6) << "the price at which the last buyer leaves";
  EXPECT_EQ(none.allotted_mg, (Amounts{0, 0}));
  const PermitClearing at_any = clear_permits(p, 0, Curves{curve({{kInfinity, 7}})});
  EXPECT_EQ(at_any.usd_per_t(), kMostPrice);
  EXPECT_EQ(sum(at_any.allotted_mg), 0);
  p.ceiling_usd_per_t = 30;  // everything above it is sold beyond the cap
  const PermitClearing ceiling = clear_permits(p, 0, curves);
  EXPECT_EQ(ceiling.usd_per_t(), 30);
  EXPECT_EQ(ceiling.allotted_mg, (Amounts{60, 0}));
  EXPECT_EQ(ceiling.sold_mg, 0);
  EXPECT_EQ(ceiling.beyond_cap_mg, 60);
}

TEST(Auction, DemandAtAnyPriceIsRationedAtTheTop) {
  const Curves curves{curve({{kInfinity, 30}}), curve({{kInfinity, 10}, {99, 5}})};
  const PermitClearing c = clear_permits({}, 20, curves);
  EXPECT_EQ(c.usd_per_t(), kMostPrice);
  EXPECT_EQ(c.allotted_mg, (Amounts{15, 5}));
  PermitParams p;
  p.ceiling_usd_per_t = kMostPrice;
  EXPECT_EQ(clear_permits(p, 20, curves).beyond_cap_mg, 20);
}

TEST(Auction, FloorAndCeiling) {
  PermitParams p;
  p.floor_usd_per_t = 10;
  const Curves curves{curve({{50, 60}, {5, 30}}), curve({{20, 40}, {0, 9}})};
  const PermitClearing c = clear_permits(p, 1000, curves);  // the bins of 50 and 20 lie above the floor as a whole
  EXPECT_EQ(c.usd_per_t(), 10);
  EXPECT_EQ(c.allotted_mg, (Amounts{60, 40}));
  EXPECT_EQ(c.unsold_mg, 900);
  p.ceiling_usd_per_t = 10;
  const PermitClearing both = clear_permits(p, 70, curves);
  EXPECT_EQ(both.usd_per_t(), 10);
  EXPECT_EQ(both.sold_mg, 70);
  EXPECT_EQ(both.beyond_cap_mg, 30);
  EXPECT_EQ(both.allotted_mg, (Amounts{60, 40}));
  // Within a bin: at its middle half of its demand is left.
  const std::size_t bin = price_bin(50);
  p.floor_usd_per_t = 0.5 * (price_edge(bin) + price_edge(bin + 1));
  p.ceiling_usd_per_t = PermitParams::kNoCeiling;
  EXPECT_EQ(clear_permits(p, 1000, curves).allotted_mg, (Amounts{30, 0}));
}

// Random markets.

Curves random_curves(std::uint32_t round, std::size_t regions) {
  RandomSequence draws(Random(3, Stream::experiment), round, 0);
  Curves out(regions);
  for (DemandCurve& c : out)
    for (int i = 0; i < 40; ++i) {
      const double u = draws.uniform();
      const double usd = u < 0.05 ? kInfinity : std::pow(10, -3 + 8 * draws.uniform());
      c.add(usd, static_cast<std::int64_t>(std::pow(10, 15 * draws.uniform())));
    }
  return out;
}

using Clear = PermitClearing (*)(const PermitParams&, std::int64_t, std::span<const DemandCurve>);

/// Mutant: the marginal bin is served in full.
PermitClearing without_rationing(const PermitParams& p, std::int64_t supply, std::span<const DemandCurve> curves) {
  PermitClearing c = clear_permits(p, supply, curves);
  const std::size_t bin = price_bin(c.usd_per_t());
  c.allotted_mg.clear();
  for (const DemandCurve& curve : curves)
    c.allotted_mg.push_back(
        std::accumulate(curve.mg.begin() + static_cast<std::ptrdiff_t>(bin), curve.mg.end(), std::int64_t{0}));
  return c;
}

/// Mutant: regions are served one after the other.
PermitClearing first_come(const PermitParams& p, std::int64_t supply, std::span<const DemandCurve> curves) {
  PermitClearing c = clear_permits(p, supply, curves);
  std::int64_t left = c.sold_mg;
  for (std::size_t r = 0; r < curves.size(); ++r) {
    const std::int64_t all = std::accumulate(curves[r].mg.begin(), curves[r].mg.end(), std::int64_t{0});
    c.allotted_mg[r] = std::min(left, all);
    left -= c.allotted_mg[r];
  }
  return c;
}

/// Whether allotments add up to at most the supply and exactly to what was sold, whoever outbids the price is served in
/// full, and nobody below it at all.
bool sound(Clear clear) {
  for (std::uint32_t round = 0; round < 100; ++round) {
    const Curves curves = random_curves(round, 5);
    for (const std::int64_t supply :
         {std::int64_t{0}, std::int64_t{1}, std::int64_t{777'777'777'777}, std::int64_t{1} << 52}) {
      const PermitClearing c = clear({}, supply, curves);
      if (sum(c.allotted_mg) != c.sold_mg || c.sold_mg > supply || c.sold_mg + c.unsold_mg != supply) return false;
      const std::size_t low = price_bin(std::max(0.0, c.usd_per_t() - 1e-6)), high = price_bin(c.usd_per_t() + 1e-6);
      for (std::size_t r = 0; r < curves.size(); ++r) {
        const auto at = [&](std::size_t bin) {
          return std::accumulate(curves[r].mg.begin() + static_cast<std::ptrdiff_t>(bin), curves[r].mg.end(),
                                 std::int64_t{0});
        };
        const std::int64_t above = high == kAnyPrice ? 0 : at(high + 1);
        if (c.allotted_mg[r] < above || c.allotted_mg[r] > at(low)) return false;
      }
    }
  }
  return true;
}

TEST(Auction, IsSoundOnRandomCurves) {
  EXPECT_TRUE(sound(clear_permits));
  EXPECT_FALSE(sound(without_rationing));
  EXPECT_FALSE(sound(first_come));
}

// Banking.

TEST(Banking, UnusedPermitsLapseWithTheStepOrThePeriodOrNever) {
  PermitParams p;  // periods of a day
  const std::int64_t day = 86400, hour = 3600;
  p.banking = Banking::off;
  EXPECT_TRUE(permits_lapse(p, hour, 2 * hour));
  p.banking = Banking::on;
  EXPECT_FALSE(permits_lapse(p, day - hour, day));
  p.banking = Banking::within_period;
  for (std::int64_t h = 1; h < 49; ++h) EXPECT_EQ(permits_lapse(p, (h - 1) * hour, h * hour), h % 24 == 0) << h;
}

/// Emissions over 200 steps so far never exceed what was issued so far, and all of that was emitted, is kept or lapsed.
/// `meddle` permits are added to what is kept.
bool within_cap(Banking banking, std::int64_t meddle) {
  PermitParams p;
  p.cap_t = 200'000;  // less than what is wanted
  p.banking = banking;
  constexpr std::int64_t kStep = 3600, kWeights[] = {1, 3, 8, 2};
  std::int64_t kept = 0, issued = 0, emitted = 0, lapsed = 0;
  for (std::uint32_t s = 0; s < 200; ++s) {
    if (s > 0 && permits_lapse(p, (s - 1) * kStep, s * kStep)) lapsed += std::exchange(kept, 0);
    const std::int64_t now = permits_issued(p, s * kStep, (s + 1) * kStep);
    issued += now;
    const PermitClearing c = clear_permits(p, now + kept, s % 24 < 16 ? random_curves(s, 4) : Curves(4));  // nobody asks in the evening
    const Amounts at_hand = permits_at_hand(c, kWeights);
    if (sum(at_hand) != now + kept) return false;
    for (std::size_t r = 0; r < at_hand.size(); ++r)
      if (at_hand[r] < c.allotted_mg[r]) return false;
    emitted += c.sold_mg;
    kept = c.unsold_mg + meddle;
    if (emitted > issued || issued != emitted + lapsed + kept) return false;
  }
  return emitted > 0 && (lapsed > 0) == (banking != Banking::on);
}

TEST(Banking, NeverRaisesEmissionsAboveTheCaps) {
  for (const Banking banking : {Banking::off, Banking::within_period, Banking::on}) {
    EXPECT_TRUE(within_cap(banking, 0)) << enum_name(banking);
    EXPECT_FALSE(within_cap(banking, 1)) << "a milligram out of nothing after each step";
  }
}

TEST(Auction, ASmallerCapNeverLowersThePrice) {
  for (std::uint32_t round = 0; round < 50; ++round) {
    const Curves curves = random_curves(round, 3);
    std::int64_t price = std::numeric_limits<std::int64_t>::max();
    for (double supply = 0; supply < 5e16; supply = supply * 1.07 + 1) {
      const std::int64_t now = clear_permits({}, static_cast<std::int64_t>(supply), curves).price;
      ASSERT_LE(now, price) << "round " << round << ", supply " << supply;
      price = now;
    }
    EXPECT_EQ(price, 0);
  }
}

// Where the marginal bin changes the price must not jump. 63 demands of a million in each of 50 bins: a million more
// lowers it by a 63rd of 6.5 %.
TEST(Auction, ThePriceIsContinuousInSupply) {
  DemandCurve c;
  for (std::size_t bin = 100; bin < 150; ++bin) c.mg[bin] = 63'000'000;
  double last = clear_permits({}, 0, Curves{c}).usd_per_t(), most = 0, most_of_edges = 0;
  for (std::int64_t supply = 0; supply < 50 * 63'000'000ll; supply += 1'000'000) {
    const double now = clear_permits({}, supply, Curves{c}).usd_per_t();
    most = std::max(most, (last - now) / last);
    // Mutant: the price is the lower edge of the bin.
    const double edge = price_edge(price_bin(now)), last_edge = price_edge(price_bin(last));
    most_of_edges = std::max(most_of_edges, (last_edge - edge) / last_edge);
    last = now;
  }
  EXPECT_LT(most, 0.0011);
  EXPECT_GT(most_of_edges, 0.06);
}

TEST(Auction, RegionsMayBeSummedInAnyOrder) {
  const Curves curves = random_curves(7, 6);
  Curves shuffled{curves[4], curves[0], curves[5], curves[2], curves[1], curves[3]};
  for (const std::int64_t supply : {std::int64_t{12'345}, std::int64_t{1} << 50}) {
    const PermitClearing a = clear_permits({}, supply, curves), b = clear_permits({}, supply, shuffled);
    EXPECT_EQ(a.price, b.price);
    EXPECT_EQ(a.sold_mg, b.sold_mg);
  }
}

}  // namespace
}  // namespace policy
}  // namespace swarm
