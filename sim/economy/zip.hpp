#pragma once
#include "sim/core/rng.hpp"
#include "sim/economy/bidder.hpp"

/// Zero-intelligence-plus traders: profit margins that follow what is shouted in the market (Cliff and Bruten, HP
/// Laboratories HPL-97-91, 1997; docs/models/bidding.md, "ZIP").
namespace swarm {
namespace economy {

/// What never changes of a trader.
struct ZipTraits {
  double learning_rate{};  ///< β: share of the way to the target price
  double momentum{};       ///< γ: weight of the change before
};

/// What a trader learns: two numbers, to be saved and restored as they are.
struct ZipState {
  double margin{};    ///< μ ≥ 0 of its limit price: above cost, or below value (then ≤ 1)
  double momentum{};  ///< Γ, the last change of its price [price units]
};

/// What all traders hear: a bid, an ask, or the result of a call auction.
enum class Shout : std::uint8_t { bid, ask, call };
struct Heard {
  Shout shout{};
  bool accepted{};  ///< somebody traded at this price
  /// The price that was traded at, or that nobody took [ticks]. Of a call auction: the clearing price; without one
  /// (nobody traded) the best price of the trader's own side, and if that side is empty there is nothing to hear.
  std::int64_t ticks{};
};

/// Where the trader stands when it hears it.
struct ZipPlace {
  Side side{};
  double limit{};  ///< cost or value of the unit in hand [price units], ≥ 0
  bool active{};   ///< it still has units to trade
};

struct PriceScale {
  double ticks_per_unit{};  ///< > 0
  double reference{};       ///< of which ZIP's absolute distances are multiples [price units], ≥ 0
};

/// Traits and first margin from two blocks of random words that nothing else uses.
ZipTraits zip_traits(const BidderParams& params, const RandomBlock& draw);
ZipState zip_start(const BidderParams& params, const RandomBlock& draw);

/// Learns from one shout; what the trader names next follows from `state.margin` (bidder.hpp). Whether a shout was
/// above or below its own price is decided in ticks, as both were named; margins move by fractions of them. Words 0 and
/// 1 of `draw` make the target price. Nothing is learnt at a limit of 0, where no margin moves the price.
void zip_observe(const BidderParams& params, const ZipTraits& traits, const ZipPlace& place, const Heard& heard,
                 const PriceScale& scale, const RandomBlock& draw, ZipState& state);

}  // namespace economy
}  // namespace swarm
