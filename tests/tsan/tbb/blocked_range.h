#pragma once
#include <algorithm>
#include <cstddef>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

/// Stands in for oneTBB in ThreadSanitizer builds (SWARM_SANITIZE=thread), and has just what sim/core/parallel.hpp
/// uses. The system's libtbb is not instrumented, so the sanitizer cannot see that handing a task to a worker orders
/// memory, and reports every such hand-over. Here each loop starts threads and joins them, and nothing else orders what
/// its blocks do: what is reported is a race between two blocks of one loop.
namespace tbb {

template <class T>
class blocked_range {
 public:
  blocked_range(T begin, T end, std::size_t grain) : begin_(begin), end_(end), grain_(grain) {}
  T begin() const { return begin_; }
  T end() const { return end_; }
  std::size_t grain() const { return grain_; }

 private:
  T begin_, end_;
  std::size_t grain_;
};

struct simple_partitioner {};

/// Threads of a loop: those of the innermost arena. Set between loops only.
inline unsigned shim_threads = 4;
inline std::size_t shim_limit = shim_threads;

/// Blocks of one grain each, dealt out in turn, so that neighbours always run on different threads. The first
/// exception by thread number is passed on.
template <class Range, class Body>
void parallel_for(const Range& range, const Body& body, simple_partitioner) {
  const unsigned count = shim_threads;
  std::vector<std::exception_ptr> failed(count);
  const auto work = [&](unsigned thread) {
    try {
      for (auto at = range.begin() + thread * range.grain(); at < range.end(); at += count * range.grain())
        body(Range(at, std::min(at + range.grain(), range.end()), range.grain()));
    } catch (...) {
      failed[thread] = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  for (unsigned t = 1; t < count; ++t) threads.emplace_back(work, t);
  work(0);
  for (auto& t : threads) t.join();
  for (const auto& e : failed)
    if (e) std::rethrow_exception(e);
}

/// The same tree for any number of threads: split in the middle down to one grain.
template <class Range, class Value, class Map, class Combine>
Value parallel_deterministic_reduce(const Range& range, const Value& identity, const Map& map, const Combine& combine,
                                    simple_partitioner, unsigned depth = 0) {
  if (range.end() - range.begin() <= range.grain()) return map(range, identity);
  const auto middle = range.begin() + (range.end() - range.begin()) / 2;
  const auto half = [&](auto begin, auto end) {
    return parallel_deterministic_reduce(Range(begin, end, range.grain()), identity, map, combine,
                                         simple_partitioner{}, depth + 1);
  };
  Value right = identity;
  if (depth < 2) {
    std::thread other([&] { right = half(middle, range.end()); });
    Value left = half(range.begin(), middle);
    other.join();
    return combine(std::move(left), std::move(right));
  }
  Value left = half(range.begin(), middle);
  right = half(middle, range.end());
  return combine(std::move(left), std::move(right));
}

class global_control {
 public:
  enum parameter { max_allowed_parallelism };
  global_control(parameter, std::size_t limit) : before_(shim_limit) { shim_limit = limit; }
  ~global_control() { shim_limit = before_; }
  static std::size_t active_value(parameter) { return shim_limit; }

 private:
  std::size_t before_;
};

class task_arena {
 public:
  explicit task_arena(int threads) : threads_(static_cast<unsigned>(threads)) {}
  template <class Body>
  auto execute(Body&& body) {
    struct Restore {
      unsigned before = shim_threads;
      ~Restore() { shim_threads = before; }
    } restore;
    shim_threads = threads_;
    return body();
  }

 private:
  unsigned threads_;
};
namespace this_task_arena {
inline int max_concurrency() { return static_cast<int>(shim_threads); }
}  // namespace this_task_arena

}  // namespace tbb
