#include "sim/engine/futures.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/unit/engine/shop.hpp"

/// Futures in a run of one site with eight specialists, where every request costs 66,000 µTKN. A
/// contract is about ten requests, 660,000 µTKN; a period is two steps.
namespace swarm::engine {
namespace {

using economy::Posting;
using world::RegionState;
using Overrides = std::vector<std::string>;

constexpr std::int64_t kContract = 10 * kBase;

const Overrides kFutures{"futures.enabled=true",     "futures.period='10min'",    "futures.units_per_contract=10",
                         "futures.forecast_error=0", "futures.buyer_premium=0",   "futures.seller_premium=0",
                         "population.agents=8",      "futures.memory=1e18"};

Overrides with(Overrides more) {
  Overrides all = kFutures;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

class Market {
 public:
  explicit Market(const Overrides& overrides = kFutures) : sim_(quick_plan(shop("BD"), overrides)) {
    for (std::size_t i = 0; i < region().agents.size(); ++i)
      region().ledger.mint(world::agent_account(i), {1'000'000'000}, Posting::endowment);
    region().ledger.clear_journal();
  }
  RegionState& region() { return sim_.worlds()[0]->regions[0]; }
  world::FuturesAccount& futures() { return region().futures; }
  const world::World& world() { return *sim_.worlds()[0]; }
  void step(int steps) {
    for (int k = 0; k < steps; ++k) sim_.step();
  }
  /// Traders expect `usd` for a request whatever they see, the memory being so long.
  void expect_price(double usd) { futures().expected_usd.assign(workload::kProblemTypes, usd); }
  std::int64_t sum(const std::vector<std::int64_t>& column) { return std::accumulate(column.begin(), column.end(), std::int64_t{0}); }
  double sum(const std::vector<double>& column) { return std::accumulate(column.begin(), column.end(), 0.0); }
  std::int64_t contracts() { return sum(futures().open_interest); }

 private:
  Simulation sim_;
};

TEST(FuturesInARun, AtSteadyPricesTheFutureIsTheSpotPrice) {
  Market m;
  for (int k = 0; k < 12; ++k) {
    m.step(1);
    for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
      const bool begins = k >= 2 && k % 2 == 0;
      EXPECT_EQ(!std::isnan(m.futures().price_usd[t]), begins) << k;
      if (!begins) continue;
      EXPECT_NEAR(m.futures().price_usd[t], kBase * 1e-9, 1e-15);
      EXPECT_NEAR(m.futures().realised_usd[t], kBase * 1e-9, 1e-15);
    }
    EXPECT_EQ(m.sum(m.futures().flow_usd), 0) << "nobody gains, nobody loses";
  }
  EXPECT_GT(m.contracts(), 50);
  EXPECT_EQ(m.futures().totals.markets, 4u * 3u) << "sold as periods 1, 2, 3 begin, ended as 3, 4, 5 do";
  EXPECT_LT(m.futures().totals.error_sum, 12 * 0.5 / kContract) << "rounding of a contract's price";
  EXPECT_EQ(m.futures().closed, 5u);
  EXPECT_EQ(m.futures().counted, 3u);
}

/// Largest |agreed − realised| of a contract over the range of mean prices up to the period it is about.
double worst_over_bound(const Overrides& overrides) {
  Market m(with(overrides));
  constexpr std::size_t kTypes = workload::kProblemTypes;
  std::array<std::vector<double>, kTypes> agreed, realised;  // by period in which it is sold, or which has ended
  for (int k = 0; k < 12; ++k) {
    m.step(1);
    if (k == 0 || k % 2 != 0) continue;
    for (std::size_t t = 0; t < kTypes; ++t) {
      agreed[t].push_back(m.futures().price_usd[t]);
      realised[t].push_back(m.futures().realised_usd[t]);
    }
  }
  double worst = 0;
  for (std::size_t t = 0; t < kTypes; ++t)
    for (std::size_t k = 0; k + 2 < agreed[t].size(); ++k) {  // sold as period k + 1 begins, about period k + 2
      const auto [low, high] = std::minmax_element(realised[t].begin(), realised[t].begin() + static_cast<std::ptrdiff_t>(k + 3));
      EXPECT_GT(*high, *low) << "prices move";
      const double rounding = 0.5e-9 / 10;  // half a µTKN for ten requests
      worst = std::max(worst, std::abs(agreed[t][k] - realised[t][k + 2]) / (*high - *low + rounding));
    }
  return worst;
}

TEST(FuturesInARun, NoArbitrageBetweenSpotAndFuture) {
  // Asks that rise with the load of few servers; the expectation follows them.
  const Overrides moving{"pricing.load_slope=0.2", "pricing.load_knee=0", "pricing.load_memory=300", "site.S.servers=30",
                         "futures.memory=600"};
  EXPECT_LE(worst_over_bound(moving), 1.0 + 1e-12);
  Overrides dear = moving;
  dear.insert(dear.end(), {"futures.buyer_premium=0.5", "futures.seller_premium=0.01"});
  EXPECT_GT(worst_over_bound(dear), 1.0) << "mutant: a premium is an arbitrage for who sells";
}

TEST(FuturesInARun, HalfOfWhatIsEarnedIsSoldForward) {
  Market m(with({"futures.users_hedge_share=10"}));
  m.step(3);
  const auto& a = m.region().agents;
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t)
    for (std::size_t j = 0; j < m.region().agents_of_type[t].size(); ++j) {
      const std::uint32_t i = m.region().agents_of_type[t][j];
      const std::size_t row = (a.size() + workload::kProblemTypes) + first_position(m.region(), t) + 1 + j;
      EXPECT_EQ(-m.futures().contracts[row], m.futures().income[i] / 2 / kContract) << "period 1 is odd";
    }
  EXPECT_GT(m.sum(m.futures().income), 0);
}

TEST(FuturesInARun, WhoSoldForwardGainsWhatThePriceFell) {
  Market m;
  m.expect_price(2 * kBase * 1e-9);
  m.step(3);
  const std::int64_t sold = m.contracts();  // at 1,320,000 µTKN, as period 1 begins
  ASSERT_GT(sold, 20);
  EXPECT_EQ(m.region().ledger.balance(world::kMarginAccount).value, 2 * sold * 2 * kContract / 5) << "a fifth from either side";
  m.step(2);
  EXPECT_EQ(m.sum(m.futures().flow_usd), 0) << "the mark is what is expected, and that stays";
  const std::vector<std::int64_t> held = m.futures().contracts;
  m.step(2);
  // As period 3 begins each contract is settled at 660,000 µTKN. Half the price is lost, a fifth is there as margin.
  EXPECT_NEAR(m.sum(m.futures().flow_usd), usd({sold * kContract}), 1e-12);
  EXPECT_NEAR(m.sum(m.futures().calls_usd), usd({sold * kContract * 6 / 10}), 1e-12);
  EXPECT_EQ(m.sum(m.futures().shortfall_usd), 0);
  EXPECT_NEAR(m.futures().totals.error_sum, 4, 1e-6) << "each agreed price is twice the realised one";
  const std::size_t rows = m.region().agents.size() + workload::kProblemTypes;
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t)
    for (std::size_t j = 0; j < m.region().agents_of_type[t].size(); ++j) {
      const std::uint32_t i = m.region().agents_of_type[t][j];
      const std::int64_t n = -held[rows + first_position(m.region(), t) + 1 + j];
      EXPECT_NEAR(m.futures().hedged_sum[i] - m.futures().spot_sum[i], usd({n * kContract}), 1e-9) << "counted in its period";
    }
}

TEST(FuturesInARun, WinnersShareWhatUsersCannotPay) {
  Market m;
  m.expect_price(2 * kBase * 1e-9);
  m.step(3);
  const std::int64_t sold = m.contracts();
  m.step(3);
  auto& r = m.region();
  r.ledger.burn(world::kUsersAccount, r.ledger.balance(world::kUsersAccount), Posting::withdrawal);
  m.step(1);
  const double margin = usd({sold * kContract * 4 / 10}), loss = usd({sold * kContract});
  EXPECT_NEAR(m.sum(m.futures().flow_usd), margin, 1e-12);
  EXPECT_NEAR(m.sum(m.futures().shortfall_usd), loss - margin, 1e-12);
  EXPECT_EQ(m.futures().defaults, std::vector<std::uint32_t>(4, 1)) << "the users, in each market";
  EXPECT_TRUE(std::isnan(m.futures().price_usd[0])) << "and buy nothing more";
}

TEST(FuturesInARun, NoContractsWithoutAPriceOrMoney) {
  Market idle(with({"workload.requests_per_hour=1e-6"}));
  idle.step(6);
  EXPECT_EQ(idle.contracts(), 0);
  EXPECT_TRUE(std::isnan(idle.futures().realised_usd[0]));
  Market owing;
  owing.step(2);
  owing.region().agents.arrears.assign(8, 1'000'000'000'000);
  owing.step(1);
  EXPECT_EQ(owing.contracts(), 0) << "who owes bills sells nothing forward";
}

TEST(FuturesInARun, AuditFindsWhatIsWrong) {
  const auto found = [](auto&& damage) {
    Market m;
    m.step(3);
    damage(m);
    try {
      audit_futures(m.world(), m.region());
    } catch (const ModelError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_EQ(found([](Market&) {}), "");
  EXPECT_NE(found([](Market& m) { ++m.futures().contracts[1]; }).find("contracts do not sum"), std::string::npos);
  EXPECT_NE(found([](Market& m) { ++m.futures().basis[1]; }).find("settled values do not"), std::string::npos);
  EXPECT_NE(found([](Market& m) { ++m.futures().margin[1]; }).find("sum of all margins"), std::string::npos);
  EXPECT_NE(found([](Market& m) { m.futures().margin[1] = -1; }).find("negative"), std::string::npos);
  EXPECT_NE(found([](Market& m) {
              m.region().ledger.transfer(world::agent_account(0), world::kMarginAccount, {1}, Posting::trade);
              ++m.futures().margin[1];
            }).find("what was posted"), std::string::npos);
}

}  // namespace
}  // namespace swarm::engine
