#include "sim/io/summary_energy.hpp"

#include <limits>

#include "sim/hardware/regeneration.hpp"

namespace swarm::io {
namespace {

using world::RegionState;

class Variables {
 public:
  std::vector<StaticVariable> all;
  void number(std::string name, double value, std::string unit, std::string meaning, ResultKind kind = ResultKind::modelled) {
    all.push_back({std::move(name), std::vector<double>{value}, {}, std::move(unit), std::move(meaning), kind});
  }
  void count(std::string name, std::uint64_t value, std::string meaning) {
    all.push_back({std::move(name), std::vector<std::int64_t>{static_cast<std::int64_t>(value)}, {}, "1", std::move(meaning), ResultKind::accounting});
  }
};

/// What batteries hold at the end of the run.
struct Held {
  double kwh = 0, carbon_g = 0, cost_usd = 0;
};

Held held_at_end(const engine::Simulation& sim) {
  Held held;
  sim.each_region([&](const RegionState& r) {
    const auto& s = r.energy.supply;
    for (std::size_t k = 0; k < s.level_uj.size(); ++k) {
      held.kwh += hardware::kwh_of_microjoules(s.level_uj[k]);
      held.carbon_g += s.stored_g[k];
      held.cost_usd += s.stored_usd[k];
    }
  });
  return held;
}

}  // namespace

std::vector<StaticVariable> energy_summary(const engine::Simulation& sim) {
  world::EnergySums sum;
  std::uint64_t rejected = 0;
  sim.each_region([&](const RegionState& r) {
    sum.add(r.energy.total);
    rejected += r.energy.total_rejected_allowance;
  });
  const Held held = held_at_end(sim);
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  Variables v;
  v.number("used_kwh", sum.used_kwh, "kWh", "energy that sites used, PUE and idle servers included: grid energy but for what batteries took, lost and gave");
  v.number("battery_charge_kwh", sum.charge_kwh, "kWh", "drawn from the grid to charge batteries");
  v.number("battery_discharge_kwh", sum.discharge_kwh, "kWh", "delivered by batteries");
  v.number("battery_loss_kwh", sum.loss_kwh, "kWh", "lost in charging batteries");
  v.number("battery_avoided_g", sum.discharge_avoided_g, "g", "what the grid would have emitted for what batteries delivered, less the carbon that this carried, losses included");
  v.number("battery_held_kwh", held.kwh, "kWh", "in batteries at the end");
  v.number("battery_held_g", held.carbon_g, "g", "carbon of that: emitted, and attributed to no request yet");
  v.number("battery_held_usd", held.cost_usd, "USD", "cost of that: billed to nobody yet", ResultKind::accounting);
  v.number("heat_kwh", sum.heat_kwh, "kWh", "waste heat that was used");
  v.number("heat_avoided_g", sum.heat_avoided_g, "g", "what other heating would have emitted for it; never taken off emissions");
  v.number("regenerated_kwh", sum.regenerated_kwh, "kWh", "grid energy times the share by which answers lowered its carbon intensity");
  v.number("regenerated_g", sum.regenerated_g, "g", "by how much less was emitted because of that; already in emissions");
  v.number("net_energy_balance", hardware::net_balance(sum.heat_kwh, sum.regenerated_kwh, sum.used_kwh), "1",
           "heat that was used and energy that was regenerated, over energy used");
  v.count("rejected_allowance", rejected, "refused: no specialist of the site had enough left of its allowance of energy");
  v.count("allowance_cheaper", sum.allowance_cheaper, "requests that turned to a site where they take less energy");
  v.count("allowance_turned", sum.allowance_turned, "requests that turned to another specialist for want of allowance");
  v.count("allowance_deferred", sum.allowance_deferred, "times that a request was put away until allowances are renewed");
  v.count("allowance_released", sum.allowance_released, "requests that had been put away until allowances were renewed and asked again");
  v.count("energy_estimates", sum.estimates, "answers whose energy had been estimated");
  v.number("energy_estimates_close_share", sum.estimates > 0 ? static_cast<double>(sum.estimates_close) / static_cast<double>(sum.estimates) : kNone, "1",
           "share of them that took what was estimated to within 30 % (NaN without allowances)");
  return v.all;
}

}  // namespace swarm::io
