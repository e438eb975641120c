#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/ids.hpp"
#include "sim/core/rng.hpp"
#include "sim/workload/params.hpp"
#include "sim/workload/requests.hpp"

/// How many requests arrive where and when, and what each of them is (docs/models/workload.md).
namespace swarm {
namespace workload {

/// Rate at a moment relative to its mean over a week: a cosine of the local hour times the weekend factor,
/// divided by their mean. `utc` [s since 1970], `utc_offset_h` [h] of local time.
double local_rate_factor(const WorkloadParams& params, std::int64_t utc, double utc_offset_h);

/// What a region brings into the division of requests.
struct RegionWeight {
  double population = 0;     ///< inhabitants
  double request_share = 0;  ///< weight given in the scenario
};

/// Share of all requests that each region asks, by `params.split`; adds up to 1. Throws InputError if every
/// weight is 0 or one is negative or not finite.
std::vector<double> region_shares(const WorkloadParams& params, std::span<const RegionWeight> regions);

/// Mean number of requests in [step_start_utc, step_start_utc + step_s) before burstiness: the integral of
/// region_rate_per_hour · local_rate_factor, in closed form, so it adds up over any division into steps.
double expected_arrivals(const WorkloadParams& params, std::int64_t step_start_utc,
                         double region_rate_per_hour, double utc_offset_h, double step_s);

/// Gamma factor of a region's rate during UTC hour `hour` [h since 1970]: mean 1, squared coefficient of
/// variation `params.burstiness`; 1 if that is 0.
double burst_factor(const WorkloadParams& params, const Random& burst, std::int64_t hour, RegionId region);

/// Number of requests of a region in a step: Poisson around expected_arrivals with each UTC hour's part
/// multiplied by its burst_factor. `count` and `burst` are the streams arrival_count and arrival_burst.
/// Throws ModelError if the number does not fit 32 bits.
std::uint32_t arrival_count(const WorkloadParams& params, const Random& count, const Random& burst,
                            std::int64_t step_start_utc, std::uint32_t step, RegionId region,
                            double region_rate_per_hour, double utc_offset_h, double step_s);

/// Fills `out` with `count` requests. `request` is the stream of that name, `bank_items` ≥ 1 the items of
/// each problem bank. Request i of (step, region) depends on its key alone: not on count, region rates or
/// policy. Parallel-safe. Sequence numbers begin at `first`.
void synthesise(const WorkloadParams& params, const Random& request, std::uint32_t step, RegionId region,
                std::uint32_t count, double step_s, std::uint32_t bank_items, RequestColumns& out,
                std::uint32_t first = 0);

}  // namespace workload
}  // namespace swarm
