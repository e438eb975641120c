#pragma once
#include <cstddef>

#include "agents/nn/activation.hpp"

/// Depthwise convolution over positions, one sample [length][width] at a time: channel c of the output sees
/// channel c of the input alone. Vector lanes run over channels. Terms whose position lies outside the sample
/// are left out.
namespace swarm {
namespace nn {
namespace isa {

/// y[p][c] = f(bias[c] + Σ_k x[p·stride − pad + k·dilation][c]·taps[k·tap_step + c]), one fused multiply-add
/// per k, ascending.
struct Depthwise {
  const float* x;           ///< length × width
  std::size_t x_stride;     ///< floats from position to position, here and below
  const float* taps;        ///< kernel × width
  std::ptrdiff_t tap_step;  ///< floats from tap to tap, negative to walk them backwards
  const float* bias;        ///< width, or null for zeros
  float* y;                 ///< out_length × width
  std::size_t y_stride;
  std::size_t length;
  std::size_t out_length;
  std::size_t kernel;
  std::size_t stride;
  std::size_t dilation;
  std::ptrdiff_t pad;     ///< may be negative: positions at the beginning that no term uses
  std::size_t width;      ///< channels, a multiple of 16
  Activation activation;  ///< f
};

/// taps[k][c] = Σ x[s][p·stride − pad + k·dilation][c]·delta[s][p][c] and bias[c] = Σ delta[s][p][c], over
/// samples s and positions p in this order, from zero.
struct DepthwiseGradient {
  const float* x;  ///< samples × length × width
  std::size_t x_stride;
  const float* delta;  ///< samples × out_length × width
  float* taps;         ///< kernel × width
  float* bias;         ///< width
  std::size_t samples;
  std::size_t length;
  std::size_t out_length;
  std::size_t kernel;
  std::size_t stride;
  std::size_t dilation;
  std::size_t pad;
  std::size_t width;
};

/// gradient[t][c] = Σ_p delta[p][c]·taps[k][c] over positions p, ascending, and the k with t = p·stride − pad
/// + k·dilation, from zero.
struct DepthwiseInputGradient {
  const float* delta;  ///< out_length × width
  const float* taps;   ///< kernel × width
  float* gradient;     ///< length × width
  std::size_t length;
  std::size_t out_length;
  std::size_t kernel;
  std::size_t stride;
  std::size_t dilation;
  std::size_t pad;
  std::size_t width;
};

struct ConvKernels {
  void (*depthwise)(const Depthwise& job);
  void (*depthwise_gradient)(const DepthwiseGradient& job);
  void (*depthwise_input_gradient)(const DepthwiseInputGradient& job);
};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
