#pragma once
#include <cstddef>
#include <span>
#include <variant>

#include "agents/nn/model.hpp"

/// How parameters follow their gradients. Every bit of a step is the same on every instruction set.
namespace swarm {
namespace nn {

/// v ← momentum·v + g;  w ← w − learning_rate·v  (Polyak 1964, in the form without dampening).
struct Sgd {
  float learning_rate = 0.05f;
  float momentum = 0.9f;
};

/// m ← β₁·m + (1 − β₁)·g;  v ← β₂·v + (1 − β₂)·g²;  w ← w − learning_rate·m̂/(√v̂ + epsilon)
/// with m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ) in step t = 1, 2, … (Kingma & Ba 2015). So a first step with g = 1 is
/// −learning_rate/(1 + epsilon). Order of the operations: agents/nn/isa/optimiser.hpp. v stays infinite once g² has left
/// the range of floats (|g| above 1.8e19): such a parameter no longer moves.
struct Adam {
  float learning_rate = 0.001f;
  float beta_1 = 0.9f, beta_2 = 0.999f, epsilon = 1e-8f;
};

using Optimiser = std::variant<Sgd, Adam>;

/// Throws ModelError unless the learning rate is finite and at least 0, momentum and betas lie in [0, 1), and epsilon
/// is finite and positive.
void check(const Optimiser& optimiser);

/// An optimiser at work on a run of parameters, with what it remembers of each of them.
class Descent {
 public:
  /// Throws as check().
  Descent(const Optimiser& optimiser, std::size_t parameters);

  void set_learning_rate(float learning_rate);
  /// Each parameter then moves once.
  void begin_step();
  /// Parameters `at`, at + 1, … take their step against their gradients. Both spans have one size; it and `at` are
  /// multiples of 16.
  void move(std::size_t at, std::span<float> parameters, std::span<const float> gradient);

  /// For kernels that take this step themselves: the rule, null if it is another, and the velocities from `at`.
  const Sgd* sgd() const { return std::get_if<Sgd>(&optimiser_); }
  float* velocity(std::size_t at) { return mean_.data() + at; }

 private:
  Optimiser optimiser_;
  AlignedFloats mean_;                // Sgd's velocity, Adam's m
  AlignedFloats square_;              // Adam's v
  double power_1_ = 1, power_2_ = 1;  // β₁ᵗ, β₂ᵗ
};

}  // namespace nn
}  // namespace swarm
