#include "sim/core/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <functional>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <vector>

#include "sim/core/rng.hpp"

namespace {

using namespace swarm;

using Blocks = std::set<std::pair<std::size_t, std::size_t>>;

Blocks blocks_of(std::size_t n, std::size_t grain) {
  Blocks blocks;
  std::mutex mutex;
  parallel_blocks(n, grain, [&](std::size_t begin, std::size_t end) {
    const std::lock_guard lock(mutex);
    blocks.emplace(begin, end);
  });
  return blocks;
}

TEST(Parallel, BlocksAreFixedAndCoverEachRowOnce) {
  EXPECT_EQ(blocks_of(0, 10), Blocks{});
  EXPECT_EQ(blocks_of(10, 10), (Blocks{{0, 10}}));
  EXPECT_EQ(blocks_of(25, 10), (Blocks{{0, 10}, {10, 20}, {20, 25}}));
  std::vector<int> rows(100'001);
  parallel_blocks(rows.size(), 7, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) ++rows[i];
  });
  EXPECT_EQ(std::count(rows.begin(), rows.end(), 1), 100'001);
}

TEST(Parallel, BlocksDoNotDependOnThreads) {
  Blocks with_one;
  {
    const ThreadLimit limit(1);
    with_one = blocks_of(12345, 100);
  }
  const ThreadLimit limit(4);
  EXPECT_EQ(blocks_of(12345, 100), with_one);
  EXPECT_EQ(with_one.size(), 124u);
}

TEST(Parallel, EachVisitsEachOnce) {
  for (std::size_t n : {0u, 1u, 2u, 1000u}) {
    std::vector<std::atomic<int>> visits(n);
    parallel_each(n, [&](std::size_t i) { ++visits[i]; });
    for (const auto& v : visits) EXPECT_EQ(v, 1);
  }
}

TEST(Parallel, ExceptionsReachTheCaller) {
  EXPECT_THROW(parallel_each(100,
                             [](std::size_t i) {
                               if (i == 63) throw std::runtime_error("row 63");
                             }),
               std::runtime_error);
  EXPECT_THROW(parallel_blocks(1, 10, [](std::size_t, std::size_t) { throw std::runtime_error("alone"); }),
               std::runtime_error);
}

/// A sum of wildly different terms: any other order of addition shows in its bits.
double sum_of(const std::vector<double>& x, std::size_t grain) {
  return ordered_reduce(
      x.size(), grain, 0.0,
      [&](std::size_t begin, std::size_t end) {
        return std::accumulate(x.begin() + begin, x.begin() + end, 0.0);
      },
      [](double a, double b) { return a + b; });
}

TEST(Parallel, OrderedReduceHasTheSameBitsForAnyNumberOfThreads) {
  std::vector<double> x(50'000);
  RandomSequence random(Random(1, Stream::experiment), 0, 0);
  for (double& v : x) v = std::ldexp(random.uniform() - 0.5, static_cast<int>(random.word() % 40));
  std::set<double> sums;
  for (int threads : {1, 2, 3, 8})
    for (int trial = 0; trial < 3; ++trial) {
      const ThreadLimit limit(threads);
      sums.insert(sum_of(x, 64));
    }
  EXPECT_EQ(sums.size(), 1u);
  // the terms are fit to tell orders apart: other trees give other bits
  EXPECT_GT((std::set<double>{sum_of(x, 64), sum_of(x, 63), sum_of(x, 1000), sum_of(x, x.size())}.size()),
            1u);
}

TEST(Parallel, OrderedReduceKeepsTheOrder) {
  const auto text = ordered_reduce(
      26, 3, std::string{},
      [](std::size_t begin, std::size_t end) {
        std::string s;
        for (std::size_t i = begin; i < end; ++i) s += static_cast<char>('a' + static_cast<int>(i));
        return s;
      },
      [](const std::string& a, const std::string& b) { return a + b; });
  EXPECT_EQ(text, "abcdefghijklmnopqrstuvwxyz");
  EXPECT_EQ(ordered_reduce(
                0, 3, 7, [](std::size_t, std::size_t) { return 1; }, std::plus<>{}),
            7);
}

TEST(Parallel, ThreadLimitEndsWithItsScope) {
  const auto most = [] {
    return tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism);
  };
  const auto before = most();
  {
    const ThreadLimit limit(1);
    EXPECT_EQ(most(), 1u);
  }
  EXPECT_EQ(most(), before);
  EXPECT_GE(ThreadLimit::available(), 1);
}

}  // namespace
