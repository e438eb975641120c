#include "sim/policy/rule.hpp"

#include <algorithm>

#include "sim/core/math.hpp"

namespace swarm {
namespace policy {
namespace {

using economy::PricingParams;
using economy::PricingRule;

/// Where x lies between `least` (0) and `greatest` (1); a step at `least` where they coincide.
double place_between(double x, double least, double greatest) {
  if (least == greatest) return x > least ? 1.0 : 0.0;
  return std::clamp((x - least) / (greatest - least), 0.0, 1.0);
}

/// The prototype's benefit of a request from the Global South, in what it took for dollars.
double benefit(const PricingParams& pricing, bool global_south, const Subject& subject) {
  if (!global_south) return 0;
  switch (pricing.rule) {
    case PricingRule::legacy:
    case PricingRule::legacy_sign_fixed: return pricing.legacy_benefit * subject.tok;
    case PricingRule::legacy_unit_fixed:
    case PricingRule::justice: return pricing.legacy_benefit * subject.base_usd;
    case PricingRule::flat:
    case PricingRule::carbon:
    case PricingRule::means_tested:
    case PricingRule::cap_and_trade:
    case PricingRule::per_capita: return 0;
  }
  return 0;
}

}  // namespace

std::string_view rule_meaning(PricingRule rule) {
  switch (rule) {
    case PricingRule::flat: return "the base price and nothing else";
    case PricingRule::carbon: return "base + the price of its carbon";
    case PricingRule::justice: return "carbon, less a rebate for renewables; Global South cheaper, others dearer";
    case PricingRule::means_tested: return "as justice, but continuous in income and climate vulnerability";
    case PricingRule::legacy: return "the first prototype, a warning: inverted sign, and tok taken for dollars";
    case PricingRule::legacy_sign_fixed: return "legacy with its sign put right; tok are still taken for dollars";
    case PricingRule::legacy_unit_fixed: return "legacy with its unit put right; its sign is still inverted";
    case PricingRule::cap_and_trade: return "base + the price of permits under a cap, found in a run; else their floor";
    case PricingRule::per_capita: return "as cap-and-trade, its revenue paid back in equal parts per person";
  }
  return {};
}

double need(const PolicyParams& params, const grid::Region& region) {
  const double income = place_between(math::log(region.gdp_per_capita_usd), math::log(params.need_income_low_usd),
                                      math::log(params.need_income_high_usd));
  const double vulnerability =
      place_between(region.vulnerability, params.need_vulnerability_low, params.need_vulnerability_high);
  return 0.5 * (1.0 - income) + 0.5 * vulnerability;
}

double charged_usd_per_g(PricingRule rule, double usd_per_t) {
  return rule == PricingRule::flat ? 0.0 : usd_per_t / kGramsPerTonne;
}

RegionTerms region_terms(const PricingParams& pricing, const PolicyParams& params, const grid::Region& region) {
  RegionTerms terms;
  if (pricing.rule == PricingRule::flat || pricing.rule == PricingRule::carbon || under_cap(pricing.rule)) return terms;
  terms.renewable_per_base = pricing.renewable_rebate;
  const double b = pricing.legacy_benefit * pricing.legacy_benefit;  // price part of a benefit of one dollar per dollar
  const bool south = region.global_south;
  switch (pricing.rule) {
    case PricingRule::flat:
    case PricingRule::carbon:
    case PricingRule::cap_and_trade:
    case PricingRule::per_capita: break;
    case PricingRule::justice: terms.justice_per_base = south ? -pricing.south_discount : pricing.north_premium; break;
    case PricingRule::means_tested: {
      const double n = need(params, region);
      terms.justice_per_base = (1.0 - n) * pricing.north_premium - n * pricing.south_discount;
      break;
    }
    case PricingRule::legacy:
      (south ? terms.justice_usd_per_tok : terms.justice_per_base) = south ? b : -pricing.north_premium;
      break;
    case PricingRule::legacy_sign_fixed:
      (south ? terms.justice_usd_per_tok : terms.justice_per_base) = south ? -b : pricing.north_premium;
      break;
    case PricingRule::legacy_unit_fixed: terms.justice_per_base = south ? b : -pricing.north_premium; break;
  }
  return terms;
}

double impact_score(const PricingParams& pricing, bool global_south, const Subject& subject) {
  return -0.1 * subject.footprint_g + 50.0 * subject.renewable + 100.0 * benefit(pricing, global_south, subject);
}

double priority(const PolicyParams& params, const grid::Region& region, double purpose_weight) {
  if (region.global_south) return purpose_weight * params.priority_south;
  return region.vulnerability >= params.vulnerable_from ? purpose_weight * params.priority_vulnerable : purpose_weight;
}

}  // namespace policy
}  // namespace swarm
