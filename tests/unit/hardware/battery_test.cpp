#include "sim/hardware/battery.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "sim/core/rng.hpp"

namespace swarm::hardware {
namespace {

constexpr std::int64_t kKwh = 3'600'000'000'000;  // [µJ]
constexpr double kHour = 3600;

/// 10 kWh, 4 kW, efficiency 0.8.
Battery small() { return make_battery(10, 4, 0.8); }

TEST(Battery, WorkedExample) {
  // Hour 1 at 100 g/kWh and 0.10 USD/kWh: draws 4 kWh, keeps 3.2, loses 0.8; holds 400 g, 125 g/kWh, 0.125 USD/kWh.
  const Battery battery = small();
  Charge charge;
  BatteryFlow flow = run_battery(battery, charge, BatteryMode::charge, 2 * kKwh, kHour, {100, 0.10});
  EXPECT_EQ(flow.drawn, 6 * kKwh);
  EXPECT_EQ(flow.charged, 4 * kKwh);
  EXPECT_EQ(flow.lost, 8 * kKwh / 10);
  EXPECT_EQ(charge.level_uj, 32 * kKwh / 10);
  EXPECT_DOUBLE_EQ(charge.intensity(), 125);
  EXPECT_DOUBLE_EQ(charge.price(), 0.125);
  EXPECT_EQ(flow.intensity, 100) << "what the site gets comes from the grid as it is";
  EXPECT_EQ(flow.price, 0.10);
  // Hour 2 at 200 g/kWh: 4 kWh more, 800 g; 1200 g in 6.4 kWh are 187.5 g/kWh.
  flow = run_battery(battery, charge, BatteryMode::charge, 0, kHour, {200, 0.10});
  EXPECT_EQ(flow.drawn, 4 * kKwh);
  EXPECT_DOUBLE_EQ(charge.intensity(), 187.5);
  // Hour 3 at 500 g/kWh and 0.30 USD/kWh: of 5 kWh used 4 come from the battery, 750 g; (500 + 750)/5 = 250 g/kWh,
  // (1 · 0.30 + 4 · 0.125)/5 = 0.16 USD/kWh.
  flow = run_battery(battery, charge, BatteryMode::discharge, 5 * kKwh, kHour, {500, 0.30});
  EXPECT_EQ(flow.delivered, 4 * kKwh);
  EXPECT_EQ(flow.drawn, kKwh);
  EXPECT_DOUBLE_EQ(flow.intensity, 250);
  EXPECT_DOUBLE_EQ(flow.price, 0.16);
  EXPECT_NEAR(charge.carbon_g, 450, 1e-9);
  // Hour 4: the rest, 2.4 kWh; nothing of carbon and cost stays behind.
  flow = run_battery(battery, charge, BatteryMode::discharge, 3 * kKwh, kHour, {500, 0.30});
  EXPECT_EQ(flow.delivered, 24 * kKwh / 10);
  EXPECT_EQ(charge.level_uj, 0);
  EXPECT_EQ(charge.carbon_g, 0);
  EXPECT_EQ(charge.cost_usd, 0);
  EXPECT_EQ(charge.intensity(), 0);
  EXPECT_DOUBLE_EQ(flow.intensity, (0.6 * 500 + 450) / 3);
}

TEST(Battery, FillsToItsCapacityAndNoFurther) {
  const Battery battery = make_battery(10, 100, 0.8);
  Charge charge;
  BatteryFlow flow = run_battery(battery, charge, BatteryMode::charge, 0, kHour, {100, 0});
  EXPECT_EQ(charge.level_uj, 10 * kKwh);
  EXPECT_EQ(flow.charged, 125 * kKwh / 10) << "10 kWh / 0.8";
  flow = run_battery(battery, charge, BatteryMode::charge, kKwh, kHour, {100, 0});
  EXPECT_EQ(flow.charged, 0);
  EXPECT_EQ(flow.drawn, kKwh);
  flow = run_battery(battery, charge, BatteryMode::hold, kKwh, kHour, {100, 0});
  EXPECT_EQ(flow.drawn, kKwh);
  EXPECT_EQ(charge.level_uj, 10 * kKwh) << "a battery that rests keeps its charge";
}

TEST(Battery, DeliversNoMoreThanTheSiteTakes) {
  const Battery battery = make_battery(10, 100, 1);
  Charge charge{10 * kKwh, 1000, 1};
  const BatteryFlow flow = run_battery(battery, charge, BatteryMode::discharge, kKwh / 2, kHour, {500, 0.3});
  EXPECT_EQ(flow.delivered, kKwh / 2);
  EXPECT_EQ(flow.drawn, 0);
  EXPECT_DOUBLE_EQ(flow.intensity, 100);
  const BatteryFlow idle = run_battery(battery, charge, BatteryMode::discharge, 0, kHour, {500, 0.3});
  EXPECT_EQ(idle.delivered, 0);
  EXPECT_EQ(idle.intensity, 500) << "a site that takes nothing has the grid's figures";
  EXPECT_EQ(covered_share(battery, charge, BatteryMode::discharge, 0, kHour), 0);
  EXPECT_EQ(covered_share(battery, charge, BatteryMode::hold, kKwh, kHour), 0);
  EXPECT_DOUBLE_EQ(covered_share(battery, charge, BatteryMode::discharge, 19 * kKwh, kHour), 0.5);
}

/// What a thousand random steps of any battery must leave true. `broken` says which law a faulty run breaks.
template <class Run>
std::string broken_law(Run&& run_step) {
  const Random random(7, Stream::request);
  Charge charge;
  Int128 drawn = 0, used = 0, lost = 0;
  double emitted_g = 0, attributed_g = 0, paid_usd = 0, billed_usd = 0;
  const Battery battery = make_battery(3.7, 2.3, 0.83);
  for (std::uint64_t k = 0; k < 1000; ++k) {
    const RandomBlock draw = random.block(0, k), more = random.block(1, k);
    const auto mode = static_cast<BatteryMode>(draw[0] % 3);
    const auto demand = static_cast<std::int64_t>(draw[1] % 1000) * (kKwh / 1000) + draw[2] % 977;
    const GridState grid{20.0 + more[0] % 800, -0.05 + 0.001 * (more[1] % 400)};
    const BatteryFlow flow = run_step(battery, charge, mode, demand, 300.0 * (1 + draw[3] % 12), grid);
    drawn += flow.drawn;
    used += demand;
    lost += flow.lost;
    emitted_g += kwh_of_microjoules(flow.drawn) * grid.intensity;
    attributed_g += kwh_of_microjoules(demand) * flow.intensity;
    paid_usd += kwh_of_microjoules(flow.drawn) * grid.price;
    billed_usd += kwh_of_microjoules(demand) * flow.price;
    if (charge.level_uj < 0 || charge.level_uj > battery.capacity_uj || flow.lost < 0) return "bounds";
    if (drawn != used + lost + charge.level_uj) return "energy";
    if (std::abs(emitted_g - attributed_g - charge.carbon_g) > 1e-9 * emitted_g) return "carbon";
    if (std::abs(paid_usd - billed_usd - charge.cost_usd) > 1e-9 * (std::abs(paid_usd) + 1)) return "cost";
  }
  return drawn > used ? "" : "nothing happened";
}

TEST(Battery, WhatIsDrawnIsUsedLostOrKept) {
  EXPECT_EQ(broken_law(run_battery), "");
  // Wrong variants: losses that vanish, carbon of losses that is forgotten, a bill at the grid's price.
  EXPECT_EQ(broken_law([](const Battery& b, Charge& c, BatteryMode m, std::int64_t d, double s, const GridState& g) {
              BatteryFlow flow = run_battery(b, c, m, d, s, g);
              flow.lost = 0;
              return flow;
            }), "energy");
  EXPECT_EQ(broken_law([](const Battery& b, Charge& c, BatteryMode m, std::int64_t d, double s, const GridState& g) {
              BatteryFlow flow = run_battery(b, c, m, d, s, g);
              c.carbon_g -= kwh_of_microjoules(flow.lost) * g.intensity;
              return flow;
            }), "carbon");
  EXPECT_EQ(broken_law([](const Battery& b, Charge& c, BatteryMode m, std::int64_t d, double s, const GridState& g) {
              BatteryFlow flow = run_battery(b, c, m, d, s, g);
              flow.price = g.price;
              return flow;
            }), "cost");
}

TEST(Battery, GreenWindowsByHand) {
  // 24 values 1 … 24 from the present one on: quantiles at 0.25 and 0.75 are 1 + 0.25 · 23 = 6.75 and 18.25.
  std::vector<double> values;
  for (int k = 1; k <= 24; ++k) values.push_back(k);
  const Outlook rising = outlook({}, values);
  EXPECT_DOUBLE_EQ(rising.now, 1);
  EXPECT_DOUBLE_EQ(rising.low, 6.75);
  EXPECT_DOUBLE_EQ(rising.high, 18.25);
  EXPECT_EQ(battery_mode(rising, 0.8, 0), BatteryMode::charge);
  EXPECT_EQ(battery_mode({6.75, 6.75, 18.25}, 0.8, 0), BatteryMode::hold) << "not below";
  EXPECT_EQ(battery_mode({18.25, 6.75, 18.25}, 0.8, 0), BatteryMode::hold) << "not above";
  EXPECT_EQ(battery_mode({19, 6.75, 18.25}, 0.8, 0), BatteryMode::discharge);
  EXPECT_EQ(battery_mode({19, 6.75, 18.25}, 0.8, 20), BatteryMode::hold) << "what it holds is dirtier than the grid";
  EXPECT_EQ(battery_mode({95, 96, 100}, 0.9, 0), BatteryMode::hold) << "95/0.9 is more than 100: losses eat the gain";
  EXPECT_EQ(battery_mode({-0.02, 0, 0.1}, 0.9, 0), BatteryMode::charge) << "paid to take it";
  EXPECT_EQ(battery_mode(outlook({}, std::vector<double>(24, 300.0)), 1, 0), BatteryMode::hold) << "all the same";
  EXPECT_EQ(battery_mode(outlook({}, std::array{5.0}), 1, 0), BatteryMode::hold);
}

}  // namespace
}  // namespace swarm::hardware
