#include <utility>

#include "agents/nn/half.hpp"
#include "bench/networks/onednn_layer.hpp"
#include "bench/networks/peers.hpp"

namespace swarm {
namespace bench {
namespace {

/// Takes its inputs in bf16 already, which ours rounds as it goes.
class OneDnnBf16 final : public Contestant {
 public:
  OneDnnBf16(const Problem& problem, std::vector<OneDnnLayer> layers)
      : Contestant("oneDNN bf16"), networks_("oneDNN bf16", std::move(layers), problem.models.size()) {
    for (const float x : problem.inputs) inputs_.push_back(nn::to_bf16(x));
    for (std::size_t m = 0; m < problem.models.size(); ++m) {
      const std::vector<float> packed = problem.models[m].packed();
      const float* at = packed.data();
      std::vector<OneDnnNetworks::Parameters> parameters;
      for (std::size_t l = 0; l < problem.layers(); ++l) {
        const std::size_t weights = problem.in(l) * problem.out(l);
        parameters.push_back({at, at + weights});
        at += weights + problem.out(l);
      }
      networks_.add(inputs_.data() + m * problem.batch * problem.in(), parameters);
    }
  }
  void pass() override { networks_.pass(); }
  std::vector<float> outputs() const override { return networks_.outputs(); }

 private:
  std::vector<std::uint16_t> inputs_;
  OneDnnNetworks networks_;
};

}  // namespace

std::unique_ptr<Contestant> make_onednn_bf16(const Problem& problem) {
  using Type = OneDnnLayer::Type;
  std::vector<OneDnnLayer> layers;
  for (std::size_t l = 0; l < problem.layers(); ++l) {
    const bool last = l + 1 == problem.layers();
    layers.push_back({.rows = static_cast<dnnl_dim_t>(problem.batch),
                      .in = static_cast<dnnl_dim_t>(problem.in(l)),
                      .out = static_cast<dnnl_dim_t>(problem.out(l)),
                      .relu = !last,
                      .from = Type::bf16,
                      .to = last ? Type::f32 : Type::bf16});
  }
  return std::make_unique<OneDnnBf16>(problem, std::move(layers));
}

}  // namespace bench
}  // namespace swarm
