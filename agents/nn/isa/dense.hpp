#pragma once
#include <cstddef>
#include <cstdint>

#include "agents/nn/activation.hpp"

/// Dense layers in single precision: forward, backward, and the step of stochastic gradient descent.
///
/// Contract of every kernel, which makes all sets give the same bits: each output element starts from its
/// bias (or zero) and takes one fused multiply-add per term, in ascending order of the summed index. Vector
/// lanes run over output elements and never share a sum.
///
/// Weights lie in panels (agents/nn/panel.hpp).
namespace swarm {
namespace nn {
namespace isa {

/// y[r][c] = f(bias[c] + Σ_k x[r][k]·weights[k][c]) for c < columns.
template <class Weight>
struct DenseForward {
  const float* x;         ///< rows × in
  std::size_t x_stride;   ///< floats from row to row, here and below
  const Weight* weights;  ///< in × width in panels, width a multiple of 16, 64-byte aligned
  const float* bias;     ///< width
  float* y;
  std::size_t y_stride;
  std::size_t rows;
  std::size_t in;
  std::size_t width;
  std::size_t columns;  ///< columns of y that are written
  Activation activation;  ///< f
  std::intptr_t ahead;  ///< bytes from these weights to those worth prefetching, 0 for none
};
using LayerForward = DenseForward<float>;

/// Most layers of a small network, and most columns that a layer gives.
inline constexpr std::size_t kSmallLayers = 8, kSmallWidth = 32;

struct SmallLayer {
  std::size_t weights, bias;  ///< where they begin in a model's parameters [floats]
  std::size_t in, width;      ///< weights are in × width, one panel
  std::size_t columns;        ///< columns that are written
  Activation activation;
};

struct SmallModel {
  const float* parameters;
  const float* x;  ///< one sample
  float* y;
  std::intptr_t ahead;  ///< bytes from these parameters to those worth prefetching, 0 for none
};

/// Models with the same layers, one row each: y = f(bias + Σ_k x[k]·weights[k]), layer after layer.
struct SmallPass {
  const SmallLayer* layers;
  std::size_t depth;
  const SmallModel* models;
  std::size_t count;
};

/// gradient[r][c] = Σ_k delta[r][k]·transposed[k][c] where activation[r][c] > 0, else 0; everywhere if there is no
/// activation.
struct InputGradient {
  const float* delta;  ///< rows × out
  std::size_t delta_stride;
  const float* transposed;  ///< out × width in panels
  const float* activation;  ///< rows × width, or null
  float* gradient;          ///< rows × width
  std::size_t rows;
  std::size_t out;
  std::size_t width;  ///< padded number of inputs
};

/// g[r][c] = Σ_s x[s][r]·delta[s][c], s over samples;  v ← momentum·v + g;  w ← w − rate·v. The bias likewise
/// with x = 1.
struct WeightUpdate {
  const float* x;  ///< samples × in
  std::size_t x_stride;
  const float* delta;  ///< samples × width
  float* weights;      ///< in × width in panels
  float* bias;         ///< width
  float* weight_velocity;  ///< as the weights
  float* bias_velocity;
  std::size_t samples;
  std::size_t in;
  std::size_t width;
  float rate;
  float momentum;
};

/// weights[r][c] = Σ_s x[s][r]·delta[s][c] and bias[c] = Σ_s delta[s][c], s over samples: what WeightUpdate calls g,
/// in the same order.
struct WeightGradient {
  const float* x;  ///< samples × in
  std::size_t x_stride;
  const float* delta;  ///< samples × width
  std::size_t delta_stride;
  float* weights;  ///< in × width in panels
  float* bias;     ///< width
  std::size_t samples;
  std::size_t in;
  std::size_t width;
  bool go_on;  ///< sums go on from what is there, so that samples in pieces give the bits of one call
};

/// transposed[c][r] = weights[r][c] for r < rows, c < columns; 0 for rows ≤ r < width.
struct Transpose {
  const float* weights;  ///< rows × padded columns in panels
  std::size_t rows;
  std::size_t columns;
  float* transposed;  ///< columns × width in panels
  std::size_t width;  ///< padded number of rows
};

struct DenseKernels {
  void (*forward)(const LayerForward& job);
  void (*small)(const SmallPass& job);
  void (*input_gradient)(const InputGradient& job);
  void (*update)(const WeightUpdate& job);
  void (*gradient)(const WeightGradient& job);
  void (*transpose)(const Transpose& job);
};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
