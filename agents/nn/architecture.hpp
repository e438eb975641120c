#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "agents/nn/activation.hpp"

/// What a network is made of: layers that follow one another, each described by a small struct. Sizes are per
/// sample; weights are in Model.
namespace swarm {
namespace nn {

/// What passes between layers: `rows` rows (positions of a signal, tokens of a text) of `width` numbers, row-major.
/// A plain vector is one row.
struct Extent {
  std::uint32_t rows = 1;
  std::uint32_t width = 0;

  std::size_t size() const { return std::size_t{rows} * width; }
  friend bool operator==(const Extent&, const Extent&) = default;
};

/// y = f(x·W + b), each row alike; over the rows of a convolution it is the pointwise part.
struct Linear {
  std::uint32_t outputs = 0;
  Activation activation = Activation::none;
  friend bool operator==(const Linear&, const Linear&) = default;
};

/// Each channel (column) is convolved over the rows with taps of its own; what lies outside the signal is zero.
struct DepthwiseConv {
  std::uint32_t kernel = 3;  ///< taps
  std::uint32_t stride = 1;
  std::uint32_t dilation = 1;
  std::uint32_t pad_before = 0;
  std::uint32_t pad_after = 0;
  Activation activation = Activation::none;
  friend bool operator==(const DepthwiseConv&, const DepthwiseConv&) = default;
};

/// Multi-head self-attention over the rows (Vaswani et al. 2017), with projections for queries, keys, values and
/// output.
struct Attention {
  std::uint32_t heads = 1;
  std::uint32_t top_keys = 0;  ///< keys that a query may attend to, those of the highest scores; 0: all
  bool causal = false;         ///< a row sees itself and what came before
  bool residual = false;       ///< the input is added to the output
  friend bool operator==(const Attention&, const Attention&) = default;
};

/// Each row to mean 0 and variance 1, then a gain and an offset per column (Ba et al. 2016).
struct LayerNorm {
  float epsilon = 1e-5f;
  friend bool operator==(const LayerNorm&, const LayerNorm&) = default;
};

/// Whole numbers 0 … vocabulary − 1, one per row, to rows of a learnt table.
struct Embedding {
  std::uint32_t vocabulary = 0;
  std::uint32_t width = 0;
  friend bool operator==(const Embedding&, const Embedding&) = default;
};

/// Adds a learnt vector to each row, by its place: what attention cannot know otherwise.
struct Positions {
  friend bool operator==(const Positions&, const Positions&) = default;
};

/// All rows one after the other as a single one.
struct Flatten {
  friend bool operator==(const Flatten&, const Flatten&) = default;
};

/// The mean of the rows.
struct MeanRows {
  friend bool operator==(const MeanRows&, const MeanRows&) = default;
};

/// Each row to shares that add up to 1.
struct Softmax {
  friend bool operator==(const Softmax&, const Softmax&) = default;
};

using Layer = std::variant<Linear, DepthwiseConv, Attention, LayerNorm, Embedding, Positions, Flatten, MeanRows, Softmax>;

/// Parameters of a layer as a matrix and its bias.
struct Block {
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  bool bias = false;
  bool panels = false;  ///< multiplied with, so it lies in panels (agents/nn/panel.hpp); else row by row

  std::size_t parameters() const { return (std::size_t{rows} + (bias ? 1 : 0)) * columns; }
  friend bool operator==(const Block&, const Block&) = default;
};

/// Blocks by layer: Linear [inputs][outputs] with bias; DepthwiseConv [taps][channels] with bias; Attention queries,
/// keys, values and output, each [width][width] with bias; LayerNorm the gain [1][width], with the offset as bias;
/// Embedding [vocabulary][width]; Positions [rows][width]; others none.
struct Architecture {
  Extent input;
  std::vector<Layer> layers;

  /// What enters each layer and, last, what leaves the network. Throws ModelError that names the layer if one cannot
  /// follow the one before or is itself impossible; also for a network without layers or parameters.
  std::vector<Extent> extents() const;
  /// Of all layers in order; layer l owns those from first_block(l). Throws as extents().
  std::vector<Block> blocks() const;
  std::size_t parameters() const;
  friend bool operator==(const Architecture&, const Architecture&) = default;
};

/// Blocks that a layer owns.
std::size_t block_count(const Layer& layer);

/// "linear", "depthwise_conv", …
std::string layer_name(const Layer& layer);

/// A multilayer perceptron's widths: in, hidden…, out. ReLU between layers, linear output.
struct MlpShape {
  std::vector<std::uint32_t> widths;

  /// Throws ModelError unless there are two widths or more, each at least 1.
  operator Architecture() const;
};

}  // namespace nn
}  // namespace swarm
