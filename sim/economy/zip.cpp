#include "sim/economy/zip.hpp"

#include <algorithm>

namespace swarm {
namespace economy {
namespace {

double between(double least, double most, std::uint32_t word) { return least + (most - least) * uniform_open(word); }

/// Where the trader wants its price to go.
enum class Wish { none, more_profit, less_profit };

/// The rules of Cliff and Bruten; prices are mirrored for buyers, so that more is always more profit.
Wish wish(bool buyer, std::int64_t price, bool active, const Heard& heard) {
  const std::int64_t own = buyer ? -price : price, other = buyer ? -heard.ticks : heard.ticks;
  const Shout mine = buyer ? Shout::bid : Shout::ask, theirs = buyer ? Shout::ask : Shout::bid;
  if (heard.accepted) {
    if (own <= other) return Wish::more_profit;  // it could have had as much
    return active && (heard.shout == theirs || heard.shout == Shout::call) ? Wish::less_profit : Wish::none;
  }
  const bool too_dear = own >= other && (heard.shout == mine || heard.shout == Shout::call);
  return active && too_dear ? Wish::less_profit : Wish::none;
}

}  // namespace

ZipTraits zip_traits(const BidderParams& params, const RandomBlock& draw) {
  return {between(params.zip_rate_least, params.zip_rate_most, draw[0]),
          between(params.zip_momentum_least, params.zip_momentum_most, draw[1])};
}

ZipState zip_start(const BidderParams& params, const RandomBlock& draw) {
  return {between(params.zip_margin_least, params.zip_margin_most, draw[0]), 0.0};
}

void zip_observe(const BidderParams& params, const ZipTraits& traits, const ZipPlace& place, const Heard& heard,
                 const PriceScale& scale, const RandomBlock& draw, ZipState& state) {
  EXPECT(heard.ticks >= 0 && scale.reference >= 0);
  const bool buyer = place.side == Side::bid;
  const std::int64_t named =
      name_ticks(Bidder::zip, place.side, {.limit = place.limit, .margin = state.margin}, scale.ticks_per_unit);
  const Wish wanted = wish(buyer, named, place.active, heard);
  if (wanted == Wish::none || place.limit == 0) return;
  const double price = price_with_margin(place.side, place.limit, state.margin);
  const double up = (wanted == Wish::more_profit) != buyer ? 1.0 : -1.0;
  const double relative = 1.0 + up * params.zip_relative * uniform_open(draw[0]);
  const double target = relative * (static_cast<double>(heard.ticks) / scale.ticks_per_unit) +
                        up * params.zip_absolute * scale.reference * uniform_open(draw[1]);
  const double step = traits.learning_rate * (target - price);
  state.momentum = traits.momentum * state.momentum + (1.0 - traits.momentum) * step;
  const double ratio = (price + state.momentum) / place.limit;
  state.margin = buyer ? std::clamp(1.0 - ratio, 0.0, 1.0) : std::max(ratio - 1.0, 0.0);
}

}  // namespace economy
}  // namespace swarm
