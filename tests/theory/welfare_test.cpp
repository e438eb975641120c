#include "tests/theory/engine_page.hpp"

/// Who pays whom. Money that one side pays another side gets, so surpluses and public money together are the value of
/// the answers less the resources they took, whatever the pricing rule does in between.
namespace swarm::theory {
namespace {

using world::RegionState;

const std::string kTown = std::string(R"(
regions = ["DE", "BD", "KE", "IN"]
[run]
warmup = "1h"
duration = "5h"
[workload]
requests_per_hour = 20000
load = 1.1
burstiness = 0.3
[population]
agents = 200
[[site]]
name = "DE-gpu"
region = "DE"
device = "datacentre-gpu"
servers = 3
contracted_renewable = 0.5
[[site]]
name = "BD-edge"
region = "BD"
device = "raspberry-pi-5"
servers = 400
contracted_renewable = 0.2
)") + kQuickSpecialists;

/// Sums over all regions of one step.
struct Books {
  double surplus = 0, value = 0, cost = 0, fund = 0, treasury = 0, deficit = 0, flow = 0, magnitude = 0;
  explicit Books(const engine::Simulation& sim) {
    sim.each_region([&](const RegionState& r) {
      const auto& s = r.step;
      surplus += s.consumer_surplus_usd + s.producer_surplus_usd;
      value += s.value_usd;
      cost += s.resource_cost_usd + s.transfer_usd;
      fund += s.fund_usd;
      treasury += s.treasury_usd;
      deficit += s.fund_deficit_usd;
      flow += s.fund_flow_usd;
    });
    magnitude = std::abs(value) + std::abs(cost) + std::abs(fund) + std::abs(treasury);
  }
};

/// Largest relative violation over a run of: surpluses + changes of public money = value − resources, and fund flows =
/// −change of the fund. `credit_usd` is a fault planted into the books of every step.
struct Violations {
  double welfare = 0, fund = 0;
  double granted = 0, levied = 0, carried = 0, least_fund = 1e300;
};

Violations follow(const std::vector<std::string>& overrides, double planted_usd = 0) {
  engine::Simulation sim(plan_of(kTown, overrides));
  Violations worst;
  double fund = 0, treasury = 0;
  sim.each_region([&](const RegionState& r) { fund += usd(r.ledger.balance(world::kFundAccount)); });
  while (!sim.done()) {
    sim.step();
    Books b(sim);
    b.surplus += planted_usd;
    b.flow += planted_usd;
    const double fund_change = b.fund - fund - b.deficit, treasury_change = b.treasury - treasury;
    worst.welfare = std::max(worst.welfare, std::abs(b.surplus + fund_change + treasury_change - (b.value - b.cost)) / b.magnitude);
    worst.fund = std::max(worst.fund, std::abs(b.flow + fund_change) / b.magnitude);
    worst.least_fund = std::min(worst.least_fund, b.fund);
    fund = b.fund;
    treasury = b.treasury;
    sim.each_region([&](const RegionState& r) {
      worst.granted += r.step.grants_usd;
      worst.carried += r.step.transfer_usd;
      worst.levied += r.step.carbon_levy_usd + r.step.premium_usd;
    });
  }
  return worst;
}

class EveryRule : public ::testing::TestWithParam<std::string> {};

// Doubles of about 1e3 USD, some ten thousand additions each: relative rounding below 1e-11.
TEST_P(EveryRule, SurplusesAndPublicMoneyAreValueLessResources) {
  for (const char* base : {"cost", "tariff"}) {
    const std::vector<std::string> overrides{"pricing.rule=" + GetParam(), std::string("pricing.base=") + base,
                                             "fund.carbon_share=0.7", "demand.budget_share=1"};
    const Violations v = follow(overrides);
    EXPECT_LT(v.welfare, 1e-11) << base;
    EXPECT_LT(v.fund, 1e-11) << base;
    EXPECT_GE(v.least_fund, 0) << base;
    EXPECT_EQ(v.levied > 0, GetParam() != "flat") << base;
  }
}
INSTANTIATE_TEST_SUITE_P(Welfare, EveryRule,
                         ::testing::Values("flat", "carbon", "justice", "means-tested", "legacy", "legacy-sign-fixed",
                                           "legacy-unit-fixed"),
                         [](const auto& rule) {
                           std::string name = rule.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST(Welfare, AThousandthOfACentIsNoticed) {
  const Violations v = follow({"pricing.rule=justice"}, 1e-5);
  EXPECT_GT(v.welfare, 1e-11);
  EXPECT_GT(v.fund, 1e-11);
}

TEST(Welfare, WhatCarriersGetIsSpent) {
  const Violations v = follow({"pricing.rule=justice", "fund.carbon_share=0.7", "demand.budget_share=1",
                               "market.transfer_usd_per_kilotoken=3e-7"});
  EXPECT_LT(v.welfare, 1e-11);
  EXPECT_LT(v.fund, 1e-11);
  EXPECT_GT(v.carried, 0);
}

TEST(Welfare, AFundThatMayOwePaysEveryDiscount) {
  const std::vector<std::string> poor{"pricing.rule=justice", "fund.endowment=0", "pricing.north_premium=0",
                                      "pricing.carbon_price_usd_per_t=0"};
  EXPECT_EQ(follow(poor).granted, 0) << "nothing comes in, so nothing can be granted";
  auto owing = poor;
  owing.push_back("fund.revenue_neutral=false");
  const Violations v = follow(owing);
  EXPECT_GT(v.granted, 0);
  EXPECT_LT(v.welfare, 1e-11);
  EXPECT_LT(v.fund, 1e-11);
}

}  // namespace
}  // namespace swarm::theory
