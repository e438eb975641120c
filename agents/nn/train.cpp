#include "agents/nn/train.hpp"

#include "sim/core/errors.hpp"

namespace swarm {
namespace nn {

Trainer::Trainer(Model& model, const Optimiser& optimiser)
    : model_(&model),
      descent_(optimiser, model.data().size()),
      tape_(model.architecture()),
      backward_(model.architecture()) {
  if (std::holds_alternative<Softmax>(model.architecture().layers.back()))
    throw ModelError("the loss contains a softmax, so a network in training ends without one");
}

float Trainer::step(const float* inputs, const Targets& targets, std::uint32_t n) {
  check(targets);
  tape_.run(*model_, inputs, n);
  const float loss = loss_(tape_.outputs(), targets, backward_.delta(tape_));
  descent_.begin_step();
  backward_.run(*model_, tape_, descent_);
  return loss;
}

}  // namespace nn
}  // namespace swarm
