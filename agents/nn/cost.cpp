#include "agents/nn/cost.hpp"

#include "agents/nn/attention.hpp"
#include "agents/nn/conv.hpp"
#include "agents/nn/matrix.hpp"

namespace swarm {
namespace nn {
namespace {

/// Bytes of a number between two linear layers.
std::uint64_t bytes_between(const Numerics& numerics) {
  if (numerics.calibrated) return sizeof(std::uint8_t);
  return numerics.format == Format::bf16_dot ? sizeof(std::uint16_t) : sizeof(float);
}

std::uint64_t attention_macs_beside_matrices(const AttentionShape& shape, const WorkCount& one) {
  return one.macs - 4 * std::uint64_t{shape.tokens} * shape.width * shape.width;
}

}  // namespace

PassCost pass_cost(const Architecture& architecture, const Numerics& numerics) {
  PassCost cost;
  const std::vector<Extent> extents = architecture.extents();
  const std::vector<Block> blocks = architecture.blocks();
  const auto linear = [&](std::size_t l) {
    return l < architecture.layers.size() && std::holds_alternative<Linear>(architecture.layers[l]);
  };
  std::size_t block = 0;
  for (std::size_t l = 0; l < architecture.layers.size(); ++l) {
    const Layer& layer = architecture.layers[l];
    const Extent &in = extents[l], &out = extents[l + 1];
    for (std::size_t b = block; b < block + block_count(layer); ++b) {
      if (!blocks[b].panels) {
        cost.parameter_bytes += sizeof(float) * blocks[b].parameters();
      } else if (!numerics.sparse) {
        cost.macs += std::uint64_t{in.rows} * blocks[b].rows * blocks[b].columns;
        cost.parameter_bytes += Matrix{numerics, blocks[b].rows, blocks[b].columns}.read_bytes();
      }
    }
    block += block_count(layer);
    if (const auto* conv = std::get_if<DepthwiseConv>(&layer)) cost.macs += conv_cost(conv_shape(*conv, in), in.rows, 1).macs;
    if (const auto* attention = std::get_if<Attention>(&layer)) {
      const AttentionShape shape = attention_shape(*attention, in);
      const WorkCount one = attention_cost(shape, 1), two = attention_cost(shape, 2);
      cost.macs += attention_macs_beside_matrices(shape, one);
      cost.activation_bytes += two.bytes - one.bytes;
      continue;
    }
    const bool chained_in = l > 0 && linear(l - 1) && linear(l), chained_out = linear(l) && linear(l + 1);
    cost.activation_bytes += (chained_in ? bytes_between(numerics) : sizeof(float)) * in.size() +
                             (chained_out ? bytes_between(numerics) : sizeof(float)) * out.size();
  }
  return cost;
}

}  // namespace nn
}  // namespace swarm
