#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "sim/core/params.hpp"

/// One line on stderr that is drawn over and over: a bar and figures on a terminal, or JSON objects for programs.
namespace swarm {
namespace cli {

enum class ProgressMode : std::uint8_t { automatic, always, never, json };

class ProgressLine {
 public:
  explicit ProgressLine(ProgressMode mode);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Whether something should be shown now: at most ten times a second, and at the end.
  bool due(bool at_end);
  bool as_json() const { return mode_ == ProgressMode::json; }
  /// Since the line was made.
  double elapsed_s() const;
  /// A bar that is filled to `share`, before `figures`; cut at the terminal's edge.
  void draw(double share, const std::string& figures);

 private:
  using Clock = std::chrono::steady_clock;
  ProgressMode mode_;
  Clock::time_point start_, shown_;
  bool open_ = false;
  std::size_t longest_ = 0;  ///< of the lines drawn so far, to blot out what is left of them
};

/// "1:02:03", "2:03".
std::string clock_text(double seconds);

}  // namespace cli
inline namespace core {
template <>
struct EnumNames<cli::ProgressMode> {
  static constexpr std::array<std::string_view, 4> names{"auto", "always", "never", "json"};
};
}  // namespace core
}  // namespace swarm
