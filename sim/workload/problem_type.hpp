#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sim/core/params.hpp"

/// The kinds of problem a request can pose; one specialist answers one kind.
namespace swarm {
namespace workload {

enum class ProblemType : std::uint8_t { vision, language, reasoning, memory };
inline constexpr std::size_t kProblemTypes = 4;
/// Difficulty κ ∈ [0, 1] is binned into this many equal buckets; each has its own bank of problems.
inline constexpr std::size_t kComplexityBuckets = 4;

constexpr std::size_t complexity_bucket(double kappa) {
  const auto b = static_cast<std::size_t>(kappa * static_cast<double>(kComplexityBuckets));
  return b < kComplexityBuckets ? b : kComplexityBuckets - 1;
}

}  // namespace workload
inline namespace core {
template <>
struct EnumNames<workload::ProblemType> {
  static constexpr std::array<std::string_view, 4> names{"vision", "language", "reasoning", "memory"};
};
}  // namespace core
}  // namespace swarm
