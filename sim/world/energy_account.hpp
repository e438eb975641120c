#pragma once
#include <cstdint>
#include <vector>

#include "sim/hardware/allowance.hpp"
#include "sim/hardware/battery.hpp"

/// Where a region's sites get their energy, where its heat goes, and what its specialists may still spend.
namespace swarm {
namespace world {

/// Row = site of the region. Where there is no battery, what the site gets is what the grid gives.
struct SupplyColumns {
  std::vector<std::int64_t> level_uj;             ///< of the battery
  std::vector<double> stored_g, stored_usd;       ///< carbon and cost of that
  std::vector<std::int64_t> demand_uj;            ///< of the last step, of sites with a battery; quotes expect it again
  // this step
  std::vector<hardware::BatteryMode> mode;
  std::vector<double> intensity, price;           ///< of the site's energy, grid and battery mixed [g/kWh, USD/kWh]
  std::vector<double> battery_kwh, charge_kwh, discharge_kwh, loss_kwh, battery_intensity;
  std::vector<double> heat_kwh, heat_avoided_g;
  // what the audit compares; no state
  std::vector<hardware::Charge> before;
  std::vector<hardware::BatteryFlow> flow;
};

struct EnergySums {
  double used_kwh = 0;  ///< by sites, PUE included
  double charge_kwh = 0, discharge_kwh = 0, loss_kwh = 0;
  double discharge_avoided_g = 0;  ///< what the grid would have emitted for what batteries delivered, less what that carried
  double heat_kwh = 0, heat_avoided_g = 0;
  double regenerated_kwh = 0, regenerated_g = 0;
  std::uint64_t allowance_cheaper = 0, allowance_turned = 0, estimates = 0, estimates_close = 0;
  std::uint64_t allowance_deferred = 0, allowance_released = 0;  ///< by asking region: put away for want of allowance, and let go
  void add(const EnergySums& more);
};

struct EnergyAccount {
  SupplyColumns supply;
  EnergySums step, total;  ///< this step; after the warm-up
  /// Answers that the region's users got, each weighted by its age: for the optimisation of renewables, and all.
  double optimising = 0, answered = 0;
  double intensity_cut = 0;  ///< by which carbon intensity is lower in this step, as a share
  /// Without rows unless there are allowances.
  hardware::AllowanceColumns allowance;
  std::vector<double> joules_per_pass;  ///< expected, by site and network: of one simulated request per pass over the weights
  std::uint32_t rejected_allowance = 0;          ///< this step, by asking region
  std::uint64_t total_rejected_allowance = 0;
};

}  // namespace world
}  // namespace swarm
