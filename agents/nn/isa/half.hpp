#pragma once
#include <cstddef>
#include <cstdint>

#include "agents/nn/activation.hpp"

/// Dense layers whose weights are stored in 16 bits and multiplied in single precision: every result has the
/// bits of the fp32 kernel (isa/dense.hpp) on the weights converted back.
namespace swarm {
namespace nn {
namespace isa {

/// y[r][c] = f(bias[c] + Σ_k x[r][k]·weights[k][c]) for c < columns.
struct HalfForward {
  const float* x;                ///< rows × in
  std::size_t x_stride;          ///< floats from row to row, here and below
  const std::uint16_t* weights;  ///< in × width in panels, width a multiple of 16
  const float* bias;             ///< width
  float* y;
  std::size_t y_stride;
  std::size_t rows;
  std::size_t in;
  std::size_t width;
  std::size_t columns;    ///< columns of y that are written
  Activation activation;  ///< f
};

struct HalfKernels {
  void (*forward_bf16)(const HalfForward& job);
  void (*forward_fp16)(const HalfForward& job);
};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
