#include "sim/study/run_seed.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <vector>

#include "sim/core/rng.hpp"

namespace {

using namespace swarm;
using SeedRule = std::function<std::int64_t(std::int64_t, std::uint64_t, std::uint32_t)>;

/// Seeds of ten replicates, asked for in ascending and in descending order, and again: must not depend on it.
bool ignores_order(const SeedRule& seed) {
  std::vector<std::int64_t> up, down(10), again;
  for (std::uint32_t k = 0; k < 10; ++k) up.push_back(seed(1, 0, k));
  for (std::uint32_t k = 10; k-- > 0;) down[k] = seed(1, 0, k);
  for (std::uint32_t k = 0; k < 10; ++k) again.push_back(seed(1, 0, k));
  return up == down && up == again;
}

TEST(RunSeed, DoesNotDependOnOrder) {
  EXPECT_TRUE(ignores_order(study::run_seed));
  // Mutant: seeds drawn one after the other from a generator with a state.
  std::uint32_t calls = 0;
  EXPECT_FALSE(ignores_order([&](std::int64_t master, std::uint64_t point, std::uint32_t) { return study::run_seed(master, point, calls++); }));
}

/// Master seeds, points and replicates side by side: no two runs may share a seed.
bool has_distinct_seeds(const SeedRule& seed) {
  std::set<std::int64_t> seen;
  for (std::int64_t master = 0; master < 20; ++master)
    for (std::uint64_t point = 0; point < 50; ++point)
      for (std::uint32_t k = 0; k < 50; ++k) seen.insert(seed(master, point, k));
  return seen.size() == 20u * 50u * 50u;
}

TEST(RunSeed, TellsMasterPointAndReplicateApart) {
  EXPECT_TRUE(has_distinct_seeds(study::run_seed));
  // Mutants: a sum, so that neighbours share their seeds; one of the three forgotten.
  EXPECT_FALSE(has_distinct_seeds([](std::int64_t m, std::uint64_t p, std::uint32_t k) { return m + static_cast<std::int64_t>(p + k); }));
  EXPECT_FALSE(has_distinct_seeds([](std::int64_t m, std::uint64_t, std::uint32_t k) { return study::run_seed(m, 0, k); }));
}

TEST(RunSeed, IsASeedThatScenariosTakeAndDoublesHold) {
  for (const std::int64_t master : {std::int64_t{0}, std::int64_t{1}, std::int64_t{9'000'000'000'000'000'000}})
    for (std::uint32_t k = 0; k < 1000; ++k) {
      const std::int64_t seed = study::run_seed(master, 0, k);
      EXPECT_GE(seed, 0);
      EXPECT_LT(seed, std::int64_t{1} << 53);
    }
}

// Published results name these seeds. tests/cli/replicates_test.py derives them from the definition of Philox.
TEST(RunSeed, NeverChanges) {
  EXPECT_EQ(study::run_seed(1, 0, 0), 6697023606024755);
  EXPECT_EQ(study::run_seed(1, 0, 1), 705198264718376);
  EXPECT_EQ(study::run_seed(1, 0, 2), 4332413654419744);
}

}  // namespace
