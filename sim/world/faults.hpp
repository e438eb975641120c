#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/dispatch/circuit_breaker.hpp"
#include "sim/dispatch/fault.hpp"

/// Faults as a region has them (docs/models/faults.md): what fails in a step, what its circuit breakers know, and what
/// came of it.
namespace swarm {
namespace world {

/// What fails in a region in a step, and who may be asked. Scratch: a function of the plan and of the breakers. A list
/// without rows says that nobody is concerned.
struct FaultView {
  std::vector<std::uint8_t> site_down;   ///< per site of the region
  std::vector<std::uint8_t> agent_down;  ///< crashed
  std::vector<std::uint8_t> agent_wrong;
  std::vector<double> agent_slow;        ///< factors
  /// Requests that each circuit breaker lets through in the step; kOpenGate: all.
  std::vector<std::uint8_t> agent_gate, site_gate;
  static constexpr std::uint8_t kOpenGate = 255;
  /// Who was asked in the step and did not answer, and whose probe that was.
  struct Silent {
    std::uint32_t agent, site;  ///< of the region
    std::uint8_t agent_probe, site_probe;
  };
  std::vector<Silent> silent;

  bool down_site(std::uint32_t site) const { return !site_down.empty() && site_down[site] != 0; }
  bool down(std::uint32_t agent, std::uint32_t site) const {
    return down_site(site) || (!agent_down.empty() && agent_down[agent] != 0);
  }
  bool wrong(std::uint32_t agent) const { return !agent_wrong.empty() && agent_wrong[agent] != 0; }
  double slowness(std::uint32_t agent) const { return agent_slow.empty() ? 1.0 : agent_slow[agent]; }
  /// Requests that may go to the specialist.
  std::uint8_t gate(std::uint32_t agent, std::uint32_t site) const {
    return agent_gate.empty() ? kOpenGate : std::min(agent_gate[agent], site_gate[site]);
  }
};

/// Circuit breakers, one row each; no rows where they are switched off.
struct BreakerColumns {
  std::vector<double> open_until_s;
  std::vector<std::uint64_t> failed;
  std::vector<std::uint8_t> answers, probing, probed, round, state;

  explicit BreakerColumns(std::size_t n = 0)
      : open_until_s(n), failed(n), answers(n), probing(n), probed(n), round(n), state(n) {}
  std::size_t size() const { return state.size(); }
  dispatch::Breaker get(std::size_t k) const {
    return {open_until_s[k], failed[k], answers[k], probing[k], probed[k], round[k], static_cast<dispatch::BreakerState>(state[k])};
  }
  void set(std::size_t k, const dispatch::Breaker& b) {
    open_until_s[k] = b.open_until_s;
    failed[k] = b.failed;
    answers[k] = b.answers;
    probing[k] = b.probing;
    probed[k] = b.probed;
    round[k] = b.round;
    state[k] = static_cast<std::uint8_t>(b.state);
  }
};

struct FaultSums {
  std::uint64_t lost = 0;       ///< requests whose specialist did not answer, one count for each that was asked; by serving region
  std::uint64_t fell_back = 0;  ///< requests that another specialist took after that, by serving region
  std::uint64_t by_rule = 0;    ///< answered by a rule, by serving region
  std::uint64_t rule_correct = 0;
  std::uint64_t rejected = 0;   ///< refused because no answer came, by asking region
  std::uint64_t held = 0;       ///< answers that a partition held up, by serving region
  std::uint64_t begun = 0;      ///< faults that began in the region
  std::uint64_t measured = 0;   ///< of those, the ones after which recovery is measured
  std::uint64_t recovered = 0;
  double recovery_s = 0;        ///< sum over recovered

  void add(const FaultSums& more) {
    lost += more.lost;
    fell_back += more.fell_back;
    by_rule += more.by_rule;
    rule_correct += more.rule_correct;
    rejected += more.rejected;
    held += more.held;
    begun += more.begun;
    measured += more.measured;
    recovered += more.recovered;
    recovery_s += more.recovery_s;
  }
};

struct FaultAccount {
  BreakerColumns agents, sites;
  double usual_share = -1;           ///< smoothed served share; -1: none yet
  std::uint64_t tracked = 0;         ///< faults after which the region has not recovered yet
  double tracked_since_s = 0;        ///< sum of the moments at which they began [s since start]
  FaultSums step, total;             ///< this step; after the warm-up
  std::uint32_t agents_down = 0, sites_down = 0, breakers_open = 0;  ///< this step
  std::uint8_t cut_off = 0, forecast_down = 0;
};

}  // namespace world
}  // namespace swarm
