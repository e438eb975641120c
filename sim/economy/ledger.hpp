#pragma once
#include <array>
#include <span>
#include <vector>

#include "sim/core/parallel.hpp"
#include "sim/core/units.hpp"
#include "sim/economy/journal.hpp"
#include "sim/economy/posting.hpp"

/// One region's double-entry books in integer µTKN (docs/models/economy.md, "Ledger").
/// Invariant: the accounts sum to minted − burnt + received from abroad − sent abroad, exactly, always.
namespace swarm {
namespace economy {

/// An order to move money between two accounts of one ledger.
struct Transfer {
  std::uint32_t from{};
  std::uint32_t to{};
  std::int64_t amount{};  ///< [µTKN]
};

/// Arithmetic that would overflow throws ModelError; a single operation that throws has changed nothing.
/// Every operation that succeeds is one journal entry, also when its amount is zero. Not thread-safe: one
/// ledger belongs to one region, and the bulk calls are parallel inside.
class Ledger {
 public:
  /// `accounts` accounts with balance 0; ModelError beyond kMaxAccounts.
  explicit Ledger(std::size_t accounts);

  std::size_t accounts() const { return balances_.size(); }
  /// A new account with balance 0. Invalidates spans of balances.
  AccountId open();
  MicroTkn balance(AccountId id) const { return {balances_[id.value]}; }
  std::span<const std::int64_t> balances() const { return balances_; }

  /// Moves `amount` ≥ 0; false, and nothing happens, if `from` has too little (or the amount is negative).
  bool transfer(AccountId from, AccountId to, MicroTkn amount, Posting kind);
  /// The same as transfer() for each order in turn (order k sees the effect of order k − 1): same balances,
  /// totals and journal, but no unpredictable branch and no wait for memory when accounts outgrow the cache
  /// (bench/exchange.cpp). Returns how many were carried out.
  std::size_t transfer_many(std::span<const Transfer> orders, Posting kind);

  /// Creates `amount` ≥ 0 in `to`.
  void mint(AccountId to, MicroTkn amount, Posting kind);
  /// Destroys `amount` ≥ 0; false, and nothing happens, if `from` has too little.
  bool burn(AccountId from, MicroTkn amount, Posting kind);
  /// Destroys as much of `amount` as `from` has and returns how much that was.
  MicroTkn burn_up_to(AccountId from, MicroTkn amount, Posting kind);

  /// Takes `amount` ≥ 0 out of these books, to be received in another region's within the same step; false,
  /// and nothing happens, if `from` has too little. Counted in total(kind) here, where it is paid.
  bool send_abroad(AccountId from, MicroTkn amount, Posting kind);
  /// Enters `amount` ≥ 0 that another region has sent. Not counted in total(kind) again.
  void receive_from_abroad(AccountId to, MicroTkn amount, Posting kind);

  /// Burns bills[i] from account first + i as far as its balance goes and writes the rest to unpaid[i]; a
  /// negative bill burns nothing and leaves nothing unpaid (see mint_many). Equals a loop of burn_up_to() for
  /// any number of threads and any `grain`; the total is posted once. Returns what was burnt. A ModelError
  /// (total beyond 64 bits) leaves the books half billed.
  MicroTkn burn_many(AccountId first, std::span<const std::int64_t> bills, std::span<std::int64_t> unpaid,
                     Posting kind, std::size_t grain = kBlockRows);
  /// The other half of a list of bills: mints −bills[i] into account first + i where bills[i] is negative.
  MicroTkn mint_many(AccountId first, std::span<const std::int64_t> bills, Posting kind,
                     std::size_t grain = kBlockRows);

  Int128 sum_of_accounts() const;
  /// Minted − burnt [µTKN].
  Int128 supply() const;
  /// Received from − sent to other regions [µTKN].
  Int128 net_abroad() const { return sum(kReceived) - sum(kSent); }
  /// Everything posted under `kind` so far.
  Int128 total(Posting kind) const { return sum(row(kind)); }

  std::span<const JournalEntry> journal() const { return journal_.entries(); }
  /// Forgets the entries, keeps their memory; the balances of now are the opening balances of what follows.
  void clear_journal();
  /// Throws ModelError naming the difference unless the books balance and no account is overdrawn; contracts
  /// builds also replay the journal from the opening balances and compare.
  void audit() const;

  /// State for checkpoints, in this order: balances; totals by posting, then sent and received, each as its lower and
  /// its upper 64 bits. After writing to either, call clear_journal().
  std::span<std::int64_t> raw_balances() { return balances_; }
  std::span<std::int64_t> raw_totals() { return totals_; }

 private:
  static constexpr std::size_t kSent = kPostings, kReceived = kPostings + 1;
  static constexpr std::size_t row(Posting kind) { return static_cast<std::size_t>(kind); }
  /// Also false for a negative amount, which as an unsigned number exceeds every balance.
  static constexpr bool covers(std::int64_t balance, std::int64_t amount) {
    return static_cast<std::uint64_t>(amount) <= static_cast<std::uint64_t>(balance);
  }
  bool has(AccountId id) const { return id.value < balances_.size(); }
  void credit(AccountId from, AccountId to, MicroTkn amount, Posting kind, std::size_t counter);

  std::vector<std::int64_t> balances_;
  Int128 sum(std::size_t counter) const {
    return (Int128{totals_[2 * counter + 1]} << 64) | static_cast<std::uint64_t>(totals_[2 * counter]);
  }
  /// Sums have 128 bits: a swarm turns over more than 9.2e9 USD long before one account holds as much.
  void count(std::size_t counter, Int128 amount) {
    const Int128 s = sum(counter) + amount;
    totals_[2 * counter] = static_cast<std::int64_t>(s);
    totals_[2 * counter + 1] = static_cast<std::int64_t>(s >> 64);
  }

  std::array<std::int64_t, 2 * (kPostings + 2)> totals_{};
  Journal journal_;
  std::vector<std::int64_t> opening_;  // contracts builds only
};

/// What `opening` becomes when the journal is carried out on it: the independent check of the balances.
std::vector<std::int64_t> replay(std::span<const std::int64_t> opening,
                                 std::span<const JournalEntry> journal);

inline bool Ledger::transfer(AccountId from, AccountId to, MicroTkn amount, Posting kind) {
  EXPECT(effect(kind) == Effect::move && has(from) && has(to));
  std::int64_t& payer = balances_[from.value];
  std::int64_t& payee = balances_[to.value];
  if (!covers(payer, amount.value)) return false;
  payer -= amount.value;  // first, so that a transfer to oneself is right
  std::int64_t credited;
  if (__builtin_add_overflow(payee, amount.value, &credited)) [[unlikely]] {
    payer += amount.value;
    integer_overflow("addition to a balance");
  }
  payee = credited;
  count(row(kind), amount.value);
  journal_.append({from, to, kind, amount.value});
  return true;
}

}  // namespace economy
}  // namespace swarm
