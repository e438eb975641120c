#pragma once
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/grid/hazard.hpp"

namespace swarm {
namespace grid {

/// Row of the region of that name.
std::optional<RegionId> find_region_row(std::span<const Region> regions, std::string_view name);

/// The problem of a region that nobody knows, with the nearest spelling.
Diagnostic unknown_hazard_region(std::span<const Region> regions, std::string_view name);

/// Hazards of a feed in the order of its rows, which need not be sorted and may overlap. Rows of built-in regions that
/// are not in the scenario are left out. Throws InputError with every problem (at most 20): a missing file or column,
/// stamps that are none, an end that is not after its start, an unknown region or kind (with the nearest spelling), a
/// severity outside (0, 1].
std::vector<Hazard> read_hazards(const std::filesystem::path& file, std::span<const Region> regions);

}  // namespace grid
}  // namespace swarm
