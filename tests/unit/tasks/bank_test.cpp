#include "agents/tasks/bank.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "sim/core/hash.hpp"
#include "sim/core/parallel.hpp"

namespace swarm {
namespace tasks {
namespace {

using workload::kComplexityBuckets;
using workload::kProblemTypes;
using workload::ProblemType;

const std::vector<std::string> kThree{"BD", "KE", "DE"};

Hash128 digest(const TaskBanks& banks, RegionId region, std::uint32_t items) {
  Hasher hasher;
  for (std::size_t t = 0; t < kProblemTypes; ++t)
    for (std::size_t b = 0; b < kComplexityBuckets; ++b)
      for (std::uint32_t i = 0; i < items; ++i) {
        hasher.bytes(banks.input(region, static_cast<ProblemType>(t), b, i), kInputs);
        hasher.number(banks.label(region, static_cast<ProblemType>(t), b, i));
      }
  return hasher.result();
}

TEST(TaskBanks, AreTheSameForAnyNumberOfThreads) {
  const auto with = [](int threads) {
    const ThreadLimit limit(threads);
    return digest(TaskBanks(1, kThree, 300), RegionId{1}, 300);
  };
  EXPECT_EQ(with(1), with(4));
}

TEST(TaskBanks, OtherRegionsAndMoreItemsChangeNothing) {
  const Hash128 kenya = digest(TaskBanks(1, kThree, 300), RegionId{1}, 300);
  const std::vector<std::string> reordered{"KE", "NG", "DE"}, germany{"DE"};
  EXPECT_EQ(digest(TaskBanks(1, reordered, 500), RegionId{0}, 300), kenya);
  EXPECT_NE(digest(TaskBanks(1, germany, 300), RegionId{0}, 300), kenya);
  EXPECT_NE(digest(TaskBanks(2, kThree, 300), RegionId{1}, 300), kenya);
}

TEST(TaskBanks, HoldWhatTheGeneratorsMake) {
  const TaskBanks banks(1, kThree, 50);
  const std::uint32_t key = region_key("DE");
  const Style style = region_style(1, key);
  for (std::size_t t = 0; t < kProblemTypes; ++t)
    for (std::size_t b = 0; b < kComplexityBuckets; ++b)
      for (std::uint32_t i = 0; i < 50; ++i) {
        const auto type = static_cast<ProblemType>(t);
        std::uint8_t item[kInputs];
        EXPECT_EQ(make_bank_item(1, style, key, type, b, i, item), banks.label(RegionId{2}, type, b, i));
        EXPECT_EQ(std::memcmp(item, banks.input(RegionId{2}, type, b, i), kInputs), 0);
      }
}

TEST(TaskBanks, ItemsAreAlignedAndCounted) {
  const TaskBanks banks(1, kThree, 10);
  EXPECT_EQ(banks.items(), 10u);
  EXPECT_EQ(banks.bytes(), 3u * 16u * 10u * 65u);
  for (std::uint32_t i = 0; i < 10; ++i)
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(banks.input(RegionId{2}, ProblemType::memory, 3, i)) % 64, 0u);
}

TEST(TaskBanks, NoRegionsMeansNoItems) {
  EXPECT_EQ(TaskBanks(1, {}, 10).bytes(), 0u);
}

// Blurred pages carry so many random bits that two equal ones would betray a key used twice.
TEST(TaskBanks, KeysNeverCollide) {
  const TaskBanks banks(1, kThree, 200);
  std::set<std::array<std::uint64_t, 2>> seen;
  for (std::uint16_t r = 0; r < 3; ++r)
    for (const ProblemType type : {ProblemType::vision, ProblemType::memory})
      for (std::size_t b = 0; b < kComplexityBuckets; ++b)
        for (std::uint32_t i = 0; i < 200; ++i) {
          const Hash128 h = hash128(banks.input(RegionId{r}, type, b, i), kInputs);
          seen.insert({h.high, h.low});
        }
  EXPECT_EQ(seen.size(), 3u * 2u * 4u * 200u);
}

// Labels per region and type over all buckets.
TEST(TaskBanks, EveryClassOccursReasonablyOften) {
  const TaskBanks banks(1, kThree, 1024);
  for (std::uint16_t r = 0; r < 3; ++r)
    for (std::size_t t = 0; t < kProblemTypes; ++t) {
      std::array<double, kClasses> share{};
      for (std::size_t b = 0; b < kComplexityBuckets; ++b)
        for (std::uint32_t i = 0; i < 1024; ++i)
          share.at(banks.label(RegionId{r}, static_cast<ProblemType>(t), b, i)) += 1.0 / 4096;
      for (std::uint32_t c = 0; c < kClasses; ++c) {
        EXPECT_GT(share[c], 0.015) << r << ' ' << t << ' ' << c;
        EXPECT_LT(share[c], 0.35) << r << ' ' << t << ' ' << c;
      }
    }
}

// κ is uniform within a bucket: a third operand appears with probability 0.7κ, so its mean share in bucket b
// is 0.7·(b + ½)/4 = 0.0875, 0.2625, 0.4375, 0.6125.
TEST(TaskBanks, KappaFillsItsBucket) {
  const TaskBanks banks(1, kThree, 4096);
  for (std::size_t b = 0; b < kComplexityBuckets; ++b) {
    double third = 0;
    for (std::uint32_t i = 0; i < 4096; ++i) {
      const std::uint8_t* item = banks.input(RegionId{0}, ProblemType::reasoning, b, i);
      third += std::any_of(item + 20, item + 30, [](std::uint8_t x) { return x != 0; }) / 4096.0;
    }
    const double want = 0.7 * (static_cast<double>(b) + 0.5) / 4;
    const double bound = 4.5 * std::sqrt(want * (1 - want) / 4096);
    EXPECT_NEAR(third, want, bound);
    EXPECT_GT(std::abs(third - 0.7 * static_cast<double>(b + 1) / 4), bound)
        << "mutant: κ at the bucket's end";
  }
}

}  // namespace
}  // namespace tasks
}  // namespace swarm
