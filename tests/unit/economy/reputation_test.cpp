#include "sim/economy/reputation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/rng.hpp"
#include "sim/economy/apportion.hpp"

namespace swarm::economy {
namespace {

constexpr double kDay = 86400;
constexpr double kStandardErrors = 4;
using Agents = std::vector<std::uint32_t>;
using Ratings = std::vector<double>;

TEST(Reputation, WorkedExample) {
  // Two answers of quality 1 and 0.8, half of them in time, no team work; k = 10, weights 0.5, 0.3, 0.2:
  // (5 + 1.8)/12 = 0.566667, (5 + 1)/12 = 0.5, 0.5; score 0.5·0.566667 + 0.3·0.5 + 0.2·0.5 = 0.533333.
  Reputation reputation({}, 2);
  reputation.rate(Aspect::quality, Agents{1, 1}, Ratings{1, 0.8});
  reputation.rate(Aspect::punctuality, Agents{1, 1}, Ratings{1, 0});
  EXPECT_EQ(reputation.score(1), 0.5) << "the step is not over";
  reputation.end_step(60);
  EXPECT_NEAR(reputation.score(1), 0.5 + 0.5 * 0.8 / 12, 1e-10);  // ratings are kept to 2⁻³²
  EXPECT_NEAR(reputation.bonus_weight(1), 0.5 * 0.8 / 12, 1e-10);
  // A week later they count half: (5 + 0.9)/11 = 0.536364, score 0.5 + 0.5·0.036364 = 0.518182.
  reputation.end_step(7 * kDay);
  EXPECT_NEAR(reputation.score(1), 0.5 + 0.5 * 0.4 / 11, 1e-10);
  EXPECT_EQ(reputation.score(0), 0.5);
}

TEST(Reputation, NewcomersAreExactlyNeutralAndEarnNoBonus) {
  ReputationParams params;
  for (const double neutral : {0.0, 0.1, 0.3, 0.5, 1.0})
    for (const double prior : {1e-6, 0.7, 10.0}) {
      params.neutral = neutral;
      params.prior_uses = prior;
      Reputation reputation(params, 1);
      reputation.add_agents(1);
      reputation.end_step(60);
      EXPECT_EQ(reputation.score(1), neutral);
      EXPECT_EQ(reputation.bonus_weight(1), 0);
    }
}

TEST(Reputation, ThePriorPullsTowardsNeutral) {
  ReputationParams params;
  params.neutral = 0.3;
  params.punctuality_weight = params.collaboration_weight = 0;
  Reputation reputation(params, 1);
  reputation.rate(Aspect::quality, Agents{0, 0, 0, 0, 0}, Ratings{1, 1, 1, 0, 0.5});
  reputation.end_step(60);
  EXPECT_NEAR(reputation.score(0), (3 + 3.5) / 15, 1e-15);  // ten of 0.3 and five that add up to 3.5
}

TEST(Reputation, IsTheBetaReputationForTwoPriorRatings) {
  // Jøsang and Ismail: r good and s bad ratings give (r + 1)/(r + s + 2).
  ReputationParams params;
  params.punctuality_weight = params.collaboration_weight = 0;
  params.prior_uses = 2;
  for (int r = 0; r < 6; ++r)
    for (int s = 0; s < 6; ++s) {
      Reputation reputation(params, 1);
      Ratings ratings(static_cast<std::size_t>(r), 1.0);
      ratings.resize(static_cast<std::size_t>(r + s), 0.0);
      reputation.rate(Aspect::quality, Agents(ratings.size(), 0), ratings);
      reputation.end_step(1);
      EXPECT_NEAR(reputation.score(0), (r + 1.0) / (r + s + 2.0), 1e-15);
    }
}

TEST(Reputation, ForgettingHasAnExactHalfLife) {
  ReputationParams params;
  Reputation once(params, 1), daily(params, 1);
  for (Reputation* r : {&once, &daily}) {
    r->rate(Aspect::quality, Agents{0, 0, 0}, Ratings{1, 0.5, 0.25});
    r->end_step(0);
  }
  EXPECT_EQ(once.raw().sum[0], 1.75);
  EXPECT_EQ(once.raw().count[0], 3);
  once.end_step(params.half_life.seconds);
  EXPECT_EQ(once.raw().sum[0], 0.875);
  EXPECT_EQ(once.raw().count[0], 1.5);
  for (int day = 0; day < 7; ++day) daily.end_step(kDay);
  EXPECT_NEAR(daily.raw().count[0], 1.5, 1e-14) << "in seven steps or in one";
  EXPECT_EQ(halved(0), 1);
  EXPECT_EQ(halved(3), 0.125);
  EXPECT_NEAR(halved(0.5), std::sqrt(0.5), 4e-16);
  EXPECT_EQ(halved(std::numeric_limits<double>::infinity()), 0);
  EXPECT_EQ(halved(1e9), 0);
  EXPECT_GT(halved(1000), 0);
  // Mutant: e instead of 2.
  EXPECT_GT(std::abs(std::exp(-1.0) - halved(1)), 0.1);
}

/// Columns after the same ratings of 20 agents in another order, or cut into other calls.
template <class Arrange>
Reputation::Columns rated(Arrange&& arrange, std::size_t calls) {
  RandomSequence draws(Random(4, Stream::experiment), 0, 0);
  std::vector<std::pair<std::uint32_t, double>> all(999);
  for (auto& [agent, rating] : all) {
    agent = uniform_below(draws.word(), 20);
    rating = draws.uniform();
  }
  arrange(all);
  Agents agents;
  Ratings ratings;
  for (const auto& [agent, rating] : all) agents.push_back(agent), ratings.push_back(rating);
  Reputation reputation({}, 20);
  for (std::size_t c = 0; c < calls; ++c) {
    const std::size_t first = all.size() * c / calls, n = all.size() * (c + 1) / calls - first;
    reputation.rate(Aspect::quality, std::span(agents).subspan(first, n),
                    std::span(ratings).subspan(first, n));
  }
  reputation.end_step(60);
  return reputation.raw();
}

TEST(Reputation, OrderWithinAStepDoesNotMatter) {
  const auto as_is = [](auto&) {};
  const auto reversed = [](auto& all) { std::ranges::reverse(all); };
  const auto sorted = [](auto& all) { std::ranges::sort(all); };
  const Reputation::Columns expected = rated(as_is, 1);
  EXPECT_EQ(rated(reversed, 1).sum, expected.sum);
  EXPECT_EQ(rated(sorted, 7).sum, expected.sum);
  EXPECT_EQ(rated(sorted, 999).count, expected.count);
  // Mutant: each rating fades those before it, so that the last counts most.
  const auto faded = [](Ratings ratings, bool backwards) {
    if (backwards) std::ranges::reverse(ratings);
    double sum = 0;
    for (const double r : ratings) sum = 0.99 * sum + r;
    return sum;
  };
  EXPECT_NE(faded({1, 0.5, 0}, false), faded({1, 0.5, 0}, true));
}

/// Scores of 2,000 agents that are good with probability `rate`, after `days` of `uses` ratings a day.
std::vector<double> scores_after(double rate, int days, int uses, const ReputationParams& params) {
  constexpr std::size_t kAgents = 2000;
  Reputation reputation(params, kAgents);
  Agents agents(kAgents);
  for (std::size_t i = 0; i < kAgents; ++i) agents[i] = static_cast<std::uint32_t>(i);
  Ratings ratings(kAgents);
  for (int day = 0; day < days; ++day) {
    for (int u = 0; u < uses; ++u) {
      for (std::size_t i = 0; i < kAgents; ++i) {
        const RandomBlock b =
            Random(6, Stream::experiment).block(static_cast<std::uint32_t>(day * uses + u), i);
        ratings[i] = uniform_open(b[0]) < rate ? 1 : 0;
      }
      reputation.rate(Aspect::quality, agents, ratings);
    }
    reputation.end_step(kDay);
  }
  std::vector<double> scores(kAgents);
  reputation.scores(scores);
  return scores;
}

struct Moments {
  double mean, variance;
};

Moments moments_of(const std::vector<double>& x) {
  Moments m{0, 0};
  for (const double v : x) m.mean += v / double(x.size());
  for (const double v : x) m.variance += (v - m.mean) * (v - m.mean) / double(x.size() - 1);
  return m;
}

TEST(Reputation, ConvergesToTheTrueRateAsFarAsItRemembers) {
  // u ratings a day that are 1 with probability r, days m, kept λ a day: count n = u·(1 − λᵐ)/(1 − λ). The
  // score's mean is (k/2 + r·n)/(k + n), its variance r(1 − r)·u·(1 − λ²ᵐ)/(1 − λ²)/(k + n)². The mean of
  // 2,000 scores has a standard error of √(variance/2000), their variance a relative one of √(2/1999).
  ReputationParams params;
  params.punctuality_weight = params.collaboration_weight = 0;
  const double rate = 0.9, uses = 20;
  for (const int days : {1, 10, 60}) {
    const double kept = std::exp2(-1.0 / 7);
    const double n = uses * (1 - std::pow(kept, days)) / (1 - kept);
    const double mean = (5 + rate * n) / (10 + n);
    const double variance =
        rate * (1 - rate) * uses * (1 - std::pow(kept, 2 * days)) / (1 - kept * kept) / ((10 + n) * (10 + n));
    const Moments found = moments_of(scores_after(rate, days, int(uses), params));
    EXPECT_NEAR(found.mean, mean, kStandardErrors * std::sqrt(variance / 2000)) << days;
    EXPECT_NEAR(found.variance, variance, kStandardErrors * variance * std::sqrt(2.0 / 1999)) << days;
    // Mutants: no prior, and nothing forgotten.
    EXPECT_GT(std::abs(found.mean - rate), kStandardErrors * std::sqrt(variance / 2000)) << days;
    const double all = uses * days;
    const double unforgotten = (5 + rate * all) / (10 + all);
    if (days > 1) {
      EXPECT_GT(std::abs(found.mean - unforgotten), kStandardErrors * std::sqrt(variance / 2000)) << days;
    }
  }
  // In the end n = 20/(1 − 2^(−1/7)) = 212: the prior still takes 10/222 of the way to 0.5, 0.018, and no
  // more.
  EXPECT_NEAR(moments_of(scores_after(rate, 60, int(uses), params)).mean, rate, 0.02);
}

TEST(Reputation, WeightsDecideWhatCounts) {
  ReputationParams params;
  params.quality_weight = params.punctuality_weight = 0;
  Reputation only_teams(params, 1);
  params.collaboration_weight = 0;
  Reputation nothing(params, 1);
  for (Reputation* r : {&only_teams, &nothing}) {
    r->rate(Aspect::quality, Agents{0}, Ratings{0});
    r->rate(Aspect::collaboration, Agents{0}, Ratings{1});
    r->end_step(60);
  }
  EXPECT_NEAR(only_teams.score(0), 6.0 / 11, 1e-15);
  EXPECT_EQ(nothing.score(0), 0.5);
  EXPECT_EQ(nothing.bonus_weight(0), 0);
}

TEST(Reputation, StaysBetweenNoneAndAll) {
  ReputationParams params;
  params.prior_uses = 1e-6;
  Reputation reputation(params, 2);
  for (int step = 0; step < 1000; ++step) {
    reputation.rate(Aspect::quality, Agents{0, 1}, Ratings{1, 0});
    reputation.rate(Aspect::punctuality, Agents{0, 1}, Ratings{1, 0});
    reputation.rate(Aspect::collaboration, Agents{0, 1}, Ratings{1, 0});
    reputation.end_step(3600);
    ASSERT_LE(reputation.score(0), 1);
    ASSERT_GE(reputation.score(1), 0);
  }
  EXPECT_GT(reputation.score(0), 0.999999);
  EXPECT_LT(reputation.score(1), 0.000001);
}

TEST(Reputation, RatingsOutsideTheScaleAreRefusedAsAWhole) {
  Reputation reputation({}, 2);
  for (const double bad : {-0.001, 1.001, std::nan("")})
    EXPECT_THROW(reputation.rate(Aspect::quality, Agents{0, 1}, Ratings{1, bad}), ModelError) << bad;
  reputation.end_step(60);
  EXPECT_EQ(reputation.raw().count[0], 0);
}

TEST(Reputation, BonusPoolIsDividedExactly) {
  Reputation reputation({}, 4);
  reputation.rate(Aspect::quality, Agents{1, 2, 3}, Ratings{0.75, 0.2, 1});
  reputation.end_step(60);
  std::vector<double> weights(4);
  reputation.bonus_weights(weights);
  // Excesses 0, 0.25, below 0, 0.5: thirds of the pool.
  std::vector<std::int64_t> shares(4);
  EXPECT_EQ(apportion({1000}, weights, shares).value, 1000);
  EXPECT_EQ(shares, (std::vector<std::int64_t>{0, 333, 0, 667}));
  // Mutant: by score instead of score above neutral, which pays newcomers.
  reputation.scores(weights);
  apportion({1000}, weights, shares);
  EXPECT_GT(shares[0], 0);
}

TEST(Reputation, StateIsItsColumns) {
  Reputation a({}, 3);
  a.rate(Aspect::punctuality, Agents{0, 2}, Ratings{0.3, 0.9});
  a.end_step(60);
  a.rate(Aspect::quality, Agents{1}, Ratings{0.1});
  Reputation b({}, 3);
  b.raw() = a.raw();
  for (Reputation* r : {&a, &b}) r->end_step(kDay);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(a.score(i), b.score(i));
  EXPECT_NE(a.score(1), 0.5);
  const double before = a.score(1);
  Reputation goes_on({}, a.release());
  EXPECT_EQ(goes_on.agents(), 3u);
  EXPECT_EQ(goes_on.score(1), before);
}

}  // namespace
}  // namespace swarm::economy
