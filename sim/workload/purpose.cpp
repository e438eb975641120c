#include "sim/workload/purpose.hpp"

#include <algorithm>
#include <vector>

namespace swarm {
namespace workload {
namespace {

using enum Purpose;

struct Alias {
  std::string_view spelling;
  Purpose purpose;
};
constexpr std::array<Alias, 20> kAliases{{
    {"adaptation", climate_adaptation},
    {"climate_change_adaptation", climate_adaptation},
    {"disaster_relief", disaster_response},
    {"emergency_response", disaster_response},
    {"renewable_energy_optimization", renewable_energy_optimisation},
    {"renewable_optimisation", renewable_energy_optimisation},
    {"renewable_optimization", renewable_energy_optimisation},
    {"agriculture", sustainable_agriculture},
    {"sustainable_farming", sustainable_agriculture},
    {"climate_research", climate_science},
    {"climate_science_research", climate_science},
    {"education", global_south_education},
    {"education_global_south", global_south_education},
    {"general", general_research},
    {"research", general_research},
    {"luxury_services", luxury},
    {"bitcoin_mining", cryptocurrency_mining},
    {"crypto", cryptocurrency_mining},
    {"crypto_mining", cryptocurrency_mining},
    {"crypto_currency_mining", cryptocurrency_mining},
}};

/// Priorities are those of the first prototype; shares are assumed.
struct Defaults {
  double share, priority;
};
constexpr std::array<Defaults, kPurposes> kDefaults{{{0.05, 5.0},
                                                     {0.03, 4.0},
                                                     {0.07, 3.5},
                                                     {0.08, 3.0},
                                                     {0.07, 2.5},
                                                     {0.10, 2.0},
                                                     {0.40, 1.0},
                                                     {0.12, 0.2},
                                                     {0.08, 0.1}}};

char plain(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c == '-' || c == ' ' ? '_' : c;
}

}  // namespace

std::span<const PurposeRecord> purpose_table() {
  static const std::array<PurposeRecord, kPurposes> table = [] {
    std::array<PurposeRecord, kPurposes> out;
    for (std::size_t p = 0; p < kPurposes; ++p)
      out[p] = {std::string(enum_name(static_cast<Purpose>(p))), kDefaults[p].share, kDefaults[p].priority, 0.0};
    return out;
  }();
  return table;
}

std::optional<Purpose> find_purpose(std::string_view name) {
  std::string word(name);
  std::transform(word.begin(), word.end(), word.begin(), plain);
  const auto& names = EnumNames<Purpose>::names;
  if (const auto found = std::find(names.begin(), names.end(), word); found != names.end())
    return static_cast<Purpose>(found - names.begin());
  for (const Alias& alias : kAliases)
    if (alias.spelling == word) return alias.purpose;
  return std::nullopt;
}

std::span<const std::string_view> purpose_spellings() {
  static const std::vector<std::string_view> all = [] {
    const auto& names = EnumNames<Purpose>::names;
    std::vector<std::string_view> out(names.begin(), names.end());
    for (const Alias& alias : kAliases) out.push_back(alias.spelling);
    return out;
  }();
  return all;
}

}  // namespace workload
}  // namespace swarm
