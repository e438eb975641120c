#include "agents/nn/quantise.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "sim/core/checks.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace nn {
namespace {

constexpr float kLargestBound = 0x1p126f;
constexpr float kSmallestScale = std::numeric_limits<float>::min();

/// NaN becomes low.
float clamped(float x, float low, float high) {
  return x > low ? (x < high ? x : high) : low;
}

template <class Q>
void quantise_all(std::span<const float> x, const Affine& affine, std::span<Q> q) {
  EXPECT(x.size() == q.size());
  constexpr int kLow = std::is_signed_v<Q> ? -128 : 0, kHigh = kLow + 255;
  const float low = static_cast<float>(kLow - affine.zero_point);
  const float high = static_cast<float>(kHigh - affine.zero_point);
  for (std::size_t i = 0; i < x.size(); ++i)
    q[i] = static_cast<Q>(static_cast<int>(clamped(std::rint(x[i] / affine.scale), low, high)) +
                          affine.zero_point);
}

template <class Q>
void dequantise_all(std::span<const Q> q, const Affine& affine, std::span<float> x) {
  EXPECT(x.size() == q.size());
  for (std::size_t i = 0; i < q.size(); ++i)
    x[i] = static_cast<float>(q[i] - affine.zero_point) * affine.scale;
}

}  // namespace

void require_usable(const Affine& affine) {
  if (std::isnormal(affine.scale) && affine.scale > 0 && affine.zero_point >= 0 && affine.zero_point <= 255)
    return;
  throw ModelError(
      fmt::format("8-bit numbers cannot have scale {} and zero point {}", affine.scale, affine.zero_point));
}

Affine affine_of_range(float low, float high) {
  low = low < 0 ? std::max(low, -kLargestBound) : 0.0f;
  high = high > 0 ? std::min(high, kLargestBound) : 0.0f;
  const float scale = (high - low) / 255.0f;
  if (scale < kSmallestScale) return {};
  return {scale, static_cast<std::int32_t>(std::rint(std::min(-low / scale, 255.0f)))};
}

Affine affine_of(std::span<const float> values) {
  float low = 0, high = 0;
  for (const float v : values) {
    low = v < low ? v : low;
    high = v > high ? v : high;
  }
  return affine_of_range(low, high);
}

void quantise_linear(std::span<const float> x, const Affine& affine, std::span<std::uint8_t> q) {
  quantise_all(x, affine, q);
}

void quantise_linear(std::span<const float> x, const Affine& affine, std::span<std::int8_t> q) {
  quantise_all(x, affine, q);
}

void dequantise_linear(std::span<const std::uint8_t> q, const Affine& affine, std::span<float> x) {
  dequantise_all(q, affine, x);
}

void dequantise_linear(std::span<const std::int8_t> q, const Affine& affine, std::span<float> x) {
  dequantise_all(q, affine, x);
}

IntegerWeights quantise_weights(std::span<const float> weights, std::size_t in, std::size_t out,
                                IntegerFormat format) {
  if (weights.size() != in * out)
    throw ModelError(fmt::format("{} weights cannot fill a layer from {} to {}", weights.size(), in, out));
  IntegerWeights converted{format, in, out, std::vector<std::int8_t>(in * out),
                           std::vector<float>(out, 0.0f)};
  for (std::size_t i = 0; i < in * out; ++i) {
    if (!std::isfinite(weights[i]))
      throw ModelError(fmt::format("weight ({}, {}) is {}; only finite weights can become integers", i / out,
                                   i % out, weights[i]));
    float& largest = converted.scale[i % out];
    largest = std::max(largest, std::fabs(weights[i]));
  }
  const float most = format == IntegerFormat::int8 ? 127.0f : 7.0f;
  std::vector<bool> zero(out);
  for (std::size_t o = 0; o < out; ++o) {
    float& scale = converted.scale[o];
    scale /= most;
    zero[o] = scale < kSmallestScale;
    if (zero[o]) scale = 1.0f;
  }
  for (std::size_t i = 0; i < in * out; ++i) {
    if (zero[i % out]) continue;
    const float q = clamped(std::rint(weights[i] / converted.scale[i % out]), -most, most);
    converted.values[i] = static_cast<std::int8_t>(q);
  }
  return converted;
}

ConversionError conversion_error(std::span<const float> weights, const IntegerWeights& converted) {
  EXPECT(weights.size() == converted.values.size());
  ConversionErrorSum error;
  for (std::size_t i = 0; i < weights.size(); ++i)
    error.add(weights[i], static_cast<double>(converted.scale[i % converted.out]) * static_cast<double>(converted.values[i]));
  return error.result();
}

}  // namespace nn
}  // namespace swarm
