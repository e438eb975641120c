#pragma once
#include <memory>

#include "sim/scenario/scenario.hpp"
#include "sim/workload/moments.hpp"
#include "sim/workload/trace.hpp"

namespace swarm {
namespace world {

/// What workload.trace holds, told apart by its columns: single requests, or an hourly load that shapes the rate of
/// synthetic ones. Both null for a synthetic source.
struct RecordedLoad {
  std::shared_ptr<const workload::RequestTrace> requests;
  std::shared_ptr<const workload::RateTrace> rates;
};

/// Reads the file that the scenario names. Throws InputError with its problems.
RecordedLoad read_recorded_load(const scenario::Scenario& s);

/// Simulated requests per hour in the long run, over all regions.
double requests_per_hour(const scenario::Scenario& s, const RecordedLoad& load);

/// Mean tok of a request, of the trace or of the synthetic distribution.
workload::TokMean mean_tok(const scenario::Scenario& s, const RecordedLoad& load);

}  // namespace world
}  // namespace swarm
