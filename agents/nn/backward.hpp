#pragma once
#include "agents/nn/optimiser.hpp"
#include "agents/nn/tape.hpp"

namespace swarm {
namespace nn {

/// Walks a tape backwards (Rumelhart, Hinton & Williams 1986): each layer turns the gradient by its outputs into that
/// by its inputs, then its parameters take their step.
///
/// Gradients are sums over samples and rows in ascending order, from zero; those of weights by fused multiply-adds.
/// Those of layers are stated where their functions are declared.
class Backward {
 public:
  /// Of networks of this architecture. Throws ModelError if an embedding comes after a layer with parameters, which
  /// would never learn: whole numbers have no gradient.
  explicit Backward(const Architecture& architecture);

  /// Room for d loss / d outputs of so many samples, laid out as the tape's outputs, which the caller fills.
  Rows<float> delta(const Tape& tape);
  /// The delta just filled, down to the first layer with parameters.
  void run(Model& model, Tape& tape, Descent& descent);

 private:
  class Pass;

  std::size_t first_ = 0;             // layer with parameters
  std::size_t widest_ = 0;            // floats of a sample's largest signal
  AlignedFloats delta_, next_delta_;  // d loss / d output and input of a layer
  AlignedFloats gradient_;            // d loss / d parameters of a layer
  AlignedFloats transposed_;          // one layer's weights, [out][padded in]
  AlignedFloats conv_scratch_;
};

}  // namespace nn
}  // namespace swarm
