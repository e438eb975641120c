#include <algorithm>
#include <map>
#include <set>

#include "tests/unit/engine/small_world.hpp"

namespace swarm::engine {
namespace {

using world::Order;

TEST(Quote, NobodyIsAskedTwiceAndNoMoreThanCandidates) {
  for (const int candidates : {1, 2, 3, 7, 8}) {
    const auto plan = small_plan(kThreeRegions, {"market.candidates=" + std::to_string(candidates)});
    const auto worlds = world::make_worlds(plan, 1);
    up_to_quote(worlds);
    const auto orders = orders_of(worlds);
    ASSERT_GT(orders.size(), 500u);
    for (const Order& order : orders) {
      EXPECT_LE(order.lines, candidates);
      std::set<std::pair<std::uint32_t, std::uint32_t>> asked;
      for (int j = 0; j < order.lines; ++j) {
        const auto& line = order.line[static_cast<std::size_t>(j)];
        EXPECT_TRUE(asked.insert({line.site, line.agent}).second) << "twice the same specialist";
        // Of the right type, and at the site that the order names.
        const auto& r = worlds[0]->regions[plan->sites[line.site].region.value];
        EXPECT_EQ(r.agents.type[line.agent], order.type);
        EXPECT_EQ(r.agents.site[line.agent], line.site);
      }
    }
  }
}

TEST(Quote, HalfOfTheCandidatesAreAtHome) {
  const auto plan = small_plan(kThreeRegions, {"workload.deadline='1d'", "workload.urgent_share=0"});
  const auto worlds = world::make_worlds(plan, 1);
  up_to_quote(worlds);
  for (const Order& order : orders_of(worlds)) {
    ASSERT_EQ(order.lines, 8);
    int home = 0;
    for (const auto& line : order.line) home += plan->sites[line.site].region.value == order.asker;
    EXPECT_EQ(home, 4);
  }
}

TEST(Quote, OneRegionTakesAllCandidatesAtHome) {
  const auto plan = small_plan(R"(
regions = ["DE"]
[run]
warmup = 0
duration = "1h"
[workload]
requests_per_hour = 12000
multiplicity = 1
)");
  const auto worlds = world::make_worlds(plan, 1);
  up_to_quote(worlds);
  int full = 0;
  for (const Order& order : orders_of(worlds)) full += order.lines == 8;
  EXPECT_GT(full, 100);
}

TEST(Quote, EverySpecialistGetsItsTurnWithTheSameChance) {
  // 25 language specialists of which a region lists 10 per step: each in 2 of 5 steps.
  const auto plan = small_plan(R"(
regions = ["DE"]
[run]
warmup = 0
duration = "100h"
step = "3min"
[workload]
requests_per_hour = 1e-9
multiplicity = 1
vision = 0
language = 1
reasoning = 0
memory = 0
[market]
offers = 10
[population]
agents = 25
vision = 0
language = 1
reasoning = 0
memory = 0
)");
  const auto worlds = world::make_worlds(plan, 1);
  auto& w = *worlds[0];
  std::vector<double> listed(25, 0);
  constexpr int kSteps = 2000;
  for (w.step = 0; w.step < kSteps; ++w.step) {
    sense(w);
    const auto& offers = w.regions[0].scratch.offers[1];
    ASSERT_EQ(offers.size(), 10u);
    std::set<std::uint32_t> distinct;
    for (const auto& o : offers) {
      EXPECT_TRUE(distinct.insert(o.agent).second) << "listed twice in step " << w.step;
      ++listed[o.agent];
    }
  }
  const double p = 0.4, error = std::sqrt(p * (1 - p) / kSteps);
  for (const double n : listed) EXPECT_NEAR(n / kSteps, p, 4 * error);
}

TEST(Quote, TheDearestLineIsInEscrow) {
  const auto plan = small_plan(kThreeRegions);
  const auto worlds = world::make_worlds(plan, 1);
  up_to_quote(worlds);
  std::map<std::uint16_t, std::int64_t> reserved;
  for (const Order& order : orders_of(worlds)) {
    std::int64_t dearest = 0;
    for (int j = 0; j < order.lines; ++j)
      dearest = std::max(dearest, order.line[static_cast<std::size_t>(j)].price);
    EXPECT_EQ(order.reserved, dearest);
    EXPECT_GT(dearest, 0);
    reserved[order.asker] += order.reserved;
  }
  for (const auto& r : worlds[0]->regions) {
    EXPECT_EQ(r.ledger.balance(world::kEscrowAccount).value, reserved[r.id.value]);
    EXPECT_EQ(r.ledger.balance(world::kUsersAccount).value,
              plan->regions[r.id.value].daily_budget.value - reserved[r.id.value]);
  }
}

/// Refusals of the first steps of a run, by reason.
struct Refused {
  std::uint64_t arrived = 0, served = 0, budget = 0, capacity = 0, deadline = 0;
};
Refused run(const std::vector<std::string>& overrides) {
  Simulation sim(small_plan(kThreeRegions, overrides));
  Refused n;
  while (!sim.done()) {
    sim.step();
    sim.each_region([&](const world::RegionState& r) {
      n.arrived += r.step.requests_arrived;
      n.served += r.step.requests_served;
      n.budget += r.step.rejected_budget;
      n.capacity += r.step.rejected_capacity;
      n.deadline += r.step.rejected_deadline;
    });
  }
  return n;
}

TEST(Quote, WithoutMoneyEverythingIsRefusedForTheBudget) {
  const Refused n = run({"demand.budget_share=1e-15"});
  EXPECT_GT(n.arrived, 10000u);
  EXPECT_EQ(n.budget, n.arrived);
  EXPECT_EQ(n.served, 0u);
}

TEST(Quote, ALittleMoneyServesSome) {
  const Refused n = run({"demand.budget_share=1e-7"});
  EXPECT_GT(n.budget, 0u);
  EXPECT_GT(n.served, 0u);
}

TEST(Quote, ADeadlineBelowTheNetworkRefusesEverything) {
  // Within a region a round trip takes 5 ms, so nobody answers within 4.
  const Refused n = run({"workload.deadline='4ms'", "workload.urgent_deadline='4ms'"});
  EXPECT_EQ(n.deadline, n.arrived);
  EXPECT_EQ(n.budget + n.capacity + n.served, 0u);
  EXPECT_LT(run({}).deadline, 10u) << "with the usual deadlines hardly anybody is";
}

}  // namespace
}  // namespace swarm::engine
