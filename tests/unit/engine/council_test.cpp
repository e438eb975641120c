#include "sim/engine/council.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tests/unit/engine/shop.hpp"

/// Councils of three in a shop of eighty specialists, twenty of each type and of four networks.
namespace swarm::engine {
namespace {

using world::agent_account;
using world::RegionState;
using Overrides = std::vector<std::string>;

Overrides of_three(const Overrides& more = {}) {
  Overrides all{"council.seats=3", "council.threshold=0", "demand.willingness=unlimited", "specialists.lineages=4"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// Answers that take a day, so that all of a step are in the air at its end.
const Overrides kSlow{"hardware.mean_service=80000", "workload.requests_per_hour=1200", "workload.deadline=1e6", "workload.urgent_deadline=1e6"};
Overrides one_by_one() {
  Overrides all{"demand.willingness=unlimited", "specialists.lineages=4"};
  all.insert(all.end(), kSlow.begin(), kSlow.end());
  return all;
}

RegionState& region_of(Simulation& sim) { return sim.worlds()[0]->regions[0]; }

Simulation run(const Overrides& keys, int steps = 12) {
  Simulation sim(quick_plan(shop("BD"), keys));
  for (int k = 0; k < steps; ++k) sim.step();
  return sim;
}

std::uint64_t sum(const std::vector<std::uint32_t>& column) {
  std::uint64_t all = 0;
  for (const auto x : column) all += x;
  return all;
}

TEST(Council, MembersAreDifferentSpecialistsOfOneTypeAndSiteAndDifferentNetworks) {
  Simulation sim = run(of_three(), 1);
  const RegionState& r = region_of(sim);
  std::set<std::uint32_t> seconds;
  ASSERT_GT(r.flights.size(), 0u);
  for (std::size_t k = 0; k < r.flights.size(); ++k) {
    const Members m = members_of(*sim.worlds()[0], r, k);
    ASSERT_EQ(m.count, 3u);
    EXPECT_EQ(m.agent[0], r.flights.agent[k]) << "who was asked presides";
    std::set<std::uint32_t> agents, models;
    for (const std::uint32_t agent : m.all()) {
      agents.insert(agent);
      models.insert(r.agents.model[agent]);
      EXPECT_EQ(r.agents.type[agent], r.flights.type[k]);
      EXPECT_EQ(r.agents.site[agent], r.flights.site[k]);
    }
    EXPECT_EQ(agents.size(), 3u);
    EXPECT_EQ(models.size(), 3u);
    seconds.insert(m.agent[1]);
  }
  EXPECT_GT(seconds.size(), 3u) << "not always the same ones";
}

TEST(Council, OfOneLineageIsStillOfDifferentSpecialists) {
  Simulation sim = run(of_three({"specialists.lineages=1"}), 1);
  const RegionState& r = region_of(sim);
  ASSERT_GT(r.flights.size(), 0u);
  for (std::size_t k = 0; k < r.flights.size(); ++k) {
    const Members m = members_of(*sim.worlds()[0], r, k);
    EXPECT_EQ(std::set(m.all().begin(), m.all().end()).size(), 3u);
    EXPECT_TRUE(r.flights.coalitions_right[k] == 0u || r.flights.coalitions_right[k] == 0xFEu) << "who is taught alike answers alike";
  }
}

TEST(Council, WhoLeadsItAnswersAsAlone) {
  Simulation together = run(of_three(kSlow), 1), alone = run(one_by_one(), 1);
  const auto &f = region_of(together).flights, &g = region_of(alone).flights;
  int same = 0;
  for (std::size_t k = 0; k < f.size(); ++k)
    for (std::size_t j = 0; j < g.size(); ++j)
      if (f.sequence[k] == g.sequence[j] && f.agent[k] == g.agent[j]) {
        ++same;
        EXPECT_EQ(dispatch::is_right(f.coalitions_right[k], 1), g.correct[j] != 0);
      }
  EXPECT_GT(same, 10) << "flights that both runs have in the air";
}

TEST(Council, EveryMembersAnswerCounts) {
  Simulation sim = run(of_three());
  const RegionState& r = region_of(sim);
  const auto& c = r.council.total;
  EXPECT_GT(c.answers, 5000u);
  EXPECT_EQ(c.answers, r.totals.requests_served);
  EXPECT_EQ(c.correct, r.totals.requests_correct);
  EXPECT_EQ(c.members, 3 * c.answers);
  EXPECT_EQ(sum(r.agents.answered), c.members);
  EXPECT_EQ(sum(r.agents.correct), c.members_correct);
  EXPECT_EQ(c.declined, 0u);
  EXPECT_NE(c.correct, c.lead_correct) << "three different networks know other things than one";
}

TEST(Council, TakesThreeTimesTheTimeTokAndMoney) {
  Simulation three = run(of_three(kSlow), 1), one = run(one_by_one(), 1);
  const auto &f = region_of(three).flights, &g = region_of(one).flights;
  std::size_t same = 0;
  for (std::size_t k = 0; k < f.size(); ++k)
    for (std::size_t j = 0; j < g.size(); ++j)
      if (f.sequence[k] == g.sequence[j]) {
        ++same;
        EXPECT_DOUBLE_EQ(f.service_s[k], 3 * g.service_s[j]);
        EXPECT_EQ(f.tok[k], 3 * g.tok[j]);
        EXPECT_NEAR(static_cast<double>(f.price[k]), 3.0 * static_cast<double>(g.price[j]), 1) << "rounded once";
      }
  EXPECT_GT(same, 50u);
}

TEST(Council, ContributionsOfTheWorkedExample) {
  const auto value = contributions(0b10110010u, 3);
  EXPECT_NEAR(value[0], 2.0 / 3, 1e-15);
  EXPECT_NEAR(value[1], -1.0 / 3, 1e-15);
  EXPECT_NEAR(value[2], 2.0 / 3, 1e-15);
}

TEST(Council, PayOfTheWorkedExample) {
  Simulation sim = run(of_three(), 1);
  const world::World& w = *sim.worlds()[0];
  RegionState& r = region_of(sim);
  r.flights.coalitions_right[0] = 0b10110010u;
  const Members m = members_of(w, r, 0);
  const auto before = [&](std::size_t i) { return r.ledger.balance(agent_account(m.agent[i])).value; };
  const std::array<std::int64_t, 3> held{before(0), before(1), before(2)};
  ASSERT_GE(held[0], 9000);
  r.council.step.bonus_usd = 0;
  const auto part = divide_pay(w, r, 0, m, {9000});
  EXPECT_EQ((std::array{part[0], part[1], part[2]}), (std::array<std::int64_t, 3>{3300, 2400, 3300}));
  EXPECT_EQ(before(0), held[0] - 5700);
  EXPECT_EQ(before(1), held[1] + 2400);
  EXPECT_EQ(before(2), held[2] + 3300);
  EXPECT_NEAR(r.council.step.bonus_usd, usd({1800}), 1e-15);
}

TEST(Council, WithoutAContributionEverybodyGetsTheSame) {
  Simulation sim = run(of_three(), 1);
  const world::World& w = *sim.worlds()[0];
  RegionState& r = region_of(sim);
  r.flights.coalitions_right[0] = 0;
  r.council.step.bonus_usd = 0;
  const auto part = divide_pay(w, r, 0, members_of(w, r, 0), {9001});
  EXPECT_EQ((std::array{part[0], part[1], part[2]}), (std::array<std::int64_t, 3>{3001, 3000, 3000}));
  EXPECT_EQ(r.council.step.bonus_usd, 0);
}

TEST(Council, EnergyIsSharedToTheLastPart) {
  std::vector<std::int64_t> column{5, 0, 7, 0};
  Members m;
  m.agent = {2, 0, 3};
  m.count = 3;
  share_equally(column, m, 11);
  EXPECT_EQ(column, (std::vector<std::int64_t>{8, 0, 12, 3}));
  m.count = 1;
  share_equally(column, m, 11);
  EXPECT_EQ(column, (std::vector<std::int64_t>{8, 0, 23, 3}));
}

TEST(Council, EachMemberIsBilledForItsPartOfTheEnergy) {
  Simulation sim = run(of_three(kSlow), 1);
  const RegionState& r = region_of(sim);
  std::vector<std::int64_t> expected(r.agents.size(), 0);
  for (std::size_t k = 0; k < r.flights.size(); ++k) {
    const Members m = members_of(*sim.worlds()[0], r, k);
    const std::int64_t nj = r.flights.metered_nj[k];
    EXPECT_GT(nj, 0);
    for (const std::uint32_t agent : m.all()) expected[agent] += nj / 3;
    expected[m.agent[0]] += nj % 3;
  }
  EXPECT_EQ(r.agents.energy_nj, expected);
}

TEST(Council, EarningsAreThoseOfAllMembers) {
  Simulation sim = run(of_three({"record.agents=80"}));
  const RegionState& r = region_of(sim);
  std::int64_t earned = 0;
  for (const auto x : r.agents.earned) earned += x;
  EXPECT_EQ(earned, static_cast<std::int64_t>(r.ledger.total(economy::Posting::payment)));
  EXPECT_GT(r.council.total.bonus_usd, 0);
  EXPECT_LE(r.council.total.bonus_usd, 0.2 * usd({earned}) * (1 + 1e-12));
  EXPECT_GT(static_cast<std::int64_t>(r.ledger.total(economy::Posting::council)), earned / 2) << "two of three members are paid by the third";
}

TEST(Council, IsDoneWithoutWhereItWouldBeLateOrTooDear) {
  Simulation late = run(of_three({"workload.deadline=4", "workload.urgent_deadline=4"}));
  EXPECT_EQ(region_of(late).council.total.answers, 0u) << "six seconds are more than four";
  EXPECT_GT(region_of(late).council.total.declined, 5000u);
  EXPECT_GT(region_of(late).totals.requests_served, 1000u);
  Simulation dear = run({"council.seats=3", "council.threshold=0", "specialists.lineages=4"});
  EXPECT_GT(region_of(dear).council.total.answers, 0u) << "some would pay for three";
  EXPECT_GT(region_of(dear).council.total.declined, region_of(dear).council.total.answers) << "most only for one";
  Simulation few = run(of_three({"population.agents=4"}));
  EXPECT_EQ(region_of(few).council.total.answers, 0u) << "there are not three of a type";
  EXPECT_GT(region_of(few).totals.requests_served, 1000u);
}

TEST(Council, IsSoldByMarketsOnlyWhereEverySiteHasEnough) {
  const std::string small = "[[site]]\nname = \"small\"\nregion = \"BD\"\nservers = 400\n";
  for (const std::string mechanism : {"uniform", "cda", "posted"}) {
    Simulation sim(quick_plan(shop("BD") + small, of_three({"market.mechanism=" + mechanism, "market.minimum_balance_tkn=0", "population.agents=160"})));
    const RegionState& r = region_of(sim);
    std::array<std::size_t, workload::kProblemTypes> councils{};
    for (int k = 0; k < 6; ++k) {
      sim.step();
      for (std::size_t j = 0; j < r.flights.size(); ++j) councils[r.flights.type[j]] += r.flights.seats[j] == 3;
    }
    std::size_t short_types = 0, held = 0, held_of_short = 0;
    for (std::size_t t = 0; t < councils.size(); ++t) {
      const auto at_small = r.residents_of_type[2 * t + 1];
      const bool is_short = at_small > 0 && at_small < 3;
      short_types += is_short;
      held += councils[t];
      held_of_short += is_short ? councils[t] : 0;
    }
    ASSERT_GT(short_types, 0u);
    EXPECT_GT(held, 0u) << mechanism;
    EXPECT_EQ(held_of_short > 0, mechanism == "posted") << mechanism << ": a market may choose the small site";
  }
}

TEST(Council, IsForHardRequestsOnly) {
  Simulation sim = run(of_three({"council.threshold=0.5"}));
  const auto& c = region_of(sim).council.total;
  EXPECT_GT(c.answers, 500u);
  EXPECT_LT(c.answers, region_of(sim).totals.requests_served / 2);
  Simulation none = run(of_three({"council.threshold=1"}));
  EXPECT_EQ(region_of(none).council.total.answers, 0u);
}

TEST(Council, AnswersAreWorthMoreByWhatCouncilsGain) {
  const auto worth = [](std::uint64_t correct, std::uint64_t by_president) {
    Simulation sim = run(of_three({"value.form=product"}), 2);
    region_of(sim).council.total = {.correct = correct, .lead_correct = by_president};
    sim.step();
    return region_of(sim).value.usd;
  };
  const double as_alone = worth(0, 0);
  EXPECT_GT(as_alone, 0);
  EXPECT_NEAR(worth(29, 23) / as_alone, 30.0 / 24, 1e-12);
  EXPECT_NEAR(worth(0, 3) / as_alone, 1.0 / 4, 1e-12);
}

TEST(Council, OfferedAtAPriceIsRecordedWithItsSeats) {
  Simulation sim = run(of_three({"record.decisions=20", "record.decision_interval=300", "council.threshold=0.5"}), 3);
  std::set<int> seats;
  for (const auto n : region_of(sim).decisions.seats) seats.insert(n);
  EXPECT_EQ(seats, (std::set<int>{1, 3}));
}

TEST(Council, RatesCollaborationByContribution) {
  Simulation sim = run(of_three({"reputation.enabled=true", "fund.carbon_share=0.5", "reputation.quality_weight=0", "reputation.punctuality_weight=0",
                                 "reputation.collaboration_weight=1", "reputation.half_life=1e15"}));
  const RegionState& r = region_of(sim);
  const auto& ratings = r.reputation.ratings;
  double rated = 0, good = 0;
  for (std::size_t i = 0; i < r.agents.size(); ++i) {
    const std::size_t row = i * economy::kAspects + static_cast<std::size_t>(economy::Aspect::collaboration);
    EXPECT_NEAR(ratings.count[row], r.agents.answered[i], 1e-6);
    rated += ratings.count[row];
    good += ratings.sum[row];
  }
  EXPECT_GT(good / rated, 0.05) << "networks that have hardly learnt anything";
  EXPECT_LT(good / rated, 0.5);
}

}  // namespace
}  // namespace swarm::engine
