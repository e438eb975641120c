#include <algorithm>

#include "sim/core/parallel.hpp"
#include "sim/engine/merge_runs.hpp"
#include "sim/engine/phases.hpp"
#include "sim/engine/routing.hpp"

namespace swarm {
namespace engine {
namespace {

using world::Order;
using world::OrderLine;
using world::Refusal;
using world::RegionState;
using world::World;

/// Where the region would put the order. Waits are a fluid estimate: all gangs together work off what is booked
/// (Lindley's recursion, so that a site which had nothing to do has saved up nothing).
Route expected_route(const World& w, const RegionState& r, const Order& order, const Random& balance) {
  return route(w, r, order, balance,
               [&](std::uint32_t site) { return r.scratch.fluid_free_s[site] - order.offset_s; });
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
      .push_back({.reserved = order.reserved,
                  .reserved_grant = order.reserved_grant,
                  .asker = order.asker,
                  .server = r.id.value,
                  .type = order.type,
                  .bucket = order.bucket,
                  .refusal = Refusal::capacity,
                  .purpose = order.purpose});
}

void admit(const World& w, RegionState& r, const Order& order, const OrderLine& line) {
  const auto& site = w.plan->sites[line.site];
  double& free = r.scratch.fluid_free_s[line.site - w.plan->regions[r.id.value].first_site];
  free = std::max(free, order.offset_s) +
         site.service[order.type].seconds(order.tok_in, order.tok_out) * site.occupancy_factor / site.gangs;
  ++r.markets.orders_admitted[order.type];
  r.scratch.admitted.push_back(order);
}

}  // namespace

void trade(World& w) {
  const auto attempts = w.plan->scenario.market.attempts;
  const Random balance(w.plan->seed, Stream::balance);
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    auto& inbox = r.scratch.inbox_orders;
    auto& row = r.scratch.by_arrival;
    row.resize(inbox.size());
    for (std::uint32_t k = 0; k < inbox.size(); ++k) row[k] = {inbox[k].offset_s, k};
    merge_runs(row, std::less<>{});  // each region's mail is in order; ties go by asking region
    for (const auto& [offset, k] : row) {
      Order& order = inbox[k];
      ++r.markets.orders_received[order.type];
      const Route expected = expected_route(w, r, order, balance);
      if (expected.in_time) {
        admit(w, r, order, *expected.line);
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
