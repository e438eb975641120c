#include <algorithm>

#include "sim/core/parallel.hpp"
#include "sim/engine/phases.hpp"

namespace swarm {
namespace engine {
namespace {

using world::Order;
using world::OrderLine;
using world::Refusal;
using world::RegionState;
using world::World;

/// The line on a site of this region that is expected to answer first, or −1 if none can by the deadline. Waits
/// are a fluid estimate: work booked so far less what the site has served by the moment of arrival.
int feasible_line(const World& w, const RegionState& r, const Order& order) {
  const auto& info = w.plan->regions[r.id.value];
  int best = -1;
  double best_wait = 0;
  for (int j = 0; j < order.lines; ++j) {
    const OrderLine& line = order.line[static_cast<std::size_t>(j)];
    const auto& site = w.plan->sites[line.site];
    if (site.region != r.id) continue;
    const auto gangs = static_cast<double>(site.gangs);
    const double wait = std::max(0.0, r.scratch.fluid_backlog_s[line.site - info.first_site] / gangs - order.offset_s);
    const double service = site.service[order.type].seconds(order.tok_in, order.tok_out);
    const double delay = wait + service + w.plan->round_trip(RegionId{order.asker}, r.id);
    if (delay > static_cast<double>(order.deadline_s)) continue;
    if (best < 0 || wait < best_wait) {
      best = j;
      best_wait = wait;
    }
  }
  return best;
}

/// The region to try after `order.attempt` others: regions in the order in which the lines name them.
int region_of_attempt(const World& w, const Order& order) {
  std::array<std::uint16_t, dispatch::kMaxCandidates> seen;
  int n = 0;
  for (int j = 0; j < order.lines; ++j) {
    const std::uint16_t region = w.plan->sites[order.line[static_cast<std::size_t>(j)].site].region.value;
    if (std::find(seen.begin(), seen.begin() + n, region) != seen.begin() + n) continue;
    if (n == order.attempt) return region;
    seen[static_cast<std::size_t>(n++)] = region;
  }
  return -1;
}

void refuse(World& w, const RegionState& r, const Order& order) {
  w.outcomes.from_to(r.id.value - w.first_region, order.asker)
      .push_back({.reserved = order.reserved, .asker = order.asker, .server = r.id.value, .type = order.type,
                  .bucket = order.bucket, .refusal = Refusal::capacity});
}

void admit(World& w, RegionState& r, const Order& order, int best) {
  const OrderLine& line = order.line[static_cast<std::size_t>(best)];
  const auto& site = w.plan->sites[line.site];
  r.scratch.fluid_backlog_s[line.site - w.plan->regions[r.id.value].first_site] +=
      site.service[order.type].seconds(order.tok_in, order.tok_out) * site.occupancy_factor;
  ++r.markets.orders_admitted[order.type];
  r.scratch.admitted.push_back(order);
}

}  // namespace

void trade(World& w) {
  const auto attempts = w.plan->scenario.market.attempts;
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    auto& inbox = r.scratch.inbox_orders;
    auto& row = r.scratch.by_arrival;
    row.resize(inbox.size());
    for (std::uint32_t k = 0; k < inbox.size(); ++k) row[k] = {inbox[k].offset_s, k};
    std::sort(row.begin(), row.end());  // ties: by asking region, then sequence, as delivered
    for (const auto& [offset, k] : row) {
      Order& order = inbox[k];
      ++r.markets.orders_received[order.type];
      const int best = feasible_line(w, r, order);
      if (best >= 0) {
        admit(w, r, order, best);
        continue;
      }
      ++order.attempt;
      const int next = order.attempt < attempts ? region_of_attempt(w, order) : -1;
      if (next < 0)
        refuse(w, r, order);
      else
        w.orders.from_to(i, static_cast<std::size_t>(next)).push_back(order);
    }
    inbox.clear();
  });
}

}  // namespace engine
}  // namespace swarm
