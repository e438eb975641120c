#include "agents/nn/bf16_dot.hpp"

#include <algorithm>
#include <utility>

#include "agents/nn/half.hpp"
#include "agents/nn/isa.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace nn {
namespace {

/// Rows that walk through all layers together: their activations stay in the first-level cache.
constexpr std::size_t kPassRows = 64;

}  // namespace

bool bf16_dot_supported() {
  return supported(Isa::avx512) && __builtin_cpu_supports("avx512bf16") != 0;
}

Bf16DotModel::Bf16DotModel(const Model& model) {
  if (!bf16_dot_supported())
    throw ModelError("this machine has no instruction that multiplies pairs of bf16");
  mlp_shape(model.architecture());  // refuses other networks
  for (std::size_t l = 0; l < model.blocks(); ++l) {
    Layer& layer = layers_.emplace_back(Layer{model.rows(l), model.columns(l), model.width(l), {}, {}});
    const std::size_t pairs = (layer.in + 1) / 2;
    layer.weights.assign(pairs * layer.width, 0);
    for (std::size_t i = 0; i < layer.in; ++i)
      for (std::size_t o = 0; o < layer.out; ++o)
        layer.weights[panel_index(pairs, layer.width, i / 2, o)] |=
            isa::Bf16Pair{to_bf16(model.weight(l, i, o))} << 16 * (i % 2);
    layer.bias.assign(model.bias(l).begin(), model.bias(l).end());
    widest_ = std::max(widest_, padded(layer.in) / 2);
  }
}

void Bf16DotModel::forward(const float* inputs, float* outputs, std::size_t n, Bf16Scratch& scratch) const {
  const std::size_t needed = widest_ * std::min(n, kPassRows);
  if (scratch.front.size() < needed) {
    scratch.front.resize(needed);
    scratch.back.resize(needed);
  }
  for (std::size_t row = 0; row < n; row += kPassRows) {
    const std::size_t rows = std::min(kPassRows, n - row), in = layers_.front().in;
    isa::Bf16Pair *x = scratch.front.data(), *target = scratch.back.data();
    isa::kBf16Dot.round({inputs + row * in, in, rows, in, x, padded(in) / 2});
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      const Layer& layer = layers_[l];
      const bool last = l + 1 == layers_.size();
      isa::kBf16Dot.forward({.x = x,
                             .x_stride = padded(layer.in) / 2,
                             .weights = layer.weights.data(),
                             .bias = layer.bias.data(),
                             .y = last ? outputs + row * layer.out : nullptr,
                             .y_stride = layer.out,
                             .pairs = target,
                             .pair_stride = layer.width / 2,
                             .rows = rows,
                             .in = (layer.in + 1) / 2,
                             .width = layer.width,
                             .columns = layer.out,
                             .activation = last ? Activation::none : Activation::relu});
      std::swap(x, target);
    }
  }
}

WorkCount Bf16DotModel::cost(std::uint64_t samples) const {
  WorkCount work;
  for (const Layer& layer : layers_) {
    work.macs += layer.in * layer.out * samples;
    work.bytes += 2 * layer.in * layer.out + sizeof(float) * layer.out + 2 * (layer.in + layer.out) * samples;
  }
  work.bytes += 2 * (layers_.front().in + layers_.back().out) * samples;
  return work;
}

}  // namespace nn
}  // namespace swarm
