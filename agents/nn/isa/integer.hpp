#pragma once
#include <cstddef>
#include <cstdint>

#include "agents/nn/activation.hpp"

/// Layers of 8-bit and 4-bit weights on unsigned 8-bit activations.
///
/// Sums are exact in 32 bits, hence free in order. Every step in floating point is one rounded operation, in
/// the order stated at its job, so that all sets give the same bits.
///
/// Weights lie in groups of four inputs (int8) or eight (int4): a group is 4 bytes per output, and groups ×
/// outputs lie in panels like a matrix of floats (agents/nn/panel.hpp). Byte j of an int8 group is the weight
/// of its input j. Byte j of an int4 group holds the weights of inputs j (low half) and 4 + j (high half) in
/// two's complement.
namespace swarm {
namespace nn {
namespace isa {

/// q[r][c] = saturate(round(x[r][c]·inverse) + zero_point), ties to even, NaN to 0, for c < columns; up to
/// the next multiple of 16 columns that of x = 0.
struct QuantiseFixed {
  const float* x;
  std::size_t x_stride;  ///< floats from row to row
  std::uint8_t* q;
  std::size_t q_stride;  ///< bytes from row to row
  std::size_t rows;
  std::size_t columns;
  float inverse;  ///< of the scale
  std::int32_t zero_point;
};

/// The same with each row's own range (affine_of in agents/nn/quantise.hpp) and inverse = 1/scale.
struct QuantiseDynamic {
  const float* x;
  std::size_t x_stride;
  std::uint8_t* q;
  std::size_t q_stride;
  std::size_t rows;
  std::size_t columns;
  float* scale;              ///< rows
  std::int32_t* zero_point;  ///< rows
};

/// sum[r][c] = start[c]·zero_point[r] + Σ_k x[r][k]·weights[k][c]; y = f(fma(float(sum),
/// row_scale[r]·scale[c], bias[c])). Without zero_point and row_scale: 1. Exactly one of sums, reals and
/// bytes is set: it receives the sums, y, or saturate(round(y·inverse) + output_zero), ties to even, NaN to
/// 0.
struct IntegerForward {
  const std::uint8_t* x;
  std::size_t x_stride;            ///< bytes from row to row, at least 4 or 8 times groups
  const std::int32_t* weights;     ///< groups × width in panels, 64-byte aligned
  const std::int32_t* start;       ///< width; of int4 sixteen times the term
  const float* scale;              ///< width
  const float* bias;               ///< width
  const std::int32_t* zero_point;  ///< rows, or null
  const float* row_scale;          ///< rows, or null
  std::size_t rows;
  std::size_t groups;
  std::size_t width;      ///< a multiple of 16
  std::size_t columns;    ///< columns of sums or reals that are written; of bytes, all
  Activation activation;  ///< f
  float inverse;          ///< of the scale of bytes
  std::int32_t output_zero;
  std::int32_t* sums;
  float* reals;
  std::uint8_t* bytes;
  std::size_t y_stride;  ///< elements from row to row of what is set
  std::intptr_t ahead;   ///< bytes from these weights, start, scale and bias to those worth prefetching, 0 for none
};

struct IntegerKernels {
  void (*quantise_fixed)(const QuantiseFixed& job);
  void (*quantise_dynamic)(const QuantiseDynamic& job);
  void (*forward_int8)(const IntegerForward& job);
  void (*forward_int4)(const IntegerForward& job);
};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
