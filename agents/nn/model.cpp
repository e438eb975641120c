#include "agents/nn/model.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "sim/core/errors.hpp"

namespace swarm {
namespace nn {

std::size_t MlpShape::parameters() const {
  std::size_t sum = 0;
  for (std::size_t l = 1; l < widths.size(); ++l) sum += (std::size_t{widths[l - 1]} + 1) * widths[l];
  return sum;
}

Model::Model(MlpShape shape) : shape_(std::move(shape)) {
  const auto& widths = shape_.widths;
  if (widths.size() < 2 || std::find(widths.begin(), widths.end(), 0u) != widths.end())
    throw ModelError("a network needs an input and an output layer, each at least 1 wide");
  offsets_.resize(widths.size() - 1);
  std::size_t total = 0;
  for (std::size_t l = 0; l < layers(); ++l) {
    offsets_[l] = total;
    total += (inputs(l) + 1) * width(l);
  }
  storage_.assign(total, 0.0f);
}

std::vector<float> Model::packed() const {
  std::vector<float> out;
  out.reserve(shape_.parameters());
  for (std::size_t l = 0; l < layers(); ++l) {
    for (std::size_t i = 0; i < inputs(l); ++i)
      for (std::size_t o = 0; o < outputs(l); ++o) out.push_back(weight(l, i, o));
    out.insert(out.end(), bias(l).begin(), bias(l).begin() + static_cast<std::ptrdiff_t>(outputs(l)));
  }
  return out;
}

Model Model::unpack(MlpShape shape, std::span<const float> parameters) {
  Model model(std::move(shape));
  if (parameters.size() != model.shape_.parameters())
    throw ModelError(fmt::format("{} numbers cannot fill a network of {} parameters", parameters.size(),
                                 model.shape_.parameters()));
  const float* from = parameters.data();
  for (std::size_t l = 0; l < model.layers(); ++l) {
    for (std::size_t i = 0; i < model.inputs(l); ++i)
      for (std::size_t o = 0; o < model.outputs(l); ++o) model.weight(l, i, o) = *from++;
    std::copy_n(from, model.outputs(l), model.bias(l).data());
    from += model.outputs(l);
  }
  return model;
}

WorkCount group_cost(const MlpShape& shape, std::uint64_t samples) {
  std::uint64_t macs = 0, parameters = 0, activations = 0;
  for (std::size_t l = 1; l < shape.widths.size(); ++l) {
    const std::uint64_t in = shape.widths[l - 1], out = shape.widths[l];
    macs += in * out;
    parameters += (in + 1) * out;
    activations += in + out;
  }
  return {macs * samples, sizeof(float) * (parameters + activations * samples)};
}

WorkCount pass_cost(const MlpShape& shape) {
  return group_cost(shape, 1);
}

}  // namespace nn
}  // namespace swarm
