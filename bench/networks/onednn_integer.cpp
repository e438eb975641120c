#include "bench/networks/integer.hpp"
#include "bench/networks/onednn_layer.hpp"

namespace swarm {
namespace bench {

std::unique_ptr<Contestant> make_onednn_integer(const IntegerProblem& problem) {
  using Type = OneDnnLayer::Type;
  std::vector<OneDnnLayer> layers;
  for (std::size_t l = 0; l < problem.layers(); ++l) {
    const bool last = l + 1 == problem.layers();
    layers.push_back({.rows = static_cast<dnnl_dim_t>(problem.batch),
                      .in = static_cast<dnnl_dim_t>(problem.shape.widths[l]),
                      .out = static_cast<dnnl_dim_t>(problem.shape.widths[l + 1]),
                      .relu = !last,
                      .from = Type::u8,
                      .to = last ? Type::f32 : Type::u8,
                      .scales = problem.scales[l]});
  }
  auto networks = std::make_unique<OneDnnNetworks>("oneDNN int8", std::move(layers), problem.models.size());
  for (std::size_t m = 0; m < problem.models.size(); ++m) {
    std::vector<OneDnnNetworks::Parameters> parameters;
    for (const IntegerLayer& layer : problem.models[m])
      parameters.push_back({layer.weights.data(), layer.bias.data()});
    networks->add(problem.input(m), parameters);
  }
  return networks;
}

}  // namespace bench
}  // namespace swarm
