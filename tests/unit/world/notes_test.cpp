// What `swarmsim check` says of keys and instruments that will do nothing.
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/scenario/load.hpp"
#include "sim/world/plan.hpp"

namespace swarm::world {
namespace {

std::string notes_of(const std::vector<std::string>& overrides) {
  return fmt::format("{}", fmt::join(notes(scenario::load_text("regions = [\"BD\", \"KE\"]\n", "/studies/x.toml", overrides)), "\n"));
}

TEST(Notes, NothingIsSaidOfAScenarioAsItIs) { EXPECT_EQ(notes_of({}), ""); }

TEST(Notes, WhatAnEmptyTreasuryShouldPayIsNeverPaid) {
  const std::vector<std::string> all{"fund.carbon_share=0.5",   "appreciation.enabled=true",       "prediction.enabled=true",
                                     "reputation.enabled=true", "reputation.treasury_share=0.1"};
  const auto under = [&](const std::string& rule, std::vector<std::string> more = {}) {
    more.insert(more.begin(), all.begin(), all.end());
    more.push_back("pricing.rule=" + rule);
    return notes_of(more);
  };
  EXPECT_EQ(under("flat"), "nothing is ever paid for bonuses for appreciation, makers of prediction markets, pay for reputation: under "
                           "pricing.rule = \"flat\" the treasury gets nothing");
  EXPECT_EQ(under("per-capita", {"reputation.treasury_share=0", "prediction.enabled=false"}),
            "nothing is ever paid for bonuses for appreciation: under pricing.rule = \"per-capita\" all that the treasury gets goes "
            "back to people");
  EXPECT_EQ(under("carbon"), "");
  EXPECT_EQ(under("cap-and-trade"), "");
  EXPECT_EQ(under("flat", {"credits.enabled=true", "credits.counterfactual=x.h5"}), "") << "credits are paid for";
  EXPECT_EQ(notes_of({"pricing.rule=flat"}), "");
}

TEST(Notes, WhatKeepsRequestsFromBeingHeldBack) {
  EXPECT_EQ(notes_of({"schedule.strategy=carbon"}), "no effect of schedule.strategy = \"carbon\": no request can wait (workload.flexible_share is 0)");
  EXPECT_EQ(notes_of({"workload.flexibility='2h'"}), "no effect of workload.flexibility: no request can wait (workload.flexible_share is 0)");
  EXPECT_EQ(notes_of({"workload.flexible_share=0.5"}), "requests whose users can wait are served at once: schedule.strategy is \"none\"");
  EXPECT_EQ(notes_of({"workload.flexible_share=0.5", "schedule.max_delay='1h'"}),
            "requests whose users can wait are served at once: schedule.strategy is \"none\"\n"
            "no effect of schedule.max_delay: schedule.strategy is \"none\"");
  EXPECT_EQ(notes_of({"workload.flexible_share=0.5", "energy.allowance=true"}),
            "requests whose users can wait are held back only for want of an allowance of energy: schedule.strategy is \"none\"");
  for (const char* off : {"energy.allowance_defer=false", "workload.flexibility=1"})
    EXPECT_EQ(notes_of({"workload.flexible_share=0.5", "energy.allowance=true", off}), "requests whose users can wait are served at once: schedule.strategy is \"none\"");
  EXPECT_EQ(notes_of({"energy.allowance=true", "energy.allowance_defer=false"}), "no effect of energy.allowance_defer: no request can wait (workload.flexible_share is 0)");
  const auto held = [](std::vector<std::string> more) {
    more.insert(more.begin(), {"workload.flexible_share=0.5", "grid.forecast=perfect"});
    if (std::ranges::none_of(more, [](const auto& key) { return key.starts_with("schedule.strategy"); })) more.push_back("schedule.strategy=price");
    return notes_of(more);
  };
  EXPECT_EQ(held({}), "");
  EXPECT_EQ(held({"workload.flexibility='2min'"}),
            "nothing is held back: requests can wait for 2min and a step takes 5min (workload.flexibility, schedule.max_delay)");
  EXPECT_EQ(held({"grid.forecast=persistence"}),
            "nothing is held back but where slots are full: to a persistence forecast all slots of schedule.strategy = \"price\" are alike, "
            "and the first is now (grid.forecast)");
  EXPECT_EQ(held({"grid.forecast_horizon='2h'"}),
            "requests could be held for 4h, but forecasts reach 2h ahead (grid.forecast_horizon)");
  EXPECT_EQ(held({"schedule.strategy=threshold", "grid.forecast=persistence", "grid.forecast_horizon='2h'"}), "") << "needs no forecast";
}

TEST(Notes, KeysOfWhatIsOffDoNothing) {
  EXPECT_EQ(notes_of({"futures.period='2d'", "futures.initial_margin=0.3", "permits.cap_t=2", "emergency.decay='2d'"}),
            "no effect of permits.cap_t: pricing.rule is neither \"cap-and-trade\" nor \"per-capita\"\n"
            "no effect of emergency.decay: there are no hazards\n"
            "no effect of futures.period, futures.initial_margin: futures.enabled is false");
  EXPECT_EQ(notes_of({"permits.cap_t=2", "pricing.rule=per-capita", "hazards.process=true", "emergency.decay='2d'"}), "");
  for (const char* key : {"lending.kink=0.7", "demurrage.allowance='1d'", "appreciation.first_uses=1", "quota.pool_share=0.1",
                          "reputation.prior_uses=3", "prediction.period='2d'", "value.late_factor=0.1", "credits.price_move=0.1",
                          "allocation.climate_factor=1", "bidding.markup=0.2", "council.threshold=0.5", "context.window_tok=4000", "battery.horizon='2h'",
                          "regeneration.memory='1d'", "energy.allowance_share=0.1", "energy.allowance_defer=false", "faults.timeout=10", "breaker.probes=1",
                          "bus.j_per_byte=0", "bus.enabled=true", "monitor.deviations=2"})
    EXPECT_TRUE(notes_of({key}).starts_with("no effect of " + std::string(key).substr(0, std::string_view(key).find('=')) + ": ")) << key;
}

TEST(Notes, BatteriesNeedAForecast) {
  const std::vector<std::string> battery{"site.BD-1.battery_kwh=5", "site.BD-1.battery_kw=2", "battery.horizon='2h'"};
  EXPECT_EQ(notes_of(battery), "batteries never charge: grid.forecast = \"persistence\" foresees no value below the present one");
  EXPECT_EQ(notes_of({battery[0], battery[1], battery[2], "grid.forecast=seasonal-ar"}), "");
  EXPECT_EQ(notes_of({"energy.scale=executed", "workload.multiplicity=1"}), "") << "energy.scale needs no allowance";
  const auto perfect = [&](const std::string& key) { return notes_of({battery[0], battery[1], "grid.forecast=perfect", key}); };
  EXPECT_TRUE(perfect("battery.charge_below=0").starts_with("batteries never charge: "));
  EXPECT_TRUE(perfect("battery.horizon='5min'").starts_with("batteries never charge: "));
  EXPECT_TRUE(perfect("battery.discharge_above=1").starts_with("batteries never deliver: "));
  EXPECT_EQ(perfect("battery.horizon='3d'"), "batteries could look 3d ahead, but forecasts reach 1d (grid.forecast_horizon)");
}

TEST(Notes, AllowancesOfNothing) {
  EXPECT_EQ(notes_of({"energy.allowance=true", "energy.allowance_share=0"}),
            "nobody is served: no specialist has any energy (energy.allowance_share is 0)");
}

TEST(Notes, KeysOfOneStrategyAreIdleUnderOthers) {
  const auto under = [](const char* strategy, std::vector<std::string> more) {
    more.insert(more.begin(), {"workload.flexible_share=0.5", "grid.forecast=perfect", std::string("schedule.strategy=") + strategy});
    return notes_of(more);
  };
  EXPECT_EQ(under("non-interrupting", {"schedule.threshold=300", "schedule.green_quantile=0.9"}),
            "no effect of schedule.threshold: schedule.strategy is not \"threshold\"\n"
            "no effect of schedule.green_quantile: schedule.strategy is neither \"carbon\" nor \"threshold\"");
  EXPECT_EQ(under("carbon", {"schedule.green_quantile=0.9"}), "");
  EXPECT_EQ(under("threshold", {"schedule.green_quantile=0.9", "schedule.threshold_memory='2d'"}), "");
  EXPECT_EQ(under("threshold", {"schedule.green_quantile=0.9", "schedule.threshold=300"}),
            "no effect of schedule.green_quantile: schedule.threshold says how clean a step must be");
  EXPECT_EQ(notes_of({"context.strategy=preemptive", "context.council_tok=3000", "context.snapshots=0", "context.snapshot_tok=900"}),
            "no effect of context.council_tok: council.seats is 1\nno effect of context.snapshot_tok: context.snapshots is 0");
}

TEST(Notes, CouncilsThatNoSiteCanHold) {
  EXPECT_EQ(notes_of({"council.seats=5", "population.agents=16"}),
            "no site has 5 specialists of a type: no council can be held (council.seats, population.agents)");
  EXPECT_EQ(notes_of({"council.seats=5", "population.agents=40", "specialists.lineages=5"}), "");
}

TEST(Notes, FiguresOfTheMonitorThatAreNeverNumbers) {
  EXPECT_EQ(notes_of({"monitor.enabled=true", "monitor.readings=4"}),
            "the monitor's integration is hardly ever a number: 4 problem types want more than 4 readings (monitor.readings)\n"
            "the monitor's attention_coherence is never a number: there are no councils (council.seats is 1)");
  EXPECT_EQ(notes_of({"council.seats=3", "bus.j_per_byte=0"}), "no effect of bus.j_per_byte: bus.enabled is false");
  EXPECT_EQ(notes_of({"monitor.enabled=true", "monitor.readings=5", "council.seats=3", "bus.enabled=true", "bus.j_per_byte=0"}), "");
}

TEST(Notes, ReactiveWindowsDoNotLookAhead) {
  EXPECT_EQ(notes_of({"context.strategy=reactive", "context.margin_tok=100", "context.snapshot_tok=900", "context.warn_share=0.5"}),
            "no effect of context.warn_share, context.margin_tok: context.strategy is \"reactive\"");
  EXPECT_EQ(notes_of({"context.strategy=preemptive", "context.margin_tok=100"}), "");
}

TEST(Notes, FaultsThatNoStepSees) {
  const auto said = [](const std::string& keys, const std::vector<std::string>& overrides = {}) {
    const std::string text = "regions = [\"BD\", \"KE\"]\n[[fault]]\nname = \"f\"\nregion = \"BD\"\n" + keys;
    return fmt::format("{}", fmt::join(notes(scenario::load_text(text, "/studies/x.toml", overrides)), "\n"));
  };
  const std::vector<std::string> short_run{"run.warmup=1h", "run.duration=1h", "run.step=5min"};
  EXPECT_EQ(said("start = \"119min\"\n", short_run), "fault 'f' does nothing: the run ends before the next step of 300 s");
  EXPECT_EQ(said("start = \"115min\"\n", short_run), "");
  EXPECT_EQ(said("start = \"2h\"\n", short_run), "fault 'f' begins after the end of the run");
  EXPECT_EQ(said("start = -3600\n", short_run), "fault 'f' ends before the start of the run");
  EXPECT_EQ(said("start = -3599\n", short_run), "");
  EXPECT_EQ(said("start = 301\nduration = 299\n", short_run), "fault 'f' does nothing: it begins and ends between two steps of 300 s");
  EXPECT_EQ(said("start = 301\nduration = 300\n", short_run), "");
  EXPECT_EQ(said("kind = \"partition\"\n", {"regions=[BD]"}), "fault 'f' does nothing: there is no other region to be cut off from");
  EXPECT_EQ(said("kind = \"partition\"\n"), "");
  EXPECT_EQ(notes_of({"faults.breakers=true"}),
            "there are no faults: circuit breakers see only answers that are late (faults.late_counts) or wrong (faults.wrong_counts)");
  EXPECT_EQ(notes_of({"faults.breakers=true", "faults.late_counts=false"}),
            "no effect of faults.breakers: nothing that happens counts as a failure (there are no faults, faults.late_counts, faults.wrong_counts)");
  EXPECT_EQ(said("kind = \"site-outage\"\n", {"faults.breakers=true", "faults.late_counts=false", "faults.lost_counts=false"}),
            "no effect of faults.breakers: nothing that happens counts as a failure (faults.lost_counts, faults.late_counts, faults.wrong_counts)");
  EXPECT_EQ(said("kind = \"site-outage\"\n", {"faults.slow_factor=9"}),
            "no effect of faults.slow_factor: faults.process is false, and listed faults have their own");
}

TEST(Notes, SpaceWithoutEffect) {
  EXPECT_EQ(notes_of({"balance.signal=requests"}),
            "no effect of balance.signal: balance.policy is neither \"join-shortest-queue\" nor \"power-of-d\"");
  EXPECT_EQ(notes_of({"balance.signal=requests", "balance.policy=power-of-d"}), "");
  EXPECT_EQ(notes_of({"balance.delay_joules_per_s=2"}), "no effect of balance.delay_joules_per_s: balance.policy is not \"min-total-energy\"");
  EXPECT_EQ(notes_of({"network.bytes_per_tok=2"}), "no effect of network.bytes_per_tok: network.joules_per_byte and network.bytes_per_s are 0");
  EXPECT_EQ(notes_of({"network.bytes_per_tok=2", "network.joules_per_byte=2e-5"}), "");
}

TEST(Notes, ARegionWithoutAnybodyToAskIsNamed) {
  EXPECT_EQ(notes_of({"region.BD.residency=home", "population.agents=40", "site.BD-1.servers=1", "site.KE-1.servers=1000"}),
            "region BD has no specialists: others answer all its requests\nnobody may answer the requests of region BD: residency and "
            "network.max_round_trip leave no region with specialists");
}

TEST(Notes, CouncilsOfTheLikeMindedSayWhatOneWould) {
  EXPECT_EQ(notes_of({"council.seats=3", "specialists.lineages=2"}),
            "councils have 3 seats, but there are only 2 lineages of networks per problem type: some members repeat what others say, at "
            "full cost (specialists.lineages)");
  EXPECT_EQ(notes_of({"council.seats=3", "specialists.lineages=3"}), "");
  EXPECT_EQ(notes_of({"specialists.lineages=1"}), "") << "one specialist is no council";
}

}  // namespace
}  // namespace swarm::world
