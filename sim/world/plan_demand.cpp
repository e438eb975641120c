#include "sim/world/plan_demand.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/math.hpp"
#include "sim/economy/ask.hpp"
#include "sim/workload/arrivals.hpp"
#include "sim/workload/moments.hpp"

namespace swarm {
namespace world {
namespace {

using scenario::Scenario;

/// Mean seconds of service at a site, over the mix of problem types at mean tok counts.
double mean_service_s(const Plan& plan, const SiteInfo& site) {
  const Scenario& s = plan.scenario;
  const auto tok = mean_tok(s, plan.recorded);
  const auto shares = workload::type_shares(s.workload);
  double mean = 0;
  for (std::size_t t = 0; t < shares.size(); ++t)
    mean += shares[t] * site.service[t].seconds(static_cast<std::uint32_t>(tok.in),
                                                static_cast<std::uint32_t>(tok.out));
  return mean;
}

/// Money is counted in 64-bit µTKN, 9.2e9 USD at most.
constexpr double kLargestBudgetUsd = 9e9;

[[noreturn]] void refuse_multiplicity(const Plan& plan, const RegionInfo& region, double budget_usd) {
  throw InputError(Diagnostic{
      .file = plan.scenario.path.string(),
      .problem = fmt::format("the {:.3g} users of region {} would spend up to {:.3g} USD a day", region.users, region.name, budget_usd),
      .why = fmt::format("one simulated request stands for {} and money is counted exactly up to {:.0e} USD", plan.multiplicity,
                         kLargestBudgetUsd),
      .suggestion = "set workload.multiplicity, raise workload.requests_per_hour, or use fewer servers."});
}

/// Mean electricity price of a region over the run, as its profile or trace says.
double mean_electricity_price(const Plan& plan, RegionId region) {
  double sum = 0;
  for (std::uint32_t step = 0; step < plan.steps; ++step) sum += plan.signals.price(region, step);
  return sum / plan.steps;
}

/// The baseline price, from the sites that have specialists.
void set_baseline(Plan& plan) {
  const Scenario& s = plan.scenario;
  if (s.pricing.base == economy::PricingBase::tariff) {
    plan.baseline.usd_per_tok = s.pricing.tariff_usd_per_tok;
    return;
  }
  double capacity = 0;
  for (const auto& site : plan.sites)
    if (site.agents > 0) capacity += capacity_per_hour(plan, site);
  std::vector<const std::string*> devices;  // service depends on the device alone: one term for all its sites
  std::vector<double> price;
  for (std::uint16_t r = 0; r < plan.regions.size(); ++r) price.push_back(mean_electricity_price(plan, RegionId{r}));
  for (const auto& site : plan.sites) {
    if (site.agents == 0) continue;
    const economy::AskTerms terms{site.device.max_w * site.pue / kJoulesPerKwh, price[site.region.value],
                                  site.amortisation_usd_per_s, 1.0};
    const double usd_per_s = economy::ask_usd(terms, s.pricing.markup) * capacity_per_hour(plan, site) / capacity;
    const auto same = [&](const std::string* name) { return *name == site.device.name; };
    const auto row = static_cast<std::size_t>(std::find_if(devices.begin(), devices.end(), same) - devices.begin());
    if (row == devices.size()) devices.push_back(&site.device.name);
    for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
      auto& of_type = plan.baseline.terms[t];
      if (row == of_type.size()) of_type.push_back({0.0, site.service[t]});
      of_type[row].usd_per_s += usd_per_s;
    }
  }
}

void set_standard(Plan& plan) {
  const auto tok = mean_tok(plan.scenario, plan.recorded);
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    StandardRequest& standard = plan.standard[t];
    standard.tok_in = static_cast<std::uint32_t>(tok.in);
    standard.tok_out = static_cast<std::uint32_t>(tok.out);
    standard.usd = plan.baseline.usd(t, standard.tok_in, standard.tok_out);
  }
}

/// Who asks, and what they would pay.
void set_willingness(Plan& plan, const std::vector<double>& shares) {
  const Scenario& s = plan.scenario;
  std::vector<double> incomes;
  for (const auto& r : s.regions) incomes.push_back(r.gdp_per_capita_usd);
  plan.typical_income = workload::typical_income(incomes, shares);
  plan.accepting_share = 0;
  for (std::size_t r = 0; r < incomes.size(); ++r) {
    plan.willingness.emplace_back(s.demand, s.purposes, incomes[r], plan.typical_income);
    plan.accepting_share += shares[r] * plan.willingness.back().accepting_share(1.0, s.workload.urgent_share);
  }
}

/// No single price, and no region's part of the fund, may come near the limit of 64-bit money.
void check_money(const Plan& plan) {
  const Scenario& s = plan.scenario;
  const auto m = static_cast<double>(plan.multiplicity);
  const auto most_tok = static_cast<std::uint32_t>(s.workload.tok_max);
  for (const auto& region : plan.regions) {
    const double fund = region.grants_usd_per_s * s.fund.endowment.seconds;
    double dearest = 0;
    for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
      const double base = plan.baseline.usd(t, most_tok, most_tok) * s.pricing.load_cap;
      dearest = std::max(dearest, m * (base * (1.0 + std::abs(region.terms.justice_per_base)) +
                                       2.0 * most_tok * std::abs(region.terms.justice_usd_per_tok)));
    }
    const bool by_fund = fund > dearest;
    if (std::max(fund, dearest) < kLargestBudgetUsd) continue;
    throw InputError(Diagnostic{
        .file = s.path.string(),
        .problem = by_fund ? fmt::format("the justice fund would start with {:.3g} USD for region {}", fund, region.name)
                           : fmt::format("one request of region {} could cost {:.3g} USD", region.name, dearest),
        .why = fmt::format("one simulated request stands for {} and money is counted exactly up to {:.0e} USD",
                           plan.multiplicity, kLargestBudgetUsd),
        .suggestion = by_fund ? "shorten fund.endowment or lower workload.multiplicity."
                              : "lower workload.multiplicity, workload.tok_max or the tariff."});
  }
}

/// What rule and priority say of each region, and what its discounts will cost at the baseline price.
void set_policy(Plan& plan) {
  const Scenario& s = plan.scenario;
  plan.fund_forget = s.fund.memory.seconds > 0 ? math::exp(-plan.step_s / s.fund.memory.seconds) : 0.0;
  constexpr double kLongest = std::numeric_limits<std::uint32_t>::max();  // longer than any run
  plan.decision_stride =
      static_cast<std::uint32_t>(round_half_even(std::clamp(s.record.decision_interval.seconds / plan.step_s, 1.0, kLongest)));
  const auto tok = mean_tok(s, plan.recorded);
  const auto shares = workload::type_shares(s.workload);
  double base = 0;
  for (std::size_t t = 0; t < shares.size(); ++t)
    base += shares[t] * plan.baseline.usd(t, static_cast<std::uint32_t>(tok.in), static_cast<std::uint32_t>(tok.out));
  for (std::size_t r = 0; r < plan.regions.size(); ++r) {
    RegionInfo& info = plan.regions[r];
    info.terms = policy::region_terms(s.pricing, s.policy, s.regions[r]);
    info.priority = policy::priority(s.policy, s.regions[r], 1.0);
    info.surplus_weight = math::pow(plan.typical_income / s.regions[r].gdp_per_capita_usd, s.policy.distribution_aversion);
    const double discount = -(info.terms.justice_per_base * base + info.terms.justice_usd_per_tok * (tok.in + tok.out));
    info.grants_usd_per_s = std::clamp(discount, 0.0, base) * info.requests_per_hour / kSecondsPerHour *
                            static_cast<double>(plan.multiplicity) *
                            plan.willingness[r].accepting_share(1.0, s.workload.urgent_share);
  }
}

/// Divides demand over regions and chooses what one simulated request stands for.
void scale_demand(Plan& plan) {
  const Scenario& s = plan.scenario;
  std::vector<workload::RegionWeight> weights;
  for (const auto& r : s.regions) weights.push_back({r.population, r.request_share});
  const auto shares = workload::region_shares(s.workload, weights);
  set_willingness(plan, shares);
  const double per_hour = requests_per_hour(s, plan.recorded);
  double capacity = 0;
  for (const auto& site : plan.sites)
    if (site.agents > 0) capacity += capacity_per_hour(plan, site);
  plan.multiplicity = s.workload.multiplicity > 0
                          ? s.workload.multiplicity
                          : std::max<std::int64_t>(1, round_half_even(s.workload.load * capacity / per_hour));
  const auto m = static_cast<double>(plan.multiplicity);
  for (std::size_t r = 0; r < plan.regions.size(); ++r) {
    RegionInfo& region = plan.regions[r];
    region.request_share = shares[r];
    region.requests_per_hour = shares[r] * per_hour;
    region.users = region.requests_per_hour * 24.0 * m / s.demand.requests_per_user_per_day;
    const double budget_usd = s.demand.budget_share * s.regions[r].gdp_per_capita_usd / 365.0 * region.users;
    if (budget_usd > kLargestBudgetUsd) refuse_multiplicity(plan, region, budget_usd);
    region.daily_budget = micro_tkn_from_usd(budget_usd);
  }
  const auto tok = mean_tok(s, plan.recorded);
  for (auto& site : plan.sites) site.tok_per_day = 24.0 * capacity_per_hour(plan, site) * (tok.in + tok.out) / m;
}

}  // namespace

double capacity_per_hour(const Plan& plan, const SiteInfo& site) {
  return site.servers * kSecondsPerHour / mean_service_s(plan, site);
}

void plan_demand(Plan& plan) {
  set_baseline(plan);
  set_standard(plan);
  scale_demand(plan);
  set_policy(plan);
  check_money(plan);
}

}  // namespace world
}  // namespace swarm
