#include <algorithm>
#include <limits>

#include "sim/core/distributions.hpp"
#include "sim/core/parallel.hpp"
#include "sim/engine/energy_allowances.hpp"
#include "sim/engine/faults.hpp"
#include "sim/engine/futures.hpp"
#include "sim/engine/merge_runs.hpp"
#include "sim/engine/market.hpp"
#include "sim/engine/phases.hpp"
#include "sim/engine/pieces.hpp"
#include "sim/engine/pricing.hpp"
#include "sim/engine/quotas.hpp"
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
  const double expected = site.seconds(order);
  if (w.plan->scenario.hardware.service == hardware::ServiceTime::roofline) return expected;
  const RandomBlock draw = random.block(order.arrival_step, RequestId(RegionId{order.asker}, order.sequence).packed);
  return expected * exponential(uniform_open(draw[0], draw[1]));
}

/// The quote of the line that is taken, or what a market agreed on, divided between seller, treasury and fund.
policy::Price settle_price(const World& w, const RegionState& r, const SiteRate& rate, const Order& order,
                           const OrderLine& line) {
  const double service = w.plan->sites[line.site].seconds(order);
  const double tok = order.tok();
  const double markup = static_cast<double>(r.agents.markup[line.agent]);
  const double transfer = transfer_usd(*w.plan, RegionId{order.asker}, r.id, tok);
  const policy::Items items = items_of(*w.plan, rate, RegionId{order.asker}, service, tok, markup, transfer);
  if (order.work > 0)
    return policy::price_at(order.gross, order.transfer, micro_tkn_from_usd(items.carbon).value, order.premium, order.grant);
  const policy::Price price = policy::price_of(items, order.granted != 0);
  if (price.price != line.price || price.grant != line.grant)
    throw ModelError(fmt::format("a request was quoted {} µTKN and settles at {}", line.price, price.price));
  return price;
}

/// Permits for the footprint that is priced. One that waited in a book uses no more than it reserved, though the site's
/// intensity may have risen since.
std::int64_t permits_used(const world::Plan& plan, const SiteRate& rate, const Order& order, const OrderLine& line) {
  if (order.permits_mg == 0) return 0;
  const double service = plan.sites[line.site].seconds(order);
  const double tok = order.tok();
  return std::min(order.permits_mg, permits_for(priced_footprint_g(plan, rate, service, tok)));
}

/// An order that an auction admitted may go to any site of which a lot was sold in that auction (those of later rounds
/// may have asked more than it pays); of more sites than lines, to those from a random one on. At each site to the last
/// specialist whom it may ask.
void offer_sold_lots(const World& w, const RegionState& r, const FaultDesk& faults, Order& order) {
  const auto& info = w.plan->regions[r.id.value];
  order.lines = 0;
  for (std::uint32_t j = 0; j < info.sites && order.lines < order.line.size(); ++j) {
    const std::uint32_t k = (order.random_order % info.sites + j) % info.sites;
    const auto& lots = r.scratch.sold[world::lots_row(order.attempt, order.type, k, info.sites)];
    const auto last = std::find_if(lots.rbegin(), lots.rend(), [&](const auto& lot) { return faults.may_ask(lot.agent); });
    if (last != lots.rend()) order.line[order.lines++] = {last->agent, info.first_site + k, order.reserved, order.grant};
  }
}

/// The owner of the lot serves the whole order; what that is beyond its lot uses up the site's other lots, and beyond
/// those, time that is not spare: the next step finds it as backlog.
void take_lots(const World& w, RegionState& r, const Order& order, std::uint32_t site) {
  const auto& info = w.plan->regions[r.id.value];
  auto& lots = r.scratch.sold[world::lots_row(order.attempt, order.type, site - info.first_site, info.sites)];
  for (std::int64_t left = order.work; left > 0 && !lots.empty();) {
    const std::int64_t taken = std::min(left, lots.back().work);
    left -= taken;
    lots.back().work -= taken;
    if (lots.back().work == 0) lots.pop_back();
  }
}

/// Carbon credits that the answer needs, and what of the seller's due is for them: their price, or all of it if it is
/// less.
struct CreditNeed {
  std::int64_t amount_mg, cost;
};
CreditNeed credit_need(const world::Plan& plan, const SiteRate& rate, const Order& order, const OrderLine& line,
                       const policy::Price& price) {
  if (rate.credit_price == 0) return {0, 0};
  const double service = plan.sites[line.site].seconds(order);
  const double tok = order.tok();
  const std::int64_t amount_mg = credits_for(plan, rate, service, tok);
  return {amount_mg, std::min(price.due, policy::credit_cost(rate.credit_price, amount_mg))};
}

void launch(World& w, RegionState& r, const Order& order, const Seat& seat, FaultDesk::Probe probe, const policy::Price& price,
            std::int64_t permits_used, const CreditNeed& credits, const Random& random) {
  const OrderLine& line = seat.served;
  const auto& site = w.plan->sites[line.site];
  const auto local_site = line.site - w.plan->regions[r.id.value].first_site;
  const double service = service_seconds(w, order, site, random) * r.scratch.faults.slowness(line.agent);
  const double arrival = w.plan->step_s * order.arrival_step + order.offset_s;
  const double ready = std::min(order.ready_s, w.plan->step_s);  // a time-out may end after the step
  const PieceOfWork first = first_piece(w, order, service * site.occupancy_factor);
  const auto placed = r.pools[local_site].place(w.now() + ready, first.occupancy_s);
  count_departure(w, r, local_site, placed.finish);
  ++r.sites.requests_placed[local_site];
  const auto tok = order.tok();
  r.scratch.price_sum[order.type] +=
      usd({price.price}) / (static_cast<double>(tok) / 1000.0 * static_cast<double>(w.plan->multiplicity));
  r.flights.push({.arrival_s = arrival,
                  .start_s = placed.start,
                  .finish_s = placed.finish,
                  .service_s = service,
                  .at_once_s = order.slack_s > 0 ? arrival + (placed.start - (w.now() + ready)) : -1.0,
                  .left_s = first.left_s,
                  .price = price.price,
                  .reserved = order.reserved,
                  .grant = price.grant,
                  .reserved_grant = order.reserved_grant,
                  .carbon = price.carbon,
                  .premium = price.premium,
                  .wtp_usd = order.wtp_usd,
                  .work = order.work,
                  .market_price = paid_by_users(order.price, order),
                  .permits_mg = order.permits_mg,
                  .permits_used_mg = permits_used,
                  .credits_mg = credits.amount_mg,
                  .credits = credits.cost,
                  .estimate_uj = seat.estimate_uj,
                  .passes = seat.passes,
                  .arrival_step = order.arrival_step,
                  .sequence = order.sequence,
                  .agent = line.agent,
                  .site = line.site,
                  .tok = tok,
                  .bank_item = order.bank_item,
                  .deadline_s = order.deadline_s + order.slack_s,
                  .asker = order.asker,
                  .type = order.type,
                  .bucket = order.bucket,
                  .purpose = order.purpose,
                  .emergency = order.emergency,
                  .seats = order.seats,
                  .agent_probe = probe.agent,
                  .site_probe = probe.site,
                  .held_s = order.ready_s - ready});
}

}  // namespace

void assign(World& w) {
  const Random service(w.plan->seed, Stream::service), balance(w.plan->seed, Stream::balance);
  const auto rates = site_rates(w);
  const auto mechanism = w.plan->scenario.market.mechanism;
  const bool by_lot = mechanism != economy::Mechanism::posted && mechanism != economy::Mechanism::cda;
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    auto& admitted = r.scratch.admitted;
    auto& row = r.scratch.by_arrival;
    row.resize(admitted.size());
    for (std::uint32_t k = 0; k < admitted.size(); ++k) row[k] = {admitted[k].ready_s, k};
    merge_runs(row, [&](const auto& a, const auto& b) {  // each round of trade admitted in order of arrival
      const Order &x = admitted[a.second], &y = admitted[b.second];
      return std::tie(a.first, x.arrival_step, x.asker, x.sequence) < std::tie(b.first, y.arrival_step, y.asker, y.sequence);
    });
    count_flights(w, r);
    QuotaDesk quotas(w, r);
    EnergyDesk energy(w, r);
    FaultDesk faults(w, r);
    for (std::size_t next = 0; next < row.size() || faults.waiting();) {
      const bool again = next == row.size() || faults.comes_before(row[next].first);
      Order& order = again ? faults.take_again() : faults.take_first(admitted[row[next++].second]);
      if (by_lot) offer_sold_lots(w, r, faults, order);
      faults.keep_lines(order);
      const double start = w.now() + order.ready_s;
      const Route taken = route(w, r, order, balance, [&](std::uint32_t site) { return r.pools[site].earliest() - start; });
      if (faults.gives_up(order, taken)) continue;
      ENSURE(taken.line != nullptr);
      if (w.plan->barrier(RegionId{order.asker}, r.id) != world::Barrier::none)
        throw ModelError(fmt::format("a request of region {} was placed in region {}, which may not answer it",
                                     w.plan->regions[order.asker].name, w.plan->regions[r.id.value].name));
      Seat seat{.line = *taken.line, .served = *taken.line};
      if (const world::Refusal refusal = energy.reserve(order, seat, quotas, faults); refusal != world::Refusal::none) {
        refusal == world::Refusal::quota ? refuse_for_quota(w, r, order) : send_home_for_allowance(w, r, order);
        continue;
      }
      const OrderLine& line = seat.line;
      if (by_lot && !again) take_lots(w, r, order, line.site);
      if (!faults.answers(order, seat.served)) {
        energy.release(order, seat, quotas);
        continue;
      }
      const SiteRate& rate = rates[line.site];
      const policy::Price price = settle_price(w, r, rate, order, line);
      note_sale(w, r, order, price);
      launch(w, r, order, seat, faults.probe(), price, permits_used(*w.plan, rate, order, line),
             credit_need(*w.plan, rate, order, line, price), service);
    }
    for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
      const auto n = static_cast<double>(r.markets.orders_admitted[t]);
      r.markets.price_usd_per_kilotoken[t] =
          n > 0 ? r.scratch.price_sum[t] / n : std::numeric_limits<double>::quiet_NaN();
    }
    close_markets(w, r);
  });
}

}  // namespace engine
}  // namespace swarm
