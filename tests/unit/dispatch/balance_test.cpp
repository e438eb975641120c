#include "sim/dispatch/balance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "sim/core/rng.hpp"

namespace swarm::dispatch {
namespace {

using enum BalancePolicy;
constexpr BalancePolicy kPolicies[] = {weighted,            random,     round_robin,   nearest,
                                       join_shortest_queue, power_of_d, greedy_carbon, min_total_energy};

std::vector<int> ranked(const BalanceParams& p, const std::vector<Candidate>& c, Turn turn = {}) {
  std::array<std::uint8_t, kMaxCandidates> order;
  rank(p, c, turn, order);
  return {order.begin(), order.begin() + static_cast<std::ptrdiff_t>(c.size())};
}
BalanceParams policy(BalancePolicy p) {
  return {.policy = p};
}
using Ranks = std::vector<int>;

/// Three candidates: dear and near, cheap and far, in between.
const std::vector<Candidate> kThree{{.price_usd = 4,
                                     .delay_s = 1,
                                     .wait_s = 3,
                                     .round_trip_s = 0.01f,
                                     .energy_kwh = 2,
                                     .site = 7,
                                     .foreign = false},
                                    {.price_usd = 1,
                                     .delay_s = 5,
                                     .wait_s = 1,
                                     .round_trip_s = 0.20f,
                                     .energy_kwh = 1,
                                     .site = 2,
                                     .foreign = true},
                                    {.price_usd = 1,
                                     .delay_s = 3,
                                     .wait_s = 2,
                                     .round_trip_s = 0.10f,
                                     .energy_kwh = 6,
                                     .site = 5,
                                     .foreign = true}};

TEST(Balance, WeightedWorkedByHand) {
  // Mean price 2, mean energy 3, deadline 10 s. Terms price/2, energy/3, delay/10, foreign:
  //   A 2, 0.667, 0.1, 0    B 0.5, 0.333, 0.5, 1    C 0.5, 2, 0.3, 1
  BalanceParams p{
      .policy = weighted, .weight_price = 1, .weight_latency = 0, .weight_energy = 0, .weight_locality = 0};
  const Turn turn{.deadline_s = 10};
  EXPECT_EQ(ranked(p, kThree, turn), (Ranks{1, 2, 0})) << "B and C cost the same: the earlier first";
  p.weight_energy = 0.5;  // A 2.333, B 0.667, C 1.5
  EXPECT_EQ(ranked(p, kThree, turn), (Ranks{1, 2, 0}));
  p.weight_locality = 1;  // A 2.333, B 1.667, C 2.5
  EXPECT_EQ(ranked(p, kThree, turn), (Ranks{1, 0, 2}));
  p.weight_latency = 4;  // A 2.733, B 3.667, C 3.7
  EXPECT_EQ(ranked(p, kThree, turn), (Ranks{0, 1, 2}));
  p = {.policy = weighted, .weight_price = 0, .weight_latency = 1, .weight_energy = 0, .weight_locality = 0};
  EXPECT_EQ(ranked(p, kThree, turn), (Ranks{0, 2, 1})) << "latency alone";
}

TEST(Balance, IllReputeIsAddedToTheWeightedScoreAndToNothingElse) {
  const BalanceParams price_alone{
      .policy = weighted, .weight_price = 1, .weight_latency = 0, .weight_energy = 0, .weight_locality = 0};
  auto known = kThree;  // price terms 2, 0.5, 0.5
  known[1].ill_repute = 1.4f;
  EXPECT_EQ(ranked(price_alone, known), (Ranks{2, 1, 0}));
  known[1].ill_repute = 1.6f;
  EXPECT_EQ(ranked(price_alone, known), (Ranks{2, 0, 1}));
  known[0].ill_repute = -1.6f;
  EXPECT_EQ(ranked(price_alone, known), (Ranks{0, 2, 1})) << "a good name is worth something";
  for (const BalancePolicy p : {random, round_robin, nearest, join_shortest_queue, power_of_d})
    EXPECT_EQ(ranked(policy(p), known), ranked(policy(p), kThree));
}

TEST(Balance, WeightedDoesNotMindFreeEnergyAndPrices) {
  std::vector<Candidate> free = kThree;
  for (auto& c : free) c.price_usd = c.energy_kwh = 0;
  EXPECT_EQ(ranked({.policy = weighted, .weight_latency = 0, .weight_locality = 0}, free, {.deadline_s = 10}),
            (Ranks{0, 1, 2}));
}

TEST(Balance, NearestThenShortestWait) {
  EXPECT_EQ(ranked(policy(nearest), kThree), (Ranks{0, 2, 1}));
  auto tied = kThree;
  for (auto& c : tied) c.round_trip_s = 0.1f;
  EXPECT_EQ(ranked(policy(nearest), tied), (Ranks{1, 2, 0})) << "by wait among equals";
}

TEST(Balance, ShortestWaitThenNearest) {
  EXPECT_EQ(ranked(policy(join_shortest_queue), kThree), (Ranks{1, 2, 0}));
  auto tied = kThree;
  for (auto& c : tied) c.wait_s = 0;
  EXPECT_EQ(ranked(policy(join_shortest_queue), tied), (Ranks{0, 2, 1})) << "by distance among equals";
}

TEST(Balance, RoundRobinGoesBySites) {
  // Sites in order 2, 5, 7 are candidates 1, 2, 0.
  EXPECT_EQ(ranked(policy(round_robin), kThree, {.turn = 0}), (Ranks{1, 2, 0}));
  EXPECT_EQ(ranked(policy(round_robin), kThree, {.turn = 1}), (Ranks{2, 0, 1}));
  EXPECT_EQ(ranked(policy(round_robin), kThree, {.turn = 2}), (Ranks{0, 1, 2}));
  EXPECT_EQ(ranked(policy(round_robin), kThree, {.turn = 3}),
            ranked(policy(round_robin), kThree, {.turn = 0}));
  // Two candidates of one site stay together, the earlier first.
  auto twins = kThree;
  twins[2].site = 7;
  EXPECT_EQ(ranked(policy(round_robin), twins, {.turn = 0}), (Ranks{1, 0, 2}));
  EXPECT_EQ(ranked(policy(round_robin), twins, {.turn = 1}), (Ranks{0, 2, 1}));
}

std::vector<Candidate> idle(std::size_t n) {
  return std::vector<Candidate>(n);
}

TEST(Balance, TiesGoToTheEarlier) {
  for (const auto p : {weighted, round_robin, nearest, join_shortest_queue})
    EXPECT_EQ(ranked(policy(p), idle(8)), (Ranks{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST(Balance, EveryRankingIsAPermutation) {
  const Random source(3, Stream::experiment);
  for (std::uint64_t k = 0; k < 2000; ++k) {
    std::vector<Candidate> c(k % 9);
    for (std::size_t i = 0; i < c.size(); ++i) {
      const RandomBlock b = source.block(0, k, static_cast<std::uint32_t>(i));
      const auto coarse = [](std::uint32_t word) { return static_cast<float>(word % 4); };  // many ties
      c[i] = {coarse(b[0]),      coarse(b[1]), coarse(b[2]),     coarse(b[3]),
              coarse(b[0] >> 8), coarse(b[1] >> 8), b[1] >> 30, (b[2] >> 31) != 0};
    }
    const Turn turn{
        .deadline_s = 1, .random_order = source.block(1, k)[0], .turn = static_cast<std::uint32_t>(k)};
    Ranks all(c.size());
    std::iota(all.begin(), all.end(), 0);
    for (const auto p : kPolicies)
      for (const std::int64_t d : {1, 2, 8}) {
        auto order = ranked({.policy = p, .d = d}, c, turn);
        std::sort(order.begin(), order.end());
        ASSERT_EQ(order, all) << enum_name(p);
      }
  }
}

/// χ² of counts against equal shares.
double chi_square(const std::vector<double>& counts) {
  const double n = std::accumulate(counts.begin(), counts.end(), 0.0),
               expected = n / static_cast<double>(counts.size());
  double sum = 0;
  for (const double c : counts) sum += (c - expected) * (c - expected) / expected;
  return sum;
}

constexpr std::uint64_t kDraws = 80'000;
// 0.1 % points of χ² with 7 and with 55 degrees of freedom.
constexpr double kChi7 = 24.3, kChi55 = 93.2;

/// How often each candidate takes each of the first two places, over keyed words; `twice` shuffles the
/// shuffled by the same word, as ranking an order that is already ranked would.
struct Places {
  std::vector<double> first = std::vector<double>(8, 0), pair = std::vector<double>(56, 0);
};
Places places(bool twice) {
  const Random source(4, Stream::experiment);
  Places counts;
  for (std::uint64_t k = 0; k < kDraws; ++k) {
    const Turn turn{.random_order = source.block(0, k)[0]};
    Ranks order = ranked(policy(random), idle(8), turn);
    if (twice) {
      Ranks again(8);
      for (std::size_t i = 0; i < 8; ++i) again[i] = order[static_cast<std::size_t>(order[i])];
      order = again;
    }
    const auto a = static_cast<std::size_t>(order[0]), b = static_cast<std::size_t>(order[1]);
    ++counts.first[a];
    ++counts.pair[a * 7 + (b > a ? b - 1 : b)];
  }
  return counts;
}

TEST(Balance, RandomIsUniform) {
  const Places p = places(false);
  EXPECT_LT(chi_square(p.first), kChi7);
  EXPECT_LT(chi_square(p.pair), kChi55);
}

TEST(Balance, AShuffleOfItselfIsNotUniform) {
  // P(σ²(0) = 0) = 1/8 (fixed) + 1/8 (in a cycle of two) = 1/4.
  const Places p = places(true);
  EXPECT_NEAR(p.first[0] / kDraws, 0.25, 4 * std::sqrt(0.25 * 0.75 / kDraws));
  EXPECT_GT(chi_square(p.first), kChi7);
  EXPECT_GT(chi_square(p.pair), kChi55);
}

TEST(Balance, ShorterRandomOrdersAreUniformToo) {
  const Random source(5, Stream::experiment);
  for (const std::size_t n : {2u, 3u, 5u}) {
    std::vector<double> first(n, 0);
    for (std::uint64_t k = 0; k < kDraws; ++k)
      ++first[static_cast<std::size_t>(
          ranked(policy(random), idle(n), {.random_order = source.block(0, k)[0]})[0])];
    EXPECT_LT(chi_square(first), 20) << n;  // beyond the 0.1 % point for 4 degrees and fewer, 18.5
  }
}

TEST(Balance, PowerOfDTakesTheShortestWaitOfTheFirstDOfARandomOrder) {
  const Random source(6, Stream::experiment);
  for (std::uint64_t k = 0; k < 500; ++k) {
    std::vector<Candidate> c(8);
    for (std::size_t i = 0; i < 8; ++i)
      c[i].wait_s = static_cast<float>(source.block(1, k, static_cast<std::uint32_t>(i))[0] % 5);
    const Turn turn{.random_order = source.block(0, k)[0]};
    const Ranks shuffled = ranked(policy(random), c, turn);
    for (const std::int64_t d : {1, 2, 3, 8}) {
      Ranks expected = shuffled;
      const auto best = std::min_element(expected.begin(), expected.begin() + d, [&](int a, int b) {
        return c[static_cast<std::size_t>(a)].wait_s < c[static_cast<std::size_t>(b)].wait_s;
      });
      std::rotate(expected.begin(), best, best + 1);
      EXPECT_EQ(ranked({.policy = power_of_d, .d = d}, c, turn), expected) << "d = " << d;
    }
  }
}

TEST(Balance, TheWorstOfEightIsNeverFirstWithTwoChoices) {
  std::vector<Candidate> c(8);
  for (std::size_t i = 0; i < 8; ++i) c[i].wait_s = static_cast<float>(i);
  const Random source(7, Stream::experiment);
  std::vector<double> first(8, 0);
  for (std::uint64_t k = 0; k < kDraws; ++k)
    ++first[static_cast<std::size_t>(
        ranked({.policy = power_of_d, .d = 2}, c, {.random_order = source.block(0, k)[0]})[0])];
  // The better of two different candidates has rank i in (7 − i) of 28 pairs.
  for (std::size_t i = 0; i < 8; ++i) {
    const double p = static_cast<double>(7 - i) / 28;
    EXPECT_NEAR(first[i] / kDraws, p, 4 * std::sqrt(p * (1 - p) / kDraws)) << i;
  }
}

TEST(Balance, FewestGramsThenTheQuicker) {
  // 2 kWh at 300 g/kWh, 1 kWh at 600, 3 kWh at 100 and as much at 200: 600, 600, 300 and 600 g. Of those with 600 g the
  // second is the quickest.
  std::vector<Candidate> c(4);
  const float kwh[] = {2, 1, 3, 3}, intensity[] = {300, 600, 100, 200}, delay[] = {3, 1, 9, 2};
  for (std::size_t i = 0; i < 4; ++i) {
    c[i].carbon_g = kwh[i] * intensity[i];
    c[i].delay_s = delay[i];
  }
  EXPECT_EQ(ranked(policy(greedy_carbon), c), (Ranks{2, 1, 3, 0}));
  c[3].delay_s = 1;
  EXPECT_EQ(ranked(policy(greedy_carbon), c), (Ranks{2, 1, 3, 0})) << "equal in both: the earlier first";
  for (auto& k : c) k.carbon_g = 0;
  EXPECT_EQ(ranked(policy(greedy_carbon), c), (Ranks{1, 3, 0, 2})) << "a grid without carbon leaves the delay";
}

TEST(Balance, WhereMigrationSendsItThenLeastEnergy) {
  std::vector<Candidate> c(4);
  const float joules[] = {5, 2, 9, 3};
  for (std::size_t i = 0; i < 4; ++i) c[i].total_j = joules[i];
  EXPECT_EQ(ranked(policy(min_total_energy), c), (Ranks{1, 3, 0, 2}));
  c[2].chosen = c[0].chosen = true;
  EXPECT_EQ(ranked(policy(min_total_energy), c), (Ranks{0, 2, 1, 3})) << "two specialists of the chosen site";
  c[0].chosen = false;
  EXPECT_EQ(ranked(policy(min_total_energy), c), (Ranks{2, 1, 3, 0}));
}

TEST(Balance, TotalEnergyByHand) {
  // 2.5 J of grid energy, 6,000 bytes at 2e-5 J, 0.4 s at 3 J/s: 2.5 + 0.12 + 1.2.
  EXPECT_DOUBLE_EQ(total_joules({.delay_joules_per_s = 3}, 2.5, 6000 * 2e-5, 0.4), 3.82);
}

TEST(Balance, TheSignalSaysWhatAQueueIs) {
  // One long job, or four short ones.
  std::vector<Candidate> c(2);
  c[0].wait_s = 8, c[0].requests = 1;
  c[1].wait_s = 4, c[1].requests = 4;
  for (const auto p : {join_shortest_queue, power_of_d}) {
    EXPECT_EQ(ranked({.policy = p, .signal = QueueSignal::work, .d = 2}, c), (Ranks{1, 0}));
    EXPECT_EQ(ranked({.policy = p, .signal = QueueSignal::requests, .d = 2}, c), (Ranks{0, 1}));
  }
}

TEST(Balance, NobodyAndOne) {
  for (const auto p : kPolicies) {
    EXPECT_EQ(ranked(policy(p), {}), Ranks{});
    EXPECT_EQ(ranked(policy(p), idle(1), {.random_order = 0xFFFFFFFFu, .turn = 5}), Ranks{0});
  }
}

}  // namespace
}  // namespace swarm::dispatch
