#include <immintrin.h>
#include <libxsmm.h>

#include <algorithm>
#include <stdexcept>

#include "bench/networks/integer.hpp"

namespace swarm {
namespace bench {
namespace {

/// 16 sums with bias and scale.
__attribute__((target("avx512f"))) inline __m512 scaled(const std::int32_t* sums, const std::int32_t* bias,
                                                        const float* scale) {
  return _mm512_mul_ps(
      _mm512_cvtepi32_ps(_mm512_add_epi32(_mm512_loadu_si512(sums), _mm512_loadu_si512(bias))),
      _mm512_loadu_ps(scale));
}

/// Rows of `width` sums, padded to 16, to bytes.
__attribute__((target("avx512f"))) void to_bytes(const std::int32_t* sums, std::size_t rows,
                                                 std::size_t width, const std::int32_t* bias,
                                                 const float* scale, std::uint8_t* y) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < width; c += 16) {
      const __m512i rounded = _mm512_cvtps_epi32(scaled(sums + r * width + c, bias + c, scale + c));
      const __m512i positive = _mm512_max_epi32(rounded, _mm512_setzero_si512());
      _mm_storeu_si128(reinterpret_cast<__m128i*>(y + r * width + c), _mm512_cvtusepi32_epi8(positive));
    }
}

/// Rows of `width` sums, padded to 16, to `columns` floats.
__attribute__((target("avx512f"))) void to_floats(const std::int32_t* sums, std::size_t rows,
                                                  std::size_t width, std::size_t columns,
                                                  const std::int32_t* bias, const float* scale, float* y) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; c += 16) {
      const __mmask16 mask =
          columns - c >= 16 ? 0xFFFF
                            : static_cast<__mmask16>(_bzhi_u32(0xFFFF, static_cast<unsigned>(columns - c)));
      _mm512_mask_storeu_ps(y + r * columns + c, mask, scaled(sums + r * width + c, bias + c, scale + c));
    }
}

/// As in fp32 (libxsmm.cpp) but four inputs of an output lie side by side, as vpdpbusd takes them.
class LibxsmmInteger final : public Contestant {
 public:
  explicit LibxsmmInteger(const IntegerProblem& problem)
      : Contestant("libxsmm int8"),
        problem_(problem),
        outputs_(problem.models.size() * problem.batch * problem.outputs()) {
    std::size_t widest = 0;
    for (std::size_t l = 0; l < problem.layers(); ++l) {
      add_layer(l);
      widest = std::max(widest, problem.batch * nn::padded(problem.shape.widths[l + 1]));
    }
    sums_.resize(widest);
    front_.resize(widest);
    back_.resize(widest);
    for (const auto& model : problem.models)
      for (std::size_t l = 0; l < problem.layers(); ++l) copy(model[l]);
  }

  void pass() override {
    const char* weights = weights_.data();
    const std::int32_t* bias = bias_.data();
    for (std::size_t m = 0; m < problem_.models.size(); ++m) {
      const std::uint8_t* x = problem_.input(m);
      std::uint8_t *y = front_.data(), *other = back_.data();
      for (const Layer& layer : layers_) {
        layer.multiply(weights, x, sums_.data());
        if (&layer == &layers_.back())
          to_floats(sums_.data(), problem_.batch, layer.width, problem_.outputs(), bias, layer.scale.data(),
                    outputs_.data() + m * problem_.batch * problem_.outputs());
        else
          to_bytes(sums_.data(), problem_.batch, layer.width, bias, layer.scale.data(), y);
        weights += layer.in * layer.width;
        bias += layer.width;
        x = y;
        std::swap(y, other);
      }
    }
  }
  std::vector<float> outputs() const override { return {outputs_.begin(), outputs_.end()}; }

 private:
  struct Layer {
    libxsmm_subimmfunction multiply;
    std::size_t in, width;  // outputs padded to 16
    std::vector<float> scale;
  };
  template <class T>
  using Aligned = std::vector<T, nn::AlignedAllocator<T>>;

  void add_layer(std::size_t l) {
    const std::size_t in = problem_.shape.widths[l], width = nn::padded(problem_.shape.widths[l + 1]);
    const auto m = static_cast<libxsmm_blasint>(width), n = static_cast<libxsmm_blasint>(problem_.batch),
               k = static_cast<libxsmm_blasint>(in),
               ldb = l == 0 ? k : static_cast<libxsmm_blasint>(nn::padded(in));
    const int alpha = 1, beta = 0;
    const libxsmm_subimmfunction kernel =
        in % 4 == 0 ? libxsmm_subimmdispatch(m, n, k, &m, &ldb, &m, &alpha, &beta, nullptr, nullptr)
                    : nullptr;
    if (kernel == nullptr)
      throw std::runtime_error("libxsmm has no int8 kernel for " + shape_name(problem_.shape));
    layers_.push_back({kernel, in, width, problem_.scales[l]});
    layers_.back().scale.resize(width);
  }

  void copy(const IntegerLayer& layer) {
    const std::size_t width = nn::padded(layer.out), at = weights_.size();
    weights_.resize(at + layer.in * width);
    for (std::size_t i = 0; i < layer.in; ++i)
      for (std::size_t o = 0; o < layer.out; ++o)
        weights_[at + (i / 4 * width + o) * 4 + i % 4] = static_cast<char>(layer.weights[i * layer.out + o]);
    bias_.insert(bias_.end(), layer.bias.begin(), layer.bias.end());
    bias_.resize(bias_.size() + width - layer.out);
  }

  const IntegerProblem& problem_;
  std::vector<Layer> layers_;
  Aligned<char> weights_;
  Aligned<std::int32_t> bias_, sums_;
  Aligned<std::uint8_t> front_, back_;
  nn::AlignedFloats outputs_;
};

}  // namespace

std::unique_ptr<Contestant> make_libxsmm_integer(const IntegerProblem& problem) {
  return std::make_unique<LibxsmmInteger>(problem);
}

}  // namespace bench
}  // namespace swarm
