#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "agents/nn/conversion_error.hpp"

/// Numbers as 8-bit and 4-bit integers: affine for activations, symmetric per output for weights.
namespace swarm {
namespace nn {

/// real = scale·(q − zero_point). Usable if the scale is a positive normal number and zero_point a value of
/// q.
struct Affine {
  float scale = 1.0f;
  std::int32_t zero_point = 0;
  friend bool operator==(const Affine&, const Affine&) = default;
};

/// Throws ModelError unless it is usable for unsigned 8-bit numbers.
void require_usable(const Affine& affine);

/// The unsigned 8-bit numbers that cover [low, high], as ONNX's DynamicQuantizeLinear has it: the range is
/// widened to contain 0; scale = (high − low)/255; zero point = round(−low/scale), ties to even, saturated.
/// Where ONNX says nothing: bounds are clamped to ±2^126 (infinities too), a NaN counts as 0, and a range
/// that would make the scale smaller than the smallest normal number counts as 0, which has scale 1, zero
/// point 0.
Affine affine_of_range(float low, float high);
/// affine_of_range of the least and the greatest value; NaN is passed over, no values give the range 0.
Affine affine_of(std::span<const float> values);

/// ONNX's QuantizeLinear: q = saturate(round(x / scale) + zero_point), ties to even. Infinities saturate; NaN
/// becomes the smallest q. Both spans have one size.
void quantise_linear(std::span<const float> x, const Affine& affine, std::span<std::uint8_t> q);
void quantise_linear(std::span<const float> x, const Affine& affine, std::span<std::int8_t> q);
/// ONNX's DequantizeLinear: x = float(q − zero_point)·scale.
void dequantise_linear(std::span<const std::uint8_t> q, const Affine& affine, std::span<float> x);
void dequantise_linear(std::span<const std::int8_t> q, const Affine& affine, std::span<float> x);

/// Widths of integer weights.
enum class IntegerFormat : std::uint8_t {
  int8,  ///< conversion gives −127 … 127; −128 is allowed
  int4,  ///< conversion gives −7 … 7; −8 is allowed
};

/// A matrix of weights as integers: weight (i, o) = scale[o]·values[i·out + o].
struct IntegerWeights {
  IntegerFormat format = IntegerFormat::int8;
  std::size_t in = 0;
  std::size_t out = 0;
  std::vector<std::int8_t> values;  ///< row-major [in][out], one number per byte in either format
  std::vector<float> scale;         ///< of each output
};

/// Converts weights, row-major [in][out]: per output, scale = max|w|/127 (int8) or /7 (int4) and
/// q = round(w / scale), ties to even. An output whose scale would be smaller than the smallest normal number
/// has scale 1 and q = 0 throughout. Throws ModelError if a weight is not finite, or if their number is not
/// in·out.
IntegerWeights quantise_weights(std::span<const float> weights, std::size_t in, std::size_t out,
                                IntegerFormat format);

/// The error of `converted`, made from `weights`, row-major. No weights have no error.
ConversionError conversion_error(std::span<const float> weights, const IntegerWeights& converted);

}  // namespace nn
}  // namespace swarm
