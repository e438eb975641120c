#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "sim/core/units.hpp"
#include "sim/economy/limit_order.hpp"

/// The call auction: sealed bids and asks, cleared at once at one price (docs/models/markets.md, "Call auction").
namespace swarm {
namespace economy {

/// What a call auction came to.
struct Clearing {
  bool traded{};          ///< false: no bid reaches an ask, and everything below is 0
  std::int64_t price{};   ///< low + k·(high − low), half to even [ticks]
  std::int64_t low{};     ///< least price that clears: the dearest accepted ask or the best bid left out, if higher
  std::int64_t high{};    ///< greatest one: the lowest accepted bid or the cheapest ask left out, if lower
  std::int64_t volume{};  ///< units traded
  Int128 surplus{};       ///< Σ (bids' limits − asks' limits) of what traded [ticks × units]
  friend bool operator==(const Clearing&, const Clearing&) = default;
};

/// Memory that clear_uniform() reuses. Once it has seen the largest market, clearing allocates nothing.
class CallScratch {
 public:
  static constexpr unsigned kMostBits = 11;  ///< buckets of one pass: 2¹¹ sums are half of the first-level cache

 private:
  friend class CrossingSearch;
  std::vector<LimitOrder> kept_;
  std::array<std::uint64_t, std::size_t{1} << kMostBits> buckets_{};
};

/// Clears divisible orders: as many units as can trade (equal prices trade), best prices first, earlier rows first
/// among equal prices. Writes what is filled of each order; nobody pays more or gets less than its limit, and nobody
/// who is left out, wholly or in part, would rather trade at the price. The surplus is the greatest that any trade
/// of these orders can have.
/// @param k where in [low, high] the price lies, 0 to 1
/// An empty side, quantities of zero or prices that do not cross: nothing is filled, nothing traded.
/// @throws ModelError if a number is negative or the quantities of a side add up to more than 64 bits hold.
Clearing clear_uniform(std::span<const LimitOrder> bids, std::span<const LimitOrder> asks, double k,
                       std::span<std::int64_t> filled_bids, std::span<std::int64_t> filled_asks, CallScratch& scratch);

/// low + k·(high − low) for 0 ≤ low ≤ high and k in [0, 1], rounded once, half to even; exact for all 63 bits.
std::int64_t price_between(std::int64_t low, std::int64_t high, double k);

}  // namespace economy
}  // namespace swarm
