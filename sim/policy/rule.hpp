#pragma once
#include <string_view>

#include "sim/economy/params.hpp"
#include "sim/grid/params.hpp"
#include "sim/policy/params.hpp"

/// Pricing rules and the itemised quote (docs/models/policy.md). Every rule is linear in what is quoted, so its
/// decisions about a region are taken once and a quote is a handful of multiplications.
namespace swarm {
namespace policy {

inline constexpr double kGramsPerTonne = 1e6;

/// What a rule does, in a few words for people.
std::string_view rule_meaning(economy::PricingRule rule);

/// How far a region is in need, in [0, 1]: the mean of its place between two incomes (on a logarithmic scale) and of
/// its place between two vulnerabilities. Continuous and never falling as income falls or vulnerability rises.
double need(const PolicyParams& params, const grid::Region& region);

/// Whether the price of carbon is that of emission permits, which only a run can find.
constexpr bool under_cap(economy::PricingRule rule) {
  return rule == economy::PricingRule::cap_and_trade || rule == economy::PricingRule::per_capita;
}
/// What a rule charges for a gram where a tonne costs so much: nothing if it does not price carbon.
double charged_usd_per_g(economy::PricingRule rule, double usd_per_t);

/// What a rule charges requests from one region, apart from carbon.
struct RegionTerms {
  double justice_per_base = 0;     ///< share of the base price; negative: a discount
  double justice_usd_per_tok = 0;  ///< the legacy rules' confusion of tok with dollars
  double renewable_per_base = 0;   ///< rebate on the base price at a contracted renewable share of 1
};
RegionTerms region_terms(const economy::PricingParams& pricing, const PolicyParams& params, const grid::Region& region);

/// What is quoted: one request at one site.
struct Subject {
  double base_usd = 0;
  double footprint_g = 0;  ///< market-based
  double tok = 0;
  double renewable = 0;  ///< contracted share of the serving site, in [0, 1]
};

/// Market-based footprint [g] of `kwh` at `intensity` [g/kWh] behind a contracted renewable share.
inline double footprint_g(double kwh, double intensity, double renewable) { return kwh * intensity * (1.0 - renewable); }

/// Items of a price [USD]; base + carbon + justice − renewable + credit − relief, and never below zero.
struct Items {
  double base = 0;
  double carbon = 0;
  double justice = 0;
  double renewable = 0;
  double credit = 0;
  double relief = 0;
  double sum() const { return base + carbon + justice - renewable + credit - relief; }
  double total() const { return sum() > 0 ? sum() : 0.0; }
};

/// The price of carbon, at the time of the quote, is that of charged_usd_per_g().
inline Items quote(const RegionTerms& terms, const Subject& subject, double carbon_usd_per_g) {
  return {.base = subject.base_usd,
          .carbon = carbon_usd_per_g * subject.footprint_g,
          .justice = terms.justice_per_base * subject.base_usd + terms.justice_usd_per_tok * subject.tok,
          .renewable = terms.renewable_per_base * subject.renewable * subject.base_usd};
}

/// The first prototype's score −0.1·F + 50·ρ + 100·b of a quote, with the benefit b that the rule takes for it [1].
double impact_score(const economy::PricingParams& pricing, bool global_south, const Subject& subject);

/// Priority of a request apart from the serving site: purpose weight × geography.
double priority(const PolicyParams& params, const grid::Region& region, double purpose_weight);
/// Factor of priority at a site with this contracted renewable share.
inline double renewable_priority(const PolicyParams& params, double renewable) {
  return 1.0 + params.priority_renewable * renewable;
}

}  // namespace policy
}  // namespace swarm
