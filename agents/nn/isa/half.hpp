#pragma once
#include <cstdint>

#include "agents/nn/isa/dense.hpp"

/// Dense layers whose weights are stored in 16 bits and multiplied in single precision: every result has the
/// bits of the fp32 kernel (isa/dense.hpp) on the weights converted back.
namespace swarm {
namespace nn {
namespace isa {

using HalfForward = DenseForward<std::uint16_t>;

struct HalfKernels {
  void (*forward_bf16)(const HalfForward& job);
  void (*forward_fp16)(const HalfForward& job);
};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
