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
constexpr std::size_t kMostRows = 64;
constexpr std::size_t kWidest = 128;

/// Numbers in (−1, 1), about half of them negative.
std::vector<float> noise(std::size_t n) {
  const Random random(1, Stream::experiment);
  std::vector<float> out(n);
  for (std::size_t i = 0; i < n; ++i)
    out[i] =
        static_cast<float>(2.0 * uniform_open(random.block(0, 2, static_cast<std::uint32_t>(i))[0]) - 1.0);
  return out;
}

/// A network of integer layers, and buffers that all of them share.
struct Net {
  std::vector<nn::IntegerLayer> layers;

  Net(const nn::Model& model, nn::IntegerFormat format) {
    const std::vector<float> packed = model.packed();
    const float* from = packed.data();
    for (std::size_t l = 0; l < model.blocks(); ++l) {
      const std::size_t in = model.rows(l), out = model.columns(l);
      layers.emplace_back(nn::quantise_weights({from, in * out}, in, out, format),
                          std::span<const float>(from + in * out, out));
      layers.back().calibrate(nn::affine_of_range(l == 0 ? -1.0f : 0.0f, l == 0 ? 1.0f : 4.0f));
      from += (in + 1) * out;
    }
  }
};

struct Buffers {
  std::vector<std::uint8_t, nn::AlignedAllocator<std::uint8_t>> bytes[2];
  nn::AlignedFloats reals;
  float scale[kMostRows];
  std::int32_t zero_point[kMostRows];

  Buffers() {
    for (auto& b : bytes) b.resize(kMostRows * kWidest);
    reals.resize(kMostRows * kWidest);
  }
};

nn::Activation activation_of(const Net& net, std::size_t l) {
  return l + 1 < net.layers.size() ? nn::Activation::relu : nn::Activation::none;
}

/// Bytes from a layer's weights to those of the same layer in the network that comes next.
std::intptr_t ahead_of(const Net& net, const Net& next, std::size_t l) {
  return reinterpret_cast<std::intptr_t>(next.layers[l].weights().data()) -
         reinterpret_cast<std::intptr_t>(net.layers[l].weights().data());
}

/// Ranges are known: only the first layer reads and only the last one writes floats.
void run_static(const Net& net, const Net& next, const float* x, std::size_t n, float* y, Buffers& buffers) {
  nn::ByteRows rows{.q = buffers.bytes[0].data(), .stride = net.layers[0].inputs(), .n = n};
  nn::quantise_rows(x, rows.stride, n, rows.stride, *net.layers[0].input(), buffers.bytes[0].data(),
                    rows.stride);
  for (std::size_t l = 0; l + 1 < net.layers.size(); ++l) {
    std::uint8_t* q = buffers.bytes[(l + 1) % 2].data();
    const std::size_t width = net.layers[l].width();
    nn::forward_bytes(net.layers[l], rows, activation_of(net, l), *net.layers[l + 1].input(), q, width,
                      ahead_of(net, next, l));
    rows.q = q;
    rows.stride = width;
  }
  const nn::IntegerLayer& last = net.layers.back();
  nn::forward(last, rows, nn::Activation::none, y, last.outputs(), last.outputs(),
              ahead_of(net, next, net.layers.size() - 1));
}

/// Each row is given its range before each layer.
void run_dynamic(const Net& net, const Net& next, const float* x, std::size_t n, float* y, Buffers& buffers) {
  for (std::size_t l = 0; l < net.layers.size(); ++l) {
    const nn::IntegerLayer& layer = net.layers[l];
    const bool last = l + 1 == net.layers.size();
    const std::size_t in = layer.inputs(), columns = last ? layer.outputs() : layer.width();
    nn::quantise_rows(x, in, n, in, buffers.bytes[0].data(), in, buffers.scale, buffers.zero_point);
    const nn::ByteRows rows{buffers.bytes[0].data(), in, n, buffers.scale, buffers.zero_point};
    float* out = last ? y : buffers.reals.data();
    nn::forward(layer, rows, activation_of(net, l), out, columns, columns, ahead_of(net, next, l));
    x = out;
  }
}

void set_rate(benchmark::State& state, double macs) {
  state.counters["MAC/s"] =
      benchmark::Counter(macs, benchmark::Counter::kIsIterationInvariantRate, benchmark::Counter::kIs1000);
  state.SetLabel(std::string(enum_name(nn::active_isa())));
}

using Run = void (*)(const Net&, const Net&, const float*, std::size_t, float*, Buffers&);

/// Arguments: samples, models.
void infer(benchmark::State& state, nn::IntegerFormat format, Run run) {
  const auto n = static_cast<std::size_t>(state.range(0)), models = static_cast<std::size_t>(state.range(1));
  std::vector<Net> nets;
  for (std::size_t m = 0; m < models; ++m) {
    nn::Model model(kShape);
    nn::initialise(model, Random(1, Stream::weight_init), m);
    nets.emplace_back(model, format);
  }
  const std::vector<float> inputs = noise(models * n * 64);
  std::vector<float> outputs(models * n * 10);
  Buffers buffers;
  for (auto _ : state) {
    for (std::size_t m = 0; m < models; ++m)
      run(nets[m], nets[(m + 1) % models], inputs.data() + m * n * 64, n, outputs.data() + m * n * 10,
          buffers);
    benchmark::ClobberMemory();
  }
  set_rate(state, static_cast<double>(nn::pass_cost(kShape).macs * n * models));
}

void int8_static(benchmark::State& state) {
  infer(state, nn::IntegerFormat::int8, &run_static);
}
void int8_dynamic(benchmark::State& state) {
  infer(state, nn::IntegerFormat::int8, &run_dynamic);
}
void int4_static(benchmark::State& state) {
  infer(state, nn::IntegerFormat::int4, &run_static);
}
void int4_dynamic(benchmark::State& state) {
  infer(state, nn::IntegerFormat::int4, &run_dynamic);
}

void fp32(benchmark::State& state) {
  const auto n = static_cast<std::uint32_t>(state.range(0));
  const auto models = static_cast<std::size_t>(state.range(1));
  std::vector<nn::Model> nets;
  for (std::size_t m = 0; m < models; ++m) {
    nets.emplace_back(kShape);
    nn::initialise(nets.back(), Random(1, Stream::weight_init), m);
  }
  const std::vector<float> inputs = noise(models * n * 64);
  std::vector<float> outputs(models * n * 10);
  for (auto _ : state) {
    for (std::size_t m = 0; m < models; ++m)
      nn::forward(nets[m], inputs.data() + m * n * 64, outputs.data() + m * n * 10, n);
    benchmark::ClobberMemory();
  }
  set_rate(state, static_cast<double>(nn::pass_cost(kShape).macs * n * models));
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
