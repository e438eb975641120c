#include "bench/networks/integer.hpp"
#include "bench/networks/onednn_layer.hpp"

namespace swarm {
namespace bench {
namespace {

class OneDnnInteger final : public Contestant {
 public:
  explicit OneDnnInteger(const IntegerProblem& problem)
      : Contestant("oneDNN int8"), outputs_(problem.models.size() * problem.batch * problem.outputs()) {
    using Type = OneDnnLayer::Type;
    std::vector<OneDnnLayer> layers;
    std::vector<dnnl::memory> activation;
    for (std::size_t l = 0; l < problem.layers(); ++l) {
      const bool last = l + 1 == problem.layers();
      layers.push_back({.rows = static_cast<dnnl_dim_t>(problem.batch),
                        .in = static_cast<dnnl_dim_t>(problem.shape.widths[l]),
                        .out = static_cast<dnnl_dim_t>(problem.shape.widths[l + 1]),
                        .relu = !last,
                        .from = Type::u8,
                        .to = last ? Type::f32 : Type::u8,
                        .scales = problem.scales[l]});
      layers.back().create(net_);
      activation.emplace_back(layers.back().target(), net_.engine);
    }
    for (std::size_t m = 0; m < problem.models.size(); ++m) {
      dnnl::memory x(layers.front().source(), net_.engine, const_cast<std::uint8_t*>(problem.input(m)));
      for (std::size_t l = 0; l < layers.size(); ++l) {
        dnnl::memory y = activation[l];
        if (l + 1 == layers.size())
          y = dnnl::memory(layers[l].target(), net_.engine,
                           outputs_.data() + m * problem.batch * problem.outputs());
        net_.add(layers[l], x, problem.models[m][l].weights.data(), problem.models[m][l].bias.data(), y);
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

std::unique_ptr<Contestant> make_onednn_integer(const IntegerProblem& problem) {
  return std::make_unique<OneDnnInteger>(problem);
}

}  // namespace bench
}  // namespace swarm
