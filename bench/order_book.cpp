/// The order book on a stream like an exchange's: 45 % orders that wait, 40 % cancellations of any resting order,
/// 15 % orders that trade, some hundreds of ticks about a price that moves. Items are events.
/// One command: `build/release/bench/bench_order_book`.
#include "sim/economy/order_book.hpp"

#include <benchmark/benchmark.h>

#include <functional>
#include <list>
#include <map>
#include <unordered_map>

#include "sim/core/distributions.hpp"
#include "sim/core/rng.hpp"

namespace {

using namespace swarm;
using namespace swarm::economy;

constexpr std::size_t kEvents = 1'000'000;

struct Event {
  std::uint64_t id;
  std::int64_t price;
  std::int32_t quantity;  ///< 0: cancel
  Side side;
};

/// A stream, and the book it starts from.
struct Flow {
  BookColumns start;
  std::vector<Event> events;
};

/// Draws a stream while carrying it out, so that what is cancelled rests and what should wait does not trade.
class Maker {
 public:
  Maker(std::size_t resting, std::int64_t spread) : wanted_(resting), spread_(spread) {}

  Flow make() {
    for (std::size_t i = 0; i < wanted_; ++i) wait(i % 2 == 0 ? Side::bid : Side::ask);
    Flow stream;
    for (std::size_t i = 0; i < kEvents; ++i) one();  // from a fan of orders to what the flow makes of it
    stream.start = book_.save();
    events_.clear();
    for (std::size_t i = 0; i < kEvents; ++i) one();
    stream.events = events_;
    return stream;
  }

 private:
  void one() {
    const std::uint32_t kind = uniform_below(draw_.word(), 100);
    if (events_.size() % 20'000 == 0) drift_ = uniform_below(draw_.word(), 41);
    if (kind < 45) return wait(draw_.word() % 2 == 0 ? Side::bid : Side::ask);
    if (kind < 85) return cancel();
    trade(uniform_below(draw_.word(), 100) < 30 + drift_ ? Side::bid : Side::ask);
  }
  std::int64_t best(Side side) const {
    const auto quote = book_.best(side), other = book_.best(opposite(side));
    const std::int64_t step = side == Side::bid ? -1 : 1;
    return quote ? quote->price : other ? other->price + step : 1'000'000 + step;
  }
  void submit(Side side, std::int64_t price, std::int32_t quantity) {
    const std::uint64_t id = next_++;
    trades_.clear();
    if (book_.submit(id, side, price, quantity, trades_) > 0) live_.push_back(id);
    events_.push_back({id, price, quantity, side});
  }
  void wait(Side side) {
    const auto away = 1 + static_cast<std::int64_t>(exponential(draw_.uniform()) * static_cast<double>(spread_));
    const std::int64_t price = best(opposite(side)) + (side == Side::bid ? -away : away);
    submit(side, price, 1 + static_cast<std::int32_t>(uniform_below(draw_.word(), 100)));
  }
  void trade(Side side) {  // large ones while the book is too full
    const std::uint32_t size = live_.size() > wanted_ ? 60 : 10;
    submit(side, best(opposite(side)), 1 + static_cast<std::int32_t>(uniform_below(draw_.word(), size)));
  }
  void cancel() {
    while (true) {
      const std::size_t i = uniform_below(draw_.word(), static_cast<std::uint32_t>(live_.size()));
      const std::uint64_t id = live_[i];
      live_[i] = live_.back();
      live_.pop_back();
      if (!book_.cancel(id)) continue;  // it has traded meanwhile
      events_.push_back({id, 0, 0, Side::bid});
      return;
    }
  }

  std::size_t wanted_;
  std::int64_t spread_;
  RandomSequence draw_{Random(1, Stream::experiment), 0, 0};
  OrderBook book_;
  std::vector<std::uint64_t> live_;
  std::vector<Event> events_;
  std::vector<Trade> trades_;
  std::uint64_t next_ = 1;
  std::uint32_t drift_ = 20;
};

/// The book as most write it: a map of lists for each side, and a hash table of where each order is.
class MapBook {
 public:
  void restore(const BookColumns& columns) {
    bids_.clear();
    asks_.clear();
    where_.clear();
    std::vector<Trade> none;
    for (std::size_t i = 0; i < columns.ids.size(); ++i)
      submit(columns.ids[i], Side{columns.sides[i]}, columns.prices[i], columns.quantities[i], none);
  }
  std::int64_t submit(std::uint64_t id, Side side, std::int64_t price, std::int64_t quantity,
                      std::vector<Trade>& trades) {
    return side == Side::bid ? match(bids_, asks_, {id, price, quantity, side}, trades)
                             : match(asks_, bids_, {id, price, quantity, side}, trades);
  }
  bool cancel(std::uint64_t id) {
    const auto found = where_.find(id);
    if (found == where_.end()) return false;
    if (found->second->side == Side::bid)
      erase(bids_, found->second);
    else
      erase(asks_, found->second);
    where_.erase(found);
    return true;
  }

 private:
  struct Order {
    std::uint64_t id;
    std::int64_t price, quantity;
    Side side;
  };
  using Queue = std::list<Order>;

  template <class Own, class Other>
  std::int64_t match(Own& own, Other& other, Order order, std::vector<Trade>& trades) {
    while (order.quantity > 0 && !other.empty() && !other.key_comp()(order.price, other.begin()->first)) {
      Queue& queue = other.begin()->second;
      Order& resting = queue.front();
      const std::int64_t traded = std::min(order.quantity, resting.quantity);
      trades.push_back({resting.id, order.id, resting.price, traded});
      order.quantity -= traded;
      resting.quantity -= traded;
      if (resting.quantity > 0) break;
      where_.erase(resting.id);
      queue.pop_front();
      if (queue.empty()) other.erase(other.begin());
    }
    if (order.quantity > 0) {
      Queue& queue = own[order.price];
      where_[order.id] = queue.insert(queue.end(), order);
    }
    return order.quantity;
  }
  template <class Levels>
  void erase(Levels& levels, Queue::iterator order) {
    const auto level = levels.find(order->price);
    level->second.erase(order);
    if (level->second.empty()) levels.erase(level);
  }

  std::map<std::int64_t, Queue, std::greater<>> bids_;
  std::map<std::int64_t, Queue> asks_;
  std::unordered_map<std::uint64_t, Queue::iterator> where_;
};

/// Arguments: how many orders rest, and the mean distance in ticks at which they wait from the other side's best.
template <class Book>
void stream(benchmark::State& state) {
  const Flow stream = Maker(static_cast<std::size_t>(state.range(0)), state.range(1)).make();
  Book book;
  std::vector<Trade> trades;
  std::size_t traded = 0;
  for (auto _ : state) {
    state.PauseTiming();
    book.restore(stream.start);
    state.ResumeTiming();
    for (const Event& event : stream.events) {
      if (event.quantity == 0) {
        book.cancel(event.id);
        continue;
      }
      trades.clear();
      book.submit(event.id, event.side, event.price, event.quantity, trades);
      traded += trades.size();
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(kEvents));
  state.counters["trades/event"] =
      static_cast<double>(traded) / static_cast<double>(state.iterations()) / static_cast<double>(kEvents);
  state.counters["resting"] = static_cast<double>(stream.start.ids.size());
}
BENCHMARK(stream<OrderBook>)->Args({10'000, 100})->Args({30'000, 100})->Args({100'000, 100})->Args({30'000, 10'000});
BENCHMARK(stream<MapBook>)->Args({10'000, 100})->Args({30'000, 100})->Args({100'000, 100})->Args({30'000, 10'000});

}  // namespace
