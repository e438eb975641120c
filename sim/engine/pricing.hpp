#pragma once
#include <vector>

#include "sim/economy/ask.hpp"
#include "sim/policy/credit_session.hpp"
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
  float requests = 0;  ///< in the site as the step begins, per gang; 0 where nobody looks at it
  std::int64_t credit_price = 0;  ///< of carbon credits [1e-6 USD/t]; 0 without them
  std::array<std::uint32_t, workload::kProblemTypes> residents{};  ///< specialists of each type
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
                          .wait_s = notice.wait_s,
                          .requests = notice.requests,
                          .credit_price = w.credit_price,
                          .residents = notice.residents};
  }
  return rates;
}

/// Energy whose carbon is priced, all multiplicity [kWh]: what the site would take, or the tariff's.
inline double priced_kwh(const world::Plan& plan, const SiteRate& rate, double service_s, double tok) {
  const auto& pricing = plan.scenario.pricing;
  return pricing.base == economy::PricingBase::tariff
             ? pricing.tariff_kwh_per_tok * tok * static_cast<double>(plan.multiplicity)
             : rate.grid_kwh_per_s * service_s;
}
/// Market-based footprint that a quote prices, all multiplicity [g].
inline double priced_footprint_g(const world::Plan& plan, const SiteRate& rate, double service_s, double tok) {
  return policy::footprint_g(priced_kwh(plan, rate, service_s, tok), rate.intensity_g_per_kwh, rate.renewable);
}

/// Permits that a footprint needs [mg].
inline std::int64_t permits_for(double footprint_g) { return round_half_even(1000.0 * footprint_g); }

/// Carbon credits that an answer needs [mg], all multiplicity: the location-based footprint of the energy that is priced,
/// times what the site lacks of the required renewable share.
inline std::int64_t credits_for(const world::Plan& plan, const SiteRate& rate, double service_s, double tok) {
  if (rate.credit_price == 0) return 0;
  const double footprint_g = priced_kwh(plan, rate, service_s, tok) * rate.intensity_g_per_kwh;
  return round_half_even(1000.0 * policy::credits_needed(plan.scenario.credits, rate.renewable, footprint_g));
}
/// What they cost [USD].
inline double credits_usd(const world::Plan& plan, const SiteRate& rate, double service_s, double tok) {
  if (rate.credit_price == 0) return 0;
  return usd({policy::credit_cost(rate.credit_price, credits_for(plan, rate, service_s, tok))});
}

/// What carrying question and answer costs the seller where the asker is in another region, all multiplicity [USD].
inline double transfer_usd(const world::Plan& plan, RegionId asker, RegionId server, double tok) {
  const double per_kilotoken = plan.scenario.market.transfer_usd_per_kilotoken;
  if (asker == server || per_kilotoken == 0) return 0;
  return per_kilotoken * tok / 1000.0 * static_cast<double>(plan.multiplicity);
}

/// Items of a quote for all multiplicity, to a request from `asker` that takes `service_s` at the site; `transfer`
/// [USD] is in a cost-based price, not in a tariff, which is the same everywhere.
inline policy::Items items_of(const world::Plan& plan, const SiteRate& rate, RegionId asker, double service_s, double tok,
                              double markup, double transfer) {
  const auto& pricing = plan.scenario.pricing;
  const double all_tok = tok * static_cast<double>(plan.multiplicity);
  const double base = pricing.base == economy::PricingBase::tariff ? pricing.tariff_usd_per_tok * all_tok
                                                                   : rate.ask_usd_per_s * service_s * (1.0 + markup) + transfer;
  policy::Items items = policy::quote(plan.regions[asker.value].terms,
                                      {.base_usd = base,
                                       .footprint_g = priced_footprint_g(plan, rate, service_s, tok),
                                       .tok = all_tok,
                                       .renewable = rate.renewable},
                                      rate.carbon_usd_per_g);
  const bool posted = plan.scenario.market.mechanism == economy::Mechanism::posted;
  if (rate.credit_price > 0 && (!posted || plan.scenario.credits.incidence == policy::CreditIncidence::buyer))
    items.credit = credits_usd(plan, rate, service_s, tok);
  return items;
}

/// True if the seller would lose by answering: what it gets, and keeps after carbon credits that it has to pay itself,
/// does not cover its marginal cost, transfer included.
inline bool sells_at_a_loss(const world::Plan& plan, const policy::Items& items, const SiteRate& rate, double service_s,
                            double tok, double transfer) {
  const double credits = credits_usd(plan, rate, service_s, tok) - items.credit;
  return items.base - items.renewable - credits < rate.cost_usd_per_s * service_s + transfer;
}

}  // namespace engine
}  // namespace swarm
