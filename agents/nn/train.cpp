#include "agents/nn/train.hpp"

#include <algorithm>
#include <cmath>

#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "sim/core/checks.hpp"
#include "sim/core/math.hpp"

namespace swarm {
namespace nn {

Trainer::Trainer(Model& model, Sgd sgd)
    : model_(&model), sgd_(sgd), velocity_(model.data().size(), 0.0f), activations_(model.blocks()) {
  mlp_shape(model.architecture());  // refuses what backward() does not know
  std::size_t largest = 0;
  for (std::size_t l = 1; l < model.blocks(); ++l)
    largest = std::max(largest, model.width(l) * padded(model.rows(l)));
  transposed_.assign(largest, 0.0f);
}

void Trainer::reserve(std::size_t samples) {
  if (samples <= samples_) return;
  samples_ = samples;
  std::size_t widest = 0;
  for (std::size_t l = 0; l < model_->blocks(); ++l) {
    activations_[l].resize(samples * model_->width(l));
    widest = std::max(widest, model_->width(l));
  }
  delta_.resize(samples * widest);
  next_delta_.resize(samples * widest);
  exponentials_.resize(activations_.back().size());
  sums_.resize(samples);
  logs_.resize(samples);
}

void Trainer::forward(const float* inputs, std::size_t samples) {
  const isa::Kernels& kernels = kernels_of(active_isa());
  const Model& model = *model_;
  const float* x = inputs;
  std::size_t x_stride = model.rows(0);
  for (std::size_t l = 0; l < model.blocks(); ++l) {
    const std::size_t width = model.width(l);
    kernels.dense.forward({.x = x,
                     .x_stride = x_stride,
                     .weights = model.weights(l).data(),
                     .bias = model.bias(l).data(),
                     .y = activations_[l].data(),
                     .y_stride = width,
                     .rows = samples,
                     .in = model.rows(l),
                     .width = width,
                     .columns = width,
                     .activation = l + 1 < model.blocks() ? Activation::relu : Activation::none,
                     .ahead = 0});
    x = activations_[l].data();
    x_stride = width;
  }
}

float Trainer::loss_and_delta(const std::uint8_t* labels, std::size_t samples) {
  const std::size_t last = model_->blocks() - 1;
  const std::size_t classes = model_->columns(last), width = model_->width(last);
  // Shifted by the largest logit, so that no exponential overflows; padding is left at 0.
  std::fill_n(delta_.begin(), samples * width, 0.0f);
  for (std::size_t s = 0; s < samples; ++s) {
    const float* logits = activations_[last].data() + s * width;
    const float largest = logits[argmax(logits, static_cast<std::uint32_t>(classes))];
    for (std::size_t c = 0; c < classes; ++c) delta_[s * width + c] = logits[c] - largest;
  }
  math::exp(std::span<const float>(delta_.data(), samples * width),
            std::span<float>(exponentials_.data(), samples * width));
  const float share = 1.0f / static_cast<float>(samples);
  double loss = 0.0;
  for (std::size_t s = 0; s < samples; ++s) {
    EXPECT(labels[s] < classes);
    const float* e = exponentials_.data() + s * width;
    float* delta = delta_.data() + s * width;
    float sum = 0.0f;
    for (std::size_t c = 0; c < classes; ++c) sum += e[c];
    sums_[s] = static_cast<double>(sum);
    loss -= static_cast<double>(delta[labels[s]]);
    for (std::size_t c = 0; c < classes; ++c) delta[c] = e[c] / sum * share;
    delta[labels[s]] = (e[labels[s]] / sum - 1.0f) * share;
  }
  math::log(std::span<const double>(sums_.data(), samples), std::span<double>(logs_.data(), samples));
  for (std::size_t s = 0; s < samples; ++s) loss += logs_[s];
  return static_cast<float>(loss / static_cast<double>(samples));
}

void Trainer::backward(const float* inputs, std::size_t samples) {
  const isa::Kernels& kernels = kernels_of(active_isa());
  Model& model = *model_;
  for (std::size_t l = model.blocks(); l-- > 0;) {
    const std::size_t in = model.rows(l), width = model.width(l), in_width = padded(in);
    if (l > 0) {  // before these weights change
      kernels.dense.transpose({.weights = model.weights(l).data(),
                         .rows = in,
                         .columns = model.columns(l),
                         .transposed = transposed_.data(),
                         .width = in_width});
      kernels.dense.input_gradient({.delta = delta_.data(),
                              .delta_stride = width,
                              .transposed = transposed_.data(),
                              .activation = activations_[l - 1].data(),
                              .gradient = next_delta_.data(),
                              .rows = samples,
                              .out = model.columns(l),
                              .width = in_width});
    }
    const std::size_t weights_at = static_cast<std::size_t>(model.weights(l).data() - model.data().data());
    kernels.dense.update({.x = l > 0 ? activations_[l - 1].data() : inputs,
                    .x_stride = l > 0 ? in_width : in,
                    .delta = delta_.data(),
                    .weights = model.weights(l).data(),
                    .bias = model.bias(l).data(),
                    .weight_velocity = velocity_.data() + weights_at,
                    .bias_velocity = velocity_.data() + weights_at + in * width,
                    .samples = samples,
                    .in = in,
                    .width = width,
                    .rate = sgd_.learning_rate,
                    .momentum = sgd_.momentum});
    std::swap(delta_, next_delta_);
  }
}

float Trainer::step(const float* inputs, const std::uint8_t* labels, std::uint32_t n) {
  EXPECT(n > 0);
  reserve(n);
  forward(inputs, n);
  const float loss = loss_and_delta(labels, n);
  backward(inputs, n);
  return loss;
}

void initialise(Model& model, const Random& random, std::uint64_t entity) {
  mlp_shape(model.architecture());  // refuses other networks
  for (std::size_t l = 0; l < model.blocks(); ++l) {
    const std::size_t in = model.rows(l), out = model.columns(l);
    const double bound = std::sqrt(6.0 / static_cast<double>(in));
    const std::span<float> bias = model.bias(l);
    std::fill(bias.begin(), bias.end(), 0.0f);
    RandomBlock block{};
    for (std::size_t i = 0; i < in * out; ++i) {
      if (i % 4 == 0)
        block = random.block(static_cast<std::uint32_t>(l), entity, static_cast<std::uint32_t>(i / 4));
      model.weight(l, i / out, i % out) =
          static_cast<float>(bound * (2.0 * uniform_open(block[i % 4]) - 1.0));
    }
  }
}

std::uint32_t argmax(const float* values, std::uint32_t n) {
  std::uint32_t best = 0;
  for (std::uint32_t i = 1; i < n; ++i)
    if (values[i] > values[best] || (values[best] != values[best] && values[i] == values[i])) best = i;
  return best;
}

}  // namespace nn
}  // namespace swarm
