#pragma once
#include "sim/engine/simulation.hpp"
#include "sim/io/static_group.hpp"

namespace swarm::io {

/// /summary: what the run came to after its warm-up, as scalars and by region, income group, problem type and
/// complexity. Every figure that a table or a report shows is read back from here.
StaticGroup summary_group(const engine::Simulation& sim);

}  // namespace swarm::io
