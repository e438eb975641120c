#include <algorithm>
#include <limits>

#include "sim/core/parallel.hpp"
#include "sim/dispatch/balance.hpp"
#include "sim/economy/ask.hpp"
#include "sim/engine/phases.hpp"

namespace swarm {
namespace engine {
namespace {

using dispatch::kMaxCandidates;
using world::Order;
using world::Refusal;
using world::RegionState;
using world::World;

/// What any seller of a site has to charge and what serving costs there, per second of service of one simulated
/// request (all its multiplicity).
struct SiteRate {
  double ask_usd_per_s = 0;  ///< before markup
  double grid_kwh_per_s = 0;
  float wait_s = 0;
  RegionId region;
};

std::vector<SiteRate> site_rates(const World& w) {
  std::vector<SiteRate> rates(w.plan->sites.size());
  const auto m = static_cast<double>(w.plan->multiplicity);
  for (const auto& notice : w.bulletin.sites) {
    const auto& site = w.plan->sites[notice.site];
    const double kwh = site.device.max_w * site.pue / kJoulesPerKwh;
    const economy::AskTerms terms{kwh, notice.price_usd_per_kwh, site.amortisation_usd_per_s, 1.0};
    rates[notice.site] = {economy::ask_usd(terms, 0.0) * notice.load_factor * m, kwh * m, notice.wait_s, site.region};
  }
  return rates;
}

/// The listings one request looks at: half of them at home, the rest elsewhere, each half spread evenly over its
/// list from a keyed start; more from one side where the other has too few.
class Sample {
 public:
  Sample(const world::Bulletin::Market& market, RegionId home, std::size_t wanted, const RandomBlock& draw) {
    const std::size_t first = market.first[home.value], last = market.first[home.value + 1u];
    const std::size_t here = last - first, away = market.listings.size() - here;
    const std::size_t from_away = std::min(away, std::max(wanted / 2, wanted - std::min(wanted, here)));
    const std::size_t from_here = std::min(here, wanted - from_away);
    take(first, here, from_here, draw[0], 0, 0);
    take(0, away, from_away, draw[1], first, here);
  }
  std::size_t size() const { return n_; }
  std::size_t operator[](std::size_t i) const { return rows_[i]; }

 private:
  void take(std::size_t first, std::size_t length, std::size_t wanted, std::uint32_t word, std::size_t hole,
            std::size_t hole_length) {
    if (wanted == 0) return;
    const double stride = static_cast<double>(length) / static_cast<double>(wanted);
    const double start = uniform_open(word) * stride;
    for (std::size_t j = 0; j < wanted; ++j) {
      std::size_t row = first + static_cast<std::size_t>(start + stride * static_cast<double>(j));
      if (row >= hole) row += hole_length;
      rows_[n_++] = row;
    }
  }
  std::array<std::size_t, kMaxCandidates> rows_{};
  std::size_t n_ = 0;
};

/// Quotes of one request: fills its order with the lines that can meet the deadline, best first. Nobody who quotes is
/// a lack of capacity.
struct Quoter {
  const World& w;
  const std::vector<SiteRate>& rates;
  const dispatch::BalanceParams& balance;
  std::size_t wanted;

  Refusal operator()(const RegionState& r, std::size_t row, const RandomBlock& draw, Order& order, float& price_sum) const {
    const auto& q = r.scratch.requests;
    const auto type = static_cast<std::size_t>(q.type[row]);
    order = {.offset_s = q.offset_s[row],
             .deadline_s = q.deadline_s[row],
             .sequence = q.sequence[row],
             .tok_in = q.tok_in[row],
             .tok_out = q.tok_out[row],
             .bank_item = q.bank_item[row],
             .random_order = draw[2],
             .turn = r.turns + static_cast<std::uint32_t>(row),
             .asker = r.id.value,
             .type = static_cast<std::uint8_t>(type),
             .bucket = static_cast<std::uint8_t>(workload::complexity_bucket(q.complexity[row]))};
    const auto& market = w.bulletin.markets[type];
    const Sample sample(market, r.id, wanted, draw);
    std::array<dispatch::Candidate, kMaxCandidates> candidate;
    std::array<world::OrderLine, kMaxCandidates> line;
    std::size_t n = 0;
    price_sum = 0;
    const auto m = static_cast<float>(w.plan->multiplicity);
    const float kilotok = static_cast<float>(q.tok_in[row] + q.tok_out[row]) / 1000.0f;
    for (std::size_t j = 0; j < sample.size(); ++j) {
      const auto& listing = market.listings[sample[j]];
      const SiteRate& rate = rates[listing.offer.site];
      const auto& site = w.plan->sites[listing.offer.site];
      const double service = site.service[type].seconds(order.tok_in, order.tok_out);
      const auto answer = static_cast<float>(service * site.answer_factor);
      const double price = rate.ask_usd_per_s * service * (1.0 + static_cast<double>(listing.offer.markup));
      const auto distance = static_cast<float>(w.plan->round_trip(r.id, RegionId{listing.region}));
      price_sum += static_cast<float>(price) / (kilotok * m);
      if (distance + answer > order.deadline_s) continue;
      candidate[n] = {.price_usd = static_cast<float>(price),
                      .delay_s = distance + rate.wait_s + answer,
                      .wait_s = rate.wait_s,
                      .round_trip_s = distance,
                      .energy_kwh = static_cast<float>(rate.grid_kwh_per_s * service),
                      .site = listing.offer.site,
                      .foreign = listing.region != r.id.value};
      line[n++] = {listing.offer.agent, listing.offer.site, micro_tkn_from_usd(price).value};
    }
    if (sample.size() == 0) return Refusal::capacity;
    price_sum /= static_cast<float>(sample.size());
    if (n == 0) return Refusal::deadline;
    std::array<std::uint8_t, kMaxCandidates> best;
    dispatch::rank(balance, std::span(candidate.data(), n),
                   {order.deadline_s, order.random_order, order.turn}, best);
    for (std::size_t j = 0; j < n; ++j) order.line[j] = line[best[j]];
    order.lines = static_cast<std::uint8_t>(n);
    return Refusal::none;
  }
};

/// Leaves only the lines the users can still pay and moves the dearest of them into escrow.
Refusal reserve(RegionState& r, Order& order) {
  const std::int64_t budget = r.ledger.balance(world::kUsersAccount).value;
  std::uint8_t kept = 0;
  for (std::uint8_t j = 0; j < order.lines; ++j)
    if (order.line[j].price <= budget) order.line[kept++] = order.line[j];
  order.lines = kept;
  if (kept == 0) return Refusal::budget;
  for (std::uint8_t j = 0; j < kept; ++j) order.reserved = std::max(order.reserved, order.line[j].price);
  r.ledger.transfer(world::kUsersAccount, world::kEscrowAccount, {order.reserved}, economy::Posting::escrow);
  return Refusal::none;
}

/// In order of arrival: budgets are spent, orders mailed, refusals counted.
void commit(World& w, RegionState& r) {
  double price_sum = 0;
  std::size_t quoted = 0;
  for (std::size_t k = 0; k < r.scratch.quoted.size(); ++k) {
    Order& order = r.scratch.quoted[k];
    Refusal refusal = r.scratch.quote_refusal[k];
    if (refusal != Refusal::capacity) {
      price_sum += static_cast<double>(r.scratch.quote_price[k]);
      ++quoted;
    }
    if (refusal == Refusal::none) refusal = reserve(r, order);
    if (refusal == Refusal::none) {
      const RegionId to = w.plan->sites[order.line[0].site].region;
      w.orders.from_to(r.id.value - w.first_region, to.value).push_back(order);
    } else {
      ++r.step.requests_rejected;
      ++(refusal == Refusal::budget     ? r.step.rejected_budget
         : refusal == Refusal::deadline ? r.step.rejected_deadline
                                        : r.step.rejected_capacity);
    }
  }
  r.turns += static_cast<std::uint32_t>(r.scratch.quoted.size());
  r.step.price_usd_per_kilotoken =
      quoted > 0 ? price_sum / static_cast<double>(quoted) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

void quote(World& w) {
  const auto& scenario = w.plan->scenario;
  const Random random(w.plan->seed, Stream::candidate);
  const auto rates = site_rates(w);
  const Quoter quoter{w, rates, scenario.balance, static_cast<std::size_t>(scenario.market.candidates)};
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    const std::size_t n = r.scratch.requests.size();
    r.scratch.quoted.resize(n);
    r.scratch.quote_refusal.resize(n);
    r.scratch.quote_price.resize(n);
    parallel_blocks(n, kBlockRows, [&](std::size_t begin, std::size_t end) {
      std::array<std::uint64_t, kBlockRows> request;
      std::array<RandomBlock, kBlockRows> draw;
      for (std::size_t k = begin; k < end; ++k)
        request[k - begin] = RequestId(r.id, r.scratch.requests.sequence[k]).packed;
      random.blocks(w.step, std::span(request).first(end - begin), 0, std::span(draw).first(end - begin));
      for (std::size_t k = begin; k < end; ++k)
        r.scratch.quote_refusal[k] = quoter(r, k, draw[k - begin], r.scratch.quoted[k], r.scratch.quote_price[k]);
    });
    commit(w, r);
  });
}

}  // namespace engine
}  // namespace swarm
