#pragma once
#include <utility>
#include <vector>

#include "sim/core/errors.hpp"

namespace swarm {
namespace grid {

/// Collects what is wrong with a file, up to a limit that a reader can take in.
class Problems {
 public:
  static constexpr std::size_t kMost = 20;

  void add(Diagnostic problem) {
    if (!full()) list_.push_back(std::move(problem));
  }
  void add(const InputError& error) {
    for (const Diagnostic& problem : error.problems()) add(problem);
  }
  void add(const Problems& others) {
    for (const Diagnostic& problem : others.list_) add(problem);
  }
  bool full() const { return list_.size() >= kMost; }
  bool empty() const { return list_.empty(); }
  /// Throws InputError if there are any.
  void raise() const {
    if (!list_.empty()) throw InputError(list_);
  }

 private:
  std::vector<Diagnostic> list_;
};

}  // namespace grid
}  // namespace swarm
