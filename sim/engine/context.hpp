#pragma once
#include <cstdint>
#include <vector>

#include "sim/core/rng.hpp"
#include "sim/dispatch/handover.hpp"
#include "sim/engine/council.hpp"
#include "sim/world/world.hpp"

/// Context windows in a run (docs/models/context.md, "In a run"). All of it does nothing where there are none.
namespace swarm {
namespace engine {

/// An answer that lands is noted for the windows of those who gave it.
void note_for_context(const world::World& w, world::RegionState& r, std::size_t flight, const Members& members);

/// Busy energy and wear, within this step, of servers that handovers take; forgets those that are over.
void meter_upkeep(const world::World& w, world::RegionState& r);

/// A region's windows while the answers of a step enter them, in order of their ends.
class ContextDesk {
 public:
  ContextDesk(const world::World& w, world::RegionState& r);
  ContextDesk(const ContextDesk&) = delete;
  ContextDesk& operator=(const ContextDesk&) = delete;

  /// Budget of the answer, then its tok enter the windows.
  void serve(const world::ContextAnswer& a);
  /// At the end of the step: those who were loaded while exhaustion was predicted hand over together.
  void coordinate();
  /// Reads watched windows, and predicts whether some will run over in the next step.
  void read();

 private:
  double expected(const world::ContextAnswer& a) const;
  void enter(const world::ContextAnswer& a, std::uint32_t agent, std::uint32_t tok);
  void begin_session(const world::ContextAnswer& a, std::uint32_t agent);
  void complete_handover(std::uint32_t agent, double now_s);
  void exhaust(std::uint32_t agent, std::uint32_t tok, double now_s);
  void anticipate(const world::ContextAnswer& a, std::uint32_t agent);
  void hand_over(std::uint32_t agent, dispatch::HandoverKind kind, double now_s, double ready_s, double gain);
  void keep_snapshot(std::uint32_t agent);
  /// Essential items of the latest snapshot that can be read; 0 if none can.
  std::uint32_t cached_items(std::uint32_t agent, RandomSequence& draw) const;
  /// Its servers are busy with the handover from the end of the step on.
  void take_servers(std::uint32_t agent, double seconds);
  RandomSequence next_draw(std::uint32_t agent);
  bool in_use(std::uint32_t agent, double now_s) const;

  const world::World& w_;
  world::RegionState& r_;
  const dispatch::ContextParams& p_;
  world::WindowColumns& a_;
  world::ContextSums& sums_;
  Random random_;
  std::uint32_t draws_ = 0;
  bool alarm_;
  std::vector<std::uint32_t> loaded_;  ///< above warn_share while exhaustion is predicted
};

}  // namespace engine
}  // namespace swarm
