#include "sim/world/plan.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "sim/core/errors.hpp"
#include "sim/scenario/load.hpp"
#include "sim/world/world.hpp"

namespace swarm::world {
namespace {

constexpr const char* kQuick =
    "\n[specialists]\nhidden_1 = 4\nhidden_2 = 0\nlineages = 1\ntraining_samples = 32\n";

std::shared_ptr<const Plan> plan_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return make_plan(scenario::load_text(text + kQuick, "/plan/scenario.toml", overrides), {});
}

const std::string kOneSite = R"(
[run]
warmup = "1h"
duration = "2h"
step = "5min"
[hardware]
service = "exponential"
mean_service = 2
[workload]
requests_per_hour = 3600
load = 0.8
[demand]
budget_share = 0.01
requests_per_user_per_day = 20
[population]
agents = 20
[[region]]
name = "DE"
gdp_per_capita_usd = 36500
)";

TEST(Plan, MultiplicityGangsAndBudgetsByHand) {
  const auto plan = plan_of(kOneSite);
  // 40 servers of 2 s a request: 72,000 an hour. 80 % of that in 3,600 simulated requests: 16 each.
  EXPECT_EQ(plan->multiplicity, 16);
  // A request takes 16 of 40 servers, 2.5 at a time: two gangs (half to even) of 20 servers, which need 16/20
  // of a service for it.
  EXPECT_EQ(plan->sites[0].gangs, 2u);
  EXPECT_DOUBLE_EQ(plan->sites[0].occupancy_factor, 0.8);
  // 3,600 · 24 · 16 real requests a day of 20 each: 69,120 people. 1 % of 36,500 USD / 365 is 1 USD a day.
  EXPECT_DOUBLE_EQ(plan->regions[0].users, 69'120);
  EXPECT_EQ(plan->regions[0].daily_budget.value, 69'120'000'000'000);
  EXPECT_EQ(plan->warmup_steps, 12u);
  EXPECT_EQ(plan->steps, 36u);
  EXPECT_TRUE(plan->in_warmup(11));
  EXPECT_FALSE(plan->in_warmup(12));
}

TEST(Plan, WorkIsKeptWhateverTheMultiplicity) {
  // gangs · (time a gang has) / (multiplicity · service) is the capacity, and stays 72,000 an hour.
  for (const int m : {1, 3, 16, 39, 40, 41, 1000}) {
    const auto plan = plan_of(kOneSite, {"workload.multiplicity=" + std::to_string(m)});
    const auto& site = plan->sites[0];
    EXPECT_NEAR(site.gangs * 3600.0 / (2.0 * site.occupancy_factor) * m, 72'000, 1e-6);
    EXPECT_GE(site.gangs, 1u);
  }
}

TEST(Plan, AgentsAreSharedOutByLargestRemainder) {
  const std::string sites = R"(
regions = ["DE", "KE"]
[hardware]
service = "exponential"
[population]
agents = 10
[[region]]
name = "KE"
agents = 7
[[site]]
name = "A"
region = "DE"
servers = 3
[[site]]
name = "B"
region = "DE"
servers = 2
[[site]]
name = "C"
region = "DE"
servers = 2
[[site]]
name = "D"
region = "KE"
servers = 1
[[site]]
name = "E"
region = "KE"
servers = 3
)";
  const auto plan = plan_of(sites);
  std::vector<std::uint64_t> agents;
  for (const auto& s : plan->sites) agents.push_back(s.agents);
  // DE: 10 · 3/7 = 4.286, 2.857, 2.857: the two left over go to B and C. KE: 7 · 1/4 = 1.75, 5.25: one more
  // to D.
  EXPECT_EQ(agents, (std::vector<std::uint64_t>{4, 3, 3, 2, 5}));
  EXPECT_EQ(plan->agents(), 17u);
  EXPECT_EQ(plan->regions[1].agents, 7u);
  // A tie goes to the earlier row: 5 over B and C alone.
  const auto tied = plan_of(sites, {"site.A.servers=2", "population.agents=7"});
  EXPECT_EQ(tied->sites[0].agents, 3u);
  EXPECT_EQ(tied->sites[1].agents, 2u);
  EXPECT_EQ(tied->sites[2].agents, 2u);
}

TEST(Plan, PopulationHasTheMixInEveryRun) {
  const auto plan = plan_of(kOneSite);
  const auto worlds = make_worlds(plan, 1);
  const auto& type = worlds[0]->regions[0].agents.type;
  std::array<double, 4> count{};
  const std::array<double, 4> weight{0.25, 0.35, 0.25, 0.15};
  for (std::size_t n = 1; n <= type.size(); ++n) {
    ++count[type[n - 1]];
    for (std::size_t t = 0; t < 4; ++t)
      EXPECT_NEAR(count[t], weight[t] * static_cast<double>(n), 1.0) << "after " << n;
  }
  EXPECT_EQ(count, (std::array<double, 4>{5, 7, 5, 3}));
}

TEST(Plan, ServiceTimesByHand) {
  // cpu-server: 1.18e13 op/s at 40 %, 4.1e11 B/s. The micro-model: 64·4 + 4·10 = 296 multiply-adds, 310
  // parameters of 4 B, read once, and the activations of its layers, 64 + 4 and 4 + 10 of 4 B: 1,240 + 328 =
  // 1,568 B.
  const std::vector<std::string> base{"hardware.service=roofline", "specialists.nominal_vision=3.1e7"};
  const auto nominal = plan_of(kOneSite, base);
  ASSERT_EQ(nominal->models[0].pass.macs, 296u);
  const double bytes = static_cast<double>(nominal->models[0].pass.bytes);
  EXPECT_EQ(bytes, 1568);
  // 3.1e7 parameters are 1e5 times as many: per tok 5.92e7 op / 4.72e12 = 1.2542e-5 s; per pass 1.568e8 B
  // / 4.1e11 = 3.8244e-4 s.
  const auto& rate = nominal->sites[0].service[0];
  EXPECT_NEAR(rate.compute_per_tok, 1.25424e-5, 1e-9);
  EXPECT_NEAR(rate.memory_per_pass, 3.82439e-4, 1e-9);
  EXPECT_EQ(rate.compute_fixed, 0);
  // Long input: compute, 1,009 tok. Long output: memory, a pass per tok and one for the input.
  EXPECT_NEAR(rate.seconds(1000, 9), 1009 * 1.25424e-5, 1e-6);
  EXPECT_NEAR(rate.seconds(10, 99), 100 * rate.memory_per_pass, 1e-12);
  EXPECT_GT(rate.seconds(10, 99), 109 * rate.compute_per_tok);

  auto executed_overrides = base;
  executed_overrides.insert(executed_overrides.end(), {"energy.scale=executed", "workload.multiplicity=1"});
  const auto executed = plan_of(kOneSite, executed_overrides);
  const auto& one = executed->sites[0].service[0];
  EXPECT_NEAR(one.seconds(1, 1), std::max(592 / 4.72e12, bytes / 4.1e11), 1e-18);
  EXPECT_EQ(one.seconds(1, 1), one.seconds(5000, 5000)) << "one pass, whatever the tok";
  // Mutant: operations counted as multiply-adds would be half as long.
  EXPECT_GT(std::abs(rate.compute_per_tok - 296e5 / 4.72e12), 1e-6);
}

// The network of above: 296 weights and 14 outputs, 328 B of activations.
TEST(Plan, FormatAndPruningChangeWhatARequestTakes) {
  const auto service = [](std::vector<std::string> keys) {
    keys.insert(keys.end(), {"hardware.service=roofline", "specialists.nominal_vision=3.1e7"});
    return plan_of(kOneSite, keys)->sites[0].service[0];
  };
  const auto device = plan_of(kOneSite)->sites[0].device;
  const auto compute = [&](double macs, double peak) { return 2 * macs * 1e5 / (peak * device.efficiency); };
  const auto memory = [&](double parameter_bytes) { return (parameter_bytes + 328) * 1e5 / device.bandwidth; };
  const auto half = service({"specialists.format=fp16"}), brain = service({"specialists.format=bf16"});
  EXPECT_NEAR(half.compute_per_tok / compute(296, device.peak_fp16), 1, 1e-12);
  EXPECT_NEAR(half.memory_per_pass / memory(2 * 296 + 4 * 14), 1, 1e-12);
  EXPECT_EQ(brain.compute_per_tok, half.compute_per_tok);
  const auto eight = service({"specialists.format=int8"}), four = service({"specialists.format=int4"});
  EXPECT_NEAR(eight.compute_per_tok / compute(296, device.peak_int8), 1, 1e-12);
  EXPECT_NEAR(eight.memory_per_pass / memory(296 + 12 * 14), 1, 1e-12);
  EXPECT_EQ(four.compute_per_tok, eight.compute_per_tok);
  EXPECT_NEAR(four.memory_per_pass / memory(148 + 12 * 14), 1, 1e-12);
  // Two of four hidden neurons stay. They stand for half of the same nominal specialist, not for a whole one of their own.
  const auto pruned = service({"specialists.pruning=structured", "specialists.pruned_neurons=0.5"});
  EXPECT_NEAR(pruned.compute_per_tok / compute(64 * 2 + 2 * 10, device.peak_fp32), 1, 1e-12);
}

TEST(Plan, RoundTripsAreSymmetric) {
  const auto plan = plan_of("regions = [\"DE\", \"KE\", \"BD\"]\n");
  for (std::uint16_t a = 0; a < 3; ++a)
    for (std::uint16_t b = 0; b < 3; ++b) {
      EXPECT_DOUBLE_EQ(plan->round_trip(RegionId{a}, RegionId{b}),
                       plan->round_trip(RegionId{b}, RegionId{a}));
      EXPECT_EQ(a == b, plan->round_trip(RegionId{a}, RegionId{b}) == plan->scenario.network.base.seconds);
    }
}

TEST(Plan, DemandIsSharedOut) {
  const std::string text =
      "regions = [\"DE\", \"KE\"]\n[[region]]\nname = \"DE\"\npopulation = 3e6\n[[region]]\nname = "
      "\"KE\"\npopulation = 1e6\n";
  const auto plan = plan_of(text);
  EXPECT_DOUBLE_EQ(plan->regions[0].request_share, 0.75);
  EXPECT_DOUBLE_EQ(plan->regions[1].requests_per_hour, 0.25 * 36000);
  EXPECT_DOUBLE_EQ(plan_of(text, {"workload.split=equal"})->regions[1].request_share, 0.5);
}

TEST(Plan, EndowmentPaysIdlingForItsTime) {
  // 150 W · 40 servers / 20 agents · PUE 1.4 · 168 h · 0.20 USD/kWh = 14.112 USD each.
  const auto plan = plan_of(kOneSite, {"region.DE.price_usd_per_kwh=0.2", "pricing.endowment='7d'"});
  const auto worlds = make_worlds(plan, 1);
  const auto& ledger = worlds[0]->regions[0].ledger;
  for (std::uint64_t a = 0; a < 20; ++a)
    EXPECT_NEAR(static_cast<double>(ledger.balance(agent_account(a)).value), 14.112e9, 1);
  EXPECT_EQ(ledger.balance(kUsersAccount).value, 0);
}

}  // namespace
}  // namespace swarm::world
