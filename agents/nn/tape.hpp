#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "agents/nn/attention.hpp"
#include "agents/nn/model.hpp"
#include "agents/nn/rows.hpp"

/// Forward passes that keep what a backward pass needs.
namespace swarm {
namespace nn {

/// A layer on the tape. Signals are rows of all samples one after the other, with padding; what a row holds beyond its
/// width is finite where the parameters and inputs are.
struct Record {
  Layer layer;
  Extent in, out;
  std::size_t block;                 ///< the layer's first, if it owns any
  AlignedFloats y;                   ///< what it gave
  AlignedFloats arguments;           ///< of GELU, laid out as y: its slope does not follow from its results
  std::vector<float> means, scales;  ///< of a norm's rows
  std::vector<std::uint32_t> ids;    ///< of an embedding's rows
  std::optional<AttentionWorkspace> attention;

  Rows<const float> output(std::size_t samples) const {
    return {y.data(), samples * out.rows, out.width, padded(out.width)};
  }
};

/// What a layer ends with.
Activation activation_of(const Layer& layer);

/// One forward pass of some samples through a model, layer by layer.
class Tape {
 public:
  /// Throws as Architecture::extents().
  explicit Tape(const Architecture& architecture);

  /// Runs n ≥ 1 samples; the outputs have the bits of nn::forward. inputs: n × input size, row-major, in use until the
  /// next pass. Throws ModelError for a number that is no id of an embedding's vocabulary.
  void run(const Model& model, const float* inputs, std::size_t n);

  std::size_t samples() const { return samples_; }
  std::size_t layers() const { return records_.size(); }
  Record& layer(std::size_t l) { return records_[l]; }
  /// What layer l has read.
  Rows<const float> input(std::size_t l) const { return l > 0 ? records_[l - 1].output(samples_) : inputs_; }
  Rows<const float> outputs() const { return records_.back().output(samples_); }

 private:
  void reserve(std::size_t samples);

  std::vector<Record> records_;
  AlignedFloats padded_inputs_;  // for a first layer that reads padded rows alone
  AlignedFloats conv_scratch_;
  Rows<const float> inputs_{};
  std::size_t samples_ = 0, capacity_ = 0;
};

}  // namespace nn
}  // namespace swarm
