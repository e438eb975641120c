#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "sim/core/parallel.hpp"
#include "sim/economy/order_book.hpp"
#include "sim/engine/faults.hpp"
#include "sim/engine/market.hpp"
#include "sim/engine/markets.hpp"

namespace swarm {
namespace engine {
namespace {

using economy::Side;
using world::Order;
using world::RegionState;
using world::World;

/// Asks and bids of one book are told apart by this bit of their number.
constexpr std::uint64_t kAskBit = std::uint64_t{1} << 63;

/// One market's step: bids come when their requests arrive, specialists renew their asks at a moment of their own, and
/// whoever finds a partner trades at the price that stands in the book. A request is served whole by the specialist it
/// trades with. A site that has sold its time of the type for this step withdraws its asks.
class BookStep {
 public:
  BookStep(World& w, RegionState& r, const MarketView& view, std::size_t type)
      : w_(w), r_(r), view_(view), type_(type), s_(r.scratch.book), first_site_(w.plan->regions[r.id.value].first_site) {}

  void run() {
    open();
    for (const auto& [time, agent] : r_.ask_moments[type_]) {
      arrive_until(time);
      post(agent, time);
    }
    arrive_until(w_.plan->step_s);
    close();
  }

 private:
  /// What rests is entered anew, within this step's collar: asks as they stood, then bids in the order in which they came.
  void open() {
    s_.values.clear();
    s_.left.clear();
    for (std::size_t k = 0; k < r_.pools.size(); ++k) s_.left.push_back(view_.site_work(type_, k));
    s_.offers.assign(r_.pools.size(), 0);
    const std::int64_t low = r_.scratch.market[type_].low;
    economy::BookColumns& rested = s_.rested;
    rested.ids.clear(), rested.sides.clear(), rested.prices.clear(), rested.quantities.clear();
    for (std::size_t k = 0; k < r_.resting.size(); ++k) {
      if (r_.resting.type[k] != type_ || gate_of(w_, r_, agent_of(r_.resting.id[k])) == 0) continue;
      rested.ids.push_back(r_.resting.id[k]);
      rested.sides.push_back(static_cast<std::uint8_t>(Side::ask));
      rested.prices.push_back(std::max(r_.resting.price[k], low));
      rested.quantities.push_back(r_.resting.quantity[k]);
      s_.offers[site_of(agent_of(r_.resting.id[k]))] = 1;
    }
    s_.book.restore(rested);
    const std::size_t waiting = r_.waiting.size();
    for (std::size_t row = 0; row < waiting; ++row) {
      if (r_.waiting.type[row] != type_ || out_of_reach(row)) continue;
      const auto& o = r_.waiting;
      const std::int64_t on_top = o.premium[row] + o.transfer[row] - o.grant[row], work = o.work[row];
      const std::int64_t price = view_.bid(type_, o.reserved[row] - on_top, work);
      s_.values.push_back({MarketView::value(o.wtp_usd[row], on_top, work), work});
      if (const auto ask = open_ask(price)) {
        Order order = o.order(row);
        take(*ask, order, 0);
        r_.waiting.done[row] = 1;
      } else {
        s_.book.add(o.id[row], Side::bid, price, work);
      }
    }
    next_ = 0;
  }

  /// Whether a partition keeps the order from being answered: it waits for its end.
  bool out_of_reach(std::size_t row) const { return w_.cut(r_.id, RegionId{r_.waiting.asker[row]}); }

  static std::uint32_t agent_of(std::uint64_t ask) { return static_cast<std::uint32_t>(ask & ~kAskBit); }
  std::size_t site_of(std::uint32_t agent) const { return r_.agents.site[agent] - first_site_; }

  void arrive_until(double time) {
    const auto& arrivals = s_.arrivals[type_];
    for (; next_ < arrivals.size() && arrivals[next_].first <= time; ++next_) {
      if (next_ + kAhead < arrivals.size()) fetch(r_.scratch.inbox_orders[arrivals[next_ + kAhead].second]);
      bid(r_.scratch.inbox_orders[arrivals[next_].second]);
    }
  }

  /// Orders lie anywhere in the inbox: asks the memory for one that is soon needed. Its lines are not.
  static constexpr std::size_t kAhead = 6;
  static void fetch(const Order& order) {
    const auto* bytes = reinterpret_cast<const char*>(&order);
    for (std::size_t at = 0; at < offsetof(Order, line); at += 64) __builtin_prefetch(bytes + at);
  }

  void bid(Order& order) {
    ++r_.markets.orders_received[type_];
    view_.enter(order);
    const std::int64_t price = view_.bid(order);
    if (price < 0) return refuse(w_, r_, order, world::Refusal::price, 0);
    s_.values.push_back({view_.value(order), order.work});
    figures_.demanded += order.work;
    if (const auto ask = open_ask(price)) return take(*ask, order, order.offset_s);
    const std::uint64_t id = r_.next_bid++;
    r_.waiting.push(id, order);
    s_.book.add(id, Side::bid, price, order.work);
  }

  /// The best ask, if this bid reaches it and its site has time left; asks of sites that have none are withdrawn.
  std::optional<economy::RestingOrder> open_ask(std::int64_t price) {
    for (auto best = s_.book.best(Side::ask); best && best->price <= price; best = s_.book.best(Side::ask)) {
      if (s_.left[site_of(agent_of(best->id))] > 0) return best;
      s_.book.cancel(best->id);
    }
    return std::nullopt;
  }

  void take(const economy::RestingOrder& ask, Order& order, double time) {
    s_.book.take(ask.id, order.work);
    sell(order, agent_of(ask.id), ask.price, time);
  }

  /// The specialist takes back what is left of its last ask and offers its lot anew, as far as its site has time left.
  void post(std::uint32_t agent, double time) {
    const std::uint64_t id = kAskBit | agent;
    const auto old = s_.book.find(id);
    const std::int64_t left = old ? old->quantity : 0;
    if (r_.agents.posted[agent] > 0 && left == r_.agents.posted[agent] && last_price() > 0)
      hear(w_, r_, view_, type_, agent, {economy::Shout::bid, true, last_price()}, true, heard_++);
    s_.book.cancel(id);
    const std::int64_t& time_left = s_.left[site_of(agent)];
    std::int64_t work = std::clamp<std::int64_t>(time_left, 0, view_.lot(type_, agent));
    r_.agents.posted[agent] = work;
    if (work == 0) return;
    figures_.offered += work;
    s_.offers[site_of(agent)] = 1;
    const std::int64_t price = view_.ask(type_, agent, 0);
    for (auto best = s_.book.best(Side::bid); work > 0 && time_left > 0 && best && best->price >= price;
         best = s_.book.best(Side::bid)) {
      const std::size_t row = r_.waiting.row(best->id);
      s_.book.cancel(best->id);
      Order order = r_.waiting.order(row);
      r_.waiting.done[row] = 1;
      if (patience_end(row) < time) {
        refuse(w_, r_, order, world::Refusal::capacity, price_heard());
        continue;
      }
      sell(order, agent, best->price, time);
      work -= order.work;
    }
    // A bid may still reach it where the site has no time left: then the ask is withdrawn at once.
    if (work > 0 && time_left > 0) s_.book.add(id, Side::ask, price, work);
  }

  void sell(Order& order, std::uint32_t agent, std::int64_t price, double time) {
    s_.left[site_of(agent)] -= order.work;
    order.price = price;
    order.gross = gross_at(price, order.work);
    order.ready_s = time;
    order.lines = 1;
    order.line[0] = {agent, r_.agents.site[agent], order.reserved, order.grant};
    ++r_.markets.orders_admitted[type_];
    last_ = price;
    figures_.volume += order.work;
    figures_.paid += Int128{price} * order.work;
    figures_.surplus += Int128{view_.value(order) - view_.cost_of(type_, agent)} * order.work;
    r_.scratch.admitted.push_back(order);
    hear(w_, r_, view_, type_, agent, {economy::Shout::bid, true, price}, false, heard_++);
  }

  /// Until when, in seconds of this step, an order in the book can still be served by its deadline: by the quickest site.
  double patience_end(std::size_t row) const {
    const auto& plan = *w_.plan;
    const auto& o = r_.waiting;
    const auto& info = plan.regions[r_.id.value];
    const Order order = o.order(row);
    double quickest = std::numeric_limits<double>::infinity();
    for (std::uint32_t k = 0; k < info.sites; ++k) {
      const auto& site = plan.sites[info.first_site + k];
      quickest = std::min(quickest, site.seconds(order) * site.answer_factor);
    }
    const double arrival = plan.step_s * o.asked_step[row] - w_.now() + o.offset_s[row];
    return arrival + static_cast<double>(o.deadline_s[row]) -
           plan.network_s(RegionId{o.asker[row]}, r_.id, static_cast<double>(order.tok_in) + order.tok_out) - quickest;
  }

  /// The last price of the step, or the best bid in the book.
  std::int64_t price_heard() const {
    if (last_ > 0) return last_;
    const auto best = s_.book.best(Side::bid);
    return best ? best->price : 0;
  }

  std::int64_t last_price() const { return last_ > 0 ? last_ : r_.markets.reference[type_]; }

  /// Bids whose time is up go home; the rest of the book is kept for the next step.
  void close() {
    const bool nobody = s_.book.depth(Side::ask) == 0;
    for (std::size_t row = 0; row < r_.waiting.size(); ++row) {
      if (r_.waiting.type[row] != type_ || r_.waiting.done[row] != 0 || out_of_reach(row)) continue;
      if (patience_end(row) >= w_.plan->step_s) continue;
      s_.book.cancel(r_.waiting.id[row]);
      refuse(w_, r_, r_.waiting.order(row), nobody ? world::Refusal::capacity : world::Refusal::price, price_heard());
      r_.waiting.done[row] = 1;
    }
    const auto best_bid = s_.book.best(Side::bid), best_ask = s_.book.best(Side::ask);
    count_limits(r_, type_, best_bid ? best_bid->price : 0, best_ask ? best_ask->price : 0);
    s_.book.for_each(Side::ask, [&](const economy::RestingOrder& ask) {
      s_.asks.push(type_, ask);
      return true;
    });
    find_best_surplus();
    count_figures(w_, r_, type_, figures_);
  }

  /// Of all who bid in the step, against the time of the sites whose specialists asked.
  void find_best_surplus() {
    s_.costs.clear();
    for (const std::uint32_t agent : r_.agents_of_type[type_]) {
      const std::size_t k = site_of(agent);
      if (s_.offers[k] == 0) continue;
      s_.offers[k] = 0;
      const std::int64_t work = view_.site_work(type_, k);
      s_.costs.push_back({view_.cost_of(type_, agent), std::max(work, work - s_.left[k])});
    }
    s_.filled_bids.resize(s_.values.size());
    s_.filled_asks.resize(s_.costs.size());
    figures_.best_surplus =
        economy::clear_uniform(s_.values, s_.costs, 0.5, s_.filled_bids, s_.filled_asks, s_.clearing).surplus;
  }

  World& w_;
  RegionState& r_;
  const MarketView& view_;
  std::size_t type_;
  world::BookScratch& s_;
  std::uint32_t first_site_;
  std::size_t next_ = 0;
  std::int64_t last_ = 0;    ///< price of the step's last trade; 0: none
  std::uint32_t heard_ = 0;  ///< prices that specialists heard
  MarketFigures figures_;
};

/// The inbox by problem type, in order of arrival.
void sort_arrivals(RegionState& r) {
  sort_inbox(r);
  auto& arrivals = r.scratch.book.arrivals;
  for (auto& list : arrivals) list.clear();
  auto& row = r.scratch.by_arrival;
  const auto& inbox = r.scratch.inbox_orders;
  r.scratch.book.types.resize(inbox.size());
  for (std::size_t k = 0; k < inbox.size(); ++k) r.scratch.book.types[k] = inbox[k].type;
  for (const auto& one : row) arrivals[r.scratch.book.types[one.second]].push_back(one);
}

}  // namespace

void trade_in_books(World& w) {
  const auto rates = site_rates(w);
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    open_markets(w, r);
    const MarketView view(w, r, rates);
    r.waiting.done.assign(r.waiting.size(), 0);
    sort_arrivals(r);
    std::apply([](auto&... column) { (column.clear(), ...); }, r.scratch.book.asks.columns());
    for (std::size_t type = 0; type < workload::kProblemTypes; ++type) BookStep(w, r, view, type).run();
    r.waiting.forget_done();
    std::swap(r.resting, r.scratch.book.asks);
    r.scratch.inbox_orders.clear();
  });
}

}  // namespace engine
}  // namespace swarm
