#include "agents/nn/backward.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "agents/nn/conv.hpp"
#include "agents/nn/elementwise.hpp"
#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "agents/nn/lookup.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace nn {

/// All layers of one tape, the last first. Of deltas, what lies beyond a row's width is zero.
class Backward::Pass {
 public:
  Pass(Backward& buffers, Model& model, Tape& tape, Descent& descent)
      : b_(buffers), model_(model), tape_(tape), descent_(descent), samples_(tape.samples()) {}

  void run() {
    for (l_ = tape_.layers(); l_-- > b_.first_;) {
      r_ = &tape_.layer(l_);
      if (const Activation f = activation_of(r_->layer); f != Activation::none && !std::exchange(masked_, false))
        slope(f);
      std::visit(*this, r_->layer);
    }
  }

  void operator()(const Linear&) {
    if (wants_input()) input_gradient();  // before these weights change
    const Rows<const float> x = tape_.input(l_);
    const std::size_t width = padded(r_->out.width);
    if (const Sgd* sgd = descent_.sgd()) {
      float* velocity = descent_.velocity(parameters_at());
      kernels_.dense.update({.x = x.data,
                             .x_stride = x.stride,
                             .delta = b_.delta_.data(),
                             .weights = parameters(),
                             .bias = model_.bias(r_->block).data(),
                             .weight_velocity = velocity,
                             .bias_velocity = velocity + r_->in.width * width,
                             .samples = x.rows,
                             .in = r_->in.width,
                             .width = width,
                             .rate = sgd->learning_rate,
                             .momentum = sgd->momentum});
    } else {
      float* gradient = gradient_of((r_->in.width + std::size_t{1}) * width).data();
      kernels_.dense.gradient({.x = x.data,
                               .x_stride = x.stride,
                               .delta = b_.delta_.data(),
                               .delta_stride = width,
                               .weights = gradient,
                               .bias = gradient + r_->in.width * width,
                               .samples = x.rows,
                               .in = r_->in.width,
                               .width = width,
                               .go_on = false});
      move();
    }
    next();
  }

  void operator()(const DepthwiseConv& layer) {
    const ConvShape shape = conv_shape(layer, r_->in);
    const Rows<const float> x = tape_.input(l_);
    b_.conv_scratch_.resize(std::max(b_.conv_scratch_.size(), conv_backward_scratch(shape)));
    conv_backward(shape, {.x = x.data,
                          .x_stride = x.stride,
                          .parameters = parameters(),
                          .delta = b_.delta_.data(),
                          .parameter_gradient = gradient_of(conv_parameters(shape)).data(),
                          .input_gradient = wants_input() ? b_.next_delta_.data() : nullptr,
                          .samples = samples_,
                          .length = r_->in.rows,
                          .scratch = b_.conv_scratch_.data()});
    move();
    next();
  }

  void operator()(const Attention& layer) {
    const Rows<const float> x = tape_.input(l_);
    attention_backward({.x = x.data,
                        .x_stride = x.stride,
                        .parameters = parameters(),
                        .lengths = nullptr,
                        .delta = b_.delta_.data(),
                        .parameter_gradient = gradient_of(attention_parameters(r_->attention->shape)).data(),
                        .input_gradient = wants_input() ? b_.next_delta_.data() : nullptr,
                        .samples = samples_},
                       *r_->attention);
    if (layer.residual && wants_input())
      for (std::size_t i = 0; i < x.rows * padded(x.width); ++i) b_.next_delta_[i] += b_.delta_[i];
    move();
    next();
  }

  void operator()(const LayerNorm& layer) {
    const Rows<const float> x = tape_.input(l_);
    const std::size_t width = x.width, bias_at = padded(width);
    const std::span<float> gradient = zeroed(2 * bias_at);
    layer_norm_gradient(
        x, {{parameters(), width}, {model_.bias(r_->block).data(), width}, layer.epsilon},
        {{r_->means.data(), x.rows}, {r_->scales.data(), x.rows}}, given(),
        {.gradient = in_place(), .gain = gradient.first(width), .bias = gradient.subspan(bias_at, width)});
    move();
  }

  void operator()(const Embedding& layer) {
    const std::size_t stride = padded(layer.width);
    const std::span<float> gradient = zeroed(layer.vocabulary * stride);
    embed_gradient({r_->ids.data(), samples_ * r_->in.rows}, given(),
                   {gradient.data(), layer.vocabulary, layer.width, stride});
    move();
  }

  /// The gradient passes on as it is.
  void operator()(const Positions&) {
    const std::size_t sample = r_->in.rows * padded(r_->in.width);
    const std::span<float> gradient = zeroed(sample);
    for (std::size_t s = 0; s < samples_; ++s)
      for (std::size_t i = 0; i < sample; ++i) gradient[i] += b_.delta_[s * sample + i];
    move();
  }

  void operator()(const Flatten&) {
    const std::size_t width = r_->in.width, stride = padded(width), rows = r_->in.rows;
    for (std::size_t row = 0; row < samples_ * rows; ++row) {
      const float* from = b_.delta_.data() + row / rows * padded(r_->out.width) + row % rows * width;
      float* to = b_.next_delta_.data() + row * stride;
      std::fill(std::copy_n(from, width, to), to + stride, 0.0f);
    }
    next();
  }

  void operator()(const MeanRows&) {
    const std::size_t stride = padded(r_->in.width), rows = r_->in.rows;
    const float count = static_cast<float>(rows);
    for (std::size_t row = 0; row < samples_ * rows; ++row)
      for (std::size_t c = 0; c < stride; ++c)
        b_.next_delta_[row * stride + c] = b_.delta_[row / rows * stride + c] / count;
    next();
  }

  void operator()(const Softmax&) { softmax_gradient(r_->output(samples_), given(), in_place()); }

 private:
  bool wants_input() const { return l_ > b_.first_; }
  float* parameters() { return model_.weights(r_->block).data(); }
  std::size_t parameters_at() { return static_cast<std::size_t>(parameters() - model_.data().data()); }

  /// The gradient by the outputs of the layer, and where it may put that by its inputs if they have the same shape.
  Rows<const float> given() const {
    return {b_.delta_.data(), samples_ * r_->out.rows, r_->out.width, padded(r_->out.width)};
  }
  Rows<float> in_place() { return {b_.delta_.data(), samples_ * r_->out.rows, r_->out.width, padded(r_->out.width)}; }
  /// Goes on with what the layer has written for the one before.
  void next() { std::swap(b_.delta_, b_.next_delta_); }

  /// Room for the gradients of the layer's parameters, laid out as they are.
  std::span<float> gradient_of(std::size_t floats) {
    if (b_.gradient_.size() < floats) b_.gradient_.resize(floats);
    return gradient_ = {b_.gradient_.data(), floats};
  }
  std::span<float> zeroed(std::size_t floats) {
    std::ranges::fill(gradient_of(floats), 0.0f);
    return gradient_;
  }
  void move() { descent_.move(parameters_at(), {parameters(), gradient_.size()}, gradient_); }

  /// From the gradient by an activation's results to that by its arguments.
  void slope(Activation f) {
    const std::span<float> d(b_.delta_.data(), samples_ * r_->out.rows * padded(r_->out.width));
    const AlignedFloats& at = f == Activation::gelu ? r_->arguments : r_->y;
    activation_gradient(f, {at.data(), d.size()}, d, d);
  }

  /// A ReLU before a linear layer takes its slope in the same go.
  void input_gradient() {
    const std::size_t rows = r_->in.width, width = padded(rows), columns = r_->out.width;
    b_.transposed_.resize(std::max(b_.transposed_.size(), columns * width));
    kernels_.dense.transpose({.weights = parameters(),
                              .rows = rows,
                              .columns = columns,
                              .transposed = b_.transposed_.data(),
                              .width = width});
    masked_ = activation_of(tape_.layer(l_ - 1).layer) == Activation::relu;
    kernels_.dense.input_gradient({.delta = b_.delta_.data(),
                                   .delta_stride = padded(columns),
                                   .transposed = b_.transposed_.data(),
                                   .activation = masked_ ? tape_.input(l_).data : nullptr,
                                   .gradient = b_.next_delta_.data(),
                                   .rows = samples_ * r_->in.rows,
                                   .out = columns,
                                   .width = width});
  }

  const isa::Kernels& kernels_ = kernels_of(active_isa());
  Backward& b_;
  Model& model_;
  Tape& tape_;
  Descent& descent_;
  std::size_t samples_;
  std::size_t l_ = 0;
  Record* r_ = nullptr;
  std::span<float> gradient_;
  bool masked_ = false;  // the next layer's activation has taken its slope already
};

Backward::Backward(const Architecture& architecture) {
  for (const Extent& e : architecture.extents()) widest_ = std::max(widest_, e.rows * padded(e.width));
  const std::vector<Layer>& layers = architecture.layers;
  while (block_count(layers[first_]) == 0) ++first_;
  for (std::size_t l = first_ + 1; l < layers.size(); ++l)
    if (std::holds_alternative<Embedding>(layers[l]))
      throw ModelError(
          fmt::format("layer {} (embedding) lets nothing before it learn: whole numbers have no gradient", l));
}

Rows<float> Backward::delta(const Tape& tape) {
  const Rows<const float> outputs = tape.outputs();
  if (const std::size_t floats = tape.samples() * widest_; delta_.size() < floats) {
    delta_.resize(floats);
    next_delta_.resize(floats);
  }
  return {delta_.data(), outputs.rows, outputs.width, outputs.stride};
}

void Backward::run(Model& model, Tape& tape, Descent& descent) {
  Pass(*this, model, tape, descent).run();
}

}  // namespace nn
}  // namespace swarm
