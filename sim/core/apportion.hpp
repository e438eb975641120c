#pragma once
#include <cstdint>
#include <span>

/// Whole units divided in proportion to weights so that nothing is lost.
namespace swarm {
inline namespace core {

/// out[i] = total · weights[i] / Σ weights by largest remainder: each share is rounded down, and what is left goes one
/// unit each to the largest remainders, ties to the earlier row. So Σ out = total exactly, every out[i] is within one
/// unit of its exact share, and where total ≤ Σ weights no row gets more than its weight. Total and weights are at
/// least 0; `out` may be `weights`. Where all weights are zero nobody gets anything. Returns Σ out.
std::int64_t apportion(std::int64_t total, std::span<const std::int64_t> weights, std::span<std::int64_t> out);

}  // namespace core
}  // namespace swarm
