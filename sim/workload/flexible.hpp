#pragma once
#include <cstddef>

#include "sim/core/ids.hpp"
#include "sim/core/rng.hpp"
#include "sim/workload/params.hpp"
#include "sim/workload/requests.hpp"

/// Whose users can wait.
namespace swarm {
namespace workload {

/// Marks requests [begin, end) of one region and step whose users can wait: `flexible_share` of those that are not urgent.
/// A function of the request's key alone, so that all policies meet the same ones; `random` is the stream flexibility.
void draw_flexible(const WorkloadParams& params, const Random& random, std::uint32_t step, RegionId region, std::size_t begin,
                   std::size_t end, RequestColumns& requests);

}  // namespace workload
}  // namespace swarm
