#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "agents/nn/isa/sparse.hpp"
#include "agents/nn/layer_scratch.hpp"
#include "agents/nn/model.hpp"

/// Networks that store and multiply only the weights that are not zero.
namespace swarm {
namespace nn {

/// One linear layer's nonzero weights (±0 is left out, NaN is not) and all its biases.
class SparseLayer {
 public:
  /// Packs layer l. Throws ModelError for 2³² weights or more.
  SparseLayer(const Model& model, std::size_t l);

  std::size_t inputs() const { return inputs_; }
  std::size_t outputs() const { return outputs_; }
  std::size_t nonzeros() const { return nonzeros_; }
  /// Everything the kernel reads of the layer: nonzeros, their 16-bit (from 65,537 inputs on 32-bit) indices,
  /// biases and group descriptions [B].
  std::size_t bytes() const;
  /// Fills in what the layer contributes to a job of the kernel.
  void describe(isa::SparseForward& job) const;

 private:
  std::size_t inputs_, outputs_, nonzeros_ = 0;
  std::vector<isa::SparseGroup> groups_;
  AlignedFloats values_;
  std::vector<std::uint16_t> narrow_;
  std::vector<std::uint32_t> wide_;
};

/// A network of sparse layers. A sample's outputs depend on the network and the sample alone, in every bit.
/// For finite numbers they equal those of the dense network with the same weights, except that a zero's sign
/// may differ (bias −0 plus left-out terms of +0); a zero weight does not turn an infinite input into NaN
/// here.
///
/// Samples fill the vector lanes, so one sample costs as much as a vector of them: with half of the weights
/// zero the dense kernels are faster for fewer samples than two vectors hold (bench/nn_sparse.cpp measures
/// where).
class SparseModel {
 public:
  /// Throws ModelError for what is no multilayer perceptron.
  explicit SparseModel(const Model& model);

  std::size_t layers() const { return layers_.size(); }
  const SparseLayer& layer(std::size_t l) const { return layers_[l]; }
  /// inputs: n × in, outputs: n × out, row-major, contiguous, not overlapping.
  void forward(const float* inputs, float* outputs, std::size_t n, LayerScratch& scratch) const;
  /// What forward() does for n samples: multiply-adds of nonzeros, bytes of layers (read once) and
  /// activations.
  WorkCount cost(std::uint64_t samples) const;

 private:
  std::vector<SparseLayer> layers_;
  std::size_t widest_ = 0;
};

}  // namespace nn
}  // namespace swarm
