#include "sim/core/rng.hpp"

#include <Random123/philox.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <initializer_list>
#include <set>
#include <vector>

namespace {

using namespace swarm;

/// Inverse of an odd factor modulo 2⁶⁴, by Newton's steps.
constexpr std::uint64_t inverse_of_odd(std::uint64_t a) {
  std::uint64_t x = a;
  for (int i = 0; i < 6; ++i) x *= 2 - a * x;
  return x;
}
constexpr std::uint64_t undo_shift_xor(std::uint64_t y, int shift) {
  std::uint64_t z = y;
  for (int done = shift; done < 64; done += shift) z = y ^ (z >> shift);
  return z;
}
/// The seed whose key in a stream is the given one: mix64 backwards.
constexpr std::uint64_t seed_of_key(std::uint64_t key, Stream stream) {
  std::uint64_t z = undo_shift_xor(key, 31) * inverse_of_odd(0x94D049BB133111EBull);
  z = undo_shift_xor(z, 27) * inverse_of_odd(0xBF58476D1CE4E5B9ull);
  return undo_shift_xor(z, 30) - 0x9E3779B97F4A7C15ull * (static_cast<std::uint64_t>(stream) + 1);
}

Random with_key(std::uint64_t key) {
  return {seed_of_key(key, Stream::experiment), Stream::experiment};
}

/// Known answers of philox4x32-10 published with Random123 (kat_vectors).
TEST(Rng, KnownAnswersOfPhilox) {
  const Random zero = with_key(0);
  ASSERT_EQ(zero.key(), 0u);
  EXPECT_EQ(zero.block(0, 0, 0), (RandomBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const Random ones = with_key(~std::uint64_t{0});
  EXPECT_EQ(ones.block(~0u, ~std::uint64_t{0}, ~0u),
            (RandomBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  // digits of π: counter 243f6a88 85a308d3 13198a2e 03707344, key a4093822 299f31d0
  const Random pi = with_key(0x299f31d0a4093822ull);
  EXPECT_EQ(pi.block(0x03707344, 0x13198a2e85a308d3ull, 0x243f6a88),
            (RandomBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

using Generator =
    std::function<void(const Random&, std::uint32_t, std::uint64_t, std::uint32_t, std::span<RandomBlock>)>;

bool matches_block(const Generator& generate) {
  const Random random(1, Stream::request);
  for (std::uint64_t first : std::initializer_list<std::uint64_t>{0, 0xFFFF'FFF0ull, 0x0003'0000'0000'0000ull,
                                                                  ~std::uint64_t{0} - 5})
    for (std::size_t n = 0; n < 36; ++n) {
      std::vector<RandomBlock> out(n);
      generate(random, 77, first, 3, out);
      for (std::size_t i = 0; i < n; ++i)
        if (out[i] != random.block(77, first + i, 3)) return false;
    }
  return true;
}

TEST(Rng, BlocksHaveTheBitsOfBlock) {
  EXPECT_TRUE(matches_block([](const Random& r, std::uint32_t step, std::uint64_t first, std::uint32_t draw,
                               std::span<RandomBlock> out) { r.blocks(step, first, draw, out); }));
  // the mutant forgets the carry into the upper half of the entity
  EXPECT_FALSE(matches_block([](const Random& r, std::uint32_t step, std::uint64_t first, std::uint32_t draw,
                                std::span<RandomBlock> out) {
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = r.block(step, (first & ~0xFFFF'FFFFull) | ((first + i) & 0xFFFF'FFFFull), draw);
  }));
}

TEST(Rng, BlocksOfAnyEntitiesHaveTheBitsOfBlock) {
  const Random random(5, Stream::experiment);
  for (std::size_t n : {0u, 1u, 7u, 8u, 9u, 40u}) {
    std::vector<std::uint64_t> entities(n);
    for (std::size_t i = 0; i < n; ++i) entities[i] = mix64(i, 1);  // scattered over all 64 bits
    std::vector<RandomBlock> out(n);
    random.blocks(77, entities, 3, out);
    for (std::size_t i = 0; i < n; ++i) {
      EXPECT_EQ(out[i], random.block(77, entities[i], 3));
      EXPECT_NE(out[i], random.block(77, entities[i] & 0xFFFF'FFFF, 3));  // the mutant drops the upper half
    }
  }
}

TEST(Rng, EveryPartOfTheKeyCounts) {
  const Random random(1, Stream::request);
  const std::set<RandomBlock> blocks{random.block(0, 0, 0),
                                     random.block(1, 0, 0),
                                     random.block(0, 1, 0),
                                     random.block(0, 1ull << 48, 0),
                                     random.block(0, 0, 1),
                                     Random(2, Stream::request).block(0, 0, 0),
                                     Random(1, Stream::bank).block(0, 0, 0),
                                     Random(1ull << 63 | 1, Stream::request).block(0, 0, 0)};
  EXPECT_EQ(blocks.size(), 8u);
}

TEST(Rng, MixIsABijectionInTheSeed) {
  for (std::uint64_t seed : std::initializer_list<std::uint64_t>{std::uint64_t{0}, std::uint64_t{1},
                                                                 0x0123'4567'89AB'CDEFull, ~std::uint64_t{0}})
    for (Stream stream : {Stream::arrival_count, Stream::experiment})
      EXPECT_EQ(seed_of_key(mix64(seed, static_cast<std::uint64_t>(stream)), stream), seed);
}

TEST(Rng, UniformsStayOffTheEnds) {
  EXPECT_EQ(uniform_open(0, 0), 0x1p-53);
  EXPECT_EQ(uniform_open(~0u, ~0u), 1 - 0x1p-53);
  EXPECT_EQ(uniform_open(0), 0x1p-33);
  EXPECT_EQ(uniform_open(~0u), 1 - 0x1p-33);
  // 53 bits would round up to 1: what the shift by 12 is for
  EXPECT_EQ((static_cast<double>((std::uint64_t{1} << 53) - 1) + 0.5) * 0x1p-53, 1.0);
  EXPECT_EQ(uniform_below(0, 10), 0u);
  EXPECT_EQ(uniform_below(~0u, 10), 9u);
  EXPECT_EQ(uniform_below(~0u, ~0u), ~0u - 1);
}

TEST(Rng, UniformsAreUniform) {
  constexpr int kDraws = 100000, kCells = 100;
  RandomSequence random(Random(3, Stream::experiment), 0, 0);
  std::vector<int> count(kCells), count_below(kCells);
  double sum = 0, product = 0, last = 0.5;
  for (int i = 0; i < kDraws; ++i) {
    const double u = random.uniform();
    ++count[static_cast<std::size_t>(u * kCells)];
    ++count_below[uniform_below(random.word(), kCells)];
    sum += u - 0.5;
    product += (u - 0.5) * (last - 0.5);
    last = u;
  }
  for (const auto& cells : {count, count_below}) {
    double chi_square = 0;
    for (int c : cells) chi_square += std::pow(c - kDraws / kCells, 2) / (kDraws / kCells);
    EXPECT_NEAR(chi_square, kCells - 1, 4 * std::sqrt(2.0 * (kCells - 1)));
  }
  EXPECT_LT(std::fabs(sum), 4 * std::sqrt(kDraws / 12.0));
  EXPECT_LT(std::fabs(product), 4 * std::sqrt(kDraws / 144.0));
}

TEST(Rng, SequenceRunsThroughTheBlocksOfItsKey) {
  const Random random(4, Stream::training);
  RandomSequence sequence(random, 9, 123, 5);
  for (std::uint32_t draw = 5; draw < 8; ++draw)
    for (std::uint32_t word : random.block(9, 123, draw)) EXPECT_EQ(sequence.word(), word);
  const RandomBlock next = random.block(9, 123, 8);
  EXPECT_EQ(sequence.uniform(), uniform_open(next[0], next[1]));
}

}  // namespace
