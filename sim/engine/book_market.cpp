#include <algorithm>
#include <limits>

#include "sim/core/parallel.hpp"
#include "sim/economy/order_book.hpp"
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
/// trades with.
class BookStep {
 public:
  BookStep(World& w, RegionState& r, const MarketView& view, std::size_t type)
      : w_(w), r_(r), view_(view), type_(type), s_(r.scratch.book) {}

  void run() {
    open();
    for (const auto& [time, agent] : s_.posts) {
      arrive_until(time);
      post(agent, time);
    }
    arrive_until(w_.plan->step_s);
    close();
  }

 private:
  /// The book as the last step left it, this step's bids, and when each specialist renews its ask.
  void open() {
    s_.book.restore(r_.resting.book(type_));
    s_.values.clear();
    s_.costs.clear();
    s_.book.for_each(Side::bid, [&](const economy::RestingOrder& bid) {
      s_.values.push_back({view_.value(r_.waiting.order(r_.waiting.row(bid.id))), bid.quantity});
      return true;
    });
    s_.book.for_each(Side::ask, [&](const economy::RestingOrder& ask) {
      s_.costs.push_back({view_.cost_of(type_, agent_of(ask.id)), ask.quantity});
      return true;
    });
    s_.arrivals.clear();
    for (const auto& [offset, k] : r_.scratch.by_arrival)
      if (r_.scratch.inbox_orders[k].type == type_) s_.arrivals.push_back(k);
    next_ = 0;
    const Random moment(w_.plan->seed, Stream::ask_moment);
    s_.posts.clear();
    for (const std::uint32_t agent : r_.agents_of_type[type_])
      s_.posts.emplace_back(uniform_open(moment.block(0, AgentId(r_.id, agent).packed)[0]) * w_.plan->step_s, agent);
    std::sort(s_.posts.begin(), s_.posts.end());
  }

  static std::uint32_t agent_of(std::uint64_t ask) { return static_cast<std::uint32_t>(ask & ~kAskBit); }

  void arrive_until(double time) {
    for (; next_ < s_.arrivals.size(); ++next_) {
      Order& order = r_.scratch.inbox_orders[s_.arrivals[next_]];
      if (order.offset_s > time) return;
      bid(order);
    }
  }

  void bid(Order& order) {
    ++r_.markets.orders_received[type_];
    view_.enter(order);
    const std::int64_t price = view_.bid(order);
    if (price < 0) return refuse(w_, r_, order, world::Refusal::price, 0);
    s_.values.push_back({view_.value(order), order.work});
    figures_.demanded += order.work;
    const auto best = s_.book.best(Side::ask);
    if (best && best->price <= price) {
      const std::int64_t had = s_.book.take(best->id, order.work);
      sell(order, agent_of(best->id), best->price, order.offset_s, had);
      return;
    }
    const std::uint64_t id = r_.next_bid++;
    r_.waiting.push(id, order);
    s_.book.add(id, Side::bid, price, order.work);
  }

  /// The specialist takes back what is left of its last ask and offers its lot anew.
  void post(std::uint32_t agent, double time) {
    const std::uint64_t id = kAskBit | agent;
    const auto old = s_.book.find(id);
    const std::int64_t left = old ? old->quantity : 0;
    if (r_.agents.posted[agent] > 0 && left == r_.agents.posted[agent] && last_price() > 0)
      hear(w_, r_, view_, type_, agent, {economy::Shout::bid, true, last_price()}, true);
    s_.book.cancel(id);
    std::int64_t work = after_oversold(r_, agent, view_.lot(type_, agent));
    r_.agents.posted[agent] = work;
    if (work == 0) return;
    figures_.offered += work;
    s_.costs.push_back({view_.cost_of(type_, agent), work});
    const std::int64_t price = view_.ask(type_, agent, 0);
    for (auto best = s_.book.best(Side::bid); work > 0 && best && best->price >= price; best = s_.book.best(Side::bid)) {
      const std::size_t row = r_.waiting.row(best->id);
      s_.book.cancel(best->id);
      Order order = r_.waiting.order(row);
      if (patience_end(order) < time) {
        refuse(w_, r_, order, world::Refusal::capacity, price_heard());
        r_.waiting.done[row] = 1;
        continue;
      }
      r_.waiting.done[row] = 1;
      sell(order, agent, best->price, time, std::min(work, order.work));
      work -= order.work;
    }
    if (work > 0) s_.book.add(id, Side::ask, price, work);
  }

  /// `had`: how much of the order's work the specialist still had to sell.
  void sell(Order& order, std::uint32_t agent, std::int64_t price, double time, std::int64_t had) {
    if (order.work > had) {
      r_.agents.oversold[agent] += order.work - had;
      s_.costs.push_back({view_.cost_of(type_, agent), order.work - had});  // it could have been offered
    }
    order.price = price;
    order.gross = gross_at(price, order.work);
    order.ready_s = time;
    order.lines = 1;
    order.line[0] = {agent, r_.agents.site[agent], order.reserved, order.grant};
    ++r_.markets.orders_admitted[type_];
    r_.scratch.admitted.push_back(order);
    figures_.price = price;
    figures_.volume += order.work;
    figures_.surplus += Int128{view_.value(order) - view_.cost_of(type_, agent)} * order.work;
    hear(w_, r_, view_, type_, agent, {economy::Shout::bid, true, price}, false);
  }

  /// Until when, in seconds of this step, an order in the book can still be served by its deadline: by the quickest site.
  double patience_end(const Order& order) const {
    const auto& plan = *w_.plan;
    const auto& info = plan.regions[r_.id.value];
    double quickest = std::numeric_limits<double>::infinity();
    for (std::uint32_t k = 0; k < info.sites; ++k) {
      const auto& site = plan.sites[info.first_site + k];
      quickest = std::min(quickest, site.service[type_].seconds(order.tok_in, order.tok_out) * site.answer_factor);
    }
    const double arrival = plan.step_s * order.arrival_step - w_.now() + order.offset_s;
    return arrival + static_cast<double>(order.deadline_s) - plan.round_trip(RegionId{order.asker}, r_.id) - quickest;
  }

  /// The last price of the step, or the best bid in the book.
  std::int64_t price_heard() const {
    if (figures_.price > 0) return figures_.price;
    const auto best = s_.book.best(Side::bid);
    return best ? best->price : 0;
  }

  std::int64_t last_price() const { return figures_.price > 0 ? figures_.price : r_.markets.reference[type_]; }

  /// Bids whose time is up go home; the rest of the book is kept for the next step.
  void close() {
    const bool nobody = s_.book.depth(Side::ask) == 0;
    for (std::size_t row = 0; row < r_.waiting.size(); ++row) {
      if (r_.waiting.type[row] != type_ || r_.waiting.done[row] != 0) continue;
      const Order order = r_.waiting.order(row);
      if (patience_end(order) >= w_.plan->step_s) continue;
      s_.book.cancel(r_.waiting.id[row]);
      refuse(w_, r_, order, nobody ? world::Refusal::capacity : world::Refusal::price, price_heard());
      r_.waiting.done[row] = 1;
    }
    const auto best_bid = s_.book.best(Side::bid), best_ask = s_.book.best(Side::ask);
    move_reference(r_, view_, type_, figures_.price, best_bid ? best_bid->price : 0, best_ask ? best_ask->price : 0);
    s_.books[type_] = s_.book.save();
    s_.filled_bids.resize(s_.values.size());
    s_.filled_asks.resize(s_.costs.size());
    figures_.best_surplus =
        economy::clear_uniform(s_.values, s_.costs, 0.5, s_.filled_bids, s_.filled_asks, s_.clearing).surplus;
    count_figures(w_, r_, type_, figures_);
  }

  World& w_;
  RegionState& r_;
  const MarketView& view_;
  std::size_t type_;
  world::BookScratch& s_;
  std::size_t next_ = 0;
  MarketFigures figures_;
};

}  // namespace

void trade_in_books(World& w) {
  const auto rates = site_rates(w);
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    const MarketView view(w, r, rates);
    r.waiting.done.assign(r.waiting.size(), 0);
    sort_inbox(r);
    for (std::size_t type = 0; type < workload::kProblemTypes; ++type) BookStep(w, r, view, type).run();
    r.waiting.forget_done();
    r.resting.keep(r.scratch.book.books);
    r.scratch.inbox_orders.clear();
  });
}

}  // namespace engine
}  // namespace swarm
