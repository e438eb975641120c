#pragma once

namespace swarm {
namespace cli {

/// Share of the machine's memory that a run may use.
inline constexpr double kUsableMemory = 0.9;

/// Memory of this machine, or of the container if that has less [B].
double machine_memory();

}  // namespace cli
}  // namespace swarm
