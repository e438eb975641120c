#include "agents/nn/loss.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "sim/core/errors.hpp"
#include "tests/unit/nn/nets.hpp"

namespace swarm::nn {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity(), kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::uint8_t kFirst[] = {0};

struct Result {
  float loss;
  std::vector<float> delta;
};

/// Rows of `width` logits with a stride of 16.
Result lost(const std::vector<float>& logits, std::size_t width, const Targets& targets) {
  const std::size_t rows = logits.size() / width;
  std::vector<float> padded_logits(rows * 16, 1e9f);  // beyond the width: not read
  for (std::size_t i = 0; i < logits.size(); ++i) padded_logits[i / width * 16 + i % width] = logits[i];
  Result result{0, std::vector<float>(rows * 16, -7.0f)};
  Loss loss;
  result.loss = loss({padded_logits.data(), rows, width, 16}, targets, {result.delta.data(), rows, width, 16});
  return result;
}

// Logits (0, 0), p = (½, ½); label 0: loss ln 2, gradient p − y = (−½, ½).
TEST(Loss, OfALabelByHand) {
  const Result r = lost({0, 0}, 2, {.labels = kFirst});
  EXPECT_FLOAT_EQ(r.loss, 0.69314718f);
  EXPECT_EQ(r.delta[0], -0.5f);
  EXPECT_EQ(r.delta[1], 0.5f);
  for (std::size_t c = 2; c < 16; ++c) EXPECT_EQ(r.delta[c], 0.0f);
}

// A teacher says (2·ln 3, 0); at T = 2 that is (ln 3, 0), so p = (¾, ¼); the student's q = (½, ½).
// KL = ¾·ln(3/2) + ¼·ln(1/2) = 0.1308120, times T² 0.5232481. Half of it and half of ln 2: 0.6081976.
// Gradient: ½·(−½, ½) + ½·2·(q − p) = (−¼, ¼) + (−¼, ¼). The teacher's logit and shares are rounded by 2^-24 of
// themselves each, and T² weighs four times.
TEST(Loss, WithATeacherByHand) {
  constexpr float kTolerance = 5e-7f;
  const std::vector<float> teacher{2 * std::log(3.0f), 0};
  const Result r =
      lost({0, 0}, 2, {.labels = kFirst, .teacher = teacher.data(), .temperature = 2, .teacher_share = 0.5f});
  EXPECT_NEAR(r.loss, 0.6081976f, kTolerance);
  EXPECT_NEAR(r.delta[0], -0.5f, kTolerance);
  EXPECT_NEAR(r.delta[1], 0.5f, kTolerance);
  const Result alone =
      lost({0, 0}, 2, {.labels = nullptr, .teacher = teacher.data(), .temperature = 2, .teacher_share = 1});
  EXPECT_NEAR(alone.loss, 0.5232481f, kTolerance);
  EXPECT_NEAR(alone.delta[0], -0.5f, kTolerance);
}

TEST(Loss, OfAStudentThatAgreesIsNothing) {
  const std::vector<float> teacher{3, -1, 2};
  const Result r =
      lost({4, 0, 3}, 3, {.labels = nullptr, .teacher = teacher.data(), .temperature = 3, .teacher_share = 1});
  EXPECT_NEAR(r.loss, 0.0f, 1e-6f);
  for (const float d : r.delta) EXPECT_NEAR(d, 0.0f, 1e-7f);
}

// p = (1, 0): −∞ rules the second class out; KL = ln 1 − ln ½.
TEST(Loss, ATeacherMayRuleAClassOut) {
  const std::vector<float> teacher{5, -kInfinity};
  const Result r = lost({0, 0}, 2, {.labels = nullptr, .teacher = teacher.data(), .teacher_share = 1});
  EXPECT_FLOAT_EQ(r.loss, 0.69314718f);
  EXPECT_FLOAT_EQ(r.delta[0], -0.5f);
  EXPECT_FLOAT_EQ(r.delta[1], 0.5f);
}

TEST(Loss, ATeacherWithoutAShareChangesNoBit) {
  const std::vector<float> logits = test::noise(7 * 5, 1), teacher(7 * 5, kNan);
  const std::vector<std::uint8_t> labels = test::classes(7, 5);
  const Result with = lost(logits, 5, {.labels = labels.data(), .teacher = teacher.data()}),
               without = lost(logits, 5, {.labels = labels.data()});
  EXPECT_EQ(std::bit_cast<std::uint32_t>(with.loss), std::bit_cast<std::uint32_t>(without.loss));
  EXPECT_EQ(with.delta, without.delta);
}

TEST(Loss, IsTheMeanOverRows) {
  const std::vector<std::uint8_t> labels{0, 0};
  const std::vector<float> teacher{1, 2, 1, 2};
  const auto targets = [&](float share) { return Targets{labels.data(), teacher.data(), 1.5f, share}; };
  for (const float share : {0.0f, 0.25f, 1.0f}) {
    const Result one = lost({1, 3}, 2, targets(share)), two = lost({1, 3, 1, 3}, 2, targets(share));
    EXPECT_FLOAT_EQ(one.loss, two.loss);
    EXPECT_FLOAT_EQ(one.delta[0], 2 * two.delta[0]);
    EXPECT_FLOAT_EQ(two.delta[0], two.delta[16]);
  }
}

TEST(Loss, HugeLogitsDoNotOverflow) {
  const std::vector<float> teacher{-1e30f, 1e30f};
  EXPECT_FLOAT_EQ(lost({1000, 0}, 2, {.labels = kFirst}).loss, 0.0f);
  EXPECT_FLOAT_EQ(lost({-1000, 0}, 2, {.labels = kFirst}).loss, 1000.0f);
  const Result r =
      lost({2000, 0}, 2, {.labels = nullptr, .teacher = teacher.data(), .temperature = 2, .teacher_share = 1});
  EXPECT_FLOAT_EQ(r.loss, 4 * 1000.0f);
  EXPECT_FLOAT_EQ(r.delta[0], 2.0f);
}

TEST(Loss, NanShows) {
  EXPECT_TRUE(std::isnan(lost({kNan, 0}, 2, {.labels = kFirst}).loss));
  const std::vector<float> teacher{kNan, 1};
  EXPECT_TRUE(std::isnan(lost({0, 0}, 2, {.labels = kFirst, .teacher = teacher.data(), .teacher_share = 0.5f}).loss));
}

TEST(Loss, RefusesWhatHasNoMeaning) {
  const std::vector<float> teacher{1, 2};
  const auto refused = [&](const Targets& targets) { EXPECT_THROW(lost({0, 0}, 2, targets), ModelError); };
  for (const float share : {-0.1f, 1.1f, kNan})
    refused({.labels = kFirst, .teacher = teacher.data(), .teacher_share = share});
  for (const float temperature : {0.0f, -1.0f, kNan, kInfinity})
    refused({.labels = kFirst, .teacher = teacher.data(), .temperature = temperature, .teacher_share = 0.5f});
  refused({.labels = kFirst, .teacher_share = 0.5f});
}

TEST(Argmax, TakesTheFirstOfEqualsAndNeverNan) {
  const std::vector<float> equal{1, 3, 3, 2}, single{-5}, broken{kNan, -7, kNan, -6}, lost{kNan, kNan};
  EXPECT_EQ(argmax(equal.data(), 4), 1u);
  EXPECT_EQ(argmax(single.data(), 1), 0u);
  EXPECT_EQ(argmax(broken.data(), 4), 3u);
  EXPECT_EQ(argmax(lost.data(), 2), 0u);
}

}  // namespace
}  // namespace swarm::nn
