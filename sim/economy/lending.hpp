#pragma once
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "sim/economy/accrual.hpp"
#include "sim/economy/credit_params.hpp"
#include "sim/economy/ledger.hpp"

/// A region's lender pool (docs/models/credit.md, "Lending"): specialists with more money than they need own
/// shares of it, those with less borrow from it. All money is in the ledger; this knows who owes and owns
/// what.
namespace swarm {
namespace economy {

/// Lent money over all money of the pool; 0 for an empty pool.
double utilisation(std::int64_t lent, std::int64_t idle);
/// r0 + s1·min(U, U*) + s2·max(0, U − U*) [1/h].
double interest_per_h(const LendingParams& params, double utilisation);

/// What a checkpoint saves: one row per agent. Times are seconds since the start of the run.
struct LendingColumns {
  std::vector<std::int64_t> shares;          ///< of the pool
  std::vector<std::int64_t> principal;       ///< lent and not repaid [µTKN]
  std::vector<std::int64_t> interest;        ///< charged and not paid [µTKN]
  std::vector<std::int64_t> remainder;       ///< of interest, in [0, 3.6e15) parts of a µTKN
  std::vector<std::int64_t> due_s;           ///< when the loan is due; 0 without one
  std::vector<std::int64_t> barred_until_s;  ///< no loan before

  LendingColumns() = default;
  explicit LendingColumns(std::size_t agents);
  std::array<std::vector<std::int64_t>*, 6> all() {
    return {&shares, &principal, &interest, &remainder, &due_s, &barred_until_s};
  }
  std::array<const std::vector<std::int64_t>*, 6> all() const {
    return {&shares, &principal, &interest, &remainder, &due_s, &barred_until_s};
  }
};

/// What a step reads of each agent [µTKN]; all of one size.
struct LendingRows {
  std::span<const std::int64_t> bills_per_day;  ///< ≥ 0
  std::span<const std::int64_t> arrears;        ///< ≥ 0
  std::span<const std::int64_t> earned;  ///< lately, by whatever span of time the caller measures credit
};

/// What a step did.
struct LendingStep {
  double utilisation{}, rate_per_h{};  ///< by which interest was charged
  MicroTkn charged{};                  ///< interest, without what the end of a loan rounds up
  MicroTkn paid{};                     ///< by borrowers, interest and principal
  MicroTkn set_off{}, seized{};        ///< of defaulted debt, out of the debtor's shares and wallet
  MicroTkn written_off{};              ///< of it, lost by the lenders
  MicroTkn deposited{}, withdrawn{};   ///< by lenders
  MicroTkn lent{};                     ///< to borrowers
  MicroTkn defaulted{};                ///< principal of loans that ended so
  std::int64_t defaults{};
};

/// Assets of the pool are its account, principal and interest owed. A share is a part of them. Whenever whole
/// µTKN and exact parts differ, the difference stays in the pool (as EIP-4626 has it), so nothing but a loss
/// ever lowers what a share is worth. Amounts given are ≥ 0. Not thread-safe.
class LenderPool {
 public:
  /// `pool` is an account that nothing else pays from; agent i's wallet is account first + i. Money that
  /// others pay into it belongs to its lenders. Who has less than `minimum` in its wallet asks for a loan.
  LenderPool(const LendingParams& params, MicroTkn minimum, AccountId pool, AccountId first, std::size_t agents);
  /// Goes on with columns of equal length, one row per agent.
  LenderPool(const LendingParams& params, MicroTkn minimum, AccountId pool, AccountId first, LendingColumns columns);

  /// Charges interest, collects repayments, writes off defaults, takes deposits, pays withdrawals and lends,
  /// in this order and by agent; every part is O(agents). Where cash is short, withdrawals and then loans are
  /// paid pro rata and asked for again in the next step. `now_s` is the end of the step's `seconds`.
  LendingStep step(Ledger& ledger, const LendingRows& rows, std::int64_t now_s, std::int64_t seconds);

  /// The parts, each for one agent; all return the money that really moved, 0 if none could.
  /// Buys shares for at most `most` and at most what the wallet holds; pays for whole shares, rounded up.
  MicroTkn deposit(Ledger& ledger, std::size_t agent, MicroTkn most);
  /// Pays out at most `most`, the agent's claim and the idle cash.
  MicroTkn withdraw(Ledger& ledger, std::size_t agent, MicroTkn most);
  /// Lends at most `most` and the idle cash; nothing to who is barred or overdue. A new loan is due a term
  /// later.
  MicroTkn lend(Ledger& ledger, std::size_t agent, MicroTkn most, std::int64_t now_s);
  /// Repays at most `most`, what is owed and what the wallet holds: interest first. Paying everything rounds
  /// a begun µTKN of interest up.
  MicroTkn repay(Ledger& ledger, std::size_t agent, MicroTkn most);
  /// Interest of all loans for `seconds`: on the principal only. Returns what was charged.
  MicroTkn charge(FixedRate rate, std::int64_t seconds);
  /// Ends a loan: the agent's shares are set off, its wallet is seized as far as it owes, the rest is a loss
  /// of all shares alike, and the agent is barred. Returns the loss; nothing happens without a loan.
  MicroTkn write_off(Ledger& ledger, std::size_t agent, std::int64_t now_s);

  AccountId account() const { return pool_; }
  std::int64_t lent() const { return lent_; }
  std::int64_t shares() const { return shares_; }
  /// Idle cash, principal and interest owed [µTKN].
  Int128 assets(const Ledger& ledger) const;
  /// What the agent's shares are worth, rounded down; 0 without shares.
  MicroTkn claim(const Ledger& ledger, std::size_t agent) const;
  /// Principal, interest, and 1 for a begun µTKN.
  MicroTkn owed(std::size_t agent) const;
  bool overdue(std::size_t agent, std::int64_t now_s) const {
    return owed(agent).value > 0 && now_s >= columns_.due_s[agent];
  }

  const LendingColumns& columns() const { return columns_; }
  /// Takes over columns of the same number of agents.
  void restore(LendingColumns columns);
  /// Hands the columns out and ends the pool: the caller keeps them until it builds the next one from them.
  LendingColumns release() { return std::move(columns_); }

 private:
  AccountId wallet(std::size_t agent) const { return {first_.value + agent}; }
  void reduce_debt(std::size_t agent, std::int64_t amount);
  void round_up(std::size_t agent);
  void burn_shares(std::size_t agent, std::int64_t amount, std::int64_t claim, Int128 assets);
  void end_loan(Ledger& ledger, std::size_t agent, std::int64_t now_s, LendingStep& step);
  void merge_shares(Int128 assets);
  std::int64_t need(const LendingRows& rows, std::size_t agent) const;
  std::int64_t headroom(const LendingRows& rows, std::size_t agent, std::int64_t now_s) const;
  void collect(Ledger& ledger, const LendingRows& rows, std::int64_t now_s, double hours, LendingStep& step);
  void take_deposits(Ledger& ledger, const LendingRows& rows, double hours, LendingStep& step);
  void pay_withdrawals(Ledger& ledger, const LendingRows& rows, LendingStep& step);
  void pay_loans(Ledger& ledger, const LendingRows& rows, std::int64_t now_s, LendingStep& step);

  LendingParams params_;
  AccountId pool_, first_;
  std::int64_t minimum_, term_s_, grace_s_, barred_s_;
  LendingColumns columns_;
  std::int64_t shares_ = 0, lent_ = 0, interest_ = 0;  // sums of columns
  std::vector<std::int64_t> wanted_;                   // scratch
};

}  // namespace economy
}  // namespace swarm
