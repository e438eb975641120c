#include "sim/engine/faults.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <map>
#include <set>

#include "agents/nn/infer.hpp"
#include "sim/engine/answers.hpp"
#include "sim/engine/council.hpp"
#include "tests/unit/engine/stricken.hpp"

/// Faults in a shop of eighty specialists at one site, at steps of five minutes; in each about a thousand requests.
namespace swarm::engine {
namespace {

TEST(SiteOutage, EndsHandoversOfContext) {
  // Long enough handovers that some are under way as the site goes out; the audit compares clocks with what is metered.
  Played out(shop("BD") + fault("site-outage", kTwoSteps), {"context.strategy=reactive", "context.window_tok=2500", "context.tok_per_s=20"});
  EXPECT_GT(out.busy_s[1], 0);
  for (int k : {2, 3}) EXPECT_EQ(out.kwh[k], 0);
  EXPECT_TRUE(region_of(out.sim).context.upkeep_agent.size() > 0) << "handovers take longer than a step";
}

TEST(SiteOutage, NothingRunsNothingIsPaidAndAllIsRefunded) {
  const std::string text = shop("BD") + fault("site-outage", kTwoSteps);
  Played out(text, {"hardware.mean_service=100"});
  Played plain(shop("BD"), {"hardware.mean_service=100"});
  ASSERT_GT(out.in_air[1], 50u) << "some are being served when it begins";
  for (int k : {2, 3}) {
    const auto& s = out.step[k];
    EXPECT_EQ(out.kwh[k], 0) << "no power, not even idle";
    EXPECT_EQ(out.in_air[k], 0u);
    EXPECT_EQ(s.requests_served, 0u);
    EXPECT_EQ(s.spend_usd, 0);
    EXPECT_EQ(s.received_usd, 0);
    EXPECT_EQ(s.rejected_fault, s.requests_rejected);
    EXPECT_EQ(s.escrow_usd, 0) << "nobody is left waiting";
    EXPECT_EQ(out.faults[k].sites_down, 1u);
    EXPECT_EQ(out.faults[k].agents_down, 80u);
  }
  EXPECT_EQ(out.step[2].rejected_fault, out.in_air[1] + out.step[2].requests_arrived) << "those under way and those that come";
  EXPECT_EQ(out.step[3].rejected_fault, out.step[3].requests_arrived);
  EXPECT_EQ(out.kwh[1], plain.kwh[1]) << "before it, nothing is different";
  // Servers are free when it ends: as many start in step 4 as came, and none had to wait.
  EXPECT_EQ(out.step[4].requests_rejected, 0u);
  EXPECT_GT(out.step[4].requests_served, 100u);
  EXPECT_EQ(out.step[4].requests_waited, 0u);
}

/// What was metered before the outage stays with the specialists, though they get nothing for it.
TEST(SiteOutage, EnergySoFarIsMetered) {
  const std::string text = shop("BD") + fault("site-outage", kTwoSteps);
  Played out(text, {"hardware.mean_service=100"}, 4), before(text, {"hardware.mean_service=100"}, 2);
  EXPECT_GT(region_of(before.sim).flights.metered_nj.size(), 0u);
  EXPECT_EQ(region_of(out.sim).agents.metered_kwh, region_of(before.sim).agents.metered_kwh);
  EXPECT_EQ(region_of(out.sim).agents.earned, region_of(before.sim).agents.earned);
}

TEST(AgentCrash, ItsAnswersAreLostAndItsServersGoOn) {
  const Overrides slow{"hardware.mean_service=100", "faults.retries=0"};
  Played crash(shop("BD") + fault("agent-crash", kTwoSteps), slow), plain(shop("BD"), slow);
  EXPECT_EQ(crash.faults[2].agents_down, 80u);
  EXPECT_EQ(crash.faults[2].sites_down, 0u);
  EXPECT_GT(crash.busy_s[2], 0) << "servers end what was begun";
  EXPECT_LT(crash.busy_s[2], plain.busy_s[2]) << "and begin nothing";
  EXPECT_EQ(crash.step[2].requests_served, 0u);
  EXPECT_EQ(crash.faults[2].step.lost, crash.in_air[1] + crash.step[2].requests_arrived);
  const std::size_t ended = crash.in_air[1] - crash.in_air[2];
  EXPECT_EQ(crash.step[2].rejected_fault, ended + crash.step[2].requests_arrived) << "a lost answer is given up when it should be there";
}

TEST(AgentCrash, OthersOfTheOrderTakeOverAfterTheTimeOut) {
  const Overrides more{"faults.timeout=10", "faults.retries=7", "hardware.mean_service=20"};
  Played crash(shop("BD") + fault("agent-crash", kTwoSteps + "share = 0.5"), more, 3);
  const auto& step = crash.faults[2].step;
  EXPECT_EQ(crash.faults[2].agents_down, 40u);
  EXPECT_GT(step.fell_back, 300u);
  EXPECT_LT(crash.step[2].rejected_fault, 60u) << "of eight candidates one is well mostly: (1/2)^8 = 0.4 %, and those in the air";
  const RegionState& r = region_of(crash.sim);
  std::size_t late_starts = 0;
  for (std::size_t k = 0; k < r.flights.size(); ++k) {
    if (r.flights.arrival_step[k] != 2) continue;
    const double waited = r.flights.start_s[k] - r.flights.arrival_s[k] + r.flights.held_s[k];
    const double times = waited / 10;
    EXPECT_NEAR(times, std::round(times), 1e-6) << "whole time-outs";
    late_starts += waited > 0;
    EXPECT_FALSE(r.scratch.faults.agent_down[r.flights.agent[k]]);
  }
  EXPECT_GT(late_starts, 10u);
  Played once(shop("BD") + fault("agent-crash", kTwoSteps + "share = 0.5"), {"faults.timeout=10", "faults.retries=1"}, 3);
  const auto n = static_cast<double>(once.step[2].requests_arrived);
  const double refused = once.step[2].rejected_fault;
  EXPECT_NEAR(refused, n / 4, 0.35 * n / 4) << "asked twice, half of them silent; candidates are drawn by strata, so about a quarter";
}

/// A retry that could not be in time is not made.
TEST(AgentCrash, NobodyIsAskedInVain) {
  const Overrides more{"faults.timeout=30", "faults.retries=7", "workload.deadline=20", "workload.urgent_deadline=20"};
  Played crash(shop("BD") + fault("agent-crash", kTwoSteps + "share = 0.5"), more, 3);
  EXPECT_EQ(crash.faults[2].step.fell_back, 0u);
  EXPECT_GT(crash.step[2].rejected_fault, 100u);
}

/// The rule says the commonest class of the cell; what it is worth is counted against the truth.
TEST(Rule, AnswersFreeOfChargeByTheCommonestClass) {
  Played rule(shop("BD") + fault("agent-crash", kTwoSteps), {"faults.rule_based=true", "faults.retries=0"}, 4);
  const RegionState& r = region_of(rule.sim);
  const auto& plan = rule.sim.plan();
  const auto& q = r.scratch.requests;
  std::uint64_t right = 0;
  for (std::size_t k = 0; k < q.size(); ++k) {
    const auto bucket = workload::complexity_bucket(q.complexity[k]);
    std::map<std::uint8_t, int> labels;
    for (std::uint32_t item = 0; item < plan.banks->items(); ++item) ++labels[plan.banks->label(r.id, q.type[k], bucket, item)];
    int most = 0;
    for (const auto& [label, n] : labels) most = std::max(most, n);
    std::uint8_t commonest = 0;
    while (labels[commonest] != most) ++commonest;
    right += plan.banks->label(r.id, q.type[k], bucket, q.bank_item[k]) == commonest;
  }
  const auto& s = rule.step[3];
  EXPECT_EQ(s.requests_served, s.requests_arrived);
  EXPECT_EQ(s.spend_usd, 0);
  EXPECT_EQ(s.escrow_usd, 0);
  EXPECT_EQ(rule.faults[3].step.by_rule, s.requests_arrived);
  EXPECT_EQ(rule.faults[3].step.rule_correct, right);
  EXPECT_EQ(s.requests_correct, right);
  EXPECT_GT(right, 0u);
  EXPECT_EQ(s.inferences, 0u);
  EXPECT_NEAR(s.delay_s, 30 + plan.round_trip(r.id, r.id), 1e-4) << "the time-out";
}

TEST(SlowAgent, TakesItsFactorLongerAndQuotesDoNotKnow) {
  const Overrides more{"hardware.mean_service=100"};
  Played slow(shop("BD") + fault("slow-agent", kTwoSteps + "factor = 3"), more, 3), plain(shop("BD"), more, 3);
  const auto &a = region_of(slow.sim).flights, &b = region_of(plain.sim).flights;
  std::map<std::uint32_t, std::size_t> row;
  for (std::size_t k = 0; k < b.size(); ++k)
    if (b.arrival_step[k] == 2) row[b.sequence[k]] = k;
  ASSERT_GT(row.size(), 100u);
  std::size_t found = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a.arrival_step[k] != 2 || !row.contains(a.sequence[k])) continue;
    const std::size_t other = row[a.sequence[k]];
    EXPECT_EQ(a.service_s[k], 3 * b.service_s[other]);
    EXPECT_EQ(a.price[k], b.price[other]);
    ++found;
  }
  EXPECT_EQ(found, row.size());
}

TEST(WrongAnswers, NoRightAnswerIsLeftRight) {
  const Overrides more{"hardware.mean_service=80000", "workload.requests_per_hour=6000", "workload.deadline=1e6", "workload.urgent_deadline=1e6"};
  Played wrong(shop("BD") + fault("wrong-answers", kTwoSteps), more, 4), plain(shop("BD"), more, 4);
  const auto &a = region_of(wrong.sim).flights, &b = region_of(plain.sim).flights;
  ASSERT_EQ(a.size(), b.size());
  std::size_t right = 0, turned_right = 0, turned_wrong = 0, left = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a.arrival_step[k] < 2) {
      EXPECT_EQ(a.correct[k], b.correct[k]) << "before it";
      continue;
    }
    right += b.correct[k];
    turned_wrong += b.correct[k] && !a.correct[k];
    turned_right += !b.correct[k] && a.correct[k];
    left += !b.correct[k];
  }
  ASSERT_GT(right, 50u);
  EXPECT_EQ(turned_wrong, right) << "turned by one to nine classes of ten";
  const double chance = static_cast<double>(left) / 9;
  EXPECT_NEAR(static_cast<double>(turned_right), chance, 4 * std::sqrt(chance) + 1) << "one of nine other classes is the truth";
}

TEST(WrongAnswers, CouncilsMeetThem) {
  const Overrides more{"council.seats=3", "council.threshold=0", "specialists.lineages=4", "hardware.mean_service=80000",
                       "workload.requests_per_hour=1200", "workload.deadline=1e6", "workload.urgent_deadline=1e6"};
  Played wrong(shop("BD") + fault("wrong-answers", kTwoSteps + "share = 0.3"), more, 4), plain(shop("BD"), more, 4);
  const auto &a = region_of(wrong.sim).flights, &b = region_of(plain.sim).flights;
  ASSERT_EQ(a.size(), b.size());
  std::size_t liars = 0, changed = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a.arrival_step[k] < 2) continue;
    const Members m = members_of(*wrong.sim.worlds()[0], region_of(wrong.sim), k);
    for (std::size_t i = 0; i < m.count; ++i) {
      const bool lies = region_of(wrong.sim).scratch.faults.wrong(m.agent[i]);
      const bool now = dispatch::is_right(a.coalitions_right[k], 1u << i), before = dispatch::is_right(b.coalitions_right[k], 1u << i);
      if (lies && before) {
        EXPECT_FALSE(now);
        ++liars;
        changed += a.correct[k] != b.correct[k];
      }
      EXPECT_TRUE(lies || now == before);
    }
  }
  EXPECT_GT(liars, 20u);
  EXPECT_GT(changed, 0u);
}

/// What is set aside for answers that are lost is free again, and nothing is learnt from what they had taken so far.
TEST(SiteOutage, LeavesEstimatesAndAllowancesAlone) {
  Played run(shop("BD") + fault("site-outage", kTwoSteps), {"energy.allowance=true", "energy.allowance_share=1", "hardware.mean_service=100"}, 2);
  const RegionState& r = region_of(run.sim);
  const auto learnt = r.energy.joules_per_pass;
  const auto spent = r.energy.allowance.spent_uj;
  std::int64_t reserved = 0;
  for (const std::int64_t uj : r.energy.allowance.reserved_uj) reserved += uj;
  EXPECT_GT(reserved, 0);
  run.sim.step();
  EXPECT_GT(r.faults.step.lost, 100u);
  EXPECT_EQ(r.energy.joules_per_pass, learnt);
  EXPECT_EQ(r.energy.allowance.spent_uj, spent);
  EXPECT_EQ(r.energy.step.estimates, 0u);
  for (const std::int64_t uj : r.energy.allowance.reserved_uj) EXPECT_EQ(uj, 0);
}

/// From the beginning of the fault, at 600 s, to the end of the first step in which nine tenths are served again, 1,500 s.
TEST(Recovery, IsMeasuredFromTheBeginningOfTheFault) {
  Played out(shop("BD") + fault("site-outage", kTwoSteps));
  EXPECT_EQ(out.faults[2].step.begun, 1u);
  EXPECT_EQ(out.faults[3].step.begun, 0u);
  EXPECT_EQ(out.faults[2].step.measured, 1u);
  EXPECT_GT(out.faults[1].usual_share, 0.99);
  EXPECT_EQ(out.faults[3].usual_share, out.faults[1].usual_share) << "what is usual is not what a fault made of it";
  EXPECT_EQ(out.faults[3].tracked, 1u);
  EXPECT_EQ(out.faults[4].step.recovered, 1u);
  EXPECT_EQ(out.faults[4].step.recovery_s, 900);
  EXPECT_EQ(out.faults[7].tracked, 0u);
  EXPECT_EQ(out.faults[7].total.recovered, 1u);
  EXPECT_EQ(out.faults[7].total.recovery_s, 900);
}

TEST(Faults, OfNobodyChangeNothing) {
  Played plain(shop("BD")), later(shop("BD") + fault("site-outage", "start = \"10h\"\n"), {"faults.breakers=true", "faults.late_counts=false"});
  EXPECT_EQ(plain.step.back().requests_served, later.step.back().requests_served);
  EXPECT_EQ(region_of(plain.sim).ledger.balance(world::kUsersAccount).value, region_of(later.sim).ledger.balance(world::kUsersAccount).value);
  EXPECT_EQ(region_of(plain.sim).agents.earned, region_of(later.sim).agents.earned);
}

// --- partitions, in three regions --------------------------------------------------------------------------------

std::shared_ptr<const world::Plan> regions_with(const std::string& faults, const Overrides& more = {}) {
  Overrides all{"balance.policy=random", "hardware.service=exponential", "hardware.mean_service=200", "workload.deadline=1e5", "workload.urgent_deadline=1e5"};
  all.insert(all.end(), more.begin(), more.end());
  return quick_plan(kThreeRegions + faults, all);
}

std::size_t across(Simulation& sim, std::uint32_t arrived_in) {
  std::size_t n = 0;
  sim.each_region([&](RegionState& r) {
    for (std::size_t k = 0; k < r.flights.size(); ++k)
      n += r.flights.arrival_step[k] == arrived_in && (r.flights.asker[k] == 1) != (r.id.value == 1);
  });
  return n;
}

TEST(Partition, LetsNothingAcrossAndHoldsAnswersUp) {
  Simulation sim(regions_with(fault("partition", kTwoSteps)));
  for (int k = 0; k < 2; ++k) sim.step();
  const std::size_t under_way = across(sim, 0) + across(sim, 1);
  ASSERT_GT(under_way, 50u);
  sim.step();
  EXPECT_EQ(across(sim, 2), 0u) << "no orders";
  EXPECT_EQ(across(sim, 0) + across(sim, 1), under_way) << "no answers";
  sim.step();
  EXPECT_EQ(across(sim, 3), 0u);
  EXPECT_EQ(across(sim, 0) + across(sim, 1), under_way);
  std::size_t finished = 0;
  double longest = 0;
  sim.each_region([&](RegionState& r) {
    for (std::size_t k = 0; k < r.flights.size(); ++k)
      if (r.flights.finish_s[k] <= 1200) {
        ++finished;
        longest = std::max(longest, 1200 - r.flights.finish_s[k]);
      }
  });
  ASSERT_GT(finished, 30u);
  sim.step();
  std::uint64_t held = 0;
  sim.each_region([&](RegionState& r) { held += r.faults.step.held; });
  EXPECT_EQ(held, finished);
  EXPECT_GT(across(sim, 4), 20u) << "it is over";
  EXPECT_GT(longest, 300);
}

/// Nothing is placed across, not even what has rested in a book since before; what rests outlives the partition.
TEST(Partition, LeavesRestingOrdersAlone) {
  Simulation sim(regions_with(fault("partition", kTwoSteps),
                              {"market.mechanism=cda", "market.minimum_balance_tkn=0", "hardware.mean_service=100", "workload.multiplicity=40",
                               "demand.willingness=log-normal", "demand.budget_share=1"}));
  const auto resting = [&] {
    std::size_t n = 0;
    sim.each_region([&](RegionState& r) {
      for (const std::uint16_t asker : r.waiting.asker) n += (asker == 1) != (r.id.value == 1);
    });
    return n;
  };
  for (int k = 0; k < 2; ++k) sim.step();
  const std::size_t before = resting();
  ASSERT_GT(before, 10u);
  for (int k = 0; k < 2; ++k) {
    sim.step();
    sim.each_region([&](RegionState& r) {
      for (std::size_t f = r.scratch.first_new_flight; f < r.flights.size(); ++f) EXPECT_EQ(r.flights.asker[f] == 1, r.id.value == 1);
    });
    EXPECT_EQ(resting(), before);
  }
  std::size_t after = 0;
  for (int k = 0; k < 6; ++k) {
    sim.step();
    sim.each_region([&](RegionState& r) {
      for (std::size_t f = r.scratch.first_new_flight; f < r.flights.size(); ++f)
        after += (r.flights.asker[f] == 1) != (r.id.value == 1) && r.flights.arrival_step[f] < 2;
    });
  }
  EXPECT_GT(after, 0u);
}

/// Two runs of the same answers: behind a partition one is as much later as it was held up.
TEST(Partition, CountsTheDelay) {
  const auto delays = [](const std::string& faults) {
    Simulation sim(regions_with(faults, {"hardware.mean_service=20"}));
    double sum = 0;
    for (int k = 0; k < 5; ++k) {
      sim.step();
      if (k < 2) continue;
      sim.each_region([&](RegionState& r) { sum += r.step.requests_served * (std::isnan(r.step.delay_s) ? 0 : r.step.delay_s); });
    }
    return sum;
  };
  EXPECT_GT(delays(fault("partition", kTwoSteps)), delays("") + 100);
}

// --- every kind under every mechanism, with all audits ------------------------------------------------------------

TEST(Faults, OfEveryKindKeepAllBooks) {
  std::string all;
  const std::array<const char*, 3> regions{"BD", "DE", "KE"};
  for (std::size_t k = 0; k < dispatch::kFaultKinds; ++k)
    for (std::size_t turn = 0; turn < 2; ++turn) {
      const auto kind = static_cast<dispatch::FaultKind>(k);
      all += fmt::format("[[fault]]\nname = \"f{}{}\"\nkind = \"{}\"\nregion = \"{}\"\nstart = \"{}\"\nduration = \"15min\"\n{}", k, turn,
                         enum_name(kind), regions[(k + turn) % 3], turn == 0 ? "10min" : "25min",
                         dispatch::strikes_agents(kind) ? "share = 0.5\n" : "");
    }
  for (const char* mechanism : {"posted", "uniform", "cda", "vcg"})
    for (const char* rule : {"true", "false"})
      for (const char* breakers : {"true", "false"}) {
        Simulation sim(quick_plan(kThreeRegions + all,
                                  {std::string("market.mechanism=") + mechanism, std::string("faults.rule_based=") + rule,
                                   std::string("faults.breakers=") + breakers, "demand.willingness=log-normal", "demand.budget_share=1", "fund.carbon_share=0.5", "balance.policy=random",
                                   "hardware.service=exponential", "hardware.mean_service=100", "quota.enabled=true", "reputation.enabled=true",
                                   "pricing.rule=justice", "council.seats=3", "council.threshold=0.5", "breaker.cool_down=300",
                                   "market.minimum_balance_tkn=0"}));
        std::uint64_t lost = 0, ended = 0;
        while (!sim.done()) {
          sim.step();
          sim.each_region([&](RegionState& r) {
            lost += r.faults.step.lost;
            ended += r.faults.step.by_rule + r.step.rejected_fault;
          });
        }
        EXPECT_GT(lost, 50u) << mechanism;
        EXPECT_GT(ended, 20u) << mechanism;
      }
}

}  // namespace
}  // namespace swarm::engine
