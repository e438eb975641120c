#include "sim/workload/extra.hpp"

#include <algorithm>

#include "sim/core/checks.hpp"
#include "sim/core/distributions.hpp"
#include "sim/core/errors.hpp"
#include "sim/workload/arrivals.hpp"
#include "sim/workload/content.hpp"
#include "sim/workload/trace.hpp"

namespace swarm {
namespace workload {

std::uint32_t ExtraRequests::total() const {
  std::uint32_t sum = 0;
  for (const std::uint32_t n : count) sum += n;
  return sum;
}

Purpose ExtraRequests::purpose(std::uint32_t sequence) const {
  std::uint32_t before = first;
  for (std::size_t p = 0; p < kPurposes; ++p) {
    if (sequence - before < count[p]) return static_cast<Purpose>(p);
    before += count[p];
  }
  EXPECT(false);  // not one of them
  return Purpose::general_research;
}

ExtraRequests draw_extra(const Random& stream, std::uint32_t step, RegionId region, std::uint32_t ordinary,
                         std::span<const double, kPurposes> shares, std::span<const double, kPurposes> factors) {
  ExtraRequests extra{.first = ordinary};
  std::uint64_t last = ordinary;
  for (std::size_t p = 0; p < kPurposes; ++p) {
    const double mean = ordinary * shares[p] * (factors[p] - 1.0);
    if (!(mean > 0)) continue;
    RandomSequence words(stream, step, RequestId(region, p).packed);
    const std::uint64_t n = poisson(words, mean);
    last += n;
    if (last >= std::numeric_limits<std::uint32_t>::max())
      throw ModelError("a region's requests of one step do not fit 32 bits; lower workload.requests_per_hour or the "
                       "factors on demand in [emergency]");
    extra.count[p] = static_cast<std::uint32_t>(n);
  }
  return extra;
}

void add_extra(const WorkloadParams& params, const Random& request, std::uint32_t step, RegionId region,
               const ExtraRequests& extra, double step_s, std::uint32_t bank_items, const RequestTrace* trace,
               RequestColumns& out) {
  if (extra.total() == 0) return;
  RequestColumns more;
  synthesise(params, request, step, region, extra.total(), step_s, bank_items, more, extra.first);
  if (trace != nullptr) {
    const ContentSampler sampler(params, bank_items);
    constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
    const auto rows = static_cast<std::uint32_t>(std::min(trace->size(), kMost));
    more.tok_capped = 0;
    for (std::size_t k = 0; k < more.size(); ++k) {
      const RandomBlock block = request.block(step, RequestId(region, more.sequence[k]).packed, kTokDraw);
      const std::uint32_t row = uniform_below(block[0], rows);
      more.tok_in[k] = sampler.limit_tok(trace->tok_in()[row], more.tok_capped);
      more.tok_out[k] = sampler.limit_tok(trace->tok_out()[row], more.tok_capped);
    }
  }
  out.merge(more);
}

}  // namespace workload
}  // namespace swarm
