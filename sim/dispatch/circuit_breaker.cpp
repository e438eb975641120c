#include "sim/dispatch/circuit_breaker.hpp"

#include <algorithm>
#include <bit>

#include "sim/core/checks.hpp"

namespace swarm {
namespace dispatch {
namespace {

void open(const BreakerParams& p, Breaker& b, double now_s) {
  const auto round = static_cast<std::uint8_t>(b.round == 255 ? 1 : b.round + 1);
  b = {.open_until_s = now_s + p.cool_down.seconds, .round = round, .state = BreakerState::open};
}

}  // namespace

bool lets_pass(const BreakerParams& p, Breaker& b, double now_s) {
  if (b.state == BreakerState::open && now_s >= b.open_until_s) b.state = BreakerState::half_open;
  if (b.state == BreakerState::closed) return true;
  if (b.state == BreakerState::open || b.probing + b.probed >= p.probes) return false;
  ++b.probing;
  return true;
}

void note_outcome(const BreakerParams& p, Breaker& b, bool failure, double now_s, std::uint8_t round) {
  if (b.state == BreakerState::open) return;
  if (b.state == BreakerState::half_open) {
    if (round != b.round) return;
    EXPECT(b.probing > 0);
    --b.probing;
    if (failure) return open(p, b, now_s);
    if (++b.probed >= p.probes) b = {.round = b.round};
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
