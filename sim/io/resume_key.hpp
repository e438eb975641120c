#pragma once
#include <string>

#include "sim/scenario/scenario.hpp"

namespace swarm::io {

/// What must be equal for a run to be continued: the effective scenario without what cannot change a result.
std::string resume_key(const scenario::Scenario& s);

/// Why a run cannot be continued as another one, naming keys in which they differ; empty if their resume keys are equal.
std::string resume_obstacle(const std::string& written, const std::string& wanted);

}  // namespace swarm::io
