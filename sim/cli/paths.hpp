#pragma once
#include <filesystem>

#include "sim/scenario/scenario.hpp"

namespace swarm {
namespace cli {

/// Where trained base specialists are kept: run.cache_dir, else $XDG_CACHE_HOME/swarmsim, else ~/.cache/swarmsim.
/// Empty (no cache) if none of them can be used.
std::filesystem::path cache_folder(const scenario::Scenario& s);

/// The folder of shipped scenarios: of the sources of this build, or share/swarmsim/scenarios of the place where the
/// program is installed, or ./scenarios.
std::filesystem::path scenarios_folder();

}  // namespace cli
}  // namespace swarm
