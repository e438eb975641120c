#include "agents/nn/linear_run.hpp"

#include <algorithm>
#include <utility>

#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "sim/core/checks.hpp"

namespace swarm {
namespace nn {
namespace {

/// Rows that walk through all layers together: their activations stay in the first-level cache.
constexpr std::size_t kPassRows = 64;

/// Rows on their way through the layers.
class Walk {
 public:
  Walk(const LinearRun& run, std::size_t first, LinearScratch& scratch)
      : run_(run),
        scratch_(scratch),
        x_(run.x + first * run.x_stride),
        y_(run.y + first * run.y_stride),
        rows_(std::min(kPassRows, run.rows - first)) {}

  /// Weights in panels, multiplied in single precision.
  template <class Weight>
  void dense(void (*forward)(const isa::DenseForward<Weight>&), PanelView<Weight> (*view)(const Matrix&, const std::byte*)) {
    Signal<float> signal(scratch_);
    const float* x = x_;
    std::size_t stride = run_.x_stride;
    for (const LinearStep& layer : run_.layers) {
      if (run_.seen != nullptr) see(x, stride, layer);
      const auto [weights, bias] = view(layer.matrix, place(layer));
      const Target to = target(layer, signal.next);
      forward({.x = x,
               .x_stride = stride,
               .weights = weights,
               .bias = bias,
               .y = to.y,
               .y_stride = to.stride,
               .rows = rows_,
               .in = layer.matrix.in,
               .width = layer.matrix.width(),
               .columns = to.columns,
               .activation = layer.activation,
               .ahead = run_.ahead});
      signal.swap();
      x = signal.now;
      stride = to.stride;
    }
  }

  /// Ranges of rows: between layers there are floats.
  void dynamic_integers() {
    auto* const floats = reinterpret_cast<float*>(scratch_.front.data());
    auto* const bytes = reinterpret_cast<std::uint8_t*>(scratch_.back.data());
    const float* x = x_;
    std::size_t stride = run_.x_stride;
    for (const LinearStep& layer : run_.layers) {
      const std::size_t byte_stride = padded(layer.matrix.in);
      quantise_rows(x, stride, rows_, layer.matrix.in, bytes, byte_stride, scratch_.scales.data(), scratch_.zero_points.data());
      const Target to = target(layer, floats);
      forward(integer_view(layer.matrix, place(layer)),
              {bytes, byte_stride, rows_, scratch_.scales.data(), scratch_.zero_points.data()}, layer.activation, to.y,
              to.stride, to.columns, run_.ahead);
      x = floats;
      stride = to.stride;
    }
  }

  /// Known ranges: between layers there are bytes.
  void calibrated_integers() {
    Signal<std::uint8_t> signal(scratch_);
    const LinearStep* layer = run_.layers.data();
    IntegerView view = integer_view(layer->matrix, place(*layer));
    quantise_rows(x_, run_.x_stride, rows_, view.in, *view.input, signal.now, padded(view.in));
    for (; !last(*layer); ++layer) {
      const IntegerView next = integer_view(layer[1].matrix, place(layer[1]));
      forward_bytes(view, {signal.now, padded(view.in), rows_}, layer->activation, *next.input, signal.next, view.width(), run_.ahead);
      signal.swap();
      view = next;
    }
    forward(view, {signal.now, padded(view.in), rows_}, layer->activation, y_, run_.y_stride, run_.columns, run_.ahead);
  }

  void pairs() {
    Signal<isa::Bf16Pair> signal(scratch_);
    const std::size_t in = run_.layers.front().matrix.in;
    isa::kBf16Dot.round({x_, run_.x_stride, rows_, in, signal.now, padded(in) / 2});
    for (const LinearStep& layer : run_.layers) {
      const auto [weights, bias] = pair_view(layer.matrix, place(layer));
      isa::kBf16Dot.forward({.x = signal.now,
                             .x_stride = padded(layer.matrix.in) / 2,
                             .weights = weights,
                             .bias = bias,
                             .y = last(layer) ? y_ : nullptr,
                             .y_stride = run_.y_stride,
                             .pairs = signal.next,
                             .pair_stride = layer.matrix.width() / 2,
                             .rows = rows_,
                             .in = (layer.matrix.in + 1) / 2,
                             .width = layer.matrix.width(),
                             .columns = run_.columns,
                             .activation = layer.activation});
      signal.swap();
    }
  }

  /// Lanes run over rows: signals lie transposed, with a row of zeros after the inputs.
  void nonzeros(const isa::SparseKernels& kernels) {
    Signal<float> signal(scratch_);
    const std::size_t in = run_.layers.front().matrix.in, out = run_.layers.back().matrix.out;
    isa::SparseForward job{};
    // A power of two so that the kernel shifts instead of multiplying; small, so that few rows touch little memory.
    job.stride_log2 = rows_ <= 16 ? 4 : rows_ <= 32 ? 5 : 6;
    job.samples = rows_;
    const std::size_t stride = std::size_t{1} << job.stride_log2;
    kernels.transpose({x_, run_.x_stride, rows_, in, signal.now, stride});
    std::fill_n(signal.now + in * stride, stride, 0.0f);
    for (const LinearStep& layer : run_.layers) {
      const SparseView view = sparse_view(place(layer));
      job.x = signal.now;
      job.y = signal.next;
      job.groups = view.groups;
      job.outputs = layer.matrix.out;
      job.values = view.values;
      job.narrow = view.narrow;
      job.wide = view.wide;
      job.activation = layer.activation;
      kernels.forward(job);
      std::fill_n(signal.next + layer.matrix.out * stride, stride, 0.0f);
      signal.swap();
    }
    kernels.transpose({signal.now, stride, out, rows_, y_, run_.y_stride});
  }

 private:
  /// What the next layer reads, and where it writes.
  template <class T>
  struct Signal {
    explicit Signal(LinearScratch& s) : now(reinterpret_cast<T*>(s.front.data())), next(reinterpret_cast<T*>(s.back.data())) {}
    void swap() { std::swap(now, next); }
    T *now, *next;
  };

  struct Target {
    float* y;
    std::size_t stride, columns;
  };

  bool last(const LinearStep& layer) const { return &layer == &run_.layers.back(); }

  /// Rows with padding between layers.
  Target target(const LinearStep& layer, float* between) const {
    if (last(layer)) return {y_, run_.y_stride, run_.columns};
    return {between, layer.matrix.width(), layer.matrix.width()};
  }

  const std::byte* place(const LinearStep& layer) const {
    const std::byte* const at = run_.parameters + layer.at;
    return layer.matrix.numerics.sparse ? run_.parameters + *reinterpret_cast<const std::uint64_t*>(at) : at;
  }

  void see(const float* x, std::size_t stride, const LinearStep& layer) {
    Range& range = run_.seen[&layer - run_.layers.data()];
    for (std::size_t r = 0; r < rows_; ++r)
      for (std::size_t i = 0; i < layer.matrix.in; ++i) {
        const float value = x[r * stride + i];
        if (value < range.low) range.low = value;
        if (value > range.high) range.high = value;
      }
  }

  const LinearRun& run_;
  LinearScratch& scratch_;
  const float* x_;
  float* y_;
  std::size_t rows_;
};

}  // namespace

void LinearScratch::reserve(std::size_t widest) {
  const std::size_t bytes = kPassRows * padded(widest + 1) * sizeof(float);
  if (front.size() >= bytes) return;
  front.resize(bytes);
  back.resize(bytes);
  scales.resize(kPassRows);
  zero_points.resize(kPassRows);
}

void run_linear(const LinearRun& run, LinearScratch& scratch) {
  const Numerics& numerics = run.layers.front().matrix.numerics;
  EXPECT(run.seen == nullptr || numerics == Numerics{});
  const isa::Kernels& kernels = kernels_of(active_isa());
  for (std::size_t first = 0; first < run.rows; first += kPassRows) {
    Walk walk(run, first, scratch);
    switch (numerics.format) {
      case Format::fp32:
        numerics.sparse ? walk.nonzeros(kernels.sparse) : walk.dense(kernels.dense.forward, float_view);
        break;
      case Format::bf16:
        walk.dense(kernels.half.forward_bf16, half_view);
        break;
      case Format::fp16:
        walk.dense(kernels.half.forward_fp16, half_view);
        break;
      case Format::int8:
      case Format::int4:
        numerics.calibrated ? walk.calibrated_integers() : walk.dynamic_integers();
        break;
      case Format::bf16_dot:
        walk.pairs();
        break;
    }
  }
}

}  // namespace nn
}  // namespace swarm
