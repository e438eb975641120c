#include "sim/dispatch/circuit_breaker.hpp"

#include <algorithm>
#include <bit>

namespace swarm {
namespace dispatch {
namespace {

void open(const BreakerParams& p, Breaker& b, double now_s) {
  b = {.open_until_s = now_s + p.cool_down.seconds, .state = BreakerState::open};
}

}  // namespace

bool lets_pass(const BreakerParams& p, Breaker& b, double now_s) {
  if (b.state == BreakerState::open && now_s >= b.open_until_s) b.state = BreakerState::half_open;
  if (b.state == BreakerState::closed) return true;
  if (b.state == BreakerState::open || b.probing + b.probed >= p.probes) return false;
  ++b.probing;
  return true;
}

void note_outcome(const BreakerParams& p, Breaker& b, bool failure, double now_s) {
  if (b.state == BreakerState::open) return;  // asked before it opened: what it says is known
  if (b.state == BreakerState::half_open) {
    if (b.probing == 0) return;
    --b.probing;
    if (failure) return open(p, b, now_s);
    if (++b.probed >= p.probes) b = {};
    return;
  }
  const auto window = static_cast<unsigned>(p.window);
  b.failed = (b.failed << 1 | (failure ? 1u : 0u)) & (~std::uint64_t{0} >> (64 - window));
  b.answers = static_cast<std::uint8_t>(std::min<unsigned>(b.answers + 1u, window));
  const auto failures = static_cast<double>(std::popcount(b.failed));
  if (b.answers >= p.least_answers && failures >= p.failure_share * b.answers) open(p, b, now_s);
}

}  // namespace dispatch
}  // namespace swarm
