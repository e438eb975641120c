#include "agents/nn/elementwise.hpp"

#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "sim/core/checks.hpp"

namespace swarm {
namespace nn {

void exponential(std::span<const float> in, std::span<float> out) {
  EXPECT(in.size() == out.size());
  kernels_of(active_isa()).elementwise.exp({.in = in.data(), .out = out.data(), .n = in.size()});
}

void activate(Activation f, std::span<const float> in, std::span<float> out) {
  EXPECT(in.size() == out.size());
  kernels_of(active_isa())
      .elementwise.activate({.activation = f, .in = in.data(), .out = out.data(), .n = in.size()});
}

void activation_gradient(Activation f, std::span<const float> at, std::span<const float> delta,
                         std::span<float> gradient) {
  EXPECT(f == Activation::none || at.size() == delta.size());
  EXPECT(delta.size() == gradient.size());
  kernels_of(active_isa())
      .elementwise.gradient({.activation = f,
                             .at = at.data(),
                             .delta = delta.data(),
                             .gradient = gradient.data(),
                             .n = delta.size()});
}

}  // namespace nn
}  // namespace swarm
