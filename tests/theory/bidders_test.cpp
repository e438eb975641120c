#include <gtest/gtest.h>

#include "tests/theory/market_session.hpp"

/// Zero-intelligence traders are efficient because of their budget, not of their wits (Gode and Sunder, Journal of
/// Political Economy 101, 1993); ZIP traders also find the price (Cliff and Bruten, HPL-97-91, 1997).
namespace swarm::economy {
namespace {

using namespace test;

constexpr double kCeiling = 200;
constexpr double kStandardErrors = 4;
constexpr std::uint32_t kShouts = 4000;

/// Six buyers and six sellers of three units each; demand falls from 190 to 20 and supply rises from 10 to 180 in steps
/// of 10, dealt in turn: they cross at 100 after nine of eighteen units.
std::vector<LabTrader> symmetric_market() {
  std::vector<LabTrader> traders(12);
  for (std::size_t i = 0; i < 12; ++i) traders[i].side = i < 6 ? Side::bid : Side::ask;
  for (std::size_t unit = 0; unit < 18; ++unit) {
    traders[unit % 6].limits.push_back(190.0 - 10.0 * static_cast<double>(unit));
    traders[6 + unit % 6].limits.push_back(10.0 + 10.0 * static_cast<double>(unit));
  }
  return traders;
}

/// Eleven buyers and eleven sellers of one unit each, values from 150 to 50 and costs from 50 to 150 in steps of 10.
std::vector<LabTrader> single_unit_market() {
  std::vector<LabTrader> traders;
  for (int k = 0; k < 11; ++k) traders.push_back({Side::bid, {150.0 - 10.0 * k}});
  for (int k = 0; k < 11; ++k) traders.push_back({Side::ask, {50.0 + 10.0 * k}});
  return traders;
}

enum class Fault { none, no_budget, buyers_without_budget, never_learns, deaf_to_refusals };

/// Efficiencies of independent sessions.
struct Sessions {
  std::vector<double> efficiency, alpha;
  bool loss = false;
};
Sessions zero_intelligence(Bidder bidder, Fault fault, int sessions) {
  const std::vector<LabTrader> traders = symmetric_market();
  const Equilibrium target = equilibrium(traders);
  const Namer name = [&](std::size_t, Side side, double limit, const RandomBlock& draw) {
    const bool free = fault == Fault::no_budget || (fault == Fault::buyers_without_budget && side == Side::bid);
    return name_ticks(free ? Bidder::zi_unconstrained : bidder, side, {limit, kCeiling, 0, draw}, kTicks);
  };
  Sessions out;
  for (int s = 0; s < sessions; ++s) {
    const Random random(static_cast<std::uint64_t>(s), Stream::experiment);
    const SessionResult day = trade_day(traders, name, [](auto&&...) {}, Standing::best, random, 0, kShouts);
    out.efficiency.push_back(day.surplus / target.surplus);
    out.alpha.push_back(smith_alpha(day.prices, target.price));
    out.loss = out.loss || day.loss;
  }
  return out;
}

bool above_95_percent(const Sessions& sessions) {
  const MeanAndError e = mean_and_error(sessions.efficiency);
  return e.mean - kStandardErrors * e.error > 0.95;
}

constexpr int kSessions = 300;

TEST(BiddersTheory, TheMarketIsAsWorkedByHand) {
  // Nine units of 180, 160, … 20 between value and cost: 9 · 100 = 900.
  const Equilibrium e = equilibrium(symmetric_market());
  EXPECT_EQ(e.price, 100);
  EXPECT_EQ(e.surplus, 900);
}

TEST(BiddersTheory, ZeroIntelligenceWithABudgetIsEfficient) {
  const Sessions constrained = zero_intelligence(Bidder::zi_constrained, Fault::none, kSessions);
  const Sessions unconstrained = zero_intelligence(Bidder::zi_unconstrained, Fault::none, kSessions);
  EXPECT_TRUE(above_95_percent(constrained)) << mean_and_error(constrained.efficiency).mean;
  EXPECT_FALSE(constrained.loss);
  EXPECT_TRUE(unconstrained.loss);
  // Whoever has no budget trades everything: Σ values − Σ costs = 1890 − 1710 of 900.
  EXPECT_NEAR(mean_and_error(unconstrained.efficiency).mean, 0.2, 1e-12);
  std::vector<double> gain;
  for (int s = 0; s < kSessions; ++s) gain.push_back(constrained.efficiency[s] - unconstrained.efficiency[s]);
  const MeanAndError g = mean_and_error(gain);
  EXPECT_GT(g.mean, kStandardErrors * g.error);
  for (int first = 0; first < kSessions; first += 30) {  // and in every set of thirty replicates
    const MeanAndError set = mean_and_error({gain.begin() + first, gain.begin() + first + 30});
    EXPECT_GT(set.mean, kStandardErrors * set.error) << first;
  }
  RecordProperty("efficiency", std::to_string(mean_and_error(constrained.efficiency).mean));
  RecordProperty("standard_error", std::to_string(mean_and_error(constrained.efficiency).error));
  RecordProperty("alpha", std::to_string(mean_and_error(constrained.alpha).mean));
}

TEST(BiddersTheory, WithoutABudgetItIsNot) {
  for (const Fault fault : {Fault::no_budget, Fault::buyers_without_budget}) {
    const Sessions mutant = zero_intelligence(Bidder::zi_constrained, fault, kSessions);
    EXPECT_FALSE(above_95_percent(mutant));
    EXPECT_TRUE(mutant.loss);
  }
}

constexpr std::uint32_t kDays = 10, kShoutsOfADay = 1000;

/// Smith's alpha of every day of one market of ZIP traders, and the efficiency of the last day.
struct ZipMarket {
  std::vector<double> alpha;
  double efficiency = 0;
};
ZipMarket zip_market(std::uint64_t seed, Fault fault) {
  const std::vector<LabTrader> traders = single_unit_market();
  const Equilibrium target = equilibrium(traders);
  const BidderParams params;
  const Random random(seed, Stream::experiment), births(seed, Stream::population), learning(seed, Stream::candidate);
  std::vector<ZipTraits> traits;
  std::vector<ZipState> states;
  for (std::size_t i = 0; i < traders.size(); ++i) {
    traits.push_back(zip_traits(params, births.block(0, i, 0)));
    states.push_back(zip_start(params, births.block(0, i, 1)));
  }
  const Namer name = [&](std::size_t i, Side side, double limit, const RandomBlock&) {
    return name_ticks(Bidder::zip, side, {limit, kCeiling, states[i].margin, {}}, kTicks);
  };
  ZipMarket out;
  for (std::uint32_t day = 0; day < kDays; ++day) {
    const Hearer hear = [&](const Heard& heard, const std::vector<std::size_t>& done, std::uint32_t shout) {
      if (fault == Fault::never_learns || (fault == Fault::deaf_to_refusals && !heard.accepted)) return;
      for (std::size_t i = 0; i < traders.size(); ++i) {
        const bool active = done[i] < traders[i].limits.size();
        const double limit = traders[i].limits[active ? done[i] : done[i] - 1];
        const RandomBlock draw = learning.block(day * kShoutsOfADay + shout, i);
        zip_observe(params, traits[i], {traders[i].side, limit, active}, heard, {kTicks, 1.0}, draw, states[i]);
      }
    };
    const SessionResult result = trade_day(traders, name, hear, Standing::last, random, day, kShoutsOfADay);
    out.alpha.push_back(smith_alpha(result.prices, target.price));
    out.efficiency = result.surplus / target.surplus;
  }
  return out;
}

constexpr int kMarkets = 100;
constexpr double kNear = 2;  // per cent

/// Smith's alpha of every day, and whether prices came near the equilibrium price and nearer than on the first day.
struct ZipMarkets {
  std::vector<MeanAndError> alpha;
  std::vector<double> efficiency;
  bool converged = false;
};
ZipMarkets zip_markets(Fault fault) {
  std::vector<std::vector<double>> alpha(kDays);
  std::vector<double> fall;
  ZipMarkets out;
  for (std::uint64_t seed = 0; seed < kMarkets; ++seed) {
    const ZipMarket market = zip_market(seed, fault);
    for (std::size_t day = 0; day < kDays; ++day) alpha[day].push_back(market.alpha[day]);
    fall.push_back(market.alpha.front() - market.alpha.back());
    out.efficiency.push_back(market.efficiency);
  }
  for (const std::vector<double>& day : alpha) out.alpha.push_back(mean_and_error(day));
  const MeanAndError f = mean_and_error(fall), last = out.alpha.back();
  out.converged = f.mean > kStandardErrors * f.error && last.mean + kStandardErrors * last.error < kNear;
  return out;
}

TEST(BiddersTheory, ZipTradersFindThePrice) {
  const ZipMarkets markets = zip_markets(Fault::none);
  EXPECT_TRUE(markets.converged);
  const MeanAndError efficiency = mean_and_error(markets.efficiency);
  EXPECT_GT(efficiency.mean - kStandardErrors * efficiency.error, 0.98);
  for (std::size_t day = 0; day < kDays; ++day)
    RecordProperty("alpha_" + std::to_string(day + 1), std::to_string(markets.alpha[day].mean));
  RecordProperty("efficiency", std::to_string(efficiency.mean));
}

TEST(BiddersTheory, WithoutLearningTheyDoNot) {
  for (const Fault fault : {Fault::never_learns, Fault::deaf_to_refusals})
    EXPECT_FALSE(zip_markets(fault).converged) << static_cast<int>(fault);
}

}  // namespace
}  // namespace swarm::economy
