#include "bench/networks/contest.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

namespace {

using namespace swarm::bench;

/// Computes what it is told to.
class Fixed final : public Contestant {
 public:
  explicit Fixed(std::vector<float> outputs) : Contestant("fixed"), outputs_(std::move(outputs)) {}
  void pass() override { ++passes; }
  std::vector<float> outputs() const override { return outputs_; }
  std::size_t passes = 0;

 private:
  std::vector<float> outputs_;
};

Contestants only(std::vector<float> outputs) {
  Contestants all;
  all.push_back(std::make_unique<Fixed>(std::move(outputs)));
  return all;
}

TEST(Contest, SpreadIsLeastMedianMost) {
  EXPECT_EQ(spread({5, 1, 9}), (Spread{1, 5, 9}));
  EXPECT_EQ(spread({4, 1, 9, 6}), (Spread{1, 5, 9}));
}

TEST(Contest, RatiosAreOfPairs) {
  // The ratio of the medians would be 1.
  const std::vector<double> above{1, 2, 9}, below{2, 1, 3};
  EXPECT_EQ(ratios(above, below), (Spread{0.5, 2, 3}));
  EXPECT_EQ(ratios(above, below, 10), (Spread{5, 20, 30}));
}

TEST(Contest, ErrorsAreRelativeToTheLargestOfTheirRow) {
  const std::vector<float> right{1, -8, 100, 50};
  EXPECT_EQ(largest_error(right, right, 2), 0);
  EXPECT_EQ(largest_error(std::vector<float>{2, -8, 100, 50}, right, 2), 1.0 / 8);
  EXPECT_EQ(largest_error(std::vector<float>{2, -8, 100, 75}, right, 2), 0.25);
}

TEST(Contest, NoAnswerIsAWrongAnswer) {
  const std::vector<float> right{0, 2};
  for (const std::vector<float>& wrong : {std::vector<float>{}, {0}, {0, NAN}, {NAN, 2}, {0, INFINITY}})
    EXPECT_EQ(largest_error(wrong, right, 2), std::numeric_limits<double>::infinity());
}

TEST(Contest, WhoeverComputesSomethingElseIsRefused) {
  const std::vector<float> right{1, 2};
  EXPECT_NO_THROW(expect_outputs(only({1, 2.0001f}), right, 2, 1e-4, "case"));
  EXPECT_THROW(expect_outputs(only({1, 2.001f}), right, 2, 1e-4, "case"), std::runtime_error);
  EXPECT_THROW(expect_outputs(only({}), right, 2, 1e-4, "case"), std::runtime_error);
}

TEST(Contest, EveryoneHasATurnInEachRound) {
  Contestants both = only({});
  both.push_back(std::make_unique<Fixed>(std::vector<float>{}));
  const Times times = alternate(both, {.rounds = 5, .seconds = 0});
  ASSERT_EQ(times.size(), 2);
  for (std::size_t c = 0; c < 2; ++c) {
    EXPECT_EQ(times[c].size(), 5);
    EXPECT_GT(dynamic_cast<const Fixed&>(*both[c]).passes, 5);
  }
}

}  // namespace
