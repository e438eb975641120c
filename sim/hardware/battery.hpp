#pragma once
#include <cstdint>
#include <span>

#include "sim/core/units.hpp"
#include "sim/hardware/storage_params.hpp"

/// A site's battery (docs/models/energy_storage.md): when it charges and delivers, and what of energy, carbon and money
/// it carries from one step to another. Energy is counted in whole microjoules, so that what is drawn is what is
/// delivered, lost and kept, exactly. All losses arise in charging; a full battery keeps its charge.
namespace swarm {
namespace hardware {

inline constexpr double kMicrojoulesPerKwh = 3.6e12;
inline double kwh_of_microjoules(std::int64_t uj) { return static_cast<double>(uj) / kMicrojoulesPerKwh; }

/// As it is built.
struct Battery {
  std::int64_t capacity_uj = 0;  ///< what it can deliver when full; 0: there is none
  double watts = 0;              ///< the most that it draws or delivers
  double efficiency = 1;         ///< delivered over drawn, (0, 1]
  explicit operator bool() const { return capacity_uj > 0; }
};
Battery make_battery(double capacity_kwh, double power_kw, double efficiency);

/// What it holds: the mean carbon and cost of all that was charged and not delivered, losses included.
struct Charge {
  std::int64_t level_uj = 0;
  double carbon_g = 0;
  double cost_usd = 0;
  double intensity() const { return level_uj > 0 ? carbon_g / kwh_of_microjoules(level_uj) : 0.0; }    ///< [g/kWh]
  double price() const { return level_uj > 0 ? cost_usd / kwh_of_microjoules(level_uj) : 0.0; }  ///< [USD/kWh]
};

/// The present value of what the policy goes by, and its quantiles over the horizon.
struct Outlook {
  double now = 0, low = 0, high = 0;
};
/// `values` from the present one on, at least one.
Outlook outlook(const BatteryParams& params, std::span<const double> values);

enum class BatteryMode : std::uint8_t { hold, charge, discharge };

/// Charges below `low` if what is kept would then be worth delivering at `high`; delivers above `high` if what it holds
/// (at `held`, losses included) is better than the grid. Equal values are neither below nor above.
BatteryMode battery_mode(const Outlook& outlook, double efficiency, double held);

/// What a step did to a site's energy [µJ]: drawn = demand + lost + change of level.
struct BatteryFlow {
  std::int64_t drawn = 0;      ///< from the grid, charging included
  std::int64_t charged = 0;    ///< of that, by the battery
  std::int64_t delivered = 0;  ///< by the battery to the site
  std::int64_t lost = 0;       ///< in charging
  double intensity = 0;        ///< of what the site got, grid and battery mixed [g/kWh]
  double price = 0;            ///< the same [USD/kWh]
};

/// A grid at one moment.
struct GridState {
  double intensity = 0;  ///< [g/kWh]
  double price = 0;      ///< [USD/kWh]
};

/// Runs the battery for `seconds` beside a site that takes `demand_uj` in all. What it delivers has the mean carbon and
/// cost of what it holds; what it draws enters with the grid's.
BatteryFlow run_battery(const Battery& battery, Charge& charge, BatteryMode mode, std::int64_t demand_uj, double seconds,
                        const GridState& grid);

/// Share of a demand that the battery would cover in this mode.
double covered_share(const Battery& battery, const Charge& charge, BatteryMode mode, std::int64_t demand_uj, double seconds);

}  // namespace hardware
}  // namespace swarm
