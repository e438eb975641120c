// Carbon credits in a run: issued for what was avoided, paid for by sellers or buyers, retired once.
#include "sim/engine/carbon_credits.hpp"

#include <algorithm>

#include "sim/core/calendar.hpp"
#include "sim/world/plan_parts.hpp"
#include "tests/unit/engine/shop.hpp"

namespace swarm::engine {
namespace {

using economy::Posting;
using world::RegionState;
using Overrides = std::vector<std::string>;

/// What the counterfactual run emits: grams per step and region.
std::vector<double> made_up;

std::shared_ptr<const world::Plan> plan(const std::string& text, Overrides overrides, std::vector<double> grams) {
  overrides.insert(overrides.begin(),
                   {"credits.enabled=true", "credits.counterfactual=made_up.h5", "credits.period='20min'"});
  const auto s =
      scenario::load_text(text + "\n[specialists]\nhidden_1 = 4\nhidden_2 = 0\nlineages = 1\ntraining_samples = 32\n",
                          "/small/scenario.toml", overrides);
  made_up = std::move(grams);
  static const scenario::Scenario* now = nullptr;
  now = &s;
  world::PlanParts parts(nullptr, [](const std::filesystem::path&) {
    world::RecordedEmissions run{.seed = now->run.seed,
                                 .start = utc_text(parse_utc(now->run.start)),
                                 .step_s = now->run.step.seconds,
                                 .regions = {},
                                 .location_g = made_up};
    for (const auto& region : now->regions) run.regions.push_back(region.name);
    return run;
  });
  return world::make_plan(s, {}, &parts);
}

constexpr std::size_t kSteps = 12, kPerPeriod = 4;  // an hour in steps of five minutes, three periods

std::int64_t mg(double g) {
  return round_half_even(1000.0 * g);
}

/// A run to its end; `after_step` looks at it.
template <class AfterStep>
void follow(Simulation& sim, AfterStep&& after_step) {
  while (!sim.done()) {
    sim.step();
    after_step(sim.steps_done());
  }
}

TEST(CarbonCredits, AreIssuedForWhatWasAvoidedAndHeld) {
  const std::vector<double> grams(3 * kSteps, 5000.0);
  Simulation sim(plan(kThreeRegions, {"credits.renewable_floor=0"}, grams));
  std::vector<std::int64_t> avoided(3, 0), pending(3, 0);
  follow(sim, [&](std::uint32_t done) {
    sim.each_region([&](RegionState& r) {
      pending[r.id.value] += mg(5000.0) - mg(r.step.carbon_location_g);
      if (done % kPerPeriod == 0) avoided[r.id.value] += std::exchange(pending[r.id.value], 0);
      EXPECT_EQ(r.carbon_credits.issued_mg, avoided[r.id.value]) << done;
      EXPECT_EQ(r.carbon_credits.held_mg, avoided[r.id.value]) << "nobody needs any";
    });
  });
  for (const std::int64_t a : avoided) EXPECT_GT(a, 0);
  EXPECT_EQ(sim.worlds()[0]->regions[0].carbon_credits.lot.size(), 3u);
}

std::vector<double> emissions_of(const Overrides& overrides) {
  Simulation sim(plan(kThreeRegions, overrides, std::vector<double>(3 * kSteps, 0.0)));
  std::vector<double> grams;
  follow(sim,
         [&](std::uint32_t) { sim.each_region([&](RegionState& r) { grams.push_back(r.step.carbon_location_g); }); });
  return grams;
}

TEST(CarbonCredits, ARunAvoidsNothingAgainstItself) {
  auto grams = emissions_of({"credits.renewable_floor=0"});
  const auto issued_against = [&] {
    Simulation sim(plan(kThreeRegions, {"credits.renewable_floor=0"}, grams));
    std::int64_t issued = 0;
    follow(sim, [](std::uint32_t) {});
    sim.each_region([&](RegionState& r) { issued += r.carbon_credits.issued_mg + r.carbon_credits.shortfall_mg; });
    return issued;
  };
  EXPECT_EQ(issued_against(), 0);
  grams[7] += 0.002;
  EXPECT_EQ(issued_against(), 2) << "the mutant: 2 mg more in one step and region";
}

TEST(CarbonCredits, WhatWasEmittedBeyondTheCounterfactualIsDeductedLater) {
  auto grams = emissions_of({"credits.renewable_floor=0"});
  for (std::size_t k = 0; k < grams.size(); ++k) grams[k] += k / 3 < kPerPeriod ? -0.5 : 1.0;  // first less, then more
  for (const bool carried : {true, false}) {
    Simulation sim(
        plan(kThreeRegions, {"credits.renewable_floor=0", fmt::format("credits.carry_shortfall={}", carried)}, grams));
    follow(sim, [&](std::uint32_t done) {
      sim.each_region([&](RegionState& r) {
        const auto& a = r.carbon_credits;
        const auto near = [&](std::int64_t found, std::int64_t wanted) {
          EXPECT_LE(std::abs(found - wanted), 12) << done;
        };
        if (done == kPerPeriod) {
          near(a.issued_mg, 0);
          near(a.shortfall_mg, carried ? 2000 : 0);
        } else if (done == 2 * kPerPeriod) {
          near(a.issued_mg, carried ? 2000 : 4000);
          EXPECT_EQ(a.shortfall_mg, 0);
        }
      });
    });
  }
}

// An answer of the shop emits 0.1 g behind no renewables: 70 mg of credits, at 50 USD/t 3,500 µTKN.
constexpr std::int64_t kCreditMg = 70, kCredit = 3500;

struct Told {
  std::int64_t served = 0, withdrawn = 0;
  std::int64_t spend = 0, received = 0, collected = 0, buyout = 0;  ///< [µTKN]
};
Told told_of(Simulation& sim) {
  Told t;
  follow(sim, [&](std::uint32_t done) {
    sim.each_region([&](RegionState& r) {
      t.served += r.step.requests_served;
      t.withdrawn += r.step.quotes_withdrawn;
      t.spend += micro_tkn_from_usd(r.step.spend_usd).value;
      t.received += micro_tkn_from_usd(r.step.received_usd).value;
      t.collected += micro_tkn_from_usd(r.step.credits_usd).value;
      t.buyout += micro_tkn_from_usd(r.step.credits_buyout_usd).value;
      if (done % kPerPeriod == 0) {
        EXPECT_EQ(r.ledger.balance(world::kCreditsAccount).value, 0);
      }
    });
  });
  return t;
}
const Overrides kEverybodyPays{"demand.willingness=unlimited", "pricing.rule=flat", "credits.price_move=0"};
Overrides everybody_pays(const Overrides& more) {
  Overrides all = kEverybodyPays;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(CarbonCredits, TheSellerPaysOutOfItsReceipt) {
  Simulation sim(plan(shop("BD"), kEverybodyPays, std::vector<double>(kSteps, 1e4)));
  const Told t = told_of(sim);
  const std::int64_t n = t.served;
  ASSERT_GT(t.served, 9000);
  EXPECT_EQ(t.spend, n * kBase);
  EXPECT_EQ(t.received, n * (kBase - kCredit));
  EXPECT_EQ(t.collected, n * kCredit);
  RegionState& r = sim.worlds()[0]->regions[0];
  EXPECT_EQ(r.carbon_credits.retired_mg, t.served * kCreditMg);
  EXPECT_EQ(r.ledger.balance(world::kTreasuryAccount).value, t.served * kCredit) << "its own credits: its own money";
  EXPECT_EQ(t.buyout, 0);
}

TEST(CarbonCredits, OrTheBuyerAsAnItemOfThePrice) {
  Simulation sim(plan(shop("BD"), everybody_pays({"credits.incidence=buyer", "record.decision_interval='5min'"}),
                      std::vector<double>(kSteps, 1e4)));
  double item = 0;
  sim.step();
  for (std::size_t k = 0; k < sim.worlds()[0]->regions[0].decisions.size(); ++k) {
    const auto& d = sim.worlds()[0]->regions[0].decisions;
    item = d.credit_usd[k];
    EXPECT_DOUBLE_EQ(d.credit_usd[k], kCredit * 1e-9);
    EXPECT_NEAR(d.total_usd[k], (kBase + kCredit) * 1e-9, 1e-12) << "markups are single precision";
  }
  EXPECT_GT(item, 0);
  Simulation whole(plan(shop("BD"), everybody_pays({"credits.incidence=buyer"}), std::vector<double>(kSteps, 1e4)));
  const Told t = told_of(whole);
  const std::int64_t n = t.served;
  EXPECT_EQ(t.spend, n * (kBase + kCredit));
  EXPECT_EQ(t.received, n * kBase);
  EXPECT_EQ(t.collected, n * kCredit);
}

// At 100 USD/t a seller would keep 66,000 − 7,000 of a cost of 60,000: it does not offer. Buyers pay it.
TEST(CarbonCredits, WhoWouldLoseByThemDoesNotSell) {
  for (const char* who : {"seller", "buyer"}) {
    Simulation sim(plan(shop("BD"),
                        everybody_pays({"credits.start_usd_per_t=100", fmt::format("credits.incidence={}", who)}),
                        std::vector<double>(kSteps, 1e4)));
    const Told t = told_of(sim);
    EXPECT_EQ(t.served == 0, *who == 's');
    EXPECT_EQ(t.withdrawn > 0, *who == 's');
  }
}

TEST(CarbonCredits, WithoutCreditsTheFundIsPaidAndThePriceRises) {
  auto overrides = everybody_pays({"credits.incidence=buyer"});
  overrides[2] = "credits.price_move=0.5";
  Simulation sim(plan(shop("BD"), overrides, std::vector<double>(kSteps, 0.0)));
  std::vector<double> prices;
  Told t;
  follow(sim, [&](std::uint32_t) {
    sim.each_region([&](RegionState& r) {
      prices.push_back(r.step.credit_price_usd_per_t);
      t.collected += micro_tkn_from_usd(r.step.credits_usd).value;
      t.buyout += micro_tkn_from_usd(r.step.credits_buyout_usd).value;
    });
  });
  EXPECT_EQ(prices[0], 50);
  EXPECT_EQ(prices[kPerPeriod], 75);
  EXPECT_EQ(prices[2 * kPerPeriod], 112.5);
  EXPECT_GT(t.buyout, 0);
  EXPECT_EQ(t.buyout, t.collected);
  RegionState& r = sim.worlds()[0]->regions[0];
  EXPECT_EQ(r.carbon_credits.retired_mg, 0);
  EXPECT_GT(r.carbon_credits.unmet_mg, 0);
  EXPECT_EQ(r.ledger.balance(world::kFundAccount).value, t.buyout);
}

/// DE avoids everything, the others nothing: they buy from it.
std::vector<double> one_avoids() {
  std::vector<double> grams;
  for (std::size_t k = 0; k < kSteps; ++k) grams.insert(grams.end(), {1e5, 0.0, 0.0});
  return grams;
}

TEST(CarbonCredits, AreTradedBetweenRegions) {
  for (const char* shards : {"engine.shards=1", "engine.shards=2"}) {
    Simulation sim(plan(kThreeRegions, {shards, "credits.incidence=buyer"}, one_avoids()));
    follow(sim, [](std::uint32_t) {});
    std::int64_t bought = 0, sold = 0, treasury = 0, paid = 0;
    sim.each_region([&](RegionState& r) {
      const auto& a = r.carbon_credits;
      bought += a.bought_mg;
      sold += a.sold_mg;
      treasury += r.ledger.balance(world::kTreasuryAccount).value;
      paid += static_cast<std::int64_t>(r.step.credits_usd > 0);
      if (r.id.value == 0) {
        EXPECT_EQ(a.bought_mg, 0);
      } else {
        EXPECT_EQ(a.issued_mg, 0);
        EXPECT_GT(a.bought_mg, 0);
        EXPECT_EQ(a.retired_mg, a.bought_mg);
      }
    });
    EXPECT_EQ(bought, sold);
    EXPECT_GT(sold, 0);
    EXPECT_GT(treasury, 0);
    EXPECT_GT(paid, 0);
  }
}

TEST(CarbonCredits, TheAuditFindsWhatIsCountedTwice) {
  using Damage = void (*)(RegionState & seller, RegionState & buyer);
  const Damage damages[] = {
      [](RegionState& s, RegionState& b) {  // what the buyer retired is held once more
        b.carbon_credits.holding_lot.insert(b.carbon_credits.holding_lot.begin(), s.carbon_credits.lot[0]);
        b.carbon_credits.holding_mg.insert(b.carbon_credits.holding_mg.begin(), b.carbon_credits.retired_mg);
      },
      [](RegionState& s, RegionState&) { --s.carbon_credits.lot_retired_mg[0]; },
      [](RegionState& s, RegionState&) { ++s.carbon_credits.lot_issued_mg[0]; },
      [](RegionState& s, RegionState&) { ++s.carbon_credits.issued_mg; },
      [](RegionState&, RegionState& b) { ++b.carbon_credits.bought_mg; },
      [](RegionState&, RegionState& b) { ++b.carbon_credits.retired_mg; },
      [](RegionState& s, RegionState& b) { b.carbon_credits.lot = s.carbon_credits.lot; },
      [](RegionState& s, RegionState&) { ++s.carbon_credits.held_mg; },
      [](RegionState& s, RegionState&) { s.ledger.mint(world::kCreditsAccount, {1}, Posting::endowment); },
  };
  for (const Damage damage : damages) {
    Simulation sim(plan(kThreeRegions, {"credits.incidence=buyer"}, one_avoids()));
    for (std::size_t k = 0; k < kPerPeriod; ++k) sim.step();
    audit_credits(sim.worlds(), kPerPeriod - 1);
    damage(sim.worlds()[0]->regions[0], sim.worlds()[0]->regions[1]);
    EXPECT_THROW(audit_credits(sim.worlds(), kPerPeriod - 1), ModelError) << &damage - damages;
  }
}

// A page that was changed in between is found before the next period builds on it.
TEST(CarbonCredits, PagesAreReadWhereAPeriodEnds) {
  Simulation sim(plan(kThreeRegions, {"credits.incidence=buyer"}, one_avoids()));
  for (std::size_t k = 0; k < kPerPeriod; ++k) sim.step();
  ++sim.worlds()[0]->regions[0].carbon_credits.lot_issued_mg[0];
  for (std::size_t k = 1; k < kPerPeriod; ++k) EXPECT_NO_THROW(sim.step()) << k;
  EXPECT_THROW(sim.step(), ModelError);
}

TEST(CarbonCredits, WhatWasCollectedIsPaidToTheLast) {
  for (const std::int64_t wrong : {0, 1, -1}) {
    Simulation sim(plan(shop("BD"), kEverybodyPays, std::vector<double>(kSteps, 1e4)));
    for (std::size_t k = 0; k + 1 < kPerPeriod; ++k) sim.step();
    world::World& w = *sim.worlds()[0];
    ASSERT_GT(w.regions[0].ledger.balance(world::kCreditsAccount).value, 0);
    EXPECT_NO_THROW(audit_credits(sim.worlds(), kPerPeriod - 2)) << "it is needed";
    w.step = kPerPeriod - 1;
    exchange_credits(sim.worlds());
    w.bulletin.credits.notices[0].money += wrong;
    if (wrong == 0) {
      settle_credits(w);
      EXPECT_EQ(w.regions[0].ledger.balance(world::kCreditsAccount).value, 0);
    } else {
      EXPECT_THROW(settle_credits(w), ModelError) << wrong;
    }
  }
}

TEST(CarbonCredits, APeriodIsSettledOnce) {
  Simulation sim(plan(kThreeRegions, {}, one_avoids()));
  for (std::size_t k = 0; k < kPerPeriod; ++k) sim.step();
  for (const auto& w : sim.worlds()) w->step = kPerPeriod - 1;  // once more
  exchange_credits(sim.worlds());
  EXPECT_THROW(settle_credits(*sim.worlds()[0]), ModelError) << "credits of that vintage have been issued";
}

}  // namespace
}  // namespace swarm::engine
