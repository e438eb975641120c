#include "tests/theory/engine_page.hpp"

/// What the pricing rules do to prices, in runs at equal seeds.
namespace swarm::theory {
namespace {

const std::string kTwoWorlds = std::string(R"(
regions = ["DE", "BD", "KE", "GB"]
[run]
warmup = 0
duration = "6h"
[workload]
requests_per_hour = 20000
load = 0.6
split = "equal"
[demand]
budget_share = 1
requests_per_user_per_day = 5
[population]
agents = 200
[[site]]
name = "DE-gpu"
region = "DE"
device = "datacentre-gpu"
servers = 3
contracted_renewable = 0.5
)") + kQuickSpecialists;

/// Mean quoted price by region over the run [USD per 1,000 tok], accepted or not.
std::vector<double> prices(const std::string& rule, const std::string& base) {
  engine::Simulation sim(plan_of(kTwoWorlds, {"pricing.rule=" + rule, "pricing.base=" + base}));
  std::vector<double> sum(sim.plan().regions.size());
  while (!sim.done()) {
    sim.step();
    sim.each_region([&](const world::RegionState& r) { sum[r.id.value] += r.step.price_usd_per_kilotoken; });
  }
  for (double& s : sum) s /= sim.plan().steps;
  return sum;
}

enum Region : std::size_t { kGermany, kBangladesh, kKenya, kBritain };

// On the tariff every quote is worth 1 USD per 1,000 tok before the rule speaks: justice takes 0.30 from the South and
// adds 0.20 elsewhere, less rebates of up to 0.15 · 0.5; carbon is 1e-4 kWh · c · (1 − ρ) · 1e-4 USD/g, at most 0.0001.
TEST(Rules, JusticeFavoursTheSouthAndLegacyDoesTheReverse) {
  const auto flat = prices("flat", "tariff"), justice = prices("justice", "tariff"), legacy = prices("legacy", "tariff");
  for (const std::size_t r : {kBangladesh, kKenya}) {
    EXPECT_NEAR(flat[r], 1.0, 1e-6);
    EXPECT_LT(justice[r], flat[r] - 0.3 + 1e-4);
    EXPECT_GT(justice[r], flat[r] - 0.3 - 0.075);
    EXPECT_NEAR(legacy[r], 91, 0.1) << "tok taken for dollars: 0.09 USD per tok on top of 0.001";
  }
  for (const std::size_t r : {kGermany, kBritain}) {
    EXPECT_NEAR(flat[r], 1.0, 1e-6);
    EXPECT_GT(justice[r], flat[r] + 0.2 - 0.075);
    EXPECT_LT(justice[r], flat[r] + 0.2 + 1e-4);
    EXPECT_LT(legacy[r], flat[r] - 0.2 + 1e-4);
  }
}

TEST(Rules, OnCostsTheDirectionsAreTheSame) {
  const auto flat = prices("flat", "cost"), justice = prices("justice", "cost"), carbon = prices("carbon", "cost");
  for (const std::size_t r : {kBangladesh, kKenya}) EXPECT_LT(justice[r], 0.9 * flat[r]);
  for (const std::size_t r : {kGermany, kBritain}) EXPECT_GT(justice[r], 1.1 * flat[r]);
  for (std::size_t r = 0; r < flat.size(); ++r) EXPECT_GT(carbon[r], flat[r]);
}

// Half a fix is worse than none in one way or the other: with the sign put right the South pays nothing at all, with the
// unit put right it still pays more than others.
TEST(Rules, HalfFixesOfTheLegacyRuleShowTheOtherHalf) {
  const auto sign = prices("legacy-sign-fixed", "tariff"), unit = prices("legacy-unit-fixed", "tariff");
  EXPECT_EQ(sign[kBangladesh], 0);
  EXPECT_GT(sign[kGermany], 1.1);
  EXPECT_GT(unit[kBangladesh], 1);
  EXPECT_LT(unit[kGermany], 0.9);
}

}  // namespace
}  // namespace swarm::theory
