#pragma once
#include <cstdint>

namespace swarm {
/// How often this program has asked for memory so far.
std::uint64_t allocations();
}  // namespace swarm
