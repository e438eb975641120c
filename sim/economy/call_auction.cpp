#include "sim/economy/call_auction.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>

/// All units of both sides stand in one order by price. If D units are bid for, the D cheapest are the accepted asks
/// and the bids left out; the rest are the accepted bids and the asks left out. (Who comes first at the price where the
/// order is cut makes no difference: what is left of either part at that price is the same.) So clearing is the search
/// for one place in a weighted order, and needs no sorting: each pass adds up the units by the leading bits of their
/// prices and goes on in the bucket that holds the place.
namespace swarm {
namespace economy {
namespace {

/// From this many on one pass over buckets costs less than sorting.
constexpr std::size_t kSorted = 64;

/// One side's totals.
struct Survey {
  std::uint64_t quantity = 0;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();  ///< of all prices
  std::int64_t greatest = 0;
};

Survey survey(std::span<const LimitOrder> orders) {
  Survey side;
  std::int64_t signs = 0;
  std::uint64_t wrapped = 0;  // the top bit of every sum on the way: each summand is below 2⁶³, so none is missed
  for (const LimitOrder& o : orders) {
    signs |= o.price | o.quantity;
    side.quantity += static_cast<std::uint64_t>(o.quantity);
    wrapped |= side.quantity;
    side.least = std::min(side.least, o.price);
    side.greatest = std::max(side.greatest, o.price);
  }
  if (signs < 0)
    throw ModelError("an order has a negative price or quantity (nothing can be cleared at it) leave it out");
  if (wrapped >> 63) integer_overflow("sum of the quantities of a market");
  return side;
}

}  // namespace

/// Where the order of all units is cut: after `demand` of them.
class CrossingSearch {
 public:
  CrossingSearch(std::span<const LimitOrder> bids, std::span<const LimitOrder> asks, CallScratch& scratch)
      : bids_(bids), asks_(asks), kept_(scratch.kept_), buckets_(scratch.buckets_) {}

  /// `demand` > 0 units are bid for and something is offered, all at prices from `first` to `last`.
  void run(std::uint64_t demand, std::int64_t first, std::int64_t last) {
    left_ = demand;
    if (bids_.size() + asks_.size() <= kSorted)
      keep_orders([](std::int64_t) { return true; });
    else if (narrow(first, last))
      return;
    sort_and_cut();
  }

  std::int64_t price() const { return price_; }   ///< of the unit after the cut
  std::uint64_t below() const { return below_; }  ///< units at that price before the cut
  std::uint64_t above() const { return above_; }  ///< and after it, at least one

  /// Price of the unit before the cut.
  std::int64_t price_before() const {
    if (below_ > 0) return price_;
    std::int64_t before = 0;
    each_order(
        [&](const LimitOrder& o) { before = std::max(before, o.price < price_ && o.quantity > 0 ? o.price : 0); });
    return before;
  }

 private:
  template <class Visit>
  void each_order(Visit visit) const {
    for (const LimitOrder& o : bids_) visit(o);
    for (const LimitOrder& o : asks_) visit(o);
  }
  template <class Wanted>
  void keep_orders(Wanted wanted) {
    kept_.clear();
    each_order([&](const LimitOrder& o) {
      if (wanted(o.price)) kept_.push_back(o);
    });
  }

  /// Goes down to few enough orders to sort; true if that has led to the cut itself.
  bool narrow(std::int64_t first, std::int64_t last) {
    first_ = first;
    divide(bids_.size() + asks_.size(),
           static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(last - first))));
    each_order([this](const LimitOrder& o) { buckets_[bucket(o.price)] += static_cast<std::uint64_t>(o.quantity); });
    if (enter_bucket()) return true;
    keep_orders([this](std::int64_t price) { return bucket(price) == 0; });
    while (kept_.size() > kSorted) {
      divide(kept_.size(), shift_);
      for (const LimitOrder& o : kept_) buckets_[bucket(o.price)] += static_cast<std::uint64_t>(o.quantity);
      if (enter_bucket()) return true;
      std::erase_if(kept_, [this](const LimitOrder& o) { return bucket(o.price) != 0; });
    }
    return false;
  }

  /// The 2^width prices from first_ on into empty buckets of 2^shift_ each.
  void divide(std::size_t orders, unsigned width) {
    const unsigned bits = std::min(CallScratch::kMostBits, static_cast<unsigned>(std::bit_width(orders)) - 2);
    shift_ = width > bits ? width - bits : 0;
    std::fill_n(buckets_.begin(), std::size_t{1} << bits, 0);
  }
  /// Prices before first_ wrap around to far behind every bucket.
  std::size_t bucket(std::int64_t price) const {
    return (static_cast<std::uint64_t>(price) - static_cast<std::uint64_t>(first_)) >> shift_;
  }

  /// Moves first_ to the bucket that holds the cut; true if that is a single price.
  bool enter_bucket() {
    std::size_t b = 0;
    while (buckets_[b] <= left_) left_ -= buckets_[b++];
    first_ += static_cast<std::int64_t>(b << shift_);
    if (shift_ > 0) return false;
    cut_at(first_, buckets_[b]);
    return true;
  }

  void sort_and_cut() {
    std::ranges::sort(kept_, {}, &LimitOrder::price);
    for (auto o = kept_.begin();;) {
      const std::int64_t price = o->price;
      std::uint64_t units = 0;
      for (; o != kept_.end() && o->price == price; ++o) units += static_cast<std::uint64_t>(o->quantity);
      if (units > left_) return cut_at(price, units);
      left_ -= units;
    }
  }

  /// The cut lies among the `units` of this price, left_ of which stand before it.
  void cut_at(std::int64_t price, std::uint64_t units) {
    price_ = price;
    below_ = left_;
    above_ = units - left_;
  }

  const std::span<const LimitOrder> bids_, asks_;
  std::vector<LimitOrder>& kept_;
  decltype(CallScratch::buckets_)& buckets_;
  std::uint64_t left_ = 0;  // units before the cut, counted from first_
  std::int64_t first_ = 0;
  unsigned shift_ = 0;
  std::int64_t price_ = 0;
  std::uint64_t below_ = 0, above_ = 0;
};

namespace {

struct Traded {
  std::uint64_t volume = 0;
  Int128 value = 0;  // at limits
};

/// Fills the orders whose price `accepts` against that of the cut in full, and those at the cut with `marginal` units
/// in row order.
template <class Accepts>
Traded fill(std::span<const LimitOrder> orders, std::int64_t cut, std::uint64_t marginal, Accepts accepts,
            std::span<std::int64_t> filled) {
  Traded traded;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const std::int64_t price = orders[i].price;
    auto quantity = static_cast<std::uint64_t>(orders[i].quantity);
    if (price == cut) [[unlikely]] {
      quantity = std::min(quantity, marginal);
      marginal -= quantity;
    } else {
      quantity = accepts(price, cut) ? quantity : 0;
    }
    filled[i] = static_cast<std::int64_t>(quantity);
    traded.volume += quantity;
    traded.value += Int128{price} * filled[i];
  }
  return traded;
}

}  // namespace

Clearing clear_uniform(std::span<const LimitOrder> bids, std::span<const LimitOrder> asks, double k,
                       std::span<std::int64_t> filled_bids, std::span<std::int64_t> filled_asks, CallScratch& scratch) {
  EXPECT(k >= 0 && k <= 1 && filled_bids.size() == bids.size() && filled_asks.size() == asks.size());
  const Survey demand = survey(bids), supply = survey(asks);
  if (demand.quantity == 0 || supply.quantity == 0 || demand.greatest < supply.least) {
    std::ranges::fill(filled_bids, 0);
    std::ranges::fill(filled_asks, 0);
    return {};
  }
  CrossingSearch search(bids, asks, scratch);
  search.run(demand.quantity, std::min(demand.least, supply.least), std::max(demand.greatest, supply.greatest));
  const Traded bought = fill(bids, search.price(), search.above(), std::greater<>{}, filled_bids);
  const Traded sold = fill(asks, search.price(), search.below(), std::less<>{}, filled_asks);
  ENSURE(bought.volume == sold.volume);
  if (bought.volume == 0) return {};
  Clearing clearing{.traded = true,
                    .low = search.price_before(),
                    .high = search.price(),
                    .volume = static_cast<std::int64_t>(bought.volume),
                    .surplus = bought.value - sold.value};
  clearing.price = price_between(clearing.low, clearing.high, k);
  return clearing;
}

std::int64_t price_between(std::int64_t low, std::int64_t high, double k) {
  EXPECT(low >= 0 && low <= high && k >= 0 && k <= 1);
  int exponent = 0;
  const double mantissa = std::frexp(k, &exponent);  // k = whole · 2^−shift with whole below 2⁵³
  const auto whole = static_cast<std::int64_t>(mantissa * 0x1p53);
  const int shift = 53 - exponent;
  if (shift > 120) return low;  // k·(high − low) is below 2¹¹⁶·2⁻¹²¹
  const Int128 product = Int128{whole} * (high - low), unit = Int128{1} << shift;
  const auto price = low + static_cast<std::int64_t>(product >> shift);
  const Int128 rest = 2 * (product & (unit - 1));
  return price + (rest > unit || (rest == unit && price % 2 != 0) ? 1 : 0);
}

}  // namespace economy
}  // namespace swarm
