#pragma once
#include <gtest/gtest.h>

#include <string>

#include "sim/grid/region_table.hpp"
#include "sim/policy/rule.hpp"

namespace swarm {
namespace policy {

using economy::PricingParams;
using economy::PricingRule;

/// A request at the tariff: 0.001 USD and 1e-4 kWh per tok.
inline Subject at_tariff(double tok, double renewable, double intensity) {
  return {.base_usd = 0.001 * tok,
          .footprint_g = footprint_g(1e-4 * tok, intensity, renewable),
          .tok = tok,
          .renewable = renewable};
}

inline Items quoted(PricingRule rule, const char* region, const Subject& subject, const PolicyParams& policy = {}) {
  PricingParams pricing;
  pricing.rule = rule;
  return quote(region_terms(pricing, policy, *grid::find_region(region)), subject,
               charged_usd_per_g(rule, pricing.carbon_price_usd_per_t));
}

}  // namespace policy
}  // namespace swarm
