#include "sim/economy/order_book.hpp"

#include <algorithm>
#include <string>

namespace swarm {
namespace economy {
namespace {

void check(std::int64_t price, std::int64_t quantity) {
  if (price < 0) throw ModelError("order book: an order has a negative price");
  if (quantity <= 0) throw ModelError("order book: an order has no quantity");
}
void check_part(std::int64_t quantity) {
  if (quantity < 0) throw ModelError("order book: a part of an order is negative");
}

}  // namespace

std::int64_t OrderBook::submit(std::uint64_t id, Side side, std::int64_t price, std::int64_t quantity,
                               std::vector<Trade>& trades) {
  check(price, quantity);
  EXPECT(place_of(id) == kNone);
  const Side other = opposite(side);
  while (meets(side, price)) {
    const std::uint32_t slot = levels_.at(best_[row(other)]).first;
    Order& resting = orders_[slot];
    const std::int64_t traded = std::min(quantity, resting.quantity);
    trades.push_back({resting.id, id, resting.price, traded});
    quantity -= traded;
    resting.quantity -= traded;
    volume_[row(other)] -= traded;
    if (resting.quantity == 0) remove(other, place_of(resting.id), slot);
    if (quantity == 0) return 0;
  }
  rest(id, side, price, quantity);
  return quantity;
}

void OrderBook::add(std::uint64_t id, Side side, std::int64_t price, std::int64_t quantity) {
  check(price, quantity);
  EXPECT(place_of(id) == kNone && !meets(side, price));
  rest(id, side, price, quantity);
}

bool OrderBook::cancel(std::uint64_t id) {
  const std::uint32_t place = place_of(id);
  if (place == kNone) return false;
  const std::uint32_t slot = table_.slot(place);
  const Side side = side_of(orders_[slot]);
  volume_[row(side)] -= orders_[slot].quantity;
  remove(side, place, slot);
  return true;
}

bool OrderBook::reduce(std::uint64_t id, std::int64_t quantity) {
  check_part(quantity);
  const std::uint32_t place = place_of(id);
  if (place == kNone || orders_[table_.slot(place)].quantity < quantity) return false;
  take(id, orders_[table_.slot(place)].quantity - quantity);
  return true;
}

std::int64_t OrderBook::take(std::uint64_t id, std::int64_t quantity) {
  check_part(quantity);
  const std::uint32_t place = place_of(id);
  if (place == kNone) return 0;
  const std::uint32_t slot = table_.slot(place);
  Order& order = orders_[slot];
  const Side side = side_of(order);
  const std::int64_t taken = std::min(quantity, order.quantity);
  order.quantity -= taken;
  volume_[row(side)] -= taken;
  if (order.quantity == 0) remove(side, place, slot);
  return taken;
}

void OrderBook::clear() {
  orders_.clear();
  free_ = kNone;
  table_.clear();
  levels_.clear();
  depth_ = {};
  volume_ = {};
}

std::optional<RestingOrder> OrderBook::best(Side side) const {
  if (depth(side) == 0) return std::nullopt;
  return shown(orders_[levels_.at(best_[row(side)]).first]);
}

std::optional<RestingOrder> OrderBook::find(std::uint64_t id) const {
  const std::uint32_t place = place_of(id);
  if (place == kNone) return std::nullopt;
  return shown(orders_[table_.slot(place)]);
}

inline std::uint32_t OrderBook::new_slot() {
  if (free_ != kNone) {
    const std::uint32_t slot = free_;
    free_ = orders_[slot].after;
    return slot;
  }
  EXPECT(orders_.size() < (std::size_t{1} << 31));
  orders_.emplace_back();
  return static_cast<std::uint32_t>(orders_.size() - 1);
}

inline void OrderBook::rest(std::uint64_t id, Side side, std::int64_t price, std::int64_t quantity) {
  const std::uint32_t slot = new_slot();
  PriceLevel& level = levels_.open(price);
  orders_[slot] = {id, price, quantity, level.last, kNone};
  (level.last == kNone ? level.first : orders_[level.last].after) = slot;
  level.last = slot;
  table_.insert(id, slot);
  std::int64_t& best = best_[row(side)];
  if (depth_[row(side)]++ == 0 || (side == Side::bid ? price > best : price < best)) best = price;
  volume_[row(side)] += quantity;
  if (levels_.strayed()) [[unlikely]] follow(side);
}

/// Unlinks an order whose volume has been taken off, and frees its slot.
inline void OrderBook::remove(Side side, std::uint32_t place, std::uint32_t slot) {
  const Order& order = orders_[slot];
  table_.erase(place);
  --depth_[row(side)];
  PriceLevel& level = levels_.at(order.price);
  (order.before == kNone ? level.first : orders_[order.before].after) = order.after;
  (order.after == kNone ? level.last : orders_[order.after].before) = order.before;
  if (level.first == kNone) close_level(side, order.price);
  orders_[slot].after = free_;
  free_ = slot;
}

inline void OrderBook::close_level(Side side, std::int64_t price) {
  levels_.close(price);
  if (price == best_[row(side)] && depth(side) != 0) best_[row(side)] = *next_price(side, price);
}

/// The window of quickly found prices belongs where trade is: between the best prices, or at this side's best.
void OrderBook::follow(Side side) {
  const std::int64_t bid = best_[row(Side::bid)], ask = best_[row(Side::ask)];
  const bool both = depth(Side::bid) != 0 && depth(Side::ask) != 0;
  levels_.follow(both && ask - bid < PriceLevels::kWindow / 2 ? bid + (ask - bid) / 2 : best_[row(side)]);
}

BookColumns OrderBook::save() const {
  BookColumns columns;
  for (const Side side : {Side::bid, Side::ask})
    for_each(side, [&](const RestingOrder& order) {
      columns.ids.push_back(order.id);
      columns.sides.push_back(static_cast<std::uint8_t>(side));
      columns.prices.push_back(order.price);
      columns.quantities.push_back(order.quantity);
      return true;
    });
  return columns;
}

void OrderBook::restore(const BookColumns& columns) {
  clear();
  const auto refuse = [&](const char* why) {
    clear();
    throw ModelError(std::string("order book: ") + why);
  };
  const std::size_t n = columns.ids.size();
  if (columns.sides.size() != n || columns.prices.size() != n || columns.quantities.size() != n)
    refuse("its columns differ in length");
  for (std::size_t i = 0; i < n; ++i) {
    if (columns.sides[i] > 1) refuse("an order is neither a bid nor an ask");
    if (columns.prices[i] < 0) refuse("an order has a negative price");
    if (columns.quantities[i] <= 0) refuse("an order has no quantity");
    if (place_of(columns.ids[i]) != kNone) refuse("an id is there twice");
    const Side side{columns.sides[i]};
    if (meets(side, columns.prices[i])) refuse("a bid meets an ask");
    rest(columns.ids[i], side, columns.prices[i], columns.quantities[i]);
  }
}

}  // namespace economy
}  // namespace swarm
