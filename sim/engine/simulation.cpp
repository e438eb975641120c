#include "sim/engine/simulation.hpp"

namespace swarm {
namespace engine {

Simulation::Simulation(std::shared_ptr<const world::Plan> plan)
    : plan_(std::move(plan)),
      worlds_(world::make_worlds(plan_, static_cast<std::size_t>(plan_->scenario.engine.shards))) {}

void Simulation::resume_at(std::uint32_t steps) {
  steps_done_ = steps;
  for (const auto& w : worlds_) {
    w->step = steps;
    for (auto& r : w->regions) {
      r.rebuild_derived(*plan_);
      r.ledger.clear_journal();
    }
  }
}

void Simulation::drop_caches() {
  for (const auto& w : worlds_) {
    w->weights.drop_packed();
    w->batch = {};
    w->bulletin = {};
    for (auto& r : w->regions) {
      r.scratch = {};
      r.rebuild_derived(*plan_);
    }
  }
}

}  // namespace engine
}  // namespace swarm
