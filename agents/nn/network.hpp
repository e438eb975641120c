#pragma once
#include <cstdint>
#include <vector>

#include "agents/nn/attention.hpp"
#include "agents/nn/model.hpp"

/// Running networks.
namespace swarm {
namespace nn {

/// What a thread works in: grows to what the largest call needs and is then reused.
struct Scratch {
  AlignedFloats front, back;  ///< signal of the layer being read and of the one being written
  AlignedFloats conv;
  std::vector<std::uint32_t> ids;
  std::vector<AttentionWorkspace> attention;  ///< one per shape

  AttentionWorkspace& workspace(const AttentionShape& shape);
};

/// All that an architecture decides, worked out once and shared by all models of it, whose parameters alone differ.
class Network {
 public:
  /// Throws ModelError as Architecture::extents().
  explicit Network(const Architecture& architecture);

  const Architecture& architecture() const { return architecture_; }
  const PassCost& cost() const { return cost_; }
  std::size_t input_size() const { return steps_.front().in.size(); }
  std::size_t output_size() const { return steps_.back().out.size(); }

  /// parameters: Model::data() of a model of this architecture. inputs: n × input size, outputs: n × output size,
  /// row-major, contiguous, not overlapping. A sample's outputs depend on the parameters and the sample alone. `ahead`:
  /// bytes from the parameters to those that are used next, for prefetching; 0 for none. Throws ModelError for a number
  /// that is no id of an embedding's vocabulary.
  void run(const float* parameters, const float* inputs, float* outputs, std::uint32_t n, Scratch& scratch,
           std::intptr_t ahead = 0) const;

 private:
  /// Where a block lies in the parameters [floats].
  struct Place {
    std::size_t weights, bias;
    std::size_t rows, width;
  };
  struct Step {
    Layer layer;
    Extent in, out;
    Place place;  ///< of the layer's first block, if it has one
  };
  struct Signal;
  class Pass;

  Architecture architecture_;
  PassCost cost_;
  std::vector<Step> steps_;
  std::uint32_t pass_samples_ = 1;  ///< that walk through all layers together
  std::size_t floats_ = 0;          ///< of the largest signal between layers, of one sample with padding
};

}  // namespace nn
}  // namespace swarm
