// A 64-128-64-10 network with sparse and with 16-bit weights against the dense fp32 kernel and Eigen's
// SparseMatrix, one thread. Each model's weights are visited in turn (100 models), so that they come from the
// third-level cache; those named _cached visit one. Second argument: per cent of the weights that are zero.
// For ratios, let runs alternate:
//   --benchmark_repetitions=15 --benchmark_enable_random_interleaving=true
//   --benchmark_report_aggregates_only=true
// The kernels' instruction set follows SWARMSIM_SIMD; Eigen's follows the compiler's flags.
#include <benchmark/benchmark.h>

#undef EIGEN_DONT_VECTORIZE  // a peer runs at its best
#include <Eigen/Sparse>
#include <vector>

#include "agents/nn/network.hpp"
#include "agents/nn/isa.hpp"
#include "agents/nn/prune.hpp"
#include "agents/nn/train.hpp"
#include "bench/machine.hpp"

namespace {

using namespace swarm;
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;
using Sparse = Eigen::SparseMatrix<float, Eigen::RowMajor>;

constexpr std::size_t kModels = 100;
const nn::MlpShape kSmall{{64, 128, 64, 10}};

/// Numbers in (−1, 1), about half of them negative.
std::vector<float> noise(std::size_t n, std::uint64_t entity) {
  const Random random(1, Stream::experiment);
  std::vector<float> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    const RandomBlock block = random.block(0, entity, static_cast<std::uint32_t>(i));
    out[i] = static_cast<float>(2.0 * uniform_open(block[0]) - 1.0);
  }
  return out;
}

/// A model whose given share of weights, in percent, is zero.
nn::Model pruned_model(std::uint64_t entity, std::int64_t percent) {
  nn::Model model(kSmall);
  nn::initialise(model, Random(1, Stream::weight_init), entity);
  nn::prune_weights(model, static_cast<double>(percent) / 100.0);
  return model;
}

/// Time per model and the rate of multiply-adds truly executed.
void report(benchmark::State& state, std::size_t models, std::uint64_t macs_per_model) {
  const auto rate = benchmark::Counter::kIsIterationInvariantRate;
  state.counters["MAC/s"] =
      benchmark::Counter(static_cast<double>(models * macs_per_model), rate, benchmark::Counter::kIs1000);
  state.counters["per_model"] =
      benchmark::Counter(static_cast<double>(models), rate | benchmark::Counter::kInvert);
  state.SetLabel(std::string(enum_name(nn::active_isa())));
}

/// Times run(model m, inputs, outputs, n) over the models in turn.
template <class Net, class Run>
void measure(benchmark::State& state, const std::vector<Net>& nets, std::uint64_t macs_per_model, Run run) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const std::vector<float> inputs = noise(nets.size() * n * 64, 2);
  std::vector<float> outputs(n * 10);
  for (auto _ : state)
    for (std::size_t m = 0; m < nets.size(); ++m) {
      run(nets[m], inputs.data() + m * n * 64, outputs.data(), n);
      benchmark::ClobberMemory();
    }
  report(state, nets.size(), macs_per_model);
}

void packed_of(benchmark::State& state, std::size_t models, std::int64_t pruned, const nn::Numerics& numerics) {
  std::vector<nn::Model> originals;
  for (std::size_t m = 0; m < models; ++m) originals.push_back(pruned_model(m, pruned));
  std::vector<nn::PackedModel> nets;
  for (const nn::Model& model : originals) nets.emplace_back(model, numerics);
  nn::Scratch scratch;
  measure(state, nets, nets[0].cost().of(static_cast<std::uint64_t>(state.range(0))).macs,
          [&](const nn::PackedModel& net, const float* x, float* y, std::size_t n) {
            net.run(x, y, static_cast<std::uint32_t>(n), scratch);
          });
}

void dense_of(benchmark::State& state, std::size_t models) {
  packed_of(state, models, 0, {});
}

void sparse_of(benchmark::State& state, std::size_t models) {
  packed_of(state, models, state.range(1), {nn::Format::fp32, true});
}

void half_of(benchmark::State& state, std::size_t models, nn::Format format) {
  packed_of(state, models, 0, {format});
}

void bf16_dot_of(benchmark::State& state, std::size_t models) {
  if (!nn::bf16_dot_supported()) return state.SkipWithError("this machine has no such instruction");
  packed_of(state, models, 0, {nn::Format::bf16_dot});
}

void dense(benchmark::State& state) {
  dense_of(state, kModels);
}
void sparse(benchmark::State& state) {
  sparse_of(state, kModels);
}
void bf16(benchmark::State& state) {
  half_of(state, kModels, nn::Format::bf16);
}
void fp16(benchmark::State& state) {
  half_of(state, kModels, nn::Format::fp16);
}
void bf16_dot(benchmark::State& state) {
  bf16_dot_of(state, kModels);
}
void dense_cached(benchmark::State& state) {
  dense_of(state, 1);
}
void sparse_cached(benchmark::State& state) {
  sparse_of(state, 1);
}
void bf16_cached(benchmark::State& state) {
  half_of(state, 1, nn::Format::bf16);
}
void fp16_cached(benchmark::State& state) {
  half_of(state, 1, nn::Format::fp16);
}
void bf16_dot_cached(benchmark::State& state) {
  bf16_dot_of(state, 1);
}

/// Weights as rows of outputs times activations as columns of samples, the layouts in which Eigen is fastest
/// here.
struct EigenModel {
  std::vector<Sparse> weights;
  std::vector<Eigen::VectorXf> bias;

  explicit EigenModel(const nn::Model& model) {
    for (std::size_t l = 0; l < model.blocks(); ++l) {
      Sparse w(static_cast<Eigen::Index>(model.columns(l)), static_cast<Eigen::Index>(model.rows(l)));
      for (std::size_t o = 0; o < model.columns(l); ++o)
        for (std::size_t i = 0; i < model.rows(l); ++i)
          if (model.weight(l, i, o) != 0.0f)
            w.insert(static_cast<Eigen::Index>(o), static_cast<Eigen::Index>(i)) = model.weight(l, i, o);
      w.makeCompressed();
      weights.push_back(w);
      bias.emplace_back(Eigen::Map<const Eigen::VectorXf>(model.bias(l).data(), w.rows()));
    }
  }

  template <class Activations>
  void forward(const Eigen::Map<const Matrix>& x, std::vector<Activations>& a) const {
    for (std::size_t l = 0; l < weights.size(); ++l) {
      if (l == 0)
        a[l].noalias() = weights[l] * x;
      else
        a[l].noalias() = weights[l] * a[l - 1];
      a[l].colwise() += bias[l];
      if (l + 1 < weights.size()) a[l] = a[l].cwiseMax(0.0f);
    }
  }
};

void eigen_sparse(benchmark::State& state) {
  std::vector<EigenModel> nets;
  for (std::size_t m = 0; m < kModels; ++m) nets.emplace_back(pruned_model(m, state.range(1)));
  // Row-major activations let Eigen's row-major sparse product run along the samples.
  std::vector<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> a(3);
  std::uint64_t macs = 0;
  for (const Sparse& w : nets[0].weights) macs += static_cast<std::uint64_t>(w.nonZeros() * state.range(0));
  measure(state, nets, macs, [&](const EigenModel& net, const float* x, float*, std::size_t n) {
    net.forward(Eigen::Map<const Matrix>(x, 64, static_cast<Eigen::Index>(n)), a);
    benchmark::DoNotOptimize(a.back().data());
  });
}

void report_peak(benchmark::State& state, std::uint64_t macs) {
  state.counters["MAC/s"] = benchmark::Counter(
      static_cast<double>(macs), benchmark::Counter::kIsIterationInvariantRate, benchmark::Counter::kIs1000);
}

void fma_peak(benchmark::State& state) {
  constexpr std::size_t kRounds = 10000;
  std::uint64_t macs = 0;
  for (auto _ : state) {
    macs = bench::spin(bench::Arithmetic::fp32, kRounds);
    benchmark::ClobberMemory();
  }
  report_peak(state, macs);
  state.SetLabel(std::string(enum_name(nn::active_isa())));
}

void bf16_dot_peak(benchmark::State& state) {
  if (!bench::has(bench::Arithmetic::bf16)) return state.SkipWithError("this machine has no such instruction");
  std::uint64_t macs = 0;
  for (auto _ : state) {
    macs = bench::spin(bench::Arithmetic::bf16, 10000);
    benchmark::ClobberMemory();
  }
  report_peak(state, macs);
}

BENCHMARK(fma_peak);
BENCHMARK(bf16_dot_peak);
#define SWARM_BATCHES(name) BENCHMARK(name)->Arg(1)->Arg(8)->Arg(32)->Arg(64)->Unit(benchmark::kMicrosecond)
SWARM_BATCHES(dense);
SWARM_BATCHES(bf16);
SWARM_BATCHES(fp16);
SWARM_BATCHES(bf16_dot);
SWARM_BATCHES(dense_cached);
SWARM_BATCHES(bf16_cached);
SWARM_BATCHES(fp16_cached);
SWARM_BATCHES(bf16_dot_cached);
BENCHMARK(sparse)->ArgsProduct({{1, 8, 32, 64}, {50, 90}})->Unit(benchmark::kMicrosecond);
BENCHMARK(sparse_cached)->ArgsProduct({{1, 8, 32, 64}, {50, 90}})->Unit(benchmark::kMicrosecond);
BENCHMARK(eigen_sparse)->ArgsProduct({{1, 8, 32, 64}, {50, 90}})->Unit(benchmark::kMicrosecond);

}  // namespace
