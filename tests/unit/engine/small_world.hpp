#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/engine/exchange.hpp"
#include "sim/engine/phases.hpp"
#include "sim/engine/simulation.hpp"
#include "sim/scenario/load.hpp"

/// Scenarios small enough to be followed by hand, with specialists trained for an instant.
namespace swarm::engine {

inline std::shared_ptr<const world::Plan> small_plan(const std::string& text,
                                                     const std::vector<std::string>& overrides = {}) {
  return world::make_plan(
      scenario::load_text(
          text + "\n[specialists]\nhidden_1 = 4\nhidden_2 = 0\nlineages = 1\ntraining_samples = 32\n",
          "/small/scenario.toml", overrides),
      {});
}

/// Three regions, one site each; far more servers than the requests need.
inline const std::string kThreeRegions = R"(
[run]
warmup = 0
duration = "1h"
[workload]
requests_per_hour = 12000
multiplicity = 1
split = "equal"
diurnal_amplitude = 0
weekend_factor = 1
burstiness = 0
[demand]
willingness = "unlimited"
[population]
agents = 300
[[region]]
name = "DE"
[[region]]
name = "BD"
[[region]]
name = "KE"
)";

/// sense to quote: orders lie in the outboxes.
inline void up_to_quote(Worlds worlds) {
  for (const auto& w : worlds) sense(*w);
  exchange_bulletins(worlds);
  for (const auto phase : {arrive, triage, quote})
    for (const auto& w : worlds) phase(*w);
}

inline std::vector<world::Order> orders_of(Worlds worlds) {
  std::vector<world::Order> all;
  for (const auto& w : worlds)
    for (std::size_t s = 0; s < w->regions.size(); ++s)
      for (std::size_t d = 0; d < w->plan->regions.size(); ++d) {
        const auto& list = w->orders.from_to(s, d);
        all.insert(all.end(), list.begin(), list.end());
      }
  return all;
}

}  // namespace swarm::engine
