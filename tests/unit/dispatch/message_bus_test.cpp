#include "sim/dispatch/message_bus.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "sim/core/rng.hpp"

namespace swarm::dispatch {
namespace {

using Rows = std::vector<std::uint32_t>;

double energy_of(const BusParams& p, const std::vector<Message>& all, const Rows& rows) {
  std::map<std::uint32_t, std::int64_t> to_each;
  double bytes = 0, batches = 0;
  for (const auto row : rows) ++to_each[all[row].to], bytes += all[row].bytes;
  for (const auto& [to, n] : to_each) batches += static_cast<double>((n + p.batch_messages - 1) / p.batch_messages);
  return p.j_per_byte * bytes + p.j_per_batch * batches;
}

/// Drops the least valuable, of equal ones the last by sender and sequence, until the rest fits.
Rows naive(const BusParams& p, double budget_j, const std::vector<Message>& all) {
  Rows rows;
  for (std::uint32_t k = 0; k < all.size(); ++k) rows.push_back(k);
  while (energy_of(p, all, rows) > budget_j) {
    std::size_t worst = 0;
    for (std::size_t k = 1; k < rows.size(); ++k) {
      const Message &x = all[rows[k]], &y = all[rows[worst]];
      if (std::tuple(-x.value, x.from, x.sequence) > std::tuple(-y.value, y.from, y.sequence)) worst = k;
    }
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(worst));
  }
  return rows;
}

/// The worked example of docs/models/collaboration.md: 0.14 J carry two batches and 40,000 bytes, not three.
TEST(Bus, WorkedExample) {
  const BusParams p;
  const std::vector<Message> all{{1, 10000, 2, 5, 0}, {3, 20000, 1, 6, 0}, {2, 20000, 2, 7, 0}, {1, 10000, 3, 4, 0}};
  Rows kept;
  const auto step = carry(p, 0.15, all, kept);
  EXPECT_EQ(kept, (Rows{1, 2})) << "values 3 and 2; of the two worth 1 that of sender 4 came next, and took a third batch";
  EXPECT_EQ(step.sent, 2u);
  EXPECT_EQ(step.dropped, 2u);
  EXPECT_EQ(step.batches, 2u);
  EXPECT_DOUBLE_EQ(step.energy_j, 0.14);
  EXPECT_DOUBLE_EQ(step.dropped_value, 2);
}

TEST(Bus, IsTheNaiveRule) {
  const Random random(8, Stream::experiment);
  std::uint64_t dropped = 0;
  for (std::uint32_t trial = 0; trial < 200; ++trial) {
    const double budget_j = 0.05 + 0.01 * (trial % 40);
    const BusParams p{.j_per_batch = 0.02, .batch_messages = 1 + trial % 4};
    std::vector<Message> all;
    for (std::uint32_t k = 0; k < trial % 30; ++k) {
      const auto draw = random.block(trial, k);
      all.push_back({static_cast<double>(draw[0] % 6), draw[1] % 20000, draw[2] % 3, draw[3] % 4, k});
    }
    Rows kept, expected = naive(p, budget_j, all);
    const auto step = carry(p, budget_j, all, kept);
    EXPECT_NEAR(step.energy_j, energy_of(p, all, kept), 1e-12);
    EXPECT_EQ(step.sent + step.dropped, all.size());
    dropped += step.dropped;
    std::ranges::sort(kept);
    std::ranges::sort(expected);
    ASSERT_EQ(kept, expected) << trial;
    std::reverse(all.begin(), all.end());
    Rows turned;
    carry(p, budget_j, all, turned);
    for (auto& row : turned) row = static_cast<std::uint32_t>(all.size()) - 1 - row;
    std::ranges::sort(turned);
    ASSERT_EQ(turned, kept) << "whoever comes first to the bus";
  }
  EXPECT_GT(dropped, 100u);
}

TEST(Bus, NothingForNothing) {
  Rows kept{9};
  const auto step = carry({}, 0, {}, kept);
  EXPECT_TRUE(kept.empty());
  EXPECT_EQ(step.sent + step.dropped, 0u);
  const std::vector<Message> free{{0, 0, 0, 0, 0}};
  EXPECT_EQ(carry({.j_per_batch = 0}, 0, free, kept).sent, 1u);
}

}  // namespace
}  // namespace swarm::dispatch
