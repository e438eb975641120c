#include "sim/policy/allocation.hpp"

#include <algorithm>
#include <numeric>

#include "sim/core/units.hpp"
#include "sim/core/apportion.hpp"

namespace swarm {
namespace policy {
namespace {

/// Factors as whole numbers, so that levels compare exactly.
constexpr double kFactorUnits = 1e6;

/// Fills requests up to `most` at a common level per unit of weight until `capacity`, which is below Σ most, is given
/// out. Weights are at least 1.
std::vector<std::int64_t> fill(std::int64_t capacity, std::span<const std::int64_t> most,
                               std::span<const std::int64_t> weights) {
  std::vector<std::size_t> order(most.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {  // by the level at which they are full
    return Int128{most[a]} * weights[b] < Int128{most[b]} * weights[a];
  });
  Int128 weight = std::accumulate(weights.begin(), weights.end(), Int128{0});
  std::vector<std::int64_t> out(most.size());
  std::int64_t left = capacity;
  std::size_t full = 0;
  for (; full < order.size(); ++full) {
    const std::size_t i = order[full];
    if (Int128{most[i]} * weight > Int128{left} * weights[i]) break;  // above the level at which all is given out
    out[i] = most[i];
    left -= most[i];
    weight -= weights[i];
  }
  std::vector<std::int64_t> open(most.size());
  for (std::size_t k = full; k < order.size(); ++k) open[order[k]] = weights[order[k]];
  apportion(left, open, open);
  for (std::size_t k = full; k < order.size(); ++k) out[order[k]] = open[order[k]];
  return out;
}

}  // namespace

double renewable_requirement(const AllocationParams& params, double available) {
  return std::max(params.renewable_required, available);
}

double allocation_factor(const AllocationParams& params, const AllocationRequest& r) {
  const bool meets = r.renewable >= renewable_requirement(params, r.available);
  return (r.climate ? params.climate_factor : 1.0) * (r.adaptation ? params.adaptation_factor : 1.0) *
         (meets ? 1.0 + params.renewable_bonus * r.renewable : 1.0) * r.emergency;
}

std::vector<std::int64_t> allocate(const AllocationParams& params, std::int64_t capacity,
                                   std::span<const AllocationRequest> requests) {
  EXPECT(capacity >= 0);
  std::vector<std::int64_t> most, weights;
  Int128 sum = 0;
  for (const AllocationRequest& r : requests) {
    EXPECT(r.requested >= 0);
    const double factor = allocation_factor(params, r);
    const std::int64_t entitled = round_half_even(static_cast<double>(r.requested) * factor);
    most.push_back(entitled);
    weights.push_back(std::max<std::int64_t>(1, round_half_even(factor * kFactorUnits)));
    sum += entitled;
  }
  return params.normalise && sum > capacity ? fill(capacity, most, weights) : most;
}

}  // namespace policy
}  // namespace swarm
