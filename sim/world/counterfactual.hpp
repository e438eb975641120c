#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"

/// The counterfactual run against which carbon credits are issued.
namespace swarm {
namespace world {

/// What a result says of the emissions of its regions.
struct RecordedEmissions {
  std::int64_t seed = 0;
  std::string start;                  ///< as in "2022-01-03T00:00:00Z"
  double step_s = 0;                  ///< 0 where it has fewer than two steps
  std::vector<std::string> regions;
  std::vector<double> location_g;     ///< steps × regions, the sites' grid energy times its intensity
};

/// Reads a result. Throws FileError where it is none or has no emissions.
using EmissionsReader = RecordedEmissions (*)(const std::filesystem::path& file);

/// The counterfactual emissions that the scenario names [mg], steps × regions; nothing unless credits are issued. Throws
/// InputError with all its problems: no result, of another seed, start, step or regions, too short, or with amounts that
/// are negative or no numbers; and for any file if the reader is null.
std::vector<std::int64_t> read_counterfactual(const scenario::Scenario& s, EmissionsReader read);

}  // namespace world
}  // namespace swarm
