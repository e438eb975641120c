#include "sim/dispatch/fault.hpp"

#include <algorithm>
#include <cmath>

#include "sim/core/checks.hpp"
#include "sim/core/distributions.hpp"
#include "sim/core/hash.hpp"
#include "sim/core/rng.hpp"
#include "sim/core/units.hpp"

namespace swarm {
namespace dispatch {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr double kDaysPerYear = 365.25;
/// No exponential variate exceeds it: −ln of the least uniform, 2⁻⁵³, is 36.7.
constexpr double kLongestExponential = 37;
/// Draws that one kind may use on one day.
constexpr std::uint32_t kDrawsPerKind = 1u << 24;
/// Entities of listed faults are told apart from those of the process by the step of their draws, which no day has.
constexpr std::uint32_t kListed = ~0u;

std::uint64_t key_of(const std::string& name) { return hash128(name.data(), name.size()).low; }

struct Rate {
  double per_year;
  double mean_s;
};
Rate rate_of(const FaultParams& p, FaultKind kind) {
  switch (kind) {
    case FaultKind::agent_crash: return {p.agent_crash_per_year, p.agent_crash_duration.seconds};
    case FaultKind::site_outage: return {p.site_outage_per_year, p.site_outage_duration.seconds};
    case FaultKind::slow_agent: return {p.slow_agent_per_year, p.slow_agent_duration.seconds};
    case FaultKind::wrong_answers: return {p.wrong_answers_per_year, p.wrong_answers_duration.seconds};
    case FaultKind::forecast_outage: return {p.forecast_outage_per_year, p.forecast_outage_duration.seconds};
    case FaultKind::partition: return {p.partition_per_year, p.partition_duration.seconds};
  }
  return {};
}

/// Where a fault may strike: the rows of sites, and the numbers of the specialists there.
struct Place {
  RegionId region;
  std::uint32_t first_site = 0, sites = 0;
  std::uint32_t first_agent = 0;
  std::uint64_t agents = 0;
};

Place place_of(std::span<const FaultSite> sites, RegionId region, const std::string& name) {
  Place place{.region = region};
  for (std::uint32_t k = 0; k < sites.size(); ++k) {
    if (sites[k].region != region) continue;
    const bool here = name.empty() || sites[k].name == name;
    if (here && place.sites++ == 0) place.first_site = k;
    if (here) place.agents += sites[k].agents;
    if (place.sites == 0) place.first_agent += static_cast<std::uint32_t>(sites[k].agents);
  }
  return place;
}

Fault fault_at(FaultKind kind, const Place& place, double factor) {
  Fault fault{.kind = kind, .region = place.region};
  if (kind == FaultKind::site_outage) fault.first_site = place.first_site, fault.sites = place.sites;
  if (kind == FaultKind::slow_agent) fault.factor = factor;
  return fault;
}

/// Adds the faults of one kind at one place that can touch [start, end).
void draw_faults(const FaultParams& p, const Random& random, const std::string& name, FaultKind kind, const Place& place,
                 std::int64_t start, std::int64_t end, std::vector<Fault>& out) {
  const Rate rate = rate_of(p, kind);
  const double of = strikes_agents(kind) ? static_cast<double>(place.agents) : 1.0;
  const double per_day = rate.per_year / kDaysPerYear * of;
  if (per_day == 0) return;
  const auto longest = static_cast<std::int64_t>(std::ceil(kLongestExponential * rate.mean_s)) + 1;
  const std::int64_t first = start - longest;
  const std::int64_t first_day = first / kDay - (first % kDay < 0);
  for (std::int64_t day = first_day; day * kDay < end; ++day) {
    RandomSequence draws(random, static_cast<std::uint32_t>(day), key_of(name), static_cast<std::uint32_t>(kind) * kDrawsPerKind);
    for (std::uint64_t left = poisson(draws, per_day); left > 0; --left) {
      Fault fault = fault_at(kind, place, p.slow_factor);
      fault.start_utc = day * kDay + static_cast<std::int64_t>(draws.uniform() * static_cast<double>(kDay));
      fault.end_utc = fault.start_utc + std::max<std::int64_t>(1, round_half_even(rate.mean_s * exponential(draws.uniform())));
      const std::uint32_t word = draws.word();
      if (strikes_agents(kind)) fault.agents = {place.first_agent + uniform_below(word, static_cast<std::uint32_t>(place.agents))};
      out.push_back(std::move(fault));
    }
  }
}

Fault listed_fault(const FaultRecord& r, std::span<const std::string> regions, std::span<const FaultSite> sites,
                   std::int64_t start_utc, std::uint64_t seed) {
  RegionId region;
  const auto site = std::ranges::find(sites, r.site, &FaultSite::name);
  if (!r.site.empty()) {
    EXPECT(site != sites.end());
    region = site->region;
  } else {
    const auto found = std::ranges::find(regions, r.region);
    EXPECT(found != regions.end());
    region = RegionId{static_cast<std::uint16_t>(found - regions.begin())};
  }
  const Place place = place_of(sites, region, r.site);
  Fault fault = fault_at(r.kind, place, r.factor);
  fault.start_utc = start_utc + round_half_even(r.start.seconds);
  fault.end_utc = fault.start_utc + std::max<std::int64_t>(1, round_half_even(r.duration.seconds));
  if (strikes_agents(r.kind)) fault.agents = struck(seed, r.name, place.first_agent, place.agents, r.share);
  return fault;
}

}  // namespace

std::vector<std::uint32_t> struck(std::uint64_t seed, const std::string& fault, std::uint32_t first, std::uint64_t count,
                                  double share) {
  if (count == 0) return {};
  const Random random(seed, Stream::fault);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ranked;
  for (std::uint32_t i = 0; i < count; ++i) ranked.emplace_back(random.block(kListed, key_of(fault), i)[0], first + i);
  std::ranges::sort(ranked);
  ranked.resize(static_cast<std::size_t>(std::max<std::int64_t>(1, round_half_even(share * static_cast<double>(count)))));
  std::vector<std::uint32_t> agents;
  for (const auto& [word, agent] : ranked) agents.push_back(agent);
  std::ranges::sort(agents);
  return agents;
}

Faults Faults::build(const FaultParams& params, std::span<const FaultRecord> records, std::span<const std::string> regions,
                     std::span<const FaultSite> sites, std::int64_t start_utc, std::int64_t end_utc, std::uint64_t seed) {
  std::vector<Fault> all;
  for (const FaultRecord& r : records) all.push_back(listed_fault(r, regions, sites, start_utc, seed));
  const Random random(seed, Stream::fault);
  for (std::size_t k = 0; params.process && k < kFaultKinds; ++k) {
    const auto kind = static_cast<FaultKind>(k);
    const auto draw = [&](const std::string& name, const Place& place) {
      draw_faults(params, random, name, kind, place, start_utc, end_utc, all);
    };
    if (strikes_region(kind))
      for (std::uint16_t r = 0; r < regions.size(); ++r) draw(regions[r], {.region = RegionId{r}});
    else
      for (const FaultSite& site : sites) draw(site.name, place_of(sites, site.region, site.name));
  }
  std::erase_if(all, [&](const Fault& f) { return f.end_utc <= start_utc || f.start_utc >= end_utc; });
  std::ranges::stable_sort(all, {}, &Fault::start_utc);
  Faults out;
  out.none_ = all.empty();
  out.regions_.resize(regions.size());
  for (Fault& fault : all) {
    auto& r = out.regions_[fault.region.value];
    r.latest_end.push_back(r.faults.empty() ? fault.end_utc : std::max(r.latest_end.back(), fault.end_utc));
    r.faults.push_back(std::move(fault));
  }
  return out;
}

std::size_t Faults::PerRegion::begun(std::int64_t utc) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(faults, utc, {}, &Fault::start_utc) - faults.begin());
}

bool Faults::active(RegionId region, std::int64_t utc, FaultKind kind) const {
  bool found = false;
  each_active(region, utc, [&](const Fault& f) { found = found || f.kind == kind; });
  return found;
}

}  // namespace dispatch
}  // namespace swarm
