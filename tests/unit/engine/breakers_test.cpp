#include <gtest/gtest.h>

#include <bit>

#include "tests/unit/engine/stricken.hpp"

/// Circuit breakers in a run (docs/models/faults.md).
namespace swarm::engine {
namespace {

/// Nobody knows that they are down, so all are asked; with breakers only until these have opened.
TEST(Breakers, KeepRequestsFromThoseWhoAreSilent) {
  const std::string text = shop("BD") + fault("agent-crash", kTwoSteps + "share = 0.25");
  const Overrides off{"faults.retries=0", "market.offers=80", "workload.requests_per_hour=60000", "market.candidates=1"};
  Overrides on = off;
  on.insert(on.end(), {"faults.breakers=true", "breaker.cool_down=1e6"});
  Played without(text, off, 4), with(text, on, 4);
  const auto lost = [](const Played& run, int k) { return run.faults[k].step.lost; };
  EXPECT_GT(lost(without, 2), 1000u);
  EXPECT_GT(lost(without, 3), 1000u);
  EXPECT_EQ(with.step[2].rejected_fault, without.step[2].rejected_fault) << "they act from the next step on";
  EXPECT_EQ(lost(with, 3), 0u);
  EXPECT_EQ(with.faults[3].breakers_open, 20u) << "of a quarter of eighty, and not the site's, where three of four answer";
  EXPECT_EQ(with.faults[2].breakers_open, 0u);
  EXPECT_EQ(with.step[3].requests_rejected, 0u) << "others are listed in their place";
}

/// Of a council only those who are silent are blamed, whether its answer was lost with the first one, asked in vain or while
/// it was given, or came without them.
TEST(Breakers, BlameTheSilentMembersOfCouncils) {
  for (const char* start : {"0s", "5min"}) {
    const std::string text = shop("BD") + fault("agent-crash", std::string("start = \"") + start + "\"\nduration = \"10min\"\nshare = 0.3");
    Played run(text, {"council.seats=3", "council.threshold=0", "specialists.lineages=4", "faults.retries=0", "faults.breakers=true", "faults.late_counts=false",
                      "breaker.least_answers=64", "breaker.window=64", "workload.requests_per_hour=6000", "hardware.mean_service=60",
                      "workload.deadline=1e6", "workload.urgent_deadline=1e6"}, 2);
    const RegionState& r = region_of(run.sim);
    std::size_t silent = 0, answers = 0, healthy = 0;
    for (std::uint32_t agent = 0; agent < r.agents.size(); ++agent) {
      const dispatch::Breaker b = r.faults.agents.get(agent);
      const bool down = r.scratch.faults.down(agent, 0);
      if (b.state == dispatch::BreakerState::open) {
        EXPECT_TRUE(down);
        ++silent, ++answers;
      } else if (down) {
        silent += static_cast<std::size_t>(std::popcount(b.failed));
        answers += b.answers;
      } else {
        EXPECT_EQ(b.failed, 0u) << agent;
        healthy += b.answers;
      }
    }
    EXPECT_GT(silent, 50u) << start;
    EXPECT_GT(healthy, 100u) << start;
    if (std::string_view(start) == "0s") {
      EXPECT_EQ(answers, silent) << "they have never answered";
    }
  }
}

/// Who has allowance or quota left because it is silent is not turned to once its breaker is open.
TEST(Breakers, KeepTurnedRequestsAwayToo) {
  const std::string text = shop("BD") + fault("agent-crash", "start = \"0s\"\nduration = \"1d\"\nshare = 0.25");
  for (const Overrides& scarce : {Overrides{"energy.allowance=true", "energy.allowance_share=2e-5"}, Overrides{"quota.enabled=true", "quota.capacity_share=5e-5"}}) {
    Overrides more = scarce;
    more.insert(more.end(), {"faults.retries=0", "faults.breakers=true", "breaker.cool_down=1e6", "market.offers=80", "market.candidates=1", "workload.requests_per_hour=20000"});
    Played run(text, more, 6);
    std::uint64_t turned = 0, lost = 0;
    for (std::size_t k = 2; k < 6; ++k) {
      turned += run.step[k].quota_turned + region_of(run.sim).energy.step.allowance_turned;
      lost += run.faults[k].step.lost;
    }
    EXPECT_GT(turned, 20u) << scarce[0];
    EXPECT_EQ(lost, 0u) << scarce[0];
  }
}

/// Half open, the site is asked three times and no more; once it answers, its specialists are.
TEST(Breakers, ProbeAndClose) {
  const std::string text = shop("BD") + fault("agent-crash", "start = \"5min\"\nduration = \"15min\"");
  Played with(text, {"faults.retries=0", "market.offers=80", "workload.requests_per_hour=60000", "faults.breakers=true", "breaker.cool_down=300",
                     "breaker.probes=3", "market.candidates=1"}, 9);
  EXPECT_GT(with.faults[1].step.lost, 4000u);
  EXPECT_EQ(with.faults[2].breakers_open, 81u) << "specialists and their site";
  EXPECT_EQ(with.faults[2].step.lost, 0u);
  EXPECT_EQ(with.step[2].rejected_capacity, with.step[2].requests_arrived) << "nobody is listed";
  EXPECT_EQ(with.faults[3].step.lost, 3u) << "the site's three probes, in vain";
  EXPECT_EQ(with.step[3].rejected_fault, 3u);
  EXPECT_EQ(with.step[3].rejected_capacity, with.step[3].requests_arrived - 3) << "the others were not admitted";
  EXPECT_EQ(with.faults[4].step.lost, 0u);
  EXPECT_EQ(with.step[5].requests_served, 3u) << "three probes of the site that answer";
  EXPECT_GT(with.step[6].requests_served, 100u) << "the site is closed, its specialists are probed";
  EXPECT_LE(with.step[6].requests_served, 3u * 80u);
  EXPECT_GT(with.step[8].requests_served, with.step[8].requests_arrived * 9 / 10);
  EXPECT_EQ(with.faults[8].breakers_open, 0u);
}

}  // namespace
}  // namespace swarm::engine
