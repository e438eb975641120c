#include <array>

#include "tests/unit/engine/shop.hpp"

/// Admission by priority (docs/models/dispatch.md): a request may wait a part of the time to its deadline.
namespace swarm::engine {
namespace {

using world::Order;
using world::RegionState;

/// One server, one second a service; an answer at home takes 1.005 s.
const std::string kOneServer = R"(
regions = ["DE"]
[run]
warmup = 0
duration = "1h"
[hardware]
service = "exponential"
mean_service = 1
default_servers = 1
[network]
base = "5ms"
[workload]
multiplicity = 1
requests_per_hour = 1
[population]
agents = 4
)";

/// Numbers of the orders admitted: all arrive at once and must be answered within 4 s.
std::vector<std::uint32_t> admitted(const std::vector<float>& priorities, const std::vector<std::string>& overrides) {
  const auto worlds = world::make_worlds(quick_plan(kOneServer, overrides), 1);
  sense(*worlds[0]);
  for (std::uint32_t k = 0; k < priorities.size(); ++k) {
    Order o{.deadline_s = 4, .sequence = k, .tok_in = 100, .tok_out = 100, .priority = priorities[k], .lines = 1};
    o.line[0] = {.agent = 0, .site = 0, .price = 10};
    worlds[0]->orders.from_to(0, 0).push_back(o);
  }
  exchange_orders(worlds);
  trade(*worlds[0]);
  std::vector<std::uint32_t> out;
  for (const Order& o : worlds[0]->regions[0].scratch.admitted) out.push_back(o.sequence);
  return out;
}
using Numbers = std::vector<std::uint32_t>;
const std::vector<std::string> kByPriority{"market.admission=priority"};

TEST(Priority, WaitsAreWhatPriorityAllows) {
  // Full priority is 2. Waits of at most priority/2 · (4 − 1.005) s: 0.150 (0.1), 1.4975 (1), 2.995 (5 counts as 2).
  // The second order of 0.1 would wait 1 s, the second of 1 would wait 2 s, the last 3 s.
  const std::vector<float> priorities{0.1f, 0.1f, 1, 1, 5, 5};
  EXPECT_EQ(admitted(priorities, kByPriority), (Numbers{0, 2, 4}));
  EXPECT_EQ(admitted(priorities, {}), (Numbers{0, 1, 2})) << "by arrival whoever comes first";
}

TEST(Priority, UnderScarcityTheOneWithFiveIsAdmittedAndTheOneWithATenthIsNot) {
  EXPECT_EQ(admitted({5, 0.1f, 5}, kByPriority), (Numbers{0, 2}));
  EXPECT_EQ(admitted({5, 5, 0.1f}, kByPriority), (Numbers{0, 1}));
  EXPECT_EQ(admitted({0.1f}, kByPriority), (Numbers{0})) << "nothing is scarce";
  EXPECT_EQ(admitted({0}, kByPriority), (Numbers{0})) << "not even for those without any";
  EXPECT_EQ(admitted({5, 0}, kByPriority), (Numbers{0}));
}

TEST(Priority, RenewablesRaiseIt) {
  // 1 · (1 + 0.5 · 1) = 1.5: may wait 2.246 s, so the third, which would wait 2, is admitted too.
  const std::string key = "site." + quick_plan(kOneServer)->sites[0].name + ".contracted_renewable=1";
  EXPECT_EQ(admitted({1, 1, 1}, kByPriority), (Numbers{0, 1}));
  EXPECT_EQ(admitted({1, 1, 1}, {kByPriority[0], key}), (Numbers{0, 1, 2}));
}

TEST(Priority, OrdersCarryPurposeTimesGeography) {
  // BD is in the Global South: twice its purpose's priority. DE is not, nor vulnerable.
  for (const auto& [region, factor] : {std::pair{"BD", 2.0}, std::pair{"DE", 1.0}}) {
    const auto q = quoted(shop(region), {"demand.willingness=unlimited"});
    const std::array<double, 9> purpose{5, 4, 3.5, 3, 2.5, 2, 1, 0.2, 0.1};
    for (std::size_t k = 0; k < q.requests().size(); ++k)
      ASSERT_EQ(q.order(k).priority, static_cast<float>(factor * purpose[static_cast<std::size_t>(q.requests().purpose[k])]));
  }
}

/// A crowded hour in three regions.
struct Hour {
  std::array<double, workload::kPurposes> arrived{}, refused{};
  std::vector<std::vector<std::int64_t>> balances;
  std::vector<std::uint64_t> served;
  double refused_share(std::size_t purpose) const { return refused[purpose] / arrived[purpose]; }
};
Hour hour(std::vector<std::string> overrides) {
  for (const char* o : {"workload.multiplicity=0", "workload.load=1.6", "demand.budget_share=1", "workload.deadline='2min'"})
    overrides.push_back(o);
  Simulation sim(quick_plan(kThreeRegions, overrides));
  Hour h;
  while (!sim.done()) {
    sim.step();
    sim.each_region([&](const RegionState& r) {
      for (std::size_t p = 0; p < workload::kPurposes; ++p) {
        h.arrived[p] += r.purposes.requests_arrived[p];
        h.refused[p] += r.purposes.requests_rejected[p];
      }
      h.served.push_back(r.step.requests_served);
    });
  }
  sim.each_region([&](RegionState& r) {
    const auto b = r.ledger.balances();
    h.balances.emplace_back(b.begin(), b.end());
  });
  return h;
}

TEST(Priority, InACrowdedHourPurposesOfHighPriorityAreServed) {
  const Hour h = hour(kByPriority), arrival = hour({});
  const std::size_t first = 0, last = workload::kPurposes - 1;  // 5.0 and 0.1
  const double error = std::sqrt(0.25 / h.arrived[first] + 0.25 / h.arrived[last]);
  EXPECT_GT(h.refused_share(last), h.refused_share(first) + 4 * error);
  EXPECT_LT(h.refused_share(first), arrival.refused_share(first));
  EXPECT_LT(std::abs(arrival.refused_share(last) - arrival.refused_share(first)), 4 * error) << "by arrival purposes are alike";
}

TEST(Priority, WhereAllAreFullItIsArrival) {
  // The least priority is 0.1, so all are full from there on.
  const Hour arrival = hour({}), full = hour({kByPriority[0], "market.full_priority=0.1"}), usual = hour(kByPriority);
  EXPECT_EQ(full.balances, arrival.balances);
  EXPECT_EQ(full.served, arrival.served);
  EXPECT_NE(usual.balances, arrival.balances);
  const Hour scaled = hour({"policy.priority_south=1000"});
  EXPECT_EQ(scaled.balances, arrival.balances) << "by arrival priorities do not count";
}

}  // namespace
}  // namespace swarm::engine
