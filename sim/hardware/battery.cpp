#include "sim/hardware/battery.hpp"

#include <algorithm>

#include "sim/core/checks.hpp"
#include "sim/core/stats.hpp"

namespace swarm {
namespace hardware {
namespace {

constexpr double kMicrojoulesPerJoule = 1e6;

/// The most that the battery moves in a time [µJ].
std::int64_t reach(const Battery& battery, double seconds) {
  return round_half_even(std::min(battery.watts * seconds * kMicrojoulesPerJoule, 9e18));
}

std::int64_t deliverable(const Battery& battery, const Charge& charge, BatteryMode mode, std::int64_t demand_uj, double seconds) {
  if (mode != BatteryMode::discharge) return 0;
  return std::min({reach(battery, seconds), charge.level_uj, demand_uj});
}

/// Draws energy of the grid into the battery, as much as goes.
void fill(const Battery& battery, Charge& charge, double seconds, const GridState& grid, BatteryFlow& flow) {
  const std::int64_t room = battery.capacity_uj - charge.level_uj;
  flow.charged = std::min(reach(battery, seconds), round_half_even(static_cast<double>(room) / battery.efficiency));
  const std::int64_t stored = std::min({room, flow.charged, round_half_even(static_cast<double>(flow.charged) * battery.efficiency)});
  flow.lost = flow.charged - stored;
  charge.level_uj += stored;
  charge.carbon_g += kwh_of_microjoules(flow.charged) * grid.intensity;
  charge.cost_usd += kwh_of_microjoules(flow.charged) * grid.price;
}

}  // namespace

Battery make_battery(double capacity_kwh, double power_kw, double efficiency) {
  EXPECT(efficiency > 0 && efficiency <= 1);
  return {round_half_even(capacity_kwh * kMicrojoulesPerKwh), power_kw * 1000.0, efficiency};
}

Outlook outlook(const BatteryParams& params, std::span<const double> values) {
  EXPECT(!values.empty());
  return {values.front(), quantile(values, params.charge_below), quantile(values, params.discharge_above)};
}

BatteryMode battery_mode(const Outlook& outlook, double efficiency, double held) {
  if (outlook.now < outlook.low && outlook.now / efficiency < outlook.high) return BatteryMode::charge;
  if (outlook.now > outlook.high && outlook.now > held) return BatteryMode::discharge;
  return BatteryMode::hold;
}

BatteryFlow run_battery(const Battery& battery, Charge& charge, BatteryMode mode, std::int64_t demand_uj, double seconds,
                        const GridState& grid) {
  EXPECT(demand_uj >= 0 && charge.level_uj >= 0 && charge.level_uj <= battery.capacity_uj);
  BatteryFlow flow{.intensity = grid.intensity, .price = grid.price};
  if (mode == BatteryMode::charge) fill(battery, charge, seconds, grid, flow);
  flow.delivered = deliverable(battery, charge, mode, demand_uj, seconds);
  flow.drawn = demand_uj - flow.delivered + flow.charged;
  if (flow.delivered == 0) return flow;
  const double part = static_cast<double>(flow.delivered) / static_cast<double>(charge.level_uj);
  const double carbon_g = charge.carbon_g * part, cost_usd = charge.cost_usd * part;  // all of it when it runs empty
  charge.level_uj -= flow.delivered;
  charge.carbon_g -= carbon_g;
  charge.cost_usd -= cost_usd;
  const double demand_kwh = kwh_of_microjoules(demand_uj), from_grid_kwh = kwh_of_microjoules(demand_uj - flow.delivered);
  flow.intensity = (from_grid_kwh * grid.intensity + carbon_g) / demand_kwh;
  flow.price = (from_grid_kwh * grid.price + cost_usd) / demand_kwh;
  return flow;
}

double covered_share(const Battery& battery, const Charge& charge, BatteryMode mode, std::int64_t demand_uj, double seconds) {
  if (demand_uj <= 0) return 0;
  return static_cast<double>(deliverable(battery, charge, mode, demand_uj, seconds)) / static_cast<double>(demand_uj);
}

}  // namespace hardware
}  // namespace swarm
