#include "sim/cli/progress.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "sim/cli/message.hpp"

namespace swarm {
namespace cli {
namespace {

std::string clock_text(double seconds) {
  const auto s = static_cast<long>(seconds + 0.5);
  return s >= 3600 ? fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60) : fmt::format("{}:{:02}", s / 60, s % 60);
}

/// Width of the terminal on standard error, or the usual one.
std::size_t terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

std::string count_text(double n) {
  if (n >= 1e6) return fmt::format("{:.1f} M", n / 1e6);
  return n >= 1e4 ? fmt::format("{:.0f} k", n / 1e3) : fmt::format("{:.0f}", n);
}

}  // namespace

Progress::Progress(ProgressMode mode, std::uint32_t first_step, std::uint32_t steps, double step_s, RunOf which)
    : mode_(mode), first_step_(first_step), steps_(steps), step_s_(step_s), which_(which), start_(Clock::now()), printed_() {
  if (mode_ == ProgressMode::automatic)
    mode_ = isatty(STDERR_FILENO) ? ProgressMode::always : ProgressMode::never;
}

Progress::~Progress() {
  if (open_line_) say("\n");
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
    const std::string run = which_.runs > 0 ? fmt::format("\"replicate\":{},\"replicates\":{},", which_.number, which_.runs) : "";
    say("{{{}\"step\":{},\"steps\":{},\"requests\":{},\"elapsed_s\":{:.3f},\"eta_s\":{:.3f},\"steps_per_s\":{:.3f}}}\n",
               run, steps_done, steps_, requests, elapsed, left, rate);
    return;
  }
  constexpr std::size_t kWidest = 30, kNarrowest = 5;
  const std::string figures =
      (which_.runs > 0 ? fmt::format(" {}/{}", which_.number + 1, which_.runs) : "") +
      fmt::format(" {:5.1f} %  day {:.1f}/{:.1f}  {} requests  {:.0f} steps/s  {}  ETA {}", 100 * done, steps_done * step_s_ / 86400.0,
                  steps_ * step_s_ / 86400.0, count_text(static_cast<double>(requests)), rate, clock_text(elapsed), clock_text(left));
  // A line that wraps could not be drawn over: the bar takes what the figures leave, and they are cut at the edge.
  const std::size_t columns = terminal_columns();
  const std::size_t room = columns > figures.size() + 3 ? columns - figures.size() - 3 : 0;
  std::string line = figures.substr(1);
  if (room >= kNarrowest) {
    const std::size_t width = std::min(room, kWidest);
    const auto filled = static_cast<std::size_t>(done * static_cast<double>(width));
    line = fmt::format("[{}{}]{}", std::string(filled, '#'), std::string(width - filled, '.'), figures);
  }
  say("\r{:<{}}", line.substr(0, columns - 1), std::min(columns - 1, longest_));
  longest_ = std::max(longest_, line.size());
  std::fflush(stderr);
  open_line_ = true;
}

}  // namespace cli
}  // namespace swarm
