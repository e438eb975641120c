#pragma once
#include <cstddef>

/// Steps of optimisers on arrays of parameters, each element alone. Every operation is rounded once, in the order
/// written, so that all sets give the same bits. Arrays do not overlap; n is a multiple of 16.
namespace swarm {
namespace nn {
namespace isa {

/// velocity ← fma(momentum, velocity, gradient);  parameters ← fma(−rate, velocity, parameters): the step that
/// WeightUpdate of dense.hpp takes with gradients that it computes itself.
struct SgdStep {
  const float* gradient;
  float* parameters;
  float* velocity;
  std::size_t n;
  float rate;
  float momentum;
};

/// mean ← fma(beta_1, mean, rest_1·g);  square ← fma(beta_2, square, (rest_2·g)·g);
/// parameters ← fma(−rate, (mean·unbias_1) / (√(square·unbias_2) + epsilon), parameters).
struct AdamStep {
  const float* gradient;  ///< g
  float* parameters;
  float* mean;
  float* square;
  std::size_t n;
  float rate;
  float beta_1, rest_1;  ///< β₁ and 1 − β₁
  float beta_2, rest_2;
  float unbias_1, unbias_2;  ///< 1/(1 − β₁ᵗ) and 1/(1 − β₂ᵗ) in step t = 1, 2, …
  float epsilon;
};

struct OptimiserKernels {
  void (*sgd)(const SgdStep& job);
  void (*adam)(const AdamStep& job);
};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
