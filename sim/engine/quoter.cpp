#include "sim/engine/quoter.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <utility>

#include "sim/core/parallel.hpp"
#include "sim/dispatch/balance.hpp"
#include "sim/engine/market.hpp"
#include "sim/engine/reputations.hpp"
#include "sim/engine/weighing.hpp"

namespace swarm {
namespace engine {

using dispatch::kMaxCandidates;
using world::Order;
using world::Refusal;
using world::RegionState;

/// Those who offer a quote; the ones that could answer before the deadline come as candidates.
struct Quoter::Asked {
  struct Line {
    const world::Bulletin::Listing* listing;
    policy::Items items;
    double footprint_g;
  };
  std::array<dispatch::Candidate, kMaxCandidates> candidate;
  std::array<Line, kMaxCandidates> line;
  std::size_t in_time = 0, offered = 0, withdrawn = 0;
  double price_sum = 0;  ///< of all offered [USD]
};

Quoter::Quoter(const world::World& w)
    : w_(w),
      rates_(site_rates(w)),
      random_(w.plan->seed, Stream::candidate),
      posted_(w.plan->scenario.market.mechanism == economy::Mechanism::posted),
      capped_(w.plan->under_cap()) {
  if (!w.plan->barriers.empty())
    for (const RegionState& r : w.regions) elsewhere_.emplace_back(w, r.id);
  if (w.plan->scenario.balance.policy == dispatch::BalancePolicy::min_total_energy) migration_.emplace(w);
  if (posted_) return;
  for (std::size_t t = 0; t < least_residents_.size(); ++t) {
    least_residents_[t].assign(w.plan->regions.size(), std::numeric_limits<std::uint32_t>::max());
    for (std::size_t site = 0; site < rates_.size(); ++site) {
      auto& least = least_residents_[t][w.plan->sites[site].region.value];
      if (const std::uint32_t n = rates_[site].residents[t]; n > 0) least = std::min(least, n);
    }
  }
}

bool Quoter::seats_fit(std::size_t type, const world::Bulletin::Listing& listing, std::uint8_t seats) const {
  return seats <= (posted_ ? rates_[listing.offer.site].residents[type] : least_residents_[type][listing.region]);
}

void Quoter::direct(RegionState& r) const {
  if (migration_) migration_->direct(w_, r);
}

ListingSample Quoter::sample(const RegionState& r, std::size_t row, const RandomBlock& draw) const {
  const auto type = static_cast<std::size_t>(r.scratch.requests.type[row]);
  const auto* elsewhere = elsewhere_.empty() ? nullptr : &elsewhere_[r.id.value - w_.first_region].rows(type);
  ListingSample looked_at(w_.bulletin.markets[type], r.id, elsewhere,
                          static_cast<std::size_t>(w_.plan->scenario.market.candidates), draw);
  if (migration_)
    if (const std::uint32_t site = r.scratch.destination[row]; site != world::kNoSite)
      looked_at.include(migration_->listing(type, site, draw[3]));
  return looked_at;
}

Refusal Quoter::nobody_offered(const RegionState& r, std::size_t type) const {
  const auto& market = w_.bulletin.markets[type];
  Refusal reason = Refusal::capacity;
  for (std::uint16_t other = 0; other < w_.plan->regions.size(); ++other) {
    if (market.first[other] == market.first[other + 1u]) continue;
    const world::Barrier barrier = w_.plan->barrier(r.id, RegionId{other});
    if (barrier == world::Barrier::none) return Refusal::capacity;
    if (reason != Refusal::deadline) reason = barrier == world::Barrier::distance ? Refusal::deadline : Refusal::residency;
  }
  return reason;
}

double Quoter::expected_usd(std::size_t type, std::int64_t work, const policy::Items& items, double transfer,
                            std::uint16_t region) const {
  const std::int64_t paid = posted_ ? 0 : w_.bulletin.prices[region].price[type];
  return paid == 0 ? items.total() : std::max(0.0, usd({gross_at(paid, work)}) + transfer + items.justice);
}

std::int64_t Quoter::limit(const RegionState& r, const Order& order) const {
  const auto& plan = *w_.plan;
  const double ceiling = plan.price_ceiling(order.type) * static_cast<double>(order.work) / static_cast<double>(kWorkUnits);
  const economy::Bidder bidder = plan.scenario.market.buyers;
  economy::BidTerms terms{.limit = std::min(order.wtp_usd * kMicroTknPerUsd, ceiling), .ceiling = ceiling};
  if (draws(bidder))
    terms.draw = Random(plan.seed, Stream::bid).block(order.arrival_step, RequestId(r.id, order.sequence).packed);
  const double ratio = terms.limit / (plan.baseline_price(order.type) * static_cast<double>(order.work)) * static_cast<double>(kWorkUnits);
  terms.margin = bidder == economy::Bidder::zip ? r.bidders.margin[world::bidder_row(order.type, ratio)]
                                                : plan.scenario.bidding.markup;
  return economy::name_ticks(bidder, economy::Side::bid, terms, 1.0);
}

Quoter::Asked Quoter::ask(const RegionState& r, std::size_t row, const RandomBlock& draw, std::uint8_t seats) const {
  const auto& q = r.scratch.requests;
  const auto& plan = *w_.plan;
  const auto type = static_cast<std::size_t>(q.type[row]);
  const auto& market = w_.bulletin.markets[type];
  const double tok_once = static_cast<double>(q.tok_in[row]) + q.tok_out[row], tok = seats * tok_once;
  const ListingSample sample = this->sample(r, row, draw);
  const std::int64_t work = posted_ ? 0 : work_of(plan, type, q.tok_in[row], q.tok_out[row], seats);
  const bool reputed = reputation_weighs(plan);
  const std::uint32_t destination = migration_ ? r.scratch.destination[row] : world::kNoSite;
  Asked asked;
  for (std::size_t j = 0; j < sample.size(); ++j) {
    const auto& listing = market.listings[sample[j]];
    const SiteRate& rate = rates_[listing.offer.site];
    if (w_.cut(r.id, RegionId{listing.region})) continue;
    if (!seats_fit(type, listing, seats)) continue;
    const auto& site = plan.sites[listing.offer.site];
    const double service = seats * site.service[type].seconds(q.tok_in[row], q.tok_out[row]);
    const double transfer = transfer_usd(plan, r.id, RegionId{listing.region}, tok);
    const policy::Items items =
        items_of(plan, rate, r.id, service, tok, static_cast<double>(listing.offer.markup), transfer);
    if (posted_ && sells_at_a_loss(plan, items, rate, service, tok, transfer)) {
      ++asked.withdrawn;
      continue;
    }
    const double price = expected_usd(type, work, items, transfer, listing.region);
    ++asked.offered;
    asked.price_sum += price;
    const auto answer = static_cast<float>(service * site.answer_factor);
    const auto distance = static_cast<float>(plan.network_s(r.id, RegionId{listing.region}, tok_once));
    if (distance + answer > q.deadline_s[row]) continue;
    dispatch::Candidate& candidate = asked.candidate[asked.in_time];
    candidate = {.price_usd = static_cast<float>(price),
                 .delay_s = distance + rate.wait_s + answer,
                 .wait_s = rate.wait_s,
                 .round_trip_s = distance,
                 .energy_kwh = static_cast<float>(rate.grid_kwh_per_s * service),
                 .ill_repute = reputed ? ill_repute(plan, market.reputation[sample[j]]) : 0.0f,
                 .site = listing.offer.site,
                 .foreign = listing.region != r.id.value,
                 .chosen = listing.offer.site == destination,
                 .requests = rate.requests};
    weigh(w_, r.id, service, tok_once, candidate);
    asked.line[asked.in_time++] = {&listing, items, capped_ ? priced_footprint_g(plan, rate, service, tok) : 0.0};
  }
  return asked;
}

std::int64_t Quoter::permits_of(const Asked& asked, const Order& order, std::span<const std::uint8_t> lines) const {
  const auto& plan = *w_.plan;
  const double tok = order.tok();
  double most = 0;
  for (const std::uint8_t j : lines) {
    most = std::max(most, asked.line[j].footprint_g);
    if (posted_) continue;
    const auto& info = plan.regions[asked.line[j].listing->region];  // a market may choose any of its sites
    for (std::uint32_t site = info.first_site; site < info.first_site + info.sites; ++site) {
      const double service = plan.sites[site].seconds(order);
      most = std::max(most, priced_footprint_g(plan, rates_[site], service, tok));
    }
  }
  return permits_for(most);
}

void Quoter::value_permits(RegionState& r, std::size_t row, const Asked& asked, Order& order,
                           std::span<const std::uint8_t> lines) const {
  order.permits_mg = permits_of(asked, order, lines);
  world::PermitDemand& demand = r.scratch.permit_demand[row];
  std::array<std::uint8_t, kMaxCandidates> rank;
  std::array<double, kMaxCandidates> worth;
  std::size_t n = 0;
  for (std::uint8_t j = 0; j < asked.in_time; ++j) {
    policy::Items items = asked.line[j].items;
    items.carbon = 0;
    const double left_usd = order.wtp_usd - usd({policy::price_of(items, true).price});
    if (left_usd < 0 || asked.line[j].footprint_g <= 0) continue;
    worth[j] = left_usd / asked.line[j].footprint_g * policy::kGramsPerTonne;
    std::size_t at = n++;  // dearest first, ties to the earlier
    for (; at > 0 && worth[rank[at - 1]] < worth[j]; --at) rank[at] = rank[at - 1];
    rank[at] = j;
  }
  std::int64_t most = 0;
  for (std::size_t k = 0; k < n; ++k) {  // the dearer permits are, the fewer lines are left
    const std::int64_t mg = posted_ ? permits_of(asked, order, std::span(&rank[k], 1)) : order.permits_mg;
    if (mg <= most) continue;
    demand.worth[demand.points] = worth[rank[k]];
    demand.mg[demand.points++] = mg - std::exchange(most, mg);
  }
}

/// Fills the request's order with the lines that can meet the deadline and that its users would pay, best first. A
/// council's members each read all of the question and write an answer, one after the other.
Refusal Quoter::quote_row(RegionState& r, std::size_t row, const RandomBlock& draw, std::uint8_t seats, Order& order) const {
  const auto& q = r.scratch.requests;
  const auto& plan = *w_.plan;
  const auto m = static_cast<double>(plan.multiplicity);
  const auto purpose = static_cast<std::size_t>(q.purpose[row]);
  const auto type = static_cast<std::size_t>(q.type[row]);
  const world::Emergency& emergency = r.scratch.emergency;
  order = {.offset_s = q.offset_s[row],
           .wtp_usd = q.wtp_ratio[row] * plan.baseline.usd(type, q.tok_in[row], q.tok_out[row]) * m,
           .wtp_ratio = q.wtp_ratio[row],
           .deadline_s = q.deadline_s[row],
           .random_order = draw[2],
           .ready_s = q.offset_s[row],
           .slack_s = q.flexible[row] != 0 ? static_cast<float>(plan.scenario.workload.flexibility.seconds) : 0.0f,
           .asked_step = w_.step,
           .work = posted_ ? 0 : work_of(plan, type, q.tok_in[row], q.tok_out[row], seats),
           .arrival_step = w_.step - q.held_steps[row],
           .sequence = q.sequence[row],
           .tok_in = q.tok_in[row],
           .tok_out = q.tok_out[row],
           .bank_item = q.bank_item[row],
           .complexity = q.complexity[row],
           .turn = r.turns + static_cast<std::uint32_t>(row),
           .destination = migration_ ? r.scratch.destination[row] : world::kNoSite,
           .priority = static_cast<float>(plan.scenario.purposes[purpose].priority * plan.regions[r.id.value].priority *
                                        emergency.response.priority[purpose]),
           .asker = r.id.value,
           .type = static_cast<std::uint8_t>(type),
           .bucket = static_cast<std::uint8_t>(workload::complexity_bucket(q.complexity[row])),
           .purpose = static_cast<std::uint8_t>(purpose),
           .emergency = q.flexible[row] == 0 && emergency.concerns(q.purpose[row]),
           .seats = seats,
           .seats_wanted = r.scratch.seats[row]};
  const Asked asked = ask(r, row, draw, seats);
  r.scratch.permit_demand[row].points = 0;
  r.scratch.quotes[row] = static_cast<std::uint8_t>(asked.offered);
  r.scratch.quotes_withdrawn[row] = static_cast<std::uint8_t>(asked.withdrawn);
  if (asked.offered == 0) return nobody_offered(r, type);
  const double kilotok = order.tok() / 1000.0;
  r.scratch.quote_price[row] = static_cast<float>(asked.price_sum / (static_cast<double>(asked.offered) * kilotok * m));
  if (asked.in_time == 0) return Refusal::deadline;
  std::array<dispatch::Candidate, kMaxCandidates> candidate;
  std::array<world::OrderLine, kMaxCandidates> line;
  std::array<std::uint8_t, kMaxCandidates> kept;
  std::size_t n = 0;
  for (std::size_t j = 0; j < asked.in_time; ++j) {
    const policy::Price price = policy::price_of(asked.line[j].items, true);
    if (posted_ && usd({price.price}) > order.wtp_usd) continue;  // a market decides for itself
    const auto& offer = asked.line[j].listing->offer;
    candidate[n] = asked.candidate[j];
    kept[n] = static_cast<std::uint8_t>(j);
    line[n++] = {offer.agent, offer.site, price.price, price.grant};
  }
  if (capped_) value_permits(r, row, asked, order, std::span(kept.data(), n));
  if (n == 0) return Refusal::price;
  std::array<std::uint8_t, kMaxCandidates> best;
  dispatch::rank(plan.scenario.balance, std::span(candidate.data(), n), {order.deadline_s, order.random_order, order.turn},
                 best);
  for (std::size_t j = 0; j < n; ++j) order.line[j] = line[best[j]];
  order.lines = static_cast<std::uint8_t>(n);
  if (!posted_) order.reserved = limit(r, order);
  return Refusal::none;
}

void Quoter::quote_rows(RegionState& r, std::size_t begin, std::size_t end) const {
  std::array<std::uint64_t, kBlockRows> request;
  std::array<RandomBlock, kBlockRows> draw;
  const std::size_t n = end - begin;
  for (std::size_t i = 0; i < n; ++i) request[i] = RequestId(r.id, r.scratch.requests.sequence[begin + i]).packed;
  random_.blocks(w_.step, std::span<const std::uint64_t>(request).first(n), 0, std::span(draw).first(n));
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t row = begin + i;
    if (const std::uint32_t held = r.scratch.requests.held_steps[row]; held > 0) draw[i] = random_.block(w_.step - held, request[i]);
    const std::uint8_t seats = r.scratch.seats[row];
    Refusal refusal = quote_row(r, row, draw[i], seats, r.scratch.quoted[row]);
    if (refusal != Refusal::none && seats > 1) refusal = quote_row(r, row, draw[i], 1, r.scratch.quoted[row]);
    r.scratch.quote_refusal[row] = refusal;
  }
}

Quoter::Deciding Quoter::deciding_quote(const RegionState& r, std::size_t row) const {
  const auto& q = r.scratch.requests;
  const Order& quoted = r.scratch.quoted[row];
  const Asked asked = ask(r, row, random_.block(quoted.arrival_step, RequestId(r.id, q.sequence[row]).packed), quoted.seats);
  Deciding best;
  if (asked.in_time == 0) return best;
  std::array<std::uint8_t, kMaxCandidates> order;
  dispatch::rank(w_.plan->scenario.balance, std::span(asked.candidate.data(), asked.in_time),
                 {quoted.deadline_s, quoted.random_order, quoted.turn}, order);
  std::size_t first = order[0];
  for (std::size_t j = 0; quoted.lines > 0 && j < asked.in_time; ++j) {
    const auto& offer = asked.line[j].listing->offer;
    if (offer.agent == quoted.line[0].agent && offer.site == quoted.line[0].site) first = j;
  }
  best.listing = asked.line[first].listing;
  best.items = asked.line[first].items;
  best.expected_delay_s = static_cast<double>(asked.candidate[first].delay_s);
  const auto& offer = best.listing->offer;
  const auto& site = w_.plan->sites[offer.site];
  const double service = site.seconds(quoted);
  best.footprint_g = priced_footprint_g(*w_.plan, rates_[offer.site], service, quoted.tok());
  return best;
}

}  // namespace engine
}  // namespace swarm
