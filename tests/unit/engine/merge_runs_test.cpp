#include "sim/engine/merge_runs.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "sim/core/rng.hpp"

namespace swarm::engine {
namespace {

using Row = std::pair<double, int>;  // (key, where it stood)
bool by_key(const Row& a, const Row& b) { return a.first < b.first; }

/// `runs` ascending runs of keys with many ties.
std::vector<Row> mail(std::size_t rows, std::size_t runs) {
  const Random random(1, Stream::experiment);
  std::vector<Row> out(rows);
  for (std::size_t i = 0; i < rows; ++i) out[i].first = uniform_below(random.block(0, i)[0], 50);
  for (std::size_t r = 0; r < runs; ++r)
    std::sort(out.begin() + static_cast<std::ptrdiff_t>(r * rows / runs),
              out.begin() + static_cast<std::ptrdiff_t>((r + 1) * rows / runs));
  for (std::size_t i = 0; i < rows; ++i) out[i].second = static_cast<int>(i);
  return out;
}

TEST(MergeRuns, EqualsAStableSort) {
  for (std::size_t rows : {0u, 1u, 2u, 7u, 100u, 1000u})
    for (std::size_t runs : {1u, 2u, 3u, 4u, 5u, 41u, 1000u}) {
      std::vector<Row> sorted = mail(rows, runs), merged = sorted;
      std::stable_sort(sorted.begin(), sorted.end(), by_key);
      merge_runs(merged, by_key);
      EXPECT_EQ(merged, sorted) << rows << " rows in " << runs << " runs";
    }
}

TEST(MergeRuns, DescendingRowsAreRunsOfOne) {
  std::vector<int> rows{5, 4, 3, 2, 1};
  merge_runs(rows, std::less<>{});
  EXPECT_EQ(rows, (std::vector<int>{1, 2, 3, 4, 5}));
}

TEST(MergeRuns, MergingOnlyOnceIsCaught) {
  std::vector<Row> rows = mail(100, 4), expected = rows;
  std::stable_sort(expected.begin(), expected.end(), by_key);
  std::inplace_merge(rows.begin(), rows.begin() + 25, rows.begin() + 50, by_key);
  std::inplace_merge(rows.begin() + 50, rows.begin() + 75, rows.end(), by_key);
  EXPECT_NE(rows, expected);
}

}  // namespace
}  // namespace swarm::engine
