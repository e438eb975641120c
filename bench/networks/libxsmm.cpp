#include <libxsmm.h>

#include <algorithm>
#include <stdexcept>

#include "bench/networks/epilogue.hpp"
#include "bench/networks/peers.hpp"

namespace swarm {
namespace bench {
namespace {

/// Row-major y = x·W is column-major Yᵀ = Wᵀ·Xᵀ: the library's A is the weights [in][padded out], its B the
/// activations.
class Libxsmm final : public Contestant {
 public:
  Libxsmm(const Problem& problem, bool prefetch)
      : Contestant(prefetch ? "libxsmm prefetching" : "libxsmm"),
        problem_(problem),
        front_(problem.widest()),
        back_(problem.widest()),
        outputs_(problem.models.size() * problem.batch * problem.outputs()) {
    for (std::size_t l = 0; l < problem.layers(); ++l) add_layer(l, prefetch);
    weights_.resize(problem.models.size() * model_floats_);
    for (std::size_t m = 0; m < problem.models.size(); ++m)
      copy(problem.models[m], weights_.data() + m * model_floats_);
  }

  void pass() override {
    const std::size_t models = problem_.models.size();
    for (std::size_t m = 0; m < models; ++m) {
      const float* model = weights_.data() + m * model_floats_;
      const float* next = m + 1 < models ? model + model_floats_ : model;
      const float* x = problem_.input(m);
      float *y = front_.data(), *other = back_.data();
      for (const Layer& layer : layers_) {
        const bool last = &layer == &layers_.back();
        if (last) y = outputs_.data() + m * problem_.batch * layer.out;
        layer.multiply(model + layer.weights, x, y, next + layer.weights, x, y);
        add_bias(y, problem_.batch, layer.out, last ? layer.out : nn::padded(layer.out), model + layer.bias,
                 !last);
        x = y;
        std::swap(y, other);
      }
    }
  }
  std::vector<float> outputs() const override { return {outputs_.begin(), outputs_.end()}; }

 private:
  struct Layer {
    libxsmm_smmfunction multiply;
    std::size_t out;
    std::size_t weights, bias;  // where they begin in a model [floats]
  };

  void add_layer(std::size_t l, bool prefetch) {
    const std::size_t in = problem_.in(l), out = problem_.out(l), width = nn::padded(out);
    const bool last = l + 1 == problem_.layers();
    const auto m = static_cast<libxsmm_blasint>(out), n = static_cast<libxsmm_blasint>(problem_.batch),
               k = static_cast<libxsmm_blasint>(in), lda = static_cast<libxsmm_blasint>(width),
               ldb = l == 0 ? k : static_cast<libxsmm_blasint>(nn::padded(in)), ldc = last ? m : lda;
    const float alpha = 1, beta = 0;
    const int how = prefetch ? LIBXSMM_GEMM_PREFETCH_AL2 : LIBXSMM_GEMM_PREFETCH_NONE;
    const libxsmm_smmfunction kernel =
        libxsmm_smmdispatch(m, n, k, &lda, &ldb, &ldc, &alpha, &beta, nullptr, &how);
    if (kernel == nullptr)
      throw std::runtime_error("libxsmm has no kernel for " + shape_name(problem_.shape));
    layers_.push_back({kernel, out, model_floats_, model_floats_ + in * width});
    model_floats_ += (in + 1) * width;
  }

  void copy(const nn::Model& model, float* to) {
    for (std::size_t l = 0; l < model.blocks(); ++l) {
      for (std::size_t i = 0; i < model.rows(l); ++i)
        for (std::size_t o = 0; o < model.columns(l); ++o)
          to[layers_[l].weights + i * model.width(l) + o] = model.weight(l, i, o);
      std::copy(model.bias(l).begin(), model.bias(l).end(), to + layers_[l].bias);
    }
  }

  const Problem& problem_;
  std::vector<Layer> layers_;
  std::size_t model_floats_ = 0;
  nn::AlignedFloats weights_, front_, back_, outputs_;
};

}  // namespace

std::unique_ptr<Contestant> make_libxsmm(const Problem& problem, bool prefetch) {
  return std::make_unique<Libxsmm>(problem, prefetch);
}

}  // namespace bench
}  // namespace swarm
