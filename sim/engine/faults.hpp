#pragma once
#include <array>
#include <deque>

#include "sim/engine/routing.hpp"
#include "sim/hardware/server_pool.hpp"
#include "sim/world/world.hpp"

/// Faults and circuit breakers in a step (docs/models/faults.md). All of it does nothing where there are neither faults
/// nor breakers. Nobody knows of a fault but by answers that do not come: bulletin, markets and queues go on as if.
namespace swarm {
namespace engine {

/// Which regions partitions cut off in this step.
void note_partitions(world::World& w);
/// What fails in the region in this step and who may be asked. Answers under way that it ends are lost; the clocks of
/// sites that are out stand at the beginning of the step.
void note_faults(const world::World& w, world::RegionState& r);

/// The specialists of a type whose breakers let requests through.
std::vector<std::uint32_t> who_may_be_asked(const world::World& w, const world::RegionState& r, std::size_t type);
/// Requests that may go to the specialist in this step; world::FaultView::kOpenGate: all.
inline std::uint8_t gate_of(const world::World& w, const world::RegionState& r, std::uint32_t agent) {
  return r.scratch.faults.gate(agent, r.agents.site[agent] - w.plan->regions[r.id.value].first_site);
}

/// Who answers a region's requests while they are placed, and what becomes of those that nobody answers.
class FaultDesk {
 public:
  FaultDesk(world::World& w, world::RegionState& r);

  /// Whether a request that got no answer turns to the next specialist before `ready`, in seconds of the step.
  bool comes_before(double ready) const { return !again_.empty() && again_.front().order.ready_s <= ready; }
  bool waiting() const { return !again_.empty(); }
  /// The next request to be placed: one that got no answer before, or one that comes for the first time. It stays where
  /// it is until the next call.
  world::Order& take_again();
  world::Order& take_first(world::Order& order);
  /// Whether it was lost before.
  bool tried() const { return count_ > 0; }

  /// Whether the request may go to the specialist: its breaker lets it, and it has not been silent before.
  bool may_ask(std::uint32_t agent) const;
  /// Leaves the region's lines on the order that may be asked.
  void keep_lines(world::Order& order) const;
  /// Whether the request ends here: nobody is left, or, after a time-out, nobody who is expected in time. It is answered
  /// by a rule or refused then.
  bool gives_up(const world::Order& order, const Route& route);
  /// Whether the specialist of the line answers. If not, the request is lost there; once that is known it turns to the
  /// next or gives up.
  bool answers(world::Order& order, const world::OrderLine& line);
  /// Whose probe the request is that was asked last: rounds of the circuit breakers of specialist and site, 0 of none.
  struct Probe {
    std::uint8_t agent = 0, site = 0;
  };
  Probe probe() const { return probe_; }
  /// Whether an answer of the line is expected by the deadline, from now on as it stands.
  bool in_time(const world::Order& order, const world::OrderLine& line) const;

 private:
  using Silent = std::array<std::uint32_t, dispatch::kMostRetries + 1>;
  struct Again {
    world::Order order;
    Silent silent;
    std::size_t count;
  };
  std::uint32_t local_site(std::uint32_t site) const { return site - w_.plan->regions[r_.id.value].first_site; }
  void pass_gate(const world::OrderLine& line);
  void lose(world::Order& order, const world::OrderLine& line);
  void end(const world::Order& order);

  world::World& w_;
  world::RegionState& r_;
  bool on_;
  std::deque<Again> again_;  ///< time-outs are equal, so they come in order
  Again now_{};
  Silent silent_{};
  std::size_t count_ = 0;
  Probe probe_;
};

/// Wrong answers and members of a council who have crashed: turns the classes of an output, or silences it.
void disturb(const world::World& w, const world::RegionState& r, std::size_t flight, std::uint32_t agent, std::span<float> logits);
/// Whether anybody's output in the region is to be disturbed.
inline bool disturbs(const world::RegionState& r) {
  const auto& v = r.scratch.faults;
  return !v.agent_wrong.empty() || !v.agent_down.empty();
}

/// What a site's servers did: nothing while it is out. Its clocks stand at the end of the step then.
hardware::StateSeconds end_step(const world::World& w, world::RegionState& r, std::size_t site);
/// A landed flight without an answer: its users are refunded, or a rule answers them.
void settle_lost(world::World& w, world::RegionState& r, std::size_t flight);
/// Breakers learn of the step's answers, those that never came among them.
void note_breakers(const world::World& w, world::RegionState& r);
/// Whether the region is back at its usual served share, and what is usual.
void note_recovery(const world::World& w, world::RegionState& r);

}  // namespace engine
}  // namespace swarm
