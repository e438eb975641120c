#include "sim/policy/permits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sim/core/apportion.hpp"
#include "sim/core/units.hpp"

/// Permits against the theory of emission trading (W. D. Montgomery, Journal of Economic Theory 5, 1972; R. Coase,
/// 1960).
///
/// Two regions with baselines e₁, e₂ and linear marginal abatement costs aᵢ·x. At a price p each avoids xᵢ = p/aᵢ, and
/// together they must avoid e₁ + e₂ − cap, so
///   p = (e₁ + e₂ − cap)/(1/a₁ + 1/a₂).
/// By hand: e = 100 t and 80 t, a = 2 and 3 USD/t per t, cap 120 t: 60 t = p·(1/2 + 1/3), p = 72 USD/t, x = 36 t and
/// 24 t, emissions 64 t and 56 t. Total cost ½·2·36² + ½·3·24² = 2,160 USD; equal emissions (60 and 60) would cost
/// 2,200.
namespace swarm::policy {
namespace {

constexpr double kMgPerTonne = 1e9;

struct Abater {
  double baseline_t;
  double slope;  ///< of the marginal cost [USD/t per t]
};
constexpr Abater kFirst{100, 2}, kSecond{80, 3};

/// Emissions that are worth at least p per tonne: baseline − p/slope, so a bin holds (upper − lower)/slope, up to the
/// price slope·baseline at which all is avoided.
DemandCurve curve_of(const Abater& a) {
  DemandCurve out;
  const double choke = a.slope * a.baseline_t;
  for (std::size_t b = 0; b < kAnyPrice; ++b) {
    const double low = std::min(price_edge(b), choke), high = std::min(price_edge(b + 1), choke);
    out.mg[b] = round_half_even((high - low) / a.slope * kMgPerTonne);
  }
  return out;
}

double price_by_hand(double cap_t) {
  return std::max(0.0, (kFirst.baseline_t + kSecond.baseline_t - cap_t) / (1 / kFirst.slope + 1 / kSecond.slope));
}

PermitClearing cleared(double cap_t) {
  const DemandCurve curves[] = {curve_of(kFirst), curve_of(kSecond)};
  return clear_permits({}, round_half_even(cap_t * kMgPerTonne), curves);
}

double tonnes(std::int64_t mg) {
  return static_cast<double>(mg) / kMgPerTonne;
}
double marginal_cost(const Abater& a, double emitted_t) {
  return a.slope * (a.baseline_t - emitted_t);
}
double cost(const Abater& a, double emitted_t) {
  return 0.5 * a.slope * (a.baseline_t - emitted_t) * (a.baseline_t - emitted_t);
}

// Within a bin demand is spread evenly, as it is in truth here, so all that is left is the rounding of 258 bins to 1 mg
// (1.3e-7 t at most, at 2 and 3 USD/t per t below 1e-6 USD/t) and of the price to 1e-6 USD/t.
constexpr double kRounding = 2e-6;

TEST(PermitTheory, ThePriceIsTheMarginalCostOfAbatement) {
  const PermitClearing c = cleared(120);
  EXPECT_NEAR(c.usd_per_t(), 72, kRounding);
  EXPECT_NEAR(tonnes(c.allotted_mg[0]), 64, kRounding);
  EXPECT_NEAR(tonnes(c.allotted_mg[1]), 56, kRounding);
  EXPECT_EQ(c.sold_mg, 120'000'000'000);
  EXPECT_NEAR(cost(kFirst, tonnes(c.allotted_mg[0])) + cost(kSecond, tonnes(c.allotted_mg[1])), 2160, 1e-3);
  EXPECT_NEAR(cost(kFirst, 60) + cost(kSecond, 60), 2200, 1e-9);
}

// From a cap that hardly binds to one of a gram; above a price of 200 USD/t the first region has nothing left to avoid,
// so the second stands alone below e₂ − 200/3 = 13.33 t.
TEST(PermitTheory, AtEveryCap) {
  for (double cap = 1; cap < 180; cap += 1) {
    const PermitClearing c = cleared(cap);
    const double expected = cap < 80 - 200.0 / 3 ? kSecond.slope * (kSecond.baseline_t - cap) : price_by_hand(cap);
    // Only the bin with the first region's last price, 200 USD/t, is not evenly filled.
    const bool uneven = price_bin(expected) == price_bin(200) || price_bin(expected) == price_bin(240);
    const double tolerance = uneven ? 0.065 * expected : kRounding;
    ASSERT_NEAR(c.usd_per_t(), expected, tolerance) << "cap " << cap;
    if (uneven || expected > 200) continue;
    ASSERT_NEAR(marginal_cost(kFirst, tonnes(c.allotted_mg[0])), expected, 3 * kRounding);
    ASSERT_NEAR(marginal_cost(kSecond, tonnes(c.allotted_mg[1])), expected, 3 * kRounding);
  }
  EXPECT_EQ(cleared(181).price, 0);
}

/// Mutants, which the hand-worked price or the equality of marginal costs must reject.
TEST(PermitTheory, OtherRulesAreRejected) {
  const DemandCurve curves[] = {curve_of(kFirst), curve_of(kSecond)};
  const PermitClearing c = cleared(120);
  const std::size_t bin = price_bin(c.usd_per_t());
  // A price from the edge of the bin instead of from within it.
  EXPECT_GT(std::abs(price_edge(bin) - 72), 100 * kRounding);
  EXPECT_GT(std::abs(price_edge(bin + 1) - 72), 100 * kRounding);
  // A marginal bin that goes to the first region first.
  double above[2] = {0, 0};
  for (int r = 0; r < 2; ++r)
    for (std::size_t b = bin + 1; b < kCurveBins; ++b) above[r] += tonnes(curves[r].mg[b]);
  const double left = 120 - above[0] - above[1], first = std::min(left, tonnes(curves[0].mg[bin]));
  EXPECT_GT(std::abs(marginal_cost(kFirst, above[0] + first) - marginal_cost(kSecond, above[1] + left - first)), 0.5);
  // A marginal bin in equal parts.
  EXPECT_GT(std::abs(marginal_cost(kFirst, above[0] + left / 2) - marginal_cost(kSecond, above[1] + left / 2)), 0.1);
}

// Revenue paid back in equal parts per head, as pay_dividends() does it, leaves regions with the payments of those who
// trade free allowances in equal parts per head. By hand: 1 : 1 people would get 60 t each, the first buys 4 t for 288
// USD; 3 : 1 would get 90 t and 30 t, the first sells 26 t for 1,872 USD.
TEST(PermitTheory, DividendsPerHeadAreFreeAllowancesPerHead) {
  const PermitClearing c = cleared(120);
  const std::int64_t paid[] = {permit_cost(c.price, c.allotted_mg[0]), permit_cost(c.price, c.allotted_mg[1])};
  EXPECT_NEAR(static_cast<double>(paid[0] + paid[1]) / kMicroTknPerUsd, 120 * 72, 1e-3);
  const struct {
    std::int64_t people[2];
    double first_pays_usd;
  } cases[] = {{{5'000'000, 5'000'000}, 4 * 72}, {{9'000'000, 3'000'000}, -26 * 72}};
  for (const auto& one : cases) {
    std::int64_t dividend[2];
    EXPECT_EQ(apportion(paid[0] + paid[1], one.people, dividend), paid[0] + paid[1]);
    EXPECT_NEAR(static_cast<double>(paid[0] - dividend[0]) / kMicroTknPerUsd, one.first_pays_usd, 1e-3);
    EXPECT_EQ(paid[0] - dividend[0] + paid[1] - dividend[1], 0);
  }
}

// A price p gives the emissions that a cap of the same size gives: an instrument of price and one of quantity agree
// where nothing is uncertain (M. L. Weitzman, Review of Economic Studies 41, 1974).
TEST(PermitTheory, ATaxOfThePriceGivesTheCap) {
  PermitParams tax;
  tax.floor_usd_per_t = tax.ceiling_usd_per_t = 72;
  const DemandCurve curves[] = {curve_of(kFirst), curve_of(kSecond)};
  for (const double cap_t : {0.0, 500.0}) {
    const PermitClearing c = clear_permits(tax, round_half_even(cap_t * kMgPerTonne), curves);
    EXPECT_EQ(c.usd_per_t(), 72);
    EXPECT_NEAR(tonnes(c.allotted_mg[0]), 64, kRounding);
    EXPECT_NEAR(tonnes(c.allotted_mg[1]), 56, kRounding);
  }
}

}  // namespace
}  // namespace swarm::policy
