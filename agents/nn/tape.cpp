#include "agents/nn/tape.hpp"

#include <algorithm>

#include "agents/nn/conv.hpp"
#include "agents/nn/elementwise.hpp"
#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "agents/nn/lookup.hpp"
#include "agents/nn/row_layers.hpp"
#include "sim/core/checks.hpp"

namespace swarm {
namespace nn {
namespace {

/// One layer on its way forward.
class Forward {
 public:
  Forward(const Model& model, Record& record, Rows<const float> x, std::size_t samples, AlignedFloats& conv_scratch)
      : model_(model), r_(record), x_(x), samples_(samples), conv_scratch_(conv_scratch) {}

  void operator()(const Linear& layer) {
    const std::size_t stride = y_stride();
    kernels_of(active_isa())
        .dense.forward({.x = x_.data,
                        .x_stride = x_.stride,
                        .weights = weights(),
                        .bias = model_.bias(r_.block).data(),
                        .y = sums(layer.activation),
                        .y_stride = stride,
                        .rows = x_.rows,
                        .in = r_.in.width,
                        .width = stride,
                        .columns = stride,
                        .activation = fused(layer.activation),
                        .ahead = 0});
    finish(layer.activation);
  }

  void operator()(const DepthwiseConv& layer) {
    const ConvShape shape = conv_shape(layer, r_.in);
    if (const std::size_t floats = conv_scratch(shape); conv_scratch_.size() < floats) conv_scratch_.resize(floats);
    conv_forward(shape, {.x = x_.data,
                         .x_stride = x_.stride,
                         .parameters = weights(),
                         .y = sums(layer.activation),
                         .samples = samples_,
                         .length = r_.in.rows,
                         .activation = fused(layer.activation),
                         .scratch = conv_scratch_.data()});
    finish(layer.activation);
  }

  void operator()(const Attention& layer) {
    attention_forward({.x = x_.data,
                       .x_stride = x_.stride,
                       .parameters = weights(),
                       .lengths = nullptr,
                       .y = r_.y.data(),
                       .samples = samples_},
                      *r_.attention);
    if (layer.residual) add_rows(x_, y());
  }

  void operator()(const LayerNorm& layer) {
    const std::size_t rows = x_.rows, width = x_.width;
    layer_norm(x_, {{weights(), width}, {model_.bias(r_.block).data(), width}, layer.epsilon}, y(),
               {{r_.means.data(), rows}, {r_.scales.data(), rows}});
  }

  void operator()(const Embedding& layer) {
    const std::span<std::uint32_t> ids(r_.ids.data(), x_.rows);
    read_ids(x_, layer.vocabulary, ids);
    embed({weights(), layer.vocabulary, layer.width, y_stride()}, ids, y());
  }

  void operator()(const Positions&) { add_places(x_, {weights(), r_.in.rows, x_.width, y_stride()}, y()); }
  void operator()(const Flatten&) { flatten(x_, r_.in.rows, y()); }
  void operator()(const MeanRows&) { mean_rows(x_, r_.in.rows, y()); }
  void operator()(const Softmax&) { softmax(x_, y()); }

 private:
  const float* weights() const { return model_.weights(r_.block).data(); }
  std::size_t y_stride() const { return padded(r_.out.width); }
  Rows<float> y() { return {r_.y.data(), samples_ * r_.out.rows, r_.out.width, y_stride()}; }

  /// GELU is applied apart from the sums, which are kept; all others within.
  static Activation fused(Activation f) { return f == Activation::gelu ? Activation::none : f; }
  float* sums(Activation f) { return f == Activation::gelu ? r_.arguments.data() : r_.y.data(); }
  void finish(Activation f) {
    if (f != Activation::gelu) return;
    const std::size_t floats = samples_ * r_.out.rows * y_stride();
    activate(f, {r_.arguments.data(), floats}, {r_.y.data(), floats});
  }

  const Model& model_;
  Record& r_;
  Rows<const float> x_;
  std::size_t samples_;
  AlignedFloats& conv_scratch_;
};

}  // namespace

Activation activation_of(const Layer& layer) {
  if (const Linear* linear = std::get_if<Linear>(&layer)) return linear->activation;
  if (const DepthwiseConv* conv = std::get_if<DepthwiseConv>(&layer)) return conv->activation;
  return Activation::none;
}

Tape::Tape(const Architecture& architecture) {
  const std::vector<Extent> extents = architecture.extents();
  std::size_t block = 0;
  for (std::size_t l = 0; l < architecture.layers.size(); ++l) {
    const Layer& layer = architecture.layers[l];
    records_.push_back({layer, extents[l], extents[l + 1], block, {}, {}, {}, {}, {}, {}});
    block += block_count(layer);
  }
}

void Tape::reserve(std::size_t samples) {
  if (samples <= capacity_) return;
  capacity_ = samples;
  for (Record& r : records_) {
    const std::size_t rows_in = samples * r.in.rows;
    r.y.assign(samples * r.out.rows * padded(r.out.width), 0.0f);
    if (activation_of(r.layer) == Activation::gelu) r.arguments.assign(r.y.size(), 0.0f);
    if (std::holds_alternative<Embedding>(r.layer)) r.ids.resize(rows_in);
    if (const Attention* attention = std::get_if<Attention>(&r.layer))
      r.attention.emplace(attention_shape(*attention, r.in), samples);
    if (std::holds_alternative<LayerNorm>(r.layer)) {
      r.means.resize(rows_in);
      r.scales.resize(rows_in);
    }
  }
  const Record& first = records_.front();
  if (std::holds_alternative<DepthwiseConv>(first.layer))
    padded_inputs_.assign(samples * first.in.rows * padded(first.in.width), 0.0f);
}

void Tape::run(const Model& model, const float* inputs, std::size_t n) {
  EXPECT(n > 0);
  reserve(n);
  samples_ = n;
  const Extent& in = records_.front().in;
  inputs_ = Rows<const float>::packed(inputs, n * in.rows, in.width);
  if (!padded_inputs_.empty()) {
    const std::size_t stride = padded(in.width);
    for (std::size_t r = 0; r < inputs_.rows; ++r)
      std::copy_n(inputs + r * in.width, in.width, padded_inputs_.data() + r * stride);
    inputs_ = {padded_inputs_.data(), inputs_.rows, in.width, stride};
  }
  for (std::size_t l = 0; l < records_.size(); ++l)
    std::visit(Forward(model, records_[l], input(l), n, conv_scratch_), records_[l].layer);
}

}  // namespace nn
}  // namespace swarm
