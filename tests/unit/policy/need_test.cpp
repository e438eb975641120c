// Need, and the means-tested rule that follows it (docs/models/policy.md).
#include <algorithm>
#include <cmath>

#include "tests/unit/policy/helpers.hpp"

namespace swarm {
namespace policy {
namespace {

grid::Region region(double income, double vulnerability) {
  grid::Region r;
  r.gdp_per_capita_usd = income;
  r.vulnerability = vulnerability;
  return r;
}

/// The justice item as a share of the base price.
double justice(double income, double vulnerability) {
  PricingParams pricing;
  pricing.rule = PricingRule::means_tested;
  return region_terms(pricing, {}, region(income, vulnerability)).justice_per_base;
}

TEST(Need, EndPoints) {
  const PolicyParams p;
  EXPECT_EQ(need(p, region(1145, 0.55)), 1);
  EXPECT_EQ(need(p, region(300, 0.9)), 1);
  EXPECT_EQ(need(p, region(14005, 0.30)), 0);
  EXPECT_EQ(need(p, region(90000, 0.1)), 0);
  EXPECT_EQ(need(p, region(300, 0.1)), 0.5);    // poor, not vulnerable
  EXPECT_EQ(need(p, region(90000, 0.9)), 0.5);  // rich, vulnerable
}

TEST(Need, HalfwayInIncomeIsTheGeometricMean) {
  const PolicyParams p;
  // √(1,145·14,005) = 4,004.46 USD lies halfway on the logarithmic scale; the arithmetic mean, 7,575, does not.
  EXPECT_NEAR(need(p, region(std::sqrt(1145.0 * 14005.0), 0.425)), 0.5, 1e-15);
  EXPECT_LT(need(p, region(0.5 * (1145 + 14005), 0.425)), 0.4);
}

TEST(Need, SouthAfricaByHand) {
  // Income 5,980: ln(5980/1145) / ln(14005/1145) = 1.6530159 / 2.5040098 = 0.6601476. Vulnerability 0.38: 0.08/0.25 =
  // 0.32. N = ½·(1 − 0.6601476) + ½·0.32 = 0.1699262 + 0.16 = 0.3299262.
  const grid::Region& za = *grid::find_region("ZA");
  ASSERT_EQ(za.gdp_per_capita_usd, 5980);
  ASSERT_EQ(za.vulnerability, 0.38);
  EXPECT_NEAR(need({}, za), 0.3299262, 5e-8);
  // 0.6700738·0.20 − 0.3299262·0.30 = 0.1340148 − 0.0989779 = +0.0350369 of the base price: a small premium, where
  // justice, which knows only South and others, grants 30 %.
  EXPECT_NEAR(justice(5980, 0.38), 0.0350369, 5e-8);
  EXPECT_NEAR(quoted(PricingRule::means_tested, "ZA", at_tariff(1000, 0, 708)).justice, 0.0350369, 5e-8);
  EXPECT_EQ(quoted(PricingRule::justice, "ZA", at_tariff(1000, 0, 708)).justice, -0.3);
}

TEST(MeansTested, EndPointsAreDiscountAndPremium) {
  EXPECT_EQ(justice(1145, 0.55), -0.30);
  EXPECT_EQ(justice(14005, 0.30), 0.20);
  EXPECT_NEAR(justice(300, 0.1), -0.05, 1e-15);  // N = ½: ½·0.20 − ½·0.30
}

TEST(MeansTested, DoesNotAskWhetherARegionIsSouthern) {
  PricingParams pricing;
  pricing.rule = PricingRule::means_tested;
  grid::Region a = region(3000, 0.5), b = a;
  a.global_south = true;
  b.global_south = false;
  EXPECT_EQ(region_terms(pricing, {}, a).justice_per_base, region_terms(pricing, {}, b).justice_per_base);
}

/// Largest change and largest fall of `f` from step to step on an even grid of n + 1 points in [0, 1].
struct Course {
  double jump = 0, fall = 0;
};
template <class F>
Course course(F f, int n) {
  Course out;
  for (int i = 0; i < n; ++i) {
    const double change = f((i + 1.0) / n) - f(static_cast<double>(i) / n);
    out.jump = std::max(out.jump, std::abs(change));
    out.fall = std::max(out.fall, -change);
  }
  return out;
}

// 400 to 40,000 USD, evenly in the logarithm.
double income_at(double x) { return 400 * std::pow(100.0, x); }

TEST(MeansTested, IsContinuousAndNeverFallsAsIncomeRises) {
  // Slope of the item in x: ½·0.5·ln 100/ln(14005/1145) = 0.4598, so a step of 1/10,000 changes it by 4.6e-5 at most.
  for (const double v : {0.2, 0.42, 0.7}) {
    const Course c = course([v](double x) { return justice(income_at(x), v); }, 10000);
    EXPECT_LT(c.jump, 4.7e-5) << v;
    EXPECT_GT(c.jump, 4.5e-5) << v;  // it does follow income
    EXPECT_LT(c.fall, 1e-15) << v;
  }
}

TEST(MeansTested, IsContinuousAndNeverRisesWithVulnerability) {
  // Slope ½·0.5/0.25 = 1: a step of 1/10,000 changes it by 1e-4 at most.
  for (const double income : {500.0, 4000.0, 50000.0}) {
    const Course c = course([income](double x) { return -justice(income, x); }, 10000);
    EXPECT_LT(c.jump, 1.01e-4) << income;
    EXPECT_GT(c.jump, 0.99e-4) << income;
    EXPECT_LT(c.fall, 1e-15) << income;
  }
}

TEST(MeansTested, MutantsAreCaughtByTheSameMeasure) {
  const auto stepped = [](double x) { return income_at(x) < 4000 ? -0.3 : 0.2; };  // justice's own two classes
  EXPECT_GT(course(stepped, 10000).jump, 4.7e-5);
  const auto inverted = [](double x) { return -justice(income_at(x), 0.42); };  // the prototype's sign
  EXPECT_GT(course(inverted, 10000).fall, 4.5e-5);
  const auto linear = [](double x) { return 0.2 - 0.25 * std::clamp((14005 - income_at(x)) / (14005 - 1145), 0.0, 1.0); };
  EXPECT_GT(course(linear, 10000).jump, 4.7e-5);  // income not on the logarithmic scale
}

TEST(Need, LimitsThatCoincideAreAStep) {
  PolicyParams p;
  p.need_income_low_usd = p.need_income_high_usd = 4000;
  p.need_vulnerability_low = p.need_vulnerability_high = 0.4;
  EXPECT_EQ(need(p, region(4000, 0.41)), 1);
  EXPECT_EQ(need(p, region(4001, 0.40)), 0);
}

TEST(Need, RegionsOfTheTableAreOrderedAsTheirMeansAre) {
  const auto n = [](const char* name) { return need({}, *grid::find_region(name)); };
  EXPECT_GT(n("BD"), n("KE"));  // Kenya is poorer, Bangladesh is more vulnerable by more
  EXPECT_GT(n("KE"), n("ZA"));
  EXPECT_GT(n("ZA"), n("BR"));
  EXPECT_GT(n("BR"), 0.0);
  for (const char* name : {"DE", "US", "FR", "GB"}) EXPECT_EQ(n(name), 0) << name;
}

}  // namespace
}  // namespace policy
}  // namespace swarm
