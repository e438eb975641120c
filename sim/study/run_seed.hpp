#pragma once
#include <cstdint>

namespace swarm {
namespace study {

/// The seed of one run of a study: replicate `replicate` of design point `point` (0 where there is no design) under
/// `master` ≥ 0. A keyed draw, so it depends on these three numbers only: not on the scenario, so two scenarios with
/// one master seed get the same seeds and can be paired; not on the number or order of runs, so a study can be
/// extended, resumed or divided. Below 2^53, so that every program reads it exactly; two of n seeds agree by chance
/// with a probability of about n²/2^54.
std::int64_t run_seed(std::int64_t master, std::uint64_t point, std::uint32_t replicate);

}  // namespace study
}  // namespace swarm
