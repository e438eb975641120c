#include "sim/io/onnx_conv.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace swarm::io {
namespace {

/// Largest stride, dilation or padding.
constexpr std::int64_t kMost = 1 << 20;

std::uint32_t one(const OnnxView& view, const OnnxNode& node, const char* name, std::int64_t otherwise) {
  const auto values = view.integers(node, name, {otherwise});
  if (values.size() != 1 || values[0] < 1 || values[0] > kMost)
    view.refuse(node, fmt::format("has {} other than one number from 1 to {}", name, kMost),
                "a signal has one dimension");
  return static_cast<std::uint32_t>(values[0]);
}

/// Padding before and after, written out or by rule.
void pad(const OnnxView& view, const OnnxNode& node, std::uint32_t length, nn::DepthwiseConv& layer) {
  const std::string rule = view.text(node, "auto_pad", "NOTSET");
  std::int64_t before = 0, after = 0;
  if (rule == "NOTSET") {
    const auto pads = view.integers(node, "pads", {0, 0});
    if (pads.size() != 2 || std::min(pads[0], pads[1]) < 0 || std::max(pads[0], pads[1]) > kMost)
      view.refuse(node, fmt::format("has pads other than two numbers from 0 to {}", kMost), "a signal has two ends");
    before = pads[0];
    after = pads[1];
  } else if (rule == "SAME_UPPER" || rule == "SAME_LOWER") {  // so that ⌈length / stride⌉ positions come out
    const std::int64_t reach = std::int64_t{layer.kernel - 1} * layer.dilation + 1;
    const std::int64_t steps = (length + std::int64_t{layer.stride} - 1) / layer.stride;
    const std::int64_t both = std::max<std::int64_t>(0, (steps - 1) * layer.stride + reach - length);
    before = rule == "SAME_UPPER" ? both / 2 : both - both / 2;
    after = both - before;
  } else if (rule != "VALID") {
    view.refuse(node, fmt::format("pads by '{}'", rule), "NOTSET, VALID, SAME_UPPER and SAME_LOWER are known");
  }
  layer.pad_before = static_cast<std::uint32_t>(before);
  layer.pad_after = static_cast<std::uint32_t>(after);
}

}  // namespace

OnnxConv read_conv(const OnnxView& view, const OnnxNode& node, nn::Extent in) {
  const OnnxTensor& w = view.weights(node, 1);
  if (w.dims.size() != 3 || w.floats.empty())
    view.refuse(node, fmt::format("has weights of {} dimensions", w.dims.size()),
                "convolutions over one dimension are supported: [out][in][taps]");
  const std::int64_t group = view.integer(node, "group", 1), outputs = w.dims[0], taps = w.dims[2], channels = in.width;
  if (group < 1 || channels % group != 0 || w.dims[1] != channels / group || outputs % group != 0)
    view.refuse(node, fmt::format("has weights [{}][{}][{}] in {} groups", outputs, w.dims[1], taps, group),
                fmt::format("{} channels come in", channels));
  nn::DepthwiseConv depthwise{static_cast<std::uint32_t>(taps), one(view, node, "strides", 1),
                              one(view, node, "dilations", 1)};
  pad(view, node, in.rows, depthwise);
  OnnxConv read{depthwise, std::vector<float>(w.floats.size()), {}, in};
  const auto size = static_cast<std::size_t>(outputs), depth = static_cast<std::size_t>(taps),
             width = static_cast<std::size_t>(channels);
  if (group == channels && outputs == channels) {
    for (std::size_t c = 0; c < width; ++c)
      for (std::size_t t = 0; t < depth; ++t) read.weights[t * width + c] = w.floats[c * depth + t];
    const std::int64_t signal = std::int64_t{in.rows} + depthwise.pad_before + depthwise.pad_after;
    const std::int64_t reach = (taps - 1) * depthwise.dilation + 1;
    if (reach > signal)
      view.refuse(node, "has a kernel that is longer than the padded signal",
                  fmt::format("it has {} positions", signal));
    read.out.rows = static_cast<std::uint32_t>((signal - reach) / depthwise.stride + 1);
  } else if (group == 1 && taps == 1 && depthwise.stride == 1 && depthwise.pad_before == 0 &&
             depthwise.pad_after == 0) {
    for (std::size_t c = 0; c < width; ++c)
      for (std::size_t o = 0; o < size; ++o) read.weights[c * size + o] = w.floats[o * width + c];
    read.layer = nn::Linear{static_cast<std::uint32_t>(outputs)};
    read.out.width = static_cast<std::uint32_t>(outputs);
  } else {
    view.refuse(
        node,
        fmt::format("is neither depthwise nor pointwise ({} groups of {} channels, {} taps)", group, channels, taps),
        "a channel is convolved alone, or channels are mixed at single positions with stride 1");
  }
  if (view.has_input(node, 2)) {
    const OnnxTensor& bias = view.weights(node, 2);
    if (bias.dims.size() != 1 || bias.dims[0] != outputs)
      view.refuse(node, "has a bias that does not fit", fmt::format("it needs {} numbers", outputs));
    read.bias = bias.floats;
  }
  return read;
}

}  // namespace swarm::io
