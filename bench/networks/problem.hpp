#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "agents/nn/cost.hpp"
#include "agents/nn/model.hpp"

/// What contestants of one contest have in common: the same networks, each with weights of its own, and the
/// same inputs.
namespace swarm {
namespace bench {

struct Problem {
  nn::MlpShape shape;
  std::size_t batch;              ///< samples of each model
  std::vector<nn::Model> models;  ///< biases are not zero, so that leaving them out is found out
  nn::AlignedFloats inputs;       ///< models × batch × in

  Problem(nn::MlpShape widths, std::size_t model_count, std::size_t samples);

  std::size_t layers() const { return shape.widths.size() - 1; }
  std::size_t in(std::size_t layer = 0) const { return shape.widths[layer]; }
  std::size_t out(std::size_t layer) const { return shape.widths[layer + 1]; }
  std::size_t outputs() const { return shape.widths.back(); }
  const float* input(std::size_t model) const { return inputs.data() + model * batch * in(); }
  /// The most activations that one layer reads or writes for one model's batch, its columns padded.
  std::size_t widest() const;
  /// Multiply-adds of all models' batches, without padding.
  double macs() const;
  /// Weights and biases of all models, without padding [B].
  double bytes() const { return static_cast<double>(nn::Architecture(shape).parameters() * models.size() * sizeof(float)); }
};

/// "64-128-64-10".
std::string shape_name(const nn::MlpShape& shape);

/// Numbers in (−1, 1), about half of them negative, by key.
nn::AlignedFloats noise(std::size_t n, std::uint64_t entity);
/// A network with He-uniform weights and noise as biases.
nn::Model noise_model(const nn::MlpShape& shape, std::uint64_t entity);
/// Class labels below `classes`.
std::vector<std::uint8_t> noise_labels(std::size_t n, std::uint32_t classes);

}  // namespace bench
}  // namespace swarm
