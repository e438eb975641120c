// Inference of a 64-128-64-10 network in 8-bit and 4-bit integers, one thread, beside the machine's peak of
// 8-bit multiply-adds; fp32 to compare with. Models are visited in turn: 1 (weights in the first- and
// second-level cache) or 100 (2 MB of int8). The kernels' instruction set follows SWARMSIM_SIMD.
#include <benchmark/benchmark.h>

#include <vector>

#include "agents/nn/infer.hpp"
#include "agents/nn/integer_layer.hpp"
#include "agents/nn/isa.hpp"
#include "agents/nn/train.hpp"
#include "bench/machine.hpp"

namespace {

using namespace swarm;

const nn::MlpShape kShape{{64, 128, 64, 10}};

/// Numbers in (−1, 1), about half of them negative.
std::vector<float> noise(std::size_t n) {
  const Random random(1, Stream::experiment);
  std::vector<float> out(n);
  for (std::size_t i = 0; i < n; ++i)
    out[i] =
        static_cast<float>(2.0 * uniform_open(random.block(0, 2, static_cast<std::uint32_t>(i))[0]) - 1.0);
  return out;
}

void set_rate(benchmark::State& state, double macs) {
  state.counters["MAC/s"] =
      benchmark::Counter(macs, benchmark::Counter::kIsIterationInvariantRate, benchmark::Counter::kIs1000);
  state.SetLabel(std::string(enum_name(nn::active_isa())));
}

/// Arguments: samples, models.
void infer(benchmark::State& state, const nn::Numerics& numerics) {
  const auto n = static_cast<std::uint32_t>(state.range(0));
  const auto models = static_cast<std::size_t>(state.range(1));
  const std::vector<float> inputs = noise(models * n * 64);
  std::vector<float> outputs(models * n * 10);
  nn::WeightStore store;
  std::vector<nn::Group> groups;
  for (std::size_t m = 0; m < models; ++m) {
    nn::Model model(kShape);
    nn::initialise(model, Random(1, Stream::weight_init), m);
    auto ranges = numerics.calibrated ? nn::calibrate(model, inputs.data(), n) : std::vector<nn::Affine>{};
    groups.push_back({store.add(std::move(model), numerics, std::move(ranges)), inputs.data() + m * n * 64, outputs.data() + m * n * 10, n});
  }
  for (auto _ : state) {
    nn::infer_groups(store, groups);
    benchmark::ClobberMemory();
  }
  set_rate(state, static_cast<double>(nn::pass_cost(kShape).macs * n * models));
}

void int8_static(benchmark::State& state) {
  infer(state, {.format = nn::Format::int8, .calibrated = true});
}
void int8_dynamic(benchmark::State& state) {
  infer(state, {.format = nn::Format::int8});
}
void int4_static(benchmark::State& state) {
  infer(state, {.format = nn::Format::int4, .calibrated = true});
}
void int4_dynamic(benchmark::State& state) {
  infer(state, {.format = nn::Format::int4});
}
void fp32(benchmark::State& state) {
  infer(state, {});
}

/// The sums of one layer alone, `range` inputs and 64 outputs, without conversions.
void sums(benchmark::State& state, nn::IntegerFormat format) {
  const auto n = static_cast<std::size_t>(state.range(0)), in = static_cast<std::size_t>(state.range(1));
  nn::IntegerLayer layer(nn::quantise_weights(noise(in * 64), in, 64, format), std::vector<float>(64, 0.0f));
  layer.calibrate({1.0f, 100});
  std::vector<std::uint8_t> x(n * nn::padded(in));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<std::uint8_t>(i * 7);
  std::vector<std::int32_t> y(n * 64);
  for (auto _ : state) {
    nn::integer_sums(layer, {.q = x.data(), .stride = nn::padded(in), .n = n}, y.data(), 64);
    benchmark::ClobberMemory();
  }
  set_rate(state, static_cast<double>(n * in * 64));
}

void int8_sums(benchmark::State& state) {
  sums(state, nn::IntegerFormat::int8);
}
void int4_sums(benchmark::State& state) {
  sums(state, nn::IntegerFormat::int4);
}

void dot_peak(benchmark::State& state) {
  if (!bench::has(bench::Arithmetic::int8)) return state.SkipWithError("this machine has no such instruction");
  std::uint64_t macs = 0;
  for (auto _ : state) {
    macs = bench::spin(bench::Arithmetic::int8, 10'000);
    benchmark::ClobberMemory();
  }
  set_rate(state, static_cast<double>(macs));
}

void batches(benchmark::internal::Benchmark* benchmark) {
  for (const std::int64_t models : {1, 100})
    for (const std::int64_t n : {1, 8, 32, 64}) benchmark->Args({n, models});
  benchmark->Unit(benchmark::kMicrosecond);
}

BENCHMARK(dot_peak);
BENCHMARK(int8_static)->Apply(batches);
BENCHMARK(int8_dynamic)->Apply(batches);
BENCHMARK(int4_static)->Apply(batches);
BENCHMARK(int4_dynamic)->Apply(batches);
BENCHMARK(fp32)->Apply(batches);
BENCHMARK(int8_sums)->Args({64, 64})->Args({64, 1024})->Args({1, 1024})->Unit(benchmark::kMicrosecond);
BENCHMARK(int4_sums)->Args({64, 64})->Args({64, 1024})->Args({1, 1024})->Unit(benchmark::kMicrosecond);

}  // namespace
