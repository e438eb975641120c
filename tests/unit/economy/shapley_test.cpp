#include "sim/economy/shapley.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "sim/economy/apportion.hpp"

namespace swarm::economy {
namespace {

const Random kRandom(1, Stream::coalition);

/// A left-hand glove (member 0) and two right-hand ones: only a pair is worth anything.
double gloves(Coalition c) {
  return (c & 1) && (c & 6) ? 1 : 0;
}

void expect_values(const ShapleyValues& found, const std::vector<double>& expected, double within) {
  ASSERT_EQ(found.value.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(found.value[i], expected[i], within) << i;
}

TEST(Shapley, WorkedExample) {
  // Orders ABC, ACB, BAC, BCA, CAB, CBA: A completes the pair in the last four, B in ABC, C in ACB.
  const ShapleyValues values = exact_shapley(3, gloves);
  expect_values(values, {4.0 / 6, 1.0 / 6, 1.0 / 6}, 1e-15);
  EXPECT_EQ(values.standard_error, (std::vector<double>{0, 0, 0}));
  // A bonus of 1,000 µTKN: 666.67, 166.67, 166.67, all rounded up or down by less than 1.
  std::vector<std::int64_t> shares(3);
  EXPECT_EQ(apportion({1000}, values.value, shares).value, 1000);
  EXPECT_EQ(shares[0] + shares[1] + shares[2], 1000);
  EXPECT_NEAR(double(shares[0]), 666.67, 1);
  EXPECT_NEAR(double(shares[1]), 166.67, 1);
}

TEST(Shapley, ContributionsBelowZeroEarnNothing) {
  // Each of two is worth 2 alone; the third spoils 1 wherever it comes: values 2, 2, −1.
  const CoalitionGame game = [](Coalition c) { return 2.0 * std::popcount(c & 3) - double(c >> 2); };
  const ShapleyValues values = exact_shapley(3, game);
  expect_values(values, {2, 2, -1}, 1e-15);
  std::vector<std::int64_t> shares(3);
  EXPECT_EQ(apportion({101}, values.value, shares).value, 101);
  EXPECT_EQ(shares[2], 0);
  EXPECT_EQ(shares[0] + shares[1], 101);
}

TEST(Shapley, SmallTeams) {
  expect_values(exact_shapley(0, [](Coalition) { return 3.0; }), {}, 0);
  expect_values(exact_shapley(1, [](Coalition c) { return c ? 5.0 : 2.0; }), {3},
                0);  // what it adds to nobody
  expect_values(sampled_shapley(0, gloves, 3, kRandom, 0, 0), {}, 0);
  expect_values(sampled_shapley(
                    1, [](Coalition c) { return c ? 5.0 : 2.0; }, 3, kRandom, 0, 0),
                {3}, 0);
  // Two members have two orders, which are each other's reverse: one pair is exact.
  const CoalitionGame two = [](Coalition c) { return c == 3 ? 10.0 : c == 1 ? 4.0 : 0.0; };
  expect_values(sampled_shapley(2, two, 1, kRandom, 0, 0), {7, 3}, 1e-15);
  EXPECT_TRUE(std::isnan(sampled_shapley(2, two, 1, kRandom, 0, 0).standard_error[0]));
}

TEST(Shapley, OnePairIsExactForSynergiesOfTwo) {
  // Whom a member meets in an order it does not meet in the reverse: each pair's synergy is counted exactly
  // half.
  const CoalitionGame game = [](Coalition c) { return double(std::popcount(c) * std::popcount(c & 0x155)); };
  expect_values(sampled_shapley(10, game, 1, kRandom, 0, 0), exact_shapley(10, game).value, 1e-12);
  const CoalitionGame of_three = [](Coalition c) { return (c & 7) == 7 ? 1.0 : 0.0; };
  EXPECT_GT(std::abs(sampled_shapley(10, of_three, 1, kRandom, 0, 0).value[0] - 1.0 / 3), 0.1);
}

TEST(Shapley, SizeDecidesWhetherItIsSampled) {
  int evaluations = 0;
  const CoalitionGame counted = [&](Coalition c) {
    ++evaluations;
    return double(std::popcount(c) > 2);
  };
  ShapleyParams params;
  EXPECT_EQ(shapley(8, counted, params, kRandom, 0, 0).standard_error[0], 0);
  EXPECT_EQ(evaluations, 256);
  evaluations = 0;
  EXPECT_GT(shapley(9, counted, params, kRandom, 0, 0).standard_error[0], 0);
  EXPECT_EQ(evaluations, 2 * 256 * 8 + 2);
  params.exact_members = 16;
  EXPECT_EQ(shapley(16, counted, params, kRandom, 0, 0).standard_error[0], 0);
}

TEST(Shapley, SamplesAreAFunctionOfTheirKey) {
  const CoalitionGame game = [](Coalition c) { return std::pow(std::popcount(c & 0x3E1), 3); };
  const auto sampled = [&](std::uint64_t seed, std::uint32_t step, std::uint64_t entity) {
    return sampled_shapley(10, game, 20, Random(seed, Stream::coalition), step, entity).value;
  };
  EXPECT_EQ(sampled(1, 2, 3), sampled(1, 2, 3));
  const std::set<std::vector<double>> all{sampled(1, 2, 3), sampled(2, 2, 3), sampled(1, 3, 3),
                                          sampled(1, 2, 4)};
  EXPECT_EQ(all.size(), 4u);
}

TEST(Shapley, AGameThatIsNoNumberGivesNone) {
  const CoalitionGame broken = [](Coalition c) { return c == 3 ? std::nan("") : 1.0; };
  const ShapleyValues values = exact_shapley(3, broken);
  EXPECT_TRUE(std::isnan(values.value[0]));
  std::vector<std::int64_t> shares(3);
  EXPECT_THROW(apportion({5}, values.value, shares), ModelError) << "and no money is divided by it";
}

}  // namespace
}  // namespace swarm::economy
