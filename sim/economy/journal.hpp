#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include "sim/core/ids.hpp"
#include "sim/economy/posting.hpp"

/// The ledger's diary: one entry of 16 bytes per movement, in the order in which it happened.
namespace swarm {
namespace economy {

inline constexpr unsigned kAccountBits = 29;
inline constexpr unsigned kPostingBits = 64 - 2 * kAccountBits;
/// The other end of money that is minted or burnt; stands outside every sum.
inline constexpr AccountId kOutside{(1ull << kAccountBits) - 1};
/// The other end of money that crosses the region's border.
inline constexpr AccountId kAbroad{(1ull << kAccountBits) - 2};
/// Accounts one ledger can hold.
inline constexpr std::size_t kMaxAccounts = kAbroad.value;

/// One movement: who paid, who received, under which posting, how much [µTKN, ≥ 0].
class JournalEntry {
 public:
  constexpr JournalEntry() = default;
  constexpr JournalEntry(AccountId from, AccountId to, Posting kind, std::int64_t amount)
      : route_(from.value | (to.value << kAccountBits) | (std::uint64_t(kind) << (2 * kAccountBits))),
        amount_(amount) {}
  constexpr AccountId from() const { return {route_ & kMask}; }
  constexpr AccountId to() const { return {(route_ >> kAccountBits) & kMask}; }
  constexpr Posting kind() const { return static_cast<Posting>(route_ >> (2 * kAccountBits)); }
  constexpr std::int64_t amount() const { return amount_; }
  friend constexpr bool operator==(const JournalEntry&, const JournalEntry&) = default;

 private:
  static constexpr std::uint64_t kMask = (1ull << kAccountBits) - 1;
  std::uint64_t route_{};
  std::int64_t amount_{};
};
static_assert(sizeof(JournalEntry) == 16 && kPostings <= 1u << kPostingBits);

/// Append-only list whose memory is kept when it is cleared, so that a steady state allocates nothing.
class Journal {
 public:
  void append(const JournalEntry& entry) {
    if (size_ == entries_.size()) [[unlikely]]
      slots(1);
    entries_[size_++] = entry;
  }
  /// Room for at least `n` more entries; they count only once committed.
  JournalEntry* slots(std::size_t n) {
    if (entries_.size() - size_ < n) entries_.resize(std::max(size_ + n, 2 * entries_.size()));
    return entries_.data() + size_;
  }
  void commit(std::size_t n) { size_ += n; }
  void clear() { size_ = 0; }
  std::span<const JournalEntry> entries() const { return {entries_.data(), size_}; }

 private:
  std::vector<JournalEntry> entries_;
  std::size_t size_ = 0;
};

}  // namespace economy
}  // namespace swarm
