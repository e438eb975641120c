#pragma once
#include "sim/io/onnx_cursor.hpp"
#include "sim/io/onnx_view.hpp"

namespace swarm::io {

/// The part of the import that only moves numbers: what the input means, and Transpose, Reshape, Flatten, Squeeze,
/// Unsqueeze, Cast and means over rows.
class OnnxShape {
 public:
  OnnxShape(const OnnxView& view, OnnxCursor& cursor, OnnxLayers& layers)
      : view_(view), cursor_(cursor), layers_(layers) {}

  /// Puts the cursor on the graph's input.
  void start();
  /// The extent of the network's input, known at the end.
  nn::Extent input() const { return input_; }

  /// Before a node that takes [batch][rows][width], or [batch][width][rows]. An input whose order nothing has fixed
  /// yet is taken to lie as the node needs it.
  void need_rows(const OnnxNode& node) { need(node, false); }
  void need_channels_first(const OnnxNode& node) { need(node, true); }

  /// Whether the input has more dimensions than rows and channels, so that it must be flattened first.
  bool many() const { return !many_.empty(); }

  /// false if the node is none of these operators.
  bool apply(const OnnxNode& node);

 private:
  void need(const OnnxNode& node, bool channels_first);
  void transpose(const OnnxNode& node);
  void reshape(const OnnxNode& node);
  void flatten(const OnnxNode& node);
  void squeeze(const OnnxNode& node);
  void unsqueeze(const OnnxNode& node);
  void mean(const OnnxNode& node);
  void cast(const OnnxNode& node);
  void to_vector();
  void to_dims(const OnnxNode& node, const std::vector<std::int64_t>& dims);

  const OnnxView& view_;
  OnnxCursor& cursor_;
  OnnxLayers& layers_;
  nn::Extent input_;
  std::vector<std::int64_t> many_;  // extents of an input of more than three dimensions
  bool reshaped_ = false;           // the input: its order is fixed
};

}  // namespace swarm::io
