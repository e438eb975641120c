#include "sim/dispatch/min_cost_flow.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "sim/core/rng.hpp"

namespace swarm::dispatch {
namespace {

struct Problem {
  std::vector<std::int64_t> cost, supply, capacity;
  std::int64_t& arc(std::size_t i, std::size_t j) { return cost[i * capacity.size() + j]; }
};

/// Costs from few values where `ties`, so that many flows are as good as each other; a part of the arcs is forbidden.
Problem problem(std::uint64_t number, std::size_t sources, std::size_t sinks, std::uint32_t amounts, std::uint32_t costs) {
  const Random random(number, Stream::experiment);
  std::uint64_t next = 0;
  const auto below = [&](std::uint32_t n) { return std::int64_t{uniform_below(random.block(0, next++)[0], n)}; };
  Problem p;
  for (std::size_t i = 0; i < sources; ++i) p.supply.push_back(below(amounts + 1));
  for (std::size_t j = 0; j < sinks; ++j) p.capacity.push_back(below(amounts + 1));
  for (std::size_t k = 0; k < sources * sinks; ++k) p.cost.push_back(below(5) == 0 ? kForbidden : below(costs));
  return p;
}

struct Total {
  std::int64_t placed = 0, cost = 0;
  /// More placed is better, then cheaper.
  bool operator<(const Total& o) const { return placed != o.placed ? placed > o.placed : cost < o.cost; }
  bool operator==(const Total&) const = default;
};

Total total(const Problem& p, const Flow& f) {
  Total t;
  for (std::size_t k = 0; k < p.cost.size(); ++k) {
    t.placed += f.amount[k];
    t.cost += f.amount[k] * std::max<std::int64_t>(p.cost[k], 0);
  }
  return t;
}

/// Tries all flows, unit by unit.
Total brute_force(const Problem& p) {
  std::vector<std::size_t> unit;
  for (std::size_t i = 0; i < p.supply.size(); ++i) unit.insert(unit.end(), static_cast<std::size_t>(p.supply[i]), i);
  Total best;
  std::vector<std::int64_t> left = p.capacity;
  const std::function<void(std::size_t, Total)> place = [&](std::size_t k, Total so_far) {
    if (k == unit.size()) {
      best = std::min(best, so_far);
      return;
    }
    place(k + 1, so_far);
    for (std::size_t j = 0; j < left.size(); ++j) {
      const std::int64_t c = p.cost[unit[k] * left.size() + j];
      if (left[j] == 0 || c == kForbidden) continue;
      --left[j];
      place(k + 1, {so_far.placed + 1, so_far.cost + c});
      ++left[j];
    }
  };
  place(0, {});
  return best;
}

/// Amounts are feasible, and prices prove that nothing is cheaper (complementary slackness).
void expect_optimal(const Problem& p, const Flow& f) {
  const std::size_t sinks = p.capacity.size();
  std::vector<std::int64_t> taken(sinks, 0);
  for (std::size_t i = 0; i < p.supply.size(); ++i) {
    std::int64_t sent = f.unplaced[i];
    EXPECT_GE(f.unplaced[i], 0);
    EXPECT_LE(f.source_price[i], f.penalty);
    if (f.unplaced[i] > 0) {
      EXPECT_EQ(f.source_price[i], f.penalty);
    }
    for (std::size_t j = 0; j < sinks; ++j) {
      const std::int64_t x = f.amount[i * sinks + j], c = p.cost[i * sinks + j];
      EXPECT_GE(x, 0);
      sent += x;
      taken[j] += x;
      if (c == kForbidden) {
        EXPECT_EQ(x, 0);
        continue;
      }
      EXPECT_GE(c, f.source_price[i] + f.sink_price[j]);
      if (x > 0) {
        EXPECT_EQ(c, f.source_price[i] + f.sink_price[j]);
      }
    }
    EXPECT_EQ(sent, p.supply[i]);
  }
  for (std::size_t j = 0; j < sinks; ++j) {
    EXPECT_LE(taken[j], p.capacity[j]);
    EXPECT_LE(f.sink_price[j], 0);
    if (taken[j] < p.capacity[j]) {
      EXPECT_EQ(f.sink_price[j], 0);
    }
  }
}

TEST(MinCostFlow, ByHand) {
  // Two regions ask 4 and 3; the cheap site takes 5. A pays 1 there and 5 elsewhere, B 2 and 3: B, whose way out costs
  // one more and not four, goes elsewhere with 2 of its 3. 4·1 + 1·2 + 2·3 = 12.
  const Problem p{{1, 5, 2, 3}, {4, 3}, {5, 9}};
  const Flow f = min_cost_flow(p.cost, p.supply, p.capacity);
  EXPECT_EQ(f.amount, (std::vector<std::int64_t>{4, 0, 1, 2}));
  EXPECT_EQ(f.unplaced, (std::vector<std::int64_t>{0, 0}));
  EXPECT_EQ(total(p, f), (Total{7, 12}));
  EXPECT_EQ(f.sink_price, (std::vector<std::int64_t>{-1, 0})) << "one place more at the cheap site would save 1";
  expect_optimal(p, f);
}

TEST(MinCostFlow, WhatFindsNoPlaceIsUnplaced) {
  // Capacity for 5 of 7: all of it is used although one arc of it is dear.
  const Problem p{{1, kForbidden, 2, 1'000'000}, {4, 3}, {3, 2}};
  const Flow f = min_cost_flow(p.cost, p.supply, p.capacity);
  EXPECT_EQ(f.amount, (std::vector<std::int64_t>{3, 0, 0, 2}));
  EXPECT_EQ(f.unplaced, (std::vector<std::int64_t>{1, 1}));
  expect_optimal(p, f);
}

TEST(MinCostFlow, NothingToDo) {
  EXPECT_TRUE(min_cost_flow({}, {}, {}).amount.empty());
  const Flow nowhere = min_cost_flow({}, std::vector<std::int64_t>{3, 0}, {});
  EXPECT_EQ(nowhere.unplaced, (std::vector<std::int64_t>{3, 0}));
  const Problem barred{{kForbidden, kForbidden}, {2}, {5, 5}};
  EXPECT_EQ(min_cost_flow(barred.cost, barred.supply, barred.capacity).unplaced, (std::vector<std::int64_t>{2}));
  const Problem idle{{1, 2}, {0}, {5, 5}};
  expect_optimal(idle, min_cost_flow(idle.cost, idle.supply, idle.capacity));
}

TEST(MinCostFlow, SmallOnesAgreeWithBruteForce) {
  int scarce = 0;
  for (std::uint64_t k = 0; k < 600; ++k) {
    const Problem p = problem(k, 1 + k % 3, 1 + k / 3 % 3, 3, k % 2 == 0 ? 3 : 100);
    const Flow f = min_cost_flow(p.cost, p.supply, p.capacity);
    expect_optimal(p, f);
    const Total best = brute_force(p);
    EXPECT_EQ(total(p, f), best) << "problem " << k;
    scarce += std::ranges::any_of(f.unplaced, [](auto x) { return x > 0; });
  }
  EXPECT_GT(scarce, 100);
  EXPECT_LT(scarce, 500);
}

TEST(MinCostFlow, LargeOnesProveTheyAreOptimal) {
  for (std::uint64_t k = 0; k < 12; ++k) {
    const Problem p = problem(1000 + k, 40, 100, k % 3 == 0 ? 3 : 5000, k % 2 == 0 ? 8 : 100'000'000);
    const Flow f = min_cost_flow(p.cost, p.supply, p.capacity);
    expect_optimal(p, f);
    EXPECT_EQ(min_cost_flow(p.cost, p.supply, p.capacity).amount, f.amount) << "the same for the same input";
  }
}

TEST(MinCostFlow, LargestFigures) {
  const Problem p{{kDearestArc, 0, 0, kDearestArc}, {kLargestAmount, kLargestAmount}, {kLargestAmount, kLargestAmount - 1}};
  const Flow f = min_cost_flow(p.cost, p.supply, p.capacity);
  EXPECT_EQ(f.unplaced[0] + f.unplaced[1], 1);
  expect_optimal(p, f);
}

TEST(MinCostFlow, WrongFlowsAreFound) {
  // The seams of the two checks above: a unit moved to a dearer sink, and a unit left out.
  const Problem p{{1, 5, 2, 3}, {4, 3}, {5, 9}};
  Flow dearer = min_cost_flow(p.cost, p.supply, p.capacity);
  dearer.amount = {3, 1, 2, 1};
  EXPECT_LT(brute_force(p), total(p, dearer));
  EXPECT_NE(p.cost[1], dearer.source_price[0] + dearer.sink_price[1]) << "the arc it took is not tight";
  Flow fewer = min_cost_flow(p.cost, p.supply, p.capacity);
  fewer.amount[3] = 1;
  EXPECT_LT(brute_force(p), total(p, fewer));
}

}  // namespace
}  // namespace swarm::dispatch
