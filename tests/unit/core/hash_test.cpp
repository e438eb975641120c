#include "sim/core/hash.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace {

using namespace swarm;

TEST(Hash, KnownAnswers) {
  // XXH3, 128 bits, seed 0, of no bytes: the value of the reference implementation's sanity check
  EXPECT_EQ(hash128("", 0).hex(), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(Hasher().result().hex(), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ((Hash128{0x1, 0xABCDEF}.hex()), "00000000000000010000000000abcdef");
}

TEST(Hash, OnlyTheConcatenationCounts) {
  std::string data;
  for (int i = 0; i < 3000; ++i) data += static_cast<char>(i * 31);
  const Hash128 whole = hash128(data.data(), data.size());
  for (std::size_t cut : {0u, 1u, 240u, 1500u, 3000u}) {
    Hasher hasher;
    hasher.bytes(data.data(), cut);
    hasher.bytes(data.data() + cut, data.size() - cut);
    EXPECT_EQ(hasher.result(), whole);
  }
}

std::string hash_of_texts(std::string_view a, std::string_view b) {
  Hasher hasher;
  hasher.text(a);
  hasher.text(b);
  return hasher.result().hex();
}
std::string hash_without_length(std::string_view a, std::string_view b) {
  Hasher hasher;
  hasher.bytes(a.data(), a.size());
  hasher.bytes(b.data(), b.size());
  return hasher.result().hex();
}

TEST(Hash, TextsDoNotRunTogether) {
  EXPECT_NE(hash_of_texts("ab", "c"), hash_of_texts("a", "bc"));
  EXPECT_EQ(hash_without_length("ab", "c"), hash_without_length("a", "bc"));
}

TEST(Hash, NumbersAndSingleBitsCount) {
  std::set<std::string> seen;
  for (int bit = 0; bit < 64; ++bit) {
    Hasher hasher;
    hasher.number(std::uint64_t{1} << bit);
    seen.insert(hasher.result().hex());
  }
  EXPECT_EQ(seen.size(), 64u);
}

TEST(Hash, ResultDoesNotEndTheHash) {
  Hasher hasher;
  hasher.text("a");
  const Hash128 before = hasher.result();
  EXPECT_EQ(hasher.result(), before);
  hasher.text("b");
  EXPECT_EQ(hasher.result().hex(), hash_of_texts("a", "b"));
}

}  // namespace
