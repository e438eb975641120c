#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/distributions.hpp"
#include "sim/core/math.hpp"
#include "sim/core/parallel.hpp"
#include "sim/economy/call_auction.hpp"
#include "sim/economy/futures.hpp"
#include "sim/engine/futures.hpp"
#include "sim/engine/market.hpp"
#include "sim/engine/phases.hpp"
#include "sim/grid/clock.hpp"

namespace swarm {
namespace engine {
namespace {

using economy::FuturesSettlement;
using world::RegionState;
using world::World;

/// A region's users buy in so many parts, each with an expectation of its own, so that a market is not all or nothing.
constexpr std::int64_t kGroupsOfUsers = 16;
/// Periods that must have ended before hedging can show in a period's income: one to learn from, one of sale, one to
/// deliver in.
constexpr std::uint32_t kFirstHedgedPeriod = 3;

/// One region's futures as a period begins: what was sold two periods ago ends, what was sold a period ago is marked,
/// and the period after this one is sold.
class PeriodOfFutures {
 public:
  PeriodOfFutures(const World& w, RegionState& r)
      : plan_(*w.plan), params_(plan_.scenario.futures), r_(r), f_(r.futures), random_(plan_.seed, Stream::futures_forecast),
        step_(w.step), rows_(r.agents.size() + workload::kProblemTypes) {
    const std::int64_t length = round_half_even(params_.period.seconds);
    const std::int64_t index = grid::floor_div(plan_.utc_of(step_), length);
    parity_ = static_cast<std::size_t>(index & 1);
    const std::int64_t began = (index - 1) * length;
    whole_ = began >= plan_.start_utc;
    counts_ = whole_ && began >= plan_.utc_of(plan_.warmup_steps);
    fresh_ = 1.0 - math::exp(-params_.period.seconds / std::max(params_.memory.seconds, 1e-9));
  }

  void run() {
    for (std::size_t t = 0; t < workload::kProblemTypes; ++t) settle(t);
    close_incomes();
    for (std::size_t t = 0; t < workload::kProblemTypes; ++t) sell(t);
    for (std::size_t t = 0; t < workload::kProblemTypes; ++t) count_open(t);
  }

 private:
  std::size_t first(std::size_t parity, std::size_t type) const { return parity * rows_ + first_position(r_, type); }
  std::size_t traders(std::size_t type) const { return 1 + r_.agents_of_type[type].size(); }
  AccountId wallet(std::size_t type, std::size_t trader) const {
    return trader == 0 ? world::kUsersAccount : world::agent_account(r_.agents_of_type[type][trader - 1]);
  }

  economy::FuturesBook book(std::size_t parity, std::size_t type) const {
    std::vector<AccountId> wallets;
    for (std::size_t j = 0; j < traders(type); ++j) wallets.push_back(wallet(type, j));
    economy::FuturesBook book(params_, world::kMarginAccount, std::move(wallets));
    const auto at = static_cast<std::ptrdiff_t>(first(parity, type)), end = at + static_cast<std::ptrdiff_t>(traders(type));
    const auto rows = [&](const std::vector<std::int64_t>& all) {
      return std::vector<std::int64_t>(all.begin() + at, all.begin() + end);
    };
    book.restore({rows(f_.contracts), rows(f_.basis), rows(f_.margin)});
    return book;
  }
  void save(const economy::FuturesBook& book, std::size_t parity, std::size_t type) {
    const auto at = static_cast<std::ptrdiff_t>(first(parity, type));
    const auto& c = book.columns();
    std::ranges::copy(c.contracts, f_.contracts.begin() + at);
    std::ranges::copy(c.basis, f_.basis.begin() + at);
    std::ranges::copy(c.margin, f_.margin.begin() + at);
  }

  /// Mean price of a standard request over the period that has ended; NaN if nothing was sold.
  double realised_usd(std::size_t type) const {
    if (f_.work[type] == 0) return std::numeric_limits<double>::quiet_NaN();
    const double work = static_cast<double>(f_.work[type]) / static_cast<double>(kWorkUnits);
    return usd({f_.value[type]}) / (work * static_cast<double>(plan_.multiplicity));
  }

  void settle(std::size_t t) {
    const double mean = realised_usd(t);
    f_.realised_usd[t] = mean;
    const bool sold = mean == mean;
    end_contract(t, sold ? mean : f_.expected_usd[t], sold);
    double& expected = f_.expected_usd[t];
    if (sold) expected = expected > 0 ? expected + fresh_ * (mean - expected) : mean;
    settle_at(t, parity_ ^ 1u, expected, false);
    f_.value[t] = f_.work[t] = 0;
  }

  void end_contract(std::size_t t, double price_usd, bool realised) {
    std::int64_t& agreed = f_.agreed[parity_ * workload::kProblemTypes + t];
    if (agreed > 0 && realised && counts_) {
      const double price = params_.units_per_contract * price_usd * kMicroTknPerUsd;
      f_.totals.error_sum += std::abs(static_cast<double>(agreed) - price) / price;
      ++f_.totals.markets;
    }
    agreed = 0;
    settle_at(t, parity_, price_usd, true);
  }

  /// One settlement of all positions of a contract, and what each owner gained by it.
  void settle_at(std::size_t t, std::size_t parity, double price_usd, bool last) {
    const std::size_t at = first(parity, t), n = traders(t);
    if (std::all_of(f_.contracts.begin() + static_cast<std::ptrdiff_t>(at),
                    f_.contracts.begin() + static_cast<std::ptrdiff_t>(at + n), [](auto held) { return held == 0; }))
      return;  // nobody holds a position, so there is no security either
    economy::FuturesBook positions = book(parity, t);
    const auto owns = [&](std::size_t j) { return r_.ledger.balance(wallet(t, j)).value + positions.columns().margin[j]; };
    std::vector<std::int64_t> before(n);
    for (std::size_t j = 0; j < n; ++j) before[j] = owns(j);
    const MicroTkn price = economy::contract_price(params_, price_usd);
    const FuturesSettlement done = last ? positions.expire(r_.ledger, price) : positions.settle(r_.ledger, price);
    for (std::size_t j = 0; j < n; ++j) f_.gain[at + j] += owns(j) - before[j];
    save(positions, parity, t);
    f_.calls_usd[t] += usd(done.called);
    f_.flow_usd[t] += usd(done.gains - done.shortfall);
    f_.shortfall_usd[t] += usd(done.shortfall);
    f_.defaults[t] += static_cast<std::uint32_t>(done.liquidated);
  }

  /// What each specialist was paid for answers in the period that has ended, and with the gain on its contract of it.
  /// A part of a period that the run began in teaches nothing.
  void close_incomes() {
    f_.closed += whole_;
    const bool count = counts_ && f_.closed >= kFirstHedgedPeriod;
    f_.counted += count;
    for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
      smooth(f_.spending[t], f_.spent[t]);
      f_.spent[t] = 0;
      const std::size_t at = first(parity_, t);
      f_.gain[at] = 0;  // users'
      for (std::size_t j = 1; j < traders(t); ++j) {
        const std::uint32_t i = r_.agents_of_type[t][j - 1];
        const std::int64_t earned = r_.agents.earned[i] - f_.earned_before[i];
        f_.earned_before[i] = r_.agents.earned[i];
        smooth(f_.income[i], earned);
        const double spot = usd({earned}), hedged = usd({earned + f_.gain[at + j]});
        f_.gain[at + j] = 0;
        if (!count) continue;
        f_.spot_sum[i] += spot;
        f_.spot_squares[i] += spot * spot;
        f_.hedged_sum[i] += hedged;
        f_.hedged_squares[i] += hedged * hedged;
      }
    }
  }

  void smooth(std::int64_t& mean, std::int64_t value) const {
    if (!whole_) return;
    mean = f_.closed == 1 ? value : mean + round_half_even(fresh_ * static_cast<double>(value - mean));
  }

  /// What somebody expects to pay or get for a contract, risk premium included.
  std::int64_t limit(double price, std::uint64_t who, double premium) const {
    const RandomBlock draw = random_.block(step_, who);
    const double error = params_.forecast_error * normal(uniform_open(draw[0], draw[1]));
    return round_half_even(std::max(0.0, price * (1.0 + error) * (1.0 + premium)));
  }

  /// Users and specialists bid for the period after this one in a call auction.
  void sell(std::size_t t) {
    const auto price = static_cast<double>(economy::contract_price(params_, f_.expected_usd[t]).value);
    if (price == 0) return;
    const auto contracts = [&](double share, std::int64_t money) {
      return static_cast<std::int64_t>(std::clamp(share * static_cast<double>(money) / price, 0.0, 1e15));
    };
    std::vector<economy::LimitOrder> bids, asks;
    std::vector<std::size_t> sellers;
    const std::int64_t wanted = contracts(params_.users_hedge_share, f_.spending[t]);
    for (std::int64_t g = 0; g < kGroupsOfUsers; ++g) {
      const auto row = t * static_cast<std::size_t>(kGroupsOfUsers) + static_cast<std::size_t>(g);
      bids.push_back({limit(price, world::users_as_bidder(r_.id, row), params_.buyer_premium),
                      wanted / kGroupsOfUsers + (g < wanted % kGroupsOfUsers)});
    }
    for (std::size_t j = 1; j < traders(t); ++j) {
      const std::uint32_t i = r_.agents_of_type[t][j - 1];
      const std::int64_t offered = contracts(params_.hedge_share, f_.income[i]);
      if (offered == 0 || r_.agents.arrears[i] > 0) continue;
      asks.push_back({limit(price, AgentId(r_.id, i).packed, -params_.seller_premium), offered});
      sellers.push_back(j);
    }
    std::vector<std::int64_t> bought(bids.size()), sold(asks.size()), quantities(traders(t));
    economy::CallScratch scratch;
    const economy::Clearing clearing = economy::clear_uniform(bids, asks, 0.5, bought, sold, scratch);
    if (!clearing.traded || clearing.price == 0) return;
    quantities[0] = clearing.volume;
    for (std::size_t k = 0; k < asks.size(); ++k) quantities[sellers[k]] = -sold[k];
    open(t, quantities, {clearing.price});
  }

  void open(std::size_t t, std::span<std::int64_t> quantities, MicroTkn price) {
    economy::FuturesBook positions = book(parity_, t);
    const std::int64_t traded = positions.trade(r_.ledger, quantities, price);
    save(positions, parity_, t);
    if (traded == 0) return;
    f_.agreed[parity_ * workload::kProblemTypes + t] = price.value;
    f_.price_usd[t] = usd(price) / params_.units_per_contract;
    if (!r_.step.in_warmup) f_.totals.contracts += traded;
  }

  void count_open(std::size_t t) {
    f_.open_interest[t] = 0;
    for (std::size_t parity = 0; parity < 2; ++parity)
      for (std::size_t j = 0; j < traders(t); ++j)
        f_.open_interest[t] += std::max<std::int64_t>(0, f_.contracts[first(parity, t) + j]);
    if (r_.step.in_warmup) return;
    f_.totals.calls_usd += f_.calls_usd[t];
    f_.totals.flow_usd += f_.flow_usd[t];
    f_.totals.shortfall_usd += f_.shortfall_usd[t];
    f_.totals.defaults += f_.defaults[t];
  }

  const world::Plan& plan_;
  const economy::FuturesParams& params_;
  RegionState& r_;
  world::FuturesAccount& f_;
  Random random_;
  std::uint32_t step_;
  std::size_t rows_, parity_ = 0;
  bool whole_ = false, counts_ = false;  ///< the period that has ended: all within the run; and after the warm-up
  double fresh_ = 1;
};

}  // namespace

void trade_futures(World& w) {
  const auto& futures = w.plan->scenario.futures;
  if (!futures.enabled || !period_begins(*w.plan, w.step, futures.period)) return;
  parallel_each(w.regions.size(), [&](std::size_t i) { PeriodOfFutures(w, w.regions[i]).run(); });
}

}  // namespace engine
}  // namespace swarm
