#include "sim/dispatch/council.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "sim/core/rng.hpp"

namespace swarm::dispatch {
namespace {

std::vector<float> logits_of(const std::vector<double>& probabilities) {
  std::vector<float> out;
  for (const double p : probabilities) out.push_back(static_cast<float>(std::log(p)));
  return out;
}

std::uint32_t word_of(const std::vector<float>& logits, std::size_t classes, std::uint32_t truth) {
  std::vector<double> probability(logits.size());
  probabilities_of(logits, classes, probability);
  return coalitions_right(probability, classes, truth);
}

/// The worked example of docs/models/council.md: the second member is so sure of a wrong answer that either of the others
/// is wrong with it, and both together are right.
TEST(Coalitions, WorkedExample) {
  const auto logits = logits_of({0.6, 0.4, 0.1, 0.9, 0.85, 0.15});
  EXPECT_EQ(word_of(logits, 2, 0), 0b10110010u) << "A, C, AC and ABC";
  EXPECT_EQ(word_of(logits, 2, 1), 0b01001100u) << "all others that have a member";
}

TEST(Coalitions, AreThoseOfANaiveCount) {
  constexpr std::size_t kClasses = 10;
  const Random random(7, Stream::coalition);
  for (std::uint32_t trial = 0; trial < 300; ++trial) {
    const std::size_t n = 1 + trial % kMostSeats;
    std::vector<float> logits;
    for (std::uint32_t k = 0; k < n * kClasses; ++k)
      logits.push_back(static_cast<float>(6 * uniform_open(random.block(trial, k)[0]) - 3));
    const std::uint32_t truth = trial % std::uint32_t{kClasses};
    const std::uint32_t right = word_of(logits, kClasses, truth);
    for (std::uint32_t s = 0; s < 32; ++s) {
      std::vector<double> together(kClasses, 0.0);
      for (std::size_t i = 0; i < n; ++i) {
        double sum = 0;
        for (std::size_t c = 0; c < kClasses; ++c) sum += std::exp(static_cast<double>(logits[i * kClasses + c]));
        for (std::size_t c = 0; c < kClasses; ++c)
          if (s >> i & 1) together[c] += std::exp(static_cast<double>(logits[i * kClasses + c])) / sum;
      }
      bool best = s > 0 && s < 1u << n;
      for (std::size_t c = 0; c < kClasses; ++c) best &= c == truth || together[c] < together[truth];
      EXPECT_EQ(is_right(right, s), best) << "trial " << trial << ", coalition " << s;
    }
  }
}

TEST(Coalitions, OfEqualClassesTheFirst) {
  const std::vector<float> even(20, 1.0f);
  EXPECT_EQ(word_of(even, 10, 0), 0b1110u);
  EXPECT_EQ(word_of(even, 10, 1), 0u);
}

TEST(Coalitions, LargeLogitsDoNotOverflow) {
  const std::vector<float> logits{1e30f, -1e30f, -1e30f, 1e30f, 3e38f, 0.0f};
  EXPECT_EQ(word_of(logits, 2, 0) & 0b10010010u, 0b10010010u) << "A, C and all";
}

/// The worked example of docs/models/collaboration.md: A, B and C choose the first class, B would not have.
TEST(Sessions, WorkedExample) {
  const std::vector<double> p{0.6, 0.4, 0.1, 0.9, 0.85, 0.15};
  const std::vector<std::uint32_t> members{7, 9, 4};
  SessionState s;
  hold_session(p, members, 2, 0b111, s);
  EXPECT_EQ(s.roles, members);
  EXPECT_EQ(s.focus, 2u);
  EXPECT_EQ(s.contributed, (std::vector<double>{0.6, 0.1, 0.85}));
  const auto c = collaboration({}, s);
  EXPECT_NEAR(c.imbalance, 1.0 / 3 - 0.1 / 1.55, 1e-12);
  EXPECT_NEAR(c.imbalance, 0.269, 5e-4);
  EXPECT_NEAR(c.agreement, 2.0 / 3, 1e-12);
  EXPECT_EQ(c.completion, 1);
  EXPECT_NEAR(c.quality, 0.754, 5e-4);
  EXPECT_FALSE(c.balanced || c.good);
  // C is not heard: A and B choose the second class.
  hold_session(p, members, 2, 0b011, s);
  EXPECT_EQ(s.artefacts.at(0).number, 1u);
  EXPECT_EQ(s.contributed, (std::vector<double>{0.4, 0.9, 0}));
  EXPECT_EQ(s.decisions.size(), 1u);
  EXPECT_EQ(s.decisions[0].votes, 1u) << "B";
  EXPECT_EQ(s.decisions[0].voters, 3u);
  EXPECT_NEAR(collaboration({}, s).completion, 2.0 / 3, 1e-12);
}

/// Nobody's silence makes a coalition right that would not have been right without them.
TEST(Hearing, SilencesMembersInEveryCoalition) {
  const std::uint32_t word = 0b10110010u;
  EXPECT_EQ(as_heard(word, 3, 0b111), word);
  EXPECT_EQ(as_heard(word, 3, 0b001), 0b10101010u) << "all that have A";
  for (std::uint32_t heard = 0; heard < 8; ++heard)
    for (std::uint32_t s = 0; s < 8; ++s) EXPECT_EQ(is_right(as_heard(word, 3, heard), s), is_right(word, s & heard));
}

TEST(Seats, AreForScoresAboveTheThreshold) {
  CouncilParams p{.seats = 3, .threshold = 0.7};
  EXPECT_EQ(seats_for(p, triage_mode(p, 0.7, false)), 1);
  EXPECT_EQ(seats_for(p, triage_mode(p, 0.70001, false)), 3);
  EXPECT_EQ(triage_mode(CouncilParams{}, 1, false), TriageMode::express) << "there are no councils unless they are asked for";
  EXPECT_EQ(triage_mode(p, 1, true), TriageMode::emergency) << "a council would take three times as long";
  EXPECT_EQ(seats_for(p, TriageMode::emergency), 1);
  p.in_emergencies = true;
  EXPECT_EQ(triage_mode(p, 1, true), TriageMode::council);
  EXPECT_EQ(triage_mode(p, 0.7, true), TriageMode::express);
}

}  // namespace
}  // namespace swarm::dispatch
