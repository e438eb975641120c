#pragma once
#include <cstdint>
#include <vector>

#include "agents/nn/isa/bf16_dot.hpp"
#include "agents/nn/model.hpp"

/// Networks in bf16 throughout: twice the multiply-adds per instruction, on the machines that have it. A
/// choice of its own, which no other path makes for its caller.
namespace swarm {
namespace nn {

/// Whether this machine and its operating system have the instruction (AVX512_BF16: Cooper Lake, Sapphire
/// Rapids, Zen 4 and what came after).
bool bf16_dot_supported();

/// Activations of the layer being read and of the one being written; grows to what the largest call needs.
/// One per thread at a time.
struct Bf16Scratch {
  std::vector<isa::Bf16Pair, AlignedAllocator<isa::Bf16Pair>> front, back;
};

/// A network whose weights, and the inputs of each layer, are rounded to bf16 (nearest even); sums and biases
/// are fp32. NOT covered by the promise of equal bits: the instruction's own roundings (it flushes
/// subnormals, and adds the two products of a pair in an order of its own) may differ from one processor to
/// another. Batch and threads do not matter. Per layer |y − exact| ≤ Σ|w·x|·(2u + u²) + rounding of the fp32
/// sum, with u = 2⁻⁸.
class Bf16DotModel {
 public:
  /// Throws ModelError where bf16_dot_supported() is false, and for what is no multilayer perceptron.
  explicit Bf16DotModel(const Model& model);

  /// inputs: n × in, outputs: n × out, row-major, contiguous, not overlapping.
  void forward(const float* inputs, float* outputs, std::size_t n, Bf16Scratch& scratch) const;
  /// What forward() does for n samples. Weights count 2 bytes, so do activations except those of the caller.
  WorkCount cost(std::uint64_t samples) const;

 private:
  struct Layer {
    std::size_t in, out, width;                                           // width: outputs with padding
    std::vector<isa::Bf16Pair, AlignedAllocator<isa::Bf16Pair>> weights;  // ⌈in / 2⌉ × width in panels
    AlignedFloats bias;
  };
  std::vector<Layer> layers_;
  std::size_t widest_ = 0;  // of what is read as pairs, with padding [pairs]
};

}  // namespace nn
}  // namespace swarm
