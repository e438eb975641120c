// Depthwise-separable convolution and attention against Eigen, one thread, beside the machine's peak.
// Parameters and activations stay in the caches. The kernels' instruction set follows SWARMSIM_SIMD; Eigen's
// follows the compiler's flags. Ratios are best taken from runs that alternate:
//   bench_nn_blocks --benchmark_enable_random_interleaving=true --benchmark_repetitions=9
#include <benchmark/benchmark.h>

#undef EIGEN_DONT_VECTORIZE  // a peer runs at its best
#include <Eigen/Dense>
#include <cmath>
#include <vector>

#include "agents/nn/attention.hpp"
#include "agents/nn/conv.hpp"
#include "agents/nn/isa.hpp"
#include "bench/machine.hpp"
#include "sim/core/rng.hpp"

namespace {

using namespace swarm;
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Row = Eigen::Matrix<float, 1, Eigen::Dynamic>;
using Index = Eigen::Index;

constexpr std::size_t kLength = 64;

/// Numbers in (−size, size).
nn::AlignedFloats noise(std::size_t n, std::uint64_t entity, double size) {
  const Random random(1, Stream::experiment);
  nn::AlignedFloats out(n);
  for (std::size_t i = 0; i < n; ++i)
    out[i] = static_cast<float>(
        size * (2.0 * uniform_open(random.block(0, entity, static_cast<std::uint32_t>(i))[0]) - 1.0));
  return out;
}

Matrix noise_matrix(Index rows, Index columns, std::uint64_t entity, double size) {
  return Eigen::Map<const Matrix>(noise(static_cast<std::size_t>(rows * columns), entity, size).data(), rows,
                                  columns);
}

void report(benchmark::State& state, const nn::WorkCount& work) {
  state.counters["MAC/s"] =
      benchmark::Counter(static_cast<double>(work.macs), benchmark::Counter::kIsIterationInvariantRate,
                         benchmark::Counter::kIs1000);
}

void fma_peak(benchmark::State& state) {
  constexpr std::size_t kRounds = 10000;
  std::uint64_t macs = 0;
  for (auto _ : state) {
    macs = bench::spin(bench::Arithmetic::fp32, kRounds);
    benchmark::ClobberMemory();
  }
  report(state, {macs, 0});
  state.SetLabel(std::string(enum_name(nn::active_isa())));
}

/// Depthwise, ReLU, pointwise, ReLU.
struct Separable {
  nn::ConvShape depthwise, pointwise;

  Separable(std::uint32_t channels, std::uint32_t kernel) {
    depthwise = {.in_channels = channels,
                 .out_channels = channels,
                 .kernel = kernel,
                 .pad_left = kernel / 2,
                 .pad_right = kernel / 2,
                 .group = channels};
    pointwise = {.in_channels = channels, .out_channels = channels};
  }
  nn::WorkCount work(std::uint64_t samples) const {
    nn::WorkCount sum = nn::conv_cost(depthwise, kLength, samples);
    return sum += nn::conv_cost(pointwise, kLength, samples);
  }
};

/// Arguments: channels (multiples of 16), kernel, samples.
void separable(benchmark::State& state) {
  const auto channels = static_cast<std::uint32_t>(state.range(0)),
             kernel = static_cast<std::uint32_t>(state.range(1));
  const auto samples = static_cast<std::size_t>(state.range(2));
  const Separable block(channels, kernel);
  const std::size_t floats = samples * kLength * channels;
  const nn::AlignedFloats x = noise(floats, 1, 1), taps = noise(nn::conv_parameters(block.depthwise), 2, 1),
                          weights = noise(nn::conv_parameters(block.pointwise), 3, 1 / std::sqrt(channels));
  nn::AlignedFloats between(floats), y(floats);
  for (auto _ : state) {
    nn::conv_forward(block.depthwise, {x.data(), channels, taps.data(), between.data(), samples, kLength,
                                       nn::Activation::relu, nullptr});
    nn::conv_forward(block.pointwise, {between.data(), channels, weights.data(), y.data(), samples, kLength,
                                       nn::Activation::relu, nullptr});
    benchmark::ClobberMemory();
  }
  report(state, block.work(samples));
  state.SetLabel(std::string(enum_name(nn::active_isa())));
}

/// The depthwise layer alone.
void depthwise(benchmark::State& state) {
  const auto channels = static_cast<std::uint32_t>(state.range(0)),
             kernel = static_cast<std::uint32_t>(state.range(1));
  const auto samples = static_cast<std::size_t>(state.range(2));
  const nn::ConvShape shape = Separable(channels, kernel).depthwise;
  const nn::AlignedFloats x = noise(samples * kLength * channels, 1, 1),
                          taps = noise(nn::conv_parameters(shape), 2, 1);
  nn::AlignedFloats y(x.size());
  for (auto _ : state) {
    nn::conv_forward(
        shape, {x.data(), channels, taps.data(), y.data(), samples, kLength, nn::Activation::relu, nullptr});
    benchmark::ClobberMemory();
  }
  report(state, nn::conv_cost(shape, kLength, samples));
}

void separable_eigen(benchmark::State& state) {
  const Index channels = state.range(0), kernel = state.range(1), samples = state.range(2), length = kLength;
  const Matrix x = noise_matrix(samples * length, channels, 1, 1),
               taps = noise_matrix(kernel, channels, 2, 1),
               weights = noise_matrix(channels, channels, 3, 1 / std::sqrt(static_cast<double>(channels)));
  const Row bias = noise_matrix(1, channels, 4, 1), bias2 = noise_matrix(1, channels, 5, 1);
  Matrix between(samples * length, channels), y(samples * length, channels);
  for (auto _ : state) {
    for (Index s = 0; s < samples; ++s) {
      auto out = between.middleRows(s * length, length);
      out.rowwise() = bias;
      for (Index k = 0; k < kernel; ++k) {
        const Index shift = k - kernel / 2, rows = length - std::abs(shift);
        out.middleRows(std::max<Index>(0, -shift), rows).array() +=
            x.middleRows(s * length + std::max<Index>(0, shift), rows).array().rowwise() *
            taps.row(k).array();
      }
      out = out.cwiseMax(0.0f);
    }
    y.noalias() = between * weights;
    y = (y.rowwise() + bias2).cwiseMax(0.0f);
    benchmark::ClobberMemory();
  }
  report(state, Separable(static_cast<std::uint32_t>(channels), static_cast<std::uint32_t>(kernel))
                    .work(static_cast<std::uint64_t>(samples)));
}

/// Training: both gradients of the separable block's layers, without the masks of ReLU.
void separable_backward(benchmark::State& state) {
  const auto channels = static_cast<std::uint32_t>(state.range(0)),
             kernel = static_cast<std::uint32_t>(state.range(1));
  const auto samples = static_cast<std::size_t>(state.range(2));
  const Separable block(channels, kernel);
  const std::size_t floats = samples * kLength * channels;
  const nn::AlignedFloats x = noise(floats, 1, 1), taps = noise(nn::conv_parameters(block.depthwise), 2, 1),
                          weights = noise(nn::conv_parameters(block.pointwise), 3, 1),
                          delta = noise(floats, 4, 1);
  nn::AlignedFloats between(floats), dx(floats), d_taps(taps.size()), d_weights(weights.size());
  nn::AlignedFloats scratch(nn::conv_backward_scratch(block.pointwise));
  for (auto _ : state) {
    nn::conv_backward(block.pointwise, {x.data(), channels, weights.data(), delta.data(), d_weights.data(),
                                        between.data(), samples, kLength, scratch.data()});
    nn::conv_backward(block.depthwise, {x.data(), channels, taps.data(), between.data(), d_taps.data(),
                                        dx.data(), samples, kLength, nullptr});
    benchmark::ClobberMemory();
  }
  nn::WorkCount work = block.work(samples);
  work.macs *= 2;
  report(state, work);
}

nn::AttentionShape attention_shape(const benchmark::State& state) {
  return {.tokens = static_cast<std::uint32_t>(state.range(0)),
          .width = static_cast<std::uint32_t>(state.range(1)),
          .heads = 4};
}

/// Arguments: tokens, width (a multiple of 16), samples. top_share: a query keeps one key in so many; 0 keeps
/// all.
void attend(benchmark::State& state, std::uint32_t top_share) {
  nn::AttentionShape shape = attention_shape(state);
  if (top_share > 0) shape.top_k = std::max(1u, shape.tokens / top_share);
  const auto samples = static_cast<std::size_t>(state.range(2));
  nn::AttentionWorkspace workspace(shape);
  const nn::AlignedFloats x = noise(samples * shape.tokens * shape.width, 1, 1),
                          parameters = noise(nn::attention_parameters(shape), 2, 2 / std::sqrt(shape.width));
  nn::AlignedFloats y(x.size());
  for (auto _ : state) {
    nn::attention_forward({x.data(), shape.width, parameters.data(), nullptr, y.data(), samples}, workspace);
    benchmark::ClobberMemory();
  }
  report(state, nn::attention_cost(shape, samples));
  state.SetLabel(std::string(enum_name(nn::active_isa())));
}

void attention(benchmark::State& state) {
  attend(state, 0);
}
void attention_top_tenth(benchmark::State& state) {
  attend(state, 10);
}

void attention_eigen(benchmark::State& state) {
  const nn::AttentionShape shape = attention_shape(state);
  const Index tokens = shape.tokens, width = shape.width, depth = width / shape.heads,
              samples = state.range(2);
  const Matrix x = noise_matrix(samples * tokens, width, 1, 1);
  std::vector<Matrix> weights;
  std::vector<Row> bias;
  for (std::uint64_t p = 0; p < 4; ++p) {
    weights.push_back(noise_matrix(width, width, 2 + p, 2 / std::sqrt(static_cast<double>(width))));
    bias.push_back(noise_matrix(1, width, 6 + p, 1));
  }
  Matrix q, k, v, scores, context(samples * tokens, width), y;
  const float scale = 1 / std::sqrt(static_cast<float>(depth));
  for (auto _ : state) {
    q.noalias() = x * weights[0];
    q.rowwise() += bias[0];
    k.noalias() = x * weights[1];
    k.rowwise() += bias[1];
    v.noalias() = x * weights[2];
    v.rowwise() += bias[2];
    for (Index s = 0; s < samples; ++s)
      for (Index c = 0; c < width; c += depth) {
        scores.noalias() =
            q.block(s * tokens, c, tokens, depth) * k.block(s * tokens, c, tokens, depth).transpose();
        scores *= scale;
        scores.colwise() -= scores.rowwise().maxCoeff().eval();
        scores = scores.array().exp();
        scores.array().colwise() /= scores.rowwise().sum().array().eval();
        context.block(s * tokens, c, tokens, depth).noalias() =
            scores * v.block(s * tokens, c, tokens, depth);
      }
    y.noalias() = context * weights[3];
    y.rowwise() += bias[3];
    benchmark::ClobberMemory();
  }
  report(state, nn::attention_cost(shape, static_cast<std::uint64_t>(samples)));
}

/// Backward alone; it has about twice the forward pass's multiply-adds.
void attention_backward(benchmark::State& state) {
  const nn::AttentionShape shape = attention_shape(state);
  const auto samples = static_cast<std::size_t>(state.range(2));
  nn::AttentionWorkspace workspace(shape, samples);
  const nn::AlignedFloats x = noise(samples * shape.tokens * shape.width, 1, 1),
                          delta = noise(x.size(), 3, 1),
                          parameters = noise(nn::attention_parameters(shape), 2, 2 / std::sqrt(shape.width));
  nn::AlignedFloats y(x.size()), dx(x.size()), gradient(parameters.size());
  nn::attention_forward({x.data(), shape.width, parameters.data(), nullptr, y.data(), samples}, workspace);
  for (auto _ : state) {
    nn::attention_backward({x.data(), shape.width, parameters.data(), nullptr, delta.data(), gradient.data(),
                            dx.data(), samples},
                           workspace);
    benchmark::ClobberMemory();
  }
  nn::WorkCount work = nn::attention_cost(shape, samples);
  work.macs *= 2;
  report(state, work);
}

void block_sizes(benchmark::internal::Benchmark* b) {
  b->ArgsProduct({{16, 32, 64}, {3, 5}, {1, 8, 32}})->Unit(benchmark::kMicrosecond);
}
void attention_sizes(benchmark::internal::Benchmark* b) {
  b->ArgsProduct({{16, 64}, {32, 128}, {1, 8, 32}})->Unit(benchmark::kMicrosecond);
}

BENCHMARK(fma_peak);
BENCHMARK(separable)->Apply(block_sizes);
BENCHMARK(separable_eigen)->Apply(block_sizes);
BENCHMARK(depthwise)->Args({16, 3, 8})->Args({64, 5, 8})->Unit(benchmark::kMicrosecond);
BENCHMARK(separable_backward)->Args({16, 3, 8})->Args({64, 5, 8})->Unit(benchmark::kMicrosecond);
BENCHMARK(attention)->Apply(attention_sizes);
BENCHMARK(attention_eigen)->Apply(attention_sizes);
BENCHMARK(attention_top_tenth)->Apply(attention_sizes);
BENCHMARK(attention_backward)->Args({16, 32, 8})->Args({64, 128, 8})->Unit(benchmark::kMicrosecond);

}  // namespace
