#pragma once
#include <string>

#include "sim/scenario/problems.hpp"
#include "sim/scenario/scenario.hpp"

/// What no single field can say about itself: how keys must fit together, and why some limits are there.
namespace swarm {
namespace scenario {

/// Turns `run.end` into `run.duration` and leaves `run.end` empty; a bad stamp or an end before the start is
/// a problem.
void resolve_end(RunParams& run, const Stated& stated, const Place& file, Problems& problems);

/// Checks a resolved scenario across its keys. `file` is where problems of unstated keys are reported.
void validate(const Scenario& s, const Stated& stated, const Place& file, Problems& problems);

/// Why a value below or above a key's range cannot be, e.g. "an empty population answers nothing".
std::string why_out_of_range(const std::string& key, bool too_small);

}  // namespace scenario
}  // namespace swarm
