#include "bench/networks/onednn_layer.hpp"
#include "bench/networks/peers.hpp"

namespace swarm {
namespace bench {

std::unique_ptr<Contestant> make_onednn(const Problem& problem) {
  std::vector<OneDnnLayer> layers;
  for (std::size_t l = 0; l < problem.layers(); ++l)
    layers.push_back({.rows = static_cast<dnnl_dim_t>(problem.batch),
                      .in = static_cast<dnnl_dim_t>(problem.in(l)),
                      .out = static_cast<dnnl_dim_t>(problem.out(l)),
                      .relu = l + 1 < problem.layers()});
  auto networks = std::make_unique<OneDnnNetworks>("oneDNN", std::move(layers), problem.models.size());
  for (std::size_t m = 0; m < problem.models.size(); ++m) {
    const nn::Model& model = problem.models[m];
    const std::vector<float> packed = model.packed();  // per layer [in][out], then the bias
    const float* at = packed.data();
    std::vector<OneDnnNetworks::Parameters> parameters;
    for (std::size_t l = 0; l < problem.layers(); ++l) {
      const std::size_t weights = model.rows(l) * model.columns(l);
      parameters.push_back({at, at + weights});
      at += weights + model.columns(l);
    }
    networks->add(problem.input(m), parameters);
  }
  return networks;
}

}  // namespace bench
}  // namespace swarm
