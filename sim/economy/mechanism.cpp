#include "sim/economy/mechanism.hpp"

#include <algorithm>
#include <functional>
#include <limits>

#include "sim/economy/clearing_rules.hpp"

namespace swarm {
namespace economy {
namespace {

struct Line {
  Mechanism rule;
  ClearingFunction clear;
};
constexpr std::array<Line, EnumNames<Mechanism>::names.size()> kRules{{
    {Mechanism::uniform, clear_at_uniform_price},
    {Mechanism::pay_as_bid, clear_pay_as_bid},
    {Mechanism::second_price, clear_at_second_price},
    {Mechanism::vcg, clear_vcg},
    {Mechanism::cda, clear_continuously},
    {Mechanism::posted, clear_posted},
}};

ClearingFunction function_of(Mechanism rule) {
  return std::ranges::find(kRules, rule, &Line::rule)->clear;
}

template <class Better>
std::vector<std::size_t> ordered(const std::vector<LimitOrder>& orders, Better better) {
  std::vector<std::size_t> places(orders.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  std::ranges::stable_sort(places, better, [&](std::size_t i) { return orders[i].price; });
  return places;
}

Market market_of(std::span<const MarketOrder> orders) {
  Market market{.orders = orders};
  for (std::size_t row = 0; row < orders.size(); ++row) {
    MarketSide& side = orders[row].side == Side::bid ? market.bids : market.asks;
    side.orders.push_back(orders[row].limit);
    side.row.push_back(row);
  }
  market.bids.filled.resize(market.bids.orders.size());
  market.asks.filled.resize(market.asks.orders.size());
  CallScratch scratch;
  market.efficient =
      clear_uniform(market.bids.orders, market.asks.orders, 0.5, market.bids.filled, market.asks.filled, scratch);
  return market;
}

void settle_at(const Market& market, std::int64_t price, std::span<Settlement> settlements) {
  for (const MarketSide* side : {&market.bids, &market.asks})
    for (std::size_t i = 0; i < side->orders.size(); ++i)
      settlements[side->row[i]] = {side->filled[i], Int128{price} * side->filled[i]};
}

}  // namespace

std::vector<std::size_t> MarketSide::from_lowest() const {
  return ordered(orders, std::less<>{});
}
std::vector<std::size_t> MarketSide::from_highest() const {
  return ordered(orders, std::greater<>{});
}

void clear_at_uniform_price(const Market& market, std::span<Settlement> settlements) {
  settle_at(market, market.efficient.price, settlements);
}

void clear_at_second_price(const Market& market, std::span<Settlement> settlements) {
  settle_at(market, market.efficient.low, settlements);
}

MarketOutcome clear_market(Mechanism rule, std::span<const MarketOrder> orders, std::span<Settlement> settlements) {
  EXPECT(orders.size() == settlements.size());
  std::ranges::fill(settlements, Settlement{});
  const Market market = market_of(orders);
  if (!market.efficient.traded) return {};
  function_of(rule)(market, settlements);
  MarketOutcome outcome{.possible_surplus = market.efficient.surplus};
  Int128 received = 0;
  for (std::size_t row = 0; row < orders.size(); ++row) {
    const Settlement& s = settlements[row];
    const Int128 at_limit = Int128{orders[row].limit.price} * s.filled;
    const bool is_bid = orders[row].side == Side::bid;
    ENSURE(s.filled >= 0 && s.filled <= orders[row].limit.quantity && s.payment >= 0);
    ENSURE(is_bid ? s.payment <= at_limit : s.payment >= at_limit);
    outcome.surplus += is_bid ? at_limit : -at_limit;
    (is_bid ? outcome.turnover : received) += s.payment;
    if (is_bid) outcome.volume += s.filled;
  }
  ENSURE(outcome.turnover == received && outcome.surplus <= outcome.possible_surplus);
  return outcome;
}

double MarketOutcome::price() const {
  if (volume == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(turnover) / static_cast<double>(volume);
}

double MarketOutcome::efficiency() const {
  if (volume == 0) return std::numeric_limits<double>::quiet_NaN();
  return possible_surplus == 0 ? 1.0 : static_cast<double>(surplus) / static_cast<double>(possible_surplus);
}

}  // namespace economy
}  // namespace swarm
