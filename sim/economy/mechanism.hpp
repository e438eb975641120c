#pragma once
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "sim/core/units.hpp"
#include "sim/economy/call_auction.hpp"
#include "sim/economy/limit_order.hpp"
#include "sim/economy/params.hpp"

/// Who trades how much and who pays what, under one of several mechanisms (docs/models/markets.md, "Mechanisms").
/// A new one is a rule in a file of its own, declared in clearing_rules.hpp, and a line in the table of mechanism.cpp.
namespace swarm {
namespace economy {

/// One row of a market; rows stand in order of arrival.
struct MarketOrder {
  Side side{};
  LimitOrder limit;
};

/// What one order came to: units, and what a bid pays or an ask receives.
struct Settlement {
  std::int64_t filled{};  ///< [units]
  Int128 payment{};       ///< [ticks × units], never negative
  friend bool operator==(const Settlement&, const Settlement&) = default;
};

/// What a market came to.
struct MarketOutcome {
  std::int64_t volume{};      ///< [units]
  Int128 turnover{};          ///< Σ payments of bids, which is that of asks to the last unit [ticks × units]
  Int128 surplus{};           ///< Σ (bids' limits − asks' limits) of what traded [ticks × units]
  Int128 possible_surplus{};  ///< the greatest that these orders allow
  /// Mean price per unit [ticks], which of a uniform price is that price; NaN without trade.
  double price() const;
  /// surplus/possible_surplus; 1 if orders traded where nothing could be gained, NaN without trade.
  double efficiency() const;
};

/// Clears a market and writes one settlement per order. No bid pays more and no ask gets less than its limit.
/// Nothing trades if a side is empty or no bid reaches an ask: all settlements are 0.
/// @throws ModelError if a number is negative or the quantities of a side add up to more than 64 bits hold.
MarketOutcome clear_market(Mechanism rule, std::span<const MarketOrder> orders, std::span<Settlement> settlements);

}  // namespace economy
}  // namespace swarm
