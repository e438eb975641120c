#pragma once
#include <cstdint>

namespace swarm {
namespace nn {

/// What a layer applies to each of its sums, fused into the kernel.
enum class Activation : std::uint8_t {
  none,
  relu,  ///< 0 for a < 0, else a; NaN passes, so that a diverged network shows
};

}  // namespace nn
}  // namespace swarm
