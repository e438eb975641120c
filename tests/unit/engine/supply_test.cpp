#include "sim/engine/supply.hpp"

#include <cmath>

#include "sim/hardware/regeneration.hpp"
#include "tests/unit/engine/shop.hpp"

/// Batteries, heat and regeneration in a run of one site that takes energy only while it serves.
namespace swarm::engine {
namespace {

using world::RegionState;
using Overrides = std::vector<std::string>;

/// A day and a half under a grid that swings by 40 % a day around 500 g/kWh, and its price by as much, all foreseen.
Overrides swinging(const Overrides& more = {}) {
  Overrides all{"run.duration=36h", "run.step=10min", "grid.diurnal=0.4", "grid.price_diurnal=0.4", "grid.price_pass_through=1", "grid.forecast=perfect",
                "workload.requests_per_hour=1200"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}
/// The site takes a quarter of a kilowatt on average.
Overrides with_battery(const Overrides& more = {}) {
  Overrides all = swinging({"site.S.battery_kwh=2", "site.S.battery_kw=0.4", "site.S.battery_efficiency=0.8"});
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// What is seen of a run from outside.
struct Seen {
  double used_kwh = 0, grid_kwh = 0, lost_kwh = 0, delivered_kwh = 0, held_kwh = 0;
  double drawn_g = 0, used_g = 0, held_g = 0, caused_g = 0, in_flight_g = 0;
  double drawn_usd = 0, billed_usd = 0, held_usd = 0;
  int charging = 0, delivering = 0;
  std::uint64_t served = 0;
};

Seen watch(const Overrides& overrides) {
  Simulation sim(quick_plan(shop("BD"), overrides));
  const RegionState& r = sim.worlds()[0]->regions[0];
  const auto& s = r.energy.supply;
  const auto& site = sim.plan().sites[0];
  Seen seen;
  while (!sim.done()) {
    sim.step();
    EXPECT_EQ(r.sites.carbon_location_g[0], r.sites.grid_kwh[0] * r.step.carbon_intensity) << "emitted where and when it is drawn";
    EXPECT_EQ(r.sites.carbon_intensity[0], r.step.carbon_intensity);
    const double used = site.device.max_w * r.sites.busy_s[0] / kJoulesPerKwh;
    seen.used_kwh += used;
    seen.grid_kwh += r.sites.grid_kwh[0];
    seen.lost_kwh += s.loss_kwh[0];
    seen.delivered_kwh += s.discharge_kwh[0];
    seen.drawn_g += r.sites.carbon_location_g[0];
    seen.used_g += used * s.intensity[0];
    seen.caused_g += r.step.carbon_caused_location_g;
    seen.drawn_usd += r.sites.grid_kwh[0] * r.step.electricity_price_usd_per_kwh;
    seen.billed_usd += r.step.resource_cost_usd - r.sites.busy_s[0] * site.amortisation_usd_per_s;
    seen.charging += s.charge_kwh[0] > 0;
    seen.delivering += s.discharge_kwh[0] > 0;
    seen.served += r.step.requests_served;
    EXPECT_TRUE(s.discharge_kwh[0] > 0 || s.intensity[0] == r.step.carbon_intensity);
  }
  for (const double g : r.flights.carbon_location_g) seen.in_flight_g += g;
  seen.held_kwh = s.battery_kwh[0];
  seen.held_g = s.stored_g[0];
  seen.held_usd = s.stored_usd[0];
  return seen;
}

TEST(Supply, WhatIsDrawnIsUsedLostOrKept) {
  const Seen seen = watch(with_battery());
  EXPECT_GT(seen.charging, 20);
  EXPECT_GT(seen.delivering, 20);
  EXPECT_NEAR(seen.grid_kwh, seen.used_kwh + seen.lost_kwh + seen.held_kwh, 1e-9 * seen.grid_kwh);
  EXPECT_NEAR(seen.drawn_g, seen.used_g + seen.held_g, 1e-9 * seen.drawn_g);
  EXPECT_NEAR(seen.drawn_g, seen.caused_g + seen.in_flight_g + seen.held_g, 1e-8 * seen.drawn_g)
      << "all carbon is some request's, or waits in the battery";
  EXPECT_NEAR(seen.drawn_usd, seen.billed_usd + seen.held_usd, 1e-6 * seen.drawn_usd + 1e-6);
  EXPECT_GT(seen.lost_kwh, 0.1);
}

TEST(Supply, BatteriesLowerEmissionsAndBills) {
  const Seen without = watch(swinging()), with = watch(with_battery()), cheap = watch(with_battery({"battery.policy=price"}));
  EXPECT_EQ(without.delivered_kwh, 0);
  EXPECT_NEAR(without.used_g, without.drawn_g, 1e-9 * without.drawn_g);
  EXPECT_LT(with.used_g / with.used_kwh, 0.98 * without.used_g / without.used_kwh);
  EXPECT_GT(with.grid_kwh, without.grid_kwh) << "and take more energy";
  EXPECT_LT(cheap.billed_usd / cheap.used_kwh, 0.98 * without.billed_usd / without.used_kwh);
  const Seen still = watch(with_battery({"grid.diurnal=0"}));
  EXPECT_EQ(still.charging, 0) << "nothing to gain";
  const Seen blind = watch(with_battery({"grid.forecast=persistence"}));
  EXPECT_EQ(blind.charging, 0) << "nothing foreseen";
}

TEST(Supply, QuotesExpectTheMix) {
  Simulation sim(quick_plan(shop("BD"), with_battery()));
  const auto& w = *sim.worlds()[0];
  const RegionState& r = w.regions[0];
  double error = 0, grid_error = 0, price_error = 0, grid_price_error = 0;
  int delivering = 0;
  while (!sim.done()) {
    sim.step();
    const auto& notice = w.bulletin.sites[0];
    if (r.energy.supply.discharge_kwh[0] == 0) continue;
    ++delivering;
    error += std::abs(notice.intensity_g_per_kwh - r.energy.supply.intensity[0]);
    grid_error += std::abs(r.step.carbon_intensity - r.energy.supply.intensity[0]);
    price_error += std::abs(notice.price_usd_per_kwh - r.energy.supply.price[0]);
    grid_price_error += std::abs(r.step.electricity_price_usd_per_kwh - r.energy.supply.price[0]);
  }
  ASSERT_GT(delivering, 20);
  EXPECT_LT(error, 0.3 * grid_error) << "quotes at the grid's intensity would be this far off: " << grid_error / delivering << " g/kWh";
  EXPECT_LT(price_error, 0.3 * grid_price_error);
}

TEST(Supply, TheAuditFindsWhatIsMissing) {
  const auto after = [](auto&& damage) {
    Simulation sim(quick_plan(shop("BD"), with_battery()));
    RegionState& r = sim.worlds()[0]->regions[0];
    while (r.energy.supply.discharge_kwh[0] == 0) sim.step();
    audit_supply(*sim.worlds()[0], r);
    damage(r);
    try {
      audit_supply(*sim.worlds()[0], r);
    } catch (const ModelError& e) {
      return std::string(e.what());
    }
    return std::string("nothing");
  };
  const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
  EXPECT_TRUE(has(after([](RegionState& r) { ++r.energy.supply.level_uj[0]; }), "energy drawn")) << "a microjoule";
  EXPECT_TRUE(has(after([](RegionState& r) { ++r.energy.supply.flow[0].drawn; }), "energy drawn"));
  EXPECT_TRUE(has(after([](RegionState& r) { r.energy.supply.level_uj[0] = -1; }), "more than it has"));
  EXPECT_TRUE(has(after([](RegionState& r) { r.energy.supply.stored_g[0] *= 1 + 1e-6; }), "carbon of"));
  EXPECT_TRUE(has(after([](RegionState& r) { r.energy.supply.intensity[0] = r.step.carbon_intensity; }), "carbon of"));
  EXPECT_TRUE(has(after([](RegionState& r) { r.energy.supply.price[0] = r.step.electricity_price_usd_per_kwh; }), "cost of"));
}

TEST(Supply, HeatIsCreditedApart) {
  const Overrides heated = swinging({"site.S.heat_reuse=0.4", "site.S.heat_displaced_g_per_kwh=200"});
  const Seen plain = watch(swinging()), warm = watch(heated);
  EXPECT_EQ(plain.drawn_g, warm.drawn_g) << "never netted";
  Simulation sim(quick_plan(shop("BD"), heated));
  const RegionState& r = sim.worlds()[0]->regions[0];
  sim.step();
  EXPECT_GT(r.sites.grid_kwh[0], 0);
  EXPECT_DOUBLE_EQ(r.energy.supply.heat_kwh[0], 0.4 * r.sites.grid_kwh[0]);
  EXPECT_DOUBLE_EQ(r.energy.supply.heat_avoided_g[0], 80 * r.sites.grid_kwh[0]);
}

TEST(Supply, AnswersThatHelpTheGridLowerItsIntensity) {
  const Overrides regenerating = swinging({"grid.diurnal=0", "run.duration=2h", "regeneration.elasticity=0.5", "regeneration.max_cut=0.3",
                                           "regeneration.memory=1h", "purpose.renewable_energy_optimisation.share=1"});
  Simulation sim(quick_plan(shop("BD"), regenerating));
  const auto& w = *sim.worlds()[0];
  const RegionState& r = w.regions[0];
  double optimising = 0, answered = 0, cut = 0;
  bool some = false;
  while (!sim.done()) {
    sim.step();
    EXPECT_NEAR(r.energy.intensity_cut, cut, 1e-12);
    EXPECT_NEAR(r.step.carbon_intensity, 500 * (1 - cut), 1e-9);
    EXPECT_NEAR(w.bulletin.sites[0].intensity_g_per_kwh, 500 * (1 - cut), 1e-3);
    some = some || cut > 0.05;
    const double kept = std::exp(-600.0 / 3600);
    optimising = optimising * kept + r.purposes.requests_served[static_cast<std::size_t>(workload::Purpose::renewable_energy_optimisation)];
    answered = answered * kept + r.step.requests_served;
    if (answered > 0) cut = std::min(0.3, 0.5 * optimising / answered);
  }
  EXPECT_TRUE(some);
  Simulation bounded(quick_plan(shop("BD"), swinging({"grid.diurnal=0", "run.duration=2h", "regeneration.elasticity=100"})));
  for (int k = 0; k < 3; ++k) bounded.step();
  EXPECT_EQ(bounded.worlds()[0]->regions[0].energy.intensity_cut, 0.1);
}

}  // namespace
}  // namespace swarm::engine
