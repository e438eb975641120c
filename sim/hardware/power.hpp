#pragma once
#include "sim/hardware/params.hpp"
#include "sim/hardware/server_pool.hpp"

namespace swarm {
namespace hardware {

/// Energy [J] of one server per gang over these seconds, before PUE: idle_w·idle + max_w·busy +
/// standby_w·standby. A gang of m servers takes m times as much.
double state_joules(const Device& device, const StateSeconds& seconds);

}  // namespace hardware
}  // namespace swarm
