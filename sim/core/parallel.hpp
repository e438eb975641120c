#pragma once
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_reduce.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cstddef>
#include <utility>

/// The only loops that may run in parallel. Blocks are fixed by (n, grain) alone, never by the number of
/// threads, so what a block computes is the same on any machine.
namespace swarm {
inline namespace core {

/// Rows per block when nothing else is known.
inline constexpr std::size_t kBlockRows = 1024;

/// body(begin, end) over [0, n) in fixed blocks of `grain` rows. Bodies must write disjoint rows.
template <class Body>
void parallel_blocks(std::size_t n, std::size_t grain, Body&& body) {
  if (n == 0) return;
  const std::size_t blocks = (n + grain - 1) / grain;
  if (blocks == 1) {
    body(std::size_t{0}, n);
    return;
  }
  tbb::parallel_for(
      tbb::blocked_range<std::size_t>(0, blocks, 1),
      [&](const tbb::blocked_range<std::size_t>& range) {
        for (std::size_t b = range.begin(); b != range.end(); ++b)
          body(b * grain, std::min(n, (b + 1) * grain));
      },
      tbb::simple_partitioner{});
}

/// body(i) for each i in [0, n), one task each: for few, unequal pieces of work.
template <class Body>
void parallel_each(std::size_t n, Body&& body) {
  if (n == 1) {
    body(std::size_t{0});
    return;
  }
  tbb::parallel_for(
      tbb::blocked_range<std::size_t>(0, n, 1),
      [&](const tbb::blocked_range<std::size_t>& range) {
        for (std::size_t i = range.begin(); i != range.end(); ++i) body(i);
      },
      tbb::simple_partitioner{});
}

/// Ordered reduction: map(begin, end) per fixed block, combine(left, right) along a tree whose shape depends
/// on (n, grain) only. Floating sums are therefore the same bits for any number of threads.
template <class T, class Map, class Combine>
T ordered_reduce(std::size_t n, std::size_t grain, T identity, Map&& map, Combine&& combine) {
  if (n == 0) return identity;
  const std::size_t blocks = (n + grain - 1) / grain;
  return tbb::parallel_deterministic_reduce(
      tbb::blocked_range<std::size_t>(0, blocks, 1), identity,
      [&](const tbb::blocked_range<std::size_t>& range, T value) {
        for (std::size_t b = range.begin(); b != range.end(); ++b)
          value = combine(std::move(value), map(b * grain, std::min(n, (b + 1) * grain)));
        return value;
      },
      [&](T left, T right) { return combine(std::move(left), std::move(right)); }, tbb::simple_partitioner{});
}

/// Limits the process to `threads` worker threads while it lives; 0 means all cores.
class ThreadLimit {
 public:
  explicit ThreadLimit(int threads)
      : threads_(threads > 0 ? threads : tbb::this_task_arena::max_concurrency()),
        control_(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads_)) {}
  static int available() { return tbb::this_task_arena::max_concurrency(); }

  /// Runs body with that many threads, also where they outnumber the cores.
  template <class Body>
  auto execute(Body&& body) const {
    tbb::task_arena arena(threads_);
    return arena.execute(std::forward<Body>(body));
  }

 private:
  int threads_;
  tbb::global_control control_;
};

}  // namespace core
}  // namespace swarm
