#include "sim/economy/call_auction.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

#include "sim/core/rng.hpp"
#include "sim/economy/mechanism.hpp"

/// The selection without sorting against clearing by sorting and walking, against every division there is on tiny
/// markets, and payments by formula against clearing anew without each buyer.
namespace swarm::economy {
namespace {

using Orders = std::vector<LimitOrder>;
using Units = std::vector<std::int64_t>;

struct Result {
  Clearing clearing;
  Units bids, asks;
  friend bool operator==(const Result&, const Result&) = default;
};

Result fast(const Orders& bids, const Orders& asks, double k, CallScratch& scratch) {
  Result r{.bids = Units(bids.size(), -1), .asks = Units(asks.size(), -1)};
  r.clearing = clear_uniform(bids, asks, k, r.bids, r.asks, scratch);
  return r;
}

/// Deliberate errors of the naive clearing, each of which must show.
enum class Fault { none, later_first, strict, low_ignores_bids, high_ignores_asks, part_is_whole, rounds_up };

/// Rows from the best price on, earlier first; rows of no quantity are not there.
std::vector<std::size_t> sorted(const Orders& orders, bool highest_first, Fault fault) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < orders.size(); ++i)
    if (orders[i].quantity > 0) rows.push_back(i);
  if (fault == Fault::later_first) std::ranges::reverse(rows);
  std::ranges::stable_sort(rows, [&](std::size_t i, std::size_t j) {
    return highest_first ? orders[i].price > orders[j].price : orders[i].price < orders[j].price;
  });
  return rows;
}

/// k in eighths.
Result naive(const Orders& bids, const Orders& asks, int eighths, Fault fault = Fault::none) {
  Result r{.bids = Units(bids.size()), .asks = Units(asks.size())};
  const auto buyers = sorted(bids, true, fault), sellers = sorted(asks, false, fault);
  Clearing& c = r.clearing;
  for (std::size_t b = 0, a = 0; b < buyers.size() && a < sellers.size();) {
    const std::size_t i = buyers[b], j = sellers[a];
    if (bids[i].price < asks[j].price || (fault == Fault::strict && bids[i].price == asks[j].price)) break;
    const std::int64_t units = std::min(bids[i].quantity - r.bids[i], asks[j].quantity - r.asks[j]);
    r.bids[i] += units;
    r.asks[j] += units;
    c.volume += units;
    c.surplus += Int128{units} * (bids[i].price - asks[j].price);
    b += r.bids[i] == bids[i].quantity;
    a += r.asks[j] == asks[j].quantity;
  }
  if (c.volume == 0) return r;
  c.traded = true;
  c.high = std::numeric_limits<std::int64_t>::max();
  const auto left_out = [&](std::int64_t filled, std::int64_t quantity) {
    return fault == Fault::part_is_whole ? filled == 0 && quantity > 0 : filled < quantity;
  };
  for (std::size_t i = 0; i < bids.size(); ++i) {
    if (r.bids[i] > 0) c.high = std::min(c.high, bids[i].price);
    if (left_out(r.bids[i], bids[i].quantity) && fault != Fault::low_ignores_bids)
      c.low = std::max(c.low, bids[i].price);
  }
  for (std::size_t j = 0; j < asks.size(); ++j) {
    if (r.asks[j] > 0) c.low = std::max(c.low, asks[j].price);
    if (left_out(r.asks[j], asks[j].quantity) && fault != Fault::high_ignores_asks)
      c.high = std::min(c.high, asks[j].price);
  }
  const Int128 scaled = 8 * Int128{c.low} + Int128{eighths} * (c.high - c.low);
  c.price = static_cast<std::int64_t>(scaled / 8);
  const auto rest = static_cast<int>(scaled % 8);
  c.price += rest > 4 || (rest == 4 && (fault == Fault::rounds_up || c.price % 2 == 1));
  return r;
}

/// Random markets of many kinds: sizes on both sides of every threshold, ties, whole ranges, outliers.
class Markets {
 public:
  explicit Markets(std::uint64_t seed) : draw_(Random(seed, Stream::experiment), 0, 0) {}

  void next(std::size_t most) {
    const std::uint32_t kind = draw_.word() % 7;
    const std::int64_t largest =
        (draw_.word() % 4 == 0) ? kAll / static_cast<std::int64_t>(most + 1) : 1 + draw_.word() % 5;
    for (Orders* side : {&bids, &asks}) {
      side->resize(uniform_below(draw_.word(), static_cast<std::uint32_t>(most) + 1));
      for (LimitOrder& o : *side) o = {price(kind), below(largest + 1)};
    }
  }
  int eighths() { return static_cast<int>(draw_.word() % 9); }

  Orders bids, asks;

 private:
  static constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();

  std::int64_t below(std::int64_t n) {
    const std::uint64_t bits = ((std::uint64_t{draw_.word()} << 32) | draw_.word()) >> 1;
    return static_cast<std::int64_t>((Int128{bits} * n) >> 63);
  }
  std::int64_t price(std::uint32_t kind) {
    switch (kind) {
      case 0:
        return below(4);
      case 1:
        return 17;
      case 2:
        return below(1000);
      case 3:
        return below(kAll) + draw_.word() % 2;
      case 4:
        return draw_.word() % 2 == 0 ? kAll - below(3) : below(3);
      case 5:
        return draw_.word() % 50 == 0 ? kAll - below(9) : 1'000'000 + below(300);  // outliers
      default:
        return (std::int64_t{1} << below(63)) - 1;  // crowded at the bottom
    }
  }

  RandomSequence draw_;
};

/// Markets among `trials` where the fast clearing and the faulty naive one differ.
int differences(std::uint64_t seed, int trials, std::size_t most, Fault fault) {
  Markets markets(seed);
  CallScratch scratch;
  int differ = 0;
  for (int trial = 0; trial < trials; ++trial) {
    markets.next(most);
    const int eighths = markets.eighths();
    differ +=
        fast(markets.bids, markets.asks, eighths / 8.0, scratch) != naive(markets.bids, markets.asks, eighths, fault);
  }
  return differ;
}

TEST(CallAuctionReference, EqualsSortingAndWalking) {
  EXPECT_EQ(differences(1, 20'000, 6, Fault::none), 0);
  EXPECT_EQ(differences(2, 5'000, 40, Fault::none), 0);
  EXPECT_EQ(differences(3, 2'000, 300, Fault::none), 0);
  EXPECT_EQ(differences(4, 60, 20'000, Fault::none), 0);
  EXPECT_EQ(differences(5, 7, 200'000, Fault::none), 0);
}

TEST(CallAuctionReference, EveryFaultShows) {
  for (const Fault fault : {Fault::later_first, Fault::strict, Fault::low_ignores_bids, Fault::high_ignores_asks,
                            Fault::part_is_whole, Fault::rounds_up}) {
    EXPECT_GT(differences(1, 1000, 6, fault), 0) << static_cast<int>(fault);
    EXPECT_GT(differences(3, 1000, 300, fault), 0) << static_cast<int>(fault);
  }
}

TEST(CallAuctionReference, SmallAndLargePathsAgree) {
  // Rows of no quantity change nothing, but lead a small market past the threshold.
  Markets markets(6);
  CallScratch scratch;
  for (int trial = 0; trial < 3000; ++trial) {
    markets.next(20);
    Result small = fast(markets.bids, markets.asks, 0.5, scratch);
    for (Orders* side : {&markets.bids, &markets.asks}) side->resize(side->size() + 100, {trial, 0});
    small.bids.resize(markets.bids.size());
    small.asks.resize(markets.asks.size());
    ASSERT_EQ(fast(markets.bids, markets.asks, 0.5, scratch), small) << trial;
  }
}

/// Whether `price` supports a division: whoever gains at it trades in full, whoever would lose does not.
bool supports(std::int64_t price, const Orders& bids, const Orders& asks, const Result& r) {
  for (std::size_t i = 0; i < bids.size(); ++i)
    if ((bids[i].price > price && r.bids[i] < bids[i].quantity) || (bids[i].price < price && r.bids[i] > 0))
      return false;
  for (std::size_t j = 0; j < asks.size(); ++j)
    if ((asks[j].price < price && r.asks[j] < asks[j].quantity) || (asks[j].price > price && r.asks[j] > 0))
      return false;
  return true;
}

struct Best {
  std::int64_t volume = 0;
  Int128 surplus = 0;  // the greatest at that volume
  Int128 any_surplus = 0;
};

/// Of every division of two bids and two asks among which money can change hands at one price.
Best best_division(const Orders& bids, const Orders& asks) {
  Best best;
  const auto try_all = [&](const Units& b, const Units& a) {
    if (b[0] + b[1] != a[0] + a[1]) return;
    std::int64_t lowest = 99, dearest = 0;
    Int128 surplus = 0;
    for (std::size_t i = 0; i < 2; ++i) {
      if (b[i] > 0) lowest = std::min(lowest, bids[i].price);
      if (a[i] > 0) dearest = std::max(dearest, asks[i].price);
      surplus += bids[i].price * b[i] - asks[i].price * a[i];
    }
    best.any_surplus = std::max(best.any_surplus, surplus);
    if (lowest < dearest) return;
    const std::int64_t volume = b[0] + b[1];
    if (volume > best.volume) best = {volume, surplus, best.any_surplus};
    if (volume == best.volume) best.surplus = std::max(best.surplus, surplus);
  };
  for (std::int64_t n = 0; n < 81; ++n) {
    const Units b{n % 3, n / 3 % 3}, a{n / 9 % 3, n / 27};
    bool possible = true;
    for (std::size_t i = 0; i < 2; ++i) possible &= b[i] <= bids[i].quantity && a[i] <= asks[i].quantity;
    if (possible) try_all(b, a);
  }
  return best;
}

TEST(CallAuctionReference, BestOfAllDivisionsOnTinyMarkets) {
  // Two bids and two asks, prices 0 … 3, quantities 0 … 2: all 20,736 markets.
  CallScratch scratch;
  const auto order = [](int code) { return LimitOrder{code % 4, code / 4}; };
  for (int n = 0; n < 12 * 12 * 12 * 12; ++n) {
    const Orders bids{order(n % 12), order(n / 12 % 12)}, asks{order(n / 144 % 12), order(n / 1728)};
    const Result r = fast(bids, asks, 0.5, scratch);
    const Best best = best_division(bids, asks);
    ASSERT_EQ(r.clearing.volume, best.volume) << n;
    ASSERT_TRUE(r.clearing.surplus == best.surplus && best.surplus == best.any_surplus) << n;
    if (!r.clearing.traded) continue;
    for (std::int64_t price = -1; price <= 5; ++price)
      ASSERT_EQ(supports(price, bids, asks, r), price >= r.clearing.low && price <= r.clearing.high)
          << n << " at " << price;
  }
}

/// What bid `i` owes by definition: others' surplus without it less others' surplus with it.
Int128 externality(const std::vector<MarketOrder>& orders, std::size_t i, const Settlement& own, Int128 surplus) {
  std::vector<MarketOrder> others = orders;
  others[i].limit.quantity = 0;
  std::vector<Settlement> settlements(others.size());
  const Int128 without = clear_market(Mechanism::uniform, others, settlements).possible_surplus;
  return without - (surplus - Int128{orders[i].limit.price} * own.filled);
}

TEST(VcgReference, PaymentsEqualClearingAnewWithoutEachBuyer) {
  Markets markets(7);
  int resold = 0, in_part = 0, off_the_price = 0;
  for (int trial = 0; trial < 4000; ++trial) {
    markets.next(trial % 4 == 0 ? 60 : 8);
    std::vector<MarketOrder> orders;
    for (const LimitOrder& o : markets.bids) orders.push_back({Side::bid, o});
    for (const LimitOrder& o : markets.asks) orders.push_back({Side::ask, o});
    std::vector<Settlement> s(orders.size());
    const MarketOutcome outcome = clear_market(Mechanism::vcg, orders, s);
    std::vector<Settlement> at_low(orders.size());
    clear_market(Mechanism::second_price, orders, at_low);
    for (std::size_t i = 0; i < markets.bids.size(); ++i) {
      const Int128 owes = externality(orders, i, s[i], outcome.surplus);
      ASSERT_TRUE(s[i].payment == owes) << "trial " << trial << " bid " << i;
      resold += s[i].payment > 0;
      in_part += s[i].filled > 0 && s[i].filled < orders[i].limit.quantity;
      off_the_price += s[i].payment != at_low[i].payment;
    }
  }
  // The cases that a simpler formula gets wrong do occur.
  EXPECT_GT(resold, 1000);
  EXPECT_GT(in_part, 500);
  EXPECT_GT(off_the_price, 500);
}

}  // namespace
}  // namespace swarm::economy
