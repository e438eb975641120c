#pragma once
#include <cstddef>
#include <cstdint>

/// Operations on rows. A reduction along a row has one fixed order: sixteen partial results, element i goes
/// to partial i mod 16 in ascending order, and the partials are folded i with i + 8, then with i + 4, i + 2,
/// i + 1. Sums of products take one fused multiply-add per term. All strides count floats, or bytes for
/// `allowed`, from row to row. Outputs may be the inputs of the same shape.
namespace swarm {
namespace nn {
namespace isa {

/// y[r][c] = e^(x[r][c] − m) / Σ e^(x[r][j] − m), m the largest, over the elements that are allowed; 0
/// elsewhere.
struct SoftmaxRows {
  const float* x;
  std::size_t x_stride;
  float* y;
  std::size_t y_stride;
  std::size_t rows;
  std::size_t width;
  const std::uint32_t* lengths;  ///< per row: the first so many are allowed; null: all
  const std::uint8_t* allowed;   ///< rows × width, 0 for an element that is not; null: all
  std::size_t allowed_stride;
};

/// gradient = y·(delta − Σ delta·y).
struct SoftmaxGradient {
  const float* y;
  std::size_t y_stride;
  const float* delta;
  std::size_t delta_stride;
  float* gradient;
  std::size_t gradient_stride;
  std::size_t rows;
  std::size_t width;
};

/// y = (x − mean)·scale·gain + bias, scale = 1/√(variance + epsilon).
struct NormRows {
  const float* x;
  std::size_t x_stride;
  const float* gain;  ///< width
  const float* bias;  ///< width
  float* y;
  std::size_t y_stride;
  float* means;   ///< per row, or null
  float* scales;  ///< per row, or null
  std::size_t rows;
  std::size_t width;
  float epsilon;
};

/// With h = (x − mean)·scale and g = delta·gain: gradient = scale·(g − Σg/width − h·Σ(g·h)/width);
/// gain_gradient += Σ delta·h and bias_gradient += Σ delta over rows in ascending order.
struct NormGradient {
  const float* x;
  std::size_t x_stride;
  const float* means;
  const float* scales;
  const float* gain;
  const float* delta;
  std::size_t delta_stride;
  float* gradient;
  std::size_t gradient_stride;
  float* gain_gradient;  ///< width
  float* bias_gradient;  ///< width
  std::size_t rows;
  std::size_t width;
};

/// out[r] = (Σ query·x[r]) · factors[r] · factor.
struct RowProducts {
  const float* query;  ///< width
  const float* x;
  std::size_t stride;
  const float* factors;
  float factor;
  float* out;
  std::size_t rows;
  std::size_t width;
};

/// out[r] = 1/√Σx[r]², 0 where the sum is 0.
struct InverseNorms {
  const float* x;
  std::size_t stride;
  float* out;
  std::size_t rows;
  std::size_t width;
};

struct RowKernels {
  void (*softmax)(const SoftmaxRows& job);
  void (*softmax_gradient)(const SoftmaxGradient& job);
  void (*norm)(const NormRows& job);
  void (*norm_gradient)(const NormGradient& job);
  void (*products)(const RowProducts& job);
  void (*inverse_norms)(const InverseNorms& job);
};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
