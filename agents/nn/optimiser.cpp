#include "agents/nn/optimiser.hpp"

#include <cmath>

#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "sim/core/checks.hpp"

namespace swarm {
namespace nn {
namespace {

bool is_rate(float x) {
  return std::isfinite(x) && x >= 0;
}
/// Of what an average keeps from one step to the next.
bool is_share(float x) {
  return x >= 0 && x < 1;
}

void check_rule(const Sgd& sgd) {
  if (!is_rate(sgd.learning_rate)) throw ModelError("a learning rate is finite and at least 0");
  if (!is_share(sgd.momentum)) throw ModelError("momentum lies in [0, 1)");
}

void check_rule(const Adam& adam) {
  if (!is_rate(adam.learning_rate)) throw ModelError("a learning rate is finite and at least 0");
  if (!is_share(adam.beta_1) || !is_share(adam.beta_2)) throw ModelError("Adam's betas lie in [0, 1)");
  if (!(adam.epsilon > 0) || !std::isfinite(adam.epsilon)) throw ModelError("Adam's epsilon is finite and positive");
}

}  // namespace

void check(const Optimiser& optimiser) {
  std::visit([](const auto& rule) { check_rule(rule); }, optimiser);
}

Descent::Descent(const Optimiser& optimiser, std::size_t parameters)
    : optimiser_(optimiser), mean_(parameters, 0.0f), square_(sgd() != nullptr ? 0 : parameters, 0.0f) {
  check(optimiser);
}

void Descent::set_learning_rate(float learning_rate) {
  std::visit([=](auto& rule) { rule.learning_rate = learning_rate; }, optimiser_);
  check(optimiser_);
}

void Descent::begin_step() {
  if (const Adam* adam = std::get_if<Adam>(&optimiser_)) {
    power_1_ *= static_cast<double>(adam->beta_1);
    power_2_ *= static_cast<double>(adam->beta_2);
  }
}

void Descent::move(std::size_t at, std::span<float> parameters, std::span<const float> gradient) {
  EXPECT(parameters.size() == gradient.size() && at + gradient.size() <= mean_.size());
  EXPECT(at % kPadFloats == 0 && gradient.size() % kPadFloats == 0);
  const isa::OptimiserKernels& kernels = kernels_of(active_isa()).optimiser;
  if (const Sgd* rule = sgd()) {
    kernels.sgd({.gradient = gradient.data(),
                 .parameters = parameters.data(),
                 .velocity = velocity(at),
                 .n = gradient.size(),
                 .rate = rule->learning_rate,
                 .momentum = rule->momentum});
    return;
  }
  const Adam& adam = std::get<Adam>(optimiser_);
  kernels.adam({.gradient = gradient.data(),
                .parameters = parameters.data(),
                .mean = mean_.data() + at,
                .square = square_.data() + at,
                .n = gradient.size(),
                .rate = adam.learning_rate,
                .beta_1 = adam.beta_1,
                .rest_1 = 1.0f - adam.beta_1,
                .beta_2 = adam.beta_2,
                .rest_2 = 1.0f - adam.beta_2,
                .unbias_1 = static_cast<float>(1.0 / (1.0 - power_1_)),
                .unbias_2 = static_cast<float>(1.0 / (1.0 - power_2_)),
                .epsilon = adam.epsilon});
}

}  // namespace nn
}  // namespace swarm
