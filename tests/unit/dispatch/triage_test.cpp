#include "sim/dispatch/triage.hpp"

#include <gtest/gtest.h>

namespace swarm::dispatch {
namespace {

constexpr TriageParams kParams{
    .tok_scale = 4000, .weight_tok = 0.3, .weight_complexity = 0.5, .weight_urgency = 0.2};

TEST(Triage, WorkedByHand) {
  // 1,150 tok of 4,000, κ = 0.4, urgent: 0.3·0.2875 + 0.5·0.4 + 0.2 = 0.08625 + 0.2 + 0.2.
  EXPECT_DOUBLE_EQ(triage_score(kParams, 1150, 0.4, true), 0.48625);
  EXPECT_DOUBLE_EQ(triage_score(kParams, 1150, 0.4, false), 0.28625);
  // Length saturates at 4,000 tok.
  EXPECT_DOUBLE_EQ(triage_score(kParams, 4000, 0, false), 0.3);
  EXPECT_DOUBLE_EQ(triage_score(kParams, 1e6, 0, false), 0.3);
  EXPECT_DOUBLE_EQ(triage_score(kParams, 1e6, 1, true), 1);
  EXPECT_DOUBLE_EQ(triage_score(kParams, 0, 0, false), 0);
}

TEST(Triage, OnlyTheProportionOfWeightsMatters) {
  TriageParams twice = kParams;
  twice.weight_tok *= 2;
  twice.weight_complexity *= 2;
  twice.weight_urgency *= 2;
  for (const double kappa : {0.0, 0.3, 1.0})
    EXPECT_DOUBLE_EQ(triage_score(twice, 900, kappa, true), triage_score(kParams, 900, kappa, true));
}

TEST(Triage, NoWeightsNoScore) {
  EXPECT_EQ(triage_score({.tok_scale = 4000, .weight_tok = 0, .weight_complexity = 0, .weight_urgency = 0},
                         900, 0.5, true),
            0);
}

TEST(Triage, StaysBetweenZeroAndOneAndGrowsWithEveryTerm) {
  double last = -1;
  for (int k = 0; k <= 40; ++k) {
    const double score = triage_score(kParams, 200.0 * k, k / 40.0, k > 20);
    EXPECT_GE(score, last);
    EXPECT_GE(score, 0);
    EXPECT_LE(score, 1);
    last = score;
  }
  // Mutant: without saturation a long request leaves the interval.
  EXPECT_GT(0.3 * 1e6 / 4000 + 0.5 + 0.2, 1);
}

}  // namespace
}  // namespace swarm::dispatch
