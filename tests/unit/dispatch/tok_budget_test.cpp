#include "sim/dispatch/tok_budget.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <deque>

#include "sim/core/rng.hpp"

namespace swarm::dispatch {
namespace {

constexpr std::array<std::uint8_t, 2> kBoth{0, 1};  // kind 0: express, kind 1: council

/// The worked example of docs/models/context.md.
TEST(TokBudget, WorkedExample) {
  const TokBudgetParams p;
  auto c = fresh_budgets(p, kBoth);
  EXPECT_DOUBLE_EQ(expected_tok(p, c, 0, 0), 800);
  EXPECT_DOUBLE_EQ(expected_tok(p, c, 1, 3), 2500 + 3 * 400);
  const auto outcome = learn_budget(p, c, 1, 3, 7400, 0.9);
  EXPECT_DOUBLE_EQ(outcome.error, 0.5);
  EXPECT_TRUE(outcome.adapted);
  EXPECT_FALSE(outcome.close);
  EXPECT_DOUBLE_EQ(c.base[1], 2750) << "a tenth of the error, 370, two thirds of it and more to the base";
  EXPECT_DOUBLE_EQ(c.role[1], 440);
  EXPECT_NEAR(c.confidence[1], 0.7 * 0.5 + 0.3 * 0.9, 1e-7);
  EXPECT_NEAR(expected_tok(p, c, 1, 3), (2750 + 3 * 440) * 1.12, 1e-3);
  EXPECT_DOUBLE_EQ(expected_tok(p, c, 0, 0), 800) << "another kind";
}

TEST(TokBudget, ConfidenceRaisesOrLowers) {
  TokBudgetParams p;
  auto c = fresh_budgets(p, kBoth);
  c.confidence[0] = 0.75;
  EXPECT_DOUBLE_EQ(expected_tok(p, c, 0, 0), 1000);
  p.confidence_effect = ConfidenceEffect::lowers;
  EXPECT_DOUBLE_EQ(expected_tok(p, c, 0, 0), 600);
}

TEST(TokBudget, SmallErrorsTeachNothing) {
  const TokBudgetParams p;
  auto c = fresh_budgets(p, kBoth);
  EXPECT_FALSE(learn_budget(p, c, 0, 0, 1000, 0.5).adapted) << "an error of exactly 0.2";
  EXPECT_EQ(c.base[0], 800);
  EXPECT_TRUE(learn_budget(p, c, 0, 0, 1001, 0.5).adapted);
  c = fresh_budgets(p, kBoth);
  EXPECT_TRUE(learn_budget(p, c, 0, 0, 800.0 / 1.2999, 0.5).close);
  c = fresh_budgets(p, kBoth);
  EXPECT_FALSE(learn_budget(p, c, 0, 0, 800.0 / 1.3001, 0.5).close);
}

TEST(TokBudget, RemembersTheLastFifty) {
  const TokBudgetParams p;
  auto c = fresh_budgets(p, kBoth);
  std::deque<std::pair<std::size_t, double>> naive;
  double confidence[2] = {0.5, 0.5};
  const Random random(3, Stream::experiment);
  for (std::uint32_t k = 0; k < 400; ++k) {
    const auto draw = random.block(k, 0);
    const std::size_t kind = draw[0] % 5 == 0;
    const auto complexity = static_cast<double>(static_cast<float>(uniform_open(draw[1])));
    learn_budget(p, c, kind, 2, 500 + draw[2] % 4000, complexity);
    naive.emplace_back(kind, complexity);
    if (naive.size() > 50) naive.pop_front();
    double sum = 0, n = 0;
    for (const auto& [what, how] : naive)
      if (what == kind) sum += how, ++n;
    confidence[kind] = 0.7 * confidence[kind] + 0.3 * sum / n;
    ASSERT_NEAR(c.confidence[kind], confidence[kind], 1e-9) << k;
  }
  EXPECT_EQ(c.episode_kind.size(), 50u);
  EXPECT_EQ(c.sessions, 400u);
}

/// Where every session takes the same, the budget comes to within the tolerated error of it, and stays.
TEST(TokBudget, ConvergesToWhatIsTaken) {
  const TokBudgetParams p;
  auto c = fresh_budgets(p, kBoth);
  for (int k = 0; k < 100; ++k) learn_budget(p, c, 0, 0, 6000, 0.5);
  EXPECT_NEAR(expected_tok(p, c, 0, 0), 6000, 0.2 * 6000);
  EXPECT_FALSE(learn_budget(p, c, 0, 0, 6000, 0.5).adapted);
}

/// Nobody who knows only how log-normal lengths are distributed can be within 30 % of more than
/// 2Φ(ln(1.3/0.7)/2σ) − 1 of them (docs/models/context.md, "Validity"): with the default σ of 0.8 that is 30 %.
TEST(TokBudget, CannotBeatTheSpreadOfLengths) {
  const TokBudgetParams p;
  auto c = fresh_budgets(p, kBoth);
  const Random random(4, Stream::experiment);
  constexpr int kSessions = 20000;
  int close = 0;
  for (std::uint32_t k = 0; k < kSessions; ++k) {
    const auto draw = random.block(k, 1);
    const double z = std::sqrt(-2 * std::log(uniform_open(draw[0], draw[1]))) * std::cos(2 * 3.141592653589793 * uniform_open(draw[2]));
    close += learn_budget(p, c, 0, 0, 835 * std::exp(0.8 * z), 0.5).close;
  }
  const double share = static_cast<double>(close) / kSessions, best = std::erf(std::log(1.3 / 0.7) / (2 * 0.8) / std::sqrt(2.0));
  EXPECT_NEAR(best, 0.301, 0.001);
  EXPECT_LT(share, best + 3 * std::sqrt(best * (1 - best) / kSessions));
  EXPECT_GT(share, 0.8 * best) << "and it comes near that";
}

}  // namespace
}  // namespace swarm::dispatch
