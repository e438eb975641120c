#pragma once
#include <cstdint>
#include <vector>

#include "sim/core/checks.hpp"

/// Where the order of an id is kept: a hash table with open addressing and linear probing, at most half full.
/// Nothing is ever read from it in the order of its entries, so no result can depend on that order.
namespace swarm {
namespace economy {

class IdTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  IdTable() : entries_(std::size_t{1} << kSmallestBits) {}

  std::size_t size() const { return size_; }

  /// Place in the table of the entry whose slot holds `id`, as `holds(slot)` tells, or kNone.
  template <class Holds>
  std::uint32_t place(std::uint64_t id, Holds&& holds) const {
    const std::uint32_t tag = tag_of(id);
    for (std::uint32_t i = home(tag);; i = next(i)) {
      const Entry entry = entries_[i];
      if (entry.slot == kNone) return kNone;
      if (entry.tag == tag && holds(entry.slot)) return i;
    }
  }
  std::uint32_t slot(std::uint32_t place) const { return entries_[place].slot; }

  /// `id` must not be in the table.
  void insert(std::uint64_t id, std::uint32_t slot) {
    if (2 * (size_ + 1) > entries_.size()) [[unlikely]] grow();
    put({tag_of(id), slot});
    ++size_;
  }

  /// Entries behind the gap move up to where they would have been without it, so no marks are left.
  void erase(std::uint32_t place) {
    EXPECT(entries_[place].slot != kNone);
    std::uint32_t gap = place;
    for (std::uint32_t i = next(gap); entries_[i].slot != kNone; i = next(i)) {
      const std::uint32_t wanted = home(entries_[i].tag);
      if (((i - wanted) & mask()) < ((i - gap) & mask())) continue;  // it lies behind the gap already
      entries_[gap] = entries_[i];
      gap = i;
    }
    entries_[gap] = {};
    --size_;
  }

  /// Keeps the memory.
  void clear() {
    entries_.assign(entries_.size(), {});
    size_ = 0;
  }

 private:
  static constexpr std::uint32_t kSmallestBits = 6;
  struct Entry {
    std::uint32_t tag = 0;  ///< half of the hash: it spares most looks at orders, and all when entries move
    std::uint32_t slot = kNone;
  };

  /// Fibonacci hashing: consecutive ids land far from each other. Ids made of two halves are folded first.
  static std::uint32_t tag_of(std::uint64_t id) {
    return static_cast<std::uint32_t>(((id ^ (id >> 32)) * 0x9E3779B97F4A7C15ull) >> 32);
  }
  std::uint32_t mask() const { return static_cast<std::uint32_t>(entries_.size()) - 1; }
  std::uint32_t home(std::uint32_t tag) const { return tag >> shift_; }
  std::uint32_t next(std::uint32_t i) const { return (i + 1) & mask(); }

  void put(Entry entry) {
    std::uint32_t i = home(entry.tag);
    while (entries_[i].slot != kNone) i = next(i);
    entries_[i] = entry;
  }
  void grow() {
    std::vector<Entry> old(2 * entries_.size());
    old.swap(entries_);
    --shift_;
    for (const Entry& entry : old)
      if (entry.slot != kNone) put(entry);
  }

  std::vector<Entry> entries_;
  std::uint32_t shift_ = 32 - kSmallestBits;
  std::size_t size_ = 0;
};

}  // namespace economy
}  // namespace swarm
