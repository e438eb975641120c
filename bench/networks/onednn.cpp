#include <algorithm>
#include <oneapi/dnnl/dnnl.hpp>

#include "bench/networks/onednn_layer.hpp"
#include "bench/networks/peers.hpp"

namespace swarm {
namespace bench {
namespace {

class OneDnn final : public Contestant {
 public:
  explicit OneDnn(const Problem& problem)
      : Contestant("oneDNN"), outputs_(problem.models.size() * problem.batch * problem.outputs()) {
    const auto rows = static_cast<dnnl_dim_t>(problem.batch);
    std::vector<OneDnnLayer> layers;
    std::vector<dnnl::memory> activation;
    for (std::size_t l = 0; l < problem.layers(); ++l) {
      layers.push_back({.rows = rows,
                        .in = static_cast<dnnl_dim_t>(problem.in(l)),
                        .out = static_cast<dnnl_dim_t>(problem.out(l)),
                        .relu = l + 1 < problem.layers()});
      layers.back().create(net_);
      activation.emplace_back(layers.back().target(), net_.engine);
    }
    for (std::size_t m = 0; m < problem.models.size(); ++m) {
      const nn::Model& model = problem.models[m];
      const std::vector<float> packed = model.packed();  // per layer [in][out], then the bias
      const float* at = packed.data();
      dnnl::memory x(layers.front().source(), net_.engine, const_cast<float*>(problem.input(m)));
      for (std::size_t l = 0; l < layers.size(); ++l) {
        dnnl::memory y = activation[l];
        if (l + 1 == layers.size())
          y = dnnl::memory(layers[l].target(), net_.engine,
                           outputs_.data() + m * problem.batch * problem.outputs());
        const std::size_t weights = model.rows(l) * model.columns(l);
        net_.add(layers[l], x, at, at + weights, y);
        at += weights + model.columns(l);
        x = y;
      }
    }
  }
  void pass() override { net_.run(); }
  std::vector<float> outputs() const override { return {outputs_.begin(), outputs_.end()}; }

 private:
  OneDnnNet net_;
  nn::AlignedFloats outputs_;
};

}  // namespace

std::unique_ptr<Contestant> make_onednn(const Problem& problem) {
  return std::make_unique<OneDnn>(problem);
}

}  // namespace bench
}  // namespace swarm
