#pragma once
#include <filesystem>

#include "sim/world/counterfactual.hpp"

namespace swarm::io {

/// What a result file, finished or partial, says of the location-based emissions of its regions. Throws FileError.
world::RecordedEmissions read_emissions(const std::filesystem::path& file);

}  // namespace swarm::io
