#include "sim/economy/bidder.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/core/units.hpp"

namespace swarm {
namespace economy {
namespace {

double uniform_between(double least, double most, const RandomBlock& draw) {
  return least + (most - least) * uniform_open(draw[0], draw[1]);
}

double limit_price(const BidTerms& terms) { return terms.limit; }
double with_margin(const BidTerms& terms) { return price_with_margin(Side::ask, terms.limit, terms.margin); }
double less_margin(const BidTerms& terms) { return price_with_margin(Side::bid, terms.limit, terms.margin); }
double anything(const BidTerms& terms) { return uniform_between(0.0, terms.ceiling, terms.draw); }
double anything_from_cost(const BidTerms& terms) {
  const double price = uniform_between(terms.limit, std::max(terms.limit, terms.ceiling), terms.draw);
  return std::max(price, terms.limit);  // whatever was rounded
}
double anything_to_value(const BidTerms& terms) {
  const double most = std::min(terms.limit, terms.ceiling);
  return std::min(uniform_between(0.0, most, terms.draw), most);
}

/// How a seller and a buyer name their prices; a new strategy is one line here and one in Bidder.
struct Strategy {
  Bidder bidder;
  double (*ask)(const BidTerms&);
  double (*bid)(const BidTerms&);
};
constexpr std::array kStrategies{
    Strategy{Bidder::truthful, limit_price, limit_price},
    Strategy{Bidder::markup, with_margin, less_margin},
    Strategy{Bidder::zi_constrained, anything_from_cost, anything_to_value},
    Strategy{Bidder::zi_unconstrained, anything, anything},
    Strategy{Bidder::zip, with_margin, less_margin},
};
constexpr bool in_order() {
  for (std::size_t i = 0; i < kStrategies.size(); ++i)
    if (static_cast<std::size_t>(kStrategies[i].bidder) != i) return false;
  return kStrategies.size() == EnumNames<Bidder>::names.size();
}
static_assert(in_order());

}  // namespace

double name_price(Bidder bidder, Side side, const BidTerms& terms) {
  EXPECT(terms.limit >= 0 && terms.ceiling >= 0 && terms.margin >= 0);
  const Strategy& strategy = kStrategies[static_cast<std::size_t>(bidder)];
  return side == Side::bid ? strategy.bid(terms) : strategy.ask(terms);
}

std::int64_t name_ticks(Bidder bidder, Side side, const BidTerms& terms, double ticks_per_unit) {
  EXPECT(ticks_per_unit > 0);
  const double ticks = name_price(bidder, side, terms) * ticks_per_unit;
  const std::int64_t whole = round_half_even(side == Side::bid ? std::floor(ticks) : std::ceil(ticks));
  return std::max<std::int64_t>(whole, 0);
}

}  // namespace economy
}  // namespace swarm
