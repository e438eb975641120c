#include <algorithm>
#include <functional>
#include <limits>

#include "sim/core/parallel.hpp"
#include "sim/economy/call_auction.hpp"
#include "sim/economy/mechanism.hpp"
#include "sim/engine/market.hpp"
#include "sim/engine/markets.hpp"

namespace swarm {
namespace engine {
namespace {

using economy::LimitOrder;
using economy::Mechanism;
using world::Order;
using world::RegionState;
using world::World;

/// One auction: the orders of one problem type that one region received in one round of trade, and the lots of its
/// specialists of that type.
class CallAuction {
 public:
  CallAuction(World& w, RegionState& r, const MarketView& view, std::size_t type)
      : w_(w), r_(r), view_(view), type_(type), s_(r.scratch.call) {}

  void hold() {
    collect_bids();
    collect_asks();
    clear();
    make_whole();
    count_figures(w_, r_, type_, figures());
    sell_lots();
    admit_or_pass_on();
    learn();
  }

 private:
  /// The type's orders in order of arrival.
  void collect_bids() {
    s_.bids.clear();
    s_.values.clear();
    s_.rows.clear();
    for (const auto& [offset, k] : r_.scratch.by_arrival) {
      Order& order = r_.scratch.inbox_orders[k];
      if (order.type != type_) continue;
      ++r_.markets.orders_received[type_];
      view_.enter(order);
      const std::int64_t price = view_.bid(order);
      if (price < 0) {
        pass_on(w_, r_, order, world::Refusal::price, 0);
        continue;
      }
      s_.bids.push_back({price, order.work});
      s_.values.push_back({view_.value(order), order.work});
      s_.rows.push_back(k);
    }
  }

  /// From a random specialist on, since equal asks sell in order of rows.
  void collect_asks() {
    s_.asks.clear();
    s_.costs.clear();
    s_.sellers.clear();
    const auto& agents = r_.agents_of_type[type_];
    const RandomBlock draw =
        Random(w_.plan->seed, Stream::ask).block(w_.step, world::users_as_bidder(r_.id, type_), w_.round);
    const std::size_t first = uniform_below(draw[0], static_cast<std::uint32_t>(agents.size()));
    for (std::size_t j = 0; j < agents.size(); ++j) {
      const std::uint32_t agent = agents[first + j < agents.size() ? first + j : first + j - agents.size()];
      const std::int64_t work = view_.lot(type_, agent);
      if (work == 0) continue;
      s_.asks.push_back({view_.ask(type_, agent, w_.round), work});
      s_.costs.push_back({view_.cost_of(type_, agent), work});
      s_.sellers.push_back(agent);
    }
  }

  void clear() {
    const auto& market = w_.plan->scenario.market;
    s_.filled_bids.resize(s_.bids.size());
    s_.filled_asks.resize(s_.asks.size());
    const double k = market.mechanism == Mechanism::second_price ? 0.0 : market.price_share;
    outcome_ = economy::clear_uniform(s_.bids, s_.asks, k, s_.filled_bids, s_.filled_asks, s_.clearing);
    if (market.mechanism == Mechanism::vcg)
      charge_externalities();
    count_limits(r_, type_, best(s_.bids, std::greater<>{}), best(s_.asks, std::less<>{}));
  }

  /// A request is whole: the seller with the dearest lot sold also sells the rest of the one that lots would serve in
  /// part. It may have no such time to spare; that is backlog when the next step divides spare time.
  void make_whole() {
    partly_ = kNone;
    for (std::size_t i = 0; i < s_.bids.size() && partly_ == kNone; ++i)
      if (s_.filled_bids[i] > 0 && s_.filled_bids[i] < s_.bids[i].quantity) partly_ = i;
    if (partly_ == kNone) return;
    std::size_t last = kNone;
    for (std::size_t j = 0; j < s_.asks.size(); ++j)
      if (s_.filled_asks[j] > 0 && (last == kNone || s_.asks[j].price >= s_.asks[last].price)) last = j;
    served_of_part_ = s_.filled_bids[partly_];
    s_.filled_asks[last] += s_.bids[partly_].quantity - served_of_part_;
    s_.filled_bids[partly_] = s_.bids[partly_].quantity;
    s_.costs[last].quantity = std::max(s_.costs[last].quantity, s_.filled_asks[last]);  // it could have been offered
  }

  /// The best price of a side, 0 if nobody is on it.
  template <class Better>
  static std::int64_t best(const std::vector<LimitOrder>& side, Better better) {
    std::int64_t price = side.empty() ? 0 : side.front().price;
    for (const LimitOrder& order : side)
      if (better(order.price, price)) price = order.price;
    return price;
  }

  void charge_externalities() {
    s_.all.clear();
    for (const auto& bid : s_.bids) s_.all.push_back({economy::Side::bid, bid});
    for (const auto& ask : s_.asks) s_.all.push_back({economy::Side::ask, ask});
    s_.settlements.resize(s_.all.size());
    economy::clear_market(economy::Mechanism::vcg, s_.all, s_.settlements);
    for (std::size_t j = 0; j < s_.asks.size(); ++j)
      if (s_.filled_asks[j] > 0) dearest_sold_ = std::max(dearest_sold_, s_.asks[j].price);
  }

  /// What a bid that was filled pays in all [µTKN × millionths]. In vcg its externality, but never less per unit than the
  /// dearest ask sold: whoever serves it does not lose, and a bid that was filled is worth that much.
  Int128 paid(std::size_t bid) const {
    const std::int64_t quantity = s_.bids[bid].quantity;
    switch (w_.plan->scenario.market.mechanism) {
      case Mechanism::pay_as_bid: return Int128{s_.bids[bid].price} * quantity;
      case Mechanism::vcg: {
        const Int128 owed = s_.settlements[bid].payment;
        return std::max(bid == partly_ ? owed * quantity / served_of_part_ : owed, Int128{dearest_sold_} * quantity);
      }
      default: return Int128{outcome_.price} * quantity;
    }
  }

  /// Lots of one site in a row: assign() takes them from the back.
  void sell_lots() {
    const auto& info = w_.plan->regions[r_.id.value];
    for (std::size_t j = 0; j < s_.sellers.size(); ++j) {
      if (s_.filled_asks[j] == 0) continue;
      const std::uint32_t agent = s_.sellers[j], site = r_.agents.site[agent] - info.first_site;
      r_.scratch.sold[world::lots_row(w_.round, type_, site, info.sites)].push_back({agent, s_.filled_asks[j]});
      const double work = static_cast<double>(s_.filled_asks[j]) / static_cast<double>(kWorkUnits);
      r_.scratch.fluid_free_s[site] += work * view_.cost(type_, site).seconds;
    }
  }

  void admit_or_pass_on() {
    const std::int64_t price = outcome_.traded ? outcome_.price : best(s_.bids, std::greater<>{});
    for (std::size_t i = 0; i < s_.bids.size(); ++i) {
      Order& order = r_.scratch.inbox_orders[s_.rows[i]];
      if (s_.filled_bids[i] > 0) {
        order.price = outcome_.price;
        order.gross = whole_price(paid(i));
        ++r_.markets.orders_admitted[type_];
        r_.scratch.admitted.push_back(order);
      } else {
        const bool left_over = s_.asks.empty() || (outcome_.traded && s_.bids[i].price > outcome_.price);
        pass_on(w_, r_, order, left_over ? world::Refusal::capacity : world::Refusal::price, price);
      }
    }
  }

  MarketFigures figures() {
    MarketFigures f;
    for (std::size_t i = 0; i < s_.bids.size(); ++i) {
      f.demanded += s_.bids[i].quantity;
      if (s_.filled_bids[i] == 0) continue;
      f.volume += s_.bids[i].quantity;
      f.surplus += Int128{s_.values[i].price} * s_.values[i].quantity;
      f.paid += Int128{outcome_.price} * s_.bids[i].quantity;  // not what each pays: high bids would lift the collar
    }
    for (std::size_t j = 0; j < s_.asks.size(); ++j) {
      f.offered += s_.asks[j].quantity;
      f.surplus -= Int128{s_.costs[j].price} * s_.filled_asks[j];
    }
    s_.filled_at_best_bids.resize(s_.bids.size());
    s_.filled_at_best_asks.resize(s_.asks.size());
    f.best_surplus = economy::clear_uniform(s_.values, s_.costs, 0.5, s_.filled_at_best_bids, s_.filled_at_best_asks,
                                            s_.clearing).surplus;
    return f;
  }

  /// Specialists hear the price, or, where nothing was sold, the best that one of them asked.
  void learn() {
    const economy::Heard heard{economy::Shout::call, outcome_.traded,
                               outcome_.traded ? outcome_.price : best(s_.asks, std::less<>{})};
    for (std::size_t j = 0; j < s_.sellers.size(); ++j)
      hear(w_, r_, view_, type_, s_.sellers[j], heard, s_.filled_asks[j] < s_.asks[j].quantity, w_.round);
  }

  World& w_;
  RegionState& r_;
  const MarketView& view_;
  std::size_t type_;
  world::CallSides& s_;
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  economy::Clearing outcome_;
  std::size_t partly_ = kNone;       ///< the bid that lots would serve in part
  std::int64_t served_of_part_ = 0;  ///< and how much of it
  std::int64_t dearest_sold_ = 0;    ///< ask; for vcg
};

}  // namespace

void hold_call_auctions(World& w) {
  const auto rates = site_rates(w);
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    if (w.round == 0) open_markets(w, r);
    const MarketView view(w, r, rates);
    sort_inbox(r);
    for (std::size_t type = 0; type < workload::kProblemTypes; ++type) CallAuction(w, r, view, type).hold();
    r.scratch.inbox_orders.clear();
  });
}

}  // namespace engine
}  // namespace swarm
