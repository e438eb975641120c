#pragma once
#include <vector>

#include "sim/economy/ask.hpp"
#include "sim/policy/price.hpp"
#include "sim/world/world.hpp"

/// What a request costs at a site, item by item. The asking region quotes by it and the serving region settles by it,
/// both from the bulletin of the step, so that both come to the same µTKN.
namespace swarm {
namespace engine {

/// What any seller of a site has to charge and what serving costs there, per second of service of one simulated
/// request (all its multiplicity).
struct SiteRate {
  double ask_usd_per_s = 0;   ///< before markup, load included
  double cost_usd_per_s = 0;  ///< marginal
  double grid_kwh_per_s = 0;
  double intensity_g_per_kwh = 0;  ///< expected
  double renewable = 0;            ///< contracted share
  double carbon_usd_per_g = 0;     ///< what is charged for its footprint
  float wait_s = 0;
};

inline std::vector<SiteRate> site_rates(const world::World& w) {
  std::vector<SiteRate> rates(w.plan->sites.size());
  const auto m = static_cast<double>(w.plan->multiplicity);
  for (const auto& notice : w.bulletin.sites) {
    const auto& site = w.plan->sites[notice.site];
    const double kwh = site.device.max_w * site.pue / kJoulesPerKwh;
    const economy::AskTerms terms{kwh, notice.price_usd_per_kwh, site.amortisation_usd_per_s, 1.0};
    rates[notice.site] = {.ask_usd_per_s = economy::ask_usd(terms, 0.0) * notice.load_factor * m,
                          .cost_usd_per_s = economy::marginal_cost_usd(terms) * m,
                          .grid_kwh_per_s = kwh * m,
                          .intensity_g_per_kwh = notice.intensity_g_per_kwh,
                          .renewable = site.contracted_renewable,
                          .carbon_usd_per_g = w.carbon_usd_per_g,
                          .wait_s = notice.wait_s};
  }
  return rates;
}

/// Market-based footprint that a quote prices, all multiplicity [g]: of the energy the site would take, or of the
/// tariff's.
inline double priced_footprint_g(const world::Plan& plan, const SiteRate& rate, double service_s, double tok) {
  const auto& pricing = plan.scenario.pricing;
  const double kwh = pricing.base == economy::PricingBase::tariff
                         ? pricing.tariff_kwh_per_tok * tok * static_cast<double>(plan.multiplicity)
                         : rate.grid_kwh_per_s * service_s;
  return policy::footprint_g(kwh, rate.intensity_g_per_kwh, rate.renewable);
}

/// Permits that a footprint needs [mg].
inline std::int64_t permits_for(double footprint_g) { return round_half_even(1000.0 * footprint_g); }

/// Items of a quote for all multiplicity, to a request from `asker` that takes `service_s` at the site.
inline policy::Items items_of(const world::Plan& plan, const SiteRate& rate, RegionId asker, double service_s, double tok,
                              double markup) {
  const auto& pricing = plan.scenario.pricing;
  const double all_tok = tok * static_cast<double>(plan.multiplicity);
  const double base = pricing.base == economy::PricingBase::tariff ? pricing.tariff_usd_per_tok * all_tok
                                                                   : rate.ask_usd_per_s * service_s * (1.0 + markup);
  return policy::quote(plan.regions[asker.value].terms,
                       {.base_usd = base,
                        .footprint_g = priced_footprint_g(plan, rate, service_s, tok),
                        .tok = all_tok,
                        .renewable = rate.renewable},
                       rate.carbon_usd_per_g);
}

/// True if the seller would lose by answering: what it gets does not cover its marginal cost.
inline bool sells_at_a_loss(const policy::Items& items, const SiteRate& rate, double service_s) {
  return items.base - items.renewable < rate.cost_usd_per_s * service_s;
}

}  // namespace engine
}  // namespace swarm
