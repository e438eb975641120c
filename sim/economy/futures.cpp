#include "sim/economy/futures.hpp"

#include <algorithm>

#include "sim/economy/pro_rata.hpp"

namespace swarm {
namespace economy {
namespace {

constexpr std::int64_t kPpm = 1'000'000;

std::int64_t magnitude(std::int64_t x) {
  return x < 0 ? -x : x;
}

MicroTkn share_of_value(std::int64_t ppm, std::int64_t contracts, MicroTkn price) {
  const MicroTkn value = price * magnitude(contracts);
  const Int128 margin = (Int128{value.value} * ppm + kPpm - 1) / kPpm;
  return {static_cast<std::int64_t>(margin)};  // ppm ≤ 1e6
}

std::vector<AccountId> wallets_from(AccountId first, std::size_t agents) {
  std::vector<AccountId> wallets;
  for (std::size_t i = 0; i < agents; ++i) wallets.push_back({first.value + i});
  return wallets;
}

}  // namespace

MicroTkn contract_price(const FuturesParams& params, double usd_per_unit) {
  return micro_tkn_from_usd(params.units_per_contract * usd_per_unit);
}

FuturesBook::FuturesBook(const FuturesParams& params, AccountId account, AccountId first, std::size_t agents)
    : FuturesBook(params, account, wallets_from(first, agents)) {}

FuturesBook::FuturesBook(const FuturesParams& params, AccountId account, std::vector<AccountId> wallets)
    : account_(account),
      wallets_(std::move(wallets)),
      initial_ppm_(round_half_even(params.initial_margin * double{kPpm})),
      maintenance_ppm_(round_half_even(params.maintenance_margin * double{kPpm})),
      change_(wallets_.size()),
      liquidated_(wallets_.size()) {
  EXPECT(std::ranges::find(wallets_, account) == wallets_.end());
  if (maintenance_ppm_ > initial_ppm_ || initial_ppm_ > kPpm || maintenance_ppm_ < 0)
    throw ModelError(fmt::format(
        "margins of {} and {} of a position's value (the second must lie between 0 and the first, "
        "which is at most 1) lower the maintenance margin",
        params.initial_margin, params.maintenance_margin));
  for (auto* column : {&columns_.contracts, &columns_.basis, &columns_.margin}) column->resize(wallets_.size());
}

void FuturesBook::restore(FuturesColumns columns) {
  for (const auto* column : {&columns.contracts, &columns.basis, &columns.margin})
    EXPECT(column->size() == change_.size());
  columns_ = std::move(columns);
}

MicroTkn FuturesBook::initial_margin(std::int64_t contracts, MicroTkn price) const {
  return share_of_value(initial_ppm_, contracts, price);
}

MicroTkn FuturesBook::maintenance_margin(std::int64_t contracts, MicroTkn price) const {
  return share_of_value(maintenance_ppm_, contracts, price);
}

void FuturesBook::add_margin(Ledger& ledger, std::size_t agent, std::int64_t amount) {
  if (amount <= 0) return;
  ledger.transfer(wallet(agent), account_, {amount}, Posting::margin);
  columns_.margin[agent] += amount;
}

/// How many of |quantity| contracts the agent can open with what it has.
std::int64_t FuturesBook::affordable(const Ledger& ledger, std::size_t agent, std::int64_t quantity,
                                     MicroTkn price) const {
  const std::int64_t wanted = magnitude(quantity), held = columns_.contracts[agent];
  const Int128 money = Int128{ledger.balance(wallet(agent)).value} + columns_.margin[agent];
  const Int128 per_contract = Int128{price.value} * initial_ppm_;
  // ⌈rate·n·price⌉ ≤ money exactly if n·price·ppm ≤ money·10⁶.
  const Int128 position = per_contract == 0 ? Int128{INT64_MAX} : money * kPpm / per_contract;
  const bool reduces = (held < 0) != (quantity < 0) && held != 0;
  const Int128 possible = reduces ? position + magnitude(held) : position - magnitude(held);
  return static_cast<std::int64_t>(std::clamp<Int128>(possible, 0, wanted));
}

std::int64_t FuturesBook::trade(Ledger& ledger, std::span<std::int64_t> quantities, MicroTkn price) {
  EXPECT(quantities.size() == change_.size() && price.value >= 0);
  Int128 bought = 0, sold = 0;
  for (std::size_t i = 0; i < quantities.size(); ++i) {
    if (quantities[i] == 0) continue;
    const std::int64_t n = affordable(ledger, i, quantities[i], price);
    quantities[i] > 0 ? bought += n : sold += n;
    quantities[i] = quantities[i] > 0 ? n : -n;
  }
  if (bought > INT64_MAX && sold > INT64_MAX) integer_overflow("contracts of a market");
  const auto traded = static_cast<std::int64_t>(std::min(bought, sold));
  ProRata buyers(bought, traded), sellers(sold, traded);
  for (std::size_t i = 0; i < quantities.size(); ++i) {
    if (quantities[i] == 0) continue;
    quantities[i] = quantities[i] > 0 ? buyers.next(quantities[i]) : -sellers.next(-quantities[i]);
    columns_.contracts[i] = (MicroTkn{columns_.contracts[i]} + MicroTkn{quantities[i]}).value;
    columns_.basis[i] = (MicroTkn{columns_.basis[i]} + price * quantities[i]).value;
    const std::int64_t missing = initial_margin(columns_.contracts[i], price).value - columns_.margin[i];
    add_margin(ledger, i, std::min(missing, ledger.balance(wallet(i)).value));
  }
  return traded;
}

/// Losers pay, winners receive what they paid. The variations sum to zero because contracts and bases do.
void FuturesBook::exchange_variation(Ledger& ledger, MicroTkn price, FuturesSettlement& done) {
  for (std::size_t i = 0; i < change_.size(); ++i) {
    liquidated_[i] = 0;
    const MicroTkn value = price * columns_.contracts[i];
    change_[i] = (value - MicroTkn{columns_.basis[i]}).value;
    columns_.basis[i] = value.value;
    if (change_[i] > 0) done.gains += {change_[i]};
    if (change_[i] >= 0) continue;
    const std::int64_t loss = -change_[i];
    const std::int64_t asked = std::min(loss - columns_.margin[i], ledger.balance(wallet(i)).value);
    add_margin(ledger, i, asked);
    if (asked > 0) done.called += {asked};
    const std::int64_t paid = std::min(loss, columns_.margin[i]);
    columns_.margin[i] -= paid;
    done.shortfall += {loss - paid};
    liquidated_[i] = paid < loss;
  }
  ProRata paid_gains(done.gains.value, (done.gains - done.shortfall).value);
  for (std::size_t i = 0; i < change_.size(); ++i) {
    const std::int64_t gain = change_[i] > 0 ? paid_gains.next(change_[i]) : 0;
    if (gain > 0) ledger.transfer(account_, wallet(i), {gain}, Posting::variation);
  }
}

void FuturesBook::call_margins(Ledger& ledger, MicroTkn price, FuturesSettlement& done) {
  for (std::size_t i = 0; i < change_.size(); ++i) {
    const std::int64_t least = maintenance_margin(columns_.contracts[i], price).value;
    if (columns_.margin[i] >= least || liquidated_[i]) continue;
    const std::int64_t has = ledger.balance(wallet(i)).value;
    liquidated_[i] = has < least - columns_.margin[i];
    if (liquidated_[i]) continue;
    const std::int64_t call =
        std::min(initial_margin(columns_.contracts[i], price).value - columns_.margin[i], has);
    add_margin(ledger, i, call);
    done.called += {call};
  }
}

/// A position is worth nothing just after its settlement, so ending it costs neither side money.
void FuturesBook::close_liquidated(MicroTkn price, FuturesSettlement& done) {
  Int128 net = 0, longs = 0, shorts = 0;  // longs and shorts that stay
  std::int64_t ended_long = 0, ended_short = 0;
  for (std::size_t i = 0; i < change_.size(); ++i) {
    const std::int64_t held = columns_.contracts[i];
    if (!liquidated_[i]) {
      (held > 0 ? longs : shorts) += magnitude(held);
      continue;
    }
    net += held;
    (held > 0 ? ended_long : ended_short) += magnitude(held);
    columns_.contracts[i] = columns_.basis[i] = 0;
    ++done.liquidated;
  }
  done.closed = std::max(ended_long, ended_short);
  if (net == 0) return;
  const auto surplus = static_cast<std::int64_t>(net < 0 ? -net : net);
  // What stays sums to −net, so the other side has at least as many contracts as must end.
  ProRata parts(net > 0 ? shorts : longs, surplus);
  for (std::size_t i = 0; i < change_.size(); ++i) {
    std::int64_t& held = columns_.contracts[i];
    if (net > 0 && held < 0) held += parts.next(-held);
    if (net < 0 && held > 0) held -= parts.next(held);
    columns_.basis[i] = (price * held).value;
  }
}

void FuturesBook::return_margins(Ledger& ledger, MicroTkn price) {
  for (std::size_t i = 0; i < change_.size(); ++i) {
    const std::int64_t above = columns_.margin[i] - initial_margin(columns_.contracts[i], price).value;
    if (above <= 0) continue;
    ledger.transfer(account_, wallet(i), {above}, Posting::margin_return);
    columns_.margin[i] -= above;
  }
}

FuturesSettlement FuturesBook::settle(Ledger& ledger, MicroTkn price, bool last) {
  EXPECT(price.value >= 0);
  FuturesSettlement done;
  exchange_variation(ledger, price, done);
  if (last) {
    done.liquidated = std::ranges::count(liquidated_, std::uint8_t{1});
    std::ranges::fill(columns_.contracts, 0);
    std::ranges::fill(columns_.basis, 0);
  } else {
    call_margins(ledger, price, done);
    close_liquidated(price, done);
  }
  return_margins(ledger, price);
  return done;
}

}  // namespace economy
}  // namespace swarm
