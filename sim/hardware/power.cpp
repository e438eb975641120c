#include "sim/hardware/power.hpp"

namespace swarm {
namespace hardware {

double state_joules(const Device& device, const StateSeconds& seconds) {
  return device.idle_w * seconds.idle + device.max_w * seconds.busy + device.standby_w * seconds.standby;
}

}  // namespace hardware
}  // namespace swarm
