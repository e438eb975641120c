#include "sim/economy/ledger.hpp"

#include <functional>
#include <limits>

namespace swarm {
namespace economy {
namespace {

#ifdef SWARM_CONTRACTS
constexpr bool kReplayInAudit = true;
#else
constexpr bool kReplayInAudit = false;
#endif

// Far enough ahead to cover a miss of the last cache level, near enough to stay in the first.
constexpr std::size_t kPrefetchDistance = 24;

void require_room(std::size_t accounts) {
  if (accounts > kMaxAccounts)
    throw ModelError(
        fmt::format("{} accounts in one ledger (journal entries number them with {} bits) "
                    "spread the agents over more regions",
                    accounts, kAccountBits));
}

void require_not_negative(MicroTkn amount) {
  if (amount.value < 0)
    throw ModelError(
        fmt::format("a posting of {} µTKN (amounts are never negative; the posting says the "
                    "direction) please report it with the scenario and seed",
                    amount.value));
}

MicroTkn narrow(Int128 sum) {
  if (sum > std::numeric_limits<std::int64_t>::max()) integer_overflow("sum of a bulk posting");
  return {static_cast<std::int64_t>(sum)};
}

}  // namespace

Ledger::Ledger(std::size_t accounts) {
  require_room(accounts);
  balances_.resize(accounts);
  clear_journal();
}

AccountId Ledger::open() {
  require_room(balances_.size() + 1);
  balances_.push_back(0);
  if constexpr (kReplayInAudit) opening_.push_back(0);
  return {balances_.size() - 1};
}

std::size_t Ledger::transfer_many(std::span<const Transfer> orders, Posting kind) {
  EXPECT(effect(kind) == Effect::move);
  // Branch-light: a refused order moves 0 and its journal entry is overwritten by the next one.
  std::int64_t* const balance = balances_.data();
  JournalEntry* const journal = journal_.slots(orders.size());
  Int128 total = 0;
  std::size_t done = 0;
  bool overflow = false;
  const std::size_t n = orders.size();
  const std::size_t prefetched = n > kPrefetchDistance ? n - kPrefetchDistance : 0;
  const auto carry_out = [&](const Transfer order) {
    EXPECT(order.from < accounts() && order.to < accounts());
    const std::int64_t had = balance[order.from];
    const bool possible = covers(had, order.amount);
    const std::int64_t moved = possible ? order.amount : 0;
    std::int64_t credited;
    balance[order.from] = had - moved;
    overflow = __builtin_add_overflow(balance[order.to], moved, &credited);
    if (overflow) [[unlikely]] {
      balance[order.from] = had;
      return false;
    }
    balance[order.to] = credited;
    total += moved;
    journal[done] = JournalEntry({order.from}, {order.to}, kind, order.amount);
    done += possible;
    return true;
  };
  std::size_t k = 0;
  for (; k < prefetched; ++k) {
    const Transfer& ahead = orders[k + kPrefetchDistance];
    __builtin_prefetch(balance + ahead.from, 1);
    __builtin_prefetch(balance + ahead.to, 1);
    if (!carry_out(orders[k])) break;
  }
  if (!overflow)
    for (; k < n && carry_out(orders[k]);) ++k;
  journal_.commit(done);
  count(row(kind), total);
  if (overflow) integer_overflow("addition to a balance");
  return done;
}

/// The common half of everything that adds money to an account from beyond these books.
void Ledger::credit(AccountId from, AccountId to, MicroTkn amount, Posting kind, std::size_t counter) {
  EXPECT(has(to));
  require_not_negative(amount);
  const MicroTkn balance = MicroTkn{balances_[to.value]} + amount;
  balances_[to.value] = balance.value;
  count(counter, amount.value);
  journal_.append({from, to, kind, amount.value});
}

void Ledger::mint(AccountId to, MicroTkn amount, Posting kind) {
  EXPECT(effect(kind) == Effect::mint);
  credit(kOutside, to, amount, kind, row(kind));
}

void Ledger::receive_from_abroad(AccountId to, MicroTkn amount, Posting kind) {
  EXPECT(effect(kind) == Effect::move);
  credit(kAbroad, to, amount, kind, kReceived);
}

bool Ledger::burn(AccountId from, MicroTkn amount, Posting kind) {
  EXPECT(effect(kind) == Effect::burn && has(from));
  require_not_negative(amount);
  if (!covers(balances_[from.value], amount.value)) return false;
  balances_[from.value] -= amount.value;
  count(row(kind), amount.value);
  journal_.append({from, kOutside, kind, amount.value});
  return true;
}

MicroTkn Ledger::burn_up_to(AccountId from, MicroTkn amount, Posting kind) {
  EXPECT(has(from));
  const MicroTkn paid = std::min(amount, balance(from));
  burn(from, paid, kind);
  return paid;
}

bool Ledger::send_abroad(AccountId from, MicroTkn amount, Posting kind) {
  EXPECT(effect(kind) == Effect::move && has(from));
  require_not_negative(amount);
  if (!covers(balances_[from.value], amount.value)) return false;
  balances_[from.value] -= amount.value;
  count(row(kind), amount.value);
  count(kSent, amount.value);
  journal_.append({from, kAbroad, kind, amount.value});
  return true;
}

MicroTkn Ledger::burn_many(AccountId first, std::span<const std::int64_t> bills,
                           std::span<std::int64_t> unpaid, Posting kind, std::size_t grain) {
  EXPECT(effect(kind) == Effect::burn && bills.size() == unpaid.size());
  EXPECT(first.value <= accounts() && bills.size() <= accounts() - first.value);
  std::int64_t* const balance = balances_.data() + first.value;
  JournalEntry* const journal = journal_.slots(bills.size());
  const auto bill_block = [&](std::size_t begin, std::size_t end) {
    Int128 paid_here = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const std::int64_t due = std::max(bills[i], std::int64_t{0});
      const std::int64_t paid = std::min(due, balance[i]);
      balance[i] -= paid;
      unpaid[i] = due - paid;
      paid_here += paid;
      journal[i] = JournalEntry({first.value + i}, kOutside, kind, paid);
    }
    return paid_here;
  };
  const MicroTkn paid = narrow(ordered_reduce(bills.size(), grain, Int128{0}, bill_block, std::plus<>{}));
  count(row(kind), paid.value);
  journal_.commit(bills.size());
  return paid;
}

MicroTkn Ledger::mint_many(AccountId first, std::span<const std::int64_t> bills, Posting kind,
                           std::size_t grain) {
  EXPECT(effect(kind) == Effect::mint);
  EXPECT(first.value <= accounts() && bills.size() <= accounts() - first.value);
  std::int64_t* const balance = balances_.data() + first.value;
  JournalEntry* const journal = journal_.slots(bills.size());
  const auto mint_block = [&](std::size_t begin, std::size_t end) {
    Int128 minted_here = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const MicroTkn receipt = bills[i] < 0 ? -MicroTkn{bills[i]} : MicroTkn{};
      balance[i] = (MicroTkn{balance[i]} + receipt).value;
      minted_here += receipt.value;
      journal[i] = JournalEntry(kOutside, {first.value + i}, kind, receipt.value);
    }
    return minted_here;
  };
  const MicroTkn minted = narrow(ordered_reduce(bills.size(), grain, Int128{0}, mint_block, std::plus<>{}));
  count(row(kind), minted.value);
  journal_.commit(bills.size());
  return minted;
}

Int128 Ledger::sum_of_accounts() const {
  Int128 sum = 0;
  for (const std::int64_t b : balances_) sum += b;
  return sum;
}

Int128 Ledger::supply() const {
  Int128 minted = 0, burnt = 0;
  for (std::size_t p = 0; p < kPostings; ++p) {
    if (kPostingEffects[p] == Effect::mint) minted += sum(p);
    if (kPostingEffects[p] == Effect::burn) burnt += sum(p);
  }
  return minted - burnt;
}

void Ledger::clear_journal() {
  journal_.clear();
  if constexpr (kReplayInAudit) opening_ = balances_;
}

void Ledger::audit() const {
  constexpr const char* kWhy =
      "(money may neither appear nor vanish) please report it with the scenario and seed";
  const Int128 held = sum_of_accounts(), owed = supply() + net_abroad();
  if (held != owed)
    throw ModelError(
        fmt::format("the books differ by {} µTKN: the accounts hold {}, minted − burnt + received "
                    "− sent is {} {}",
                    held - owed, held, owed, kWhy));
  for (std::size_t i = 0; i < balances_.size(); ++i)
    if (balances_[i] < 0)
      throw ModelError(fmt::format("account {} is overdrawn: {} µTKN {}", i, balances_[i], kWhy));
  if constexpr (kReplayInAudit) {
    const std::vector<std::int64_t> replayed = replay(opening_, journal());
    for (std::size_t i = 0; i < balances_.size(); ++i)
      if (replayed[i] != balances_[i])
        throw ModelError(
            fmt::format("account {} differs by {} µTKN from its journal: it holds {}, its entries "
                        "leave {} {}",
                        i, balances_[i] - replayed[i], balances_[i], replayed[i], kWhy));
  }
}

std::vector<std::int64_t> replay(std::span<const std::int64_t> opening,
                                 std::span<const JournalEntry> journal) {
  std::vector<std::int64_t> balances(opening.begin(), opening.end());
  for (const JournalEntry& entry : journal) {
    if (entry.from().value < kMaxAccounts) balances.at(entry.from().value) -= entry.amount();
    if (entry.to().value < kMaxAccounts) balances.at(entry.to().value) += entry.amount();
  }
  return balances;
}

}  // namespace economy
}  // namespace swarm
