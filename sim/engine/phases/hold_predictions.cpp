#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/core/math.hpp"
#include "sim/core/parallel.hpp"
#include "sim/engine/futures.hpp"
#include "sim/engine/phases.hpp"
#include "sim/engine/prediction.hpp"

namespace swarm {
namespace engine {
namespace {

using economy::Bet;
using economy::PredictionMarket;
using world::PredictionAccount;
using world::RegionState;
using world::World;

/// One region's prediction markets as a period begins: those of the period that has ended are settled, those of the
/// one that begins are opened and traded in.
class PeriodOfPredictions {
 public:
  PeriodOfPredictions(const World& w, RegionState& r, const economy::ScoringRule& rule)
      : w_(w), params_(w.plan->scenario.prediction), rule_(rule), r_(r), p_(r.prediction), n_(rule.outcomes()),
        most_traders_(static_cast<std::size_t>(params_.traders)) {}

  void run() {
    const double kept = math::exp(-params_.period.seconds / std::max(params_.memory.seconds, 1e-9));
    for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
      std::uint64_t answered = 0, correct = 0;
      for (const std::uint32_t i : r_.agents_of_type[t]) {
        answered += r_.agents.answered[i];
        correct += r_.agents.correct[i];
      }
      const auto n = static_cast<double>(answered - std::exchange(p_.answered_before[t], answered));
      const auto right = static_cast<double>(correct - std::exchange(p_.correct_before[t], correct));
      if (p_.open[t] != 0) settle(t, n, right);
      double& mean = p_.trailing_mean[t];
      if (n > 0) mean = mean < 0 ? right / n : right / n + (mean - right / n) * kept;
      open(t, n);
    }
  }

 private:
  /// Row of what a trader holds, and the market of a type as the columns have it.
  std::size_t first_trader(std::size_t t) const { return t * most_traders_; }
  PredictionMarket market(std::size_t t, std::span<const std::uint32_t> traders) const {
    std::vector<AccountId> accounts;
    for (const std::uint32_t i : traders) accounts.push_back(world::agent_account(i));
    PredictionMarket market(rule_, world::maker_account(t), std::move(accounts));
    auto& c = market.raw();
    c.open = p_.open[t];
    std::copy_n(p_.outstanding.begin() + static_cast<std::ptrdiff_t>(t * n_), n_, c.outstanding.begin());
    std::copy_n(p_.held.begin() + static_cast<std::ptrdiff_t>(first_trader(t) * n_), c.held.size(), c.held.begin());
    return market;
  }
  void save(std::size_t t, PredictionMarket& market) {
    const auto& c = market.raw();
    p_.open[t] = c.open;
    std::ranges::copy(c.outstanding, p_.outstanding.begin() + static_cast<std::ptrdiff_t>(t * n_));
    std::ranges::copy(c.held, p_.held.begin() + static_cast<std::ptrdiff_t>(first_trader(t) * n_));
  }
  std::span<const std::uint32_t> traders(std::size_t t) const {
    const auto all = std::span<const std::uint32_t>(p_.trader).subspan(first_trader(t), most_traders_);
    return all.first(static_cast<std::size_t>(std::ranges::find(all, PredictionAccount::kNobody) - all.begin()));
  }

  /// Outcome of a share of correct answers: which of n equally likely bins it falls into, if chance alone parts it from
  /// the mean that the market was opened with.
  std::size_t bin_of(std::size_t t, double share) const {
    return economy::quality_bin(math::normal_cdf((share - p_.mean[t]) / p_.deviation[t]), n_);
  }

  /// Without an answer the mean itself is the outcome, and nothing is learnt of anybody's forecast.
  void settle(std::size_t t, double answered, double correct) {
    PredictionMarket market = this->market(t, traders(t));
    const std::size_t outcome = bin_of(t, answered > 0 ? correct / answered : p_.mean[t]);
    if (answered > 0) score(t, market, outcome);
    const auto all_wallets = [&] {
      Int128 sum = 0;
      for (const std::uint32_t i : traders(t)) sum += r_.ledger.balance(world::agent_account(i)).value;
      return sum;
    };
    const Int128 before = all_wallets();
    const MicroTkn rest = market.settle(r_.ledger, outcome, world::kTreasuryAccount);
    p_.paid_usd[t] = static_cast<double>(all_wallets() - before) / kMicroTknPerUsd;
    p_.loss_usd[t] = usd(rule_.worst_loss() - rest);
    save(t, market);
    if (r_.step.in_warmup) return;
    p_.totals.loss_usd += p_.loss_usd[t];
  }

  /// Brier scores, Σ (forecast − what came about)² over outcomes, of the market's prices and of how often outcomes came
  /// about before, each counted once more than it did.
  void score(std::size_t t, const PredictionMarket& market, std::size_t outcome) {
    const auto occurred = std::span(p_.occurred).subspan(t * n_, n_);
    const auto periods = static_cast<double>(std::accumulate(occurred.begin(), occurred.end(), std::int64_t{0}));
    std::vector<double> price(n_);
    rule_.prices(market.outstanding(), price);
    double brier = 0, climate = 0;
    for (std::size_t k = 0; k < n_; ++k) {
      const double truth = k == outcome ? 1.0 : 0.0;
      const double frequency = (static_cast<double>(occurred[k]) + 1.0) / (periods + static_cast<double>(n_));
      brier += (price[k] - truth) * (price[k] - truth);
      climate += (frequency - truth) * (frequency - truth);
    }
    ++occurred[outcome];
    p_.outcome[t] = static_cast<double>(outcome);
    p_.brier[t] = brier;
    p_.climate_brier[t] = climate;
    if (r_.step.in_warmup) return;
    ++p_.totals.markets;
    p_.totals.brier_sum += brier;
    p_.totals.climate_brier_sum += climate;
  }

  /// No question without a mean that it could be about, no market without a reserve in the treasury.
  void open(std::size_t t, double answered_lately) {
    const double mean = p_.trailing_mean[t];
    if (!(answered_lately > 0 && mean > 0 && mean < 1)) return;
    PredictionMarket market = this->market(t, {});
    if (!market.open(r_.ledger, world::kTreasuryAccount)) {
      p_.totals.unfunded += r_.step.in_warmup ? 0u : 1u;
      return;
    }
    save(t, market);
    p_.mean[t] = mean;
    p_.deviation[t] = std::sqrt(mean * (1.0 - mean) / answered_lately);
    trade(t);
  }

  /// Specialists of the type who have a record and owe no bills, at most so many, in keyed order; all trade once.
  void trade(std::size_t t) {
    const Random random(w_.plan->seed, Stream::prediction_order);
    std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
    for (const std::uint32_t i : r_.agents_of_type[t]) {
      if (r_.agents.arrears[i] > 0 || r_.agents.answered[i] == 0) continue;
      const RandomBlock draw = random.block(w_.step, AgentId(r_.id, i).packed);
      order.emplace_back((std::uint64_t{draw[0]} << 32) | draw[1], i);
    }
    const std::size_t n = std::min(order.size(), most_traders_);
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n), order.end());
    const auto row = p_.trader.begin() + static_cast<std::ptrdiff_t>(first_trader(t));
    std::fill_n(row, most_traders_, PredictionAccount::kNobody);
    std::transform(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n), row, [](const auto& o) { return o.second; });
    PredictionMarket market = this->market(t, traders(t));
    const MicroTkn before = r_.ledger.balance(world::maker_account(t));
    for (std::size_t j = 0; j < n; ++j) bet(t, market, j, order[j].second);
    p_.staked_usd[t] = usd(r_.ledger.balance(world::maker_account(t)) - before);
    save(t, market);
    std::vector<double> price(n_);
    rule_.prices(market.outstanding(), price);
    p_.forecast[t] = n_ % 2 == 0 ? 0.0 : 0.5 * price[n_ / 2];
    for (std::size_t k = (n_ + 1) / 2; k < n_; ++k) p_.forecast[t] += price[k];
  }

  /// A specialist takes its own record for what all of its type will do, and bets on the outcome where it disagrees
  /// most with the market.
  void bet(std::size_t t, PredictionMarket& market, std::size_t trader, std::uint32_t agent) {
    const double answers = params_.prior_answers + r_.agents.answered[agent];
    const double share = (params_.prior_answers * p_.mean[t] + r_.agents.correct[agent]) / answers;
    const double spread = std::sqrt(p_.deviation[t] * p_.deviation[t] + share * (1.0 - share) / answers);
    std::vector<double> price(n_);
    rule_.prices(market.outstanding(), price);
    std::size_t chosen = 0;
    double belief = 0, most = -1, below = 0;
    for (std::size_t k = 0; k < n_; ++k) {
      const double cut = p_.mean[t] + p_.deviation[t] * math::normal_quantile(static_cast<double>(k + 1) / static_cast<double>(n_));
      const double up_to = k + 1 == n_ ? 1.0 : math::normal_cdf((cut - share) / spread);
      const double probability = std::max(0.0, up_to - below);
      below = up_to;
      if (std::abs(probability - price[k]) <= most) continue;
      most = std::abs(probability - price[k]);
      belief = probability;
      chosen = k;
    }
    const auto wallet = static_cast<double>(r_.ledger.balance(world::agent_account(agent)).value);
    const MicroTkn budget{static_cast<std::int64_t>(std::floor(params_.stake_share * wallet))};
    const Bet bet = economy::choose_bet(rule_, market.outstanding(), chosen, belief, budget, params_.bettor);
    if (bet.shares == 0) return;
    market.trade(r_.ledger, trader, bet);
    if (!r_.step.in_warmup) ++p_.totals.bets;
  }

  const World& w_;
  const economy::PredictionMarketParams& params_;
  const economy::ScoringRule& rule_;
  RegionState& r_;
  PredictionAccount& p_;
  std::size_t n_, most_traders_;
};

}  // namespace

void hold_predictions(World& w) {
  const auto& prediction = w.plan->scenario.prediction;
  if (!prediction.enabled || !period_begins(*w.plan, w.step, prediction.period)) return;
  const economy::ScoringRule rule = scoring_rule(*w.plan);
  parallel_each(w.regions.size(), [&](std::size_t i) { PeriodOfPredictions(w, w.regions[i], rule).run(); });
}

}  // namespace engine
}  // namespace swarm
