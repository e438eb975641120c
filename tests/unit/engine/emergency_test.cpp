#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <tuple>

#include "tests/unit/engine/shop.hpp"

/// Hazards in runs (docs/models/instruments.md, "In a run").
namespace swarm::engine {
namespace {

using workload::Purpose;
using world::RegionState;

constexpr std::size_t kBd = 1;
constexpr auto kLuxury = static_cast<std::size_t>(Purpose::luxury),
               kMining = static_cast<std::size_t>(Purpose::cryptocurrency_mining);

std::string flood(const char* name, const char* start, const char* duration, double severity) {
  return fmt::format(
      "[[hazard]]\nname = \"{}\"\nregion = \"BD\"\nstart = \"{}\"\nduration = \"{}\"\nseverity = {}\n", name,
      start, duration, severity);
}
const std::string kFlood = flood("f", "10min", "40min", 1);

/// Requests of BD as they arrive, step after step.
std::vector<workload::RequestColumns> arrivals(const std::string& text,
                                               const std::vector<std::string>& overrides) {
  Simulation sim(quick_plan(text, overrides));
  std::vector<workload::RequestColumns> out;
  while (!sim.done()) {
    sim.step();
    sim.each_region([&](const RegionState& r) {
      if (r.id.value == kBd) out.push_back(r.scratch.requests);
    });
  }
  return out;
}

/// The rows with numbers below n, in order.
workload::RequestColumns ordinary(const workload::RequestColumns& all, std::size_t n) {
  workload::RequestColumns out;
  for (std::size_t k = 0; k < all.size(); ++k)
    if (all.sequence[k] < n) [&]<std::size_t... I>(std::index_sequence<I...>) {
        (std::get<I>(out.columns()).push_back(std::get<I>(all.columns())[k]), ...);
      }
  (std::make_index_sequence<std::tuple_size_v<decltype(out.columns())>>{});
  return out;
}

TEST(Emergency, OrdinaryArrivalsStayAsTheyAre) {
  const std::vector<std::string> demand{"demand.willingness=log-normal"};
  const auto calm = arrivals(kThreeRegions, demand), struck = arrivals(kThreeRegions + kFlood, demand);
  ASSERT_EQ(calm.size(), struck.size());
  double extra = 0, expected = 0;
  for (std::size_t step = 0; step < calm.size(); ++step) {
    const std::size_t n = calm[step].size();
    const auto same = ordinary(struck[step], n);
    EXPECT_TRUE(same.columns() == calm[step].columns()) << step;
    EXPECT_TRUE(std::is_sorted(struck[step].offset_s.begin(), struck[step].offset_s.end()));
    EXPECT_EQ(struck[step].size() > n, step >= 2) << "from the third step on, fading after the end";
    if (step < 2 || step >= 10) continue;
    extra += static_cast<double>(struck[step].size() - n);
    expected += static_cast<double>(n) * (0.03 * 4.0 + 0.05 * 1.0);
    for (std::size_t k = 0; k < struck[step].size(); ++k)
      if (struck[step].sequence[k] >= n) {
        EXPECT_TRUE(struck[step].purpose[k] == Purpose::disaster_response ||
                    struck[step].purpose[k] == Purpose::climate_adaptation);
      }
  }
  EXPECT_NEAR(extra, expected, 4 * std::sqrt(expected)) << "given the ordinary ones, a Poisson number";
  EXPECT_GT(std::abs(expected / 0.17 * (0.03 * 5 + 0.05 * 2) - expected), 4 * std::sqrt(expected))
      << "factors, not factors less 1";
}

TEST(Emergency, WhatIsDrawnDoesNotDependOnTheProtocol) {
  const auto on = arrivals(kThreeRegions + kFlood, {}),
             off = arrivals(kThreeRegions + kFlood, {"emergency.protocol=off"});
  for (std::size_t step = 0; step < on.size(); ++step) EXPECT_TRUE(on[step].columns() == off[step].columns());
}

/// What a crowded hour came to.
struct Hour {
  std::array<double, workload::kPurposes> arrived{}, served{};
  world::RegionStep bd{};
  world::RegionTotals totals{};
  double turned_away = 0, rejected = 0, by_reason = 0;
  double share(std::size_t p) const { return served[p] / arrived[p]; }
  double fulfilled() const {
    return static_cast<double>(totals.emergency_in_time) /
           static_cast<double>(totals.emergency_served + totals.emergency_rejected);
  }
};
Hour hour(const std::string& text, std::vector<std::string> overrides) {
  for (const char* o :
       {"workload.multiplicity=0", "workload.load=1.6", "demand.budget_share=1", "workload.deadline='2min'"})
    overrides.emplace_back(o);
  Simulation sim(quick_plan(text, overrides));
  Hour h;
  while (!sim.done()) {
    sim.step();
    sim.each_region([&](const RegionState& r) {
      h.turned_away += r.step.rejected_emergency;
      h.rejected += r.step.requests_rejected;
      h.by_reason += r.step.rejected_price + r.step.rejected_budget + r.step.rejected_capacity +
                     r.step.rejected_deadline + r.step.rejected_emergency;
      if (r.id.value != kBd) return;
      h.totals = r.totals;
      for (std::size_t p = 0; p < workload::kPurposes; ++p) {
        h.arrived[p] += r.purposes.requests_arrived[p];
        h.served[p] += r.purposes.requests_served[p];
      }
    });
  }
  return h;
}

/// Whether the second did more for those in need, beyond four standard errors, at the expense of luxury and
/// mining.
bool helps(const Hour& without, const Hour& with) {
  const auto variance = [](const Hour& h) { return h.fulfilled() * (1 - h.fulfilled()); };
  const double error =
      std::sqrt((variance(without) + variance(with)) / static_cast<double>(with.totals.emergency_arrived));
  return with.fulfilled() > without.fulfilled() + 4 * error && with.share(kLuxury) < without.share(kLuxury) &&
         with.share(kMining) < without.share(kMining);
}

TEST(Emergency, TheProtocolHelpsWhereCapacityIsScarce) {
  // Only the struck region answers, so that what its luxury leaves is for those in need.
  const std::string alone = R"(
regions = ["KE", "BD"]
[run]
warmup = 0
duration = "1h"
[workload]
requests_per_hour = 24000
split = "equal"
burstiness = 0
[demand]
willingness = "unlimited"
[population]
agents = 200
[[purpose]]
name = "luxury"
share = 0.4
[[region]]
name = "KE"
agents = 0
)" + kFlood;
  const Hour on = hour(alone, {}), off = hour(alone, {"emergency.protocol=off"});
  EXPECT_TRUE(helps(off, on)) << off.fulfilled() << " " << on.fulfilled();
  EXPECT_FALSE(helps(off, hour(alone, {"emergency.luxury_share=1", "emergency.mining_share=1"})))
      << "a protocol that takes nothing: by arrival priorities do not count";
  EXPECT_GT(on.turned_away, 0);
  EXPECT_EQ(off.turned_away, 0);
  EXPECT_EQ(on.rejected, on.by_reason);
  EXPECT_EQ(on.totals.emergency_arrived, off.totals.emergency_arrived);
}

TEST(Emergency, EveryMechanismTurnsLuxuryAway) {
  for (const char* mechanism : {"posted", "uniform", "pay-as-bid", "second-price", "vcg", "cda"}) {
    const Hour h = hour(kThreeRegions + kFlood,
                        {fmt::format("market.mechanism={}", mechanism), "market.minimum_balance_tkn=0"});
    EXPECT_GT(h.turned_away, 0) << mechanism;
    EXPECT_EQ(h.rejected, h.by_reason) << mechanism;
    EXPECT_GT(h.totals.emergency_in_time, 0u) << mechanism;
  }
}

/// Numbers of the orders of luxury, of 4,000 that come to BD, which it does not admit.
std::set<std::uint32_t> given_way(double severity, const char* protocol = "on") {
  const auto worlds =
      world::make_worlds(quick_plan(kThreeRegions + flood("f", "0s", "1h", severity),
                                    {std::string("emergency.protocol=") + protocol, "market.attempts=1"}),
                         1);
  for (const auto& w : worlds) sense(*w);
  for (std::uint32_t k = 0; k < 4000; ++k) {
    world::Order o{.deadline_s = 1e9F,
                   .sequence = k,
                   .tok_in = 1,
                   .tok_out = 1,
                   .asker = 0,
                   .purpose = static_cast<std::uint8_t>(k % 2 ? Purpose::luxury : Purpose::general_research),
                   .lines = 1};
    o.line[0] = {.agent = 0, .site = worlds[0]->plan->regions[kBd].first_site, .price = 10};
    worlds[0]->orders.from_to(0, kBd).push_back(o);
  }
  exchange_orders(worlds);
  trade(*worlds[0]);
  std::set<std::uint32_t> out;
  for (std::uint32_t k = 1; k < 4000; k += 2) out.insert(k);
  for (const auto& o : worlds[0]->regions[kBd].scratch.admitted) out.erase(o.sequence);
  EXPECT_EQ(worlds[0]->outcomes.from_to(kBd, 0).size(), out.size()) << "nothing but luxury gives way";
  return out;
}

TEST(Emergency, LuxuryIsServedUpToItsShare) {
  const auto half = given_way(0.5), most = given_way(0.75), all = given_way(1);
  EXPECT_EQ(all.size(), 2000u);
  EXPECT_NEAR(static_cast<double>(half.size()), 1000, 4 * std::sqrt(2000 * 0.25));
  EXPECT_NEAR(static_cast<double>(most.size()), 1500, 4 * std::sqrt(2000 * 0.1875));
  EXPECT_TRUE(std::includes(most.begin(), most.end(), half.begin(), half.end()))
      << "who gives way to less gives way to more";
  EXPECT_TRUE(given_way(1, "off").empty());
}

TEST(Emergency, PrioritiesRiseByTheFactor) {
  for (const auto& [protocol, factor] : {std::pair{"on", 3.0}, std::pair{"off", 1.0}}) {  // 1 + (5 − 1) · 0.5
    const auto worlds = world::make_worlds(quick_plan(kThreeRegions + flood("f", "0s", "1h", 0.5),
                                                      {std::string("emergency.protocol=") + protocol}),
                                           1);
    up_to_quote(worlds);
    const std::array<double, 9> purpose{5, 4, 3.5, 3, 2.5, 2, 1, 0.2, 0.1};
    std::size_t seen = 0;
    for (const auto& o : orders_of(worlds)) {
      const bool last = o.purpose == kLuxury || o.purpose == kMining;
      if (o.asker == kBd) {
        EXPECT_EQ(o.priority, static_cast<float>(2 * purpose[o.purpose] * (last ? 1.0 : factor)));
        EXPECT_EQ(o.emergency != 0, o.purpose < 2);
        ++seen;
      } else {
        EXPECT_EQ(o.emergency, 0);
      }
    }
    EXPECT_GT(seen, 100u);
  }
}

TEST(Emergency, CallsForHelpDoNotWaitForCouncils) {
  for (const auto& [in_emergencies, seats] : {std::pair{"false", 1}, std::pair{"true", 3}}) {
    const auto worlds = world::make_worlds(quick_plan(kThreeRegions + flood("f", "0s", "1h", 0.5),
                                                      {"council.seats=3", "council.threshold=0", "specialists.lineages=4", "demand.willingness=unlimited",
                                                       std::string("council.in_emergencies=") + in_emergencies}),
                                           1);
    up_to_quote(worlds);
    std::size_t calls = 0, asked = 0, in_council = 0;
    for (const auto& o : orders_of(worlds)) {
      calls += o.emergency;
      in_council += o.seats > 1;
      EXPECT_EQ(o.seats, o.emergency != 0 ? seats : 3);
    }
    for (const auto& w : worlds)
      for (const RegionState& r : w->regions) asked += r.council.step.asked;
    EXPECT_GT(calls, 20u);
    EXPECT_EQ(asked, in_council) << "nobody is declined here";
  }
}

TEST(Emergency, HazardsThatTouchAreOneAndTheFirstAnswerIsTimed) {
  const auto totals = [](const std::string& hazards, std::vector<std::string> overrides = {}) {
    world::RegionTotals out{};
    Simulation sim(quick_plan(kThreeRegions + hazards, std::move(overrides)));
    while (!sim.done()) sim.step();
    sim.each_region([&](const RegionState& r) {
      if (r.id.value == kBd) out = r.totals;
    });
    return out;
  };
  EXPECT_EQ(totals("").hazards_begun, 0u);
  EXPECT_EQ(totals("").emergency_arrived, 0u);
  const auto once = totals(kFlood),
             joined = totals(flood("a", "10min", "20min", 1) + flood("b", "30min", "20min", 0.5)),
             apart = totals(flood("a", "10min", "10min", 1) + flood("b", "30min", "20min", 0.5)),
             before = totals(flood("a", "-1d", "2d", 1));
  EXPECT_EQ(once.hazards_begun, 1u);
  EXPECT_EQ(joined.hazards_begun, 1u);
  EXPECT_EQ(apart.hazards_begun, 2u);
  EXPECT_EQ(once.hazards_answered, 1u);
  EXPECT_EQ(once.first_answer_s, joined.first_answer_s);
  EXPECT_GT(once.first_answer_s, 0);
  EXPECT_LT(once.first_answer_s, 60) << "some 80 requests in a step of five minutes, and idle servers";
  EXPECT_GT(before.first_answer_s, 0) << "from the start of the run";
  EXPECT_LT(before.first_answer_s, 60);
  EXPECT_EQ(totals(kFlood, {"workload.deadline=0.001", "workload.urgent_deadline=0.001"}).hazards_answered,
            0u)
      << "nobody is answered";
}

TEST(Emergency, SeverityAndItsFading) {
  std::vector<double> severity, level;
  Simulation sim(quick_plan(kThreeRegions + flood("f", "10min", "20min", 0.5), {"emergency.decay='10min'"}));
  while (!sim.done()) {
    sim.step();
    sim.each_region([&](const RegionState& r) {
      EXPECT_EQ(r.step.hazard_severity > 0, r.id.value == kBd && severity.size() >= 2 && severity.size() < 6);
      if (r.id.value != kBd) return;
      severity.push_back(r.step.hazard_severity);
      level.push_back(r.step.emergency_level);
    });
  }
  EXPECT_EQ(severity[1], 0);
  EXPECT_EQ(severity[2], 0.5);
  EXPECT_EQ(level[5], 0.5);
  EXPECT_EQ(severity[6], 0);
  EXPECT_EQ(level[6], 0.5) << "at 30 min it has just ended";
  EXPECT_NEAR(level[8], 0.5 * std::exp(-1.0), 1e-12);
}

}  // namespace
}  // namespace swarm::engine
