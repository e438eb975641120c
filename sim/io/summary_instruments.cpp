#include "sim/io/summary_instruments.hpp"

#include <limits>

namespace swarm::io {
namespace {

using world::RegionState;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double over(double part, double whole) { return whole > 0 ? part / whole : kNone; }

/// Sum over specialists of the variance of their incomes, or of these with their gains on futures.
struct Spread {
  double spot = 0, hedged = 0;
  void add(const RegionState& r) {
    const auto& f = r.futures;
    const double n = f.counted;
    if (n < 2) return;
    for (std::size_t i = 0; i < f.spot_sum.size(); ++i) {
      spot += f.spot_squares[i] - f.spot_sum[i] * f.spot_sum[i] / n;
      hedged += f.hedged_squares[i] - f.hedged_sum[i] * f.hedged_sum[i] / n;
    }
  }
};

}  // namespace

double makers_loss_usd(const engine::Simulation& sim) {
  double sum = 0;
  sim.each_region([&](const RegionState& r) { sum += r.prediction.totals.loss_usd; });
  return sum;
}

std::vector<StaticVariable> instruments_summary(const engine::Simulation& sim, double carbon_g) {
  world::FuturesTotals f{};
  world::PredictionTotals p{};
  Spread spread;
  double value = sim.plan().scenario.value.form == economy::ValueForm::none ? kNone : 0.0;
  sim.each_region([&](const RegionState& r) {
    const auto &a = r.futures.totals;
    const auto &b = r.prediction.totals;
    for (auto field : {&world::FuturesTotals::error_sum, &world::FuturesTotals::calls_usd, &world::FuturesTotals::flow_usd,
                       &world::FuturesTotals::shortfall_usd})
      f.*field += a.*field;
    f.markets += a.markets;
    f.defaults += a.defaults;
    f.contracts += a.contracts;
    for (auto field : {&world::PredictionTotals::brier_sum, &world::PredictionTotals::climate_brier_sum,
                       &world::PredictionTotals::loss_usd})
      p.*field += b.*field;
    for (auto field : {&world::PredictionTotals::markets, &world::PredictionTotals::unfunded, &world::PredictionTotals::bets})
      p.*field += b.*field;
    spread.add(r);
    value += r.value.total_usd;
  });
  std::vector<StaticVariable> all;
  const auto number = [&](std::string name, double amount, std::string unit, std::string meaning,
                          ResultKind kind = ResultKind::accounting) {
    all.push_back({std::move(name), std::vector<double>{amount}, {}, std::move(unit), std::move(meaning), kind});
  };
  const auto count = [&](std::string name, std::int64_t amount, std::string meaning) {
    all.push_back({std::move(name), std::vector<std::int64_t>{amount}, {}, "1", std::move(meaning)});
  };
  const auto i64 = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  count("futures_contracts", f.contracts, "futures contracts sold");
  count("futures_settled", i64(f.markets), "markets' contracts that ended at a realised price");
  number("futures_basis_error", over(f.error_sum, static_cast<double>(f.markets)), "1",
         "mean |agreed price - realised mean price|/realised mean price of futures that were settled");
  number("hedged_variance_ratio", over(spread.hedged, spread.spot), "1",
         "variance of specialists' income per period with their gains on futures over that without");
  number("futures_flow_usd", f.flow_usd, "USD", "paid from losers to winners at settlements of futures");
  number("futures_calls_usd", f.calls_usd, "USD", "security that owners of futures had to add");
  number("futures_shortfall_usd", f.shortfall_usd, "USD", "losses on futures that were not paid, and so not received");
  count("futures_defaults", i64(f.defaults), "owners of futures who could not pay a loss or a margin");
  count("prediction_markets", i64(p.markets), "prediction markets that were settled by answers");
  count("prediction_unfunded", i64(p.unfunded), "prediction markets that the treasury could not fund");
  count("prediction_bets", i64(p.bets), "bets in prediction markets");
  const auto markets = static_cast<double>(p.markets);
  number("prediction_brier", over(p.brier_sum, markets), "1", "mean Brier score of prediction markets' prices, 0 to 2", ResultKind::executed);
  number("climatology_brier", over(p.climate_brier_sum, markets), "1", "mean Brier score of forecasts by how often outcomes came about before, 0 to 2", ResultKind::executed);
  number("prediction_loss_usd", p.loss_usd, "USD", "lost by makers of prediction markets, from treasuries to specialists");
  number("answer_value_usd", value, "USD", "modelled value of answers (value.form), by energy, scarcity, timing and quality", ResultKind::modelled);
  number("answer_value_usd_per_g", over(value, carbon_g), "USD/g", "answer_value_usd over location-based carbon", ResultKind::modelled);
  return all;
}

}  // namespace swarm::io
