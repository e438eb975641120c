#include <algorithm>
#include <limits>

#include "sim/core/distributions.hpp"
#include "sim/core/parallel.hpp"
#include "sim/engine/phases.hpp"

namespace swarm {
namespace engine {
namespace {

using world::Order;
using world::OrderLine;
using world::RegionState;
using world::World;

/// Service time on a site: from the roofline, or exponential with a mean the same everywhere.
double service_seconds(const World& w, const Order& order, const world::SiteInfo& site, const Random& random) {
  const auto& hardware = w.plan->scenario.hardware;
  if (hardware.service == hardware::ServiceTime::roofline)
    return site.service[order.type].seconds(order.tok_in, order.tok_out);
  const RandomBlock draw = random.block(w.step, RequestId(RegionId{order.asker}, order.sequence).packed);
  return hardware.mean_service.seconds * exponential(uniform_open(draw[0], draw[1]));
}

/// Which of the order's lines in this region takes it, ranked by the waits of the moment of its arrival.
const OrderLine& choose(const World& w, const RegionState& r, const Order& order) {
  const auto& info = w.plan->regions[r.id.value];
  std::array<dispatch::Candidate, dispatch::kMaxCandidates> candidate;
  std::array<std::uint8_t, dispatch::kMaxCandidates> line, best;
  std::size_t n = 0;
  const double arrival = w.now() + order.offset_s;
  const auto distance = static_cast<float>(w.plan->round_trip(RegionId{order.asker}, r.id));
  const auto m = static_cast<double>(w.plan->multiplicity);
  for (std::uint8_t j = 0; j < order.lines; ++j) {
    const OrderLine& l = order.line[j];
    const auto& site = w.plan->sites[l.site];
    if (site.region != r.id) continue;
    const auto wait = static_cast<float>(std::max(0.0, r.pools[l.site - info.first_site].earliest() - arrival));
    const double service = site.service[order.type].seconds(order.tok_in, order.tok_out);
    candidate[n] = {.price_usd = static_cast<float>(usd({l.price})),
                    .delay_s = distance + wait + static_cast<float>(service),
                    .wait_s = wait,
                    .round_trip_s = distance,
                    .energy_kwh = static_cast<float>(service * site.device.max_w * site.pue / kJoulesPerKwh * m),
                    .site = l.site,
                    .foreign = order.asker != r.id.value};
    line[n++] = j;
  }
  ENSURE(n > 0);
  if (n > 1)
    dispatch::rank(w.plan->scenario.balance, std::span(candidate.data(), n),
                   {order.deadline_s, order.random_order, order.turn}, best);
  else
    best[0] = 0;
  return order.line[line[best[0]]];
}

void launch(World& w, RegionState& r, const Order& order, const OrderLine& line, const Random& random) {
  const auto& site = w.plan->sites[line.site];
  const auto local_site = line.site - w.plan->regions[r.id.value].first_site;
  const double service = service_seconds(w, order, site, random);
  const double arrival = w.now() + order.offset_s;
  const auto placed = r.pools[local_site].place(arrival, service * site.occupancy_factor);
  ++r.sites.requests_placed[local_site];
  const auto tok = order.tok_in + order.tok_out;
  r.scratch.price_sum[order.type] +=
      usd({line.price}) / (static_cast<double>(tok) / 1000.0 * static_cast<double>(w.plan->multiplicity));
  r.flights.push({.arrival_s = arrival,
                  .start_s = placed.start,
                  .finish_s = placed.finish,
                  .service_s = service,
                  .price = line.price,
                  .reserved = order.reserved,
                  .arrival_step = w.step,
                  .sequence = order.sequence,
                  .agent = line.agent,
                  .site = line.site,
                  .tok = tok,
                  .bank_item = order.bank_item,
                  .deadline_s = order.deadline_s,
                  .asker = order.asker,
                  .type = order.type,
                  .bucket = order.bucket});
}

}  // namespace

void assign(World& w) {
  const Random random(w.plan->seed, Stream::service);
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    const auto& admitted = r.scratch.admitted;
    auto& row = r.scratch.by_arrival;
    row.resize(admitted.size());
    for (std::uint32_t k = 0; k < admitted.size(); ++k) row[k] = {admitted[k].offset_s, k};
    std::sort(row.begin(), row.end(), [&](const auto& a, const auto& b) {
      const Order &x = admitted[a.second], &y = admitted[b.second];
      return std::tie(a.first, x.asker, x.sequence) < std::tie(b.first, y.asker, y.sequence);
    });
    for (const auto& [offset, k] : row) launch(w, r, admitted[k], choose(w, r, admitted[k]), random);
    for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
      const auto n = static_cast<double>(r.markets.orders_admitted[t]);
      r.markets.price_usd_per_kilotoken[t] =
          n > 0 ? r.scratch.price_sum[t] / n : std::numeric_limits<double>::quiet_NaN();
    }
  });
}

}  // namespace engine
}  // namespace swarm
