#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Finding a region's column: the same zone is called differently by different publishers.
namespace swarm {
namespace grid {

/// The other names under which a zone occurs in published files (BR-CS is BR-SP, CL-SEN is CL-SIC, DE is
/// DE-LU or ger); empty if it has none.
std::vector<std::string_view> zone_aliases(std::string_view zone);

/// Index into `names` of the zone: its exact name first, then its aliases, then the same without regard to
/// case.
std::optional<std::size_t> find_zone(std::string_view zone, std::span<const std::string> names);

}  // namespace grid
}  // namespace swarm
