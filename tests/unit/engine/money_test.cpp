#include "tests/unit/engine/small_world.hpp"

namespace swarm::engine {
namespace {

using economy::Posting;

TEST(Money, SellersPayForCarryingWhatTheyAnswerAbroad) {
  const auto plan = small_plan(kThreeRegions, {"market.transfer_usd_per_kilotoken=1e-7", "balance.policy=random"});
  const auto worlds = world::make_worlds(plan, 1);
  world::World& w = *worlds[0];
  std::vector<std::int64_t> expected(3, 0);
  for (std::uint32_t step = 0; step < plan->steps; ++step) {
    w.step = step;
    up_to_quote(worlds);
    for (auto round = plan->trade_rounds(); round > 0; --round) {
      exchange_orders(worlds);
      trade(w);
    }
    for (const auto phase : {assign, generate_inputs, infer, settle_sellers}) phase(w);
    exchange_outcomes(worlds);
    for (const auto& r : w.regions)
      for (const world::Outcome& o : r.scratch.inbox_outcomes)
        if (o.refusal == world::Refusal::none && o.server != o.asker)
          expected[o.server] += round_half_even(1e-7 * o.tok / 1000 * kMicroTknPerUsd);
    for (const auto phase : {settle_buyers, audit}) phase(w);
  }
  EXPECT_GT(expected[0] + expected[1] + expected[2], 0);
  for (const auto& r : w.regions)
    EXPECT_EQ(static_cast<std::int64_t>(r.ledger.total(Posting::transfer)), expected[r.id.value]) << r.id.value;
}

TEST(Money, EscrowIsEmptyWhenTheLastRequestHasLanded) {
  // The plan's workload ends by decree after half an hour: requests of later steps are taken out before they
  // are quoted.
  const auto plan =
      small_plan(kThreeRegions, {"run.duration='3h'", "workload.multiplicity=0", "workload.load=0.9"});
  const auto worlds = world::make_worlds(plan, 2);
  bool held = false;
  for (std::uint32_t step = 0; step < plan->steps; ++step) {
    for (const auto& w : worlds) {
      w->step = step;
      sense(*w);
    }
    exchange_bulletins(worlds);
    for (const auto& w : worlds) {
      arrive(*w);
      if (step >= 6)
        for (auto& r : w->regions) {
          r.scratch.requests.clear();
          r.scratch.requests.resize(0);
          r.step.requests_arrived = 0;
        }
      triage(*w);
      quote(*w);
    }
    for (int attempt = 0; attempt < 3; ++attempt) {
      exchange_orders(worlds);
      for (const auto& w : worlds) trade(*w);
    }
    for (const auto& w : worlds)
      for (const auto phase : {assign, generate_inputs, infer, settle_sellers}) phase(*w);
    exchange_outcomes(worlds);
    for (const auto& w : worlds)
      for (const auto phase : {settle_buyers, audit}) phase(*w);
    audit_mail(worlds, step);
    for (const auto& w : worlds)
      for (const auto& r : w->regions) held |= r.ledger.balance(world::kEscrowAccount).value > 0;
  }
  EXPECT_TRUE(held) << "there was something in escrow before";
  for (const auto& w : worlds)
    for (const auto& r : w->regions) {
      EXPECT_EQ(r.flights.size(), 0u);
      EXPECT_EQ(r.requests_pending, 0u);
      EXPECT_EQ(r.ledger.balance(world::kEscrowAccount).value, 0);
      // Escrowed = paid + refunded.
      EXPECT_EQ(static_cast<std::int64_t>(r.ledger.total(Posting::escrow)),
                static_cast<std::int64_t>(r.ledger.total(Posting::payment)) + static_cast<std::int64_t>(r.ledger.total(Posting::refund)));
    }
}

TEST(Money, BelowZeroElectricityPays) {
  Simulation sim(small_plan(R"(
[run]
warmup = 0
duration = "2h"
[grid]
price_ar1_sigma = 0
price_diurnal = 0
[population]
agents = 20
[workload]
multiplicity = 1
requests_per_hour = 100
[[region]]
name = "FR"
price_usd_per_kwh = -0.05
)"));
  while (!sim.done()) sim.step();
  const auto& r = sim.worlds()[0]->regions[0];
  EXPECT_EQ(static_cast<std::int64_t>(r.ledger.total(Posting::electricity)), 0);
  EXPECT_EQ(static_cast<std::int64_t>(r.ledger.total(Posting::endowment)), 0)
      << "idling costs nothing, so nobody starts with money";
  // 0.05 USD for every kWh drawn, but for the fractions of a µTKN that are still carried.
  EXPECT_NEAR(usd({static_cast<std::int64_t>(r.ledger.total(Posting::electricity_receipt))}), 0.05 * r.totals.energy_kwh,
              20 * 1e-9 + 1e-9 * r.totals.energy_kwh);
  EXPECT_GT(r.totals.energy_kwh, 1);
}

TEST(Money, ArrearsAreCollectedLater) {
  // No endowment and nobody asks: idling makes arrears. Then an agent comes into money.
  Simulation sim(small_plan(R"(
regions = ["DE"]
[run]
warmup = 0
duration = "2h"
[grid]
price_ar1_sigma = 0
price_diurnal = 0
[population]
agents = 4
[workload]
multiplicity = 1
requests_per_hour = 1e-9
[pricing]
endowment = 0
)"));
  auto& r = sim.worlds()[0]->regions[0];
  for (int k = 0; k < 2; ++k) sim.step();
  // cpu-server: 40 servers idle at 150 W, 5 min, PUE 1.4, a quarter each, 0.26 USD/kWh:
  // 40 · 150 · 300 / 3.6e6 · 1.4 / 4 · 0.26 = 0.0455 USD a step.
  EXPECT_NEAR(static_cast<double>(r.agents.arrears[0]), 2 * 0.0455e9, 2);
  EXPECT_EQ(static_cast<std::int64_t>(r.ledger.total(Posting::electricity)), 0);
  const std::int64_t due = r.agents.arrears[0];
  r.ledger.mint(world::agent_account(0), {1'000'000'000}, Posting::endowment);
  sim.step();
  EXPECT_EQ(r.agents.arrears[0], 0);
  EXPECT_NEAR(static_cast<double>(static_cast<std::int64_t>(r.ledger.total(Posting::electricity))),
              static_cast<double>(due) + 0.0455e9, 2);
  EXPECT_NEAR(static_cast<double>(r.ledger.balance(world::agent_account(0)).value), 1e9 - 3 * 0.0455e9, 2);
  EXPECT_NEAR(static_cast<double>(r.agents.arrears[1]), 3 * 0.0455e9, 2) << "the others still owe it";
  EXPECT_NEAR(r.step.arrears_usd, 3 * 3 * 0.0455, 1e-8);
}

TEST(Money, UsersStartEveryDayWithTheBudget) {
  Simulation sim(small_plan(kThreeRegions, {"run.duration='26h'", "workload.requests_per_hour=300"}));
  while (!sim.done()) {
    sim.step();
    sim.each_region([&](const world::RegionState& r) {
      const bool midnight = (sim.steps_done() - 1) % 288 == 0;
      EXPECT_DOUBLE_EQ(r.step.deposits_usd, midnight ? usd(sim.plan().regions[r.id.value].daily_budget) : 0);
    });
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace swarm::engine
