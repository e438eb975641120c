#pragma once
#include <cstdint>

#include "sim/cli/progress_line.hpp"

/// How far a run has come.
namespace swarm {
namespace cli {

/// Which run of several this is; of one run: 0 of 0.
struct RunOf {
  std::int64_t number = 0;  ///< from 0
  std::int64_t runs = 0;
};

class Progress {
 public:
  Progress(ProgressMode mode, std::uint32_t first_step, std::uint32_t steps, double step_s, RunOf which = {})
      : line_(mode), first_step_(first_step), steps_(steps), step_s_(step_s), which_(which) {}
  /// Called after each step with the requests so far.
  void update(std::uint32_t steps_done, std::uint64_t requests);

 private:
  ProgressLine line_;
  std::uint32_t first_step_, steps_;
  double step_s_;
  RunOf which_;
};

}  // namespace cli
}  // namespace swarm
