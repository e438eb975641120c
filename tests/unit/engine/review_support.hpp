#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/engine/exchange.hpp"
#include "sim/engine/phases.hpp"
#include "sim/engine/simulation.hpp"
#include "sim/scenario/load.hpp"

/// Small scenarios from text, with specialists trained for an instant.
namespace swarm::review {

inline std::shared_ptr<const world::Plan> plan_of(const std::string& text) {
  return world::make_plan(
      scenario::load_text(
          text + "\n[specialists]\nhidden_1 = 4\nhidden_2 = 0\nlineages = 1\ntraining_samples = 32\n",
          "/review/scenario.toml", {}),
      {});
}

/// An order with one line for each agent in `agents`, all at the same price.
inline world::Order order_for(const world::RegionState& r, std::vector<std::uint32_t> agents, double offset_s,
                              float deadline_s, std::uint32_t sequence) {
  world::Order order;
  order.offset_s = offset_s;
  order.deadline_s = deadline_s;
  order.sequence = sequence;
  order.tok_in = 100;
  order.tok_out = 100;
  order.asker = r.id.value;
  for (const std::uint32_t agent : agents) order.line[order.lines++] = {agent, r.agents.site[agent], 0};
  return order;
}

}  // namespace swarm::review
