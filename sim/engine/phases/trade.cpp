#include <algorithm>

#include "sim/core/parallel.hpp"
#include "sim/engine/emergency.hpp"
#include "sim/engine/market.hpp"
#include "sim/engine/markets.hpp"
#include "sim/engine/merge_runs.hpp"
#include "sim/engine/phases.hpp"

namespace swarm {
namespace engine {

using world::Order;
using world::RegionState;
using world::World;

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

world::Outcome unanswered(RegionId server, const Order& order, world::Refusal reason, std::int64_t price) {
  return {.reserved = order.reserved,
          .reserved_grant = order.reserved_grant,
          .work = order.work,
          .market_price = paid_by_users(price, order),
          .permits_mg = order.permits_mg,
          .wtp_usd = order.wtp_usd,
          .asker = order.asker,
          .server = server.value,
          .type = order.type,
          .bucket = order.bucket,
          .refusal = reason,
          .purpose = order.purpose,
          .emergency = order.emergency};
}

void refuse(World& w, const RegionState& r, const Order& order, world::Refusal reason, std::int64_t price) {
  w.outcomes.from_to(r.id.value - w.first_region, order.asker).push_back(unanswered(r.id, order, reason, price));
}

void pass_on(World& w, const RegionState& r, Order& order, world::Refusal reason, std::int64_t price) {
  ++order.attempt;
  const int next = order.attempt < w.plan->scenario.market.attempts ? region_of_attempt(w, order) : -1;
  if (next < 0)
    refuse(w, r, order, reason, price);
  else
    w.orders.from_to(r.id.value - w.first_region, static_cast<std::size_t>(next)).push_back(order);
}

void sort_inbox(RegionState& r) {
  const auto& inbox = r.scratch.inbox_orders;
  auto& row = r.scratch.by_arrival;
  row.resize(inbox.size());
  for (std::uint32_t k = 0; k < inbox.size(); ++k) row[k] = {inbox[k].offset_s, k};
  merge_runs(row, std::less<>{});  // each region's mail is in order; ties go by asking region
}

void trade(World& w) {
  parallel_each(w.regions.size(), [&](std::size_t i) { set_capacity_aside(w, w.regions[i]); });
  switch (w.plan->scenario.market.mechanism) {
    case economy::Mechanism::posted: admit_at_posted_prices(w); break;
    case economy::Mechanism::uniform:
    case economy::Mechanism::pay_as_bid:
    case economy::Mechanism::second_price:
    case economy::Mechanism::vcg: hold_call_auctions(w); break;
    case economy::Mechanism::cda: trade_in_books(w); break;
  }
  ++w.round;
}

}  // namespace engine
}  // namespace swarm
