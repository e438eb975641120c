#include "agents/nn/small_network.hpp"

#include <variant>

#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "agents/nn/panel.hpp"

namespace swarm {
namespace nn {

std::optional<SmallNetwork> SmallNetwork::of(const Architecture& architecture) {
  if (architecture.input.rows != 1 || architecture.layers.size() > isa::kSmallLayers) return std::nullopt;
  SmallNetwork found;
  std::size_t in = architecture.input.width, next = 0;
  for (const Layer& layer : architecture.layers) {
    const Linear* linear = std::get_if<Linear>(&layer);
    if (linear == nullptr || linear->outputs > isa::kSmallWidth) return std::nullopt;
    const std::size_t width = padded(linear->outputs);
    found.layers_[found.size_++] = {next, next + in * width, in, width, width, linear->activation};
    next += (in + 1) * width;
    in = linear->outputs;
  }
  found.layers_[found.size_ - 1].columns = in;
  return found;
}

void SmallNetwork::run(const isa::SmallModel* models, std::size_t count) const {
  kernels_of(active_isa()).dense.small({layers_.data(), size_, models, count});
}

}  // namespace nn
}  // namespace swarm
