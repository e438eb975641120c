#pragma once
#include "sim/core/params.hpp"

/// How sites use their batteries, and what answers do to the grid: `[battery]` and `[regeneration]`.
namespace swarm {
namespace hardware {

enum class BatteryPolicy : std::uint8_t { carbon, price };

struct BatteryParams {
  BatteryPolicy policy = BatteryPolicy::carbon;
  double charge_below = 0.25;
  double discharge_above = 0.75;
  Duration horizon{86400};
};

template <class V>
void describe(V& v, BatteryParams& p) {
  v("policy", p.policy, {.unit = "", .doc = "Which forecast the batteries of sites go by: the grid's carbon intensity, or the price of electricity."});
  v("charge_below", p.charge_below, {.unit = "1", .min = 0, .max = 1, .doc = "A battery charges while the present value lies below this quantile of the values foreseen: in a green window.", .source = kAssumed});
  v("discharge_above", p.discharge_above, {.unit = "1", .min = 0, .max = 1, .doc = "It delivers while the present value lies above this quantile of them.", .source = kAssumed});
  v("horizon", p.horizon, {.unit = "s", .min = 0, .max = 259200, .min_open = true, .doc = "How far ahead values are looked at, the present one included; grid.forecast_horizon bounds it.", .source = kAssumed});
}

struct RegenerationParams {
  double elasticity = 0;
  double max_cut = 0.1;
  Duration memory{7 * 86400.0};
};

template <class V>
void describe(V& v, RegenerationParams& p) {
  v("elasticity", p.elasticity, {.unit = "1", .min = 0, .max = 100, .doc = "Fall of a region's carbon intensity, as a share of it, per share of renewable_energy_optimisation in the answers that the region's users got lately.", .source = kAssumed});
  v("max_cut", p.max_cut, {.unit = "1", .min = 0, .max = 1, .doc = "The most that carbon intensity falls by, as a share of it.", .source = kAssumed});
  v("memory", p.memory, {.unit = "s", .min = 0, .min_open = true, .doc = "Time in which the weight of an answer in that share falls to 1/e.", .source = kAssumed});
}

}  // namespace hardware
inline namespace core {
template <>
struct EnumNames<hardware::BatteryPolicy> {
  static constexpr std::array<std::string_view, 2> names{"carbon", "price"};
};
}  // namespace core
}  // namespace swarm
