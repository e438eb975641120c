#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "sim/economy/mechanism.hpp"

/// What a rule for clearing is given, and the rules of the table in mechanism.cpp.
namespace swarm {
namespace economy {

/// The orders of one side, in rows of their own.
struct MarketSide {
  std::vector<LimitOrder> orders;
  std::vector<std::size_t> row;      ///< of each order in the market
  std::vector<std::int64_t> filled;  ///< of each order in the call auction

  /// Places of the orders from the lowest price on (or from the highest), earlier ones first among equals.
  std::vector<std::size_t> from_lowest() const;
  std::vector<std::size_t> from_highest() const;
};

/// A market with its efficient division, that of the call auction.
struct Market {
  std::span<const MarketOrder> orders;
  MarketSide bids, asks;
  Clearing efficient;
};

/// Fills `settlements`, all 0 before, so that bids pay exactly what asks receive. Called only if the call auction
/// trades.
using ClearingFunction = void (*)(const Market& market, std::span<Settlement> settlements);

/// The call auction's division at its price for k = ½.
void clear_at_uniform_price(const Market&, std::span<Settlement>);
/// The same division at the lowest price that clears.
void clear_at_second_price(const Market&, std::span<Settlement>);
/// The same division; highest bids are matched to lowest asks, and every unit changes hands at its bid.
void clear_pay_as_bid(const Market&, std::span<Settlement>);
/// The same division; a bid pays what its presence costs all others, an ask gets its limit and an equal share per unit
/// of what is left over.
void clear_vcg(const Market&, std::span<Settlement>);
/// Asks are price tags: in row order bids take the cheapest units left, as far as their limit goes.
void clear_posted(const Market&, std::span<Settlement>);
/// Rows arrive one after the other and trade at once with the best resting order, at its price.
void clear_continuously(const Market&, std::span<Settlement>);

}  // namespace economy
}  // namespace swarm
