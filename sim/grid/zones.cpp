#include "sim/grid/zones.hpp"

#include <algorithm>
#include <array>

namespace swarm {
namespace grid {
namespace {

/// Names of one zone in different publications; empty entries pad.
constexpr std::array<std::array<std::string_view, 3>, 3> kSameZone{{
    {"BR-CS", "BR-SP", ""},
    {"CL-SEN", "CL-SIC", ""},
    {"DE", "DE-LU", "ger"},
}};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

template <class Same>
std::optional<std::size_t> find_any(std::span<const std::string_view> wanted,
                                    std::span<const std::string> names, Same&& same) {
  for (std::string_view w : wanted)
    for (std::size_t i = 0; i < names.size(); ++i)
      if (same(w, names[i])) return i;
  return std::nullopt;
}

}  // namespace

std::vector<std::string_view> zone_aliases(std::string_view zone) {
  std::vector<std::string_view> out;
  for (const auto& group : kSameZone) {
    if (std::ranges::find(group, zone) == group.end() || zone.empty()) continue;
    for (std::string_view name : group)
      if (name != zone && !name.empty()) out.push_back(name);
  }
  return out;
}

std::optional<std::size_t> find_zone(std::string_view zone, std::span<const std::string> names) {
  std::vector<std::string_view> wanted{zone};
  for (std::string_view alias : zone_aliases(zone)) wanted.push_back(alias);
  const auto exact = find_any(wanted, names, [](std::string_view a, std::string_view b) { return a == b; });
  return exact ? exact : find_any(wanted, names, same_letters);
}

}  // namespace grid
}  // namespace swarm
