#pragma once
#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "sim/core/rng.hpp"
#include "sim/economy/bidder.hpp"
#include "sim/economy/order_book.hpp"
#include "sim/economy/zip.hpp"

/// A laboratory market: traders in random order name prices for one unit at a time in a continuous double auction
/// through the order book.
namespace swarm::economy::test {

constexpr double kTicks = 100;  ///< per price unit

/// What becomes of a price that does not trade.
enum class Standing {
  best,  ///< it must improve on the best of its side, else it is not even heard; a trade empties the book
  last,  ///< it stands until its trader names another
};

struct LabTrader {
  Side side{};
  std::vector<double> limits;  ///< cost or value of each of its units, in the order in which they are traded
};

struct Equilibrium {
  double price{}, surplus{};
};

/// Where the sorted values and costs cross.
inline Equilibrium equilibrium(const std::vector<LabTrader>& traders) {
  std::vector<double> values, costs;
  for (const LabTrader& trader : traders)
    for (const double limit : trader.limits) (trader.side == Side::bid ? values : costs).push_back(limit);
  std::ranges::sort(values, std::greater<>());
  std::ranges::sort(costs);
  std::size_t n = 0;
  double surplus = 0;
  while (n < std::min(values.size(), costs.size()) && values[n] > costs[n]) {
    surplus += values[n] - costs[n];
    ++n;
  }
  double low = costs[n - 1], high = values[n - 1];
  if (n < values.size()) low = std::max(low, values[n]);
  if (n < costs.size()) high = std::min(high, costs[n]);
  return {(low + high) / 2, surplus};
}

struct SessionResult {
  double surplus = 0;  ///< values bought − costs sold
  std::vector<double> prices;
  bool loss = false;  ///< somebody traded at a loss
};

/// Names a trader's price in ticks.
using Namer = std::function<std::int64_t(std::size_t trader, Side side, double limit, const RandomBlock& draw)>;
/// Told of every price that was heard, with how many of its units each trader has traded.
using Hearer = std::function<void(const Heard& heard, const std::vector<std::size_t>& done, std::uint32_t shout)>;

/// One trading day of `shouts` shouts.
inline SessionResult trade_day(const std::vector<LabTrader>& traders, const Namer& name, const Hearer& hear,
                               Standing rule, const Random& random, std::uint32_t day, std::uint32_t shouts) {
  SessionResult result;
  OrderBook book;
  std::vector<Trade> trades;
  std::vector<std::size_t> done(traders.size(), 0);
  const auto settle = [&](std::size_t i, double price) {
    const double limit = traders[i].limits[done[i]++];
    const double gain = traders[i].side == Side::bid ? limit - price : price - limit;
    result.surplus += gain;
    result.loss = result.loss || gain < 0;
  };
  for (std::uint32_t shout = 0; shout < shouts; ++shout) {
    const RandomBlock who = random.block(day, shout, 0);
    const std::size_t i = uniform_below(who[0], static_cast<std::uint32_t>(traders.size()));
    if (done[i] == traders[i].limits.size()) continue;
    const Side side = traders[i].side;
    const std::int64_t price = name(i, side, traders[i].limits[done[i]], random.block(day, shout, 1));
    const auto best = rule == Standing::best ? book.best(side) : std::nullopt;
    if (best && (side == Side::bid ? price <= best->price : price >= best->price)) continue;
    book.cancel(i);
    trades.clear();
    book.submit(i, side, price, 1, trades);
    Heard heard{side == Side::bid ? Shout::bid : Shout::ask, !trades.empty(), price};
    if (heard.accepted) {
      heard.ticks = trades[0].price;
      result.prices.push_back(static_cast<double>(heard.ticks) / kTicks);
      settle(i, result.prices.back());
      settle(static_cast<std::size_t>(trades[0].resting), result.prices.back());
      if (rule == Standing::best) book.clear();
    }
    hear(heard, done, shout);
  }
  return result;
}

/// Smith's coefficient of convergence [%]: root mean square deviation of prices from equilibrium, over equilibrium.
inline double smith_alpha(const std::vector<double>& prices, double equilibrium_price) {
  double sum = 0;
  for (const double price : prices) sum += (price - equilibrium_price) * (price - equilibrium_price);
  return 100 * std::sqrt(sum / static_cast<double>(prices.size())) / equilibrium_price;
}

struct MeanAndError {
  double mean{}, error{};
};
inline MeanAndError mean_and_error(const std::vector<double>& values) {
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  const double n = static_cast<double>(values.size()), mean = sum / n;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / (n - 1) / n)};
}

}  // namespace swarm::economy::test
