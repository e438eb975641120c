#pragma once
#include <vector>

#include "tests/unit/engine/shop.hpp"

/// A shop of eighty specialists at one site with a fault, at steps of five minutes; in each about a thousand requests.
namespace swarm::engine {

using world::RegionState;
using Overrides = std::vector<std::string>;

inline std::string fault(const std::string& kind, const std::string& keys) {
  return "[[fault]]\nname = \"f\"\nkind = \"" + kind + "\"\nregion = \"BD\"\n" + keys + "\n";
}
/// From the third step to before the fifth.
inline const std::string kTwoSteps = "start = \"10min\"\nduration = \"10min\"\n";

/// Everybody buys, and nobody has to wait.
inline Overrides keys(const Overrides& more = {}) {
  Overrides all{"demand.willingness=unlimited"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

inline RegionState& region_of(Simulation& sim) { return sim.worlds()[0]->regions[0]; }

/// A run of a shop with a fault, and what its steps came to.
struct Played {
  explicit Played(const std::string& text, const Overrides& more = {}, int steps = 8) : sim(quick_plan(text, keys(more))) {
    for (int k = 0; k < steps; ++k) {
      sim.step();
      const RegionState& r = region_of(sim);
      step.push_back(r.step);
      faults.push_back(r.faults);
      kwh.push_back(r.sites.grid_kwh[0]);
      busy_s.push_back(r.sites.busy_s[0]);
      in_air.push_back(r.flights.size());
    }
  }
  Simulation sim;
  std::vector<world::RegionStep> step;
  std::vector<world::FaultAccount> faults;
  std::vector<double> kwh, busy_s;
  std::vector<std::size_t> in_air;
};

}  // namespace swarm::engine
