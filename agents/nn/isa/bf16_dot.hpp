#pragma once
#include <cstddef>
#include <cstdint>

#include "agents/nn/activation.hpp"

/// Dense layers by the instruction that multiplies pairs of bf16 numbers and adds them in fp32 (vdpbf16ps).
/// Its roundings are the processor's: it flushes subnormals, and the order of its two additions is its own.
/// There is one set of these kernels, outside the promise of equal bits; ask for it only where
/// bf16_dot_supported().
namespace swarm {
namespace nn {
namespace isa {

/// Two bf16 numbers, the one with the lower index in the lower half.
using Bf16Pair = std::uint32_t;

/// pairs[r][j] = (x[r][2j], x[r][2j + 1]) rounded to nearest even; zeros from column `in` up to the next
/// multiple of 16.
struct Bf16Rounding {
  const float* x;  ///< rows × in
  std::size_t x_stride;
  std::size_t rows;
  std::size_t in;
  Bf16Pair* pairs;
  std::size_t pair_stride;
};

/// f(bias[c] + Σ_j x[r][j]·weights[j][c]), where a product of pairs is the sum of both products. It goes to
/// `y` for c < columns, or where y is null, rounded to bf16, to `pairs` for c < width.
struct Bf16DotForward {
  const Bf16Pair* x;        ///< rows × in
  std::size_t x_stride;     ///< pairs from row to row
  const Bf16Pair* weights;  ///< in × width in panels, width a multiple of 16, 64-byte aligned
  const float* bias;        ///< width
  float* y;
  std::size_t y_stride;  ///< floats
  Bf16Pair* pairs;
  std::size_t pair_stride;
  std::size_t rows;
  std::size_t in;  ///< pairs
  std::size_t width;
  std::size_t columns;
  Activation activation;  ///< f
};

struct Bf16DotKernels {
  void (*round)(const Bf16Rounding& job);
  void (*forward)(const Bf16DotForward& job);
};

extern const Bf16DotKernels kBf16Dot;

}  // namespace isa
}  // namespace nn
}  // namespace swarm
