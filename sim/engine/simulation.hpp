#pragma once
#include <memory>
#include <vector>

#include "sim/core/timing.hpp"
#include "sim/engine/exchange.hpp"
#include "sim/engine/phases.hpp"

/// The simulation: `while (!sim.done()) sim.step();` and nothing else.
namespace swarm {
namespace engine {

class Simulation {
 public:
  /// Worlds at the first instant, divided as engine.shards says.
  explicit Simulation(std::shared_ptr<const world::Plan> plan);

  bool done() const { return steps_done_ == plan_->steps; }
  /// Steps completed; the next step has this number.
  std::uint32_t steps_done() const { return steps_done_; }
  /// One step, the page: sim/engine/step.cpp. Throws ModelError if a conservation law is broken.
  void step();

  const world::Plan& plan() const { return *plan_; }
  Worlds worlds() const { return worlds_; }
  /// body(RegionState&) for all regions in scenario order, whatever world they live in.
  template <class Body>
  void each_region(Body&& body) const {
    for (const auto& w : worlds_)
      for (auto& r : w->regions) body(r);
  }

  /// Continues as if `steps` had been done: the columns have been restored, the rest is derived here.
  void resume_at(std::uint32_t steps);
  /// Drops everything that is not state; results may not change. For the test that proves it.
  void drop_caches();

  PhaseTimer<Phase>& timer() { return timer_; }

 private:
  std::shared_ptr<const world::Plan> plan_;
  std::vector<std::unique_ptr<world::World>> worlds_;
  std::uint32_t steps_done_ = 0;
  PhaseTimer<Phase> timer_;
};

}  // namespace engine
}  // namespace swarm
