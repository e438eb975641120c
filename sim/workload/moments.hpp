#pragma once
#include <array>

#include "sim/workload/params.hpp"
#include "sim/workload/trace.hpp"

/// Means of what requests ask for; multiplicity is derived from load by them.
namespace swarm {
namespace workload {

/// Mean tok per request.
struct TokMean {
  double in = 0, out = 0;
};

/// Mean of the log-normal tok counts as synthesise() makes them: rounded, at least 1, cut at `tok_max`.
TokMean expected_tok(const WorkloadParams& params);
/// Mean of the trace's tok counts as slice() gives them: at least 1, cut at `tok_max`.
TokMean expected_tok(const WorkloadParams& params, const RequestTrace& trace);

/// Share of each problem type among requests; adds up to 1. Throws InputError if all weights are 0.
std::array<double, kProblemTypes> type_shares(const WorkloadParams& params);

}  // namespace workload
}  // namespace swarm
