#include "sim/cli/progress.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <string>

namespace swarm {
namespace cli {
namespace {

std::string clock_text(double seconds) {
  const auto s = static_cast<long>(seconds + 0.5);
  return s >= 3600 ? fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60) : fmt::format("{}:{:02}", s / 60, s % 60);
}

std::string count_text(double n) {
  if (n >= 1e6) return fmt::format("{:.1f} M", n / 1e6);
  return n >= 1e4 ? fmt::format("{:.0f} k", n / 1e3) : fmt::format("{:.0f}", n);
}

}  // namespace

Progress::Progress(ProgressMode mode, std::uint32_t first_step, std::uint32_t steps, double step_s)
    : mode_(mode), first_step_(first_step), steps_(steps), step_s_(step_s), start_(Clock::now()), printed_() {
  if (mode_ == ProgressMode::automatic)
    mode_ = isatty(STDERR_FILENO) ? ProgressMode::always : ProgressMode::never;
}

Progress::~Progress() {
  if (open_line_) fmt::print(stderr, "\n");
}

void Progress::update(std::uint32_t steps_done, std::uint64_t requests) {
  if (mode_ == ProgressMode::never) return;
  const auto now = Clock::now();
  if (steps_done < steps_ && now - printed_ < std::chrono::milliseconds(100)) return;
  printed_ = now;
  print(steps_done, requests);
}

void Progress::print(std::uint32_t steps_done, std::uint64_t requests) {
  const double elapsed = std::chrono::duration<double>(printed_ - start_).count();
  const double done = static_cast<double>(steps_done) / steps_;
  const double rate = elapsed > 0 ? (steps_done - first_step_) / elapsed : 0;
  const double left = rate > 0 ? (steps_ - steps_done) / rate : 0;
  if (mode_ == ProgressMode::json) {
    fmt::print(stderr, "{{\"step\":{},\"steps\":{},\"requests\":{},\"elapsed_s\":{:.3f},\"eta_s\":{:.3f},\"steps_per_s\":{:.3f}}}\n",
               steps_done, steps_, requests, elapsed, left, rate);
    return;
  }
  constexpr int kWidth = 30;
  const auto filled = static_cast<std::size_t>(done * kWidth);
  fmt::print(stderr, "\r[{}{}] {:5.1f} %  day {:.1f}  {} requests  {:.0f} steps/s  {}  ETA {}  ", std::string(filled, '#'),
             std::string(kWidth - filled, '.'), 100 * done, steps_done * step_s_ / 86400.0,
             count_text(static_cast<double>(requests)), rate, clock_text(elapsed), clock_text(left));
  std::fflush(stderr);
  open_line_ = true;
}

}  // namespace cli
}  // namespace swarm
