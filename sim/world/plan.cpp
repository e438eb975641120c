#include "sim/world/plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "agents/tasks/base_models.hpp"
#include "sim/core/calendar.hpp"
#include "sim/core/math.hpp"
#include "sim/dispatch/network.hpp"
#include "sim/economy/ask.hpp"
#include "sim/hardware/roofline.hpp"
#include "sim/workload/arrivals.hpp"
#include "sim/workload/moments.hpp"
#include "sim/world/type_mix.hpp"

namespace swarm {
namespace world {
namespace {

using scenario::Scenario;

/// Operations and bytes of the executed pass, scaled to the specialist that the micro-model stands for; where service
/// times are drawn, their mean.
ServiceRate service_rate(const Scenario& s, const hardware::Device& device, workload::ProblemType type,
                         const nn::WorkCount& pass, std::size_t parameters) {
  const double operations = 2.0 * static_cast<double>(pass.macs);
  const double bytes = static_cast<double>(pass.bytes);
  ServiceRate rate;
  if (s.hardware.service == hardware::ServiceTime::exponential) {
    rate.compute_fixed = s.hardware.mean_service.seconds;
    return rate;
  }
  if (s.energy.scale == hardware::EnergyScale::executed) {
    rate.compute_fixed = hardware::roofline_seconds(device, operations, 0);
    rate.memory_fixed = hardware::roofline_seconds(device, 0, bytes);
    return rate;
  }
  const double scale = nominal_parameters(s.specialists, type) / static_cast<double>(parameters);
  rate.compute_per_tok = hardware::roofline_seconds(device, operations * scale, 0);
  rate.memory_per_pass = hardware::roofline_seconds(device, 0, bytes * scale);
  return rate;
}

void add_models(Plan& plan, const std::filesystem::path& cache_dir) {
  auto base = tasks::base_models(plan.scenario.specialists, plan.seed, cache_dir);
  for (auto& b : base) {
    plan.models.push_back({b.type, b.lineage, nn::pass_cost(b.model.shape()), b.test_accuracy});
    plan.weights.push_back(std::move(b.model));
  }
}

const hardware::Device& device_named(const Scenario& s, const std::string& name) {
  const auto found =
      std::find_if(s.devices.begin(), s.devices.end(), [&](const auto& d) { return d.name == name; });
  EXPECT(found != s.devices.end());
  return *found;
}

void add_sites(Plan& plan) {
  const Scenario& s = plan.scenario;
  for (std::size_t r = 0; r < s.regions.size(); ++r) {
    RegionInfo region;
    region.name = s.regions[r].name;
    region.first_site = static_cast<std::uint32_t>(plan.sites.size());
    for (const auto& site : s.sites) {
      if (site.region != region.name) continue;
      SiteInfo info;
      info.name = site.name;
      info.region = RegionId{static_cast<std::uint16_t>(r)};
      info.device = device_named(s, site.device);
      info.pue = site.pue;
      info.contracted_renewable = site.contracted_renewable;
      info.servers = static_cast<double>(site.servers);
      info.amortisation_usd_per_s = hardware::amortisation_usd_per_second(info.device);
      info.embodied_g_per_s = hardware::embodied_g_per_second(info.device);
      for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
        const auto row = t * static_cast<std::size_t>(s.specialists.lineages);
        info.service[t] = service_rate(s, info.device, static_cast<workload::ProblemType>(t),
                                       plan.models[row].pass, plan.weights[row].shape().parameters());
      }
      plan.sites.push_back(std::move(info));
    }
    region.sites = static_cast<std::uint32_t>(plan.sites.size()) - region.first_site;
    plan.regions.push_back(std::move(region));
  }
}

/// Shares `total` out over `weights` by largest remainder; ties go to the earlier row.
std::vector<std::uint64_t> apportion(std::uint64_t total, const std::vector<double>& weights) {
  double sum = 0;
  for (double w : weights) sum += w;
  std::vector<std::uint64_t> out(weights.size(), 0);
  if (sum <= 0) return out;
  std::vector<std::pair<double, std::size_t>> rest;
  std::uint64_t given = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double exact = static_cast<double>(total) * weights[i] / sum;
    out[i] = static_cast<std::uint64_t>(exact);
    given += out[i];
    rest.emplace_back(-(exact - std::floor(exact)), i);
  }
  std::sort(rest.begin(), rest.end());
  for (std::size_t k = 0; given < total; ++k, ++given) ++out[rest[k % rest.size()].second];
  return out;
}

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

/// Requests that a site can answer per hour.
double capacity_per_hour(const Plan& plan, const SiteInfo& site) {
  return site.servers * kSecondsPerHour / mean_service_s(plan, site);
}

/// Specialists live where the work can be done: in proportion to capacity.
void place_agents(Plan& plan) {
  const Scenario& s = plan.scenario;
  std::vector<double> open(plan.sites.size(), 0.0);
  for (std::size_t i = 0; i < plan.sites.size(); ++i)
    if (s.regions[plan.sites[i].region.value].agents < 0) open[i] = capacity_per_hour(plan, plan.sites[i]);
  const auto shared = apportion(static_cast<std::uint64_t>(s.population.agents), open);
  for (std::size_t i = 0; i < plan.sites.size(); ++i) plan.sites[i].agents = shared[i];
  for (std::size_t r = 0; r < plan.regions.size(); ++r) {
    RegionInfo& region = plan.regions[r];
    if (s.regions[r].agents >= 0) {
      std::vector<double> capacity;
      for (std::uint32_t k = 0; k < region.sites; ++k)
        capacity.push_back(capacity_per_hour(plan, plan.sites[region.first_site + k]));
      const auto own = apportion(static_cast<std::uint64_t>(s.regions[r].agents), capacity);
      for (std::uint32_t k = 0; k < region.sites; ++k) plan.sites[region.first_site + k].agents = own[k];
    }
    for (std::uint32_t k = 0; k < region.sites; ++k) region.agents += plan.sites[region.first_site + k].agents;
  }
  TypeMix mix(s.population);
  for (RegionInfo& region : plan.regions) {
    region.agents_before = mix.counts();
    for (std::uint64_t i = 0; i < region.agents; ++i) mix.next();
  }
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
  for (auto& site : plan.sites) {
    site.gangs = static_cast<std::uint32_t>(std::max<std::int64_t>(1, round_half_even(site.servers / m)));
    site.occupancy_factor = m * site.gangs / site.servers;
    site.answer_factor = (1.0 + std::max(1.0, site.occupancy_factor)) / 2.0;
  }
}

void add_network(Plan& plan) {
  const Scenario& s = plan.scenario;
  for (const auto& a : s.regions)
    for (const auto& b : s.regions)
      plan.round_trip_s.push_back(
          dispatch::round_trip_s(s.network, {a.latitude, a.longitude}, {b.latitude, b.longitude}));
}

}  // namespace

double nominal_parameters(const tasks::SpecialistParams& p, workload::ProblemType type) {
  switch (type) {
    case workload::ProblemType::vision: return p.nominal_vision;
    case workload::ProblemType::language: return p.nominal_language;
    case workload::ProblemType::reasoning: return p.nominal_reasoning;
    case workload::ProblemType::memory: return p.nominal_memory;
  }
  return 0;
}

std::uint64_t Plan::agents() const {
  std::uint64_t sum = 0;
  for (const auto& r : regions) sum += r.agents;
  return sum;
}

std::shared_ptr<const Plan> make_plan(const Scenario& s, const std::filesystem::path& cache_dir) {
  auto plan = std::make_shared<Plan>();
  plan->scenario = s;
  plan->start_utc = parse_utc(s.run.start);
  plan->step_s = s.run.step.seconds;
  plan->warmup_steps = static_cast<std::uint32_t>(round_half_even(s.run.warmup.seconds / s.run.step.seconds));
  plan->steps =
      plan->warmup_steps + static_cast<std::uint32_t>(round_half_even(s.run.duration.seconds / s.run.step.seconds));
  plan->seed = static_cast<std::uint64_t>(s.run.seed);
  plan->signals = grid::Signals::build(s.grid, s.regions, plan->start_utc, round_half_even(plan->step_s), plan->steps,
                                       plan->seed, s.run.data_dir);
  plan->recorded = read_recorded_load(s);
  add_models(*plan, cache_dir);
  add_sites(*plan);
  place_agents(*plan);
  set_baseline(*plan);
  scale_demand(*plan);
  set_policy(*plan);
  check_money(*plan);
  add_network(*plan);
  std::vector<std::string> names;
  for (const auto& r : s.regions) names.push_back(r.name);
  plan->banks = std::make_shared<tasks::TaskBanks>(plan->seed, names,
                                                   static_cast<std::uint32_t>(s.specialists.bank_items));
  return plan;
}

}  // namespace world
}  // namespace swarm
