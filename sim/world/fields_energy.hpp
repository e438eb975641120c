#pragma once
#include "sim/world/field_spec.hpp"
#include "sim/world/region_state.hpp"

/// The part of the field registry (fields.hpp) that is about batteries, heat, regeneration and allowances of energy.
namespace swarm {
namespace world {

template <class V>
void describe_energy(V& v, RegionState& r) {
  using enum Dim;
  using enum Role;
  using enum Kind;
  EnergyAccount& e = r.energy;
  SupplyColumns& s = e.supply;
  v({"battery_kwh", site, output, modelled, "kWh", "what the site's battery holds at the end of the step"}, s.battery_kwh);
  v({"battery_charge_kwh", site, output, modelled, "kWh", "drawn from the grid to charge the battery"}, s.charge_kwh);
  v({"battery_discharge_kwh", site, output, modelled, "kWh", "delivered by the battery to the site"}, s.discharge_kwh);
  v({"battery_loss_kwh", site, output, modelled, "kWh", "lost in charging the battery"}, s.loss_kwh);
  v({"battery_intensity", site, output, modelled, "g/kWh", "mean carbon of what the battery holds, losses included (NaN while it is empty, and without one)"}, s.battery_intensity);
  v({"supply_intensity", site, output, modelled, "g/kWh", "carbon intensity of the energy that the site used, grid and battery mixed: what requests are attributed"}, s.intensity);
  v({"supply_price_usd_per_kwh", site, output, modelled, "USD/kWh", "price of that energy: what specialists are billed"}, s.price);
  v({"heat_kwh", site, output, modelled, "kWh", "waste heat that was used"}, s.heat_kwh);
  v({"heat_avoided_g", site, output, modelled, "g", "what other heating would have emitted for it; never taken off emissions"}, s.heat_avoided_g);
  v({"battery_level_uj", site, state, modelled, "uJ", "what the battery holds"}, s.level_uj);
  v({"battery_stored_g", site, state, modelled, "g", "carbon of that"}, s.stored_g);
  v({"battery_stored_usd", site, state, accounting, "USD", "cost of that"}, s.stored_usd);
  v({"battery_demand_uj", site, state, modelled, "uJ", "energy that a site with a battery used in the last step"}, s.demand_uj);

  v({"intensity_cut", region, output, modelled, "1", "share by which answers on renewable_energy_optimisation have lowered carbon_intensity"}, e.intensity_cut);
  v({"optimising_answers", region, state, accounting, "1", "answers on renewable_energy_optimisation that the region's users got, fading with time; 0 without regeneration, as the next"}, e.optimising);
  v({"recent_answers", region, state, accounting, "1", "all answers that they got, fading with time"}, e.answered);

  v({"rejected_allowance", region, output, accounting, "1", "refused because no specialist of the site had enough left of its allowance of energy, by asking region"}, e.rejected_allowance);
  v({"allowance_cheaper", region, output, accounting, "1", "requests that turned to a site where they take less energy because their specialist had too little of its allowance left, by serving region"}, e.step.allowance_cheaper);
  v({"allowance_turned", region, output, accounting, "1", "requests that turned to another specialist of the site, since the allowance of the one they asked was used up, by serving region"}, e.step.allowance_turned);
  v({"allowance_deferred", region, output, accounting, "1", "requests that nobody had allowance of energy left for and that were put away until it is renewed, by asking region (they are among requests_held)"}, e.step.allowance_deferred);
  v({"allowance_released", region, output, accounting, "1", "requests that had been put away until allowances of energy were renewed and asked again in this step, by asking region"}, e.step.allowance_released);
  v({"energy_estimates", region, output, accounting, "1", "answers whose energy had been estimated, by serving region (0 without allowances)"}, e.step.estimates);
  v({"energy_estimates_close", region, output, modelled, "1", "of these, those that took what was estimated to within 30 %"}, e.step.estimates_close);
  v({"allowance_spent_uj", agent, both, modelled, "uJ", "energy of answers of the UTC day, server side (0 without allowances)"}, e.allowance.spent_uj);
  v({"allowance_reserved_uj", agent, state, modelled, "uJ", "set aside for requests that are being answered; without rows unless there are allowances"}, e.allowance.reserved_uj);
  v({"joules_per_pass", estimate, state, modelled, "J", "energy expected per pass over the weights, by site and network"}, e.joules_per_pass);
  v({"estimate_uj", flight, state, modelled, "uJ", "set aside of its specialist's allowance"}, r.flights.estimate_uj);
  v({"passes", flight, state, accounting, "1", "passes over the weights, of all who answer; 0 without allowances"}, r.flights.passes);

  EnergySums& q = e.total;
  v({"total_used_kwh", region, state, modelled, "kWh", "sum after the warm-up"}, q.used_kwh);
  v({"total_battery_charge_kwh", region, state, modelled, "kWh", "sum after the warm-up"}, q.charge_kwh);
  v({"total_battery_discharge_kwh", region, state, modelled, "kWh", "sum after the warm-up"}, q.discharge_kwh);
  v({"total_battery_loss_kwh", region, state, modelled, "kWh", "sum after the warm-up"}, q.loss_kwh);
  v({"total_battery_avoided_g", region, state, modelled, "g", "what the grid would have emitted for what batteries delivered, less what that carried, after the warm-up"}, q.discharge_avoided_g);
  v({"total_heat_kwh", region, state, modelled, "kWh", "sum after the warm-up"}, q.heat_kwh);
  v({"total_heat_avoided_g", region, state, modelled, "g", "sum after the warm-up"}, q.heat_avoided_g);
  v({"total_regenerated_kwh", region, state, modelled, "kWh", "grid energy times intensity_cut, sum after the warm-up"}, q.regenerated_kwh);
  v({"total_regenerated_g", region, state, modelled, "g", "what that would have emitted, sum after the warm-up"}, q.regenerated_g);
  v({"total_allowance_cheaper", region, state, accounting, "1", "sum after the warm-up"}, q.allowance_cheaper);
  v({"total_allowance_turned", region, state, accounting, "1", "sum after the warm-up"}, q.allowance_turned);
  v({"total_allowance_deferred", region, state, accounting, "1", "sum after the warm-up"}, q.allowance_deferred);
  v({"total_allowance_released", region, state, accounting, "1", "sum after the warm-up"}, q.allowance_released);
  v({"total_energy_estimates", region, state, accounting, "1", "sum after the warm-up"}, q.estimates);
  v({"total_energy_estimates_close", region, state, modelled, "1", "sum after the warm-up"}, q.estimates_close);
  v({"total_rejected_allowance", region, state, accounting, "1", "sum after the warm-up"}, e.total_rejected_allowance);
}

}  // namespace world
}  // namespace swarm
