#include "sim/grid/region_table.hpp"

#include <array>
#include <string>

// clang-format off
// Sources by column, all rounded. Rows are ISO 3166-1 countries but for IN-WE and BR-CS, grid zones of a country.
//   population         World Bank 2023; IN-WE and BR-CS: assumed, the sum of the states that the zone serves
//   income group       World Bank, fiscal year 2025 (July 2024); zones: their country's
//   Global South       UNCTAD developing economies
//   GDP per capita     World Bank 2023, current USD; zones: their country's
//   vulnerability      ND-GAIN 2023; zones: their country's
//   UTC offset         standard time at the main population centre, assumed constant (no summer time)
//   intensity          countries: Ember 2023 through Our World in Data; zones: Electricity Maps, yearly 2023
//   renewable share    countries: Our World in Data 2023; zones: Electricity Maps, yearly 2023
//   price              assumed, of the order of tariffs for businesses in 2023
//   latitude, longitude  main population centre: Dhaka, Nairobi, Berlin, Delhi, Mumbai, Johannesburg, São Paulo,
//                      New York, Paris, London, Lagos
// BR takes its traces from zone BR-CS, by far the largest of Brazil's zones. IN and US have no zone of their own in
// any trace at hand: a scenario has to say which one stands for them.
// clang-format on
namespace swarm {
namespace grid {
namespace {

struct Row {
  const char* name;
  const char* iso2;
  const char* title;
  const char* zone;
  double population;
  IncomeGroup income;
  bool south;
  double gdp;
  double vulnerability;
  double utc_offset;
  double intensity;
  double renewable;
  double price;
  double latitude;
  double longitude;
};

using enum IncomeGroup;

// clang-format off
constexpr std::array<Row, 12> kRows{{
    {"BD",    "BD", "Bangladesh",     "",      171.5e6, lower_middle, true,   2550, 0.55,  6.0, 691, 0.02, 0.10,  23.8,  90.4},
    {"KE",    "KE", "Kenya",          "",       55.3e6, lower_middle, true,   1940, 0.49,  3.0,  70, 0.94, 0.17,  -1.3,  36.8},
    {"DE",    "DE", "Germany",        "",       83.3e6, high,         false, 53500, 0.30,  1.0, 381, 0.52, 0.26,  52.5,  13.4},
    {"IN",    "IN", "India",          "",       1438e6, lower_middle, true,   2470, 0.45,  5.5, 713, 0.20, 0.12,  28.6,  77.2},
    {"IN-WE", "IN", "Western India",  "",        318e6, lower_middle, true,   2470, 0.45,  5.5, 662, 0.17, 0.12,  19.1,  72.9},
    {"ZA",    "ZA", "South Africa",   "",       63.2e6, upper_middle, true,   5980, 0.38,  2.0, 708, 0.13, 0.08, -26.2,  28.0},
    {"BR",    "BR", "Brazil",         "BR-CS", 211.1e6, upper_middle, true,  10300, 0.36, -3.0,  98, 0.89, 0.13, -23.5, -46.6},
    {"BR-CS", "BR", "Central Brazil", "",        105e6, upper_middle, true,  10300, 0.36, -3.0,  90, 0.87, 0.13, -23.5, -46.6},
    {"US",    "US", "United States",  "",      336.8e6, high,         false, 81200, 0.30, -5.0, 369, 0.23, 0.15,  40.7, -74.0},
    {"FR",    "FR", "France",         "",       68.4e6, high,         false, 44300, 0.30,  1.0,  56, 0.26, 0.19,  48.9,   2.4},
    {"GB",    "GB", "United Kingdom", "",       68.5e6, high,         false, 48800, 0.28,  0.0, 238, 0.46, 0.30,  51.5,  -0.1},
    {"NG",    "NG", "Nigeria",        "",      227.9e6, lower_middle, true,   1590, 0.46,  1.0, 523, 0.21, 0.05,   6.5,   3.4},
}};
// clang-format on

Region region(const Row& row) {
  Region r;
  r.name = row.name;
  r.iso2 = row.iso2;
  r.title = row.title;
  r.zone = row.zone;
  r.population = row.population;
  r.income_group = row.income;
  r.global_south = row.south;
  r.gdp_per_capita_usd = row.gdp;
  r.vulnerability = row.vulnerability;
  r.utc_offset_h = row.utc_offset;
  r.intensity_g_per_kwh = row.intensity;
  r.renewable_share = row.renewable;
  r.price_usd_per_kwh = row.price;
  r.latitude = row.latitude;
  r.longitude = row.longitude;
  return r;
}

}  // namespace

std::span<const Region> region_table() {
  static const std::array<Region, kRows.size()> table = [] {
    std::array<Region, kRows.size()> out;
    for (std::size_t i = 0; i < kRows.size(); ++i) out[i] = region(kRows[i]);
    return out;
  }();
  return table;
}

const Region* find_region(std::string_view name) {
  for (const Region& r : region_table())
    if (r.name == name) return &r;
  return nullptr;
}

}  // namespace grid
}  // namespace swarm
