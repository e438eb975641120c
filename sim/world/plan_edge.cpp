#include "sim/world/plan_edge.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/core/errors.hpp"
#include "sim/world/plan_demand.hpp"
#include "sim/world/type_mix.hpp"

namespace swarm {
namespace world {
namespace {

using workload::kProblemTypes;

/// Types by site of the region: whether a specialist fits.
using Fits = std::vector<std::array<bool, kProblemTypes>>;

/// The region's specialists of each type: how far the sequence of the whole population gets.
TypeMix::Counts counts_of(const Plan& plan, const RegionInfo& region) {
  TypeMix mix(plan.scenario.population, region.agents_before);
  for (std::uint64_t i = 0; i < region.agents; ++i) mix.next();
  TypeMix::Counts counts = mix.counts();
  for (std::size_t t = 0; t < counts.size(); ++t) counts[t] -= region.agents_before[t];
  return counts;
}

void report(const Plan& plan, const RegionInfo& region, std::size_t type, std::vector<Diagnostic>& problems) {
  const auto name = enum_name(static_cast<workload::ProblemType>(type));
  for (std::uint32_t k = region.first_site; k < region.first_site + region.sites; ++k)
    problems.push_back({.file = plan.scenario.path.string(),
                        .problem = fmt::format("{} specialists do not fit site '{}': {}", name, plan.sites[k].name,
                                               fmt::join(edge_violations(plan, plan.sites[k], static_cast<workload::ProblemType>(type)), "; ")),
                        .why = fmt::format("with hardware.edge_envelope = \"enforce\" nobody in {} could answer {} problems", region.name, name),
                        .suggestion = fmt::format("make specialists.nominal_{} or specialists.format smaller, add a site, or use \"warn\"", name)});
}

/// Whether any specialist lives where it does not fit; types come in turn, so those of a site are most of them.
bool is_broken(const Plan& plan, const RegionInfo& region, const TypeMix::Counts& counts, const Fits& fits) {
  for (std::uint32_t k = 0; k < region.sites; ++k)
    for (std::size_t t = 0; t < kProblemTypes; ++t)
      if (plan.sites[region.first_site + k].agents > 0 && counts[t] > 0 && !fits[k][t]) return true;
  return false;
}

void divide_anew(Plan& plan, RegionInfo& region, const TypeMix::Counts& counts, const Fits& fits, std::vector<Diagnostic>& problems) {
  region.agents_that_fit.assign(region.sites, {});
  for (std::size_t t = 0; t < kProblemTypes; ++t) {
    if (counts[t] == 0) continue;
    std::vector<double> capacity;
    for (std::uint32_t k = 0; k < region.sites; ++k)
      capacity.push_back(fits[k][t] ? capacity_per_hour(plan, plan.sites[region.first_site + k]) : 0.0);
    if (std::ranges::none_of(capacity, [](double c) { return c > 0; })) report(plan, region, t, problems);
    const auto part = share_out(counts[t], capacity);
    for (std::uint32_t k = 0; k < region.sites; ++k) region.agents_that_fit[k][t] = part[k];
  }
  for (std::uint32_t k = 0; k < region.sites; ++k) {
    const auto& here = region.agents_that_fit[k];
    plan.sites[region.first_site + k].agents = std::accumulate(here.begin(), here.end(), std::uint64_t{0});
  }
}

}  // namespace

std::vector<std::uint64_t> share_out(std::uint64_t total, const std::vector<double>& weights) {
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
    if (weights[i] > 0) rest.emplace_back(-(exact - std::floor(exact)), i);
  }
  std::sort(rest.begin(), rest.end());
  for (std::size_t k = 0; given < total; ++k, ++given) ++out[rest[k % rest.size()].second];
  return out;
}

std::vector<std::string> edge_violations(const Plan& plan, const SiteInfo& site, workload::ProblemType type) {
  const auto& s = plan.scenario;
  if (s.energy.scale == hardware::EnergyScale::executed) return {};
  const auto tok = mean_tok(s, plan.recorded);
  const auto t = static_cast<std::size_t>(type);
  const ModelInfo& model = plan.models[t * static_cast<std::size_t>(s.specialists.lineages)];
  const double bytes = nominal_parameters(s.specialists, type) * static_cast<double>(model.parameter_bytes) /
                       static_cast<double>(model.base.whole_parameters);
  const double seconds = site.service[t].seconds(static_cast<std::uint32_t>(tok.in), static_cast<std::uint32_t>(tok.out));
  return hardware::edge_violations(site.device, bytes, bytes, seconds, site.device.max_w, bytes);
}

void keep_envelope(Plan& plan) {
  if (plan.scenario.hardware.edge_envelope != hardware::EdgeEnvelope::enforce) return;
  std::vector<Diagnostic> problems;
  for (RegionInfo& region : plan.regions) {
    const TypeMix::Counts counts = counts_of(plan, region);
    Fits fits(region.sites);
    for (std::uint32_t k = 0; k < region.sites; ++k)
      for (std::size_t t = 0; t < kProblemTypes; ++t)
        fits[k][t] = edge_violations(plan, plan.sites[region.first_site + k], static_cast<workload::ProblemType>(t)).empty();
    if (is_broken(plan, region, counts, fits)) divide_anew(plan, region, counts, fits, problems);
  }
  if (!problems.empty()) throw InputError(std::move(problems));
}

}  // namespace world
}  // namespace swarm
