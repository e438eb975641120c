#include "sim/hardware/server_pool.hpp"

#include <algorithm>
#include <limits>

#include "sim/core/checks.hpp"

namespace swarm {
namespace hardware {
namespace {

// The tree is one array: the root at 3, the children of node p at 4p − 8 … 4p − 5, so that siblings start at
// a multiple of four. Four children per node halve the levels, and with them the chain of dependent loads.
constexpr std::size_t first_child(std::size_t node) {
  return 4 * node - 8;
}
constexpr std::size_t parent(std::size_t node) {
  return node / 4 + 2;
}

/// Length of the part of [from, to) that lies in [low, high).
double overlap(double from, double to, double low, double high) {
  return std::max(0.0, std::min(to, high) - std::max(from, low));
}

}  // namespace

ServerPool::ServerPool(std::span<double> free_at, double idle_timeout) : idle_timeout_(idle_timeout) {
  EXPECT(idle_timeout >= 0);
  rebind(free_at);
}

void ServerPool::rebind(std::span<double> free_at) {
  EXPECT(!free_at.empty());
  free_at_ = free_at;
  gaps_.clear();
  first_leaf_ = kRoot;
  for (std::size_t leaves = 1; leaves < free_at.size(); leaves *= 4) first_leaf_ = first_child(first_leaf_);
  tree_.assign(first_child(first_leaf_), std::numeric_limits<double>::infinity());
  std::copy(free_at.begin(), free_at.end(), tree_.begin() + static_cast<std::ptrdiff_t>(first_leaf_));
  for (std::size_t node = first_leaf_ - 1; node >= kRoot; --node) {
    const auto child = tree_.begin() + static_cast<std::ptrdiff_t>(first_child(node));
    tree_[node] = *std::min_element(child, child + 4);
  }
}

void ServerPool::begin_step(double t0) {
  t0_ = t0;
  gaps_.clear();
}

Placement ServerPool::place(double arrival, double occupancy) {
  EXPECT(arrival >= t0_ && occupancy >= 0);
  double* const tree = tree_.data();
  // The first gang free by `when`: by the arrival if there is one, else by the moment the first gang frees.
  const double when = std::max(arrival, tree[kRoot]);
  std::size_t node = kRoot;
  while (node < first_leaf_) {
    node = first_child(node);
    const bool not0 = tree[node] > when, not1 = tree[node + 1] > when, not2 = tree[node + 2] > when;
    node += static_cast<std::size_t>(not0) + static_cast<std::size_t>(not0 & not1) +
            static_cast<std::size_t>(not0 & not1 & not2);
  }
  const std::size_t server = node - first_leaf_;
  const double free_from = tree[node];
  const double start = std::max(arrival, free_from), finish = start + occupancy;
  if (start > free_from) gaps_.push_back({free_from, start});
  free_at_[server] = finish;
  tree[node] = finish;
  for (double least = finish; node > kRoot; tree[node] = least) {
    least = std::min(least, std::min(std::min(tree[node ^ 1], tree[node ^ 2]), tree[node ^ 3]));
    node = parent(node);
  }
  return {static_cast<std::uint32_t>(server), start, finish};
}

StateSeconds ServerPool::end_step(double t1) {
  EXPECT(t1 >= t0_);
  double idle = 0, standby = 0;
  const auto meter = [&](double from, double to) {
    const double asleep = from + idle_timeout_;
    idle += overlap(from, std::min(to, asleep), t0_, t1);
    standby += overlap(asleep, to, t0_, t1);
  };
  for (const Gap& gap : gaps_) meter(gap.from, gap.to);
  for (const double free_from : free_at_)
    if (free_from < t1) meter(free_from, t1);
  gaps_.clear();
  const double total = static_cast<double>(free_at_.size()) * (t1 - t0_);
  t0_ = t1;
  return {std::max(0.0, total - idle - standby), idle, standby};
}

double ServerPool::backlog(double now) const {
  double work = 0;
  for (const double free_from : free_at_) work += std::max(0.0, free_from - now);
  return work;
}

}  // namespace hardware
}  // namespace swarm
