// Emission permits in a run: a cap that binds, one that does not, and one of nothing.
#include "sim/engine/permits.hpp"

#include "tests/unit/engine/shop.hpp"
#include "tests/unit/grid/temp_folder.hpp"

/// A request of the shop has a footprint of 0.1 g: 100 permits of a milligram. 12,000 an hour in steps of five minutes
/// are a thousand in a step, 1e5 mg. What it would pay beyond the base price of 66,000 µTKN falls by its willingness.
namespace swarm::engine {
namespace {

using economy::Posting;
using world::RegionState;
using world::World;

constexpr std::int64_t kFootprint = 100;                // mg
constexpr double kAllPerDay = 24 * 12000 * 100 * 1e-9;  // t, if everybody were served

std::vector<std::string> capped(double cap_t, const std::vector<std::string>& more = {}) {
  std::vector<std::string> overrides{"pricing.rule=cap-and-trade", "run.duration=4h", fmt::format("permits.cap_t={}", cap_t)};
  overrides.insert(overrides.end(), more.begin(), more.end());
  return overrides;
}

struct Told {
  double price_sum = 0;           ///< over steps
  std::int64_t used = 0, beyond = 0, reserved = 0;
  std::uint64_t served = 0, short_of_permits = 0, refused = 0;
  double levy_usd = 0;
  double mean_price(const Simulation& sim) const { return price_sum / sim.plan().steps; }
};

template <class AfterStep>
Told run_to_end(Simulation& sim, AfterStep&& after_step) {
  Told told;
  while (!sim.done()) {
    sim.step();
    bool first = true;
    sim.each_region([&](RegionState& r) {
      if (std::exchange(first, false)) told.price_sum += r.step.carbon_price_usd_per_t;
      told.served += r.step.requests_served;
      told.short_of_permits += r.step.rejected_carbon;
      told.refused += r.step.requests_rejected;
      told.levy_usd += r.step.carbon_levy_usd;
    });
    after_step(sim);
  }
  sim.each_region([&](RegionState& r) {
    told.used += r.permits.used_mg;
    told.beyond += r.permits.beyond_mg;
    told.reserved += r.permits.reserved_mg;
  });
  return told;
}
Told run_to_end(Simulation& sim) {
  return run_to_end(sim, [](Simulation&) {});
}

std::int64_t issued_until(const Simulation& sim) {
  const auto& plan = sim.plan();
  return policy::permits_issued(plan.scenario.permits, plan.start_utc, plan.utc_of(sim.steps_done()));
}

TEST(PermitsInARun, ACapThatBindsIsKeptAtEveryStep) {
  for (const char* shards : {"engine.shards=1", "engine.shards=2"}) {
    Simulation sim(quick_plan(kThreeRegions, {"pricing.rule=cap-and-trade", "run.duration=2h", "permits.cap_t=1e-4", shards}));
    std::int64_t most = 0;
    const Told told = run_to_end(sim, [&](Simulation& now) {
      std::int64_t used = 0, reserved = 0;
      now.each_region([&](RegionState& r) {
        used += r.permits.used_mg;
        reserved += r.permits.reserved_mg;
      });
      ASSERT_LE(used + reserved, issued_until(now));
      most = std::max(most, used);
    });
    EXPECT_GT(told.short_of_permits, 0u);
    EXPECT_GT(most, issued_until(sim) / 4) << "and it is used";
    EXPECT_EQ(told.beyond, 0);
  }
}

TEST(PermitsInARun, WithoutScarcityTheyCostNothingAndRefuseNobody) {
  Simulation slack(quick_plan(shop("BD"), capped(2 * kAllPerDay)));
  const Told told = run_to_end(slack);
  Simulation flat(quick_plan(shop("BD"), {"pricing.rule=flat", "run.duration=4h"}));
  const Told without = run_to_end(flat);
  EXPECT_EQ(told.price_sum, 0);
  EXPECT_EQ(told.short_of_permits, 0u);
  EXPECT_EQ(told.levy_usd, 0);
  EXPECT_GT(told.served, 0u);
  EXPECT_EQ(told.served, without.served);
  EXPECT_EQ(told.used, static_cast<std::int64_t>(told.served) * kFootprint);
}

TEST(PermitsInARun, ACapOfNothingServesNobody) {
  Simulation sim(quick_plan(shop("BD"), capped(0)));
  const Told told = run_to_end(sim);
  EXPECT_EQ(told.served, 0u);
  EXPECT_EQ(told.used, 0);
  EXPECT_GT(told.short_of_permits, 0u);
  EXPECT_GT(told.price_sum, 0) << "that at which the last buyer leaves";
}

TEST(PermitsInARun, TheSmallerTheCapTheDearer) {
  double before = -1;
  std::uint64_t served = std::numeric_limits<std::uint64_t>::max();
  Simulation flat(quick_plan(shop("BD"), {"pricing.rule=flat", "run.duration=4h"}));
  const double all_t = static_cast<double>(run_to_end(flat).served) * 6 * kFootprint * 1e-9;  // of a day
  for (const double part : {0.9, 0.6, 0.3}) {
    Simulation sim(quick_plan(shop("BD"), capped(part * all_t)));
    const Told told = run_to_end(sim);
    EXPECT_GT(told.mean_price(sim), before) << part;
    EXPECT_LT(told.served, served) << part;
    EXPECT_LE(told.used, issued_until(sim)) << part;
    EXPECT_GT(told.used, issued_until(sim) * 9 / 10) << part;
    before = told.mean_price(sim);
    served = told.served;
  }
}

TEST(PermitsInARun, AtTheCeilingEverybodyWhoPaysIsServed) {
  // At 100 USD/t a gram costs what it does under the rule carbon: with a cap of next to nothing that is all there is.
  Simulation sim(quick_plan(shop("BD"), capped(1e-9, {"permits.floor_usd_per_t=100", "permits.ceiling_usd_per_t=100"})));
  const Told told = run_to_end(sim);
  Simulation taxed(quick_plan(shop("BD"), {"pricing.rule=carbon", "pricing.carbon_price_usd_per_t=100", "run.duration=4h"}));
  const Told tax = run_to_end(taxed);
  EXPECT_EQ(told.mean_price(sim), 100);
  EXPECT_EQ(told.served, tax.served);
  EXPECT_EQ(told.levy_usd, tax.levy_usd);
  EXPECT_EQ(told.beyond + issued_until(sim), told.used + told.reserved);
  EXPECT_GT(told.beyond, 1000 * kFootprint);
}

TEST(PermitsInARun, PerCapitaRevenueComesBackByPeople) {
  const std::vector<std::string> overrides{"pricing.rule=per-capita", "run.duration=2h", "permits.cap_t=1e-4",
                                           "permits.floor_usd_per_t=50", "engine.shards=2"};
  Simulation sim(quick_plan(kThreeRegions, overrides));
  double levy = 0, dividends = 0, last = 0;
  std::vector<double> part(3);
  while (!sim.done()) {
    sim.step();
    last = 0;
    sim.each_region([&](RegionState& r) {
      levy += r.step.carbon_levy_usd;
      last += r.step.carbon_levy_usd;
      dividends += r.step.dividends_usd;
      part[r.id.value] += r.step.dividends_usd;
      EXPECT_EQ(r.ledger.balance(world::kFundAccount).value, 0) << "the fund gets nothing of it";
    });
  }
  EXPECT_GT(last, 0);
  EXPECT_NEAR(dividends, levy - last, 1e-9 * levy) << "all but the last step's, which is paid in the next one";
  sim.each_region([&](RegionState& r) {
    EXPECT_NEAR(usd({static_cast<std::int64_t>(r.ledger.total(Posting::dividend))}), part[r.id.value], 1e-9 * levy);
  });
  const auto& regions = sim.plan().scenario.regions;
  for (std::size_t r = 1; r < 3; ++r)
    EXPECT_NEAR(part[r] / part[0], regions[r].population / regions[0].population, 1e-3);
}

// Who owns permits changes who pays (R. Coase, 1960): neither price nor emissions, as long as budgets do not bind.
TEST(PermitsInARun, WhoGetsTheRevenueChangesNeitherPriceNorEmissions) {
  std::vector<double> prices[2], dividends[2];
  std::vector<std::int64_t> used[2];
  for (const bool per_capita : {false, true}) {
    Simulation sim(quick_plan(kThreeRegions, {fmt::format("pricing.rule={}", per_capita ? "per-capita" : "cap-and-trade"),
                                              "run.duration=2h", "permits.cap_t=1e-4", "demand.budget_share=1"}));
    while (!sim.done()) {
      sim.step();
      sim.each_region([&](RegionState& r) {
        prices[per_capita].push_back(r.step.carbon_price_usd_per_t);
        used[per_capita].push_back(r.permits.used_mg);
        dividends[per_capita].push_back(r.step.dividends_usd);
      });
    }
  }
  EXPECT_GT(*std::ranges::max_element(prices[0]), 0);
  EXPECT_GT(used[0].back(), 0);
  EXPECT_EQ(prices[0], prices[1]);
  EXPECT_EQ(used[0], used[1]);
  EXPECT_NE(dividends[0], dividends[1]);
}

// ---------------------------------------------------------------- mutants

template <class Damage>
std::string fault_after(Damage&& damage) {
  Simulation sim(quick_plan(shop("BD"), capped(0.3 * kAllPerDay)));
  try {
    for (int step = 0; step < 6; ++step) {
      if (step == 4) sim.each_region(damage);
      sim.step();
    }
  } catch (const ModelError& e) {
    return e.what();
  }
  return {};
}

TEST(PermitsMutant, OneMilligramTooManyIsFound) {
  EXPECT_EQ(fault_after([](RegionState&) {}), "");
  const auto found = [](const std::string& fault, const char* words) {
    EXPECT_NE(fault.find(words), std::string::npos) << fault;
  };
  found(fault_after([](RegionState& r) { ++r.permits.held_mg; }), "were issued and not found");
  found(fault_after([](RegionState& r) { --r.permits.used_mg; }), "were issued and not found");
  found(fault_after([](RegionState& r) { --r.permits.used_mg, ++r.permits.reserved_mg; }), "carried by no request");
}

/// Admitting without asking for permits breaks the cap within a step.
TEST(PermitsMutant, WithoutTheCheckTheCapIsBroken) {
  const auto plan = quick_plan(shop("BD"), capped(0.1 * kAllPerDay));
  const auto worlds = world::make_worlds(plan, 1);
  const auto reserved = [&](bool checked) {
    World& w = *worlds[0];
    w.regions[0].permits.demand = {};
    sense(w);
    exchange_bulletins(worlds);
    arrive(w);
    sell_permits(w);
    w.permits_unlimited = !checked;
    triage(w);
    quote(w);
    const std::int64_t mg = std::exchange(w.regions[0].permits.reserved_mg, 0);
    w.regions[0].permits.held_mg = 0;
    w.orders.clear();
    return mg;
  };
  const std::int64_t issued = policy::permits_issued(plan->scenario.permits, plan->start_utc, plan->utc_of(1));
  EXPECT_LE(reserved(true), issued);
  EXPECT_GT(reserved(false), 2 * issued);
}

// ---------------------------------------------------------------- a price over time

TEST(CarbonPath, EveryStepHasItsPrice) {
  Simulation sim(quick_plan(shop("BD"), {"pricing.rule=carbon", "run.duration=1h", "pricing.carbon_price=path",
                                         "pricing.carbon_growth_per_year=9"}));
  double before = 0;
  while (!sim.done()) {
    const double price = sim.plan().carbon_price.usd_per_t(sim.plan().utc_of(sim.steps_done()));
    sim.step();
    sim.each_region([&](RegionState& r) { EXPECT_NEAR(r.step.carbon_price_usd_per_t, price, 1e-9); });
    EXPECT_GT(price, before);
    before = price;
  }
  EXPECT_LT(before, 101) << "100 at the start, tenfold after a year";
}

TEST(CarbonSeries, APriceHoldsUntilTheNextOne) {
  const grid::test::TempFolder folder;
  const std::string file = folder.path() / folder.write("price.csv", "datetime_utc,usd_per_t\n2022-01-01,50\n2022-01-03T00:30,80\n2022-01-05,90\n");
  Simulation sim(quick_plan(shop("BD"), {"pricing.rule=carbon", "run.duration=1h", "pricing.carbon_price=series",
                                         "pricing.carbon_series=" + file}));
  while (!sim.done()) {
    const double price = sim.steps_done() < 6 ? 50 : 80;  // of twelve steps from midnight of the 3rd on
    sim.step();
    sim.each_region([&](RegionState& r) { EXPECT_EQ(r.step.carbon_price_usd_per_t, price) << sim.steps_done(); });
  }
}

}  // namespace
}  // namespace swarm::engine
