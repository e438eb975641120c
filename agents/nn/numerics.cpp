#include "agents/nn/numerics.hpp"

#include <fmt/core.h>

#include "agents/nn/isa.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace nn {

void check(const Numerics& numerics) {
  if (numerics.sparse && numerics.format != Format::fp32)
    throw ModelError(fmt::format("zeros can be left out of weights in fp32, not in {}", enum_name(numerics.format)));
  if (numerics.calibrated && !numerics.integers())
    throw ModelError(fmt::format("activations have no ranges beside weights in {}", enum_name(numerics.format)));
  if (numerics.format == Format::bf16_dot && !bf16_dot_supported())
    throw ModelError("this machine has no instruction that multiplies pairs of bf16");
}

bool bf16_dot_supported() {
  return supported(Isa::avx512) && __builtin_cpu_supports("avx512bf16") != 0;
}

}  // namespace nn
}  // namespace swarm
