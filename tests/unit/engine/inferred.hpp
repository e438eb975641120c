#pragma once
#include "tests/unit/engine/shop.hpp"

namespace swarm::engine {

/// A first step up to where the networks have run and nothing has landed yet.
struct Inferred {
  explicit Inferred(const std::string& text, const std::vector<std::string>& overrides)
      : plan(quick_plan(text, overrides)), worlds(world::make_worlds(plan, 1)) {
    const auto run = [&](auto... phase) { (phase(*worlds[0]), ...); };
    run(sense);
    exchange_bulletins(worlds);
    run(share_fund, arrive, triage, defer, quote);
    for (auto round = plan->trade_rounds(); round > 0; --round) {
      exchange_orders(worlds);
      run(trade);
    }
    run(assign, generate_inputs, infer);
  }
  std::shared_ptr<const world::Plan> plan;
  std::vector<std::unique_ptr<world::World>> worlds;
  world::RegionState& region() const { return worlds[0]->regions[0]; }
  const world::InferenceBatch& batch() const { return worlds[0]->batch; }
};

}  // namespace swarm::engine
