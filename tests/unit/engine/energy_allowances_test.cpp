#include "sim/engine/energy_allowances.hpp"

#include <numeric>

#include "tests/unit/engine/shop.hpp"

/// Allowances of energy in a run of one site with eighty specialists, twenty of each type.
namespace swarm::engine {
namespace {

using world::RegionState;
using Overrides = std::vector<std::string>;

Overrides with_allowance(const char* share, const Overrides& more = {}) {
  Overrides all{"energy.allowance=true", std::string("energy.allowance_share=") + share};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

class Shop {
 public:
  explicit Shop(const Overrides& overrides, const std::string& text = shop("BD")) : sim_(quick_plan(text, overrides)) {}
  RegionState& region() { return sim_.worlds()[0]->regions[0]; }
  const world::World& world() { return *sim_.worlds()[0]; }
  void step(int steps = 1) {
    for (int k = 0; k < steps; ++k) sim_.step();
  }
  Simulation& sim() { return sim_; }

 private:
  Simulation sim_;
};

std::int64_t sum(const std::vector<std::int64_t>& column) { return std::accumulate(column.begin(), column.end(), std::int64_t{0}); }

TEST(EnergyAllowances, AnAbundanceChangesNothing) {
  Shop with(with_allowance("1")), without({});
  for (int k = 0; k < 12; ++k) {
    with.step();
    without.step();
    const auto& f = with.region().flights;
    EXPECT_TRUE(f.sequence == without.region().flights.sequence && f.agent == without.region().flights.agent);
    EXPECT_EQ(with.region().energy.rejected_allowance, 0u);
    EXPECT_EQ(with.region().energy.step.allowance_turned, 0u);
  }
  EXPECT_GT(sum(with.region().energy.allowance.spent_uj), 0);
  EXPECT_TRUE(without.region().energy.allowance.spent_uj.empty()) << "columns of what is off have no rows";
  EXPECT_TRUE(without.region().energy.joules_per_pass.empty());
}

TEST(EnergyAllowances, WithoutAnyNobodyIsServedAndAllMoneyComesBack) {
  Shop s(with_allowance("0"));
  std::uint32_t refused = 0;
  for (int k = 0; k < 3; ++k) {
    s.step();
    RegionState& r = s.region();
    refused += r.energy.rejected_allowance;
    EXPECT_EQ(r.flights.size(), 0u);
    EXPECT_EQ(r.energy.rejected_allowance + r.step.rejected_price + r.step.rejected_budget + r.step.rejected_deadline + r.step.rejected_capacity,
              r.step.requests_arrived);
    EXPECT_EQ(r.requests_pending, 0u);
    EXPECT_EQ(r.ledger.balance(world::kEscrowAccount).value, 0);
    for (const auto n : r.markets.orders_admitted) EXPECT_EQ(n, 0u);
  }
  EXPECT_GT(refused, 500u);
}

/// 4,000 servers of 360 W among 80 specialists take 1.5552e9 J each in a day: a millionth of it is 1,555.2 J. A request takes two
/// seconds on average, 720 J: two fit.
TEST(EnergyAllowances, WhatIsSpentAndSetAsideStaysNearTheAllowance) {
  Shop s(with_allowance("1e-6", {"run.duration=3h"}));
  EXPECT_EQ(s.sim().plan().sites[0].allowance_uj, 1555200000);
  std::uint64_t turned = 0, refused = 0;
  for (int k = 0; k < 12; ++k) {
    s.step();
    turned += s.region().energy.step.allowance_turned;
    refused += s.region().energy.rejected_allowance;
    const auto& a = s.region().energy.allowance;
    std::int64_t in_flight = sum(s.region().flights.estimate_uj);
    EXPECT_EQ(sum(a.reserved_uj), in_flight);
  }
  EXPECT_GT(turned, 10u);
  EXPECT_GT(refused, 100u);
  const auto& a = s.region().energy.allowance;
  for (std::size_t i = 0; i < a.spent_uj.size(); ++i) {
    EXPECT_GT(a.spent_uj[i], 0) << "all have been turned to";
    EXPECT_LT(a.spent_uj[i], 20 * 720000000ll);
  }
}

TEST(EnergyAllowances, ADayBringsANewOne) {
  Shop s(with_allowance("1e-6", {"run.start='2022-01-03T23:30Z'"}));
  s.step(6);  // to midnight
  const std::int64_t spent = sum(s.region().energy.allowance.spent_uj);
  EXPECT_LT(s.region().step.requests_served, 5u) << "hardly anybody has energy left";
  s.step();
  EXPECT_GT(s.region().step.requests_served, 20u);
  EXPECT_LT(sum(s.region().energy.allowance.spent_uj), 3 * spent);
}

TEST(EnergyAllowances, EstimatesLearn) {
  // Services that always take what the mean says, a prior that is wrong by half: after a while all estimates are close.
  Shop s(with_allowance("1", {"hardware.service=roofline", "device.plain.bandwidth=1e9", "energy.allowance_rate=0.3"}));
  auto& e = s.region().energy;
  const std::vector<double> prior = e.joules_per_pass;
  for (double& joules : e.joules_per_pass) joules /= 2;
  s.step();
  EXPECT_LT(e.step.estimates_close, e.step.estimates);
  s.step(4);
  EXPECT_GT(e.step.estimates, 100u);
  EXPECT_EQ(e.step.estimates_close, e.step.estimates);
  for (std::size_t k = 0; k < prior.size(); ++k) EXPECT_NEAR(e.joules_per_pass[k], prior[k], 0.01 * prior[k]);
}

TEST(EnergyAllowances, TheAuditFindsWhatIsNotSetAside) {
  Shop s(with_allowance("1"));
  s.step();
  EXPECT_NO_THROW(audit_allowances(s.world(), s.region()));
  ++s.region().energy.allowance.reserved_uj[3];
  EXPECT_THROW(audit_allowances(s.world(), s.region()), ModelError);
}

/// A second site whose machines take a tenth of the power, and so dear that only who must turns to it.
std::string two_sites() {
  return shop("BD") + R"(
[[device]]
name = "frugal"
max_w = 36
idle_w = 0
standby_w = 0
peak_fp32 = 1e12
peak_fp16 = 1e12
peak_int8 = 1e12
memory_bytes = 8e9
bandwidth = 5e10
price_usd = 10000
life_years = 1
[[site]]
name = "T"
region = "BD"
device = "frugal"
servers = 4000
pue = 1
)";
}

TEST(EnergyAllowances, ACheaperSiteComesBeforeAnotherSpecialist) {
  const Overrides plenty{"demand.willingness=unlimited", "balance.weight_price=1", "balance.weight_energy=0", "market.candidates=8"};
  Shop free(plenty, two_sites());
  Shop tight(with_allowance("1e-6", plenty), two_sites());
  free.step(3);
  std::uint64_t cheaper = 0, turned = 0;
  for (int k = 0; k < 3; ++k) {
    tight.step();
    cheaper += tight.region().energy.step.allowance_cheaper;
    turned += tight.region().energy.step.allowance_turned;
  }
  EXPECT_GT(cheaper, 10u);
  EXPECT_GT(turned, 0u);
  const auto share_at_t = [](Shop& s) {
    const auto& placed = s.region().agents.site;
    std::uint64_t there = 0, all = 0;
    for (std::size_t i = 0; i < placed.size(); ++i) (placed[i] == 1 ? there : all) += s.region().agents.answered[i];
    return static_cast<double>(there) / static_cast<double>(there + all);
  };
  EXPECT_GT(share_at_t(tight), share_at_t(free));
}

TEST(EnergyAllowances, QuotasStillHold) {
  Shop s(with_allowance("2e-6", {"quota.enabled=true", "quota.capacity_share=2e-6"}));
  std::uint64_t by_quota = 0, by_allowance = 0;
  for (int k = 0; k < 6; ++k) {
    s.step();  // the audits of both hold
    by_quota += s.region().step.rejected_quota;
    by_allowance += s.region().energy.rejected_allowance;
  }
  EXPECT_GT(by_quota, 0u);
  EXPECT_GT(by_allowance, 0u);
}

}  // namespace
}  // namespace swarm::engine
