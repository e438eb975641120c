#include <algorithm>
#include <optional>

#include "sim/core/parallel.hpp"
#include "sim/engine/admission_gates.hpp"
#include "sim/engine/allocation.hpp"
#include "sim/engine/markets.hpp"
#include "sim/engine/routing.hpp"

namespace swarm {
namespace engine {
namespace {

using world::Order;
using world::OrderLine;
using world::RegionState;
using world::World;

/// Where the region would put the order. Waits are a fluid estimate: all gangs together work off what is booked
/// (Lindley's recursion, so that a site which had nothing to do has saved up nothing).
Route expected_route(const World& w, const RegionState& r, const Order& order, const Random& balance) {
  return route(w, r, order, balance,
               [&](std::uint32_t site) { return r.scratch.fluid_free_s[site] - order.offset_s; });
}

/// What was allocated at a site is used up there and nowhere else: lines of other sites are taken off the order.
void keep_to(std::uint32_t site, Order& order) {
  const auto end = std::remove_if(order.line.begin(), order.line.begin() + order.lines,
                                  [&](const OrderLine& other) { return other.site != site; });
  order.lines = static_cast<std::uint8_t>(end - order.line.begin());
}

void admit(const World& w, RegionState& r, const Order& order, const OrderLine& line) {
  const auto& site = w.plan->sites[line.site];
  const std::uint32_t k = line.site - w.plan->regions[r.id.value].first_site;
  double& free = r.scratch.fluid_free_s[k];
  free = std::max(free, order.offset_s) +
         site.seconds(order) * site.occupancy_factor / site.gangs;
  count_departure(w, r, k, w.now() + free);
  ++r.markets.orders_admitted[order.type];
  r.scratch.admitted.push_back(order);
}

}  // namespace

void admit_at_posted_prices(World& w) {
  const Random balance(w.plan->seed, Stream::balance);
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    sort_inbox(r);
    std::optional<Allocator> allocator;
    if (allocates(*w.plan)) allocator.emplace(w, r, balance);
    AdmissionGates gates(w, r);
    for (const auto& [offset, k] : r.scratch.by_arrival) {
      Order& order = gates.open_lines(r.scratch.inbox_orders[k]);
      ++r.markets.orders_received[order.type];
      std::optional<OrderLine> line;
      if (allocator)
        line = allocator->place(order);
      else if (const Route expected = expected_route(w, r, order, balance); expected.in_time)
        line = *expected.line;
      if (line) {
        if (allocator) keep_to(line->site, order);
        admit(w, r, order, *line);
        gates.note_admitted(*line);
      } else {
        pass_on(w, r, r.scratch.inbox_orders[k], world::Refusal::capacity, 0);
      }
    }
    r.scratch.inbox_orders.clear();
  });
}

}  // namespace engine
}  // namespace swarm
