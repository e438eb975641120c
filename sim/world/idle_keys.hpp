#pragma once
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"

namespace swarm {
namespace world {

/// A note for each group of keys that the scenario changes although something else leaves them without effect.
void note_idle_keys(const scenario::Scenario& s, std::vector<std::string>& notes);

}  // namespace world
}  // namespace swarm
