#include "sim/world/plan.hpp"

#include <algorithm>

#include "agents/nn/network.hpp"
#include "sim/core/calendar.hpp"
#include "sim/dispatch/network.hpp"
#include "sim/world/counterfactual.hpp"
#include "sim/world/emergency.hpp"
#include "sim/world/plan_faults.hpp"
#include "sim/world/plan_demand.hpp"
#include "sim/world/plan_edge.hpp"
#include "sim/world/plan_parts.hpp"
#include "sim/world/type_mix.hpp"

namespace swarm {
namespace world {
namespace {

using scenario::Scenario;

/// Operations and bytes of the executed pass, scaled to the specialist that the micro-model stands for; where service
/// times are drawn, their mean.
ServiceRate service_rate(const Scenario& s, const hardware::Device& device, workload::ProblemType type,
                         const ModelInfo& model) {
  const double operations = 2.0 * static_cast<double>(model.pass.macs);
  const double bytes = static_cast<double>(model.pass.bytes);
  const hardware::NumberFormat format = arithmetic_of(model.base.numerics.format);
  ServiceRate rate;
  if (s.hardware.service == hardware::ServiceTime::exponential) {
    rate.compute_fixed = s.hardware.mean_service.seconds;
    return rate;
  }
  if (s.energy.scale == hardware::EnergyScale::executed) {
    rate.compute_fixed = hardware::roofline_seconds(device, operations, 0, format);
    rate.memory_fixed = hardware::roofline_seconds(device, 0, bytes);
    return rate;
  }
  const double scale = nominal_parameters(s.specialists, type) / static_cast<double>(model.base.whole_parameters);
  rate.compute_per_tok = hardware::roofline_seconds(device, operations * scale, 0, format);
  rate.memory_per_pass = hardware::roofline_seconds(device, 0, bytes * scale);
  return rate;
}

void add_models(Plan& plan, const std::filesystem::path& cache_dir, PlanParts& parts) {
  auto base = parts.base_models(plan.scenario.specialists, plan.seed, cache_dir);
  for (auto& b : base) {
    const nn::PassCost cost = nn::PackedModel(b.model, b.numerics, b.ranges).cost();
    plan.models.push_back({std::move(b), cost.of(1), cost.parameter_bytes});
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
      info.battery = hardware::make_battery(site.battery_kwh, site.battery_kw, site.battery_efficiency);
      info.heat_reuse = site.heat_reuse;
      info.heat_displaced_g_per_kwh = site.heat_displaced_g_per_kwh;
      info.amortisation_usd_per_s = hardware::amortisation_usd_per_second(info.device);
      info.embodied_g_per_s = hardware::embodied_g_per_second(info.device);
      for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
        const auto row = t * static_cast<std::size_t>(s.specialists.lineages);
        info.service[t] = service_rate(s, info.device, static_cast<workload::ProblemType>(t),
                                       plan.models[row]);
      }
      plan.sites.push_back(std::move(info));
    }
    region.sites = static_cast<std::uint32_t>(plan.sites.size()) - region.first_site;
    plan.regions.push_back(std::move(region));
  }
}

/// Specialists live where the work can be done: in proportion to capacity.
void place_agents(Plan& plan) {
  const Scenario& s = plan.scenario;
  std::vector<double> open(plan.sites.size(), 0.0);
  for (std::size_t i = 0; i < plan.sites.size(); ++i)
    if (s.regions[plan.sites[i].region.value].agents < 0) open[i] = capacity_per_hour(plan, plan.sites[i]);
  const auto shared = share_out(static_cast<std::uint64_t>(s.population.agents), open);
  for (std::size_t i = 0; i < plan.sites.size(); ++i) plan.sites[i].agents = shared[i];
  for (std::size_t r = 0; r < plan.regions.size(); ++r) {
    RegionInfo& region = plan.regions[r];
    if (s.regions[r].agents >= 0) {
      std::vector<double> capacity;
      for (std::uint32_t k = 0; k < region.sites; ++k)
        capacity.push_back(capacity_per_hour(plan, plan.sites[region.first_site + k]));
      const auto own = share_out(static_cast<std::uint64_t>(s.regions[r].agents), capacity);
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

/// Energy that a specialist's part of its site's servers takes in a day at full load, times the share that it may spend.
void set_allowances(Plan& plan) {
  const auto& energy = plan.scenario.energy;
  if (!energy.allowance) return;
  for (auto& site : plan.sites)
    if (site.agents > 0)
      site.allowance_uj = round_half_even(energy.allowance_share * site.device.max_w * site.servers / static_cast<double>(site.agents) *
                                          kSecondsPerDay * 1e6);
}

/// What a simulated request, which stands for many, occupies of a site.
void form_gangs(Plan& plan) {
  const auto m = static_cast<double>(plan.multiplicity);
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

/// Whether data of the region may leave it for the other one.
bool resides(const grid::Region& region, const std::string& other) {
  const auto& names = region.residency.names;
  return region.name == other || names.front() == "anywhere" || std::find(names.begin(), names.end(), other) != names.end();
}

/// Who may not answer whom. Residency goes first: it holds at any distance.
void add_barriers(Plan& plan) {
  const Scenario& s = plan.scenario;
  const double longest_s = s.network.max_round_trip.seconds;
  for (std::size_t a = 0; a < s.regions.size(); ++a)
    for (std::size_t b = 0; b < s.regions.size(); ++b) {
      const bool too_far = a != b && longest_s > 0 && plan.round_trip_s[a * s.regions.size() + b] > longest_s;
      plan.barriers.push_back(!resides(s.regions[a], s.regions[b].name) ? Barrier::residency
                              : too_far                                 ? Barrier::distance
                                                                        : Barrier::none);
    }
  if (std::ranges::all_of(plan.barriers, [](Barrier barrier) { return barrier == Barrier::none; })) plan.barriers.clear();
}

}  // namespace

Plan::Plan() = default;
Plan::~Plan() = default;

hardware::NumberFormat arithmetic_of(nn::Format format) {
  switch (format) {
    case nn::Format::fp32:
      return hardware::NumberFormat::fp32;
    case nn::Format::bf16:
    case nn::Format::fp16:
    case nn::Format::bf16_dot:
      return hardware::NumberFormat::fp16;
    case nn::Format::int8:
    case nn::Format::int4:
      return hardware::NumberFormat::int8;
  }
  return {};
}

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

std::shared_ptr<const Plan> make_plan(const Scenario& s, const std::filesystem::path& cache_dir, PlanParts* given) {
  PlanParts own;
  PlanParts& parts = given != nullptr ? *given : own;
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
  plan->carbon_price =
      policy::CarbonPrice::build(s.pricing, plan->start_utc, plan->utc_of(plan->steps), s.run.data_dir);
  plan->hazards = build_hazards(s);
  plan->counterfactual_mg = read_counterfactual(s, parts.emissions_reader());
  plan->recorded = read_recorded_load(s);
  add_models(*plan, cache_dir, parts);
  add_sites(*plan);
  place_agents(*plan);
  keep_envelope(*plan);
  set_allowances(*plan);
  plan_faults(*plan);
  plan_demand(*plan);
  form_gangs(*plan);
  add_network(*plan);
  add_barriers(*plan);
  std::vector<std::string> names;
  for (const auto& r : s.regions) names.push_back(r.name);
  plan->banks = parts.banks(plan->seed, names, static_cast<std::uint32_t>(s.specialists.bank_items));
  plan_rules(*plan);
  return plan;
}

}  // namespace world
}  // namespace swarm
