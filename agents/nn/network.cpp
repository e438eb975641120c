#include "agents/nn/network.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "agents/nn/conv.hpp"
#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "agents/nn/lookup.hpp"
#include "agents/nn/rows.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace nn {
namespace {

/// Rows of a signal that walk through all layers together: their activations stay in the first-level cache.
constexpr std::uint32_t kPassRows = 64;

/// Bytes from one model's parameters to those of the model that comes next, if they line up; else 0.
std::intptr_t distance_ahead(const Model& model, const Model* next) {
  if (next == nullptr || next->data().size() != model.data().size()) return 0;
  return reinterpret_cast<std::intptr_t>(next->data().data()) -
         reinterpret_cast<std::intptr_t>(model.data().data());
}

}  // namespace

/// What one layer reads and the next will: rows of all samples, one after the other.
struct Network::Signal {
  const float* x;
  std::size_t stride;
};

/// Some samples on their way through the layers.
class Network::Pass {
 public:
  Pass(const Network& network, Scratch& scratch, std::uint32_t samples, std::intptr_t ahead)
      : model_(*network.model_), kernels_(kernels_of(active_isa())), scratch_(scratch), samples_(samples), ahead_(ahead) {}

  void run(const std::vector<Step>& steps, const float* inputs, float* outputs) {
    signal_ = {inputs, steps.front().in.width};
    target_ = scratch_.front.data();
    other_ = scratch_.back.data();
    for (std::size_t s = 0; s < steps.size(); ++s) {
      step_ = &steps[s];
      outputs_ = s + 1 == steps.size() ? outputs : nullptr;
      std::visit([&](const auto& layer) { apply(layer); }, step_->layer);
    }
    if (signal_.x != outputs) copy_rows(steps.back().out, outputs, steps.back().out.width);
  }

 private:
  std::size_t rows_in() const { return std::size_t{samples_} * step_->in.rows; }
  std::size_t rows_out() const { return std::size_t{samples_} * step_->out.rows; }
  Rows<const float> input() const { return {signal_.x, rows_in(), step_->in.width, signal_.stride}; }

  /// Where the layer writes: the network's outputs, packed, or rows with padding.
  float* begin() { return outputs_ != nullptr ? outputs_ : target_; }
  std::size_t stride() const { return outputs_ != nullptr ? step_->out.width : padded(step_->out.width); }
  Rows<float> output() { return {begin(), rows_out(), step_->out.width, stride()}; }
  void written() {
    signal_ = {begin(), stride()};
    if (outputs_ == nullptr) std::swap(target_, other_);
  }
  /// A layer that cannot but write padded rows.
  void written_padded() {
    signal_ = {target_, padded(step_->out.width)};
    std::swap(target_, other_);
  }
  void copy_rows(const Extent& extent, float* to, std::size_t to_stride) const {
    for (std::size_t r = 0; r < std::size_t{samples_} * extent.rows; ++r)
      std::copy_n(signal_.x + r * signal_.stride, extent.width, to + r * to_stride);
  }
  /// Gives rows their padding, which the input of a network lacks.
  void pad() {
    const std::size_t wanted = padded(step_->in.width);
    if (signal_.stride == wanted) return;
    copy_rows(step_->in, target_, wanted);
    signal_ = {target_, wanted};
    std::swap(target_, other_);
  }

  void apply(const Linear& layer) {
    const std::size_t b = step_->block;
    kernels_.dense.forward({.x = signal_.x,
                            .x_stride = signal_.stride,
                            .weights = model_.weights(b).data(),
                            .bias = model_.bias(b).data(),
                            .y = begin(),
                            .y_stride = stride(),
                            .rows = rows_in(),
                            .in = model_.rows(b),
                            .width = model_.width(b),
                            .columns = stride(),
                            .activation = layer.activation,
                            .ahead = ahead_});
    written();
  }

  void apply(const DepthwiseConv& layer) {
    const ConvShape shape = conv_shape(layer, step_->in);
    pad();
    if (const std::size_t floats = conv_scratch(shape); scratch_.conv.size() < floats) scratch_.conv.resize(floats);
    conv_forward(shape, {.x = signal_.x,
                         .x_stride = signal_.stride,
                         .parameters = model_.weights(step_->block).data(),
                         .y = target_,
                         .samples = samples_,
                         .length = step_->in.rows,
                         .activation = layer.activation,
                         .scratch = scratch_.conv.data()});
    written_padded();
  }

  void apply(const Attention& layer) {
    attention_forward({.x = signal_.x,
                       .x_stride = signal_.stride,
                       .parameters = model_.weights(step_->block).data(),
                       .lengths = nullptr,
                       .y = target_,
                       .samples = samples_},
                      scratch_.workspace(attention_shape(layer, step_->in)));
    const std::size_t y_stride = padded(step_->out.width);
    if (layer.residual)
      for (std::size_t r = 0; r < rows_out(); ++r)
        for (std::size_t c = 0; c < step_->out.width; ++c) target_[r * y_stride + c] += signal_.x[r * signal_.stride + c];
    written_padded();
  }

  void apply(const LayerNorm& layer) {
    const std::size_t b = step_->block, width = step_->in.width;
    layer_norm(input(), {model_.weights(b).first(width), model_.bias(b).first(width), layer.epsilon}, output());
    written();
  }

  void apply(const Embedding& layer) {
    scratch_.ids.resize(rows_in());
    for (std::size_t r = 0; r < rows_in(); ++r) {
      const float x = signal_.x[r * signal_.stride];
      if (!(x >= 0 && x < static_cast<float>(layer.vocabulary)) || x != static_cast<float>(static_cast<std::uint32_t>(x)))
        throw ModelError(fmt::format("{} is no id of a vocabulary of {}", x, layer.vocabulary));
      scratch_.ids[r] = static_cast<std::uint32_t>(x);
    }
    embed({model_.weights(step_->block).data(), layer.vocabulary, layer.width, padded(layer.width)}, scratch_.ids, output());
    written();
  }

  void apply(const Positions&) {
    const float* table = model_.weights(step_->block).data();
    const std::size_t width = step_->in.width, rows = step_->in.rows;
    const Rows<float> y = output();
    for (std::size_t r = 0; r < rows_in(); ++r)
      for (std::size_t c = 0; c < width; ++c)
        y.data[r * y.stride + c] = signal_.x[r * signal_.stride + c] + table[r % rows * padded(width) + c];
    written();
  }

  void apply(const Flatten&) {
    const std::size_t width = step_->in.width;
    const Rows<float> y = output();
    for (std::size_t s = 0; s < samples_; ++s)
      for (std::size_t r = 0; r < step_->in.rows; ++r)
        std::copy_n(signal_.x + (s * step_->in.rows + r) * signal_.stride, width, y.data + s * y.stride + r * width);
    written();
  }

  void apply(const MeanRows&) {
    const std::size_t width = step_->in.width, rows = step_->in.rows;
    const Rows<float> y = output();
    const float count = static_cast<float>(rows);
    for (std::size_t s = 0; s < samples_; ++s) {
      const float* x = signal_.x + s * rows * signal_.stride;
      float* mean = y.data + s * y.stride;
      std::copy_n(x, width, mean);
      for (std::size_t r = 1; r < rows; ++r)
        for (std::size_t c = 0; c < width; ++c) mean[c] += x[r * signal_.stride + c];
      for (std::size_t c = 0; c < width; ++c) mean[c] /= count;
    }
    written();
  }

  void apply(const Softmax&) {
    softmax(input(), output());
    written();
  }

  const Model& model_;
  const isa::Kernels& kernels_;
  Scratch& scratch_;
  std::uint32_t samples_;
  std::intptr_t ahead_;
  const Step* step_ = nullptr;
  Signal signal_{};
  float* outputs_ = nullptr;  // in the last layer
  float *target_ = nullptr, *other_ = nullptr;
};

AttentionWorkspace& Scratch::workspace(const AttentionShape& shape) {
  const auto same = [&](const AttentionWorkspace& w) { return w.shape == shape; };
  const auto found = std::find_if(attention.begin(), attention.end(), same);
  return found != attention.end() ? *found : attention.emplace_back(shape);
}

Network::Network(const Model& model) : model_(&model) {
  const std::vector<Extent> extents = model.architecture().extents();
  std::size_t block = 0;
  std::uint32_t rows = 1;
  for (std::size_t l = 0; l < model.architecture().layers.size(); ++l) {
    const Layer& layer = model.architecture().layers[l];
    steps_.push_back({layer, extents[l], extents[l + 1], block});
    block += block_count(layer);
  }
  for (const Extent& e : extents) {
    rows = std::max(rows, e.rows);
    floats_ = std::max(floats_, e.rows * padded(e.width));
  }
  pass_samples_ = std::max(1u, kPassRows / rows);
}

void Network::run(const float* inputs, float* outputs, std::uint32_t n, Scratch& scratch, const Model* next) const {
  const std::size_t floats = floats_ * std::min(n, pass_samples_);
  if (scratch.front.size() < floats) {
    scratch.front.resize(floats);
    scratch.back.resize(floats);
  }
  const std::size_t in = model_->input().size(), out = model_->output().size();
  std::intptr_t ahead = distance_ahead(*model_, next);
  for (std::uint32_t first = 0; first < n; first += pass_samples_) {
    Pass(*this, scratch, std::min(pass_samples_, n - first), ahead).run(steps_, inputs + first * in, outputs + first * out);
    ahead = 0;
  }
}

}  // namespace nn
}  // namespace swarm
