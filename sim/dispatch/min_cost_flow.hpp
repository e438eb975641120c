#pragma once
#include <cstdint>
#include <span>
#include <vector>

/// Minimum-cost flow from sources straight to sinks: the transportation problem, in integers.
namespace swarm {
namespace dispatch {

/// Cost of an arc that nothing may take.
inline constexpr std::int64_t kForbidden = -1;
/// Dearest arc and largest supply or capacity that are allowed: sums of them stay within 64 bits.
inline constexpr std::int64_t kDearestArc = std::int64_t{1} << 44;
inline constexpr std::int64_t kLargestAmount = std::int64_t{1} << 44;

struct Flow {
  std::vector<std::int64_t> amount;    ///< sources × sinks
  std::vector<std::int64_t> unplaced;  ///< per source: supply for which there was no capacity
  /// A certificate that no flow is cheaper: every allowed arc costs at least its source's price plus its sink's, and
  /// exactly that if it carries anything; sinks' prices are at most 0, and 0 where capacity is left; a source's price is at
  /// most `penalty`, and exactly that where some of its supply is unplaced.
  std::vector<std::int64_t> source_price, sink_price;
  std::int64_t penalty = 0;  ///< counted for one unit that is not placed: more than placing it could ever cost
};

/// Places as much of the supply as capacity allows and, of all ways to do so, one of least cost Σ amount · cost; the
/// same one for the same input. cost[source · sinks + sink] is from 0 to kDearestArc, or kForbidden; supply and capacity
/// are from 0 to kLargestAmount; at most 4,096 sources.
///
/// LEMON's network simplex (Király & Kovács, Acta Univ. Sapientiae, Informatica 4, 2012), in integers throughout. What is
/// unplaced goes to one more sink without limit, at `penalty`.
Flow min_cost_flow(std::span<const std::int64_t> cost, std::span<const std::int64_t> supply,
                   std::span<const std::int64_t> capacity);

}  // namespace dispatch
}  // namespace swarm
