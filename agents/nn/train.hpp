#pragma once
#include <cstdint>

#include "agents/nn/backward.hpp"
#include "agents/nn/initialise.hpp"
#include "agents/nn/loss.hpp"
#include "agents/nn/model.hpp"
#include "agents/nn/optimiser.hpp"
#include "agents/nn/tape.hpp"

/// Supervised training of classifiers on one thread.
namespace swarm {
namespace nn {

/// Trains a network in place; keeps the optimiser's memory between steps. The model must outlive it. Every bit of the
/// result follows from the model, the samples and their order, on any machine and instruction set.
class Trainer {
 public:
  /// Throws ModelError for an optimiser that check() refuses, for a network that ends with a softmax, which the loss
  /// contains, so leave it out; and as Backward for one with an embedding that nothing can learn before.
  Trainer(Model& model, const Optimiser& optimiser);

  /// One step on the batch's mean loss. inputs: n × input size, row-major; n ≥ 1. Returns the mean loss before the step
  /// [nats]. Throws ModelError, with nothing changed, for targets that check() refuses and for a number that is no id
  /// of an embedding's vocabulary.
  float step(const float* inputs, const Targets& targets, std::uint32_t n);
  /// The same with labels alone.
  float step(const float* inputs, const std::uint8_t* labels, std::uint32_t n) {
    return step(inputs, Targets{.labels = labels}, n);
  }
  void set_learning_rate(float learning_rate) { descent_.set_learning_rate(learning_rate); }

 private:
  Model* model_;
  Descent descent_;
  Tape tape_;
  Loss loss_;
  Backward backward_;
};

}  // namespace nn
}  // namespace swarm
