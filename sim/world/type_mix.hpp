#pragma once
#include <array>
#include <cstdint>

#include "sim/scenario/run_params.hpp"
#include "sim/workload/problem_type.hpp"

namespace swarm {
namespace world {

/// The next problem type in a mix: the one furthest behind its weight. Any run of agents is close to the mix,
/// and one sequence serves the whole population, so that many small sites together have every type too.
class TypeMix {
 public:
  using Counts = std::array<std::uint64_t, workload::kProblemTypes>;

  /// Goes on after `count` agents of each type.
  explicit TypeMix(const scenario::PopulationParams& p, const Counts& count = {})
      : weight_{p.vision, p.language, p.reasoning, p.memory}, count_(count) {
    for (double w : weight_) sum_ += w;
    for (std::uint64_t n : count_) given_ += n;
  }
  std::uint8_t next() {
    std::size_t best = 0;
    double best_lag = -1;
    for (std::size_t t = 0; t < weight_.size(); ++t) {
      const double lag = weight_[t] / sum_ * static_cast<double>(given_ + 1) - static_cast<double>(count_[t]);
      if (weight_[t] > 0 && lag > best_lag) {
        best_lag = lag;
        best = t;
      }
    }
    ++given_;
    ++count_[best];
    return static_cast<std::uint8_t>(best);
  }
  /// Agents of each type so far.
  const Counts& counts() const { return count_; }

 private:
  std::array<double, workload::kProblemTypes> weight_;
  Counts count_;
  double sum_ = 0;
  std::uint64_t given_ = 0;
};

}  // namespace world
}  // namespace swarm
