#include <algorithm>
#include <cstring>

#include "agents/nn/integer_layer.hpp"
#include "bench/networks/integer.hpp"

namespace swarm {
namespace bench {
namespace {

/// The output's scale is that of its weights, activations are their own numbers, and saturation is ReLU.
constexpr nn::Affine kBytes{.scale = 1.0f, .zero_point = 0};

class SwarmInteger final : public Contestant {
 public:
  explicit SwarmInteger(const IntegerProblem& problem)
      : Contestant("swarmsim"),
        problem_(problem),
        outputs_(problem.models.size() * problem.batch * problem.outputs()) {
    std::vector<nn::IntegerLayer> packed;
    std::size_t room = 0;
    for (const std::vector<IntegerLayer>& model : problem.models)
      for (std::size_t l = 0; l < problem.layers(); ++l) {
        packed.push_back(pack(model[l], problem.scales[l]));
        room += packed.back().bytes();
      }
    parameters_.reserve(room);
    for (const nn::IntegerView layer : packed) add(layer);
    // What is near the processor fetches in time by itself.
    if (static_cast<double>(parameters_.size()) > 4.0 * static_cast<double>(caches().l2))
      ahead_ = static_cast<std::intptr_t>(parameters_.size() / problem.models.size());
    std::size_t widest = 0;
    for (const nn::IntegerView& layer : layers_) widest = std::max(widest, layer.width());
    for (Bytes& bytes : between_) bytes.resize(problem.batch * widest);
    const std::size_t in = problem.shape.widths.front(), rows = problem.models.size() * problem.batch;
    inputs_.resize(rows * nn::padded(in));
    for (std::size_t r = 0; r < rows; ++r)
      std::copy_n(problem.inputs.data() + r * in, in, inputs_.data() + r * nn::padded(in));
  }

  void pass() override {
    const std::size_t depth = problem_.layers(), models = problem_.models.size();
    const std::size_t stride = nn::padded(problem_.shape.widths.front());
    for (std::size_t m = 0; m < models; ++m) {
      const nn::IntegerView* layer = layers_.data() + m * depth;
      const std::intptr_t ahead = m + 1 < models ? ahead_ : 0;
      nn::ByteRows rows{inputs_.data() + m * problem_.batch * stride, stride, problem_.batch};
      for (std::size_t l = 0; l + 1 < depth; ++l, ++layer) {
        std::uint8_t* y = between_[l % 2].data();
        nn::forward_bytes(*layer, rows, nn::Activation::relu, kBytes, y, layer->width(), ahead);
        rows.q = y;
        rows.stride = layer->width();
      }
      nn::forward(*layer, rows, nn::Activation::none, outputs_.data() + m * problem_.batch * problem_.outputs(),
                  problem_.outputs(), problem_.outputs(), ahead);
    }
  }
  std::vector<float> outputs() const override { return {outputs_.begin(), outputs_.end()}; }

 private:
  using Bytes = std::vector<std::uint8_t, nn::AlignedAllocator<std::uint8_t>>;

  nn::IntegerLayer pack(const IntegerLayer& layer, const std::vector<float>& scale) const {
    std::vector<float> bias;
    for (std::size_t o = 0; o < layer.out; ++o) bias.push_back(scale[o] * static_cast<float>(layer.bias[o]));
    nn::IntegerLayer packed(nn::IntegerWeights{problem_.format, layer.in, layer.out, layer.weights, scale}, bias);
    packed.calibrate(kBytes);
    return packed;
  }

  /// Copies what static ranges need of a layer.
  void add(nn::IntegerView layer) {
    layer.minus_sums = nullptr;
    layer.scale = nullptr;
    layer.input = &kBytes;
    layer.weights = append(layer.weights, layer.groups() * layer.width());
    layer.bias = append(layer.bias, layer.width());
    layer.static_start = append(layer.static_start, layer.width());
    layer.static_scale = append(layer.static_scale, layer.width());
    layers_.push_back(layer);
  }
  /// Where `count` numbers now lie; room for all has been reserved.
  template <class T>
  const T* append(const T* from, std::size_t count) {
    const std::size_t at = parameters_.size();
    parameters_.resize(at + count * sizeof(T));
    std::memcpy(parameters_.data() + at, from, count * sizeof(T));
    return reinterpret_cast<const T*>(parameters_.data() + at);
  }

  const IntegerProblem& problem_;
  Bytes parameters_;  // of all models, one after another, as a weight store has them
  std::vector<nn::IntegerView> layers_;
  std::intptr_t ahead_ = 0;  // bytes to the next model's
  Bytes inputs_, between_[2];
  nn::AlignedFloats outputs_;
};

}  // namespace

std::unique_ptr<Contestant> make_swarm_integer(const IntegerProblem& problem) {
  return std::make_unique<SwarmInteger>(problem);
}

}  // namespace bench
}  // namespace swarm
