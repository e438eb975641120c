#include <atomic>
#include <mutex>
#include <thread>

#include "sim/core/parallel.hpp"
#include "sim/core/rng.hpp"
#include "support.hpp"

/// How the work is divided — over threads, over shards — and what is kept between steps changes no bit. Each
/// check is shown to reject a mutant: a run with one deliberate mistake of the kind it looks for.
namespace swarm::equivalence {
namespace {

using world::RegionState;

class Schedule : public ::testing::TestWithParam<Scene> {
 protected:
  std::string toml() const { return toml_of(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(, Schedule, ::testing::ValuesIn(kScenes), [](const auto& p) { return name_of(p.param); });

History run_on(int threads, const PlanPtr& plan, const Beside& beside = {}) {
  History history;
  with_threads(threads, [&] { history = run(plan, beside); });
  return history;
}

TEST_P(Schedule, ThreadsChangeNothing) {
  const PlanPtr plan = plan_of(toml());
  const History one = run_on(1, plan);
  for (const int threads : {2, 5}) EXPECT_EQ(first_difference(one, run_on(threads, plan)), "") << threads;
}

TEST_P(Schedule, ShardsChangeNothing) {
  const History one = run(plan_of(toml()));
  for (const char* shards : {"engine.shards=2", "engine.shards=3", "engine.shards=0"}) {
    const PlanPtr plan = plan_of(toml(), {shards});
    EXPECT_GT(Simulation(plan).worlds().size(), 1u);
    EXPECT_EQ(first_difference(one, run(plan)), "") << shards;
  }
}

TEST_P(Schedule, ThreadsAndShardsTogetherChangeNothing) {
  EXPECT_EQ(first_difference(run_on(1, plan_of(toml())), run_on(3, plan_of(toml(), {"engine.shards=2"}))),
            "");
}

TEST_P(Schedule, DroppedCachesChangeNothing) {
  for (const char* shards : {"engine.shards=1", "engine.shards=2"}) {
    const PlanPtr plan = plan_of(toml(), {shards});
    const History kept = run(plan);
    const History dropped = run(plan, {.before_step = [](Simulation& sim) { sim.drop_caches(); }});
    EXPECT_EQ(first_difference(kept, dropped), "") << shards;
  }
}

/// What the recorder is told to keep and how densely it packs it does not reach back into the run, and
/// packing does not reach the digest.
TEST(Recording, ChangesNothing) {
  const History usual = run(plan_of(everything_on()));
  for (const char* chunks :
       {"record.chunk_steps=1", "record.chunk_steps=1000", "record.compression=0", "record.compression=9"})
    EXPECT_EQ(first_difference(usual, run(plan_of(everything_on(), {chunks}))), "") << chunks;
  const History no_agents = run(plan_of(everything_on(), {"record.agents=0"}));
  EXPECT_EQ(first_difference(usual, no_agents), "the files");
}

// ---- mutants
// ----------------------------------------------------------------------------------------------------

TEST(ScheduleMutant, RequestedThreadsReallyWork) {
  for (const int threads : {2, 5})
    with_threads(threads, [&] { EXPECT_TRUE(work_together(static_cast<std::size_t>(threads))) << threads; });
}

/// The number of the calling thread, in the order of first calls: what no draw may be keyed by.
std::uint64_t thread_number() {
  static std::atomic<std::uint64_t> next{0};
  thread_local const std::uint64_t mine = next++;
  return mine;
}

TEST(ScheduleMutant, DrawKeyedByThreadIsCaught) {
  const PlanPtr plan = plan_of(everything_on());
  const auto mutant = [&](bool by_thread) {
    return Beside{.after_step = [by_thread](Simulation& sim) {
      const Random random(1, Stream::experiment);
      sim.each_region([&](RegionState& r) {
        parallel_each(r.agents.size(), [&](std::size_t a) {
          std::this_thread::yield();
          const std::uint64_t key = by_thread ? (thread_number() << 32) + a : a;
          r.agents.earned[a] += random.block(sim.steps_done(), key)[0] % 2;
        });
      });
    }};
  };
  EXPECT_EQ(first_difference(run_on(1, plan, mutant(false)), run_on(5, plan, mutant(false))), "");
  EXPECT_NE(first_difference(run_on(1, plan, mutant(true)), run_on(5, plan, mutant(true))), "");
}

/// Sum of the agents' markups over blocks of 8, added in the order in which blocks complete. If other threads
/// work, the first block lets another be done before it, as it can happen on any busy machine.
double sum_in_order_of_completion(const RegionState& r, int threads) {
  std::mutex mutex;
  double sum = 0;
  std::atomic<int> done{0};
  parallel_blocks(r.agents.size(), 8, [&](std::size_t begin, std::size_t end) {
    double part = 0;
    for (std::size_t a = begin; a < end; ++a)
      part += static_cast<double>(r.agents.markup[a]) * (1.0 + 1e-3 * static_cast<double>(a));
    for (int spin = 0; begin == 0 && threads > 1 && done == 0 && spin < 1'000'000; ++spin)
      std::this_thread::yield();
    const std::lock_guard lock(mutex);
    sum += part;
    ++done;
  });
  return sum;
}

TEST(ScheduleMutant, SumInOrderOfCompletionIsCaught) {
  const PlanPtr plan = plan_of(everything_on());
  const auto mutant = [](int threads) {
    return Beside{.after_step = [threads](Simulation& sim) {
      sim.each_region(
          [threads](RegionState& r) { r.totals.spend_usd += sum_in_order_of_completion(r, threads); });
    }};
  };
  EXPECT_NE(first_difference(run_on(1, plan, mutant(1)), run_on(5, plan, mutant(5))), "");
}

/// A draw keyed by a region's place in its world, where its number was meant.
TEST(ScheduleMutant, DrawKeyedByPlaceInShardIsCaught) {
  const auto mutant = [](bool by_place) {
    return Beside{.after_step = [by_place](Simulation& sim) {
      const Random random(1, Stream::experiment);
      for (const auto& w : sim.worlds())
        for (std::size_t i = 0; i < w->regions.size(); ++i)
          w->regions[i].totals.wait_s +=
              random.block(sim.steps_done(), by_place ? i : w->regions[i].id.value)[0];
    }};
  };
  const PlanPtr one = plan_of(everything_on()), three = plan_of(everything_on(), {"engine.shards=3"});
  EXPECT_EQ(first_difference(run(one, mutant(false)), run(three, mutant(false))), "");
  EXPECT_NE(first_difference(run(one, mutant(true)), run(three, mutant(true))), "");
}

/// What a step left in its scratch, used as if it were state.
TEST(ScheduleMutant, StateHiddenInScratchIsCaught) {
  const PlanPtr plan = plan_of(everything_on());
  const auto hidden = [](Simulation& sim) {
    sim.each_region(
        [](RegionState& r) { r.totals.wait_s += static_cast<double>(r.scratch.requests.size()); });
  };
  const History kept = run(plan, {.before_step = hidden});
  const History dropped = run(plan, {.before_step = [&](Simulation& sim) {
                                sim.drop_caches();
                                hidden(sim);
                              }});
  EXPECT_NE(first_difference(kept, dropped), "");
}

}  // namespace
}  // namespace swarm::equivalence
