#pragma once
#include <cstdint>

namespace swarm {
namespace nn {

/// What a layer applies to each of its sums, fused into the kernel. NaN passes all of them, so that a diverged
/// network shows. Errors and saturation are stated in agents/nn/elementwise.hpp.
enum class Activation : std::uint8_t {
  none,
  relu,  ///< 0 for a < 0, else a
  tanh,
  sigmoid,  ///< 1/(1 + e^−a)
  gelu,     ///< a·Φ(a), Φ the distribution of the standard normal: the exact form, not the one by tanh
};

}  // namespace nn
}  // namespace swarm
