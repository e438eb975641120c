#pragma once
#include "sim/dispatch/params.hpp"

/// First look at a request, before anything is spent on it: one specialist answers it, or a council (council.hpp).
namespace swarm {
namespace dispatch {

/// Score in [0, 1]: weighted mean of relative length (tok / tok_scale, at most 1), complexity κ and urgency.
/// All weights zero gives 0.
double triage_score(const TriageParams& p, double tok, double kappa, bool urgent);

}  // namespace dispatch
}  // namespace swarm
