#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "agents/nn/attention.hpp"
#include "agents/nn/cost.hpp"
#include "agents/nn/linear_run.hpp"
#include "agents/nn/model.hpp"
#include "agents/nn/small_network.hpp"

/// Running networks.
namespace swarm {
namespace nn {

/// What a thread works in: grows to what the largest call needs and is then reused.
struct Scratch {
  AlignedFloats front, back;  ///< signal of the layer being read and of the one being written
  LinearScratch linear;
  AlignedFloats conv;
  std::vector<std::uint32_t> ids;
  std::vector<AttentionWorkspace> attention;  ///< one per shape

  AttentionWorkspace& workspace(const AttentionShape& shape);
};

/// All that an architecture and its numerics decide, worked out once and shared by all models of it, whose parameters
/// alone differ.
class Network {
 public:
  /// Throws ModelError as Architecture::extents() and check(Numerics).
  explicit Network(const Architecture& architecture, const Numerics& numerics = {});

  const Architecture& architecture() const { return architecture_; }
  const Numerics& numerics() const { return numerics_; }
  std::size_t input_size() const { return steps_.front().in.size(); }
  std::size_t output_size() const { return steps_.back().out.size(); }

  /// False if run() reads the parameters as a Model holds them.
  bool packs() const { return !(numerics_ == Numerics{}); }
  /// The parameters of a model of this architecture in the form that run() reads; packs() must hold. `ranges`: where
  /// numerics are calibrated, of the input of each matrix, as seen() has them; else empty. Throws ModelError for weights that
  /// the format cannot hold (integers: not finite) and for ranges that are not usable.
  AlignedBytes pack(const Model& model, std::span<const Affine> ranges = {}) const;

  /// What samples cost. Only sparse networks look at the parameters.
  PassCost cost(const std::byte* parameters) const { return numerics_.sparse ? sparse_cost(parameters) : cost_; }

  /// For models with one sample each; null unless this is a small perceptron in fp32. It reads the same parameters.
  const SmallNetwork* small() const { return small_ ? &*small_ : nullptr; }

  /// parameters: packed, or Model::data(). inputs: n × input size, outputs: n × output size, row-major, contiguous, not
  /// overlapping. A sample's outputs depend on the parameters and the sample alone. `ahead`: bytes from the parameters to
  /// those that are used next, for prefetching; 0 for none. Throws ModelError for a number that is no id of an embedding's
  /// vocabulary.
  void run(const std::byte* parameters, const float* inputs, float* outputs, std::uint32_t n, Scratch& scratch,
           std::intptr_t ahead = 0) const;

  /// Runs the samples and tells what entered each matrix (blocks that are, in order). Of networks that do not pack.
  std::vector<Range> seen(const std::byte* parameters, const float* inputs, std::uint32_t n, Scratch& scratch) const;

 private:
  /// Layers that are run by one call: linear ones that follow one another, or a single other one.
  struct Step {
    Layer layer;
    Extent in, out;
    std::size_t weights = 0, bias = 0;  ///< where the layer's only block lies, if it is no matrix [B]
    std::size_t matrix = 0, matrices = 0;
  };
  struct Signal;
  class Pass;

  void add_layer(const Layer& layer, const Extent& in, const Extent& out);
  /// Of the layer that was added last. Returns how many bytes the block takes at the place.
  std::size_t add_block(const Layer& layer, const Block& block, std::size_t at);
  PassCost sparse_cost(const std::byte* parameters) const;
  void append_sparse(const Model& model, std::span<const std::size_t> blocks, AlignedBytes& packed) const;
  void run(const std::byte* parameters, const float* inputs, float* outputs, std::uint32_t n, Scratch& scratch,
           std::intptr_t ahead, Range* seen) const;

  Architecture architecture_;
  Numerics numerics_;
  PassCost cost_;
  std::vector<Step> steps_;
  std::vector<LinearStep> matrices_;
  std::optional<SmallNetwork> small_;
  std::uint32_t pass_samples_ = 1;  ///< that walk through all layers together
  std::size_t packed_bytes_ = 0;    ///< unless sparse
  std::size_t floats_ = 0;          ///< of the largest signal between steps, of one sample with padding
  std::size_t widest_ = 0;          ///< of the matrices' inputs and outputs
};

/// A model made ready to run alone.
class PackedModel {
 public:
  /// Throws as Network and pack(). Unless it packs, the model must outlive it unchanged.
  explicit PackedModel(const Model& model, const Numerics& numerics = {}, std::span<const Affine> ranges = {})
      : network_(model.architecture(), numerics), model_(&model) {
    if (network_.packs()) packed_ = network_.pack(model, ranges);
  }

  const Network& network() const { return network_; }
  const std::byte* parameters() const { return network_.packs() ? packed_.data() : std::as_bytes(model_->data()).data(); }
  PassCost cost() const { return network_.cost(parameters()); }
  /// As Network::run().
  void run(const float* inputs, float* outputs, std::uint32_t n, Scratch& scratch) const {
    network_.run(parameters(), inputs, outputs, n, scratch);
  }

 private:
  Network network_;
  const Model* model_;
  AlignedBytes packed_;
};

/// The range of what enters each matrix of the model when it runs n samples, for calibrated numerics.
std::vector<Affine> calibrate(const Model& model, const float* inputs, std::uint32_t n);

}  // namespace nn
}  // namespace swarm
