#include "agents/nn/sparse_layer.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace nn {
namespace {

/// Samples that walk through all layers together: their activations stay in the first-level cache.
constexpr std::size_t kPassSamples = 64;

/// Floats from neuron to neuron for n ≤ 64 samples: a power of two so that the kernel shifts instead of
/// multiplying, as small as it may be so that few samples touch little memory.
unsigned stride_log2(std::size_t n) {
  return n <= 16 ? 4 : n <= 32 ? 5 : 6;
}

}  // namespace

SparseLayer::SparseLayer(const Model& model, std::size_t l)
    : inputs_(model.rows(l)), outputs_(model.columns(l)) {
  if (inputs_ * outputs_ > std::numeric_limits<std::uint32_t>::max())
    throw ModelError(fmt::format("a sparse layer cannot hold {} weights", inputs_ * outputs_));
  std::vector<std::vector<std::uint32_t>> rows(outputs_);  // per output its inputs, ascending
  for (std::size_t i = 0; i < inputs_; ++i)
    for (std::size_t o = 0; o < outputs_; ++o)
      if (model.weight(l, i, o) != 0.0f) rows[o].push_back(static_cast<std::uint32_t>(i));
  // Outputs of like length go together, so that a group's diagonals are full.
  std::vector<std::uint32_t> order(outputs_);
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return rows[a].size() != rows[b].size() ? rows[a].size() > rows[b].size() : a < b;
  });
  const bool narrow = inputs_ < std::size_t{1} << 16;  // the row of zeros after the inputs counts
  for (std::size_t first = 0; first < outputs_; first += isa::kSparseGroup) {
    const std::size_t members = std::min(isa::kSparseGroup, outputs_ - first);
    isa::SparseGroup& group = groups_.emplace_back(isa::SparseGroup{});
    group.steps = static_cast<std::uint32_t>(rows[order[first]].size());
    for (std::size_t g = 0; g < members; ++g) {
      group.output[g] = order[first + g];
      group.bias[g] = model.bias(l)[order[first + g]];
      nonzeros_ += rows[order[first + g]].size();
    }
    for (std::size_t step = 0; step < group.steps; ++step)
      for (std::size_t g = 0; g < isa::kSparseGroup; ++g) {
        const bool nonzero = g < members && step < rows[group.output[g]].size();
        const std::size_t input = nonzero ? rows[group.output[g]][step] : inputs_;
        values_.push_back(nonzero ? model.weight(l, input, group.output[g]) : -0.0f);
        if (narrow)
          narrow_.push_back(static_cast<std::uint16_t>(input));
        else
          wide_.push_back(static_cast<std::uint32_t>(input));
      }
  }
}

std::size_t SparseLayer::bytes() const {
  return values_.size() * sizeof(float) + narrow_.size() * sizeof(std::uint16_t) +
         wide_.size() * sizeof(std::uint32_t) + groups_.size() * sizeof(isa::SparseGroup);
}

void SparseLayer::describe(isa::SparseForward& job) const {
  job.groups = groups_.data();
  job.outputs = outputs_;
  job.values = values_.data();
  job.narrow = wide_.empty() ? narrow_.data() : nullptr;
  job.wide = wide_.data();
}

SparseModel::SparseModel(const Model& model) : widest_(model.rows(0)) {
  mlp_shape(model.architecture());  // refuses other networks
  for (std::size_t l = 0; l < model.blocks(); ++l) {
    layers_.emplace_back(model, l);
    widest_ = std::max(widest_, model.columns(l));
  }
}

void SparseModel::forward(const float* inputs, float* outputs, std::size_t n, LayerScratch& scratch) const {
  const isa::SparseKernels& kernels = kernels_of(active_isa()).sparse;
  const std::size_t in = layers_.front().inputs(), out = layers_.back().outputs();
  scratch.reserve((widest_ + 1) << stride_log2(n));
  float *x = scratch.front.data(), *y = scratch.back.data();
  for (std::size_t row = 0; row < n; row += kPassSamples) {
    const std::size_t samples = std::min(kPassSamples, n - row);
    isa::SparseForward job{};
    job.stride_log2 = stride_log2(samples);
    job.samples = samples;
    const std::size_t stride = std::size_t{1} << job.stride_log2;
    kernels.transpose({inputs + row * in, in, samples, in, x, stride});
    std::fill_n(x + in * stride, stride, 0.0f);
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      layers_[l].describe(job);
      job.x = x;
      job.y = y;
      job.activation = l + 1 == layers_.size() ? Activation::none : Activation::relu;
      kernels.forward(job);
      std::fill_n(y + layers_[l].outputs() * stride, stride, 0.0f);
      std::swap(x, y);
    }
    kernels.transpose({x, stride, out, samples, outputs + row * out, out});
  }
}

WorkCount SparseModel::cost(std::uint64_t samples) const {
  std::uint64_t nonzeros = 0, bytes = 0, activations = 0;
  for (const SparseLayer& layer : layers_) {
    nonzeros += layer.nonzeros();
    bytes += layer.bytes();
    activations += layer.inputs() + layer.outputs();
  }
  return {nonzeros * samples, bytes + sizeof(float) * activations * samples};
}

}  // namespace nn
}  // namespace swarm
