// Items of every rule, and the first prototype's figures to their last digit (docs/models/policy.md, docs/legacy.md).
#include "sim/policy/rule.hpp"

#include <set>

#include "tests/unit/policy/helpers.hpp"

namespace swarm {
namespace policy {
namespace {

// Between doubles that went through a few operations and the decimal figure: far below the last digit of any of them.
constexpr double kExact = 1e-12;

struct Expected {
  PricingRule rule;
  const char* region;
  double carbon, justice, renewable, total, score;
};

// The prototype's three requests. BD: 2,000 tok at (ρ, c) = (0.40, 300): base 2, kWh 0.2, F = 0.2·300·0.6 = 36 g.
// US: 2,000 tok at (0.25, 600): F = 0.2·600·0.75 = 90 g. KE: 1,500 tok at (0.40, 300): base 1.5, F = 0.15·300·0.6 = 27 g.
Subject prototype(std::string_view region) {
  return region == "US" ? at_tariff(2000, 0.25, 600) : at_tariff(region == "KE" ? 1500 : 2000, 0.40, 300);
}

// Carbon F·1e-4: 0.0036, 0.009, 0.0027. Renewable 0.15·ρ·base: 0.12, 0.075, 0.09.
// Legacy justice 0.3·0.3·2000 = 180, −0.2·2 = −0.4, 0.3·0.3·1500 = 135.
// Scores −0.1·F + 50·ρ + 100·b: b = 600, 0, 450 (legacy, sign-fixed), 0.6, 0, 0.45 (unit-fixed, justice), else 0.
const Expected kExpected[] = {
    {PricingRule::flat, "BD", 0, 0, 0, 2, 16.4},
    {PricingRule::flat, "US", 0, 0, 0, 2, 3.5},
    {PricingRule::flat, "KE", 0, 0, 0, 1.5, 17.3},
    {PricingRule::carbon, "BD", 0.0036, 0, 0, 2.0036, 16.4},
    {PricingRule::carbon, "US", 0.0090, 0, 0, 2.0090, 3.5},
    {PricingRule::carbon, "KE", 0.0027, 0, 0, 1.5027, 17.3},
    {PricingRule::justice, "BD", 0.0036, -0.60, 0.120, 1.2836, 76.4},
    {PricingRule::justice, "US", 0.0090, 0.40, 0.075, 2.3340, 3.5},
    {PricingRule::justice, "KE", 0.0027, -0.45, 0.090, 0.9627, 62.3},
    {PricingRule::legacy, "BD", 0.0036, 180, 0.120, 181.8836, 60016.40},
    {PricingRule::legacy, "US", 0.0090, -0.4, 0.075, 1.5340, 3.50},
    {PricingRule::legacy, "KE", 0.0027, 135, 0.090, 136.4127, 45017.30},
    {PricingRule::legacy_sign_fixed, "BD", 0.0036, -180, 0.120, 0, 60016.40},
    {PricingRule::legacy_sign_fixed, "US", 0.0090, 0.4, 0.075, 2.3340, 3.50},
    {PricingRule::legacy_sign_fixed, "KE", 0.0027, -135, 0.090, 0, 45017.30},
    {PricingRule::legacy_unit_fixed, "BD", 0.0036, 0.180, 0.120, 2.0636, 76.4},
    {PricingRule::legacy_unit_fixed, "US", 0.0090, -0.4, 0.075, 1.5340, 3.5},
    {PricingRule::legacy_unit_fixed, "KE", 0.0027, 0.135, 0.090, 1.5477, 62.3},
};

class Prototype : public ::testing::TestWithParam<Expected> {};

TEST_P(Prototype, ItemsTotalAndScore) {
  const Expected& e = GetParam();
  const Subject subject = prototype(e.region);
  const Items items = quoted(e.rule, e.region, subject);
  EXPECT_EQ(items.base, subject.base_usd);
  EXPECT_NEAR(items.carbon, e.carbon, kExact);
  EXPECT_NEAR(items.justice, e.justice, kExact);
  EXPECT_NEAR(items.renewable, e.renewable, kExact);
  EXPECT_EQ(items.credit, 0);
  EXPECT_EQ(items.relief, 0);
  EXPECT_NEAR(items.total(), e.total, kExact);
  PricingParams pricing;
  pricing.rule = e.rule;
  EXPECT_NEAR(impact_score(pricing, grid::find_region(e.region)->global_south, subject), e.score, 1e-9);
}

INSTANTIATE_TEST_SUITE_P(Rules, Prototype, ::testing::ValuesIn(kExpected), [](const auto& one) {
  std::string name = std::string(enum_name(one.param.rule)) + "_" + one.param.region;
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
});

TEST(SignFixed, FallsFarBelowZeroBeforeItIsFloored) {
  // 2 + 0.0036 − 180 − 0.12 and 1.5 + 0.0027 − 135 − 0.09.
  EXPECT_NEAR(quoted(PricingRule::legacy_sign_fixed, "BD", prototype("BD")).sum(), -178.1164, kExact);
  EXPECT_NEAR(quoted(PricingRule::legacy_sign_fixed, "KE", prototype("KE")).sum(), -133.5873, kExact);
}

TEST(Legacy, GramsNetImpactAndBenefit) {
  const double grams[] = {36, 90, 27}, net[] = {764, 410, 573};
  const char* regions[] = {"BD", "US", "KE"};
  double sum = 0, benefit = 0;
  PricingParams pricing;
  pricing.rule = PricingRule::legacy;
  for (int i = 0; i < 3; ++i) {
    const Subject s = prototype(regions[i]);
    sum += s.footprint_g;
    EXPECT_NEAR(s.footprint_g, grams[i], kExact);
    EXPECT_NEAR(s.renewable * s.tok - s.footprint_g, net[i], kExact);  // ρ·n − F
    const double score = impact_score(pricing, grid::find_region(regions[i])->global_south, s);
    benefit += (score + 0.1 * s.footprint_g - 50 * s.renewable) / 100;  // the b inside the score
  }
  EXPECT_NEAR(sum, 153, kExact);
  EXPECT_NEAR(benefit, 0.3 * 1500 + 0.3 * 2000, 1e-9);
}

TEST(Legacy, ItsTwoFaultsAreNinetyTimesTheBaseAndTheWrongSign) {
  const Subject s = prototype("BD");
  EXPECT_NEAR(quoted(PricingRule::legacy, "BD", s).justice, 90 * s.base_usd, kExact);
  EXPECT_GT(quoted(PricingRule::legacy, "BD", s).justice, 0);
  EXPECT_LT(quoted(PricingRule::legacy, "US", s).justice, 0);
  // The unit error is an error of units: at 1 USD per tok a tok is a dollar and both variants agree.
  Subject dollar = s;
  dollar.base_usd = dollar.tok;
  EXPECT_NEAR(quoted(PricingRule::legacy, "BD", dollar).justice, quoted(PricingRule::legacy_unit_fixed, "BD", dollar).justice,
              1e-9);
  // A mutant that mends only one fault is not justice.
  for (const auto rule : {PricingRule::legacy_sign_fixed, PricingRule::legacy_unit_fixed})
    EXPECT_GT(std::abs(quoted(rule, "BD", s).total() - quoted(PricingRule::justice, "BD", s).total()), 0.5);
}

TEST(Items, TotalIsTheSumAndNeverNegative) {
  const Items items{.base = 1, .carbon = 0.25, .justice = -0.5, .renewable = 0.125, .credit = 2, .relief = 0.0625};
  EXPECT_EQ(items.sum(), 2.5625);  // 1 + 0.25 − 0.5 − 0.125 + 2 − 0.0625
  EXPECT_EQ(items.total(), 2.5625);
  EXPECT_EQ((Items{.base = 1, .relief = 3}).sum(), -2);
  EXPECT_EQ((Items{.base = 1, .relief = 3}).total(), 0);
}

TEST(Rules, EachKeyMovesTheItemThatItNames) {
  const Subject s = prototype("BD");
  const auto& bd = *grid::find_region("BD");
  const auto with = [&](PricingRule rule, auto change) {
    PricingParams p;
    p.rule = rule;
    change(p);
    return quote(region_terms(p, {}, bd), s, charged_usd_per_g(rule, p.carbon_price_usd_per_t));
  };
  EXPECT_NEAR(with(PricingRule::carbon, [](auto& p) { p.carbon_price_usd_per_t = 50; }).carbon, 0.0018, kExact);
  EXPECT_NEAR(with(PricingRule::justice, [](auto& p) { p.renewable_rebate = 1; }).renewable, 0.8, kExact);
  EXPECT_NEAR(with(PricingRule::justice, [](auto& p) { p.south_discount = 0.5; }).justice, -1, kExact);
  EXPECT_NEAR(with(PricingRule::justice, [](auto& p) { p.north_premium = 9; }).justice, -0.6, kExact);  // BD is South
  EXPECT_NEAR(with(PricingRule::legacy, [](auto& p) { p.legacy_benefit = 0.1; }).justice, 20, kExact);  // 0.01·2000
  EXPECT_EQ(with(PricingRule::flat, [](auto& p) { p.carbon_price_usd_per_t = 1e6; }).total(), 2);
}

TEST(Rules, EveryOneHasItsOwnMeaningInWords) {
  std::set<std::string_view> meanings;
  for (std::size_t i = 0; i < EnumNames<PricingRule>::names.size(); ++i) {
    const auto words = rule_meaning(static_cast<PricingRule>(i));
    EXPECT_FALSE(words.empty()) << i;
    EXPECT_TRUE(meanings.insert(words).second) << words;
  }
}

TEST(Priority, IsPurposeTimesGeography) {
  PolicyParams p;
  grid::Region region;
  region.global_south = true;
  region.vulnerability = 0.9;
  EXPECT_EQ(priority(p, region, 5), 10);  // the South counts once, however vulnerable
  region.global_south = false;
  EXPECT_EQ(priority(p, region, 5), 7.5);
  region.vulnerability = p.vulnerable_from;
  EXPECT_EQ(priority(p, region, 0.1), 1.5 * 0.1);  // the threshold itself is vulnerable
  region.vulnerability = 0.39;
  EXPECT_EQ(priority(p, region, 0.1), 0.1);
}

TEST(Priority, RisesWithRenewables) {
  PolicyParams p;
  EXPECT_EQ(renewable_priority(p, 0), 1);
  EXPECT_EQ(renewable_priority(p, 0.4), 1.2);
  EXPECT_EQ(renewable_priority(p, 1), 1.5);
}

}  // namespace
}  // namespace policy
}  // namespace swarm
