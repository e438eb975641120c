#pragma once
#include <span>
#include <string_view>

#include "sim/hardware/params.hpp"

/// The machines the simulator knows by name. Figures are those of a whole machine at the wall socket, board
/// and host included, rounded; where a figure has no public source the device's `source` says that it is
/// assumed.
namespace swarm {
namespace hardware {

/// All built-in devices, in the order of the documentation.
std::span<const Device> device_catalogue();

/// The built-in device of this name, or null.
const Device* find_device(std::string_view name);

}  // namespace hardware
}  // namespace swarm
