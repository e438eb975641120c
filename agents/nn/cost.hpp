#pragma once
#include <cstdint>

#include "agents/nn/architecture.hpp"
#include "agents/nn/numerics.hpp"

namespace swarm {
namespace nn {

/// Work as the kernels did it, padding not counted, so that it does not depend on the kernel's layout.
struct WorkCount {
  std::uint64_t macs = 0;   ///< multiply-adds executed
  std::uint64_t bytes = 0;  ///< weights and biases read, activations read and written [B]

  WorkCount& operator+=(const WorkCount& other) {
    macs += other.macs;
    bytes += other.bytes;
    return *this;
  }
  friend bool operator==(const WorkCount&, const WorkCount&) = default;
};

/// What samples cost.
struct PassCost {
  std::uint64_t macs = 0;              ///< of a sample
  std::uint64_t parameter_bytes = 0;   ///< read once by all samples of a group [B]
  std::uint64_t activation_bytes = 0;  ///< of a sample, read and written [B]

  WorkCount of(std::uint64_t samples) const { return {macs * samples, parameter_bytes + activation_bytes * samples}; }
  friend bool operator==(const PassCost&, const PassCost&) = default;
};

/// Of networks of the architecture; of sparse ones without their matrices, whose zeros the architecture does not know.
/// Signals between two linear layers count as they are stored there: bytes where ranges are calibrated, 2 B in bf16_dot, else floats.
PassCost pass_cost(const Architecture& architecture, const Numerics& numerics = {});

}  // namespace nn
}  // namespace swarm
