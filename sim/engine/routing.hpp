#pragma once
#include <algorithm>
#include <array>
#include <span>

#include "sim/core/rng.hpp"
#include "sim/engine/queue_lengths.hpp"
#include "sim/engine/reputations.hpp"
#include "sim/engine/weighing.hpp"
#include "sim/world/world.hpp"

/// Which line of an order a region would take. Admission asks with booked waits and placing with real ones,
/// by one rule, so that work is booked on the sites that will do it.
namespace swarm {
namespace engine {

struct Route {
  const world::OrderLine* line = nullptr;  ///< null: no line lies in this region
  bool in_time = false;  ///< expected to answer by the deadline, after no longer a wait than its priority allows
};

/// Part of the time to its deadline that an order may wait for a server at a site: all of it, or with admission by
/// priority as much as its priority there is of a full one (trunk reservation by waiting time).
inline float waiting_part(const world::World& w, const world::Order& order, const world::SiteInfo& site) {
  const auto& market = w.plan->scenario.market;
  if (market.admission == economy::Admission::arrival) return 1;
  const double there = policy::renewable_priority(w.plan->scenario.policy, site.contracted_renewable);
  return static_cast<float>(std::min(1.0, static_cast<double>(order.priority) * there / market.full_priority));
}

/// The best line on a site of `r` that answers by the deadline, or the quickest if none does. wait(k) is the
/// expected wait [s] on the region's site k at the order's arrival; `balance` is the stream of that name.
template <class Wait>
Route route(const world::World& w, const world::RegionState& r, const world::Order& order,
            const Random& balance, Wait&& wait) {
  const auto& info = w.plan->regions[r.id.value];
  std::array<dispatch::Candidate, dispatch::kMaxCandidates> candidate;
  std::array<std::uint8_t, dispatch::kMaxCandidates> line, best;
  std::array<float, dispatch::kMaxCandidates> longest_wait;
  std::size_t n = 0;
  const double tok = static_cast<double>(order.tok_in) + order.tok_out;
  const auto distance = static_cast<float>(w.plan->network_s(RegionId{order.asker}, r.id, tok));
  const auto m = static_cast<double>(w.plan->multiplicity);
  const bool reputed = reputation_weighs(*w.plan), counted = counts_requests(*w.plan);
  for (std::uint8_t j = 0; j < order.lines; ++j) {
    const world::OrderLine& l = order.line[j];
    const auto& site = w.plan->sites[l.site];
    if (site.region != r.id) continue;
    const auto wait_s = static_cast<float>(std::max(0.0, wait(l.site - info.first_site)));
    const double service = site.seconds(order);
    candidate[n] = {
        .price_usd = static_cast<float>(usd({l.price})),
        .delay_s = distance + wait_s + static_cast<float>(service * site.answer_factor),
        .wait_s = wait_s,
        .round_trip_s = distance,
        .energy_kwh = static_cast<float>(service * site.device.max_w * site.pue / kJoulesPerKwh * m),
        .ill_repute = reputed ? ill_repute(*w.plan, static_cast<float>(r.reputation.score[l.agent])) : 0.0f,
        .site = l.site,
        .foreign = order.asker != r.id.value,
        .chosen = l.site == order.destination,
        .requests = counted ? requests_in(w, r, l.site - info.first_site, w.now() + order.ready_s) : 0.0f};
    weigh(w, RegionId{order.asker}, service, tok, candidate[n]);
    longest_wait[n] = waiting_part(w, order, site) * (order.deadline_s - (candidate[n].delay_s - wait_s));
    line[n++] = j;
  }
  if (n == 0) return {};
  const auto in_time = [&](std::size_t c) {
    return candidate[c].delay_s <= order.deadline_s && candidate[c].wait_s <= longest_wait[c];
  };
  if (n == 1) return {&order.line[line[0]], in_time(0)};
  // A word of its own: the lines are already in the order that the quote's word gave, and a shuffle of a
  // shuffle by the same word is not uniform.
  const std::uint32_t word =
      balance.block(order.arrival_step, RequestId(RegionId{order.asker}, order.sequence).packed)[0];
  dispatch::rank(w.plan->scenario.balance, std::span(candidate.data(), n),
                 {order.deadline_s, word, order.turn}, best);
  std::size_t quickest = best[0];
  for (std::size_t j = 0; j < n; ++j) {
    if (in_time(best[j])) return {&order.line[line[best[j]]], true};
    if (candidate[best[j]].delay_s < candidate[quickest].delay_s) quickest = best[j];
  }
  return {&order.line[line[quickest]], false};
}

}  // namespace engine
}  // namespace swarm
