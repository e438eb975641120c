#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "agents/nn/architecture.hpp"
#include "agents/nn/isa/dense.hpp"

/// Small perceptrons that take one sample each: all layers in one call of a kernel, model after model, since what
/// surrounds a layer would take longer than the layer.
namespace swarm {
namespace nn {

/// What an architecture decides; its models differ by parameters alone.
class SmallNetwork {
 public:
  /// Nothing if a layer is not dense, reads or gives several rows, or is wide enough to be run on its own.
  static std::optional<SmallNetwork> of(const Architecture& architecture);

  /// `count` models, one sample each. Outputs have the bits of Network::run().
  void run(const isa::SmallModel* models, std::size_t count) const;

 private:
  std::array<isa::SmallLayer, isa::kSmallLayers> layers_;
  std::size_t size_ = 0;
};

}  // namespace nn
}  // namespace swarm
