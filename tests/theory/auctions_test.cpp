#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "sim/core/rng.hpp"
#include "sim/economy/mechanism.hpp"

/// Classical results on auctions, through the mechanisms of sim/economy/mechanism.hpp. With n buyers whose values are
/// independent and uniform on (0, 1) and one unit for sale, first price with bids (n − 1)/n·v (the equilibrium) and
/// second price with truthful bids both earn (n − 1)/(n + 1) on average (Vickrey, J. Finance 16, 8, 1961).
namespace swarm::economy {
namespace {

constexpr std::int64_t kOne = 1'000'000'000'000;  // ticks: rounding is far below a standard error
constexpr int kAuctions = 20'000;
constexpr double kStandardErrors = 4;

double as_double(Int128 x) {
  return static_cast<double>(x);
}

/// Mean revenue of one unit at no reserve, in units of the largest value, bids being value·shade.
double mean_revenue(Mechanism rule, int buyers, double shade, std::uint64_t seed) {
  std::vector<MarketOrder> orders(static_cast<std::size_t>(buyers) + 1);
  std::vector<Settlement> settlements(orders.size());
  Int128 revenue = 0;
  for (int a = 0; a < kAuctions; ++a) {
    RandomSequence draw(Random(seed, Stream::experiment), static_cast<std::uint32_t>(buyers),
                        static_cast<std::uint64_t>(a));
    for (std::size_t i = 1; i < orders.size(); ++i)
      orders[i] = {Side::bid, {round_half_even(draw.uniform() * shade * double{kOne}), 1}};
    orders[0] = {Side::ask, {0, 1}};
    clear_market(rule, orders, settlements);
    revenue += settlements[0].payment;
  }
  return as_double(revenue) / double{kOne} / kAuctions;
}

TEST(AuctionTheory, RevenueIsEquivalent) {
  for (const int n : {2, 3, 5, 10, 30}) {
    const double expected = (n - 1.0) / (n + 1.0), shade = (n - 1.0) / n;
    // The highest of n values is Beta(n, 1), the second highest Beta(n − 1, 2): variances n/d and 2(n − 1)/d.
    const double d = (n + 1.0) * (n + 1.0) * (n + 2.0) * kAuctions;
    const double of_first = kStandardErrors * shade * std::sqrt(n / d);
    const double of_second = kStandardErrors * std::sqrt(2 * (n - 1.0) / d);
    EXPECT_NEAR(mean_revenue(Mechanism::pay_as_bid, n, shade, 1), expected, of_first) << n;
    EXPECT_NEAR(mean_revenue(Mechanism::second_price, n, 1, 2), expected, of_second) << n;
    EXPECT_NEAR(mean_revenue(Mechanism::vcg, n, 1, 3), expected, of_second) << n;
    // Mutants: nobody shades, everybody does where nobody should, the price in the middle.
    EXPECT_GT(mean_revenue(Mechanism::pay_as_bid, n, 1, 1), expected + of_first) << n;
    EXPECT_LT(mean_revenue(Mechanism::second_price, n, shade, 2), expected - of_second) << n;
    EXPECT_GT(mean_revenue(Mechanism::uniform, n, 1, 2), expected + of_second) << n;
  }
}

/// A market whose traders have one unit each to buy or to sell.
struct Traders {
  explicit Traders(std::uint64_t number) {
    RandomSequence draw(Random(4, Stream::experiment), 0, number);
    for (std::vector<std::int64_t>* side : {&values, &costs}) {
      side->resize(1 + draw.word() % 40);
      for (std::int64_t& x : *side) x = uniform_below(draw.word(), 1000);
    }
  }
  /// The greatest gain there is: dearest values with cheapest costs while something is left.
  std::int64_t possible_gain() const {
    std::vector<std::int64_t> v = values, c = costs;
    std::ranges::sort(v, std::greater<>{});
    std::ranges::sort(c);
    std::int64_t gain = 0;
    for (std::size_t i = 0; i < std::min(v.size(), c.size()); ++i) gain += std::max(v[i] - c[i], std::int64_t{0});
    return gain;
  }
  /// What trade gains at true values when buyers ask for up to `off` less, each by lot.
  std::int64_t gain(Mechanism rule, std::uint32_t off) const {
    RandomSequence draw(Random(5, Stream::experiment), 0, values.size());
    std::vector<MarketOrder> orders;
    for (const std::int64_t v : values)
      orders.push_back({Side::bid, {std::max(v - uniform_below(draw.word(), off + 1), std::int64_t{0}), 1}});
    for (const std::int64_t c : costs) orders.push_back({Side::ask, {c, 1}});
    std::vector<Settlement> s(orders.size());
    clear_market(rule, orders, s);
    std::int64_t gained = 0;
    for (std::size_t i = 0; i < values.size(); ++i) gained += values[i] * s[i].filled;
    for (std::size_t j = 0; j < costs.size(); ++j) gained -= costs[j] * s[values.size() + j].filled;
    return gained;
  }

  std::vector<std::int64_t> values, costs;
};

TEST(AuctionTheory, TruthfulCallMarketIsEfficient) {
  std::int64_t possible = 0, shaded = 0, posted = 0;
  for (std::uint64_t n = 0; n < 2000; ++n) {
    const Traders traders(n);
    for (const Mechanism rule : {Mechanism::uniform, Mechanism::second_price, Mechanism::vcg})
      ASSERT_EQ(traders.gain(rule, 0), traders.possible_gain()) << n;
    possible += traders.possible_gain();
    shaded += traders.gain(Mechanism::uniform, 500);
    posted += traders.gain(Mechanism::posted, 0);
  }
  EXPECT_LT(static_cast<double>(shaded), 0.95 * static_cast<double>(possible))
      << "who does not bid the truth loses trade";
  EXPECT_LT(static_cast<double>(posted), 0.95 * static_cast<double>(possible)) << "and so does who comes too late";
}

/// What trade gains at one price named beforehand: whoever wants to at it trades, earlier rows first.
std::int64_t gain_at(const Traders& traders, std::int64_t price) {
  std::vector<std::int64_t> v, c;
  for (const std::int64_t value : traders.values)
    if (value >= price) v.push_back(value);
  for (const std::int64_t cost : traders.costs)
    if (cost <= price) c.push_back(cost);
  std::int64_t gain = 0;
  for (std::size_t i = 0; i < std::min(v.size(), c.size()); ++i) gain += v[i] - c[i];
  return gain;
}

/// On the same draws: a truthful call gains no less than posted prices, a price named beforehand or trade in order of
/// arrival, and no market less than nothing or more than there is. On average it gains more, by more than four standard
/// errors of the mean difference.
TEST(AuctionTheory, NoPostedPriceGainsMoreThanACall) {
  const auto call = [](const Traders& t) { return t.gain(Mechanism::uniform, 0); };
  const std::vector<std::pair<const char*, std::function<std::int64_t(const Traders&)>>> others{
      {"posted", [](const Traders& t) { return t.gain(Mechanism::posted, 0); }},
      {"cda", [](const Traders& t) { return t.gain(Mechanism::cda, 0); }},
      {"named beforehand", [](const Traders& t) { return gain_at(t, 500); }}};
  constexpr std::uint64_t kMarkets = 2000;
  for (const auto& [name, other] : others) {
    double sum = 0, squares = 0;
    for (std::uint64_t n = 0; n < kMarkets; ++n) {
      const Traders traders(n);
      const std::int64_t best = call(traders), gained = other(traders);
      ASSERT_EQ(best, traders.possible_gain());
      ASSERT_GE(gained, 0) << name << ", market " << n;
      ASSERT_LE(gained, best) << name << ", market " << n;
      const auto lost = static_cast<double>(best - gained);
      sum += lost;
      squares += lost * lost;
    }
    const double mean = sum / kMarkets, error = std::sqrt((squares / kMarkets - mean * mean) / kMarkets);
    EXPECT_GT(mean, kStandardErrors * error) << name;
  }
}

/// Runs charge a buyer under vcg its externality, but at least the dearest ask sold for each of its units: it can pay that,
/// as it was filled, and its seller does not lose. Without that rule the externality of some would not cover it: those
/// whose units are not all among the dearest sold.
TEST(AuctionTheory, EveryBuyerFilledCanPayTheDearestAskSold) {
  RandomSequence draw(Random(8, Stream::experiment), 0, 0);
  int filled = 0, short_of_it = 0, of_one_unit = 0;
  for (int t = 0; t < 5000; ++t) {
    std::vector<MarketOrder> orders;
    for (std::uint32_t i = 0, n = 1 + draw.word() % 8; i < n; ++i)
      orders.push_back({Side::bid, {uniform_below(draw.word(), 100), 1 + uniform_below(draw.word(), 5)}});
    for (std::uint32_t i = 0, n = 1 + draw.word() % 8; i < n; ++i)
      orders.push_back({Side::ask, {uniform_below(draw.word(), 100), 1 + uniform_below(draw.word(), 5)}});
    std::vector<Settlement> s(orders.size());
    clear_market(Mechanism::vcg, orders, s);
    std::int64_t dearest = 0;
    for (std::size_t i = 0; i < orders.size(); ++i)
      if (orders[i].side == Side::ask && s[i].filled > 0) dearest = std::max(dearest, orders[i].limit.price);
    for (std::size_t i = 0; i < orders.size(); ++i) {
      if (orders[i].side == Side::ask || s[i].filled == 0) continue;
      ++filled;
      ASSERT_GE(orders[i].limit.price, dearest);
      const bool lacks = s[i].payment < Int128{dearest} * s[i].filled;
      short_of_it += lacks;
      of_one_unit += lacks && s[i].filled == 1;
    }
  }
  EXPECT_GT(filled, 5000);
  EXPECT_GT(short_of_it, 500);
  EXPECT_EQ(of_one_unit, 0) << "a single unit's externality is no less than the dearest ask";
}

/// Buyer 0's gain: value for what it can use, less what it pays.
Int128 utility(Mechanism rule, const std::vector<MarketOrder>& orders, LimitOrder truth) {
  std::vector<Settlement> s(orders.size());
  clear_market(rule, orders, s);
  return Int128{truth.price} * std::min(s[0].filled, truth.quantity) - s[0].payment;
}

/// How often, of 10,000 tries, buyer 0 gains by another order than its own.
int deviations_that_gain(Mechanism rule, int* in_part = nullptr) {
  RandomSequence draw(Random(6, Stream::experiment), 0, 0);
  const auto order = [&](std::uint32_t ticks) {
    return LimitOrder{uniform_below(draw.word(), ticks), 1 + uniform_below(draw.word(), 9)};
  };
  int gain = 0;
  for (int t = 0; t < 10'000; ++t) {
    const std::uint32_t ticks = t % 2 == 0 ? 12 : 1000;
    std::vector<MarketOrder> orders{{Side::bid, order(ticks)}};
    const std::uint32_t rivals = draw.word() % 6, sellers = 1 + draw.word() % 5;
    for (std::uint32_t i = 0; i < rivals; ++i) orders.push_back({Side::bid, order(ticks)});
    for (std::uint32_t i = 0; i < sellers; ++i) orders.push_back({Side::ask, order(ticks / (1 + draw.word() % 3))});
    const LimitOrder truth = orders[0].limit;
    const Int128 honest = utility(rule, orders, truth);
    if (in_part != nullptr) {
      std::vector<Settlement> s(orders.size());
      clear_market(rule, orders, s);
      *in_part += s[0].filled > 0 && s[0].filled < truth.quantity;
    }
    LimitOrder lie = order(ticks);
    if (draw.word() % 3 == 0) lie.price = truth.price;
    if (draw.word() % 3 == 0) lie.quantity = truth.quantity;
    orders[0].limit = lie;
    gain += utility(rule, orders, truth) > honest;
  }
  return gain;
}

TEST(AuctionTheory, NoDeviationGainsUnderVcg) {
  int in_part = 0;
  EXPECT_EQ(deviations_that_gain(Mechanism::vcg, &in_part), 0);
  EXPECT_GT(in_part, 500) << "orders filled in part must be among them";
  // Where own bids make the price they do: under pay-as-bid, and with many units under every uniform price.
  EXPECT_GT(deviations_that_gain(Mechanism::pay_as_bid), 1000);
  EXPECT_GT(deviations_that_gain(Mechanism::uniform), 100);
  EXPECT_GT(deviations_that_gain(Mechanism::second_price), 100);
}

}  // namespace
}  // namespace swarm::economy
