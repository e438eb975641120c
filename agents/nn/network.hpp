#pragma once
#include <cstdint>
#include <vector>

#include "agents/nn/attention.hpp"
#include "agents/nn/model.hpp"

/// A model made ready to run: what each of its layers is to do, worked out once.
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

/// Reads the parameters from the model, which must outlive it and may change them meanwhile.
class Network {
 public:
  explicit Network(const Model& model);

  const Model& model() const { return *model_; }
  /// inputs: n × input size, outputs: n × output size, row-major, contiguous, not overlapping. A sample's outputs depend
  /// on the model and the sample alone. `next` runs after this one: its weights are asked for meanwhile. Throws
  /// ModelError for a number that is no id of an embedding's vocabulary.
  void run(const float* inputs, float* outputs, std::uint32_t n, Scratch& scratch, const Model* next = nullptr) const;

 private:
  struct Step {
    Layer layer;
    Extent in, out;
    std::size_t block;  ///< first of the layer's
  };
  struct Signal;
  class Pass;

  const Model* model_;
  std::vector<Step> steps_;
  std::uint32_t pass_samples_;  ///< that walk through all layers together
  std::size_t floats_ = 0;      ///< of the largest signal between layers, of one sample with padding
};

}  // namespace nn
}  // namespace swarm
