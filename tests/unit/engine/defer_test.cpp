#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <numeric>
#include <tuple>

#include "sim/dispatch/exact_sums.hpp"
#include "sim/dispatch/shift_jobs.hpp"
#include "sim/engine/answers.hpp"
#include "sim/engine/pieces.hpp"
#include "sim/engine/routing.hpp"
#include "sim/engine/slot_work.hpp"
#include "tests/unit/engine/shop.hpp"

/// Requests that can wait, in a shop on a grid whose intensity goes up and down by the hour.
namespace swarm::engine {
namespace {

using world::RegionState;
using Overrides = std::vector<std::string>;

constexpr std::array kStrategies{"none", "non-interrupting", "interrupting", "price", "carbon", "threshold"};
/// Hours of the trace [g/kWh]; then they begin anew.
constexpr std::array kHours{400, 300, 350, 200, 250, 500, 220, 100, 450, 330, 150, 420};

/// A trace file of the process, made once.
const std::string& trace_file() {
  static const std::string path = [] {
    const auto file = std::filesystem::temp_directory_path() / ("defer_test_" + std::to_string(::getpid()) + ".csv");
    std::ofstream out(file);
    out << "datetime_utc,DE\n";
    for (int h = 0; h < 240; ++h)
      out << fmt::format("2022-01-{:02}T{:02}:00Z,{}\n", 1 + h / 24, h % 24, kHours[static_cast<std::size_t>(h) % kHours.size()]);
    return file.string();
  }();
  return path;
}

/// All requests can wait for four hours; steps of half an hour; machines to spare.
Overrides waiting(const std::string& strategy, const Overrides& more = {}) {
  Overrides all{"schedule.strategy=" + strategy, "workload.flexible_share=1", "workload.urgent_share=0.25", "schedule.capacity_share=1e5",
                "grid.source=trace", "grid.trace='" + trace_file() + "'", "grid.forecast=perfect", "run.start=2022-01-01T00:00Z",
                "run.step=30min", "run.duration=12h", "workload.requests_per_hour=600", "demand.willingness=unlimited",
                "grid.price_diurnal=0.3"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

RegionState& region_of(Simulation& sim) { return sim.worlds()[0]->regions[0]; }

Simulation started(const Overrides& keys) { return Simulation(quick_plan(shop("DE"), keys)); }
Simulation run(const Overrides& keys) {
  Simulation sim = started(keys);
  while (!sim.done()) sim.step();
  return sim;
}

/// What a request is: step of arrival and number.
using Key = std::pair<std::uint32_t, std::uint32_t>;

/// Every flight of a run when it was first seen, by request.
struct Flight {
  std::uint32_t step;  ///< of its start
  std::uint32_t agent;
  double service_s, at_once_s, start_s;
  float deadline_s;
};
using Look = std::function<void(const world::World&, const RegionState&)>;
std::map<Key, Flight> flights_of(const Overrides& keys, const Look& after_step = {}, const Look& in_the_air = {}) {
  Simulation sim = started(keys);
  std::map<Key, Flight> all;
  // Answers take seconds: phases are run by hand, to see flights before they land.
  auto& w = *sim.worlds()[0];
  const auto run_step = [&] {
    for (const auto phase : {sense}) phase(w);
    exchange_bulletins(sim.worlds());
    for (const auto phase : {share_fund, arrive, sell_permits, trade_futures, hold_predictions, triage, defer, quote}) phase(w);
    for (auto round = w.plan->trade_rounds(); round > 0; --round) {
      exchange_orders(sim.worlds());
      trade(w);
    }
    for (const auto phase : {assign, generate_inputs, infer}) phase(w);
    const auto& f = w.regions[0].flights;
    for (std::size_t k = 0; k < f.size(); ++k)
      all.try_emplace({f.arrival_step[k], f.sequence[k]},
                      Flight{w.step, f.agent[k], f.service_s[k], f.at_once_s[k], f.start_s[k], f.deadline_s[k]});
    if (in_the_air) in_the_air(w, w.regions[0]);
    settle_sellers(w);
    lend(w);
    exchange_outcomes(sim.worlds());
    settle_buyers(w);
    audit(w);
    audit_mail(sim.worlds(), w.step);
    if (after_step) after_step(w, w.regions[0]);
    ++w.step;
  };
  for (std::uint32_t step = 0; step < w.plan->steps; ++step) run_step();
  return all;
}

TEST(Defer, EveryStrategyMeetsTheSameRequestsAndTheirAnswersTakeAsLong) {
  const auto at_once = flights_of(waiting("none"));
  ASSERT_GT(at_once.size(), 6000u);
  for (const auto* strategy : kStrategies) {
    const auto held = flights_of(waiting(strategy));
    std::size_t moved = 0;
    for (const auto& [key, flight] : held) {
      const auto twin = at_once.find(key);
      ASSERT_NE(twin, at_once.end()) << strategy;
      ASSERT_EQ(flight.service_s, twin->second.service_s) << strategy << ": drawn by step of arrival and number";
      ASSERT_EQ(flight.deadline_s, twin->second.deadline_s) << strategy;
      moved += flight.step != key.first;
    }
    if (std::string(strategy) == "none")
      EXPECT_EQ(moved, 0u);
    else
      EXPECT_GT(moved, 1000u) << strategy;
  }
}

TEST(Defer, DrawsGoByTheStepOfArrival) {
  std::size_t held = 0;
  const auto look = [&](const world::World& w, const RegionState& r) {
    const Random candidate(w.plan->seed, Stream::candidate);
    for (const world::Order& order : r.scratch.quoted) {
      const auto draw = candidate.block(order.arrival_step, RequestId(r.id, order.sequence).packed);
      ASSERT_EQ(order.random_order, draw[2]);
      ASSERT_EQ(order.asked_step, w.step);
      held += order.arrival_step < w.step;
    }
  };
  flights_of(waiting("non-interrupting"), {}, look);
  EXPECT_GT(held, 2000u);
}

TEST(Defer, BalancingDrawsToo) {
  const auto plan = quick_plan(shop("DE"), waiting("none", {"balance.policy=random"}));
  const auto worlds = world::make_worlds(plan, 1);
  world::World& w = *worlds[0];
  const Random balance(plan->seed, Stream::balance);
  world::Order order{.deadline_s = 3600, .tok_in = 10, .tok_out = 10, .lines = 8};
  for (std::uint32_t j = 0; j < 8; ++j) order.line[j] = {.agent = j};
  std::size_t differ = 0;
  for (order.sequence = 0; order.sequence < 50; ++order.sequence) {
    const auto taken = [&](std::uint32_t arrival, std::uint32_t step) {
      w.step = step;
      order.arrival_step = arrival;
      return route(w, w.regions[0], order, balance, [](std::uint32_t) { return 0.0; }).line->agent;
    };
    ASSERT_EQ(taken(3, 3), taken(3, 7)) << "whenever it is let go";
    differ += taken(3, 7) != taken(7, 7);
  }
  EXPECT_GT(differ, 30u) << "two requests of different steps that meet";
}

TEST(Defer, WithoutAStrategyOnlyTheDeadlineDiffersFromRequestsThatCannotWait) {
  const auto can = flights_of(waiting("none")), cannot = flights_of(waiting("none", {"workload.flexible_share=0"}));
  ASSERT_EQ(can.size(), cannot.size());
  int later = 0;
  for (const auto& [key, flight] : can) {
    const Flight& twin = cannot.at(key);
    ASSERT_EQ(flight.agent, twin.agent);
    ASSERT_EQ(flight.start_s, twin.start_s);
    if (flight.at_once_s < 0) {
      ASSERT_EQ(flight.deadline_s, 3600.0f);
    } else {
      ASSERT_EQ(flight.deadline_s, 3600.0f + 14400.0f);
      ++later;
    }
  }
  EXPECT_NEAR(later, 0.75 * static_cast<double>(can.size()), 0.04 * static_cast<double>(can.size())) << "urgent ones cannot wait";
}

/// The schedule of `swarmsim shift` for a job of one slot at each request's arrival.
TEST(Defer, RunsEveryRequestInTheSlotThatTheShiftCalculatorChooses) {
  const auto flights = flights_of(waiting("non-interrupting"));
  std::vector<double> intensity;
  for (int k = 0; k < 80; ++k) intensity.push_back(kHours[static_cast<std::size_t>(k / 2) % kHours.size()]);
  std::vector<std::int64_t> units(intensity.size());
  dispatch::to_units(intensity, 2, units);
  std::vector<dispatch::ShiftJob> jobs;
  for (const auto& [key, flight] : flights) jobs.push_back({key.first, 1});
  dispatch::ShiftScratch scratch;
  dispatch::ShiftedJobs shifted;
  dispatch::shift_jobs({.truth = units, .forecast = units, .clock = {0, 1800, 80}, .rule = {.slack = 8}}, jobs, scratch, shifted);
  std::size_t k = 0, can_wait = 0;
  for (const auto& [key, flight] : flights) {
    const std::int64_t start = shifted.start[k++];
    if (flight.at_once_s < 0) {
      ASSERT_EQ(flight.step, key.first);
      continue;
    }
    ++can_wait;
    ASSERT_EQ(flight.step, start) << "arrived in step " << key.first;
  }
  EXPECT_GT(can_wait, 4000u);
}

TEST(Defer, SavesWhatTheScheduleSavesInTheAccounts) {
  Simulation sim = run(waiting("non-interrupting", {"run.duration=3d", "hardware.mean_service=0.5"}));
  const auto& t = region_of(sim).schedule.total;
  ASSERT_GT(t.answered, 10000u);
  // The best of nine half-hours at each of the trace's hours; services of half a second hardly cross a slot's end.
  double now = 0, then = 0;
  for (int k = 0; k < 24; ++k) {
    int least = 1000;
    for (int j = k; j <= k + 8; ++j) least = std::min(least, kHours[static_cast<std::size_t>(j / 2) % kHours.size()]);
    now += kHours[static_cast<std::size_t>(k / 2)];
    then += least;
  }
  EXPECT_NEAR(t.carbon_g / t.carbon_at_once_g, then / now, 0.01) << "arrivals and services are random";
  EXPECT_NEAR(t.carbon_at_once_g / t.kwh, now / 24, 3);
  EXPECT_NEAR(t.gain / static_cast<double>(t.released), t.foreseen / static_cast<double>(t.released), 1e-9) << "perfectly foreseen";
}

TEST(Defer, NothingIsLateOrRefusedBecauseItWasHeld) {
  for (const auto* strategy : kStrategies) {
    Simulation sim = run(waiting(strategy, {"run.duration=24h"}));
    const RegionState& r = region_of(sim);
    EXPECT_EQ(r.totals.requests_late, 0u) << strategy;
    EXPECT_EQ(r.totals.requests_arrived, r.totals.requests_served + r.requests_pending) << strategy;
    EXPECT_GE(r.requests_pending, r.held.size());
    EXPECT_EQ(r.schedule.total.deferred, r.schedule.total.released + r.held.size());
    EXPECT_LE(r.schedule.total.held_s, 14400.0 * static_cast<double>(r.schedule.total.released)) << strategy;
    EXPECT_EQ(r.schedule.total.flexible, r.schedule.total.answered + r.held.size() + r.flights.size()) << "all fly alone";
  }
}

TEST(Defer, WaitsForAServerAreCountedFromTheReleaseAndDelaysFromTheArrival) {
  const auto look = [](const world::World&, const RegionState& r) {
    if (r.schedule.step.released == 0) return;
    EXPECT_EQ(r.step.requests_waited, 0u) << "machines to spare";
    EXPECT_GT(r.step.delay_s, 60.0) << "mean over the step's answers, some of them held for half an hour and more";
  };
  flights_of(waiting("carbon"), look);
}

TEST(Defer, MaxDelayCapsHowLongAndAStepIsTheLeast) {
  const auto longest = [](const Overrides& more) {
    std::uint32_t steps = 0;
    for (const auto& [key, flight] : flights_of(waiting("non-interrupting", more))) steps = std::max(steps, flight.step - key.first);
    return steps;
  };
  EXPECT_EQ(longest({}), 8u);
  EXPECT_EQ(longest({"schedule.max_delay='100min'"}), 3u);
  EXPECT_EQ(longest({"schedule.max_delay='29min'"}), 0u);
  EXPECT_EQ(longest({"workload.flexibility=0"}), 0u);
  EXPECT_EQ(longest({"workload.flexibility='20h'", "grid.forecast_horizon='5h'"}), 10u) << "nobody knows what comes later";
}

TEST(Defer, AForecastWithoutShapeHoldsNothing) {
  Simulation sim = run(waiting("non-interrupting", {"grid.forecast=persistence"}));
  EXPECT_EQ(region_of(sim).schedule.total.deferred, 0u);
}

TEST(Defer, ASlotTakesWhatItMayBePromisedAndOneMore) {
  // 4,000 servers for half an hour, and 600 requests an hour of 2 s: 0.1 % are 7,200 s, 1e-5 are 72 s.
  Simulation sim = started(waiting("non-interrupting", {"schedule.capacity_share=1e-5"}));
  const std::int64_t limit = 72'000'000;
  std::int64_t most = 0;
  while (!sim.done()) {
    sim.step();
    for (const std::int64_t promised : region_of(sim).schedule.promised_us) most = std::max(most, promised);
  }
  EXPECT_GE(most, limit);
  EXPECT_LE(most, limit + 4'000'000) << "a request takes 2 s on average, by its tok up to a few times that: none here";
  Simulation roomy = run(waiting("non-interrupting"));
  EXPECT_GT(region_of(sim).schedule.total.deferred, 0u);
  EXPECT_LT(region_of(sim).schedule.total.deferred, region_of(roomy).schedule.total.deferred / 4);
}

TEST(Defer, ThresholdLetsGoInTheFirstCleanStep) {
  const auto flights = flights_of(waiting("threshold", {"schedule.threshold=250"}));
  std::size_t held = 0;
  for (const auto& [key, flight] : flights) {
    if (flight.at_once_s < 0) continue;
    const auto at = [](std::uint32_t step) { return kHours[step / 2 % kHours.size()]; };
    std::uint32_t expected = key.first;
    while (at(expected) > 250 && expected < key.first + 8) ++expected;
    ASSERT_EQ(flight.step, expected) << "arrived in step " << key.first;
    held += expected > key.first;
  }
  EXPECT_GT(held, 1000u);
}

TEST(Defer, EmergenciesAreNotHeld) {
  const std::string flood = R"(
[[hazard]]
name = "flood"
region = "DE"
start = 0
duration = "1d"
severity = 0.5
)";
  Simulation sim(quick_plan(shop("DE") + flood, waiting("non-interrupting")));
  std::uint64_t emergencies = 0;
  while (!sim.done()) {
    sim.step();
    const RegionState& r = region_of(sim);
    for (const auto purpose : r.held.purpose) {
      EXPECT_NE(purpose, static_cast<std::uint8_t>(workload::Purpose::disaster_response));
      EXPECT_NE(purpose, static_cast<std::uint8_t>(workload::Purpose::climate_adaptation));
    }
    emergencies += r.step.emergency_arrived;
  }
  EXPECT_GT(emergencies, 100u);
  EXPECT_GE(region_of(sim).totals.emergency_served + 5, region_of(sim).totals.emergency_arrived) << "but for the last seconds'";
}

/// Services of two hours on average, in steps of half an hour.
Overrides long_ones(const std::string& strategy, const Overrides& more = {}) {
  Overrides all{"hardware.mean_service=7200", "workload.requests_per_hour=60", "workload.deadline='2d'", "run.duration=3d"};
  all.insert(all.end(), more.begin(), more.end());
  return waiting(strategy, all);
}

TEST(Pieces, TakeTheSameTimeAndEnergyAsTheWhole) {
  struct Job {
    double worked_s;
    std::int64_t metered_nj;
    bool interrupted;
  };
  const auto jobs_of = [](const std::string& strategy) {
    Simulation sim = started(long_ones(strategy));
    std::map<Key, Job> jobs;
    while (!sim.done()) {
      sim.step();
      const auto& f = region_of(sim).flights;
      for (std::size_t k = 0; k < f.size(); ++k) {
        const double worked = f.worked_s[k] + std::max(0.0, std::min(f.finish_s[k], 1800.0 * sim.steps_done()) - f.start_s[k]);
        EXPECT_NEAR(static_cast<double>(f.metered_nj[k]), 360e9 * worked, 1) << "after every step";
        EXPECT_NEAR(f.worked_s[k] + (f.finish_s[k] - f.start_s[k]) + f.left_s[k], f.service_s[k], 1e-6);
        jobs[{f.arrival_step[k], f.sequence[k]}] = {worked, f.metered_nj[k], f.worked_s[k] > 0};
      }
    }
    return jobs;
  };
  const auto pieces = jobs_of("interrupting"), whole = jobs_of("non-interrupting");
  std::size_t interrupted = 0;
  for (const auto& [key, job] : pieces) interrupted += job.interrupted;
  EXPECT_GT(interrupted, 500u);
  EXPECT_GT(whole.size(), 2500u);
  for (const auto& [key, job] : whole) EXPECT_FALSE(job.interrupted);
}

TEST(Pieces, EndNoLaterThanInOnePieceWouldHaveAtTheLatest) {
  std::size_t seen = 0, early = 0;
  const auto look = [&](const world::World& w, const RegionState& r) {
    const auto& f = r.flights;
    for (std::size_t k = 0; k < f.size(); ++k) {
      if (f.left_s[k] > 0 || f.worked_s[k] == 0 || f.finish_s[k] > w.step_end()) continue;
      ++seen;
      const double latest = f.arrival_s[k] + 14400 + f.service_s[k];
      EXPECT_LE(f.finish_s[k], latest + 1e-6);
      early += f.finish_s[k] < latest - 1;
      EXPECT_NEAR(answer_delay(*w.plan, r, k), f.finish_s[k] - f.arrival_s[k] + 0.005, 1e-6) << "and the network";
    }
  };
  flights_of(long_ones("interrupting"), {}, look);
  EXPECT_GT(seen, 500u);
  EXPECT_GT(early, seen / 4) << "not all of them at the last moment";
}

TEST(Pieces, OfASiteThatGoesOutAreLostWithWhatIsLeft) {
  const std::string outage = "[[fault]]\nname = \"f\"\nregion = \"DE\"\nstart = \"30h\"\nduration = \"1h\"\n";
  Simulation sim(quick_plan(shop("DE") + outage, long_ones("interrupting")));
  while (sim.steps_done() < 60) sim.step();
  const RegionState& r = region_of(sim);
  std::size_t between = 0;
  for (std::size_t k = 0; k < r.flights.size(); ++k) between += r.flights.left_s[k] > 0 && r.flights.finish_s[k] <= 30 * 3600;
  ASSERT_GT(between, 5u) << "interrupted as it begins";
  sim.step();
  EXPECT_EQ(r.flights.size(), 0u);
  EXPECT_EQ(r.requests_pending, r.held.size()) << "all others have been told";
  EXPECT_GE(r.step.rejected_fault, between);
}

TEST(Pieces, SaveMoreThanOnePieceWhereWorkIsLong) {
  const auto share = [](const std::string& strategy) {
    Simulation sim = run(long_ones(strategy));
    const auto& t = region_of(sim).schedule.total;
    EXPECT_GT(t.answered, 2000u);
    return t.carbon_g / t.carbon_at_once_g;
  };
  const double none = share("none"), whole = share("non-interrupting"), pieces = share("interrupting");
  EXPECT_NEAR(none, 1, 1e-9);
  EXPECT_LT(whole, 0.97);
  EXPECT_LT(pieces, whole - 0.02);
}

TEST(SlotWork, ByHand) {
  const auto plan = quick_plan(shop("DE"), waiting("non-interrupting", {"hardware.mean_service=7200", "schedule.capacity_share=0.5"}));
  const auto worlds = world::make_worlds(plan, 1);
  sense(*worlds[0]);
  exchange_bulletins(worlds);
  const SlotWork work(*worlds[0], RegionId{0});
  EXPECT_EQ(work.promised_at_most_us(), 3'600'000'000'000) << "half of 4,000 servers for 1,800 s";
  const auto one = work.of(0, 100, 10, 1), three = work.of(0, 100, 10, 3);
  EXPECT_EQ(one.length, 4) << "two hours of half-hours";
  EXPECT_EQ(one.work_us, 7'200'000'000);
  EXPECT_EQ(three.length, 12) << "a council of three, one after the other";
}

}  // namespace
}  // namespace swarm::engine
