#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <set>

#include "tests/unit/engine/shop.hpp"

/// Requests that find no allowance of energy left and wait for the next day's (docs/models/energy_storage.md, "Allowances").
namespace swarm::engine {
namespace {

using world::RegionState;
using Overrides = std::vector<std::string>;

/// Two requests for each specialist and day, of 1,000 that arrive in each step of five minutes; all but urgent ones can wait for
/// an hour; from 22:00 to 01:00, so that the day ends after 24 steps.
Overrides evening(const Overrides& more = {}) {
  Overrides all{"energy.allowance=true", "energy.allowance_share=1e-6", "workload.flexible_share=1", "workload.flexibility='1h'",
                "workload.urgent_share=0.25", "demand.willingness=unlimited", "run.start='2022-01-03T22:00Z'", "run.duration=3h"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}
constexpr std::uint32_t kMidnight = 24, kHour = 12;

RegionState& region_of(Simulation& sim, std::size_t region = 0) {
  RegionState* found = nullptr;
  sim.each_region([&](RegionState& r) {
    if (r.id.value == region) found = &r;
  });
  return *found;
}

/// What a request is, by step of arrival and number.
using Key = std::pair<std::uint32_t, std::uint32_t>;
struct Request {
  double offset_s, wtp_ratio;
  std::uint32_t tok_in, tok_out, bank_item;
  float complexity, deadline_s;
  int type, purpose, seats;
  friend bool operator==(const Request&, const Request&) = default;
};
using Requests = std::map<Key, Request>;

/// The step's requests: those that arrived, or those that had been put away.
Requests asked(const RegionState& r, std::uint32_t step, bool arrived) {
  const auto& q = r.scratch.requests;
  Requests all;
  for (std::size_t k = 0; k < q.size(); ++k)
    if ((q.held_steps[k] == 0) == arrived)
      all[{step - q.held_steps[k], q.sequence[k]}] = {q.offset_s[k], q.wtp_ratio[k], q.tok_in[k], q.tok_out[k], q.bank_item[k], q.complexity[k],
                                                      q.deadline_s[k], static_cast<int>(q.type[k]), static_cast<int>(q.purpose[k]), r.scratch.seats[k]};
  return all;
}
Requests held(const RegionState& r) {
  const auto& h = r.held;
  Requests all;
  for (std::size_t k = 0; k < h.size(); ++k)
    all[{h.arrival_step[k], h.sequence[k]}] = {h.offset_s[k], h.wtp_ratio[k], h.tok_in[k], h.tok_out[k], h.bank_item[k], h.complexity[k],
                                               h.deadline_s[k], h.type[k], h.purpose[k], h.seats[k]};
  return all;
}

/// At 22:55 midnight is more than an hour after the step began: refused. From 23:00 on who can wait is put away, and asks again in
/// the step of 00:00, where two more for each specialist are served and the others refused: the next day is too far.
TEST(AllowanceDeferral, ByTheClock) {
  Simulation sim(quick_plan(shop("BD"), evening()));
  RegionState& r = region_of(sim);
  std::size_t waiting = 0;
  for (std::uint32_t step = 0; step < 2 * kHour; ++step) {
    sim.step();
    const auto& e = r.energy;
    std::size_t fresh = 0;
    for (std::size_t k = waiting; k < r.held.size(); ++k) {
      EXPECT_EQ(r.held.release_step[k], kMidnight);
      EXPECT_EQ(r.held.arrival_step[k], step);
      EXPECT_EQ(r.held.for_allowance[k], 1);
      ++fresh;
    }
    waiting = r.held.size();
    EXPECT_EQ(e.step.allowance_deferred, fresh) << step;
    EXPECT_EQ(e.step.allowance_released, 0u);
    EXPECT_EQ(r.schedule.held, waiting);
    EXPECT_EQ(r.requests_pending, waiting + r.flights.size());
    if (step < kHour) {
      EXPECT_EQ(fresh, 0u) << step;
      continue;
    }
    EXPECT_LE(fresh, r.schedule.step.flexible);
    EXPECT_GE(fresh + 3, r.schedule.step.flexible) << "hardly anybody has anything left";
    EXPECT_LE(e.rejected_allowance, r.step.requests_arrived - r.schedule.step.flexible) << "only those who cannot wait";
  }
  EXPECT_NEAR(static_cast<double>(waiting), 0.75 * 12000, 300);
  sim.step();
  EXPECT_EQ(r.energy.step.allowance_released, waiting);
  EXPECT_EQ(r.energy.step.allowance_deferred, 0u) << "24 hours to go";
  EXPECT_EQ(r.held.size(), 0u);
  EXPECT_GT(r.step.requests_served, 80u);
  EXPECT_GT(r.step.delay_s, 1500.0) << "most of those served came within the last hour, half an hour ago on average";
  EXPECT_EQ(r.step.requests_late, 0u) << "due an hour after they asked anew";
  EXPECT_EQ(waiting + r.step.requests_arrived, r.step.requests_served + r.step.requests_rejected + r.flights.size());
  while (!sim.done()) sim.step();
  EXPECT_EQ(r.energy.total.allowance_deferred, waiting);
  EXPECT_EQ(r.energy.total.allowance_released, waiting);
  EXPECT_EQ(r.totals.requests_arrived, r.totals.requests_served + r.energy.total_rejected_allowance + r.requests_pending);
  EXPECT_EQ(r.schedule.total.deferred + r.schedule.total.released, 0u) << "there is no schedule";
}

/// Everything that refusals for want of allowance go through, with half of them councils that not all markets offer.
const std::vector<std::pair<const char*, Overrides>> kWays{
    {"posted prices", {}},
    {"councils", {"council.seats=3", "council.threshold=0.3", "demand.willingness=log-normal", "energy.allowance_share=4e-6"}},
    {"an auction", {"market.mechanism=uniform", "market.minimum_balance_tkn=0"}},
    {"books", {"market.mechanism=cda", "market.minimum_balance_tkn=0", "market.buyers=zip", "demand.willingness=log-normal", "hardware.mean_service=2400", "energy.allowance_share=2e-3"}},
    {"a cap", {"pricing.rule=cap-and-trade", "permits.cap_t=0.01"}},
    {"quotas", {"quota.enabled=true", "quota.capacity_share=3e-6", "energy.allowance_share=2e-6"}},
    {"discounts", {"pricing.rule=justice", "fund.endowment='1d'"}}};

TEST(AllowanceDeferral, EveryRequestAsksAgainAsItWas) {
  for (const auto& [name, way] : kWays) {
    Simulation sim(quick_plan(shop("BD"), evening(way)));
    const RegionState& r = region_of(sim);
    Requests all;
    std::size_t rested = 0;
    for (std::uint32_t step = 0; step < kMidnight; ++step) {
      sim.step();
      all.merge(asked(r, step, true));
      for (std::size_t k = 0; k < r.held.size(); ++k) rested += r.held.arrival_step[k] < step && k + r.energy.step.allowance_deferred >= r.held.size();
    }
    if (std::string(name) == "books") {
      EXPECT_GT(rested, 10u) << "some had rested in a book before they found no allowance";
    }
    const Requests waiting = held(r);
    EXPECT_GT(waiting.size(), 500u) << name;
    std::set<int> seats;
    for (const auto& [key, request] : waiting) {
      ASSERT_TRUE(all.contains(key)) << name;
      ASSERT_EQ(request, all.at(key)) << name;
      seats.insert(request.seats);
    }
    EXPECT_EQ(seats.size(), std::string(name) == "councils" ? 2u : 1u) << name;
    sim.step();
    ASSERT_EQ(asked(r, kMidnight, false), waiting) << name;
  }
}

TEST(AllowanceDeferral, UntilMidnightMoneyPermitsAndQuotaAreThoseOfARefusal) {
  for (const auto& [name, way] : kWays) {
    Overrides refused = evening(way);
    refused.push_back("energy.allowance_defer=false");
    Simulation waits(quick_plan(shop("BD"), evening(way))), goes(quick_plan(shop("BD"), refused));
    const RegionState &a = region_of(waits), &b = region_of(goes);
    std::uint64_t deferred = 0;
    for (std::uint32_t step = 0; step < kMidnight; ++step) {
      waits.step();
      goes.step();
      deferred += a.energy.step.allowance_deferred;
      ASSERT_EQ(a.energy.step.allowance_deferred + a.energy.rejected_allowance, b.energy.rejected_allowance) << name;
      ASSERT_EQ(b.energy.step.allowance_deferred, 0u);
      for (const auto account : {world::kUsersAccount, world::kEscrowAccount, world::kFundAccount, world::kTreasuryAccount})
        ASSERT_EQ(a.ledger.balance(account).value, b.ledger.balance(account).value) << name;
      ASSERT_EQ(a.permits.held_mg, b.permits.held_mg) << name;
      ASSERT_EQ(a.permits.reserved_mg, b.permits.reserved_mg) << name;
      ASSERT_EQ(a.quota.book.reserved, b.quota.book.reserved) << name;
      ASSERT_EQ(a.grants_reserved, b.grants_reserved) << name;
      ASSERT_TRUE(a.flights.sequence == b.flights.sequence && a.flights.agent == b.flights.agent) << name;
      ASSERT_EQ(a.markets.orders_admitted, b.markets.orders_admitted) << name;
      ASSERT_EQ(a.purposes.requests_rejected.size(), b.purposes.requests_rejected.size());
    }
    EXPECT_GT(deferred, 500u) << name;
    EXPECT_EQ(a.requests_pending, b.requests_pending + deferred) << name;
    waits.step();
    goes.step();
    EXPECT_GT(a.step.requests_rejected + a.step.requests_served, b.step.requests_rejected + b.step.requests_served) << name;
  }
}

TEST(AllowanceDeferral, AtMostOncePerRenewal) {
  // Nobody ever has anything. Of users who wait for 30 hours, those who come from 18:00 on see two midnights, the others one.
  Simulation sim(quick_plan(shop("BD"), evening({"energy.allowance_share=0", "workload.flexibility='30h'", "workload.urgent_share=0", "run.start='2022-01-03T00:00Z'",
                                                 "run.step=30min", "run.duration=3d", "workload.requests_per_hour=60"})));
  const RegionState& r = region_of(sim);
  std::uint64_t twice = 0, once = 0;
  for (std::uint32_t step = 0; step < 96; ++step) {
    sim.step();
    (step % 48 < 36 ? once : twice) += r.step.requests_arrived;
    for (std::size_t k = 0; k < r.held.size(); ++k) {
      EXPECT_EQ(r.held.release_step[k], (step / 48 + 1) * 48);
      EXPECT_LE(r.held.release_step[k] - r.held.arrival_step[k], 60u);
    }
    EXPECT_EQ(r.totals.requests_served, 0u);
  }
  std::uint64_t first_evening = 0, all_first = 0;  // of the first day, in the second
  for (std::size_t k = 0; k < r.held.size(); ++k) all_first += r.held.arrival_step[k] < 48, first_evening += r.held.arrival_step[k] < 36;
  EXPECT_EQ(first_evening, 0u);
  EXPECT_GT(all_first, 200u);
  EXPECT_EQ(r.energy.total.allowance_deferred, once + twice + all_first);
}

TEST(AllowanceDeferral, UnderEveryScheduleNobodyGoesOnBeforeMidnight) {
  for (const char* strategy : {"none", "non-interrupting", "interrupting", "price", "carbon", "threshold"}) {
    // Each step is clean enough for strategy threshold, and slots have room for all.
    Simulation sim(quick_plan(shop("BD"), evening({std::string("schedule.strategy=") + strategy, "schedule.threshold=1e5", "schedule.capacity_share=1e5", "grid.forecast=noisy",
                                                   "grid.price_diurnal=0.3", "grid.diurnal=0.3", "workload.flexibility='2h'", "schedule.max_delay='30min'"})));
    const RegionState& r = region_of(sim);
    std::uint64_t put_away = 0, let_go = 0;
    while (!sim.done()) {
      const std::uint32_t step = sim.steps_done();
      sim.step();
      put_away += r.energy.step.allowance_deferred + r.schedule.step.deferred;
      let_go += r.energy.step.allowance_released + r.schedule.step.released;
      EXPECT_EQ(put_away, let_go + r.held.size()) << strategy;
      EXPECT_TRUE(step == kMidnight || r.energy.step.allowance_released == 0) << strategy;
      for (std::size_t k = 0; k < r.held.size(); ++k) {
        EXPECT_LE(r.held.release_step[k] - r.held.arrival_step[k], 24u) << "two hours, with what the schedule held it back before";
        ASSERT_TRUE(r.held.for_allowance[k] == 0 || r.held.release_step[k] == kMidnight) << strategy;
      }
    }
    EXPECT_GT(r.energy.total.allowance_released, 5000u) << strategy;
    EXPECT_EQ(r.totals.requests_arrived, r.totals.requests_served + r.energy.total_rejected_allowance + r.requests_pending) << strategy;
  }
}

/// Kenya has no specialists: its requests are refused in Bangladesh and wait at home.
std::string two_regions() {
  std::string text = shop("BD");
  text.replace(text.find("[\"BD\"]"), 6, "[\"BD\", \"KE\"]");
  return text;
}

TEST(AllowanceDeferral, RequestsWaitWhereTheyWereAsked) {
  std::vector<std::vector<std::uint32_t>> sequences;
  for (const char* shards : {"engine.shards=1", "engine.shards=2"}) {
    Simulation sim(quick_plan(two_regions(), evening({"region.KE.agents=0", "workload.split=equal", shards})));
    for (std::uint32_t step = 0; step < kMidnight; ++step) sim.step();
    const RegionState &bd = region_of(sim, 0), &ke = region_of(sim, 1);
    EXPECT_GT(ke.held.size(), 2000u);
    EXPECT_GT(bd.held.size(), 2000u);
    EXPECT_EQ(ke.energy.total.allowance_deferred, ke.held.size());
    EXPECT_EQ(ke.ledger.balance(world::kEscrowAccount).value, 0);
    sequences.push_back(ke.held.sequence);
    sim.step();
    EXPECT_EQ(ke.held.size(), 0u);
    EXPECT_EQ(ke.energy.step.allowance_released, ke.energy.total.allowance_deferred);
    EXPECT_GT(ke.step.requests_served, 20u);
  }
  EXPECT_EQ(sequences[0], sequences[1]);
}

TEST(AllowanceDeferral, NobodyWaitsWhoCannot) {
  for (const Overrides& never : {Overrides{"workload.flexible_share=0"}, Overrides{"workload.flexibility=0"}, Overrides{"energy.allowance_defer=false"},
                                 Overrides{"workload.flexibility='4min'"}, Overrides{"energy.allowance_share=1"}}) {
    Simulation sim(quick_plan(shop("BD"), evening(never)));
    while (!sim.done()) sim.step();
    EXPECT_EQ(region_of(sim).energy.total.allowance_deferred, 0u) << never[0];
  }
}

TEST(AllowanceDeferral, TheNextDayOfSteps) {
  const auto next = [](const char* step, std::uint32_t from) { return quick_plan(shop("BD"), evening({std::string("run.step=") + step}))->next_day(from); };
  EXPECT_EQ(next("5min", 0), 24u);
  EXPECT_EQ(next("5min", 23), 24u);
  EXPECT_EQ(next("5min", 24), 24u + 288u);
  EXPECT_EQ(next("1h", 1), 2u);
  for (const char* length : {"5min", "50min", "7min", "1h"}) {
    const auto plan = quick_plan(shop("BD"), evening({std::string("run.step=") + length, "run.duration=175h"}));
    for (std::uint32_t step = 0; step < 300; ++step) {
      std::uint32_t expected = step + 1;
      while (!plan->begins_day(expected)) ++expected;
      ASSERT_EQ(plan->next_day(step), expected) << length << ' ' << step;
    }
  }
}

}  // namespace
}  // namespace swarm::engine
