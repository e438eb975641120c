#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>

#include "agents/nn/attention.hpp"

/// What the two passes of attention share.
namespace swarm {
namespace nn {
namespace attention_detail {

/// Where one head of one sample lies [floats].
struct Place {
  std::size_t rows;     // in q, k, v, context
  std::size_t weights;  // in weights
  std::size_t keys;     // how many there are
};

/// Samples whose rows go through the projections together: enough to use weights well, few enough for the
/// caches.
inline std::size_t samples_at_a_time(const AttentionShape& shape) {
  return std::max<std::size_t>(1, 64 / shape.tokens);
}

/// The float nearest to 1/√depth.
inline float scale_of(const AttentionShape& shape) {
  return static_cast<float>(1.0 / std::sqrt(static_cast<double>(shape.depth())));
}

inline std::size_t keys_of(const AttentionShape& shape, const std::uint32_t* lengths, std::size_t sample) {
  return lengths == nullptr ? shape.tokens : std::min(lengths[sample], shape.tokens);
}

/// Query i sees the first so many keys.
inline std::size_t seen_by(const AttentionShape& shape, std::size_t keys, std::size_t i) {
  return shape.causal ? std::min(keys, i + 1) : keys;
}

inline std::size_t weights_of(const AttentionShape& shape, std::size_t sample, std::size_t head) {
  return (sample * shape.heads + head) * shape.tokens * padded(shape.tokens);
}

/// Sums over a row have so many parts, by index, whatever the vectors are.
inline constexpr std::size_t kParts = 16;

/// The parts added in halves.
inline float total(float (&part)[kParts]) {
  for (std::size_t half = kParts / 2; half > 0; half /= 2)
    for (std::size_t i = 0; i < half; ++i) part[i] += part[i + half];
  return part[0];
}

/// Softmax of n ≥ 1 numbers in place (agents/nn/attention.hpp).
void softmax(float* row, std::size_t n);

}  // namespace attention_detail
}  // namespace nn
}  // namespace swarm
