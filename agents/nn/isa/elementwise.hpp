#pragma once
#include <cstddef>

#include "agents/nn/activation.hpp"

/// Functions of each element alone (agents/nn/elementwise.hpp says which and how exact). Arrays may be in
/// place: the output may be any of the inputs.
namespace swarm {
namespace nn {
namespace isa {

/// out[i] = e^in[i].
struct ExpArray {
  const float* in;
  float* out;
  std::size_t n;
};

/// out[i] = f(in[i]).
struct ActivateArray {
  Activation activation;  ///< f
  const float* in;
  float* out;
  std::size_t n;
};

/// gradient[i] = delta[i]·f′.
struct ActivationGradient {
  Activation activation;  ///< f
  const float* at;        ///< f's results; for gelu its arguments; for none not read
  const float* delta;
  float* gradient;
  std::size_t n;
};

struct ElementwiseKernels {
  void (*exp)(const ExpArray& job);
  void (*activate)(const ActivateArray& job);
  void (*gradient)(const ActivationGradient& job);
};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
