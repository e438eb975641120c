#pragma once
#include "sim/dispatch/balance.hpp"
#include "sim/world/world.hpp"

/// What the policies that look at energy and carbon go by: the quotes' order and that within a region alike.
namespace swarm {
namespace engine {

/// Energy of carrying a request between two regions has the mean intensity of both ends.
inline double carrying_intensity(double asker_g_per_kwh, double server_g_per_kwh) {
  return 0.5 * (asker_g_per_kwh + server_g_per_kwh);
}

/// What min-total-energy counts for one real request at a site [J], but for the wait there: `service_s` of it, and `tok` to
/// be carried.
inline double joules_without_wait(const world::Plan& plan, RegionId asker, const world::SiteInfo& site, double service_s,
                                  double tok) {
  const double carrying_j = plan.carrying_kwh(asker, site.region, tok) * kJoulesPerKwh / static_cast<double>(plan.multiplicity);
  const double delay_s = plan.network_s(asker, site.region, tok) + service_s * site.answer_factor;
  return dispatch::total_joules(plan.scenario.balance, service_s * site.device.max_w * site.pue, carrying_j, delay_s);
}

/// Location-based carbon that is expected of a request at a site, all multiplicity [g]: `grid_kwh` there, and `tok` carried.
inline double expected_carbon_g(const world::World& w, RegionId asker, std::uint32_t site, double grid_kwh, double tok) {
  const auto& plan = *w.plan;
  const auto intensity = [&](std::uint32_t at) { return static_cast<double>(w.bulletin.sites[at].intensity_g_per_kwh); };
  const double there = intensity(site), here = intensity(plan.regions[asker.value].first_site);
  return grid_kwh * there + plan.carrying_kwh(asker, plan.sites[site].region, tok) * carrying_intensity(here, there);
}

/// Sets what of these the policy looks at; the other figures of the candidate must be there.
inline void weigh(const world::World& w, RegionId asker, double service_s, double tok, dispatch::Candidate& c) {
  const auto& balance = w.plan->scenario.balance;
  if (balance.policy == dispatch::BalancePolicy::greedy_carbon)
    c.carbon_g = static_cast<float>(expected_carbon_g(w, asker, c.site, static_cast<double>(c.energy_kwh), tok));
  else if (balance.policy == dispatch::BalancePolicy::min_total_energy)
    c.total_j = static_cast<float>(joules_without_wait(*w.plan, asker, w.plan->sites[c.site], service_s, tok) +
                                   balance.delay_joules_per_s * static_cast<double>(c.wait_s));
}

}  // namespace engine
}  // namespace swarm
