#include <set>

#include "sim/io/digest.hpp"
#include "support.hpp"

/// Equivalence proves little of what does not happen: in the shared scenario everything does.
namespace swarm::equivalence {
namespace {

/// Takes away the columns that are not zero in some region after some step.
void strike_out_used(const PlanPtr& plan, std::set<std::string>& unused) {
  const auto columns = registry();
  Simulation sim(plan);
  while (!sim.done()) {
    sim.step();
    sim.each_region([&](world::RegionState& r) {
      for (std::size_t c = 0; c < columns.size(); ++c)
        for (const std::byte b : column_bytes(r, c))
          if (b != std::byte{0}) unused.erase(columns[c].name);
    });
  }
}

TEST(Exercised, EveryColumnIsUsed) {
  std::set<std::string> unused;
  for (const auto& column : registry()) unused.insert(column.name);
  strike_out_used(plan_of(everything_on_from_traces()), unused);
  EXPECT_LE(unused.size(), 380u) << ::testing::PrintToString(unused);
  strike_out_used(plan_of(everything_on_in_books()), unused);
  EXPECT_LE(unused.size(), 220u) << ::testing::PrintToString(unused);
  strike_out_used(plan_of(everything_on_under_a_cap()), unused);
  strike_out_used(plan_of(everything_on_under_a_cap(), {"allocation.normalise=false"}), unused);
  strike_out_used(plan_of(everything_on_in_books(), {"pricing.rule=cap-and-trade", "permits.cap_t=1e-9", "permits.ceiling_usd_per_t=100"}), unused);
  strike_out_used(plan_of(everything_on_at_auction()), unused);
  strike_out_used(plan_of(everything_on_under_a_cap(), {"permits.cap_t=1", "allocation.rule=none", "quota.capacity_share=1", "workload.load=3", "workload.deadline='1h'"}), unused);
  strike_out_used(plan_of(everything_on_in_pieces()), unused);
  EXPECT_LE(unused.size(), 23u) << ::testing::PrintToString(unused);
  strike_out_used(plan_of(everything_on()), unused);
  strike_out_used(plan_of(everything_on(), {"region.KE.residency=home", "region.KE.agents=2"}), unused);
  // So many questions of one type that some are asked twice in a step.
  strike_out_used(plan_of(everything_on(), {"workload.vision=0", "workload.language=0", "workload.reasoning=0", "workload.memory=1", "workload.requests_per_hour=40000"}), unused);
  EXPECT_EQ(unused, std::set<std::string>{});
}

TEST(Exercised, EveryColumnHasItsOwnName) {
  std::set<std::string> names;
  for (const auto& column : registry()) EXPECT_TRUE(names.insert(column.name).second) << column.name;
  EXPECT_GT(names.size(), 100u);
}

TEST(Exercised, RequestsThatWereHeldRestInBooks) {
  std::size_t rest = 0;
  run(plan_of(everything_on_in_books(), {"workload.deadline='30min'"}), {.after_step = [&](Simulation& sim) {
        sim.each_region([&](world::RegionState& r) {
          for (std::size_t k = 0; k < r.waiting.size(); ++k)
            rest += r.waiting.asked_step[k] >= r.waiting.arrival_step[k] + 3;  // held for as long as they may rest
        });
      }});
  EXPECT_GT(rest, 10u) << "their patience begins when they ask";
}

TEST(Exercised, ParcelsGoAbroadEachWay) {
  const auto plan = plan_of(everything_on(), {"demand.willingness=unlimited", "demand.budget_share=1"});
  std::set<std::pair<int, int>> roads;
  run(plan, {.after_step = [&](Simulation& sim) {
        sim.each_region([&](world::RegionState& r) {
          for (const auto asker : r.flights.asker) roads.emplace(asker, r.id.value);
        });
      }});
  EXPECT_EQ(roads.size(), plan->regions.size() * plan->regions.size()) << ::testing::PrintToString(roads);
}

/// The comparison itself sees a single bit of a single column at a single step.
TEST(Exercised, ComparisonSeesOneBit) {
  const auto plan = plan_of(everything_on());
  const History plain = run(plan);
  EXPECT_EQ(first_difference(plain, run(plan)), "");
  EXPECT_NE(plain.digest, run(plan_of(everything_on(), {"run.seed=8"})).digest);
  const History touched =
      run(plan, {.after_step = [](Simulation& sim) {
            if (sim.steps_done() == 12)
              sim.each_region([](world::RegionState& r) { r.totals.wait_s += r.id.value == 1 ? 1e-9 : 0.0; });
          }});
  EXPECT_EQ(first_difference(plain, touched), "step 11: KE region/total_wait_s");
}

}  // namespace
}  // namespace swarm::equivalence
