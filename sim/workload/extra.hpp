#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include "sim/core/ids.hpp"
#include "sim/core/rng.hpp"
#include "sim/workload/params.hpp"
#include "sim/workload/purpose.hpp"
#include "sim/workload/requests.hpp"

/// Requests that come on top of the ordinary ones because something happened. Their purposes are known; all else is
/// drawn as ever. The ordinary ones stay as they are to the last bit, so that runs with and without can be paired.
namespace swarm {
namespace workload {

class RequestTrace;

/// Extra requests of one region and step: sequence numbers from `first` on, purpose after purpose.
struct ExtraRequests {
  std::uint32_t first = std::numeric_limits<std::uint32_t>::max();
  std::array<std::uint32_t, kPurposes> count{};

  std::uint32_t total() const;
  bool holds(std::uint32_t sequence) const { return sequence >= first; }
  /// Of an extra request.
  Purpose purpose(std::uint32_t sequence) const;
};

/// Numbers of extra requests beside `ordinary` ones: of each purpose Poisson with mean ordinary · share · (factor − 1),
/// none where the factor is at most 1. A function of (seed, step, region, purpose) and of these; `stream` is
/// emergency_count. Throws ModelError where sequence numbers would not fit 32 bits.
ExtraRequests draw_extra(const Random& stream, std::uint32_t step, RegionId region, std::uint32_t ordinary,
                         std::span<const double, kPurposes> shares, std::span<const double, kPurposes> factors);

/// Puts the extra requests in their places among `out`, drawn as synthesise() draws. With a `trace` (else null) the tok
/// counts are those of rows drawn from it. `request` is the stream of that name. Purposes are left to Willingness::draw.
void add_extra(const WorkloadParams& params, const Random& request, std::uint32_t step, RegionId region,
               const ExtraRequests& extra, double step_s, std::uint32_t bank_items, const RequestTrace* trace,
               RequestColumns& out);

}  // namespace workload
}  // namespace swarm
