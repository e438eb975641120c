#pragma once
#include <vector>

#include "agents/nn/architecture.hpp"
#include "sim/io/onnx_view.hpp"

namespace swarm::io {

/// A convolution over one dimension as one of our layers.
struct OnnxConv {
  nn::Layer layer;  ///< DepthwiseConv, or Linear for one that looks at single positions
  std::vector<float> weights;
  std::vector<float> bias;  ///< empty: none
  nn::Extent out;
};

/// Refuses a convolution that is neither depthwise (its groups are its channels) nor pointwise.
OnnxConv read_conv(const OnnxView& view, const OnnxNode& node, nn::Extent in);

}  // namespace swarm::io
