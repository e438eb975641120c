#include "agents/nn/integer_layer.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "sim/core/checks.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace nn {
namespace {

void check(const IntegerWeights& weights, std::size_t biases) {
  const std::size_t in = weights.in, out = weights.out;
  if (in == 0 || in > IntegerLayer::kMostInputs || out == 0)
    throw ModelError(fmt::format("a layer of integers needs 1 to {} inputs and an output, not {} and {}",
                                 IntegerLayer::kMostInputs, in, out));
  if (weights.values.size() != in * out || weights.scale.size() != out || biases != out)
    throw ModelError(fmt::format("{} weights, {} scales and {} biases cannot fill a layer from {} to {}",
                                 weights.values.size(), weights.scale.size(), biases, in, out));
  for (const float scale : weights.scale)
    if (!std::isnormal(scale) || scale < 0)
      throw ModelError(fmt::format("integer weights cannot have scale {}", scale));
  if (weights.format == IntegerFormat::int8) return;
  for (const std::int8_t value : weights.values)
    if (value < -8 || value > 7) throw ModelError(fmt::format("{} is no 4-bit weight", value));
}

/// What all three kinds of output share; the caller sets where it goes.
isa::IntegerForward job_of(const IntegerView& layer, const ByteRows& rows, std::intptr_t ahead) {
  const bool dynamic = rows.scale != nullptr;
  if (!dynamic && layer.input == nullptr)
    throw ModelError("a layer of integers that is not calibrated needs the range of each row");
  EXPECT((rows.zero_point != nullptr) == dynamic);
  EXPECT(!dynamic || layer.minus_sums != nullptr);
  EXPECT(rows.n == 0 || rows.stride >= padded(layer.in));
  return {.x = rows.q,
          .x_stride = rows.stride,
          .weights = layer.weights,
          .start = dynamic ? layer.minus_sums : layer.static_start,
          .scale = dynamic ? layer.scale : layer.static_scale,
          .bias = layer.bias,
          .zero_point = rows.zero_point,
          .row_scale = rows.scale,
          .rows = rows.n,
          .groups = layer.groups(),
          .width = layer.width(),
          .columns = layer.out,
          .activation = Activation::none,
          .inverse = 0,
          .output_zero = 0,
          .sums = nullptr,
          .reals = nullptr,
          .bytes = nullptr,
          .y_stride = 0,
          .ahead = ahead};
}

void run(const IntegerView& layer, const isa::IntegerForward& job) {
  const isa::IntegerKernels& kernels = kernels_of(active_isa()).integer;
  (layer.format == IntegerFormat::int8 ? kernels.forward_int8 : kernels.forward_int4)(job);
}

}  // namespace

IntegerLayer::IntegerLayer(const IntegerWeights& weights, std::span<const float> bias)
    : format_(weights.format), in_(weights.in), out_(weights.out) {
  check(weights, bias.size());
  scale_.assign(width(), 1.0f);
  std::copy(weights.scale.begin(), weights.scale.end(), scale_.begin());
  bias_.assign(width(), 0.0f);
  std::copy(bias.begin(), bias.end(), bias_.begin());
  pack(weights);
}

void IntegerLayer::pack(const IntegerWeights& weights) {
  const bool nibbles = format_ == IntegerFormat::int4;
  const std::size_t per_group = nibbles ? 8 : 4, groups = IntegerView(*this).groups();
  weights_.assign(groups * width(), 0);
  minus_sums_.assign(width(), 0);
  for (std::size_t i = 0; i < in_; ++i) {
    const std::size_t place = i % per_group;
    const int shift = static_cast<int>(8 * (place % 4) + (place < 4 ? 0 : 4));
    for (std::size_t o = 0; o < out_; ++o) {
      const std::int8_t value = weights.values[i * out_ + o];
      const std::uint32_t bits = static_cast<std::uint8_t>(value) & (nibbles ? 0xFu : 0xFFu);
      std::int32_t& four = weights_[panel_index(groups, width(), i / per_group, o)];
      four = static_cast<std::int32_t>(static_cast<std::uint32_t>(four) | bits << shift);
      minus_sums_[o] -= value * (nibbles ? 16 : 1);
    }
  }
}

void IntegerLayer::calibrate(const Affine& input) {
  require_usable(input);
  input_ = input;
  static_start_.resize(width());
  static_scale_.resize(width());
  for (std::size_t o = 0; o < width(); ++o) {
    static_start_[o] = input.zero_point * minus_sums_[o];
    static_scale_[o] = input.scale * scale_[o];
  }
}

IntegerLayer::operator IntegerView() const {
  return {.format = format_,
          .in = in_,
          .out = out_,
          .weights = weights_.data(),
          .bias = bias_.data(),
          .minus_sums = minus_sums_.data(),
          .scale = scale_.data(),
          .input = input_ ? &*input_ : nullptr,
          .static_start = static_start_.data(),
          .static_scale = static_scale_.data()};
}

std::size_t IntegerLayer::bytes() const {
  return sizeof(std::int32_t) * (weights_.size() + minus_sums_.size() + static_start_.size()) +
         sizeof(float) * (scale_.size() + static_scale_.size() + bias_.size());
}

void quantise_rows(const float* x, std::size_t x_stride, std::size_t n, std::size_t columns,
                   const Affine& affine, std::uint8_t* q, std::size_t q_stride) {
  require_usable(affine);
  EXPECT(n == 0 || q_stride >= padded(columns));
  kernels_of(active_isa())
      .integer.quantise_fixed({.x = x,
                               .x_stride = x_stride,
                               .q = q,
                               .q_stride = q_stride,
                               .rows = n,
                               .columns = columns,
                               .inverse = 1.0f / affine.scale,
                               .zero_point = affine.zero_point});
}

void quantise_rows(const float* x, std::size_t x_stride, std::size_t n, std::size_t columns, std::uint8_t* q,
                   std::size_t q_stride, float* scale, std::int32_t* zero_point) {
  EXPECT(n == 0 || q_stride >= padded(columns));
  kernels_of(active_isa())
      .integer.quantise_dynamic({.x = x,
                                 .x_stride = x_stride,
                                 .q = q,
                                 .q_stride = q_stride,
                                 .rows = n,
                                 .columns = columns,
                                 .scale = scale,
                                 .zero_point = zero_point});
}

void integer_sums(const IntegerView& layer, const ByteRows& rows, std::int32_t* sums, std::size_t stride,
                  std::intptr_t ahead) {
  isa::IntegerForward job = job_of(layer, rows, ahead);
  job.sums = sums;
  job.y_stride = stride;
  run(layer, job);
}

void forward(const IntegerView& layer, const ByteRows& rows, Activation activation, float* y,
             std::size_t stride, std::size_t columns, std::intptr_t ahead) {
  EXPECT(columns == layer.out || columns == layer.width());
  isa::IntegerForward job = job_of(layer, rows, ahead);
  job.activation = activation;
  job.reals = y;
  job.y_stride = stride;
  job.columns = columns;
  run(layer, job);
}

void forward_bytes(const IntegerView& layer, const ByteRows& rows, Activation activation,
                   const Affine& output, std::uint8_t* q, std::size_t stride, std::intptr_t ahead) {
  require_usable(output);
  EXPECT(rows.n == 0 || stride >= layer.width());
  isa::IntegerForward job = job_of(layer, rows, ahead);
  // Where the range begins at 0, saturation does what relu would.
  job.activation = activation == Activation::relu && output.zero_point == 0 ? Activation::none : activation;
  job.inverse = 1.0f / output.scale;
  job.output_zero = output.zero_point;
  job.bytes = q;
  job.y_stride = stride;
  run(layer, job);
}

}  // namespace nn
}  // namespace swarm
