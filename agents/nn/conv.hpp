#pragma once
#include <cstddef>
#include <cstdint>

#include "agents/nn/activation.hpp"
#include "agents/nn/cost.hpp"
#include "agents/nn/model.hpp"

/// Convolution over one dimension, with the meaning of ONNX's Conv (operator set 11), forward and backward.
///
/// Activations are [sample][position][channel]; from position to position there are padded(channels) floats,
/// and what is beyond the channels is zero: asked for in inputs and gradients, left in outputs (but NaN where
/// parameters or inputs at the position are not finite). The input may have another stride where it says so.
///
/// Each output starts from its bias and takes one fused multiply-add per term in ascending order of (tap,
/// input channel of the group). Terms in the padding are left out. A sample's outputs depend on the
/// parameters and the sample alone, on every instruction set. An empty batch does nothing. Infinities and NaN
/// are as IEEE 754 has them.
namespace swarm {
namespace nn {

struct ConvShape {
  std::uint32_t in_channels = 1;
  std::uint32_t out_channels = 1;
  std::uint32_t kernel = 1;    ///< taps
  std::uint32_t stride = 1;    ///< input positions from output to output
  std::uint32_t dilation = 1;  ///< input positions from tap to tap
  std::uint32_t pad_left = 0;  ///< positions of zeros before the first
  std::uint32_t pad_right = 0;
  std::uint32_t group = 1;  ///< divides both channel counts; a group of outputs sees its group of inputs

  /// One input and one output channel per group, of which there are several: the fast kernel.
  bool depthwise() const { return group > 1 && group == in_channels && group == out_channels; }
  friend bool operator==(const ConvShape&, const ConvShape&) = default;
};

/// Of a layer after `in`. Its parameters lie as a block of Model's.
ConvShape conv_shape(const DepthwiseConv& layer, const Extent& in);

/// Throws ModelError unless all but the padding are at least 1 and the groups divide the channels.
void check(const ConvShape& shape);

/// ⌊(length + padding − reach) / stride⌋ + 1 with reach = (kernel − 1)·dilation + 1. Throws ModelError where
/// the padded input is shorter than the reach.
std::size_t output_length(const ConvShape& shape, std::size_t length);

/// Floats of a block of parameters. Depthwise: taps [kernel][padded channels], then bias [padded channels].
/// Else, per group, weights [kernel × input channels of the group][padded output channels of the group] in
/// panels; then all groups' biases. Padding must be zero. A block lies on a 64-byte boundary.
std::size_t conv_parameters(const ConvShape& shape);
/// Where in the block ONNX's W[out][in of its group][tap] lies, and B[out].
std::size_t conv_weight_index(const ConvShape& shape, std::size_t out, std::size_t in, std::size_t tap);
std::size_t conv_bias_index(const ConvShape& shape, std::size_t out);

struct ConvForward {
  const float* x;        ///< samples × length × channels
  std::size_t x_stride;  ///< from position to position; at least the channels, padded for depthwise shapes
  const float* parameters;
  float* y;  ///< samples × output length × padded channels
  std::size_t samples;
  std::size_t length;
  Activation activation;
  float* scratch;  ///< conv_scratch floats
};
void conv_forward(const ConvShape& shape, const ConvForward& job);
std::size_t conv_scratch(const ConvShape& shape);

/// Gradients of a loss. Parameters: sums over samples and positions in this order, from zero; biases by plain
/// adds. The input of a general convolution: per output position and tap a sum over output channels,
/// ascending, from zero; these are added in ascending order of output positions. Of a depthwise one: one
/// fused multiply-add per output position, ascending. In weights of a general convolution terms in the
/// padding count as zeros of x; elsewhere they are left out.
struct ConvBackward {
  const float* x;  ///< as in the forward pass
  std::size_t x_stride;
  const float* parameters;
  const float* delta;         ///< d loss / d sums before the activation, laid out as y
  float* parameter_gradient;  ///< laid out as the parameters, overwritten
  float* input_gradient;      ///< samples × length × padded channels, overwritten; null if nobody asks
  std::size_t samples;
  std::size_t length;
  float* scratch;  ///< conv_backward_scratch floats
};
void conv_backward(const ConvShape& shape, const ConvBackward& job);
std::size_t conv_backward_scratch(const ConvShape& shape);

/// Work of the forward pass of `samples` samples as one group: terms in the padding are not executed.
WorkCount conv_cost(const ConvShape& shape, std::size_t length, std::uint64_t samples);

}  // namespace nn
}  // namespace swarm
