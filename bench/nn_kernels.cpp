// Inference and training of a 64-128-64-10 network against Eigen, one thread, beside the machine's peak.
// Each model's weights are visited in turn (100 models, 7 MB), so that they come from the third-level cache.
// The kernels' instruction set follows SWARMSIM_SIMD; Eigen's follows the compiler's flags.
#include <benchmark/benchmark.h>

#undef EIGEN_DONT_VECTORIZE  // a peer runs at its best
#include <Eigen/Dense>
#include <vector>

#include "agents/nn/infer.hpp"
#include "agents/nn/isa.hpp"
#include "agents/nn/train.hpp"
#include "bench/fma_peak.hpp"
#include "sim/core/parallel.hpp"

namespace {

using namespace swarm;
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Row = Eigen::Matrix<float, 1, Eigen::Dynamic>;

constexpr std::size_t kModels = 100;
const nn::MlpShape kSmall{{64, 128, 64, 10}};
const nn::MlpShape kWide{{256, 1024, 1024, 10}};

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

std::vector<std::uint8_t> classes(std::size_t n) {
  std::vector<std::uint8_t> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::uint8_t>(i * 7 % 10);
  return out;
}

nn::Model fresh_model(const nn::MlpShape& shape, std::uint64_t entity) {
  nn::Model model(shape);
  nn::initialise(model, Random(1, Stream::weight_init), entity);
  return model;
}

/// The same network in Eigen, written as its documentation suggests.
struct EigenModel {
  std::vector<Matrix> weights, velocity, activation;
  std::vector<Row> bias, bias_velocity;
  Matrix delta, next_delta, gradient;

  explicit EigenModel(const nn::Model& model) {
    for (std::size_t l = 0; l < model.blocks(); ++l) {
      const auto in = static_cast<Eigen::Index>(model.rows(l)),
                 out = static_cast<Eigen::Index>(model.columns(l));
      Matrix w(in, out);
      Row b(out);
      for (Eigen::Index o = 0; o < out; ++o) {
        for (Eigen::Index i = 0; i < in; ++i)
          w(i, o) =
              model.weight(l, static_cast<std::size_t>(i), static_cast<std::size_t>(o));
        b(o) = model.bias(l)[static_cast<std::size_t>(o)];
      }
      weights.push_back(w);
      bias.push_back(b);
      velocity.push_back(Matrix::Zero(in, out));
      bias_velocity.push_back(Row::Zero(out));
      activation.emplace_back();
    }
  }

  void forward(const Eigen::Ref<const Matrix>& x) {
    for (std::size_t l = 0; l < weights.size(); ++l) {
      if (l == 0)
        activation[l].noalias() = x * weights[l];
      else
        activation[l].noalias() = activation[l - 1] * weights[l];
      activation[l].rowwise() += bias[l];
      if (l + 1 < weights.size()) activation[l] = activation[l].cwiseMax(0.0f);
    }
  }

  void step(const Eigen::Ref<const Matrix>& x, const std::vector<std::uint8_t>& labels) {
    forward(x);
    delta = activation.back();
    delta.colwise() -= delta.rowwise().maxCoeff().eval();
    delta = delta.array().exp().matrix();
    delta.array().colwise() /= delta.rowwise().sum().array().eval();
    for (Eigen::Index s = 0; s < x.rows(); ++s) delta(s, labels[static_cast<std::size_t>(s)]) -= 1.0f;
    delta /= static_cast<float>(x.rows());
    for (std::size_t l = weights.size(); l-- > 0;) {
      if (l > 0) {
        next_delta.noalias() = delta * weights[l].transpose();
        next_delta = (activation[l - 1].array() > 0.0f).select(next_delta, 0.0f);
        gradient.noalias() = activation[l - 1].transpose() * delta;
      } else {
        gradient.noalias() = x.transpose() * delta;
      }
      velocity[l] = 0.9f * velocity[l] + gradient;
      weights[l] -= 0.05f * velocity[l];
      bias_velocity[l] = 0.9f * bias_velocity[l] + delta.colwise().sum();
      bias[l] -= 0.05f * bias_velocity[l];
      delta.swap(next_delta);
    }
  }
};

void report(benchmark::State& state, const nn::MlpShape& shape, std::int64_t samples_per_iteration) {
  const double macs =
      static_cast<double>(nn::pass_cost(shape).macs) * static_cast<double>(samples_per_iteration);
  state.counters["MAC/s"] =
      benchmark::Counter(macs, benchmark::Counter::kIsIterationInvariantRate, benchmark::Counter::kIs1000);
}

void infer(benchmark::State& state, const nn::MlpShape& shape, std::size_t models) {
  const ThreadLimit one_thread(1);
  const auto n = static_cast<std::uint32_t>(state.range(0));
  const std::size_t in = shape.widths.front(), out = shape.widths.back();
  nn::WeightStore store;
  std::vector<float> inputs = noise(models * n * in, 2), outputs(models * n * out);
  std::vector<nn::Group> groups;
  for (std::size_t m = 0; m < models; ++m)
    groups.push_back(
        {store.add(fresh_model(shape, m)), inputs.data() + m * n * in, outputs.data() + m * n * out, n});
  for (auto _ : state) {
    benchmark::DoNotOptimize(nn::infer_groups(store, groups));
    benchmark::ClobberMemory();
  }
  report(state, shape, static_cast<std::int64_t>(models) * n);
  state.counters["per_model"] =
      benchmark::Counter(static_cast<double>(models),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.SetLabel(std::string(enum_name(nn::active_isa())));
}

void infer_eigen(benchmark::State& state, const nn::MlpShape& shape, std::size_t models) {
  const auto n = static_cast<Eigen::Index>(state.range(0));
  const auto in = static_cast<Eigen::Index>(shape.widths.front());
  std::vector<EigenModel> nets;
  for (std::size_t m = 0; m < models; ++m) nets.emplace_back(fresh_model(shape, m));
  const std::vector<float> inputs = noise(models * static_cast<std::size_t>(n * in), 2);
  // Activations are shared, as a careful user would do, so that only weights differ between models.
  for (auto _ : state) {
    for (std::size_t m = 0; m < models; ++m) {
      std::swap(nets[0].activation, nets[m].activation);
      nets[m].forward(Eigen::Map<const Matrix>(inputs.data() + static_cast<Eigen::Index>(m) * n * in, n, in));
      benchmark::DoNotOptimize(nets[m].activation.back().data());
      std::swap(nets[0].activation, nets[m].activation);
    }
    benchmark::ClobberMemory();
  }
  report(state, shape, static_cast<std::int64_t>(models) * n);
  state.counters["per_model"] =
      benchmark::Counter(static_cast<double>(models),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void infer_small(benchmark::State& state) {
  infer(state, kSmall, kModels);
}
void infer_small_eigen(benchmark::State& state) {
  infer_eigen(state, kSmall, kModels);
}
void infer_wide(benchmark::State& state) {
  infer(state, kWide, 1);
}
void infer_wide_eigen(benchmark::State& state) {
  infer_eigen(state, kWide, 1);
}
void infer_one_cached(benchmark::State& state) {
  infer(state, kSmall, 1);
}

void train_small(benchmark::State& state) {
  const auto n = static_cast<std::uint32_t>(state.range(0));
  nn::Model model = fresh_model(kSmall, 0);
  nn::Trainer trainer(model, {});
  const std::vector<float> inputs = noise(n * 64, 3);
  const std::vector<std::uint8_t> labels = classes(n);
  for (auto _ : state) benchmark::DoNotOptimize(trainer.step(inputs.data(), labels.data(), n));
  state.SetLabel(std::string(enum_name(nn::active_isa())));
}

void train_small_eigen(benchmark::State& state) {
  const auto n = static_cast<Eigen::Index>(state.range(0));
  EigenModel model(fresh_model(kSmall, 0));
  const std::vector<float> inputs = noise(static_cast<std::size_t>(n) * 64, 3);
  const std::vector<std::uint8_t> labels = classes(static_cast<std::size_t>(n));
  for (auto _ : state) {
    model.step(Eigen::Map<const Matrix>(inputs.data(), n, 64), labels);
    benchmark::ClobberMemory();
  }
}

void fma_peak(benchmark::State& state) {
  constexpr std::size_t kRounds = 10000;
  std::uint64_t macs = 0;
  for (auto _ : state) {
    macs = bench::spin(kRounds);
    benchmark::ClobberMemory();
  }
  state.counters["MAC/s"] = benchmark::Counter(
      static_cast<double>(macs), benchmark::Counter::kIsIterationInvariantRate, benchmark::Counter::kIs1000);
  state.SetLabel(std::string(enum_name(bench::peak_isa())));
}

BENCHMARK(fma_peak);
BENCHMARK(infer_small)->Arg(1)->Arg(8)->Arg(32)->Arg(64)->Unit(benchmark::kMicrosecond);
BENCHMARK(infer_small_eigen)->Arg(1)->Arg(8)->Arg(32)->Arg(64)->Unit(benchmark::kMicrosecond);
BENCHMARK(infer_one_cached)->Arg(1)->Arg(8)->Arg(32)->Arg(64)->Unit(benchmark::kMicrosecond);
BENCHMARK(infer_wide)->Arg(1)->Arg(32)->Arg(256)->Unit(benchmark::kMicrosecond);
BENCHMARK(infer_wide_eigen)->Arg(1)->Arg(32)->Arg(256)->Unit(benchmark::kMicrosecond);
BENCHMARK(train_small)->Arg(8)->Arg(32)->Arg(64)->Unit(benchmark::kMicrosecond);
BENCHMARK(train_small_eigen)->Arg(8)->Arg(32)->Arg(64)->Unit(benchmark::kMicrosecond);

}  // namespace
