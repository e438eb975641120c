#include <cmath>

#include "tests/unit/engine/shop.hpp"

/// What answers are worth in a run of one site, where a kWh costs 0.2 USD.
namespace swarm::engine {
namespace {

using Overrides = std::vector<std::string>;

const world::RegionState& after_an_hour(const Overrides& more) {
  static std::vector<std::unique_ptr<Simulation>> kept;
  Overrides overrides{"population.agents=40", "site.S.servers=400"};
  overrides.insert(overrides.end(), more.begin(), more.end());
  kept.push_back(std::make_unique<Simulation>(quick_plan(shop("BD"), overrides)));
  while (!kept.back()->done()) kept.back()->step();
  return kept.back()->worlds()[0]->regions[0];
}

TEST(ValueInARun, IsTheCostOfEnergyTimesWhatIsAllowed) {
  // Everything is worth the cap, a quarter of the cost of its energy. What has not landed at the end is 400 requests of
  // 12,000 at most.
  const auto& r = after_an_hour({"value.form=product", "value.quality_weight=1000", "value.value_cap=0.25"});
  EXPECT_NEAR(r.value.total_usd / (0.25 * 0.2 * r.totals.busy_kwh), 1, 0.034);
  EXPECT_LE(r.value.total_usd, 0.25 * 0.2 * r.totals.busy_kwh);
  std::uint64_t answered = 0, correct = 0;
  for (const auto n : r.value.answered) answered += n;
  for (const auto n : r.value.correct) correct += n;
  EXPECT_EQ(answered, r.totals.requests_served) << "nobody else asks";
  EXPECT_EQ(correct, r.totals.requests_correct);
}

TEST(ValueInARun, EveryFactorIsMeasured) {
  const Overrides plain{"value.form=product", "value.scarcity_weight=0", "value.timing_weight=0", "value.quality_weight=1",
                        "pricing.load_memory=1"};
  const auto value = [&](const Overrides& more) {
    Overrides all = plain;
    all.insert(all.end(), more.begin(), more.end());
    return after_an_hour(all).value.total_usd;
  };
  const double base = value({});
  EXPECT_GT(base, 0);
  EXPECT_NEAR(value({"value.quality_weight=2"}), 2 * base, 1e-9 * base);
  // Load is that of the step, so that the mean load over answers is that over time, but for their scatter.
  const auto& t = after_an_hour(plain).totals;
  const double load = t.busy_server_s / t.server_s;
  EXPECT_NEAR(value({"value.scarcity_weight=1"}) / base, 1 + load, 0.05 * load);
  // Answers come after two of 3,600 seconds.
  EXPECT_GT(value({"value.scarcity_weight=1"}), base);
  EXPECT_NEAR(value({"value.timing_weight=1"}) / base, 2, 0.01);
  // With one factor other than 1 both forms agree.
  EXPECT_NEAR(value({"value.form=sum"}), base, 1e-9 * base);
  // Quality lies below 1, so that an added timing is worth more than a multiplied one: p + 1 against 2p.
  EXPECT_GT(value({"value.form=sum", "value.timing_weight=1"}), 1.05 * value({"value.timing_weight=1"}));
}

TEST(ValueInARun, NoneIsNoFigure) {
  const auto& r = after_an_hour({});
  EXPECT_TRUE(std::isnan(r.value.usd));
  EXPECT_TRUE(r.value.answered.empty());
}

}  // namespace
}  // namespace swarm::engine
