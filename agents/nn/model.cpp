#include "agents/nn/model.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "sim/core/errors.hpp"

namespace swarm {
namespace nn {

std::vector<std::size_t> block_offsets(const std::vector<Block>& blocks) {
  std::vector<std::size_t> offsets{0};
  for (const Block& b : blocks) offsets.push_back(offsets.back() + (std::size_t{b.rows} + (b.bias ? 1 : 0)) * padded(b.columns));
  return offsets;
}

Model::Model(Architecture architecture)
    : architecture_(std::move(architecture)),
      output_(architecture_.extents().back()),
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
