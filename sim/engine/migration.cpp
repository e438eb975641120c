#include "sim/engine/migration.hpp"

#include <algorithm>

#include "sim/core/parallel.hpp"
#include "sim/core/rng.hpp"
#include "sim/dispatch/min_cost_flow.hpp"
#include "sim/engine/weighing.hpp"

namespace swarm {
namespace engine {
namespace {

using world::World;

constexpr double kMicrojoules = 1e6;
/// 2^64 over the golden ratio.
constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ull;

/// Specialists that all regions' requests of the type were for.
std::int64_t asked_of(const World& w, std::size_t type) {
  std::int64_t sum = 0;
  for (const auto& notice : w.bulletin.prices) sum += notice.asked[type];
  return sum;
}

/// Standard requests of the type that the site can still take in this step before it is a hotspot, if all types get as
/// much of what is spare there as they are asked for.
std::int64_t room(const World& w, std::size_t type, const world::SiteNotice& notice) {
  const auto& site = w.plan->sites[notice.site];
  double gang_s = 0;
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    const auto& standard = w.plan->standard[t];
    if (notice.residents[t] > 0)
      gang_s += static_cast<double>(asked_of(w, t)) * site.service[t].seconds(standard.tok_in, standard.tok_out) * site.occupancy_factor;
  }
  if (gang_s <= 0) return 0;
  const double exact = notice.spare_s * static_cast<double>(asked_of(w, type)) / gang_s;
  return static_cast<std::int64_t>(std::min(exact, static_cast<double>(dispatch::kLargestAmount)));
}

}  // namespace

Migration::Migration(const World& w) {
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    listings_[t].resize(w.plan->sites.size());
    const auto& listed = w.bulletin.markets[t].listings;
    for (std::uint32_t row = 0; row < listed.size(); ++row) listings_[t][listed[row].offer.site].push_back(row);
    shares_[t].resize(w.plan->regions.size());
  }
  parallel_each(workload::kProblemTypes, [&](std::size_t t) { solve(w, t); });
}

void Migration::solve(const World& w, std::size_t type) {
  const auto& plan = *w.plan;
  std::vector<std::uint16_t> sources;
  std::vector<std::uint32_t> sinks;
  std::vector<std::int64_t> supply, capacity, cost;
  for (std::uint16_t region = 0; region < plan.regions.size(); ++region) {
    const std::int64_t asked = w.bulletin.prices[region].asked[type];
    if (asked == 0) continue;
    sources.push_back(region);
    supply.push_back(asked);
  }
  if (sources.empty()) return;
  for (const auto& notice : w.bulletin.sites) {
    if (listings_[type][notice.site].empty()) continue;
    const std::int64_t here = room(w, type, notice);
    if (here == 0) continue;
    sinks.push_back(notice.site);
    capacity.push_back(here);
  }
  const auto& standard = plan.standard[type];
  const double tok = static_cast<double>(standard.tok_in) + standard.tok_out;
  for (const std::uint16_t region : sources)
    for (const std::uint32_t sink : sinks) {
      const auto& site = plan.sites[sink];
      const RegionId asker{region};
      if (plan.barrier(asker, site.region) != world::Barrier::none || w.cut(asker, site.region)) {
        cost.push_back(dispatch::kForbidden);
        continue;
      }
      const double service = site.service[type].seconds(standard.tok_in, standard.tok_out);
      const double uj = kMicrojoules * joules_without_wait(plan, asker, site, service, tok);
      cost.push_back(round_half_even(std::min(uj, static_cast<double>(dispatch::kDearestArc))));
    }
  const dispatch::Flow flow = dispatch::min_cost_flow(cost, supply, capacity);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    auto& out = shares_[type][sources[i]];
    for (std::size_t j = 0; j < sinks.size(); ++j)
      if (const std::int64_t x = flow.amount[i * sinks.size() + j]; x > 0) out.push_back({sinks[j], x});
    if (flow.unplaced[i] > 0) out.push_back({world::kNoSite, flow.unplaced[i]});
  }
}

void Migration::direct(const World& w, world::RegionState& r) const {
  const Random random(w.plan->seed, Stream::migration);
  const auto& q = r.scratch.requests;
  r.scratch.destination.assign(q.size(), world::kNoSite);
  std::array<std::uint64_t, workload::kProblemTypes> point;
  std::array<std::int64_t, workload::kProblemTypes> all{};
  for (std::size_t t = 0; t < point.size(); ++t) {
    const RandomBlock draw = random.block(w.step, (std::uint64_t{r.id.value} << 48) | t);
    point[t] = (std::uint64_t{draw[0]} << 32) | draw[1];
    for (const Share& share : shares(t, r.id)) all[t] += share.amount;
  }
  for (std::size_t row = 0; row < q.size(); ++row) {
    const auto type = static_cast<std::size_t>(q.type[row]);
    if (all[type] == 0) continue;
    point[type] += kGolden;
    auto place = static_cast<std::int64_t>((Int128{point[type]} * all[type]) >> 64);
    for (const Share& share : shares(type, r.id)) {
      place -= share.amount;
      if (place >= 0) continue;
      r.scratch.destination[row] = share.site;
      break;
    }
  }
}

std::size_t Migration::listing(std::size_t type, std::uint32_t site, std::uint32_t word) const {
  const auto& rows = listings_[type][site];
  return rows[uniform_below(word, static_cast<std::uint32_t>(rows.size()))];
}

}  // namespace engine
}  // namespace swarm
