#include "sim/cli/interrupt.hpp"

#include <array>

namespace swarm {
namespace cli {
namespace {

volatile std::sig_atomic_t first_signal = 0;  // the only thing a handler may touch

void note(int signal) {
  if (first_signal == 0)
    first_signal = signal;
  else if (signal != SIGUSR1)
    std::signal(signal, SIG_DFL);  // asked twice already: the next one ends the process at once
}

constexpr std::array<int, 3> kSignals{SIGINT, SIGTERM, SIGUSR1};
int guards = 0;

}  // namespace

InterruptGuard::InterruptGuard() {
  if (guards++ > 0) return;
  first_signal = 0;
  sigset_t awaited;
  sigemptyset(&awaited);
  for (const int s : kSignals) {
    std::signal(s, note);
    sigaddset(&awaited, s);
  }
  pthread_sigmask(SIG_UNBLOCK, &awaited, nullptr);
}
InterruptGuard::~InterruptGuard() {
  if (--guards > 0) return;
  for (const int s : kSignals) std::signal(s, SIG_DFL);
}
std::optional<int> InterruptGuard::caught() {
  return first_signal == 0 ? std::nullopt : std::optional<int>(static_cast<int>(first_signal));
}

}  // namespace cli
}  // namespace swarm
