#include "sim/engine/supply.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/math.hpp"
#include "sim/hardware/regeneration.hpp"

namespace swarm {
namespace engine {
namespace {

using hardware::BatteryMode;
using hardware::Charge;
using hardware::GridState;
using world::RegionState;
using world::World;

Charge charge_of(const world::SupplyColumns& s, std::size_t k) { return {s.level_uj[k], s.stored_g[k], s.stored_usd[k]}; }

/// The values that the policy goes by, from the present one on.
std::vector<double> foreseen(const World& w, const RegionState& r) {
  const auto& plan = *w.plan;
  const auto& params = plan.scenario.battery;
  const auto wanted = static_cast<std::uint32_t>(std::max(1.0, std::ceil(params.horizon.seconds / plan.step_s)));
  std::vector<double> values;
  for (std::uint32_t ahead = 0; ahead < std::min(wanted, plan.signals.horizon_steps() + 1); ++ahead)
    values.push_back(params.policy == hardware::BatteryPolicy::price ? plan.signals.forecast_price(r.id, w.step, ahead)
                                                                     : lowered(r, plan.signals.forecast_intensity(r.id, w.step, ahead)));
  return values;
}

void choose_modes(const World& w, RegionState& r) {
  const auto& plan = *w.plan;
  const auto& info = plan.regions[r.id.value];
  auto& s = r.energy.supply;
  std::fill(s.mode.begin(), s.mode.end(), BatteryMode::hold);
  const auto sites = std::span(plan.sites).subspan(info.first_site, info.sites);
  if (std::ranges::none_of(sites, [](const auto& site) { return static_cast<bool>(site.battery); })) return;
  const hardware::Outlook outlook = hardware::outlook(plan.scenario.battery, foreseen(w, r));
  for (std::size_t k = 0; k < sites.size(); ++k) {
    if (!sites[k].battery) continue;
    const Charge charge = charge_of(s, k);
    const double held = plan.scenario.battery.policy == hardware::BatteryPolicy::price ? charge.price() : charge.intensity();
    s.mode[k] = hardware::battery_mode(outlook, sites[k].battery.efficiency, held);
  }
}

/// What the battery did in the step, and what the site's energy was.
void use_battery(const World& w, RegionState& r, const world::SiteInfo& site, std::size_t k, Int128 used_nj) {
  constexpr double kNanojoulesPerMicrojoule = 1000;
  auto& s = r.energy.supply;
  Charge charge = charge_of(s, k);
  s.before[k] = charge;
  s.demand_uj[k] = round_half_even(static_cast<double>(used_nj) * site.pue / kNanojoulesPerMicrojoule);
  const GridState grid{r.step.carbon_intensity, r.step.electricity_price_usd_per_kwh};
  const auto flow = hardware::run_battery(site.battery, charge, s.mode[k], s.demand_uj[k], w.plan->step_s, grid);
  s.flow[k] = flow;
  s.level_uj[k] = charge.level_uj;
  s.stored_g[k] = charge.carbon_g;
  s.stored_usd[k] = charge.cost_usd;
  s.intensity[k] = flow.intensity;
  s.price[k] = flow.price;
  s.battery_kwh[k] = hardware::kwh_of_microjoules(charge.level_uj);
  if (charge.level_uj > 0) s.battery_intensity[k] = charge.intensity();
  s.charge_kwh[k] = hardware::kwh_of_microjoules(flow.charged);
  s.discharge_kwh[k] = hardware::kwh_of_microjoules(flow.delivered);
  s.loss_kwh[k] = hardware::kwh_of_microjoules(flow.lost);
  r.sites.grid_kwh[k] = hardware::kwh_of_microjoules(flow.drawn);
  r.energy.step.charge_kwh += s.charge_kwh[k];
  r.energy.step.discharge_kwh += s.discharge_kwh[k];
  r.energy.step.loss_kwh += s.loss_kwh[k];
  r.energy.step.discharge_avoided_g += hardware::kwh_of_microjoules(s.demand_uj[k]) * (grid.intensity - flow.intensity);
}

[[noreturn]] void broken(const World& w, const std::string& site, const std::string& what) {
  throw ModelError(fmt::format("step {}, site {}: {} please report it with the scenario and seed", w.step, site, what));
}

}  // namespace

void open_supply(const World& w, RegionState& r) {
  const auto& params = w.plan->scenario.regeneration;
  auto& e = r.energy;
  e.step = {};
  e.rejected_allowance = 0;
  if (w.plan->begins_day(w.step)) std::fill(e.allowance.spent_uj.begin(), e.allowance.spent_uj.end(), 0);
  e.intensity_cut = e.answered > 0 ? hardware::intensity_cut(params, e.optimising / e.answered) : 0.0;
  r.step.carbon_intensity = lowered(r, w.plan->signals.intensity(r.id, w.step));
  choose_modes(w, r);
}

GridState expected_supply(const World& w, const RegionState& r, std::size_t k, const GridState& grid) {
  const auto& s = r.energy.supply;
  const auto& site = w.plan->sites[w.plan->regions[r.id.value].first_site + k];
  const Charge charge = charge_of(s, k);
  const double share = hardware::covered_share(site.battery, charge, s.mode[k], s.demand_uj[k], w.plan->step_s);
  if (share == 0) return grid;
  return {grid.intensity + share * (charge.intensity() - grid.intensity), grid.price + share * (charge.price() - grid.price)};
}

void supply_site(const World& w, RegionState& r, std::size_t k, Int128 used_nj) {
  const auto& site = w.plan->sites[w.plan->regions[r.id.value].first_site + k];
  auto& e = r.energy;
  const double used_kwh = kwh_wide(used_nj) * site.pue;
  r.sites.grid_kwh[k] = used_kwh;
  e.supply.intensity[k] = r.step.carbon_intensity;
  e.supply.price[k] = r.step.electricity_price_usd_per_kwh;
  for (auto* column : {&e.supply.battery_kwh, &e.supply.charge_kwh, &e.supply.discharge_kwh, &e.supply.loss_kwh}) (*column)[k] = 0;
  e.supply.battery_intensity[k] = std::numeric_limits<double>::quiet_NaN();
  if (site.battery) use_battery(w, r, site, k, used_nj);
  e.supply.heat_kwh[k] = site.heat_reuse * used_kwh;
  e.supply.heat_avoided_g[k] = e.supply.heat_kwh[k] * site.heat_displaced_g_per_kwh;
  e.step.used_kwh += used_kwh;
  e.step.heat_kwh += e.supply.heat_kwh[k];
  e.step.heat_avoided_g += e.supply.heat_avoided_g[k];
  e.step.regenerated_kwh += r.sites.grid_kwh[k] * e.intensity_cut;
  e.step.regenerated_g += r.sites.grid_kwh[k] * (w.plan->signals.intensity(r.id, w.step) - r.step.carbon_intensity);
}

void note_regeneration(const World& w, RegionState& r) {
  const auto& params = w.plan->scenario.regeneration;
  if (params.elasticity == 0) return;
  const double kept = math::exp(-w.plan->step_s / params.memory.seconds);
  const auto served = [&](workload::Purpose purpose) { return static_cast<double>(r.purposes.requests_served[static_cast<std::size_t>(purpose)]); };
  auto& e = r.energy;
  e.optimising = e.optimising * kept + served(workload::Purpose::renewable_energy_optimisation);
  e.answered = e.answered * kept + static_cast<double>(r.step.requests_served);
}

void audit_supply(const World& w, const RegionState& r) {
  constexpr double kRounding = 1e-9;
  const auto& info = w.plan->regions[r.id.value];
  const auto& s = r.energy.supply;
  for (std::uint32_t k = 0; k < info.sites; ++k) {
    const auto& site = w.plan->sites[info.first_site + k];
    if (!site.battery) continue;
    const auto& flow = s.flow[k];
    const Charge after = charge_of(s, k);
    if (flow.drawn < 0 || flow.lost < 0 || after.level_uj < 0 || after.level_uj > site.battery.capacity_uj)
      broken(w, site.name, "the battery gives more than it has, or takes more than it holds;");
    if (Int128{flow.drawn} - s.demand_uj[k] - flow.lost != Int128{after.level_uj} - s.before[k].level_uj)
      broken(w, site.name, "energy drawn is not what was used, lost and kept;");
    const double drawn_kwh = r.sites.grid_kwh[k], used_kwh = hardware::kwh_of_microjoules(s.demand_uj[k]);
    const auto compare = [&](const char* what, double grid, double got, double before, double kept) {
      const double scale = std::abs(drawn_kwh * grid) + std::abs(used_kwh * got) + std::abs(before) + std::abs(kept);
      if (!(std::abs(drawn_kwh * grid - used_kwh * got - (kept - before)) <= kRounding * scale))
        broken(w, site.name, fmt::format("{} of the energy drawn is not that of what was used and kept;", what));
    };
    compare("carbon", r.step.carbon_intensity, s.intensity[k], s.before[k].carbon_g, after.carbon_g);
    compare("cost", r.step.electricity_price_usd_per_kwh, s.price[k], s.before[k].cost_usd, after.cost_usd);
  }
}

}  // namespace engine
}  // namespace swarm
