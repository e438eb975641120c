#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "agents/nn/activation.hpp"
#include "agents/nn/model.hpp"
#include "agents/nn/quantise.hpp"

/// Dense layers of 8-bit and 4-bit weights on unsigned 8-bit activations.
///
/// With activations x = s·(q − z) and weights w = t_o·v, output o is
///     sum_o = Σ_i (q_i − z)·v_io           exactly, in 32 bits
///     y_o   = f(fma(float(sum_o), s·t_o, bias_o))      conversion, product and fma each rounded once
/// A sample's outputs depend on the layer and the sample alone: not on the batch, the instruction set or
/// threads.
///
/// The range (s, z) of activations is either fixed by calibrate() (static) or each row has its own (dynamic).
/// ONNX: integer_sums() is MatMulInteger, forward_bytes() QLinearMatMul. Signed 8-bit activations are
/// unsigned ones with 128 added to number and zero point; weights with a zero point need Σ_i (q_i − z), which
/// is what an output of weights 1 gives.
namespace swarm {
namespace nn {

/// A layer packed for the kernels, wherever its numbers lie, each part on a 64-byte boundary.
struct IntegerView {
  IntegerFormat format;
  std::size_t in, out;
  const std::int32_t* weights;     ///< groups() × width() in panels (agents/nn/isa/integer.hpp)
  const float* bias;               ///< width()
  const std::int32_t* minus_sums;  ///< −Σ_i v_io, as sums of int4 sixteenfold; null if all rows have the range `input`
  const float* scale;              ///< t_o; null likewise
  const Affine* input;             ///< the range of all rows that have none of their own, or null; with it come:
  const std::int32_t* static_start;  ///< z times minus_sums
  const float* static_scale;         ///< s times scale

  std::size_t width() const { return padded(out); }
  /// Groups of inputs that share 4 bytes per output.
  std::size_t groups() const { return format == IntegerFormat::int8 ? (in + 3) / 4 : (in + 7) / 8; }
};

/// One layer with its weights packed for the kernels.
class IntegerLayer {
 public:
  /// 65,536 · 255 · 128 < 2^31: no sum of as many products overflows, whatever the order.
  static constexpr std::size_t kMostInputs = 65'536;

  /// Throws ModelError unless 1 ≤ in ≤ kMostInputs, out ≥ 1, values, scales and biases number what they
  /// should, int4 values are −8 … 7 and scales are positive normal numbers.
  IntegerLayer(const IntegerWeights& weights, std::span<const float> bias);

  /// Fixes the range of activations. Throws ModelError for an affine that is not usable.
  void calibrate(const Affine& input);
  const std::optional<Affine>& input() const { return input_; }

  IntegerFormat format() const { return format_; }
  std::size_t inputs() const { return in_; }
  std::size_t outputs() const { return out_; }
  /// Outputs with padding.
  std::size_t width() const { return padded(out_); }
  /// Memory of the packed weights and of what belongs to each output, padding included [B].
  std::size_t bytes() const;

  operator IntegerView() const;

 private:
  using AlignedInts = std::vector<std::int32_t, AlignedAllocator<std::int32_t>>;

  void pack(const IntegerWeights& weights);

  IntegerFormat format_;
  std::size_t in_, out_;
  AlignedInts weights_;  // groups × width in panels
  AlignedInts minus_sums_, static_start_;
  AlignedFloats scale_, static_scale_, bias_;
  std::optional<Affine> input_;
};

/// Rows of activations: stride bytes apart, at least the number of columns padded to 16. Bytes of padding may
/// be anything but must be readable.
struct ByteRows {
  const std::uint8_t* q = nullptr;
  std::size_t stride = 0;
  std::size_t n = 0;
  /// Each row's range, if it has its own; both or none.
  const float* scale = nullptr;
  const std::int32_t* zero_point = nullptr;
};

/// x, n rows of `columns` numbers x_stride apart, into rows of q, all of one range:
///     q = saturate(round(x·(1/scale)) + zero_point)
/// with ties to even, 1/scale and the product each rounded once, NaN to 0. It so differs from quantise_linear
/// by at most 1, and only where x / scale is within 2^-22 of its size from a tie. Padding is written too.
void quantise_rows(const float* x, std::size_t x_stride, std::size_t n, std::size_t columns,
                   const Affine& affine, std::uint8_t* q, std::size_t q_stride);
/// The same with the range of each row, affine_of(row), which is written to scale and zero_point.
void quantise_rows(const float* x, std::size_t x_stride, std::size_t n, std::size_t columns, std::uint8_t* q,
                   std::size_t q_stride, float* scale, std::int32_t* zero_point);

/// The functions below take rows of layer.in activations. Rows without ranges of their own need a
/// calibrated layer, else ModelError. No rows do nothing. `ahead`: bytes from this layer's weights to those
/// that are used next, for prefetching; 0 for none.

/// sum_o into n × outputs integers.
void integer_sums(const IntegerView& layer, const ByteRows& rows, std::int32_t* sums, std::size_t stride,
                  std::intptr_t ahead = 0);
/// y_o into n rows of `columns` numbers: `out` of them, or width() to write defined padding too.
void forward(const IntegerView& layer, const ByteRows& rows, Activation activation, float* y,
             std::size_t stride, std::size_t columns, std::intptr_t ahead = 0);
/// y_o as bytes of a known range, rounded as quantise_rows does; width() of them, so stride ≥ width().
void forward_bytes(const IntegerView& layer, const ByteRows& rows, Activation activation,
                   const Affine& output, std::uint8_t* q, std::size_t stride, std::intptr_t ahead = 0);

}  // namespace nn
}  // namespace swarm
