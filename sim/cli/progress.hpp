#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "sim/core/params.hpp"

/// How far a run has come, on stderr: a bar on a terminal, or one JSON object per line for programs.
namespace swarm {
namespace cli {

enum class ProgressMode : std::uint8_t { automatic, always, never, json };

/// Which run of several this is; of one run: 0 of 0.
struct RunOf {
  std::int64_t number = 0;  ///< from 0
  std::int64_t runs = 0;
};

class Progress {
 public:
  Progress(ProgressMode mode, std::uint32_t first_step, std::uint32_t steps, double step_s, RunOf which = {});
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Called after each step with the requests so far; prints at most ten times a second.
  void update(std::uint32_t steps_done, std::uint64_t requests);

 private:
  using Clock = std::chrono::steady_clock;
  void print(std::uint32_t steps_done, std::uint64_t requests);
  ProgressMode mode_;
  std::uint32_t first_step_, steps_;
  double step_s_;
  RunOf which_;
  Clock::time_point start_, printed_;
  bool open_line_ = false;
  std::size_t longest_ = 0;  ///< of the lines drawn so far, to blot out what is left of them
};

}  // namespace cli
inline namespace core {
template <>
struct EnumNames<cli::ProgressMode> {
  static constexpr std::array<std::string_view, 4> names{"auto", "always", "never", "json"};
};
}  // namespace core
}  // namespace swarm
