// Elementary functions, row operations and look-ups against Eigen's array functions, one thread: nanoseconds
// per element on every instruction set of the machine. Eigen's set follows the compiler's flags.
#include <benchmark/benchmark.h>

#undef EIGEN_DONT_VECTORIZE  // a peer runs at its best
#include <Eigen/Dense>
#include <string>
#include <unsupported/Eigen/SpecialFunctions>
#include <vector>

#include "agents/nn/elementwise.hpp"
#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "agents/nn/lookup.hpp"
#include "agents/nn/model.hpp"
#include "agents/nn/rows.hpp"
#include "sim/core/rng.hpp"

namespace {

using namespace swarm;
using Array = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
constexpr std::size_t kElements = 4096;  // input and output stay in the first-level cache

/// Numbers in (−size, size).
std::vector<float> noise(std::size_t n, std::uint64_t entity, float size) {
  const Random random(1, Stream::experiment);
  std::vector<float> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    const RandomBlock block = random.block(0, entity, static_cast<std::uint32_t>(i));
    out[i] = size * static_cast<float>(2.0 * uniform_open(block[0]) - 1.0);
  }
  return out;
}

void report(benchmark::State& state, std::size_t elements) {
  state.counters["s/element"] =
      benchmark::Counter(static_cast<double>(elements),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

/// Runs `work` on the set of the first argument.
template <class Work>
void on_set(benchmark::State& state, std::size_t elements, Work work) {
  const auto set = static_cast<nn::Isa>(state.range(0));
  if (!nn::supported(set)) return state.SkipWithError("this machine lacks the set");
  nn::force_isa_for_tests(set);
  for (auto _ : state) {
    work();
    benchmark::ClobberMemory();
  }
  nn::force_isa_for_tests(std::nullopt);
  state.SetLabel(std::string(enum_name(set)));
  report(state, elements);
}

void exponential(benchmark::State& state) {
  const std::vector<float> x = noise(kElements, 1, 8.0f);
  std::vector<float> y(kElements);
  on_set(state, kElements, [&] { nn::exponential(x, y); });
}
void activate(benchmark::State& state, nn::Activation f) {
  const std::vector<float> x = noise(kElements, 1, 8.0f);
  std::vector<float> y(kElements);
  on_set(state, kElements, [&] { nn::activate(f, x, y); });
}
void gradient(benchmark::State& state, nn::Activation f) {
  const std::vector<float> x = noise(kElements, 1, 1.0f), delta = noise(kElements, 2, 1.0f);
  std::vector<float> y(kElements);
  on_set(state, kElements, [&] { nn::activation_gradient(f, x, delta, y); });
}

/// The same in Eigen.
template <class Function>
void eigen(benchmark::State& state, Function f) {
  const std::vector<float> numbers = noise(kElements, 1, 8.0f);
  const Array x = Eigen::Map<const Array>(numbers.data(), 1, kElements);
  Array y(1, kElements);
  for (auto _ : state) {
    y = f(x);
    benchmark::DoNotOptimize(y.data());
    benchmark::ClobberMemory();
  }
  report(state, kElements);
}
void eigen_exp(benchmark::State& state) {
  eigen(state, [](const Array& x) { return x.exp(); });
}
void eigen_tanh(benchmark::State& state) {
  eigen(state, [](const Array& x) { return x.tanh(); });
}
void eigen_sigmoid(benchmark::State& state) {
  eigen(state, [](const Array& x) { return x.logistic(); });
}
void eigen_gelu(benchmark::State& state) {
  eigen(state, [](const Array& x) { return 0.5f * x * (1.0f + (x * 0.70710678f).erf()); });
}

/// Rows of the second argument's width, about 4,096 elements.
struct Table {
  std::size_t width, rows;
  std::vector<float> x, y, gain, bias, means, scales;

  explicit Table(std::size_t w)
      : width(w),
        rows(kElements / w),
        x(noise(rows * w, 1, 8.0f)),
        y(rows * w),
        gain(noise(w, 2, 1.0f)),
        bias(noise(w, 3, 1.0f)),
        means(rows),
        scales(rows) {}
  nn::Rows<const float> in() const { return nn::Rows<const float>::packed(x.data(), rows, width); }
  nn::Rows<float> out() { return nn::Rows<float>::packed(y.data(), rows, width); }
  nn::NormParameters norm() const { return {.gain = gain, .bias = bias}; }
  Array array() const {
    return Eigen::Map<const Array>(x.data(), static_cast<Eigen::Index>(rows),
                                   static_cast<Eigen::Index>(width));
  }
};

void softmax(benchmark::State& state) {
  Table t(static_cast<std::size_t>(state.range(1)));
  on_set(state, t.x.size(), [&] { nn::softmax(t.in(), t.out()); });
}
void softmax_gradient(benchmark::State& state) {
  Table t(static_cast<std::size_t>(state.range(1)));
  on_set(state, t.x.size(), [&] { nn::softmax_gradient(t.in(), t.in(), t.out()); });
}
void layer_norm(benchmark::State& state) {
  Table t(static_cast<std::size_t>(state.range(1)));
  on_set(state, t.x.size(), [&] { nn::layer_norm(t.in(), t.norm(), t.out()); });
}
void layer_norm_gradient(benchmark::State& state) {
  Table t(static_cast<std::size_t>(state.range(1)));
  const nn::NormMoments moments{.means = t.means, .scales = t.scales};
  nn::layer_norm(t.in(), t.norm(), t.out(), moments);
  std::vector<float> of_gain(t.width), of_bias(t.width);
  on_set(state, t.x.size(), [&] {
    nn::layer_norm_gradient(t.in(), t.norm(), moments, t.in(),
                            {.gradient = t.out(), .gain = of_gain, .bias = of_bias});
  });
}

void softmax_eigen(benchmark::State& state) {
  const Table t(static_cast<std::size_t>(state.range(0)));
  const Array x = t.array();
  Array y(x.rows(), x.cols());
  for (auto _ : state) {
    for (Eigen::Index r = 0; r < x.rows(); ++r) {
      y.row(r) = (x.row(r) - x.row(r).maxCoeff()).exp();
      y.row(r) *= 1.0f / y.row(r).sum();
    }
    benchmark::DoNotOptimize(y.data());
    benchmark::ClobberMemory();
  }
  report(state, t.x.size());
}
void layer_norm_eigen(benchmark::State& state) {
  const Table t(static_cast<std::size_t>(state.range(0)));
  const Array x = t.array();
  const Eigen::Map<const Array> gain(t.gain.data(), 1, x.cols()), bias(t.bias.data(), 1, x.cols());
  Array y(x.rows(), x.cols());
  for (auto _ : state) {
    for (Eigen::Index r = 0; r < x.rows(); ++r) {
      y.row(r) = x.row(r) - x.row(r).mean();
      const float scale = 1.0f / std::sqrt(y.row(r).square().mean() + 1e-5f);
      y.row(r) = y.row(r) * scale * gain + bias;
    }
    benchmark::DoNotOptimize(y.data());
    benchmark::ClobberMemory();
  }
  report(state, t.x.size());
}

/// The best 5 of 1,000 keys of width 64.
void cosine_top_5(benchmark::State& state) {
  const std::vector<float> keys = noise(1000 * 64, 1, 1.0f), query = noise(64, 2, 1.0f);
  const auto rows = nn::Rows<const float>::packed(keys.data(), 1000, 64);
  std::vector<float> inverse(1000), cosines(5);
  std::vector<std::uint32_t> indices(5);
  nn::SelectionScratch scratch;
  nn::inverse_norms(rows, inverse);
  on_set(state, 1000, [&] { nn::cosine_top_k(query, rows, inverse, indices, cosines, scratch); });
}

/// An 8-16-4 network, 64 samples at a time, with f after both layers.
void small_network(benchmark::State& state, nn::Activation f) {
  constexpr std::size_t kSamples = 64;
  nn::Model model(nn::MlpShape{{8, 16, 4}});
  const std::vector<float> weights = noise(model.data().size(), 1, 1.0f), x = noise(kSamples * 8, 2, 1.0f);
  std::copy(weights.begin(), weights.end(), model.data().begin());
  nn::AlignedFloats hidden(kSamples * 16), y(kSamples * 4);
  const auto layer = [&](std::size_t l, const float* from, float* to) {
    nn::kernels_of(nn::active_isa())
        .dense.forward({.x = from,
                        .x_stride = model.rows(l),
                        .weights = model.weights(l).data(),
                        .bias = model.bias(l).data(),
                        .y = to,
                        .y_stride = model.columns(l),
                        .rows = kSamples,
                        .in = model.rows(l),
                        .width = model.width(l),
                        .columns = model.columns(l),
                        .activation = f,
                        .ahead = 0});
  };
  on_set(state, kSamples, [&] {
    layer(0, x.data(), hidden.data());
    layer(1, hidden.data(), y.data());
  });
}

const std::vector<std::int64_t> kSets{0, 1, 2};
const std::vector<std::int64_t> kWidths{10, 64, 1000};

BENCHMARK(exponential)->ArgsProduct({kSets});
BENCHMARK(eigen_exp);
BENCHMARK_CAPTURE(activate, relu, nn::Activation::relu)->ArgsProduct({kSets});
BENCHMARK_CAPTURE(activate, tanh, nn::Activation::tanh)->ArgsProduct({kSets});
BENCHMARK(eigen_tanh);
BENCHMARK_CAPTURE(activate, sigmoid, nn::Activation::sigmoid)->ArgsProduct({kSets});
BENCHMARK(eigen_sigmoid);
BENCHMARK_CAPTURE(activate, gelu, nn::Activation::gelu)->ArgsProduct({kSets});
BENCHMARK(eigen_gelu);
BENCHMARK_CAPTURE(gradient, tanh, nn::Activation::tanh)->ArgsProduct({kSets});
BENCHMARK_CAPTURE(gradient, sigmoid, nn::Activation::sigmoid)->ArgsProduct({kSets});
BENCHMARK_CAPTURE(gradient, gelu, nn::Activation::gelu)->ArgsProduct({kSets});
BENCHMARK(softmax)->ArgsProduct({kSets, kWidths});
BENCHMARK(softmax_eigen)->ArgsProduct({kWidths});
BENCHMARK(softmax_gradient)->ArgsProduct({kSets, kWidths});
BENCHMARK(layer_norm)->ArgsProduct({kSets, kWidths});
BENCHMARK(layer_norm_eigen)->ArgsProduct({kWidths});
BENCHMARK(layer_norm_gradient)->ArgsProduct({kSets, kWidths});
BENCHMARK(cosine_top_5)->ArgsProduct({kSets})->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(small_network, relu, nn::Activation::relu)->ArgsProduct({kSets});
BENCHMARK_CAPTURE(small_network, tanh, nn::Activation::tanh)->ArgsProduct({kSets});

}  // namespace
