#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/core/units.hpp"
#include "sim/economy/id_table.hpp"
#include "sim/economy/limit_order.hpp"
#include "sim/economy/price_levels.hpp"

/// A limit order book with price-time priority for one instrument (docs/models/bidding.md, "Order book").
namespace swarm {
namespace economy {

constexpr Side opposite(Side side) { return side == Side::bid ? Side::ask : Side::bid; }

/// An incoming order met a resting one, at the resting order's price.
struct Trade {
  std::uint64_t resting{};
  std::uint64_t incoming{};
  std::int64_t price{};     ///< [ticks]
  std::int64_t quantity{};  ///< > 0
  friend bool operator==(const Trade&, const Trade&) = default;
};

/// An order that waits in the book.
struct RestingOrder {
  std::uint64_t id{};
  Side side{};
  std::int64_t price{};     ///< [ticks]
  std::int64_t quantity{};  ///< what is left of it, > 0
  friend bool operator==(const RestingOrder&, const RestingOrder&) = default;
};

/// All that a book knows, one row per resting order: bids, best first, then asks, best first, and among equal prices
/// the earliest first. The order of rows at one price is their time priority; no times are kept.
struct BookColumns {
  std::vector<std::uint64_t> ids;
  std::vector<std::uint8_t> sides;  ///< of Side
  std::vector<std::int64_t> prices, quantities;
  friend bool operator==(const BookColumns&, const BookColumns&) = default;
};

/// Prices are whole ticks ≥ 0, quantities whole and > 0 (parts ≥ 0): others throw ModelError and change nothing. Ids
/// are the caller's, one resting order each. Every operation leaves the best bid below the best ask. Nothing is
/// allocated unless the book holds more orders, or more prices far from the trade, than before. At most 2³¹ orders
/// rest. Not thread-safe. A book can be moved, not copied, and one that was moved from can only be destroyed or assigned
/// to; restore(save()) makes a copy.
class OrderBook {
 public:
  /// A limit order: trades with the best opposite orders whose price is `price` or better, the earliest first among
  /// equal prices, each at the resting order's price, and appends what was done to `trades`. What is left rests at
  /// `price` behind the orders already there. Returns what is left, 0 if nothing. `id` must not rest in the book.
  std::int64_t submit(std::uint64_t id, Side side, std::int64_t price, std::int64_t quantity,
                      std::vector<Trade>& trades);
  /// The same for an order that is known not to trade: `price` must not meet the opposite side's best.
  void add(std::uint64_t id, Side side, std::int64_t price, std::int64_t quantity);
  /// Takes an order out; false if it does not rest.
  bool cancel(std::uint64_t id);
  /// Lowers what is left of an order to `quantity` ≥ 0 and keeps its place; 0 cancels it. False, and nothing happens,
  /// if it does not rest or has less left: more would jump the queue.
  bool reduce(std::uint64_t id, std::int64_t quantity);
  /// Executes up to `quantity` ≥ 0 of one order, wherever it stands, and returns how much: 0 if it does not rest.
  std::int64_t take(std::uint64_t id, std::int64_t quantity);
  /// Takes all orders out, keeps the memory.
  void clear();

  /// The order that is next to trade on a side.
  std::optional<RestingOrder> best(Side side) const;
  std::optional<RestingOrder> find(std::uint64_t id) const;
  /// Number of resting orders of a side.
  std::size_t depth(Side side) const { return depth_[row(side)]; }
  /// Sum of their quantities.
  Int128 volume(Side side) const { return volume_[row(side)]; }
  /// Calls visit(RestingOrder) for each order of a side, in priority order, until it returns false.
  template <class Visit>
  void for_each(Side side, Visit&& visit) const;

  /// State for checkpoints. After restore() every operation gives what it would have given on the saved book.
  /// restore() throws ModelError, and leaves the book empty, if columns differ in length, an id is there twice, a
  /// price is negative, a quantity is not positive, a side is neither, or a bid meets an ask.
  BookColumns save() const;
  void restore(const BookColumns& columns);

 private:
  static constexpr std::uint32_t kNone = PriceLevel::kNone;
  static constexpr std::size_t row(Side side) { return static_cast<std::size_t>(side); }

  /// Half a cache line. The side is not kept: it follows from the price, since the book is never crossed.
  struct alignas(32) Order {
    std::uint64_t id;
    std::int64_t price;
    std::int64_t quantity;
    std::uint32_t before, after;  ///< neighbours at the same price; `after` links free slots
  };

  Side side_of(const Order& order) const {
    return depth_[row(Side::bid)] != 0 && order.price <= best_[row(Side::bid)] ? Side::bid : Side::ask;
  }
  RestingOrder shown(const Order& order) const { return {order.id, side_of(order), order.price, order.quantity}; }
  /// Whether an order of this side meets the other side's best.
  bool meets(Side side, std::int64_t price) const {
    const std::size_t other = row(opposite(side));
    return depth_[other] != 0 && (side == Side::bid ? price >= best_[other] : price <= best_[other]);
  }
  std::uint32_t place_of(std::uint64_t id) const {
    return table_.place(id, [&](std::uint32_t slot) { return orders_[slot].id == id; });
  }
  std::optional<std::int64_t> next_price(Side side, std::int64_t price) const {
    return side == Side::bid ? levels_.below(price) : levels_.above(price);
  }
  std::uint32_t new_slot();
  void rest(std::uint64_t id, Side side, std::int64_t price, std::int64_t quantity);
  void remove(Side side, std::uint32_t place, std::uint32_t slot);
  void close_level(Side side, std::int64_t price);
  void follow(Side side);

  std::vector<Order> orders_;
  std::uint32_t free_ = kNone;
  IdTable table_;
  PriceLevels levels_;
  std::array<std::int64_t, 2> best_{};  ///< meaningless while the side is empty
  std::array<std::size_t, 2> depth_{};
  std::array<Int128, 2> volume_{};
};

template <class Visit>
void OrderBook::for_each(Side side, Visit&& visit) const {
  if (depth(side) == 0) return;
  std::size_t left = depth(side);
  for (std::int64_t price = best_[row(side)];; price = *next_price(side, price)) {
    for (std::uint32_t slot = levels_.at(price).first; slot != kNone; slot = orders_[slot].after) {
      if (!visit(shown(orders_[slot])) || --left == 0) return;
    }
  }
}

}  // namespace economy
}  // namespace swarm
