#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

/// Softmax and layer norm over the rows of a matrix, forward and backward, in single precision. A row's
/// result depends on that row alone, with the same bits on every instruction set (which NaN comes out aside).
/// Reductions along a row have the fixed order of agents/nn/isa/rows.hpp. An output may be an input of the
/// same shape.
namespace swarm {
namespace nn {

/// Row r begins at data + r·stride. No row touches memory beyond its width.
template <class T>
struct Rows {
  T* data;
  std::size_t rows;
  std::size_t width;
  std::size_t stride;

  /// Rows one after the other without gaps.
  static Rows packed(T* data, std::size_t rows, std::size_t width) { return {data, rows, width, width}; }
};

/// Which elements take part in a softmax: the first lengths[r] of row r (at most the width; as in causal
/// attention) and those whose byte is not 0 (rows × width, packed). An empty span allows all.
struct SoftmaxMask {
  std::span<const std::uint32_t> lengths = {};
  std::span<const std::uint8_t> allowed = {};
};

/// y = e^(x − m)/Σ e^(x − m) over the allowed elements of each row, m the largest of them, so that nothing
/// overflows; 0 elsewhere, whatever x holds there. A row in which nothing is allowed, or everything is −∞,
/// becomes zeros. NaN or +∞ among the allowed makes the allowed NaN. The relative error is at most
/// (|x − m| + width/16 + 24)·2⁻²⁴, and never more than 2⁻¹⁴⁹ is lost beside that where results are subnormal.
void softmax(Rows<const float> x, Rows<float> y, const SoftmaxMask& mask = {});

/// gradient = y·(delta − Σ delta·y): from the gradient by softmax's results y to that by its arguments.
/// Masked elements, whose y is 0, get 0 for finite delta.
void softmax_gradient(Rows<const float> y, Rows<const float> delta, Rows<float> gradient);

/// A layer norm's parameters, one gain and one bias per column. epsilon > 0 is added to the variance.
struct NormParameters {
  std::span<const float> gain;
  std::span<const float> bias;
  float epsilon = 1e-5f;
};

/// What the backward pass needs of each row; empty spans are not filled.
struct NormMoments {
  std::span<float> means = {};
  std::span<float> scales = {};  ///< 1/√(variance + epsilon)
};

/// y = (x − mean)·scale·gain + bias with the row's mean and its variance about it (divided by the width, in a
/// second pass). A constant row gives bias, but for what its mean loses to rounding. Where squares of
/// distances leave the range of floats (about 1e19), scale becomes 0 and y bias. Source: Ba, Kiros & Hinton
/// 2016.
void layer_norm(Rows<const float> x, const NormParameters& norm, Rows<float> y, const NormMoments& moments = {});

/// Gradients of a layer norm. `gradient` receives those by x. Those by gain and bias are added to what the
/// spans hold, row after row, so that a batch may come in parts.
struct LayerNormGradient {
  Rows<float> gradient;
  std::span<float> gain;
  std::span<float> bias;
};
void layer_norm_gradient(Rows<const float> x, const NormParameters& norm, const NormMoments& moments,
                         Rows<const float> delta, const LayerNormGradient& out);

}  // namespace nn
}  // namespace swarm
