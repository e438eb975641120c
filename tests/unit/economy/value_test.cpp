#include "sim/economy/value.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace swarm::economy {
namespace {

constexpr double kCost = 0.01;  // USD
constexpr ValueFactors kPlain{1, 1, 1, 1}, kScarce{3, 5, 2, 1.5}, kUrgent{10, 2, 8, 4};

ValueParams product() {
  ValueParams params;
  params.form = ValueForm::product;
  return params;
}

ValueParams additive() {
  ValueParams params;
  params.form = ValueForm::sum;
  return params;
}

ValueParams tiers(ValueForm form = ValueForm::product) {
  ValueParams params;
  params.form = form;
  params.tiers = true;
  return params;
}

TEST(AnswerValue, WorkedExampleMultiplicative) {
  const ValueParams params = product();
  EXPECT_NEAR(answer_value_usd(params, kCost, kPlain, 0.99), 0.01, 1e-15);
  EXPECT_NEAR(answer_value_usd(params, kCost, kScarce, 0.99), 0.45, 1e-15);  // 3·5·2·1.5 = 45
  EXPECT_NEAR(answer_value_usd(params, kCost, kUrgent, 0.99), 6.40, 1e-14);  // 10·2·8·4 = 640
}

TEST(AnswerValue, WorkedExampleAdditive) {
  EXPECT_NEAR(answer_value_usd(additive(), kCost, kPlain, 0.99), 0.01, 1e-15);
  EXPECT_NEAR(answer_value_usd(additive(), kCost, kScarce, 0.99), 0.085, 1e-15);  // 1 + 2 + 4 + 1 + 0.5 = 8.5
  EXPECT_NEAR(answer_value_usd(additive(), kCost, kUrgent, 0.99), 0.21, 1e-15);   // 1 + 9 + 1 + 7 + 3 = 21
}

TEST(AnswerValue, EveryFactorCountsInBothForms) {
  double ValueFactors::*const members[] = {&ValueFactors::scarcity, &ValueFactors::timing,
                                           &ValueFactors::quality, &ValueFactors::collaboration};
  for (const auto member : members) {
    ValueFactors factors;
    factors.*member = 7;
    EXPECT_EQ(value_multiple(product(), factors, 0), 7);
    EXPECT_EQ(value_multiple(additive(), factors, 0), 7) << "with a single factor both forms agree";
  }
}

TEST(AnswerValue, TheHighestThresholdPassedDecides) {
  const struct {
    double score, factor;
  } cases[] = {{0, 1}, {0.8, 1}, {0.81, 1e4}, {0.9, 1e4}, {0.91, 1e5}, {0.95, 1e5}, {0.96, 1e6}, {1, 1e6}};
  for (const auto& c : cases) {
    EXPECT_EQ(value_multiple(tiers(), kPlain, c.score), c.factor) << c.score;
    EXPECT_EQ(value_multiple(tiers(ValueForm::sum), kPlain, c.score), c.factor) << c.score;
    EXPECT_EQ(value_multiple(product(), kPlain, c.score), 1) << "off unless asked for";
  }
  EXPECT_EQ(value_multiple(tiers(ValueForm::sum), kScarce, 0.85), 8.5 + 9999);
}

TEST(AnswerValue, IsCapped) {
  EXPECT_EQ(value_multiple(tiers(), kScarce, 0.96), 1e6) << "not 45e6";
  ValueParams low = tiers();
  low.value_cap = 20;
  EXPECT_EQ(value_multiple(low, kScarce, 0), 20);
  EXPECT_EQ(value_multiple(low, kPlain, 0.96), 20);
  EXPECT_EQ(value_multiple(low, kPlain, 0), 1);
  low.value_cap = 0;
  EXPECT_EQ(value_multiple(low, kPlain, 0), 0);
}

TEST(AnswerValue, IsNeverNegative) {
  EXPECT_EQ(value_multiple(additive(), {0.5, 0.5, 0.5, 0.25}, 0), 0) << "1 − 2.25";
  EXPECT_EQ(answer_value_usd(product(), -0.01, kUrgent, 0), 0) << "electricity that pays";
  EXPECT_EQ(answer_value_usd(product(), 0, kUrgent, 0), 0);
}

TEST(AnswerValue, NoneValuesNoAnswer) {
  EXPECT_EQ(value_multiple(ValueParams{}, kUrgent, 0.99), 0);
  EXPECT_EQ(answer_value_usd(ValueParams{}, kCost, kUrgent, 0.99), 0);
}

TEST(AnswerValue, FactorsOfAnAnswer) {
  // A site at half load, an answer after a quarter of its time, correct with probability 0.75: 1 + 2 · 0.5,
  // 1 + 1 · 0.75, 2 · 0.75.
  const ValueFactors f = value_factors(product(), 0.5, 25, 100, 0.75);
  EXPECT_EQ(f.scarcity, 2);
  EXPECT_EQ(f.timing, 1.75);
  EXPECT_EQ(f.quality, 1.5);
  EXPECT_EQ(f.collaboration, 1);
  EXPECT_NEAR(answer_value_usd(product(), kCost, f, 0.75), 0.0525, 1e-15);
  EXPECT_NEAR(answer_value_usd(additive(), kCost, f, 0.75), 0.0325, 1e-15);  // 1 + 1 + 0.75 + 0.5
  EXPECT_EQ(value_factors(product(), 0, 100, 100, 0.5).timing, 1) << "in time, at the last moment";
  EXPECT_EQ(value_factors(product(), 0, 100.1, 100, 0.5).timing, 0.5) << "late";
  EXPECT_EQ(value_factors(product(), 0, 0, 0, 0.5).timing, 0.5) << "a deadline that has passed";
}

TEST(AnswerValue, NotANumberIsNotHidden) {
  const double nan = std::nan("");
  EXPECT_TRUE(std::isnan(answer_value_usd(product(), nan, kPlain, 0)));
  EXPECT_TRUE(std::isnan(value_multiple(product(), {1, nan, 1, 1}, 0)));
  EXPECT_TRUE(std::isnan(value_multiple(tiers(), kPlain, nan)));
  EXPECT_EQ(value_multiple(product(), kPlain, nan), 1) << "a score that is not asked for";
}

}  // namespace
}  // namespace swarm::economy
