#include "sim/dispatch/circuit_breaker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "sim/core/rng.hpp"

namespace swarm::dispatch {
namespace {

using enum BreakerState;

/// The worked example of docs/models/context.md.
TEST(Breaker, OpensCoolsProbesCloses) {
  const BreakerParams p;
  Breaker b;
  for (int k = 0; k < 4; ++k) note_outcome(p, b, true, 10, 0);
  EXPECT_EQ(b.state, closed) << "four answers say too little";
  note_outcome(p, b, false, 10, 0);
  EXPECT_EQ(b.state, open) << "four of five failed";
  EXPECT_FALSE(lets_pass(p, b, 69.9));
  for (int k = 0; k < 3; ++k) EXPECT_TRUE(lets_pass(p, b, 70)) << k;
  EXPECT_EQ(b.state, half_open);
  EXPECT_FALSE(lets_pass(p, b, 70)) << "three probes are under way";
  note_outcome(p, b, false, 71, b.round);
  note_outcome(p, b, false, 71, b.round);
  EXPECT_EQ(b.state, half_open);
  note_outcome(p, b, false, 72, b.round);
  EXPECT_EQ(b.state, closed);
  EXPECT_EQ(b.answers, 0) << "and begins anew";
}

TEST(Breaker, LetsNoMorePassThanProbesAreMissing) {
  const BreakerParams p;
  Breaker b;
  for (int k = 0; k < 5; ++k) note_outcome(p, b, true, 0, 0);
  EXPECT_TRUE(lets_pass(p, b, 60));
  note_outcome(p, b, false, 60, b.round);
  EXPECT_TRUE(lets_pass(p, b, 60) && lets_pass(p, b, 60));
  EXPECT_FALSE(lets_pass(p, b, 60)) << "one has succeeded, two are under way";
}

TEST(Breaker, OneFailedProbeOpensItAgain) {
  const BreakerParams p;
  Breaker b;
  for (int k = 0; k < 5; ++k) note_outcome(p, b, true, 0, 0);
  EXPECT_TRUE(lets_pass(p, b, 60) && lets_pass(p, b, 60));
  note_outcome(p, b, false, 61, b.round);
  note_outcome(p, b, true, 62, b.round);
  EXPECT_EQ(b.state, open);
  EXPECT_FALSE(lets_pass(p, b, 121.9));
  EXPECT_TRUE(lets_pass(p, b, 122));
}

/// What was asked before it opened and is answered afterwards says nothing new.
TEST(Breaker, LateAnswersDoNotCount) {
  const BreakerParams p;
  Breaker b;
  for (int k = 0; k < 5; ++k) note_outcome(p, b, true, 0, 0);
  note_outcome(p, b, false, 30, 0);
  EXPECT_EQ(b.state, open);
  EXPECT_EQ(probed_round(b), 0);
  EXPECT_TRUE(lets_pass(p, b, 60) && lets_pass(p, b, 60));
  EXPECT_EQ(probed_round(b), 1);
  note_outcome(p, b, false, 60, 0);
  note_outcome(p, b, true, 60, 0);
  EXPECT_EQ(b.state, half_open) << "asked before it opened";
  EXPECT_EQ(b.probing, 2) << "and the probes are under way still";
  note_outcome(p, b, true, 61, 1);
  EXPECT_TRUE(lets_pass(p, b, 121));
  EXPECT_EQ(probed_round(b), 2);
  note_outcome(p, b, true, 121, 1);
  EXPECT_EQ(b.state, half_open) << "a probe of the round before";
  note_outcome(p, b, false, 121, 2);
  EXPECT_EQ(b.probed, 1);
}

TEST(Breaker, RoundsGoInACircleWithoutNought) {
  const BreakerParams p{.window = 1, .least_answers = 1, .probes = 1};
  Breaker b;
  note_outcome(p, b, true, 0, 0);
  for (int k = 1; k < 600; ++k) {
    ASSERT_EQ(b.round, (k - 1) % 255 + 1);
    ASSERT_TRUE(lets_pass(p, b, 60.0 * k));
    note_outcome(p, b, true, 60.0 * k, b.round);
  }
}

TEST(Breaker, KnowsTheLastTwenty) {
  const BreakerParams p;
  const Random random(6, Stream::experiment);
  Breaker b;
  std::deque<bool> naive;
  std::uint32_t opened = 0;
  for (std::uint32_t k = 0; k < 5000; ++k) {
    const bool failure = random.block(k, 0)[0] % 10 < 3;
    note_outcome(p, b, failure, k, 0);
    naive.push_back(failure);
    if (naive.size() > 20) naive.pop_front();
    const auto failures = static_cast<std::size_t>(std::count(naive.begin(), naive.end(), true));
    const bool opens = naive.size() >= 5 && 2 * failures >= naive.size();
    ASSERT_EQ(b.state == open, opens) << k;
    if (opens) {
      naive.clear();
      b = {};
      ++opened;
    }
  }
  EXPECT_GT(opened, 10u);
}

TEST(Fallback, MemoryThenCheaperThenRule) {
  EXPECT_EQ(fallback({0.81, true, true}), Fallback::memory);
  EXPECT_EQ(fallback({0.80, true, true}), Fallback::cheaper);
  EXPECT_EQ(fallback({{}, false, true}), Fallback::rule);
  EXPECT_EQ(fallback({}), Fallback::reject);
}

}  // namespace
}  // namespace swarm::dispatch
