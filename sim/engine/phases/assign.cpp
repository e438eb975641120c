#include <algorithm>
#include <limits>

#include "sim/core/distributions.hpp"
#include "sim/core/parallel.hpp"
#include "sim/engine/merge_runs.hpp"
#include "sim/engine/phases.hpp"
#include "sim/engine/pricing.hpp"
#include "sim/engine/routing.hpp"

namespace swarm {
namespace engine {
namespace {

using world::Order;
using world::OrderLine;
using world::RegionState;
using world::World;

/// Service time on a site: what its roofline says, or exponential around its mean.
double service_seconds(const World& w, const Order& order, const world::SiteInfo& site, const Random& random) {
  const double expected = site.service[order.type].seconds(order.tok_in, order.tok_out);
  if (w.plan->scenario.hardware.service == hardware::ServiceTime::roofline) return expected;
  const RandomBlock draw = random.block(w.step, RequestId(RegionId{order.asker}, order.sequence).packed);
  return expected * exponential(uniform_open(draw[0], draw[1]));
}

/// The quote of the line that is taken, divided between seller, treasury and fund.
policy::Price settle_price(const World& w, const RegionState& r, const SiteRate& rate, const Order& order,
                           const OrderLine& line) {
  const double service = w.plan->sites[line.site].service[order.type].seconds(order.tok_in, order.tok_out);
  const double tok = static_cast<double>(order.tok_in) + order.tok_out;
  const double markup = static_cast<double>(r.agents.markup[line.agent]);
  const policy::Price price =
      policy::price_of(items_of(*w.plan, rate, RegionId{order.asker}, service, tok, markup), order.granted != 0);
  if (price.price != line.price || price.grant != line.grant)
    throw ModelError(fmt::format("a request was quoted {} µTKN and settles at {}", line.price, price.price));
  return price;
}

void launch(World& w, RegionState& r, const Order& order, const OrderLine& line, const policy::Price& price,
            const Random& random) {
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
                  .grant = price.grant,
                  .reserved_grant = order.reserved_grant,
                  .carbon = price.carbon,
                  .premium = price.premium,
                  .wtp_usd = order.wtp_usd,
                  .arrival_step = w.step,
                  .sequence = order.sequence,
                  .agent = line.agent,
                  .site = line.site,
                  .tok = tok,
                  .bank_item = order.bank_item,
                  .deadline_s = order.deadline_s,
                  .asker = order.asker,
                  .type = order.type,
                  .bucket = order.bucket,
                  .purpose = order.purpose});
}

}  // namespace

void assign(World& w) {
  const Random service(w.plan->seed, Stream::service), balance(w.plan->seed, Stream::balance);
  const auto rates = site_rates(w);
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    const auto& admitted = r.scratch.admitted;
    auto& row = r.scratch.by_arrival;
    row.resize(admitted.size());
    for (std::uint32_t k = 0; k < admitted.size(); ++k) row[k] = {admitted[k].offset_s, k};
    merge_runs(row, [&](const auto& a, const auto& b) {  // each round of trade admitted in order of arrival
      const Order &x = admitted[a.second], &y = admitted[b.second];
      return std::tie(a.first, x.asker, x.sequence) < std::tie(b.first, y.asker, y.sequence);
    });
    for (const auto& [offset, k] : row) {
      const Order& order = admitted[k];
      const double arrival = w.now() + order.offset_s;
      const Route taken = route(w, r, order, balance, [&](std::uint32_t site) { return r.pools[site].earliest() - arrival; });
      ENSURE(taken.line != nullptr);
      const OrderLine& line = *taken.line;
      launch(w, r, order, line, settle_price(w, r, rates[line.site], order, line), service);
    }
    for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
      const auto n = static_cast<double>(r.markets.orders_admitted[t]);
      r.markets.price_usd_per_kilotoken[t] =
          n > 0 ? r.scratch.price_sum[t] / n : std::numeric_limits<double>::quiet_NaN();
    }
  });
}

}  // namespace engine
}  // namespace swarm
