#include "agents/nn/architecture.hpp"

#include <fmt/format.h>

#include <limits>

#include "sim/core/errors.hpp"

namespace swarm {
namespace nn {
namespace {

/// Most numbers in one extent or block: sizes stay far from any overflow.
constexpr std::size_t kMost = std::size_t{1} << 28;

[[noreturn]] void impossible(const char* why) {
  throw ModelError(why);
}

Extent after(const Extent& in, const Linear& layer) {
  if (layer.outputs == 0) impossible("it has no outputs");
  return {in.rows, layer.outputs};
}

Extent after(const Extent& in, const DepthwiseConv& layer) {
  if (layer.kernel == 0 || layer.stride == 0 || layer.dilation == 0) impossible("kernel, stride and dilation are at least 1");
  const std::uint64_t signal = std::uint64_t{in.rows} + layer.pad_before + layer.pad_after;
  const std::uint64_t reach = std::uint64_t{layer.kernel - 1} * layer.dilation + 1;
  if (reach > signal) impossible("its kernel is longer than the padded signal");
  const std::uint64_t rows = (signal - reach) / layer.stride + 1;
  if (rows > kMost) impossible("its output is too large");
  return {static_cast<std::uint32_t>(rows), in.width};
}

Extent after(const Extent& in, const Attention& layer) {
  if (layer.heads == 0 || in.width % layer.heads != 0) impossible("the number of heads must divide the width");
  return in;
}

Extent after(const Extent& in, const LayerNorm& layer) {
  if (!(layer.epsilon > 0) || layer.epsilon == std::numeric_limits<float>::infinity()) impossible("epsilon must be positive");
  return in;
}

Extent after(const Extent& in, const Embedding& layer) {
  if (in.width != 1) impossible("it takes one number per row");
  if (layer.vocabulary == 0 || layer.width == 0) impossible("vocabulary and width are at least 1");
  return {in.rows, layer.width};
}

Extent after(const Extent& in, const Positions&) {
  return in;
}

Extent after(const Extent& in, const Flatten&) {
  return {1, static_cast<std::uint32_t>(in.size())};  // extents() keeps sizes small enough
}

Extent after(const Extent& in, const MeanRows&) {
  return {1, in.width};
}

Extent after(const Extent& in, const Softmax&) {
  return in;
}

struct BlocksOf {
  Extent in;

  std::vector<Block> operator()(const Linear& l) const { return {{in.width, l.outputs, true, true}}; }
  std::vector<Block> operator()(const DepthwiseConv& l) const { return {{l.kernel, in.width, true}}; }
  std::vector<Block> operator()(const Attention&) const {
    return std::vector<Block>(4, {in.width, in.width, true, true});
  }
  std::vector<Block> operator()(const LayerNorm&) const { return {{1, in.width, true}}; }
  std::vector<Block> operator()(const Embedding& l) const { return {{l.vocabulary, l.width, false}}; }
  std::vector<Block> operator()(const Positions&) const { return {{in.rows, in.width, false}}; }
  template <class NoParameters>
  std::vector<Block> operator()(const NoParameters&) const {
    return {};
  }
};

std::vector<Block> blocks_of(const Architecture& architecture, const std::vector<Extent>& extents) {
  std::vector<Block> blocks;
  for (std::size_t l = 0; l < architecture.layers.size(); ++l)
    for (const Block& b : std::visit(BlocksOf{extents[l]}, architecture.layers[l])) blocks.push_back(b);
  return blocks;
}

}  // namespace

std::vector<Extent> Architecture::extents() const {
  if (input.rows == 0 || input.width == 0 || input.size() > kMost) throw ModelError("a network needs an input of at least one number");
  if (layers.empty()) throw ModelError("a network needs a layer");
  std::vector<Extent> all{input};
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const Extent in = all.back();
    try {
      all.push_back(std::visit([&](const auto& layer) { return after(in, layer); }, layers[l]));
      if (all.back().size() > kMost) impossible("its output is too large");
      for (const Block& b : std::visit(BlocksOf{in}, layers[l]))
        if (std::size_t{b.rows} * b.columns > kMost) impossible("it has too many parameters");
    } catch (const ModelError& e) {
      throw ModelError(fmt::format("layer {} ({}) after {} × {} numbers is impossible: {}", l, layer_name(layers[l]),
                                   in.rows, in.width, e.what()));
    }
  }
  if (blocks_of(*this, all).empty()) throw ModelError("a network needs parameters");
  return all;
}

std::vector<Block> Architecture::blocks() const {
  return blocks_of(*this, extents());
}

std::size_t Architecture::parameters() const {
  std::size_t sum = 0;
  for (const Block& b : blocks()) sum += b.parameters();
  return sum;
}

std::size_t block_count(const Layer& layer) {
  return std::visit(BlocksOf{{1, 1}}, layer).size();
}

std::string layer_name(const Layer& layer) {
  static constexpr const char* kNames[] = {"linear",    "depthwise_conv", "attention", "layer_norm", "embedding",
                                           "positions", "flatten",        "mean_rows", "softmax"};
  static_assert(std::size(kNames) == std::variant_size_v<Layer>);
  return kNames[layer.index()];
}

MlpShape::operator Architecture() const {
  if (widths.size() < 2) throw ModelError("a network needs an input and an output layer");
  Architecture architecture{{1, widths[0]}, {}};
  for (std::size_t l = 1; l < widths.size(); ++l)
    architecture.layers.push_back(Linear{widths[l], l + 1 < widths.size() ? Activation::relu : Activation::none});
  return architecture;
}

}  // namespace nn
}  // namespace swarm
