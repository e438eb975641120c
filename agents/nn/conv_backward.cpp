#include <algorithm>

#include "agents/nn/conv.hpp"
#include "agents/nn/conv_layout.hpp"
#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "sim/core/checks.hpp"

namespace swarm {
namespace nn {

using namespace conv_detail;

namespace {

void depthwise_backward(const ConvShape& shape, const ConvBackward& job) {
  const isa::Kernels& kernels = kernels_of(active_isa());
  const std::size_t width = padded(shape.in_channels), positions = output_length(shape, job.length);
  EXPECT(job.x_stride >= width);
  kernels.conv.depthwise_gradient({.x = job.x,
                                   .x_stride = job.x_stride,
                                   .delta = job.delta,
                                   .taps = job.parameter_gradient,
                                   .bias = job.parameter_gradient + shape.kernel * width,
                                   .samples = job.samples,
                                   .length = job.length,
                                   .out_length = positions,
                                   .kernel = shape.kernel,
                                   .stride = shape.stride,
                                   .dilation = shape.dilation,
                                   .pad = shape.pad_left,
                                   .width = width});
  if (job.input_gradient == nullptr) return;
  for (std::size_t s = 0; s < job.samples; ++s)
    kernels.conv.depthwise_input_gradient({.delta = job.delta + s * positions * width,
                                           .taps = job.parameters,
                                           .gradient = job.input_gradient + s * job.length * width,
                                           .length = job.length,
                                           .out_length = positions,
                                           .kernel = shape.kernel,
                                           .stride = shape.stride,
                                           .dilation = shape.dilation,
                                           .pad = shape.pad_left,
                                           .width = width});
}

/// Where the parts of a general convolution's scratch begin [floats].
struct BackwardScratch {
  std::size_t delta, gradient, transposed, end;

  explicit BackwardScratch(const Layout& layout)
      : delta(padded(kGatherRows * layout.depth)),
        gradient(delta + kGatherRows * layout.width),
        transposed(gradient + kGatherRows * padded(layout.depth)),
        end(transposed + layout.out * padded(layout.depth)) {}
};

/// One call of conv_backward, group by group, 64 rows (sample, output position) at a time.
class Backward {
 public:
  Backward(const ConvShape& shape, const ConvBackward& job)
      : shape_(shape),
        job_(job),
        layout_(shape),
        scratch_(layout_),
        positions_(output_length(shape, job.length)) {}

  void run() {
    const std::size_t rows = job_.samples * positions_;
    if (rows == 0) std::fill_n(job_.parameter_gradient, conv_parameters(shape_), 0.0f);
    if (job_.input_gradient != nullptr)
      std::fill_n(job_.input_gradient, job_.samples * job_.length * layout_.x_pad, 0.0f);
    for (group_ = 0; group_ < shape_.group; ++group_) {
      if (job_.input_gradient != nullptr)
        kernels_.dense.transpose({.weights = job_.parameters + group_ * layout_.group_weights(),
                                  .rows = layout_.depth,
                                  .columns = layout_.out,
                                  .transposed = job_.scratch + scratch_.transposed,
                                  .width = padded(layout_.depth)});
      for (std::size_t first = 0; first < rows; first += kGatherRows)
        run_rows(first, std::min(kGatherRows, rows - first));
    }
  }

 private:
  /// The input position of a tap of a row; at or beyond the length if it lies in the padding.
  std::size_t position(std::size_t row, std::size_t tap) const {
    return row % positions_ * shape_.stride + tap * shape_.dilation - shape_.pad_left;
  }

  void run_rows(std::size_t first, std::size_t rows) {
    gather_x(first, rows);
    const float* delta = job_.delta + first * layout_.y_pad;
    std::size_t delta_stride = layout_.y_pad;
    if (shape_.group > 1) {  // a group's outputs alone, with zeros after them
      float* own = job_.scratch + scratch_.delta;
      std::fill_n(own, rows * layout_.width, 0.0f);
      for (std::size_t r = 0; r < rows; ++r)
        std::copy_n(delta + r * delta_stride + group_ * layout_.out, layout_.out, own + r * layout_.width);
      delta = own;
      delta_stride = layout_.width;
    }
    kernels_.dense.gradient({.x = job_.scratch,
                             .x_stride = layout_.depth,
                             .delta = delta,
                             .delta_stride = delta_stride,
                             .weights = job_.parameter_gradient + group_ * layout_.group_weights(),
                             .bias = job_.parameter_gradient + all_weights(shape_) + group_ * layout_.width,
                             .samples = rows,
                             .in = layout_.depth,
                             .width = layout_.width,
                             .go_on = first > 0});
    if (job_.input_gradient != nullptr) scatter(first, rows, delta, delta_stride);
  }

  void gather_x(std::size_t first, std::size_t rows) const {
    float* to = job_.scratch;
    for (std::size_t row = first; row < first + rows; ++row) {
      const float* x = job_.x + row / positions_ * job_.length * job_.x_stride + group_ * layout_.in;
      for (std::size_t k = 0; k < shape_.kernel; ++k) {
        const std::size_t t = position(row, k);
        to = t < job_.length ? std::copy_n(x + t * job_.x_stride, layout_.in, to)
                             : std::fill_n(to, layout_.in, 0.0f);
      }
    }
  }

  void scatter(std::size_t first, std::size_t rows, const float* delta, std::size_t delta_stride) const {
    const std::size_t width = padded(layout_.depth);
    float* terms = job_.scratch + scratch_.gradient;
    kernels_.dense.input_gradient({.delta = delta,
                                   .delta_stride = delta_stride,
                                   .transposed = job_.scratch + scratch_.transposed,
                                   .activation = nullptr,
                                   .gradient = terms,
                                   .rows = rows,
                                   .out = layout_.out,
                                   .width = width});
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t row = first + r;
      float* sample =
          job_.input_gradient + row / positions_ * job_.length * layout_.x_pad + group_ * layout_.in;
      for (std::size_t k = 0; k < shape_.kernel; ++k) {
        const std::size_t t = position(row, k);
        if (t >= job_.length) continue;
        float* gradient = sample + t * layout_.x_pad;
        const float* term = terms + r * width + k * layout_.in;
        for (std::size_t i = 0; i < layout_.in; ++i) gradient[i] += term[i];
      }
    }
  }

  const ConvShape& shape_;
  const ConvBackward& job_;
  const isa::Kernels& kernels_ = kernels_of(active_isa());
  Layout layout_;
  BackwardScratch scratch_;
  std::size_t positions_;
  std::size_t group_ = 0;
};

}  // namespace

void conv_backward(const ConvShape& shape, const ConvBackward& job) {
  EXPECT(job.x_stride >= shape.in_channels);
  if (shape.depthwise())
    depthwise_backward(shape, job);
  else
    Backward(shape, job).run();
}

std::size_t conv_backward_scratch(const ConvShape& shape) {
  return shape.depthwise() ? 0 : BackwardScratch(Layout(shape)).end;
}

}  // namespace nn
}  // namespace swarm
