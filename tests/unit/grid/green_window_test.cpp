#include "sim/grid/green_window.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "sim/core/stats.hpp"

namespace swarm::grid {
namespace {

TEST(GreenWindow, WorkedExample) {
  // Sorted: 1 2 3 4 5 6 7 8 9; quantile 0.25 of type 7 stands at rank 0.25·8 = 2, that is 3. Below 3: values
  // 1, 2.
  const std::vector<double> horizon{5, 1, 2, 6, 3, 7, 9, 8, 4};
  EXPECT_EQ(green_windows(horizon, 0.25), (std::vector<Window>{{1, 2}}));
}

TEST(GreenWindow, TouchesBothEnds) {
  // Sorted: 1 1 9 9 9 9 9 9 …: rank 0.25·7 = 1.75 → 1 + 0.75·8 = 7.
  const std::vector<double> horizon{1, 9, 9, 9, 9, 9, 9, 1};
  EXPECT_EQ(green_windows(horizon, 0.25), (std::vector<Window>{{0, 0}, {7, 7}}));
}

TEST(GreenWindow, ConstantAndEmptyHorizonsHaveNone) {
  EXPECT_TRUE(green_windows(std::vector<double>(24, 300.0), 0.25).empty());
  EXPECT_TRUE(green_windows({}, 0.25).empty());
}

/// What a set of windows must be: exactly the values below the quantile, no two windows touching.
bool valid(const std::vector<double>& horizon, double q, const std::vector<Window>& windows) {
  const double threshold = quantile(horizon, q);
  std::vector<bool> green(horizon.size(), false);
  std::int64_t before = -2;
  for (const Window w : windows) {
    if (w.first <= before + 1 || w.last < w.first || w.last >= horizon.size()) return false;
    for (std::uint32_t i = w.first; i <= w.last; ++i) green[i] = true;
    before = w.last;
  }
  for (std::size_t i = 0; i < horizon.size(); ++i)
    if (green[i] != (horizon[i] < threshold)) return false;
  return true;
}

TEST(GreenWindow, WindowsAreMaximalAndExact) {
  std::uint32_t state = 1;
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<double> horizon(1 + trial % 60);
    for (double& v : horizon) v = static_cast<double>((state = state * 1664525u + 1013904223u) >> 28);
    for (double q : {0.0, 0.25, 0.5, 1.0}) EXPECT_TRUE(valid(horizon, q, green_windows(horizon, q)));
  }
  // Mutants: a window cut in two is not maximal; one that takes in the threshold is not exact.
  const std::vector<double> horizon{5, 1, 2, 6, 3, 7, 9, 8, 4};
  EXPECT_FALSE(valid(horizon, 0.25, {{1, 1}, {2, 2}}));
  EXPECT_FALSE(valid(horizon, 0.25, {{1, 2}, {4, 4}}));
}

}  // namespace
}  // namespace swarm::grid
