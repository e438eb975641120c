#pragma once
#include <cstdint>
#include <vector>

#include "agents/nn/model.hpp"
#include "sim/core/rng.hpp"

/// Supervised training of classifiers: softmax cross-entropy by stochastic gradient descent with momentum.
namespace swarm {
namespace nn {

/// v ← momentum·v + g;  w ← w − learning_rate·v  (Polyak 1964, in the form without dampening).
struct Sgd {
  float learning_rate = 0.05f;
  float momentum = 0.9f;
};

/// Trains a multilayer perceptron (ModelError for any other network) in place; keeps the velocities between steps. The model must outlive it. Every bit of the
/// result follows from the model, the samples and their order, on any machine and instruction set.
class Trainer {
 public:
  Trainer(Model& model, Sgd sgd);

  /// One step on the batch's mean loss. inputs: n × in, row-major; labels: n classes below the output width;
  /// n ≥ 1. Returns the mean loss before the step [nats].
  float step(const float* inputs, const std::uint8_t* labels, std::uint32_t n);
  void set_learning_rate(float learning_rate) { sgd_.learning_rate = learning_rate; }

 private:
  void reserve(std::size_t samples);
  void forward(const float* inputs, std::size_t samples);
  float loss_and_delta(const std::uint8_t* labels, std::size_t samples);
  void backward(const float* inputs, std::size_t samples);

  Model* model_;
  Sgd sgd_;
  AlignedFloats velocity_;                  // laid out as the model's storage
  std::vector<AlignedFloats> activations_;  // per layer, samples × padded out; the last holds the logits
  AlignedFloats delta_, next_delta_;        // d loss / d pre-activation, samples × padded out
  AlignedFloats transposed_;                // one layer's weights, [out][padded in]
  AlignedFloats exponentials_;
  std::vector<double> sums_, logs_;
  std::size_t samples_ = 0;  // capacity of the buffers
};

/// Of a multilayer perceptron, else ModelError: zero biases and He-uniform weights, U(−a, a) with a = √(6 / in) (He et al. 2015): weight i of layer l
/// comes from word i mod 4 of block (step l, entity, draw ⌊i / 4⌋), i counting row-major without padding.
void initialise(Model& model, const Random& random, std::uint64_t entity);

/// Index of the largest value, the first among equals; NaN never beats a number.
std::uint32_t argmax(const float* values, std::uint32_t n);

}  // namespace nn
}  // namespace swarm
