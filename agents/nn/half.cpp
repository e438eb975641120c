#include "agents/nn/half.hpp"

#include <algorithm>
#include <utility>

#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"

namespace swarm {
namespace nn {
namespace {

/// Rows that walk through all layers together: their activations stay in the first-level cache.
constexpr std::size_t kPassRows = 64;

std::uint16_t to_half(HalfFormat format, float x) {
  return format == HalfFormat::bf16 ? to_bf16(x) : to_fp16(x);
}

float from_half(HalfFormat format, std::uint16_t half) {
  return format == HalfFormat::bf16 ? from_bf16(half) : from_fp16(half);
}

}  // namespace

HalfModel::HalfModel(const Model& model, HalfFormat format) : shape_(mlp_shape(model.architecture())), format_(format) {
  ConversionErrorSum error;
  for (std::size_t l = 0; l < model.blocks(); ++l) {
    Layer& layer = layers_.emplace_back(Layer{model.rows(l), model.columns(l), model.width(l), {}, {}});
    layer.weights.reserve(layer.in * layer.width);
    for (const float w : model.weights(l)) layer.weights.push_back(to_half(format, w));
    layer.bias.assign(model.bias(l).begin(), model.bias(l).end());
    for (std::size_t i = 0; i < layer.in; ++i)
      for (std::size_t o = 0; o < layer.out; ++o) {
        const float w = model.weight(l, i, o);
        error.add(w, from_half(format, to_half(format, w)));
      }
    if (l + 1 < model.blocks()) widest_ = std::max(widest_, layer.width);
  }
  error_ = error.result();
}

Model HalfModel::unpacked() const {
  Model model(shape_);
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    std::transform(layers_[l].weights.begin(), layers_[l].weights.end(), model.weights(l).begin(),
                   [&](std::uint16_t half) { return from_half(format_, half); });
    std::copy(layers_[l].bias.begin(), layers_[l].bias.end(), model.bias(l).begin());
  }
  return model;
}

void HalfModel::forward(const float* inputs, float* outputs, std::size_t n, LayerScratch& scratch) const {
  const isa::HalfKernels& kernels = kernels_of(active_isa()).half;
  const auto layer_forward = format_ == HalfFormat::bf16 ? kernels.forward_bf16 : kernels.forward_fp16;
  scratch.reserve(widest_ * std::min(n, kPassRows));
  for (std::size_t row = 0; row < n; row += kPassRows) {
    const float* x = inputs + row * layers_.front().in;
    std::size_t x_stride = layers_.front().in;
    float *target = scratch.front.data(), *other = scratch.back.data();
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      const Layer& layer = layers_[l];
      const bool last = l + 1 == layers_.size();
      float* y = last ? outputs + row * layer.out : target;
      const std::size_t y_stride = last ? layer.out : layer.width;
      layer_forward({.x = x,
                     .x_stride = x_stride,
                     .weights = layer.weights.data(),
                     .bias = layer.bias.data(),
                     .y = y,
                     .y_stride = y_stride,
                     .rows = std::min(kPassRows, n - row),
                     .in = layer.in,
                     .width = layer.width,
                     .columns = y_stride,
                     .activation = last ? Activation::none : Activation::relu});
      x = y;
      x_stride = y_stride;
      std::swap(target, other);
    }
  }
}

WorkCount HalfModel::cost(std::uint64_t samples) const {
  WorkCount work = pass_cost(shape_).of(samples);
  for (const Layer& layer : layers_)
    work.bytes -= layer.in * layer.out * (sizeof(float) - sizeof(std::uint16_t));
  return work;
}

}  // namespace nn
}  // namespace swarm
