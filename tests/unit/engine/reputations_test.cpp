#include "sim/engine/reputations.hpp"

#include "sim/economy/reputation.hpp"
#include "tests/unit/engine/shop.hpp"

/// Reputation in a run of one site with eighty specialists, twenty of each type.
namespace swarm::engine {
namespace {

using economy::Posting;
using world::agent_account;
using world::RegionState;
using Overrides = std::vector<std::string>;

constexpr double kPrior = 10, kNeutral = 0.5;

Overrides with_reputation(const Overrides& more = {}) {
  Overrides all{"reputation.enabled=true", "fund.carbon_share=0.5"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// Runs half an hour in which nothing is forgotten and one aspect alone counts.
Simulation run(const std::string& aspect, const Overrides& more = {}) {
  Overrides all = with_reputation({"reputation.half_life=1e15"});
  for (const std::string name : {"quality", "punctuality", "collaboration"})
    all.push_back(fmt::format("reputation.{}_weight={}", name, name == aspect ? 1 : 0));
  all.insert(all.end(), more.begin(), more.end());
  Simulation sim(quick_plan(shop("BD"), all));
  for (int k = 0; k < 6; ++k) sim.step();
  return sim;
}

RegionState& region_of(Simulation& sim) {
  return sim.worlds()[0]->regions[0];
}

TEST(Reputations, QualityIsTheShareOfCorrectAnswersBesideThePrior) {
  Simulation sim = run("quality");
  const RegionState& r = region_of(sim);
  double mean = 0;
  for (std::size_t i = 0; i < r.agents.size(); ++i) {
    EXPECT_NEAR(r.reputation.score[i],
                (kPrior * kNeutral + r.agents.correct[i]) / (kPrior + r.agents.answered[i]), 1e-9);
    mean += r.reputation.score[i] / static_cast<double>(r.agents.size());
  }
  EXPECT_NEAR(r.step.reputation_mean, mean, 1e-12);
  EXPECT_GT(std::ranges::max(r.agents.answered), 20u);
  double variance = 0;
  for (const double x : r.reputation.score)
    variance += (x - mean) * (x - mean) / static_cast<double>(r.agents.size());
  EXPECT_NEAR(r.step.reputation_spread, std::sqrt(variance), 1e-12);
  EXPECT_GT(r.step.reputation_spread, 0);
}

TEST(Reputations, PunctualityIsTheShareOfAnswersInTime) {
  for (const bool in_time : {true, false}) {
    // Services take two seconds in the mean and are drawn: of those with one second's time many come late.
    Simulation sim = run("punctuality", in_time ? Overrides{}
                                                : Overrides{"hardware.mean_service=2", "workload.deadline=3",
                                                            "workload.urgent_deadline=3"});
    const RegionState& r = region_of(sim);
    std::uint64_t late = 0, answered = 0;
    double expected = 0, sum = 0;
    for (std::size_t i = 0; i < r.agents.size(); ++i) {
      answered += r.agents.answered[i];
      const double c = kPrior + r.agents.answered[i];
      sum += (r.reputation.score[i] * c - kPrior * kNeutral);  // answers in time
      expected += r.agents.answered[i];
    }
    sim.each_region([&](const RegionState& all) { late = all.totals.requests_late; });
    EXPECT_GT(answered, 1000u);
    EXPECT_EQ(late > 0, !in_time);
    EXPECT_NEAR(sum, expected - static_cast<double>(late), 1e-6 * expected);
  }
}

TEST(Reputations, NobodyIsRatedForCollaboration) {
  Simulation sim = run("collaboration");
  for (const double score : region_of(sim).reputation.score) EXPECT_EQ(score, kNeutral);
  EXPECT_EQ(region_of(sim).step.reputation_mean, kNeutral);
  EXPECT_EQ(region_of(sim).step.reputation_spread, 0);
}

TEST(Reputations, FadeWithTheStepsThatPass) {
  Simulation sim(quick_plan(
      shop("BD"), with_reputation({"workload.requests_per_hour=1e-6", "reputation.half_life=300"})));
  RegionState& r = region_of(sim);
  r.reputation.ratings.sum[0] = r.reputation.ratings.count[0] = 10;  // quality of number 0
  sim.step();
  EXPECT_NEAR(r.reputation.score[0], kNeutral + 0.5 * (5 - kNeutral * 5) / (kPrior + 5), 1e-12)
      << "half of them are left";
  EXPECT_EQ(r.reputation.score[1], kNeutral);
}

/// A world at the last step of a day whose treasury holds 1,000,003 µTKN. Quality was rated 1 ten times for
/// number 0 and thirty times for number 3, 0 ten times for number 1: above neutral by 0.5·(0.75 − 0.5) and
/// 0.5·(0.875 − 0.5), 2 : 3.
std::vector<std::unique_ptr<world::World>> on_payday(std::uint32_t step, std::int64_t treasury = 1'000'003) {
  auto worlds = world::make_worlds(
      quick_plan(shop("BD"),
                 with_reputation({"run.start=2022-01-01T23:50Z", "reputation.treasury_share=0.25"})),
      1);
  worlds[0]->step = step;
  RegionState& r = worlds[0]->regions[0];
  auto& ratings = r.reputation.ratings;
  ratings.sum[0] = ratings.count[0] = 10;
  ratings.count[economy::kAspects] = 10;
  ratings.sum[3 * economy::kAspects] = ratings.count[3 * economy::kAspects] = 30;
  r.ledger.mint(world::kTreasuryAccount, {treasury}, Posting::endowment);
  return worlds;
}

TEST(Reputations, APartOfTheTreasuryIsPaidForReputationAboveNeutral) {
  const auto worlds = on_payday(1);
  RegionState& r = worlds[0]->regions[0];
  pay_reputation(*worlds[0], r);
  EXPECT_EQ(r.ledger.balance(agent_account(0)).value, 100'000);
  EXPECT_EQ(r.ledger.balance(agent_account(3)).value, 150'000);
  EXPECT_EQ(r.ledger.balance(agent_account(1)).value, 0) << "below neutral";
  EXPECT_EQ(r.ledger.balance(agent_account(2)).value, 0) << "a newcomer";
  EXPECT_EQ(r.ledger.balance(world::kTreasuryAccount).value, 750'003);
  EXPECT_DOUBLE_EQ(r.step.reputation_paid_usd, usd({250'000}));
  EXPECT_EQ(static_cast<std::int64_t>(r.ledger.total(Posting::bonus)), 250'000);
}

TEST(Reputations, OnlyWhatIsThereAndOnlyAtTheEndOfADay) {
  const auto early = on_payday(0), late = on_payday(2), poor = on_payday(1, 3);
  for (const auto* worlds : {&early, &late, &poor}) {
    RegionState& r = (*worlds)[0]->regions[0];
    const auto treasury = r.ledger.balance(world::kTreasuryAccount);
    pay_reputation(*(*worlds)[0], r);
    EXPECT_EQ(r.ledger.balance(world::kTreasuryAccount), treasury);
    EXPECT_EQ(r.step.reputation_paid_usd, 0);
  }
  const auto unknown = on_payday(1);
  RegionState& r = unknown[0]->regions[0];
  std::ranges::fill(r.reputation.ratings.sum, 0.0);
  pay_reputation(*unknown[0], r);
  EXPECT_EQ(r.step.reputation_paid_usd, 0) << "nobody is above neutral";
}

/// How many orders prefer somebody of no repute although somebody of repute quoted: every second of each type
/// has one.
std::size_t careless(const Overrides& overrides) {
  const auto worlds = world::make_worlds(quick_plan(shop("BD"), overrides), 1);
  RegionState& r = worlds[0]->regions[0];
  const auto reputable = [](std::uint32_t agent) { return agent % 8 < 4; };
  auto& ratings = r.reputation.ratings;  // a thousand of each aspect, all good or all bad
  std::ranges::fill(ratings.count, 1000.0);
  for (std::size_t e = 0; e < ratings.sum.size(); ++e)
    ratings.sum[e] = reputable(static_cast<std::uint32_t>(e / economy::kAspects)) ? 1000.0 : 0.0;
  up_to_quote(worlds);
  std::size_t n = 0, choices = 0;
  for (const world::Order& order : orders_of(worlds)) {
    bool any = false;
    for (std::size_t j = 0; j < order.lines; ++j) any |= reputable(order.line[j].agent);
    choices += any;
    n += any && !reputable(order.line[0].agent);
  }
  EXPECT_GT(choices, 500u);
  return n;
}

TEST(Reputations, WithWeightRequestsPreferThoseOfRepute) {
  EXPECT_EQ(careless(with_reputation({"reputation.weight=100"})), 0u);
  EXPECT_GT(careless(with_reputation()), 100u) << "without weight nobody asks";
  EXPECT_EQ(careless(with_reputation()), careless({}));
}

TEST(Reputations, WithoutWeightAndPayNothingChanges) {
  Simulation with(quick_plan(shop("BD"), with_reputation({"reputation.treasury_share=0"})));
  Simulation without(quick_plan(shop("BD"), {"fund.carbon_share=0.5"}));
  for (int k = 0; k < 12; ++k) {
    with.step();
    without.step();
  }
  const auto a = region_of(with).ledger.balances(), b = region_of(without).ledger.balances();
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
  EXPECT_EQ(region_of(with).agents.answered, region_of(without).agents.answered);
  EXPECT_NE(region_of(with).reputation.score[0], kNeutral);
  EXPECT_TRUE(region_of(without).reputation.score.empty());
}

}  // namespace
}  // namespace swarm::engine
