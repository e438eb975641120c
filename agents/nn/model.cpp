#include "agents/nn/model.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "agents/nn/attention.hpp"
#include "agents/nn/conv.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace nn {

PassCost pass_cost(const Architecture& architecture) {
  PassCost cost;
  const std::vector<Extent> extents = architecture.extents();
  for (std::size_t l = 0; l < architecture.layers.size(); ++l) {
    const Extent &in = extents[l], &out = extents[l + 1];
    if (std::holds_alternative<Linear>(architecture.layers[l])) cost.macs += in.size() * out.width;
    if (const auto* conv = std::get_if<DepthwiseConv>(&architecture.layers[l]))
      cost.macs += conv_cost(conv_shape(*conv, in), in.rows, 1).macs;
    if (const auto* attention = std::get_if<Attention>(&architecture.layers[l])) {
      const AttentionShape shape = attention_shape(*attention, in);
      const WorkCount one = attention_cost(shape, 1), two = attention_cost(shape, 2);
      cost.macs += one.macs;
      cost.activation_bytes += two.bytes - one.bytes;
      continue;
    }
    cost.activation_bytes += sizeof(float) * (in.size() + out.size());
  }
  cost.parameter_bytes = sizeof(float) * architecture.parameters();
  return cost;
}

std::vector<std::size_t> block_offsets(const std::vector<Block>& blocks) {
  std::vector<std::size_t> offsets{0};
  for (const Block& b : blocks) offsets.push_back(offsets.back() + (std::size_t{b.rows} + (b.bias ? 1 : 0)) * padded(b.columns));
  return offsets;
}

Model::Model(Architecture architecture)
    : architecture_(std::move(architecture)),
      output_(architecture_.extents().back()),
      cost_(pass_cost(architecture_)),
      blocks_(architecture_.blocks()),
      offsets_(block_offsets(blocks_)),
      storage_(offsets_.back(), 0.0f) {}

std::vector<float> Model::packed() const {
  std::vector<float> out;
  out.reserve(storage_.size());
  for (std::size_t b = 0; b < blocks(); ++b) {
    for (std::size_t r = 0; r < rows(b); ++r)
      for (std::size_t c = 0; c < columns(b); ++c) out.push_back(weight(b, r, c));
    if (blocks_[b].bias) out.insert(out.end(), bias(b).begin(), bias(b).begin() + static_cast<std::ptrdiff_t>(columns(b)));
  }
  return out;
}

Model Model::unpack(Architecture architecture, std::span<const float> parameters) {
  Model model(std::move(architecture));
  if (const std::size_t needed = model.architecture_.parameters(); parameters.size() != needed)
    throw ModelError(fmt::format("{} numbers cannot fill a network of {} parameters", parameters.size(), needed));
  const float* from = parameters.data();
  for (std::size_t b = 0; b < model.blocks(); ++b) {
    for (std::size_t r = 0; r < model.rows(b); ++r)
      for (std::size_t c = 0; c < model.columns(b); ++c) model.weight(b, r, c) = *from++;
    if (!model.blocks_[b].bias) continue;
    std::copy_n(from, model.columns(b), model.bias(b).data());
    from += model.columns(b);
  }
  return model;
}

}  // namespace nn
}  // namespace swarm
