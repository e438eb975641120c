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

}  // namespace

/// What one layer reads and the next will: rows of all samples, one after the other.
struct Network::Signal {
  const float* x;
  std::size_t stride;
};

/// Some samples on their way through the layers.
class Network::Pass {
 public:
  Pass(const float* parameters, Scratch& scratch, std::uint32_t samples, std::intptr_t ahead)
      : parameters_(parameters), kernels_(kernels_of(active_isa())), scratch_(scratch), samples_(samples), ahead_(ahead) {}

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

  const float* weights() const { return parameters_ + step_->place.weights; }
  const float* bias() const { return parameters_ + step_->place.bias; }

  void apply(const Linear& layer) {
    kernels_.dense.forward({.x = signal_.x,
                            .x_stride = signal_.stride,
                            .weights = weights(),
                            .bias = bias(),
                            .y = begin(),
                            .y_stride = stride(),
                            .rows = rows_in(),
                            .in = step_->place.rows,
                            .width = step_->place.width,
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
                         .parameters = weights(),
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
                       .parameters = weights(),
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
    const std::size_t width = step_->in.width;
    layer_norm(input(), {{weights(), width}, {bias(), width}, layer.epsilon}, output());
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
    embed({weights(), layer.vocabulary, layer.width, padded(layer.width)}, scratch_.ids, output());
    written();
  }

  void apply(const Positions&) {
    const float* table = weights();
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

  const float* parameters_;
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

Network::Network(const Architecture& architecture) : architecture_(architecture), cost_(pass_cost(architecture)) {
  const std::vector<Extent> extents = architecture.extents();
  const std::vector<Block> blocks = architecture.blocks();
  const std::vector<std::size_t> offsets = block_offsets(blocks);
  std::size_t block = 0;
  std::uint32_t rows = 1;
  for (std::size_t l = 0; l < architecture.layers.size(); ++l) {
    Step step{architecture.layers[l], extents[l], extents[l + 1], {}};
    if (const std::size_t owned = block_count(step.layer); owned > 0) {
      const Block& b = blocks[block];
      step.place = {offsets[block], offsets[block] + b.rows * padded(b.columns), b.rows, padded(b.columns)};
      block += owned;
    }
    steps_.push_back(step);
  }
  for (const Extent& e : extents) {
    rows = std::max(rows, e.rows);
    floats_ = std::max(floats_, e.rows * padded(e.width));
  }
  pass_samples_ = std::max(1u, kPassRows / rows);
}

void Network::run(const float* parameters, const float* inputs, float* outputs, std::uint32_t n, Scratch& scratch,
                  std::intptr_t ahead) const {
  const std::size_t floats = floats_ * std::min(n, pass_samples_);
  if (scratch.front.size() < floats) {
    scratch.front.resize(floats);
    scratch.back.resize(floats);
  }
  for (std::uint32_t first = 0; first < n; first += pass_samples_) {
    Pass(parameters, scratch, std::min(pass_samples_, n - first), ahead)
        .run(steps_, inputs + first * input_size(), outputs + first * output_size());
    ahead = 0;
  }
}

}  // namespace nn
}  // namespace swarm
