#pragma once
#include <algorithm>
#include <cstddef>

#include "agents/nn/conv.hpp"

/// What the two passes of a convolution share: sizes, and which terms lie inside a sample.
namespace swarm {
namespace nn {
namespace conv_detail {

/// Positions whose terms are gathered at a time.
inline constexpr std::size_t kGatherRows = 64;

/// A shape's sizes with padding. A group's matrix of weights has a row for each (tap, input channel).
struct Layout {
  std::size_t in, out;  // channels of a group
  std::size_t depth;    // terms of a sum
  std::size_t width;    // padded outputs of a group
  std::size_t x_pad, y_pad;

  explicit Layout(const ConvShape& shape)
      : in(shape.in_channels / shape.group),
        out(shape.out_channels / shape.group),
        depth(shape.kernel * in),
        width(padded(out)),
        x_pad(padded(shape.in_channels)),
        y_pad(padded(shape.out_channels)) {}
  std::size_t group_weights() const { return depth * width; }
};

/// Floats of a block of parameters before the biases.
inline std::size_t all_weights(const ConvShape& shape) {
  const Layout layout(shape);
  return shape.depthwise() ? shape.kernel * layout.y_pad : shape.group * layout.group_weights();
}

/// Half-open.
struct Range {
  std::size_t begin, end;
};

/// The taps of output position p that lie inside the sample.
inline Range taps_inside(const ConvShape& shape, std::size_t p, std::size_t length) {
  const std::size_t start = p * shape.stride, step = shape.dilation, past = length + shape.pad_left;
  const std::size_t first = start >= shape.pad_left ? 0 : (shape.pad_left - start + step - 1) / step;
  const std::size_t end = past > start ? (past - start + step - 1) / step : 0;
  const std::size_t last = std::min<std::size_t>(end, shape.kernel);
  return {std::min(first, last), last};
}

}  // namespace conv_detail
}  // namespace nn
}  // namespace swarm
