#include "sim/economy/order_book.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>

#include "sim/core/rng.hpp"

/// The order book against one kept in the most obvious way, through long random streams.
namespace swarm::economy {
namespace {

constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

/// What may go wrong; the comparison must tell each from the book.
enum class Fault {
  none,
  latest_first,
  at_incoming_price,
  remainder_lost,
  remainder_at_best,
  worst_price_first,
  only_one_trade,
  touching_prices_wait,
  reduced_goes_last,
  take_ignores_quantity,
  cancels_anything,
};
constexpr int kFaults = static_cast<int>(Fault::cancels_anything);

/// Each side is one list in priority order.
class NaiveBook {
 public:
  explicit NaiveBook(Fault fault) : fault_(fault) {}

  std::int64_t submit(std::uint64_t id, Side side, std::int64_t price, std::int64_t quantity,
                      std::vector<Trade>& trades) {
    std::vector<RestingOrder>& other = orders[opposite(side)];
    bool first = true;
    while (quantity > 0 && !other.empty()) {
      const auto resting = fault_ == Fault::worst_price_first ? other.end() - 1 : other.begin();
      const bool touches = resting->price == price && fault_ != Fault::touching_prices_wait;
      if (!touches && !better(side, price, resting->price)) break;
      const std::int64_t traded = std::min(quantity, resting->quantity);
      trades.push_back({resting->id, id, fault_ == Fault::at_incoming_price ? price : resting->price, traded});
      quantity -= traded;
      if ((resting->quantity -= traded) == 0) other.erase(resting);
      if (fault_ == Fault::only_one_trade && first) break;
      first = false;
    }
    if (fault_ == Fault::remainder_lost && !trades.empty()) return 0;
    if (fault_ == Fault::remainder_at_best && !trades.empty()) price = trades.back().price;
    if (quantity > 0) insert({id, side, price, quantity});
    return quantity;
  }
  bool cancel(std::uint64_t id) {
    return change(id, [](std::int64_t) { return 0; }) || fault_ == Fault::cancels_anything;
  }
  bool reduce(std::uint64_t id, std::int64_t quantity) {
    const RestingOrder* order = find(id);
    if (order == nullptr || order->quantity < quantity) return false;
    const RestingOrder before = *order;
    change(id, [&](std::int64_t) { return fault_ == Fault::reduced_goes_last ? 0 : quantity; });
    if (fault_ == Fault::reduced_goes_last && quantity > 0) insert({id, before.side, before.price, quantity});
    return true;
  }
  std::int64_t take(std::uint64_t id, std::int64_t quantity) {
    std::int64_t taken = 0;
    change(id, [&](std::int64_t had) {
      taken = fault_ == Fault::take_ignores_quantity ? had : std::min(had, quantity);
      return had - taken;
    });
    return taken;
  }
  const RestingOrder* find(std::uint64_t id) {
    for (auto& [side, list] : orders)
      for (RestingOrder& order : list)
        if (order.id == id) return &order;
    return nullptr;
  }

  std::map<Side, std::vector<RestingOrder>> orders{{Side::bid, {}}, {Side::ask, {}}};

 private:
  static bool better(Side side, std::int64_t a, std::int64_t b) { return side == Side::bid ? a > b : a < b; }

  void insert(const RestingOrder& order) {
    std::vector<RestingOrder>& list = orders[order.side];
    const auto place = std::ranges::find_if(list, [&](const RestingOrder& waiting) {
      return better(order.side, order.price, waiting.price) ||
             (fault_ == Fault::latest_first && order.price == waiting.price);
    });
    list.insert(place, order);
  }
  template <class Left>
  bool change(std::uint64_t id, Left&& left) {
    for (auto& [side, list] : orders)
      for (auto order = list.begin(); order != list.end(); ++order) {
        if (order->id != id) continue;
        order->quantity = left(order->quantity);
        if (order->quantity == 0) list.erase(order);
        return true;
      }
    return false;
  }

  Fault fault_;
};

enum class Prices { tied, near, drifting, jumping, anywhere, ends };
enum class Ids { counted, reused, packed };

struct Regime {
  const char* name;
  Prices prices;
  Ids ids;
  std::int64_t most_quantity;
  std::uint32_t submit, cancel, reduce, take, stranger;  ///< weights; a stranger does not rest
};
constexpr Regime kRegimes[] = {
    {"tied", Prices::tied, Ids::counted, 20, 50, 20, 5, 5, 5},
    {"near", Prices::near, Ids::packed, 100, 50, 20, 5, 5, 5},
    {"drifting", Prices::drifting, Ids::counted, 50, 50, 20, 5, 5, 0},
    {"jumping", Prices::jumping, Ids::packed, kHighest, 50, 25, 5, 5, 5},
    {"anywhere", Prices::anywhere, Ids::reused, 1000, 50, 25, 5, 5, 5},
    {"ends", Prices::ends, Ids::reused, 3, 60, 20, 5, 5, 5},
    {"strangers", Prices::near, Ids::reused, 100, 30, 15, 5, 5, 50},
};

/// One book and its naive twin through the same stream.
class Comparison {
 public:
  Comparison(const Regime& regime, std::uint64_t seed, Fault fault)
      : regime_(regime), draw_(Random(seed, Stream::experiment), 2, 0), naive_(fault) {}

  /// The number of the first event after which they differ, or −1.
  int run(int events) {
    for (int n = 0; n < events; ++n) {
      if (!one_event()) return n;
      if (n % 1000 == 999 && !same_books()) return n;
      if (draw_.word() % 5000 == 0) resume();
      if (draw_.word() % 100'000 == 0) {
        book_.clear();
        naive_.orders[Side::bid].clear();
        naive_.orders[Side::ask].clear();
      }
    }
    return same_books() ? -1 : events;
  }
  std::size_t trades = 0, most_resting = 0;

 private:
  std::uint32_t below(std::uint32_t n) { return uniform_below(draw_.word(), n); }
  std::int64_t wide() { return static_cast<std::int64_t>((std::uint64_t{draw_.word()} << 32 | draw_.word()) >> 1); }

  /// Overlaps with the other side's prices, so that some orders trade and most wait.
  std::int64_t price(Side side) {
    const bool sell = side == Side::ask;
    switch (regime_.prices) {
      case Prices::tied: return below(6) + (sell ? 4 : 0);
      case Prices::near: return 100'000 + below(300) + (sell ? 200 : 0);
      case Prices::drifting: return (drift_ += below(41)) + below(5000) + (sell ? 4000 : 0) - 20 * ++drawn_;
      case Prices::jumping: {
        if (below(3) == 0) return sell ? kHighest - (wide() >> below(63)) : wide() >> below(63);
        return 5000 * std::int64_t{below(4)} + below(20) + (sell ? 10'000 : 0);
      }
      case Prices::anywhere: return sell ? wide() / 4 * 3 + kHighest / 4 : wide() / 4 * 3;
      case Prices::ends: break;
    }
    constexpr std::array<std::int64_t, 8> kEnds{0, 1, 4095, 4096, kHighest - 4096, kHighest - 4095, kHighest - 1,
                                               kHighest};
    return kEnds[below(6) + (sell ? 2 : 0)];
  }
  std::uint64_t new_id() {
    while (true) {
      std::uint64_t id = counter_++;
      if (regime_.ids == Ids::reused) id = below(1000);
      if (regime_.ids == Ids::packed) id = (std::uint64_t{below(50)} << 48) | (counter_ / 40);
      if (naive_.find(id) == nullptr) return id;
    }
  }
  std::uint64_t some_id() {
    const std::size_t bids = naive_.orders[Side::bid].size(), all = bids + naive_.orders[Side::ask].size();
    if (all == 0) return new_id();
    const std::size_t i = below(static_cast<std::uint32_t>(all));
    return i < bids ? naive_.orders[Side::bid][i].id : naive_.orders[Side::ask][i - bids].id;
  }
  std::int64_t quantity() { return regime_.most_quantity == kHighest ? wide() : wide() % regime_.most_quantity; }

  bool one_event() {
    std::uint32_t kind = below(regime_.submit + regime_.cancel + regime_.reduce + regime_.take + regime_.stranger);
    if (kind < regime_.submit) return submit();
    if ((kind -= regime_.submit) < regime_.cancel) return cancel(some_id());
    if ((kind -= regime_.cancel) < regime_.reduce) return reduce(some_id());
    if ((kind -= regime_.reduce) < regime_.take) return take(some_id());
    switch (below(3)) {
      case 0: return cancel(new_id());
      case 1: return reduce(new_id());
      default: return take(new_id());
    }
  }
  bool submit() {
    const std::uint64_t id = new_id();
    const Side side = below(2) == 0 ? Side::bid : Side::ask;
    const std::int64_t p = price(side), q = std::max<std::int64_t>(quantity(), 1);
    if (naive_.orders[side].size() > 150) return cancel(some_id());  // the naive book is slow
    std::vector<Trade> ours, theirs;
    const bool waits = !book_.best(opposite(side)) || (side == Side::bid ? book_.best(Side::ask)->price > p
                                                                        : book_.best(Side::bid)->price < p);
    std::int64_t left = q;
    if (waits && below(2) == 0)
      book_.add(id, side, p, q);
    else
      left = book_.submit(id, side, p, q, ours);
    const std::int64_t expected = naive_.submit(id, side, p, q, theirs);
    trades += ours.size();
    Int128 volume = left;  // conserved
    for (const Trade& trade : ours) volume += trade.quantity;
    return left == expected && ours == theirs && volume == q && same_outside();
  }
  bool cancel(std::uint64_t id) { return book_.cancel(id) == naive_.cancel(id) && same_outside(); }
  bool reduce(std::uint64_t id) {
    const std::int64_t to = below(4) == 0 ? 0 : quantity();
    return book_.reduce(id, to) == naive_.reduce(id, to) && same_outside();
  }
  bool take(std::uint64_t id) {
    const std::int64_t q = below(10) == 0 ? 0 : quantity();
    return book_.take(id, q) == naive_.take(id, q) && same_outside();
  }
  void resume() {
    OrderBook other;
    std::vector<Trade> ignored;
    other.submit(7, Side::bid, price(Side::bid), 1, ignored);  // whatever it held before is forgotten
    other.restore(book_.save());
    book_ = std::move(other);
  }

  /// The best orders, the numbers of orders and their volumes, and that bids lie below asks.
  bool same_outside() {
    for (auto& [side, list] : naive_.orders) {
      const auto best = book_.best(side);
      if (book_.depth(side) != list.size() || best.has_value() == list.empty()) return false;
      if (best && *best != list.front()) return false;
    }
    const auto bid = book_.best(Side::bid), ask = book_.best(Side::ask);
    return !bid || !ask || bid->price < ask->price;
  }
  bool same_books() {
    std::size_t rows = 0;
    for (auto& [side, list] : naive_.orders) {
      std::vector<RestingOrder> ours;
      book_.for_each(side, [&](const RestingOrder& order) {
        ours.push_back(order);
        return true;
      });
      Int128 volume = 0;
      for (const RestingOrder& order : list) volume += order.quantity;
      if (ours != list || book_.volume(side) != volume) return false;
      for (const RestingOrder& order : list)
        if (book_.find(order.id) != order) return false;
      rows += list.size();
    }
    most_resting = std::max(most_resting, rows);
    return book_.save().ids.size() == rows;
  }

  Regime regime_;
  RandomSequence draw_;
  OrderBook book_;
  NaiveBook naive_;
  std::uint64_t counter_ = 1;
  std::int64_t drift_ = 1'000'000'000, drawn_ = 0;
};

TEST(OrderBookReference, AgreesWithANaiveBookThroughAMillionEventsOfEachKind) {
  for (const Regime& regime : kRegimes) {
    Comparison comparison(regime, 1, Fault::none);
    EXPECT_EQ(comparison.run(1'000'000), -1) << regime.name;
    EXPECT_GT(comparison.trades, 50'000u) << regime.name;
    EXPECT_GT(comparison.most_resting, 100u) << regime.name;
  }
}

TEST(OrderBookReference, EveryFaultIsFound) {
  for (int fault = 1; fault <= kFaults; ++fault) {
    bool found = false;
    for (const Regime& regime : kRegimes) found = found || Comparison(regime, 1, Fault(fault)).run(10'000) >= 0;
    EXPECT_TRUE(found) << fault;
  }
}

}  // namespace
}  // namespace swarm::economy
