#pragma once
#include <csignal>

#include <optional>

/// Signals that end a run in good order: the handler only notes them, the loop between steps obeys.
namespace swarm {
namespace cli {

class InterruptGuard {
 public:
  /// Catches SIGINT, SIGTERM and SIGUSR1 while it lives. A third SIGINT or SIGTERM ends the process at once. Inside
  /// the life of another guard it changes nothing. A parent may have blocked these signals until now. One thread.
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  /// The signal that arrived first, if any.
  static std::optional<int> caught();
};

}  // namespace cli
}  // namespace swarm
