#pragma once
#include <cstdint>

#include "sim/core/rng.hpp"
#include "sim/economy/bidder_params.hpp"
#include "sim/economy/order_book.hpp"

/// What price a trader names for one unit (docs/models/bidding.md, "Bidders"). Pure functions: nothing is kept here.
namespace swarm {
namespace economy {

/// What a strategy may look at.
struct BidTerms {
  double limit{};      ///< what the unit costs the seller or is worth to the buyer [price units], ≥ 0
  double ceiling{};    ///< highest price in the market [price units], ≥ 0
  double margin{};     ///< of the trader, ≥ 0: BidderParams::markup for mark-up, ZipState::margin for ZIP, else unused
  RandomBlock draw{};  ///< of this decision: words 0 and 1 are used
};

/// limit·(1 + margin) of a seller, limit·(1 − margin) of a buyer.
inline double price_with_margin(Side side, double limit, double margin) {
  return side == Side::bid ? limit * (1.0 - margin) : limit * (1.0 + margin);
}

/// The price [price units]. Where the limit lies above the ceiling a constrained seller asks its cost and a constrained
/// buyer draws up to the ceiling.
double name_price(Bidder bidder, Side side, const BidTerms& terms);

/// The same in whole ticks: a buyer's is rounded down and a seller's up, so that no rounding makes a loss.
/// `ticks_per_unit` > 0. ModelError if it does not fit 64 bits or is not a number; below 0 it is 0.
std::int64_t name_ticks(Bidder bidder, Side side, const BidTerms& terms, double ticks_per_unit);

}  // namespace economy
}  // namespace swarm
