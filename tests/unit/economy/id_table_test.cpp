#include "sim/economy/id_table.hpp"

#include <gtest/gtest.h>

#include <map>

#include "sim/core/rng.hpp"

namespace swarm::economy {
namespace {

/// A table and the ids of its slots, beside an ordered map.
struct Twins {
  IdTable table;
  std::vector<std::uint64_t> ids = std::vector<std::uint64_t>(1000);
  std::map<std::uint64_t, std::uint32_t> slots;

  std::uint32_t place(std::uint64_t id) const {
    return table.place(id, [&](std::uint32_t slot) { return ids[slot] == id; });
  }
  void insert(std::uint64_t id, std::uint32_t slot) {
    ids[slot] = id;
    slots[id] = slot;
    table.insert(id, slot);
  }
  void erase(std::uint64_t id) {
    table.erase(place(id));
    slots.erase(id);
  }
  bool same() const {
    if (table.size() != slots.size()) return false;
    for (const auto& [id, slot] : slots)
      if (place(id) == IdTable::kNone || table.slot(place(id)) != slot) return false;
    return true;
  }
};

constexpr std::uint64_t kInverse = 0xF1DE83E19937733D;  // of the hash's factor, modulo 2⁶⁴
static_assert(kInverse * 0x9E3779B97F4A7C15ull == 1);

/// The id that the hash takes to `hashed`, in the steps of IdTable::tag_of backwards.
constexpr std::uint64_t id_with_hash(std::uint64_t hashed) {
  const std::uint64_t folded = hashed * kInverse;
  return folded ^ (folded >> 32);
}

TEST(IdTable, AgreesWithAMapWhateverTheIds) {
  const auto counted = [](std::uint64_t n) { return n; };
  // Two packed halves; all at one place of the table; the same at its end, so that they go on at its start.
  const auto packed = [](std::uint64_t n) { return (n % 16 << 48) | n / 16; };
  const auto clashing = [](std::uint64_t n) { return id_with_hash(0xABCD123400000000 + n); };
  const auto wrapping = [](std::uint64_t n) { return id_with_hash(0xFFFFFFFF00000000 - (n % 3 << 40) + n); };
  for (const auto& id_of : {+counted, +packed, +clashing, +wrapping}) {
    Twins twins;
    RandomSequence draw(Random(3, Stream::experiment), 0, 0);
    std::vector<std::uint32_t> free;
    for (std::uint32_t slot = 0; slot < 1000; ++slot) free.push_back(slot);
    for (std::uint64_t n = 0; n < 3000; ++n) {
      const std::uint64_t id = id_of(uniform_below(draw.word(), 300));
      const auto found = twins.slots.find(id);
      if (found == twins.slots.end()) {
        ASSERT_EQ(twins.place(id), IdTable::kNone);
        twins.insert(id, free.back());
        free.pop_back();
      } else {
        free.push_back(found->second);
        twins.erase(id);
      }
      ASSERT_TRUE(twins.same()) << n;
    }
    twins.table.clear();
    twins.slots.clear();
    EXPECT_TRUE(twins.same());
    EXPECT_EQ(twins.place(id_of(1)), IdTable::kNone);
  }
}

}  // namespace
}  // namespace swarm::economy
