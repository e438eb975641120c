#pragma once
#include <span>
#include <string_view>

#include "sim/grid/params.hpp"

/// The regions a scenario can name without describing them.
namespace swarm {
namespace grid {

/// Built-in regions in a fixed order: 58 countries of every inhabited continent and two grid zones (IN-WE,
/// BR-CS). Rounded figures; the source and year of each column stand in region_table.cpp and in
/// docs/models/grid.md.
std::span<const Region> region_table();

/// The built-in region of that name (exact spelling), or nullptr.
const Region* find_region(std::string_view name);

}  // namespace grid
}  // namespace swarm
