#include "sim/engine/prediction.hpp"

#include <cmath>
#include <numeric>

#include "tests/unit/engine/shop.hpp"

/// Prediction markets in a run of one site whose treasury gets half of the price of carbon. A period is two steps; a
/// share pays 1,000 µTKN, so a maker can lose 100·ln 2 · 1,000 = 69,314.7 µTKN.
namespace swarm::engine {
namespace {

using economy::Posting;
using world::RegionState;
using Overrides = std::vector<std::string>;

constexpr std::int64_t kReserve = 69'315;
constexpr double kHalf = 0.5;

const Overrides kPrediction{"prediction.enabled=true", "prediction.period='10min'",    "prediction.payout_utkn=1000",
                            "population.agents=40",    "prediction.memory=1e18", "pricing.rule=carbon",
                            "fund.carbon_share=0.5"};

Overrides with(Overrides more) {
  Overrides all = kPrediction;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

class Market {
 public:
  explicit Market(const Overrides& overrides = kPrediction) : sim_(quick_plan(shop("BD"), overrides)) {
    for (std::size_t i = 0; i < region().agents.size(); ++i)
      region().ledger.mint(world::agent_account(i), {1'000'000'000}, Posting::endowment);
    region().ledger.clear_journal();
    prediction().trailing_mean.assign(workload::kProblemTypes, kHalf);  // and stays, the memory being so long
  }
  RegionState& region() { return sim_.worlds()[0]->regions[0]; }
  world::PredictionAccount& prediction() { return region().prediction; }
  const world::World& world() { return *sim_.worlds()[0]; }
  void step(int steps) {
    for (int k = 0; k < steps; ++k) sim_.step();
  }
  /// Two steps, after which all answers of those that gave any are taken for good or for bad; then the markets open.
  void open_after(bool good) {
    step(2);
    auto& a = region().agents;
    for (std::size_t i = 0; i < a.size(); ++i) a.correct[i] = good ? a.answered[i] : 0;
    step(1);
  }
  std::int64_t maker(std::size_t type) { return region().ledger.balance(world::maker_account(type)).value; }

 private:
  Simulation sim_;
};

TEST(PredictionInARun, PricesFollowRecords) {
  Market good, bad, unknown(with({"prediction.prior_answers=1e9"}));
  good.open_after(true);
  bad.open_after(false);
  unknown.open_after(true);
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    EXPECT_GT(good.prediction().forecast[t], 0.9);
    EXPECT_LT(bad.prediction().forecast[t], 0.1);
    EXPECT_NEAR(unknown.prediction().forecast[t], 0.5, 0.01) << "nobody believes its own record";
    EXPECT_EQ(good.maker(t), kReserve + round_half_even(1e9 * good.prediction().staked_usd[t]));
  }
}

TEST(PredictionInARun, SettlesByTheAnswersOfThePeriod) {
  Market m;
  m.open_after(true);
  std::array<double, workload::kProblemTypes> forecast{};
  for (std::size_t t = 0; t < forecast.size(); ++t) forecast[t] = m.prediction().forecast[t];
  m.step(1);
  std::array<std::uint64_t, workload::kProblemTypes> answered{}, correct{};
  for (std::size_t t = 0; t < forecast.size(); ++t)
    for (const std::uint32_t i : m.region().agents_of_type[t]) {
      answered[t] += m.region().agents.answered[i];
      correct[t] += m.region().agents.correct[i];
    }
  const auto before = m.prediction();
  m.step(1);
  for (std::size_t t = 0; t < forecast.size(); ++t) {
    const auto& p = m.prediction();
    const double share = static_cast<double>(correct[t] - before.correct_before[t]) /
                         static_cast<double>(answered[t] - before.answered_before[t]);
    const bool above = share >= kHalf;
    EXPECT_EQ(p.outcome[t], above ? 1.0 : 0.0);
    const double miss = above ? 1 - forecast[t] : forecast[t];
    EXPECT_NEAR(p.brier[t], 2 * miss * miss, 1e-12);
    EXPECT_DOUBLE_EQ(p.climate_brier[t], 0.5) << "nothing has come about before";
    // What the maker lost, traders gained: shares of 1,000 µTKN less what they cost.
    std::int64_t won = 0;
    for (std::size_t j = 0; j < 100; ++j) won += 1000 * before.held[(t * 100 + j) * 2 + (above ? 1 : 0)];
    EXPECT_NEAR(p.paid_usd[t], usd({won}), 1e-15);
    EXPECT_LE(p.loss_usd[t], usd({kReserve}));
    EXPECT_EQ(p.occurred[2 * t + (above ? 1 : 0)], 1);
  }
}

TEST(PredictionInARun, TheLossIsBoundedAndComesOutOfTheTreasury) {
  Market m(with({"prediction.stake_share=1"}));
  double loss = 0, staked = 0;
  for (int k = 0; k < 12; ++k) {
    m.step(1);
    for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
      EXPECT_LE(m.prediction().loss_usd[t], usd({kReserve}));
      staked += m.prediction().staked_usd[t];
      loss += m.prediction().loss_usd[t];
    }
  }
  EXPECT_NE(loss, 0);
  EXPECT_GT(staked, 0);
  EXPECT_NEAR(m.prediction().totals.loss_usd, loss, 1e-15);
  // The treasury has what carbon brought it, reserves counted in, less the loss.
  EXPECT_NEAR(m.region().step.treasury_usd, m.region().totals.carbon_levy_usd / 2 - loss, 1e-8);
}

TEST(PredictionInARun, NoTreasuryNoMarket) {
  Market m(with({"pricing.rule=flat"}));
  m.step(6);
  EXPECT_EQ(m.prediction().totals.unfunded, 8u) << "four, twice";
  EXPECT_EQ(m.prediction().totals.bets, 0u);
  EXPECT_EQ(std::accumulate(m.prediction().open.begin(), m.prediction().open.end(), std::int64_t{0}), 0);
}

TEST(PredictionInARun, NoAnswersNoQuestion) {
  Market m(with({"workload.requests_per_hour=1e-6"}));
  m.region().ledger.mint(world::kTreasuryAccount, {1'000'000'000}, Posting::endowment);
  m.step(6);
  EXPECT_EQ(m.prediction().totals.unfunded, 0u);
  EXPECT_EQ(m.region().ledger.total(Posting::stake), Int128{0});
}

TEST(PredictionInARun, MoreBinsAndFewTraders) {
  Market m(with({"prediction.bins=5", "prediction.traders=3"}));
  m.open_after(true);
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    EXPECT_GT(m.prediction().forecast[t], 0.5);
    EXPECT_EQ(m.prediction().outstanding.size(), 4u * 5u);
  }
  EXPECT_LE(m.prediction().totals.bets, 12u);
  EXPECT_GT(m.prediction().totals.bets, 0u);
}

TEST(PredictionInARun, AuditFindsWhatIsWrong) {
  const auto found = [](auto&& damage) {
    Market m;
    m.open_after(true);
    damage(m);
    try {
      audit_predictions(m.world(), m.region());
    } catch (const ModelError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_EQ(found([](Market&) {}), "");
  EXPECT_NE(found([](Market& m) { ++m.prediction().outstanding[0]; }).find("traders do not hold"), std::string::npos);
  EXPECT_NE(found([](Market& m) { m.prediction().open[0] = 0; }).find("settled has money"), std::string::npos);
  EXPECT_NE(found([](Market& m) {
              m.prediction().held[0] += 1'000'000;
              m.prediction().outstanding[0] += 1'000'000;
            }).find("could not pay"), std::string::npos);
  EXPECT_NE(found([](Market& m) {
              m.region().ledger.transfer(world::agent_account(0), world::maker_account(0), {1}, Posting::trade);
            }).find("what was posted"), std::string::npos);
}

}  // namespace
}  // namespace swarm::engine
