#include <cblas.h>

#include <algorithm>

#include "bench/networks/epilogue.hpp"
#include "bench/networks/peers.hpp"

namespace swarm {
namespace bench {
namespace {

class OpenBlas final : public Contestant {
 public:
  explicit OpenBlas(const Problem& problem)
      : Contestant("OpenBLAS"),
        problem_(problem),
        front_(problem.widest()),
        back_(problem.widest()),
        outputs_(problem.models.size() * problem.batch * problem.outputs()) {
    for (const nn::Model& model : problem.models) {
      const std::vector<float> packed = model.packed();  // per layer [in][out], then the bias
      weights_.insert(weights_.end(), packed.begin(), packed.end());
    }
  }

  void pass() override {
    const float* weights = weights_.data();
    for (std::size_t m = 0; m < problem_.models.size(); ++m) {
      const float* x = problem_.input(m);
      float *y = front_.data(), *other = back_.data();
      for (std::size_t l = 0; l < problem_.layers(); ++l) {
        const std::size_t in = problem_.in(l), out = problem_.out(l);
        const bool last = l + 1 == problem_.layers();
        if (last) y = outputs_.data() + m * problem_.batch * out;
        multiply(x, weights, y, static_cast<int>(in), static_cast<int>(out));
        add_bias(y, problem_.batch, out, out, weights + in * out, !last);
        weights += (in + 1) * out;
        x = y;
        std::swap(y, other);
      }
    }
  }
  std::vector<float> outputs() const override { return {outputs_.begin(), outputs_.end()}; }

 private:
  void multiply(const float* x, const float* weights, float* y, int in, int out) const {
    const int rows = static_cast<int>(problem_.batch);
    if (rows == 1)
      cblas_sgemv(CblasRowMajor, CblasTrans, in, out, 1.0f, weights, out, x, 1, 0.0f, y, 1);
    else
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, out, in, 1.0f, x, in, weights, out, 0.0f,
                  y, out);
  }

  const Problem& problem_;
  nn::AlignedFloats weights_, front_, back_, outputs_;
};

}  // namespace

std::unique_ptr<Contestant> make_openblas(const Problem& problem) {
  return std::make_unique<OpenBlas>(problem);
}

}  // namespace bench
}  // namespace swarm
