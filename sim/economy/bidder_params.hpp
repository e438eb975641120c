#pragma once
#include "sim/core/params.hpp"

/// How sellers and buyers name their prices.
namespace swarm {
namespace economy {

enum class Bidder : std::uint8_t { truthful, markup, zi_constrained, zi_unconstrained, zip };

struct BidderParams {
  double ceiling = 4.0;
  double markup = 0.1;
  double zip_rate_least = 0.1;
  double zip_rate_most = 0.5;
  double zip_momentum_least = 0.0;
  double zip_momentum_most = 0.1;
  double zip_margin_least = 0.05;
  double zip_margin_most = 0.35;
  double zip_relative = 0.05;
  double zip_absolute = 0.05;
};

template <class V>
void describe(V& v, BidderParams& p) {
  constexpr std::string_view kZip = "Cliff and Bruten, HPL-97-91 (1997)";
  v("ceiling", p.ceiling, {.unit = "1", .min = 0, .max = 1e6, .min_open = true, .doc = "Highest price that zero-intelligence bidders name, in multiples of the market's reference price.", .source = kAssumed});
  v("markup", p.markup, {.unit = "1", .min = 0, .max = 1, .doc = "Margin that mark-up bidders add to their cost or take off their value.", .source = kAssumed});
  v("zip_rate_least", p.zip_rate_least, {.unit = "1", .min = 0, .max = 1, .doc = "Least learning rate of ZIP bidders: the share of the way to its target price that a bidder goes after one shout.", .source = kZip});
  v("zip_rate_most", p.zip_rate_most, {.unit = "1", .min = 0, .max = 1, .doc = "Greatest learning rate of ZIP bidders.", .source = kZip});
  v("zip_momentum_least", p.zip_momentum_least, {.unit = "1", .min = 0, .max = 1, .doc = "Least momentum of ZIP bidders: the weight of the last change of price in the next.", .source = kZip});
  v("zip_momentum_most", p.zip_momentum_most, {.unit = "1", .min = 0, .max = 1, .doc = "Greatest momentum of ZIP bidders.", .source = kZip});
  v("zip_margin_least", p.zip_margin_least, {.unit = "1", .min = 0, .max = 1, .doc = "Least margin that a ZIP bidder starts with.", .source = kZip});
  v("zip_margin_most", p.zip_margin_most, {.unit = "1", .min = 0, .max = 1, .doc = "Greatest margin that a ZIP bidder starts with.", .source = kZip});
  v("zip_relative", p.zip_relative, {.unit = "1", .min = 0, .max = 1, .doc = "Greatest relative distance of a ZIP bidder's target price from the price it heard.", .source = kZip});
  v("zip_absolute", p.zip_absolute, {.unit = "1", .min = 0, .max = 1, .doc = "Greatest absolute distance of a ZIP bidder's target price beyond that, in multiples of the market's reference price.", .source = kZip});
}

}  // namespace economy
inline namespace core {
template <>
struct EnumNames<economy::Bidder> {
  static constexpr std::array<std::string_view, 5> names{"truthful", "mark-up", "zi-constrained",
                                                          "zi-unconstrained", "zip"};
};
}  // namespace core
}  // namespace swarm
