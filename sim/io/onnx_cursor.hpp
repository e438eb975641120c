#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agents/nn/model.hpp"
#include "sim/io/onnx_graph.hpp"

/// Where the import stands: the value that was reached, how its numbers lie, and the layers so far.
namespace swarm::io {

/// A value of the graph and what it is to us. ONNX has [batch][width], [batch][rows][width], or, where a convolution
/// takes or yields it, [batch][width][rows].
struct OnnxCursor {
  std::string value;
  bool real = true;  ///< float32, else whole numbers for a table
  bool flat = true;  ///< no axis of rows
  nn::Extent extent;
  bool channels_first = false;
  std::optional<nn::Extent> shuffled;  ///< was flattened channels first: rows and width before

  std::int64_t rank() const { return flat ? 2 : 3; }
  std::int64_t width_axis() const { return flat || channels_first ? 1 : 2; }
  std::int64_t rows_axis() const { return channels_first ? 2 : 1; }  ///< if not flat
  /// Extents behind the batch, as ONNX has them.
  std::vector<std::int64_t> dims() const;
};

/// Layers with their parameters as in Model::packed.
class OnnxLayers {
 public:
  /// A layer and the parts of its packed parameters in order.
  void add(nn::Layer layer, std::vector<std::vector<float>> parts) {
    entries_.push_back({std::move(layer), std::move(parts), false});
  }
  /// A layer that ends with a bias, which is zero unless a later Add sets it.
  void add_without_bias(nn::Layer layer, std::vector<float> weights, std::size_t outputs);
  bool empty() const { return entries_.empty(); }

  /// Sets the last layer's bias; false if it has one, or none can be.
  bool set_bias(const std::vector<float>& bias);
  /// Gives the last layer its activation, also through a Flatten; false if it has one, or none can be.
  bool set_activation(nn::Activation activation);

  nn::Model model(nn::Extent input) const;

 private:
  struct Entry {
    nn::Layer layer;
    std::vector<std::vector<float>> parts;
    bool bias_missing;
  };
  std::vector<Entry> entries_;
};

/// A constant that ONNX would spread over a value: [rows][width] in our order; nullopt if its extents do not fit.
std::optional<std::vector<float>> spread(const OnnxTensor& constant, const OnnxCursor& over);

}  // namespace swarm::io
