#include "sim/io/onnx_cursor.hpp"

namespace swarm::io {
namespace {

nn::Activation* activation_of(nn::Layer& layer) {
  if (auto* linear = std::get_if<nn::Linear>(&layer)) return &linear->activation;
  if (auto* conv = std::get_if<nn::DepthwiseConv>(&layer)) return &conv->activation;
  return nullptr;
}

}  // namespace

std::vector<std::int64_t> OnnxCursor::dims() const {
  if (flat) return {extent.width};
  if (channels_first) return {extent.width, extent.rows};
  return {extent.rows, extent.width};
}

void OnnxLayers::add_without_bias(nn::Layer layer, std::vector<float> weights, std::size_t outputs) {
  entries_.push_back({std::move(layer), {std::move(weights), std::vector<float>(outputs)}, true});
}

bool OnnxLayers::set_bias(const std::vector<float>& bias) {
  if (entries_.empty() || !entries_.back().bias_missing) return false;
  const nn::Activation* activation = activation_of(entries_.back().layer);
  if (activation && *activation != nn::Activation::none) return false;
  entries_.back().parts.back() = bias;
  entries_.back().bias_missing = false;
  return true;
}

bool OnnxLayers::set_activation(nn::Activation activation) {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (std::holds_alternative<nn::Flatten>(entry->layer)) continue;
    nn::Activation* of = activation_of(entry->layer);
    if (!of || *of != nn::Activation::none) return false;
    *of = activation;
    return true;
  }
  return false;
}

nn::Model OnnxLayers::model(nn::Extent input) const {
  nn::Architecture architecture{input, {}};
  std::vector<float> packed;
  for (const Entry& entry : entries_) {
    architecture.layers.push_back(entry.layer);
    for (const auto& part : entry.parts) packed.insert(packed.end(), part.begin(), part.end());
  }
  return nn::Model::unpack(std::move(architecture), packed);
}

std::optional<std::vector<float>> spread(const OnnxTensor& constant, const OnnxCursor& over) {
  std::vector<std::int64_t> have = constant.dims, want = over.dims();
  want.insert(want.begin(), 1);  // the batch: all samples alike
  if (!constant.real || have.size() > want.size()) return std::nullopt;
  have.insert(have.begin(), want.size() - have.size(), 1);
  for (std::size_t d = 0; d < want.size(); ++d)
    if (have[d] != 1 && have[d] != want[d]) return std::nullopt;
  if (constant.floats.empty()) return std::nullopt;
  std::vector<float> out(over.extent.size());
  const auto along = [&](std::int64_t axis) { return axis > 0 && have[static_cast<std::size_t>(axis)] > 1; };
  const bool by_width = along(over.width_axis()), by_rows = !over.flat && along(over.rows_axis());
  const bool inner_is_width = over.width_axis() == over.rank() - 1;
  const std::size_t inner = inner_is_width ? (by_width ? over.extent.width : 1) : (by_rows ? over.extent.rows : 1);
  for (std::size_t r = 0; r < over.extent.rows; ++r)
    for (std::size_t c = 0; c < over.extent.width; ++c) {
      const std::size_t row = by_rows ? r : 0, column = by_width ? c : 0;
      out[r * over.extent.width + c] = constant.floats[inner_is_width ? row * inner + column : column * inner + row];
    }
  return out;
}

}  // namespace swarm::io
