#pragma once
#include <cstdint>

namespace swarm {
namespace grid {

/// Quotient rounded towards minus infinity (b > 0), so that clocks also work before 1970 and before a trace.
constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace grid
}  // namespace swarm
