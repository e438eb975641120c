#include "sim/cli/progress_line.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "sim/cli/message.hpp"

namespace swarm {
namespace cli {
namespace {

/// Width of the terminal on standard error, or the usual one.
std::size_t terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

}  // namespace

std::string clock_text(double seconds) {
  const auto s = static_cast<long>(seconds + 0.5);
  return s >= 3600 ? fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60) : fmt::format("{}:{:02}", s / 60, s % 60);
}

ProgressLine::ProgressLine(ProgressMode mode) : mode_(mode), start_(Clock::now()), shown_() {
  if (mode_ == ProgressMode::automatic) mode_ = isatty(STDERR_FILENO) ? ProgressMode::always : ProgressMode::never;
}

ProgressLine::~ProgressLine() {
  if (open_) say("\n");
}

bool ProgressLine::due(bool at_end) {
  if (mode_ == ProgressMode::never) return false;
  const auto now = Clock::now();
  if (!at_end && now - shown_ < std::chrono::milliseconds(100)) return false;
  shown_ = now;
  return true;
}

double ProgressLine::elapsed_s() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

void ProgressLine::draw(double share, const std::string& figures) {
  // A line that wraps could not be drawn over: the bar takes what the figures leave, and they are cut at the edge.
  constexpr std::size_t kWidest = 30, kNarrowest = 5;
  const std::size_t columns = terminal_columns();
  const std::size_t room = columns > figures.size() + 4 ? columns - figures.size() - 4 : 0;
  std::string line = figures;
  if (room >= kNarrowest) {
    const std::size_t width = std::min(room, kWidest);
    const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
    line = fmt::format("[{}{}] {}", std::string(filled, '#'), std::string(width - filled, '.'), figures);
  }
  say("\r{:<{}}", line.substr(0, columns - 1), std::min(columns - 1, longest_));
  longest_ = std::max(longest_, line.size());
  std::fflush(stderr);
  open_ = true;
}

}  // namespace cli
}  // namespace swarm
