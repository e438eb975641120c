#include "sim/economy/lending.hpp"

#include <algorithm>

#include "sim/economy/pro_rata.hpp"

namespace swarm {
namespace economy {
namespace {

// Shares are merged once one is worth less than this part of a µTKN, so that shares never outgrow 64 bits.
constexpr std::int64_t kMostSharesPerMicroTkn = 1024;

std::int64_t whole_seconds(Duration d) {
  return round_half_even(d.seconds);
}

std::int64_t narrow(Int128 x) {
  if (x > INT64_MAX) integer_overflow("shares of a pool");
  return static_cast<std::int64_t>(x);
}

Int128 quotient_up(Int128 a, Int128 b) {
  return (a + b - 1) / b;
}

/// `part` of `amount`, never more than it.
std::int64_t part_of(std::int64_t amount, double part) {
  if (part >= 1) return amount;
  return std::min(amount, round_half_even(static_cast<double>(amount) * part));
}

/// a + b for amounts that may together exceed 64 bits, where only "very much" matters.
std::int64_t saturating_sum(std::int64_t a, std::int64_t b) {
  std::int64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

/// Rounded, and INT64_MAX for everything beyond.
std::int64_t saturating_round(double x) {
  return x < 9.2e18 ? round_half_even(x) : INT64_MAX;
}

}  // namespace

double utilisation(std::int64_t lent, std::int64_t idle) {
  return lent == 0 ? 0.0
                   : static_cast<double>(lent) / (static_cast<double>(lent) + static_cast<double>(idle));
}

double interest_per_h(const LendingParams& params, double utilisation) {
  return params.rate_per_h + params.slope_per_h * std::min(utilisation, params.kink) +
         params.steep_slope_per_h * std::max(0.0, utilisation - params.kink);
}

LendingColumns::LendingColumns(std::size_t agents) {
  for (auto* column : all()) column->resize(agents);
}

LenderPool::LenderPool(const LendingParams& params, MicroTkn minimum, AccountId pool, AccountId first,
                       std::size_t agents)
    : LenderPool(params, minimum, pool, first, LendingColumns(agents)) {}

LenderPool::LenderPool(const LendingParams& params, MicroTkn minimum, AccountId pool, AccountId first,
                       LendingColumns columns)
    : params_(params),
      pool_(pool),
      first_(first),
      minimum_(minimum.value),
      term_s_(whole_seconds(params.term)),
      grace_s_(whole_seconds(params.grace)),
      barred_s_(whole_seconds(params.barred)),
      wanted_(columns.shares.size()) {
  EXPECT(pool.value < first.value || pool.value >= first.value + wanted_.size());
  restore(std::move(columns));
}

void LenderPool::restore(LendingColumns columns) {
  for (const auto* column : columns.all()) EXPECT(column->size() == wanted_.size());
  columns_ = std::move(columns);
  const auto sum = [](const std::vector<std::int64_t>& column) {
    Int128 total = 0;
    for (const std::int64_t x : column) total += x;
    return narrow(total);
  };
  shares_ = sum(columns_.shares);
  lent_ = sum(columns_.principal);
  interest_ = sum(columns_.interest);
}

Int128 LenderPool::assets(const Ledger& ledger) const {
  return Int128{ledger.balance(pool_).value} + lent_ + interest_;
}

MicroTkn LenderPool::claim(const Ledger& ledger, std::size_t agent) const {
  const std::int64_t held = columns_.shares[agent];
  return {held == 0 ? 0 : narrow(Int128{held} * assets(ledger) / shares_)};
}

MicroTkn LenderPool::owed(std::size_t agent) const {
  return MicroTkn{columns_.principal[agent]} + MicroTkn{columns_.interest[agent]} +
         MicroTkn{columns_.remainder[agent] > 0};
}

MicroTkn LenderPool::deposit(Ledger& ledger, std::size_t agent, MicroTkn most) {
  const Int128 worth = assets(ledger);
  const std::int64_t offered = std::min(most.value, ledger.balance(wallet(agent)).value);
  if (offered <= 0) return {};
  // An empty pool starts with one share per µTKN; what nobody owns goes to who comes first.
  const Int128 bought = shares_ == 0 ? offered + worth : Int128{offered} * shares_ / worth;
  const std::int64_t price = shares_ == 0 ? offered : narrow(quotient_up(bought * worth, shares_));
  if (bought == 0) return {};
  const std::int64_t total = narrow(shares_ + bought);
  ledger.transfer(wallet(agent), pool_, {price}, Posting::pool_deposit);
  columns_.shares[agent] += static_cast<std::int64_t>(bought);
  shares_ = total;
  return {price};
}

/// Takes shares worth `amount` ≤ `claim`, rounded up; all of them for the whole claim.
void LenderPool::burn_shares(std::size_t agent, std::int64_t amount, std::int64_t claim, Int128 assets) {
  const std::int64_t held = columns_.shares[agent];
  const std::int64_t burnt = amount == claim ? held : narrow(quotient_up(Int128{amount} * shares_, assets));
  columns_.shares[agent] -= burnt;
  shares_ -= burnt;
}

MicroTkn LenderPool::withdraw(Ledger& ledger, std::size_t agent, MicroTkn most) {
  const std::int64_t mine = claim(ledger, agent).value;
  const std::int64_t paid = std::min({most.value, mine, ledger.balance(pool_).value});
  if (paid <= 0) return {};
  const Int128 worth = assets(ledger);
  ledger.transfer(pool_, wallet(agent), {paid}, Posting::pool_withdrawal);
  burn_shares(agent, paid, mine, worth);
  return {paid};
}

MicroTkn LenderPool::lend(Ledger& ledger, std::size_t agent, MicroTkn most, std::int64_t now_s) {
  const std::int64_t paid = std::min(most.value, ledger.balance(pool_).value);
  if (paid <= 0 || now_s < columns_.barred_until_s[agent] || overdue(agent, now_s)) return {};
  if (owed(agent).value == 0) columns_.due_s[agent] = now_s + term_s_;
  ledger.transfer(pool_, wallet(agent), {paid}, Posting::loan);
  columns_.principal[agent] += paid;
  lent_ += paid;
  return {paid};
}

void LenderPool::round_up(std::size_t agent) {
  if (columns_.remainder[agent] == 0) return;
  columns_.remainder[agent] = 0;
  ++columns_.interest[agent];
  ++interest_;
}

/// Interest first; the end of the debt is the end of the loan.
void LenderPool::reduce_debt(std::size_t agent, std::int64_t amount) {
  const std::int64_t interest = std::min(amount, columns_.interest[agent]);
  columns_.interest[agent] -= interest;
  interest_ -= interest;
  columns_.principal[agent] -= amount - interest;
  lent_ -= amount - interest;
  if (owed(agent).value == 0) columns_.due_s[agent] = 0;
}

MicroTkn LenderPool::repay(Ledger& ledger, std::size_t agent, MicroTkn most) {
  const std::int64_t debt = owed(agent).value;
  const std::int64_t paid = std::min({most.value, debt, ledger.balance(wallet(agent)).value});
  if (paid <= 0) return {};
  if (paid == debt) round_up(agent);
  const std::int64_t interest = std::min(paid, columns_.interest[agent]);
  if (interest > 0) ledger.transfer(wallet(agent), pool_, {interest}, Posting::interest);
  if (paid > interest) ledger.transfer(wallet(agent), pool_, {paid - interest}, Posting::repayment);
  reduce_debt(agent, paid);
  return {paid};
}

MicroTkn LenderPool::charge(FixedRate rate, std::int64_t seconds) {
  MicroTkn charged;
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    if (columns_.principal[i] == 0) continue;
    const Accrual a = accrue(columns_.principal[i], rate, seconds, columns_.remainder[i]);
    columns_.interest[i] = (MicroTkn{columns_.interest[i]} + MicroTkn{a.utkn}).value;
    columns_.remainder[i] = a.remainder;
    charged += {a.utkn};
  }
  interest_ = (MicroTkn{interest_} + charged).value;
  return charged;
}

void LenderPool::end_loan(Ledger& ledger, std::size_t agent, std::int64_t now_s, LendingStep& step) {
  round_up(agent);
  step.defaulted += {columns_.principal[agent]};
  const std::int64_t mine = claim(ledger, agent).value;
  const std::int64_t set_off = std::min(mine, owed(agent).value);
  if (set_off > 0) burn_shares(agent, set_off, mine, assets(ledger));
  reduce_debt(agent, set_off);
  const std::int64_t seized = std::min(ledger.balance(wallet(agent)).value, owed(agent).value);
  if (seized > 0) ledger.transfer(wallet(agent), pool_, {seized}, Posting::seizure);
  reduce_debt(agent, seized);
  const std::int64_t loss = owed(agent).value;
  reduce_debt(agent, loss);
  columns_.barred_until_s[agent] = now_s + barred_s_;
  step.set_off += {set_off};
  step.seized += {seized};
  step.written_off += {loss};
  ++step.defaults;
}

/// After losses: shares worth next to nothing become fewer shares worth about 1 µTKN, each lender's number
/// rounded down; worthless ones end.
void LenderPool::merge_shares(Int128 assets) {
  if (assets >= shares_ / kMostSharesPerMicroTkn && assets > 0) return;
  const Int128 divisor = assets > 0 ? shares_ / assets : Int128{INT64_MAX};
  shares_ = 0;
  for (std::int64_t& held : columns_.shares) {
    held = assets > 0 ? static_cast<std::int64_t>(held / divisor) : 0;
    shares_ += held;
  }
}

MicroTkn LenderPool::write_off(Ledger& ledger, std::size_t agent, std::int64_t now_s) {
  if (owed(agent).value == 0) return {};
  LendingStep step;
  end_loan(ledger, agent, now_s, step);
  merge_shares(assets(ledger));
  return step.written_off;
}

/// What a wallet must hold before anything in it is to spare.
std::int64_t LenderPool::need(const LendingRows& rows, std::size_t agent) const {
  const std::int64_t bills = saturating_round(static_cast<double>(rows.bills_per_day[agent]) *
                                              (params_.reserve.seconds / kSecondsPerDay));
  return saturating_sum(std::max(bills, minimum_), rows.arrears[agent]);
}

/// How much more the agent may borrow.
std::int64_t LenderPool::headroom(const LendingRows& rows, std::size_t agent, std::int64_t now_s) const {
  if (now_s < columns_.barred_until_s[agent] || overdue(agent, now_s)) return 0;
  const std::int64_t limit = saturating_round(
      params_.credit_multiple * static_cast<double>(std::max<std::int64_t>(0, rows.earned[agent])));
  return std::max<std::int64_t>(0, limit - owed(agent).value);
}

void LenderPool::collect(Ledger& ledger, const LendingRows& rows, std::int64_t now_s, double hours,
                         LendingStep& step) {
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    if (owed(i).value == 0) continue;
    const std::int64_t spare = std::max<std::int64_t>(0, ledger.balance(wallet(i)).value - need(rows, i));
    const double part = overdue(i, now_s) ? 1.0 : params_.repay_share_per_h * hours;
    step.paid += repay(ledger, i, {part_of(spare, part)});
    if (owed(i).value > 0 && now_s - columns_.due_s[i] >= grace_s_) end_loan(ledger, i, now_s, step);
  }
  if (step.defaults > 0) merge_shares(assets(ledger));
}

void LenderPool::take_deposits(Ledger& ledger, const LendingRows& rows, double hours, LendingStep& step) {
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    if (owed(i).value > 0) continue;
    const std::int64_t spare = std::max<std::int64_t>(0, ledger.balance(wallet(i)).value - need(rows, i));
    step.deposited += deposit(ledger, i, {part_of(spare, params_.deposit_share_per_h * hours)});
  }
}

void LenderPool::pay_withdrawals(Ledger& ledger, const LendingRows& rows, LendingStep& step) {
  Int128 all = 0;
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    wanted_[i] = 0;
    if (columns_.shares[i] == 0) continue;
    const std::int64_t missing = need(rows, i) - ledger.balance(wallet(i)).value;
    wanted_[i] = std::max<std::int64_t>(0, std::min(missing, claim(ledger, i).value));
    all += wanted_[i];
  }
  ProRata parts(all, ledger.balance(pool_).value);
  for (std::size_t i = 0; i < wanted_.size(); ++i)
    if (wanted_[i] > 0) step.withdrawn += withdraw(ledger, i, {parts.next(wanted_[i])});
}

void LenderPool::pay_loans(Ledger& ledger, const LendingRows& rows, std::int64_t now_s, LendingStep& step) {
  Int128 all = 0;
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    const std::int64_t missing = saturating_sum(minimum_, rows.arrears[i]) - ledger.balance(wallet(i)).value;
    wanted_[i] = missing <= 0 ? 0 : std::min(missing, headroom(rows, i, now_s));
    all += wanted_[i];
  }
  ProRata parts(all, ledger.balance(pool_).value);
  for (std::size_t i = 0; i < wanted_.size(); ++i)
    if (wanted_[i] > 0) step.lent += lend(ledger, i, {parts.next(wanted_[i])}, now_s);
}

LendingStep LenderPool::step(Ledger& ledger, const LendingRows& rows, std::int64_t now_s,
                             std::int64_t seconds) {
  EXPECT(rows.bills_per_day.size() == wanted_.size() && rows.arrears.size() == wanted_.size() &&
         rows.earned.size() == wanted_.size());
  LendingStep step;
  const double hours = static_cast<double>(seconds) / kSecondsPerHour;
  step.utilisation = utilisation(lent_, ledger.balance(pool_).value);
  step.rate_per_h = interest_per_h(params_, step.utilisation);
  step.charged = charge(FixedRate::per_hour(step.rate_per_h), seconds);
  collect(ledger, rows, now_s, hours, step);
  take_deposits(ledger, rows, hours, step);
  pay_withdrawals(ledger, rows, step);
  pay_loans(ledger, rows, now_s, step);
  return step;
}

}  // namespace economy
}  // namespace swarm
