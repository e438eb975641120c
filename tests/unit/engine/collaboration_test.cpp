#include "sim/engine/collaboration.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "agents/tasks/input.hpp"
#include "sim/engine/council.hpp"
#include "tests/unit/engine/inferred.hpp"

/// Reports and shares of work in a shop where councils of three answer every request.
namespace swarm::engine {
namespace {

using world::RegionState;
using Overrides = std::vector<std::string>;

Overrides councils(const Overrides& more = {}) {
  Overrides all{"council.seats=3", "council.threshold=0", "demand.willingness=unlimited", "specialists.lineages=4", "workload.requests_per_hour=1200"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}
Overrides bus(const std::string& watts, const Overrides& more = {}) {
  Overrides all = councils({"bus.enabled=true", "bus.watts_per_server=" + watts});
  all.insert(all.end(), more.begin(), more.end());
  return all;
}
/// Answers that take a day, so that all of a step are in the air at its end.
const Overrides kSlow{"hardware.mean_service=80000", "workload.deadline=1e6", "workload.urgent_deadline=1e6"};

RegionState& region_of(Simulation& sim) { return sim.worlds()[0]->regions[0]; }
Simulation run(const Overrides& keys, int steps = 1) {
  Simulation sim(quick_plan(shop("BD"), keys));
  for (int k = 0; k < steps; ++k) sim.step();
  return sim;
}
std::int64_t sum(const std::vector<std::int64_t>& column) { return std::accumulate(column.begin(), column.end(), std::int64_t{0}); }

TEST(Bus, WithAllTheEnergyEverybodyIsHeard) {
  Simulation off = run(councils(kSlow)), on = run(bus("1e6", kSlow));
  const auto &f = region_of(off).flights, &g = region_of(on).flights;
  ASSERT_GT(f.size(), 50u);
  EXPECT_EQ(f.coalitions_right, g.coalitions_right);
  EXPECT_EQ(f.correct, g.correct);
  EXPECT_EQ(region_of(on).collaboration.bus.sent, 2 * f.size());
  EXPECT_EQ(region_of(on).collaboration.bus.dropped, 0u);
}

TEST(Bus, ThatCostsNothingChangesNothing) {
  Simulation off = run(councils(), 12), on = run(bus("0", {"bus.j_per_byte=0", "bus.j_per_batch=0"}), 12);
  const RegionState &a = region_of(off), &b = region_of(on);
  EXPECT_EQ(a.council.total.correct, b.council.total.correct);
  EXPECT_EQ(a.agents.earned, b.agents.earned);
  EXPECT_EQ(a.agents.energy_nj, b.agents.energy_nj);
  EXPECT_TRUE(std::ranges::equal(a.ledger.balances(), b.ledger.balances()));
  EXPECT_EQ(a.collaboration.total_session.quality, b.collaboration.total_session.quality);
}

TEST(Bus, WithoutEnergyWhoPresidesAnswersAlone) {
  Simulation off = run(councils(kSlow)), on = run(bus("0", kSlow));
  const auto &f = region_of(off).flights, &g = region_of(on).flights;
  ASSERT_EQ(f.sequence, g.sequence);
  int others_differ = 0;
  for (std::size_t k = 0; k < f.size(); ++k) {
    EXPECT_EQ(g.coalitions_right[k], dispatch::as_heard(f.coalitions_right[k], 3, 1));
    EXPECT_EQ(g.correct[k] != 0, dispatch::is_right(f.coalitions_right[k], 1));
    others_differ += f.correct[k] != g.correct[k];
  }
  EXPECT_GT(others_differ, 0);
  Simulation later = run(bus("0"), 12);
  const auto& c = region_of(later).council.total;
  EXPECT_GT(c.answers, 500u);
  EXPECT_EQ(c.correct, c.lead_correct);
  EXPECT_EQ(c.members_correct, c.lead_correct) << "whoever is not heard has said nothing";
  EXPECT_EQ(region_of(later).collaboration.total_bus.sent, 0u);
  EXPECT_EQ(region_of(later).collaboration.total_bus.energy_j, 0);
}

/// A hundred and a half reports fit: 100.5 · 280 B · 1e-6 J/B in 300 s at 4,000 servers. Twice the step, twice as many; with
/// two identical copies of each request half as many each.
TEST(Bus, BudgetIsThePowerOfRealServersOverAStep) {
  const std::string watts = fmt::format("{:.17g}", 100.5 * 280e-6 / (4000 * 300));
  const auto carried = [&](const Overrides& more) {
    Overrides keys = bus(watts, {"bus.j_per_batch=0", "workload.requests_per_hour=12000"});
    keys.insert(keys.end(), more.begin(), more.end());
    Simulation sim = run(keys);
    return region_of(sim).collaboration.bus;
  };
  EXPECT_EQ(carried({}).sent, 100u);
  EXPECT_GT(carried({}).dropped, 1000u);
  EXPECT_NEAR(carried({}).energy_j, 100 * 280e-6, 1e-12);
  EXPECT_EQ(carried({"run.step=600"}).sent, 201u);
  EXPECT_EQ(carried({"workload.multiplicity=2"}).sent, 50u);
  EXPECT_NEAR(carried({"workload.multiplicity=2"}).energy_j, 2 * 50 * 280e-6, 1e-12);
}

TEST(Bus, EnergyIsMeteredBilledAndAddsUp) {
  Overrides keys = kSlow;
  keys.insert(keys.end(), {"workload.multiplicity=3", "site.S.pue=1.5"});
  Simulation off = run(councils(keys)), on = run(bus("1e6", keys));
  RegionState &a = region_of(off), &b = region_of(on);
  const auto& s = b.collaboration.bus;
  EXPECT_GT(s.batches, 10u);
  EXPECT_NEAR(s.energy_j, 3 * (static_cast<double>(s.sent) * 280e-6 + static_cast<double>(s.batches) * 0.05), 1e-6);
  std::vector<std::int64_t> more(a.agents.size());
  for (std::size_t k = 0; k < more.size(); ++k) more[k] = b.agents.energy_nj[k] - a.agents.energy_nj[k];
  std::vector<std::int64_t> reports(more.size(), 0);
  for (const auto& report : b.scratch.reports) reports[report.agent] += report.nj;
  EXPECT_EQ(more, reports) << "who reports pays";
  EXPECT_EQ(static_cast<std::int64_t>(b.sites.bus_nj[0]), sum(reports));
  EXPECT_NEAR(s.energy_j, static_cast<double>(sum(reports)) * 1e-9, 1e-12);
  const double kwh = s.energy_j * 1.5 / 3.6e6;
  EXPECT_NEAR(b.step.energy_kwh - a.step.energy_kwh, kwh, 1e-9 * b.step.energy_kwh);
  EXPECT_NEAR(b.step.carbon_location_g - a.step.carbon_location_g, kwh * 500, 1e-9 * b.step.carbon_location_g);
  EXPECT_NEAR(b.totals.busy_kwh - a.totals.busy_kwh, kwh, 1e-9 * b.totals.busy_kwh);
  EXPECT_NEAR(b.step.resource_cost_usd - a.step.resource_cost_usd, kwh * 0.2, 1e-3 * kwh) << "to the µTKN of eighty bills";
}

TEST(Bus, DropsTheLeastUrgentAndEasiestFirst) {
  const Inferred step(shop("BD"), bus(fmt::format("{:.17g}", 60.5 * 280e-6 / (4000 * 300)), {"bus.j_per_batch=0"}));
  const RegionState& r = step.region();
  const auto& plan = *step.plan;
  double least_heard = 1e9, most_dropped = 0;
  for (const auto& c : step.batch().councils) {
    const double value = plan.scenario.purposes[r.flights.purpose[c.flight]].priority * (r.flights.bucket[c.flight] + 0.5) / 4 * plan.regions[0].priority;
    if (c.heard == 7) least_heard = std::min(least_heard, value);
    if (c.heard == 1) most_dropped = std::max(most_dropped, value);
  }
  EXPECT_EQ(r.collaboration.bus.sent, 60u);
  EXPECT_GE(least_heard, most_dropped);
  EXPECT_GT(most_dropped, 0);
}

TEST(Sessions, SumsAreThoseOfANaiveCount) {
  const Inferred step(shop("BD"), bus(fmt::format("{:.17g}", 90.5 * 280e-6 / (4000 * 300)), {"bus.j_per_batch=0", "council.imbalance_limit=0.1", "council.quality_aim=0.7"}));
  const auto& batch = step.batch();
  double imbalance = 0, agreement = 0, quality = 0, balanced = 0, good = 0;
  for (const auto& c : step.batch().councils) {
    std::array<double, 10> together{};
    const double* p = batch.council_probability.data() + std::size_t{c.first_seat} * 10;
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t k = 0; k < 10; ++k) together[k] += (c.heard >> i & 1) != 0 ? p[10 * i + k] : 0.0;
    const auto answer = static_cast<std::size_t>(std::ranges::max_element(together) - together.begin());
    double farthest = 0, votes = 0, done = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const bool heard = (c.heard >> i & 1) != 0;
      farthest = std::max(farthest, std::abs((heard ? p[10 * i + answer] : 0.0) / together[answer] - 1.0 / 3));
      votes += heard && std::max_element(p + 10 * i, p + 10 * i + 10) == p + 10 * i + answer;
      done += heard;
    }
    const double q = (1 - 1.5 * farthest + votes / 3 + done / 3) / 3;
    imbalance += farthest, agreement += votes / 3, quality += q;
    balanced += farthest <= 0.1;
    good += q >= 0.7;
  }
  const auto& c = step.region().collaboration;
  ASSERT_GT(c.session.held, 80u);
  EXPECT_EQ(c.session.held, batch.councils.size());
  EXPECT_NEAR(c.session.imbalance, imbalance, 1e-9);
  EXPECT_NEAR(c.session.agreement, agreement, 1e-9);
  EXPECT_NEAR(c.session.quality, quality, 1e-9);
  EXPECT_EQ(static_cast<double>(c.session.balanced), balanced);
  EXPECT_EQ(static_cast<double>(c.session.good), good);
  EXPECT_GT(balanced, 0);
  EXPECT_GT(good, 0);
  EXPECT_LT(good, static_cast<double>(c.session.held));
  EXPECT_DOUBLE_EQ(c.quality, c.session.quality / static_cast<double>(c.session.held));
}

TEST(Sessions, WithoutCouncilsThereAreNone) {
  Simulation sim = run({"demand.willingness=unlimited"});
  const auto& c = region_of(sim).collaboration;
  EXPECT_EQ(c.session.held, 0u);
  EXPECT_TRUE(std::isnan(c.quality) && std::isnan(c.imbalance) && std::isnan(c.agreement));
}

}  // namespace
}  // namespace swarm::engine
