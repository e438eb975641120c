#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

/// Wall-clock per phase. Diagnostics only: no figure of this file ever reaches state or a result dataset.
namespace swarm {
inline namespace core {

/// Accumulates seconds per index of an enum with a `count` enumerator.
template <class Phase>
class PhaseTimer {
 public:
  static constexpr std::size_t kCount = static_cast<std::size_t>(Phase::count);

  /// Adds the time between its birth and its end to one phase.
  class Scope {
   public:
    Scope(PhaseTimer& timer, Phase phase) : timer_(timer), phase_(phase), start_(Clock::now()) {}
    ~Scope() { timer_.add(phase_, std::chrono::duration<double>(Clock::now() - start_).count()); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    PhaseTimer& timer_;
    Phase phase_;
    std::chrono::steady_clock::time_point start_;
  };

  Scope time(Phase phase) { return Scope(*this, phase); }
  void add(Phase phase, double seconds) {
    seconds_[static_cast<std::size_t>(phase)] += seconds;
    ++calls_[static_cast<std::size_t>(phase)];
  }
  double seconds(Phase phase) const { return seconds_[static_cast<std::size_t>(phase)]; }
  std::uint64_t calls(Phase phase) const { return calls_[static_cast<std::size_t>(phase)]; }
  double total() const {
    double sum = 0;
    for (double s : seconds_) sum += s;
    return sum;
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::array<double, kCount> seconds_{};
  std::array<std::uint64_t, kCount> calls_{};
};

}  // namespace core
}  // namespace swarm
