#include "agents/nn/conv.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "agents/nn/conv_layout.hpp"
#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "sim/core/checks.hpp"

namespace swarm {
namespace nn {

using namespace conv_detail;

namespace {

/// The output positions all of whose taps lie inside the sample.
Range interior(const ConvShape& shape, std::size_t positions, std::size_t length) {
  const std::size_t reach = (std::size_t{shape.kernel} - 1) * shape.dilation, past = length + shape.pad_left;
  const std::size_t first = (std::size_t{shape.pad_left} + shape.stride - 1) / shape.stride;
  const std::size_t end = past > reach ? (past - reach + shape.stride - 1) / shape.stride : 0;
  const std::size_t last = std::min(end, positions);
  return {std::min(first, last), last};
}

/// One call of conv_forward, group by group.
class Forward {
 public:
  Forward(const ConvShape& shape, const ConvForward& job)
      : shape_(shape), job_(job), layout_(shape), positions_(output_length(shape, job.length)) {}

  void run() {
    const Range whole = interior(shape_, positions_, job_.length);
    for (std::size_t group = 0; group < shape_.group; ++group) {
      group_ = group;
      for (std::size_t p = 0; p < positions_; ++p) {
        if (p >= whole.begin && p < whole.end) continue;
        across_samples(p);
      }
      const bool seamless =
          whole.end - whole.begin == positions_ && positions_ * shape_.stride == job_.length;
      if (seamless && direct())
        rows_of(0, 0, positions_ * job_.samples);
      else
        for (std::size_t s = 0; s < job_.samples; ++s) rows_of(s, whole.begin, whole.end - whole.begin);
    }
    clear_padding();
  }

 private:
  /// Whether the terms of a sum lie one after the other in x.
  bool direct() const {
    return shape_.kernel == 1 || (shape_.group == 1 && shape_.dilation == 1 && job_.x_stride == layout_.in);
  }
  const float* x_at(std::size_t sample, std::size_t position) const {
    return job_.x + (sample * job_.length + position) * job_.x_stride + group_ * layout_.in;
  }
  float* y_at(std::size_t sample, std::size_t position) const {
    return job_.y + (sample * positions_ + position) * layout_.y_pad + group_ * layout_.out;
  }

  /// One position near an end of every sample, with those of its taps that lie inside.
  void across_samples(std::size_t p) {
    const Range taps = taps_inside(shape_, p, job_.length);
    // A position that uses no tap has nothing to point to.
    const std::size_t at =
        taps.end > taps.begin ? p * shape_.stride + taps.begin * shape_.dilation - shape_.pad_left : 0;
    run_rows(x_at(0, at), job_.length * job_.x_stride, taps, y_at(0, p), positions_ * layout_.y_pad,
             job_.samples);
  }
  void rows_of(std::size_t sample, std::size_t first, std::size_t rows) {
    if (rows == 0) return;
    run_rows(x_at(sample, first * shape_.stride - shape_.pad_left), shape_.stride * job_.x_stride,
             {0, shape_.kernel}, y_at(sample, first), layout_.y_pad, rows);
  }

  /// Sums of rows whose first terms are at x, x + x_step, …
  void run_rows(const float* x, std::size_t x_step, Range taps, float* y, std::size_t y_step,
                std::size_t rows) {
    if (direct()) {
      dense(x, x_step, taps, y, y_step, rows);
      return;
    }
    const std::size_t terms = (taps.end - taps.begin) * layout_.in;
    for (std::size_t row = 0; row < rows; row += kGatherRows) {
      const std::size_t some = std::min(kGatherRows, rows - row);
      float* to = job_.scratch;
      for (std::size_t r = 0; r < some; ++r)
        for (std::size_t k = 0; k < taps.end - taps.begin; ++k)
          to = std::copy_n(x + (row + r) * x_step + k * shape_.dilation * job_.x_stride, layout_.in, to);
      dense(job_.scratch, terms, taps, y + row * y_step, y_step, some);
    }
  }

  /// The dense kernel on some rows of the group's matrix. Within a panel rows are neighbours, so panels are
  /// done one by one unless all rows are used.
  void dense(const float* x, std::size_t x_step, Range taps, float* y, std::size_t y_step,
             std::size_t rows) const {
    const float* weights = job_.parameters + group_ * layout_.group_weights();
    const float* bias = job_.parameters + conv_bias_index(shape_, group_ * layout_.out);
    const std::size_t terms = (taps.end - taps.begin) * layout_.in;
    const std::size_t step = terms == layout_.depth ? layout_.width : kPanelColumns;
    const std::size_t columns = shape_.group == 1 ? layout_.width : layout_.out;
    for (std::size_t c = 0; c < layout_.width; c += step) {
      const std::size_t width = std::min(step, layout_.width - c);
      kernels_.dense.forward({.x = x,
                              .x_stride = x_step,
                              .weights = weights + layout_.depth * c + taps.begin * layout_.in * width,
                              .bias = bias + c,
                              .y = y + c,
                              .y_stride = y_step,
                              .rows = rows,
                              .in = terms,
                              .width = width,
                              .columns = std::min(width, columns - c),
                              .activation = job_.activation,
                              .ahead = 0});
    }
  }

  /// What no group writes.
  void clear_padding() const {
    if (shape_.group == 1) return;
    for (std::size_t row = 0; row < job_.samples * positions_; ++row)
      std::fill(job_.y + row * layout_.y_pad + shape_.out_channels, job_.y + (row + 1) * layout_.y_pad, 0.0f);
  }

  const ConvShape& shape_;
  const ConvForward& job_;
  const isa::Kernels& kernels_ = kernels_of(active_isa());
  Layout layout_;
  std::size_t positions_;
  std::size_t group_ = 0;
};

void depthwise_forward(const ConvShape& shape, const ConvForward& job) {
  const isa::Kernels& kernels = kernels_of(active_isa());
  const std::size_t width = padded(shape.in_channels), positions = output_length(shape, job.length);
  EXPECT(job.x_stride >= width);
  for (std::size_t s = 0; s < job.samples; ++s)
    kernels.conv.depthwise({.x = job.x + s * job.length * job.x_stride,
                            .x_stride = job.x_stride,
                            .taps = job.parameters,
                            .tap_step = static_cast<std::ptrdiff_t>(width),
                            .bias = job.parameters + shape.kernel * width,
                            .y = job.y + s * positions * width,
                            .y_stride = width,
                            .length = job.length,
                            .out_length = positions,
                            .kernel = shape.kernel,
                            .stride = shape.stride,
                            .dilation = shape.dilation,
                            .pad = static_cast<std::ptrdiff_t>(shape.pad_left),
                            .width = width,
                            .activation = job.activation});
}

}  // namespace

ConvShape conv_shape(const DepthwiseConv& layer, const Extent& in) {
  return {.in_channels = in.width,
          .out_channels = in.width,
          .kernel = layer.kernel,
          .stride = layer.stride,
          .dilation = layer.dilation,
          .pad_left = layer.pad_before,
          .pad_right = layer.pad_after,
          .group = in.width};
}

void check(const ConvShape& shape) {
  if (shape.in_channels == 0 || shape.out_channels == 0 || shape.kernel == 0 || shape.stride == 0 ||
      shape.dilation == 0 || shape.group == 0)
    throw ModelError("a convolution's channels, kernel, stride, dilation and groups must be at least 1");
  if (shape.in_channels % shape.group != 0 || shape.out_channels % shape.group != 0)
    throw ModelError(fmt::format("{} groups do not divide {} input and {} output channels", shape.group,
                                 shape.in_channels, shape.out_channels));
}

std::size_t output_length(const ConvShape& shape, std::size_t length) {
  const std::size_t whole = length + shape.pad_left + shape.pad_right;
  const std::size_t reach = (std::size_t{shape.kernel} - 1) * shape.dilation + 1;
  if (whole < reach)
    throw ModelError(fmt::format("a kernel that reaches over {} positions does not fit a padded input of {}",
                                 reach, whole));
  return (whole - reach) / shape.stride + 1;
}

std::size_t conv_parameters(const ConvShape& shape) {
  const Layout layout(shape);
  return all_weights(shape) + (shape.depthwise() ? layout.y_pad : shape.group * layout.width);
}

std::size_t conv_weight_index(const ConvShape& shape, std::size_t out, std::size_t in, std::size_t tap) {
  const Layout layout(shape);
  if (shape.depthwise()) return tap * layout.y_pad + out;
  return out / layout.out * layout.group_weights() +
         panel_index(layout.depth, layout.width, tap * layout.in + in, out % layout.out);
}

std::size_t conv_bias_index(const ConvShape& shape, std::size_t out) {
  const Layout layout(shape);
  if (shape.depthwise()) return all_weights(shape) + out;
  return all_weights(shape) + out / layout.out * layout.width + out % layout.out;
}

void conv_forward(const ConvShape& shape, const ConvForward& job) {
  EXPECT(job.x_stride >= shape.in_channels);
  if (shape.depthwise())
    depthwise_forward(shape, job);
  else
    Forward(shape, job).run();
}

std::size_t conv_scratch(const ConvShape& shape) {
  return shape.depthwise() || shape.kernel == 1 ? 0 : kGatherRows * Layout(shape).depth;
}

WorkCount conv_cost(const ConvShape& shape, std::size_t length, std::uint64_t samples) {
  const Layout layout(shape);
  const std::size_t positions = output_length(shape, length);
  std::uint64_t taps = 0;
  for (std::size_t p = 0; p < positions; ++p) {
    const Range inside = taps_inside(shape, p, length);
    taps += inside.end - inside.begin;
  }
  const std::uint64_t parameters = (std::uint64_t{layout.depth} + 1) * shape.out_channels;
  const std::uint64_t activations =
      std::uint64_t{length} * shape.in_channels + positions * shape.out_channels;
  return {taps * layout.in * shape.out_channels * samples,
          sizeof(float) * (parameters + activations * samples)};
}

}  // namespace nn
}  // namespace swarm
