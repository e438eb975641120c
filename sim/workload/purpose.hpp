#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/core/params.hpp"

/// What requests are for: `[[purpose]]`. The list is closed, because a purpose that nobody knows would silently count
/// as an ordinary one.
namespace swarm {
namespace workload {

enum class Purpose : std::uint8_t {
  climate_adaptation,
  disaster_response,
  renewable_energy_optimisation,
  sustainable_agriculture,
  climate_science,
  global_south_education,
  general_research,
  luxury,
  cryptocurrency_mining,
};
inline constexpr std::size_t kPurposes = 9;

/// One purpose's part in demand and its weight.
struct PurposeRecord {
  std::string name;
  double share = 0;
  double priority = 1;
  double wtp_shift = 0;
};

template <class V>
void describe(V& v, PurposeRecord& p) {
  v("name", p.name, {.unit = "", .doc = "One of the purposes below, or an alias of it."});
  v("share", p.share, {.unit = "1", .min = 0, .max = 1e9, .doc = "Weight of the purpose among requests; weights need not add up to 1.", .source = kAssumed});
  v("priority", p.priority, {.unit = "1", .min = 0, .max = 1000, .doc = "Factor of the purpose in the priority of a request.", .source = "first prototype"});
  v("wtp_shift", p.wtp_shift, {.unit = "1", .min = -10, .max = 10, .doc = "Shift of the logarithm of willingness to pay for this purpose (δ).", .source = kAssumed});
}

/// All purposes with their defaults, in the order of the enumeration.
std::span<const PurposeRecord> purpose_table();

/// The purpose of that name or alias; lower case, and with '_' for '-' and ' '. Empty if there is none.
std::optional<Purpose> find_purpose(std::string_view name);

/// Every spelling that find_purpose() knows, for suggestions: the nine names, then the aliases.
std::span<const std::string_view> purpose_spellings();

}  // namespace workload
inline namespace core {
template <>
struct EnumNames<workload::Purpose> {
  static constexpr std::array<std::string_view, workload::kPurposes> names{
      "climate_adaptation", "disaster_response",      "renewable_energy_optimisation",
      "sustainable_agriculture", "climate_science",   "global_south_education",
      "general_research",   "luxury",                 "cryptocurrency_mining"};
};
}  // namespace core
}  // namespace swarm
