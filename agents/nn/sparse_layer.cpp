#include "agents/nn/sparse_layer.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "sim/core/errors.hpp"

namespace swarm {
namespace nn {

SparseLayer::SparseLayer(const Model& model, std::size_t b) {
  const std::size_t inputs = model.rows(b), outputs = model.columns(b);
  if (inputs * outputs > std::numeric_limits<std::uint32_t>::max())
    throw ModelError(fmt::format("a sparse layer cannot hold {} weights", inputs * outputs));
  std::vector<std::vector<std::uint32_t>> rows(outputs);  // per output its inputs, ascending
  for (std::size_t i = 0; i < inputs; ++i)
    for (std::size_t o = 0; o < outputs; ++o)
      if (model.weight(b, i, o) != 0.0f) rows[o].push_back(static_cast<std::uint32_t>(i));
  // Outputs of like length go together, so that a group's diagonals are full.
  std::vector<std::uint32_t> order(outputs);
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t x, std::uint32_t y) {
    return rows[x].size() != rows[y].size() ? rows[x].size() > rows[y].size() : x < y;
  });
  const bool narrow = inputs < std::size_t{1} << 16;  // the row of zeros after the inputs counts
  for (std::size_t first = 0; first < outputs; first += isa::kSparseGroup) {
    const std::size_t members = std::min(isa::kSparseGroup, outputs - first);
    isa::SparseGroup& group = groups_.emplace_back(isa::SparseGroup{});
    group.steps = static_cast<std::uint32_t>(rows[order[first]].size());
    for (std::size_t g = 0; g < members; ++g) {
      group.output[g] = order[first + g];
      group.bias[g] = model.bias(b)[order[first + g]];
      nonzeros_ += rows[order[first + g]].size();
    }
    for (std::size_t step = 0; step < group.steps; ++step)
      for (std::size_t g = 0; g < isa::kSparseGroup; ++g) {
        const bool nonzero = g < members && step < rows[group.output[g]].size();
        const std::size_t input = nonzero ? rows[group.output[g]][step] : inputs;
        values_.push_back(nonzero ? model.weight(b, input, group.output[g]) : -0.0f);
        if (narrow)
          narrow_.push_back(static_cast<std::uint16_t>(input));
        else
          wide_.push_back(static_cast<std::uint32_t>(input));
      }
  }
}

std::size_t SparseLayer::bytes() const {
  return values_.size() * sizeof(float) + narrow_.size() * sizeof(std::uint16_t) +
         wide_.size() * sizeof(std::uint32_t) + groups_.size() * sizeof(isa::SparseGroup);
}

}  // namespace nn
}  // namespace swarm
