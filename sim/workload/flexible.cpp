#include "sim/workload/flexible.hpp"

#include <algorithm>
#include <array>

#include "sim/workload/content.hpp"

namespace swarm {
namespace workload {

void draw_flexible(const WorkloadParams& params, const Random& random, std::uint32_t step, RegionId region, std::size_t begin,
                   std::size_t end, RequestColumns& requests) {
  if (params.flexible_share == 0) return;
  const std::uint64_t below = word_threshold(params.flexible_share);
  std::array<std::uint64_t, kContentChunk> id;
  std::array<RandomBlock, kContentChunk> block;
  for (std::size_t first = begin; first < end; first += kContentChunk) {
    const std::size_t n = std::min(kContentChunk, end - first);
    for (std::size_t i = 0; i < n; ++i) id[i] = RequestId(region, requests.sequence[first + i]).packed;
    random.blocks(step, std::span<const std::uint64_t>(id).first(n), 0, std::span(block).first(n));
    for (std::size_t i = 0; i < n; ++i)
      requests.flexible[first + i] = requests.urgent[first + i] == 0 && block[i][0] < below;
  }
}

}  // namespace workload
}  // namespace swarm
