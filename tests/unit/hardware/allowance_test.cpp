#include "sim/hardware/allowance.hpp"

#include <gtest/gtest.h>

#include "sim/hardware/regeneration.hpp"

namespace swarm::hardware {
namespace {

TEST(Allowance, WorkedExample) {
  // 100 J for the day. Two requests of 40 J are set aside, a third does not fit. The first takes 55 J: 5 J are left.
  AllowanceColumns a{{0}, {0}};
  EXPECT_TRUE(reserve_energy(a, 0, 100, 40));
  EXPECT_TRUE(reserve_energy(a, 0, 100, 40));
  EXPECT_FALSE(reserve_energy(a, 0, 100, 40));
  EXPECT_EQ(left_uj(a, 0, 100), 20);
  spend_energy(a, 0, 40, 55);
  EXPECT_EQ(left_uj(a, 0, 100), 5);
  EXPECT_TRUE(reserve_energy(a, 0, 100, 5)) << "all that is left";
  spend_energy(a, 0, 40, 60);
  EXPECT_EQ(left_uj(a, 0, 100), -20) << "estimates were too low; nothing more is served today";
  EXPECT_FALSE(reserve_energy(a, 0, 100, 0));
}

TEST(Allowance, EstimatesFollowWhatRequestsTake) {
  // 10 J expected, 20 J taken, rate 0.1: 11 J next. After n such requests 20 − 10 · 0.9^n.
  double expected = 10;
  expected = next_estimate(expected, 20, 0.1);
  EXPECT_DOUBLE_EQ(expected, 11);
  for (int n = 1; n < 20; ++n) expected = next_estimate(expected, 20, 0.1);
  EXPECT_NEAR(expected, 20 - 10 * std::pow(0.9, 20), 1e-12);
  EXPECT_EQ(next_estimate(3, 7, 1), 7);
}

TEST(Allowance, CloseMeansWithinThirtyPercentOfWhatWasTaken) {
  EXPECT_TRUE(close_estimate(130, 100));
  EXPECT_TRUE(close_estimate(70, 100));
  EXPECT_FALSE(close_estimate(131, 100));
  EXPECT_FALSE(close_estimate(69, 100));
  EXPECT_TRUE(close_estimate(0, 0));
}

TEST(Regeneration, CutIsProportionalAndBounded) {
  // A fifth of answers at an elasticity of 0.3: 6 % less, from 500 to 470 g/kWh.
  EXPECT_DOUBLE_EQ(intensity_cut({.elasticity = 0.3}, 0.2), 0.06);
  EXPECT_DOUBLE_EQ(intensity_cut({.elasticity = 0.3, .max_cut = 0.05}, 0.2), 0.05);
  EXPECT_EQ(intensity_cut({}, 1), 0);
}

TEST(Regeneration, NetBalanceByHand) {
  // 100 kWh used, 30 of them heat a pool, and answers made 2 kWh of the grid's clean: (30 + 2)/100.
  EXPECT_DOUBLE_EQ(net_balance(30, 2, 100), 0.32);
  EXPECT_TRUE(std::isnan(net_balance(0, 0, 0)));
}

}  // namespace
}  // namespace swarm::hardware
