#include "sim/grid/region_table.hpp"

#include <array>
#include <string>

#include "sim/grid/profile_table.hpp"

// clang-format off
// Sources by column, all rounded. Rows are ISO 3166-1 countries but for IN-WE and BR-CS, grid zones of a country.
//   population         World Bank 2023; IN-WE and BR-CS: assumed, the sum of the states that the zone serves
//   income group       World Bank, fiscal year 2025 (July 2024); zones: their country's
//   Global South       UNCTAD developing economies
//   GDP per capita     World Bank 2023, current USD; zones: their country's
//   vulnerability      ND-GAIN 2023; zones: their country's
//   UTC offset         standard time at the main population centre, assumed constant (no summer time)
//   intensity          countries: Ember 2023 (2022 for those listed below) through Our World in Data; zones:
//                      Electricity Maps, yearly 2023
//   renewable share    countries: Our World in Data, the same year; zones: Electricity Maps, yearly 2023
//   price              assumed, of the order of tariffs for businesses in 2023
//   latitude, longitude  main population centre or largest city
//   intensity profile  row of profile_table.cpp: the zone; else the country's zones; else (also for Indonesia, whose
//                      zone is a constant estimate) fossil, mixed or renewable by the renewable share, with limits
//                      0.25 and 0.6
//   price profile      row of profile_table.cpp: the wholesale market of the zone or of a part of the country, else world
// Intensity and renewable share are of 2022 for ID LK NP MY SA AE IL GH TZ ET UG MZ MW RW SN CD PA GT FJ PG.
// zone: the column in published traces where its name is not the region's. BR-CS, CL-SEN, IT-NO and SE-SE3 serve most
// of their country's demand. AU CA IN JP NO US have several zones and none that dominates: a scenario has to say which
// one stands for them (`--set region.JP.zone=JP-TK`). No trace at hand has a zone for the others without a fitted one.
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
  const char* intensity_profile;
  const char* price_profile;
};

using enum IncomeGroup;

// clang-format off
constexpr std::array<Row, 60> kRows{{
    {"BD",    "BD", "Bangladesh",           "",       171.5e6, lower_middle, true,   2550, 0.55,  6.0, 691, 0.02, 0.10,  23.8,  90.4, "fossil",    "world"},
    {"KE",    "KE", "Kenya",                "",        55.3e6, lower_middle, true,   1940, 0.49,  3.0,  70, 0.94, 0.17,  -1.3,  36.8, "renewable", "world"},
    {"DE",    "DE", "Germany",              "",        83.3e6, high,         false, 53500, 0.30,  1.0, 381, 0.52, 0.26,  52.5,  13.4, "DE",        "DE"},
    {"IN",    "IN", "India",                "",        1438e6, lower_middle, true,   2470, 0.45,  5.5, 713, 0.20, 0.12,  28.6,  77.2, "IN",        "IN-WE"},
    {"IN-WE", "IN", "Western India",        "",         318e6, lower_middle, true,   2470, 0.45,  5.5, 662, 0.17, 0.12,  19.1,  72.9, "IN-WE",     "IN-WE"},
    {"ZA",    "ZA", "South Africa",         "",        63.2e6, upper_middle, true,   5980, 0.38,  2.0, 708, 0.13, 0.08, -26.2,  28.0, "ZA",        "ZA"},
    {"BR",    "BR", "Brazil",               "BR-CS",  211.1e6, upper_middle, true,  10300, 0.36, -3.0,  98, 0.89, 0.13, -23.5, -46.6, "BR-CS",     "BR-CS"},
    {"BR-CS", "BR", "Central Brazil",       "",         105e6, upper_middle, true,  10300, 0.36, -3.0,  90, 0.87, 0.13, -23.5, -46.6, "BR-CS",     "BR-CS"},
    {"US",    "US", "United States",        "",       336.8e6, high,         false, 81200, 0.30, -5.0, 369, 0.23, 0.15,  40.7, -74.0, "US",        "US"},
    {"FR",    "FR", "France",               "",        68.4e6, high,         false, 44300, 0.30,  1.0,  56, 0.26, 0.19,  48.9,   2.4, "FR",        "FR"},
    {"GB",    "GB", "United Kingdom",       "",        68.5e6, high,         false, 48800, 0.28,  0.0, 238, 0.46, 0.30,  51.5,  -0.1, "GB",        "world"},
    {"NG",    "NG", "Nigeria",              "",       227.9e6, lower_middle, true,   1590, 0.46,  1.0, 523, 0.21, 0.05,   6.5,   3.4, "fossil",    "world"},
    {"PK",    "PK", "Pakistan",             "",         248e6, lower_middle, true,   1370, 0.50,  5.0, 441, 0.27, 0.16,  24.9,  67.0, "mixed",     "world"},
    {"VN",    "VN", "Viet Nam",             "",         100e6, lower_middle, true,   4280, 0.46,  7.0, 475, 0.42, 0.08,  10.8, 106.7, "mixed",     "world"},
    {"PH",    "PH", "Philippines",          "",         115e6, lower_middle, true,   3800, 0.44,  8.0, 611, 0.22, 0.16,  14.6, 121.0, "fossil",    "world"},
    {"ID",    "ID", "Indonesia",            "",         281e6, upper_middle, true,   4880, 0.43,  7.0, 676, 0.20, 0.07,  -6.2, 106.8, "fossil",    "world"},
    {"LK",    "LK", "Sri Lanka",            "",          22e6, lower_middle, true,   3830, 0.47,  5.5, 510, 0.37, 0.15,   6.9,  79.9, "mixed",     "world"},
    {"NP",    "NP", "Nepal",                "",        29.7e6, lower_middle, true,   1380, 0.49, 5.75,  24, 1.00, 0.08,  27.7,  85.3, "renewable", "world"},
    {"TH",    "TH", "Thailand",             "",        71.7e6, upper_middle, true,   7180, 0.41,  7.0, 550, 0.16, 0.13,  13.8, 100.5, "fossil",    "world"},
    {"MY",    "MY", "Malaysia",             "",        35.1e6, upper_middle, true,  11400, 0.36,  8.0, 606, 0.19, 0.13,   3.1, 101.7, "fossil",    "world"},
    {"CN",    "CN", "China",                "",        1410e6, upper_middle, true,  12600, 0.35,  8.0, 582, 0.31, 0.09,  31.2, 121.5, "mixed",     "world"},
    {"JP",    "JP", "Japan",                "",         125e6, high,         false, 33800, 0.36,  9.0, 485, 0.24, 0.19,  35.7, 139.7, "JP",        "JP-TK"},
    {"KR",    "KR", "South Korea",          "",        51.7e6, high,         false, 33100, 0.35,  9.0, 431, 0.09, 0.12,  37.6, 127.0, "KR",        "KR"},
    {"SG",    "SG", "Singapore",            "",        5.92e6, high,         true,  84700, 0.39,  8.0, 471, 0.05, 0.22,   1.3, 103.8, "SG",        "SG"},
    {"SA",    "SA", "Saudi Arabia",         "",        33.7e6, high,         true,  31700, 0.41,  3.0, 707, 0.00, 0.07,  24.7,  46.7, "fossil",    "world"},
    {"AE",    "AE", "United Arab Emirates", "",        10.5e6, high,         true,  48100, 0.38,  4.0, 561, 0.05, 0.11,  25.2,  55.3, "fossil",    "world"},
    {"IL",    "IL", "Israel",               "",        9.85e6, high,         false, 51800, 0.29,  2.0, 583, 0.10, 0.14,  32.1,  34.8, "IL",        "world"},
    {"TR",    "TR", "Türkiye",              "",        85.3e6, upper_middle, true,  13000, 0.36,  3.0, 465, 0.42, 0.12,  41.0,  29.0, "TR",        "world"},
    {"EG",    "EG", "Egypt",                "",         115e6, lower_middle, true,   3460, 0.40,  2.0, 570, 0.12, 0.04,  30.0,  31.2, "fossil",    "world"},
    {"MA",    "MA", "Morocco",              "",        37.7e6, lower_middle, true,   3740, 0.37,  1.0, 630, 0.21, 0.12,  33.6,  -7.6, "fossil",    "world"},
    {"GH",    "GH", "Ghana",                "",        33.8e6, lower_middle, true,   2260, 0.44,  0.0, 484, 0.34, 0.13,   5.6,  -0.2, "mixed",     "world"},
    {"TZ",    "TZ", "Tanzania",             "",        66.6e6, lower_middle, true,   1190, 0.50,  3.0, 339, 0.33, 0.09,  -6.8,  39.3, "mixed",     "world"},
    {"ET",    "ET", "Ethiopia",             "",         129e6, low,          true,   1270, 0.52,  3.0,  25, 1.00, 0.03,   9.0,  38.7, "renewable", "world"},
    {"UG",    "UG", "Uganda",               "",        48.7e6, low,          true,   1010, 0.52,  3.0,  45, 0.99, 0.15,   0.3,  32.6, "renewable", "world"},
    {"MZ",    "MZ", "Mozambique",           "",        33.6e6, low,          true,    613, 0.48,  2.0, 136, 0.82, 0.11, -26.0,  32.6, "renewable", "world"},
    {"MW",    "MW", "Malawi",               "",        21.1e6, low,          true,    667, 0.55,  2.0,  67, 0.94, 0.10, -14.0,  33.8, "renewable", "world"},
    {"RW",    "RW", "Rwanda",               "",          14e6, low,          true,   1010, 0.57,  2.0, 316, 0.54, 0.15,  -1.9,  30.1, "mixed",     "world"},
    {"SN",    "SN", "Senegal",              "",        18.1e6, lower_middle, true,   1720, 0.53,  0.0, 512, 0.26, 0.19,  14.7, -17.5, "mixed",     "world"},
    {"CD",    "CD", "DR Congo",             "",         106e6, low,          true,    628, 0.56,  1.0,  24, 1.00, 0.08,  -4.3,  15.3, "renewable", "world"},
    {"MX",    "MX", "Mexico",               "",         130e6, upper_middle, true,  13800, 0.37, -6.0, 507, 0.20, 0.18,  19.4, -99.1, "fossil",    "world"},
    {"CA",    "CA", "Canada",               "",        40.1e6, high,         false, 53400, 0.28, -5.0, 170, 0.66, 0.11,  43.7, -79.4, "CA",        "CA-ON"},
    {"PA",    "PA", "Panama",               "",        4.46e6, high,         true,  18700, 0.42, -5.0, 162, 0.78, 0.19,   9.0, -79.5, "PA",        "world"},
    {"GT",    "GT", "Guatemala",            "",        18.1e6, upper_middle, true,   5630, 0.44, -6.0, 328, 0.67, 0.20,  14.6, -90.5, "renewable", "world"},
    {"CR",    "CR", "Costa Rica",           "",        5.11e6, upper_middle, true,  16900, 0.38, -6.0,  53, 0.96, 0.20,   9.9, -84.1, "renewable", "world"},
    {"CL",    "CL", "Chile",                "CL-SEN",  19.7e6, high,         true,  17100, 0.33, -4.0, 291, 0.61, 0.16, -33.4, -70.7, "CL-SEN",    "CL-SEN"},
    {"CO",    "CO", "Colombia",             "",        52.3e6, upper_middle, true,   6950, 0.40, -5.0, 260, 0.66, 0.17,   4.7, -74.1, "renewable", "world"},
    {"PE",    "PE", "Peru",                 "",        33.8e6, upper_middle, true,   7910, 0.41, -5.0, 266, 0.59, 0.13, -12.0, -77.0, "PE",        "world"},
    {"AR",    "AR", "Argentina",            "",        45.5e6, upper_middle, true,  14100, 0.37, -3.0, 354, 0.35, 0.07, -34.6, -58.4, "mixed",     "world"},
    {"UY",    "UY", "Uruguay",              "",        3.39e6, high,         true,  22800, 0.39, -3.0, 129, 0.90, 0.13, -34.9, -56.2, "UY",        "world"},
    {"PL",    "PL", "Poland",               "",        36.7e6, high,         false, 22100, 0.30,  1.0, 662, 0.27, 0.22,  52.2,  21.0, "PL",        "world"},
    {"ES",    "ES", "Spain",                "",        48.4e6, high,         false, 32700, 0.29,  1.0, 174, 0.50, 0.16,  40.4,  -3.7, "ES",        "ES"},
    {"IT",    "IT", "Italy",                "IT-NO",     59e6, high,         false, 38200, 0.34,  1.0, 331, 0.44, 0.30,  45.5,   9.2, "IT-NO",     "world"},
    {"NL",    "NL", "Netherlands",          "",        17.9e6, high,         false, 62500, 0.36,  1.0, 268, 0.48, 0.25,  52.4,   4.9, "NL",        "NL"},
    {"SE",    "SE", "Sweden",               "SE-SE3",  10.5e6, high,         false, 56300, 0.32,  1.0,  41, 0.69, 0.12,  59.3,  18.1, "SE-SE3",    "world"},
    {"NO",    "NO", "Norway",               "",        5.52e6, high,         false, 88000, 0.27,  1.0,  30, 0.99, 0.10,  59.9,  10.8, "NO",        "world"},
    {"CH",    "CH", "Switzerland",          "",        8.89e6, high,         false, 99600, 0.25,  1.0,  35, 0.63, 0.20,  47.4,   8.5, "CH",        "CH"},
    {"AU",    "AU", "Australia",            "",        26.7e6, high,         false, 64700, 0.31, 10.0, 549, 0.36, 0.22, -33.9, 151.2, "AU",        "AU"},
    {"NZ",    "NZ", "New Zealand",          "",         5.2e6, high,         false, 48700, 0.32, 12.0, 113, 0.87, 0.15, -36.8, 174.8, "NZ",        "world"},
    {"FJ",    "FJ", "Fiji",                 "",       0.924e6, upper_middle, true,   5950, 0.46, 12.0, 288, 0.60, 0.16, -18.1, 178.4, "mixed",     "world"},
    {"PG",    "PG", "Papua New Guinea",     "",        10.4e6, lower_middle, true,   2980, 0.55, 10.0, 507, 0.25, 0.22,  -9.4, 147.2, "mixed",     "world"},
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
  r.intensity = fitted_intensity(row.intensity_profile);
  r.price = fitted_price(row.price_profile);
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
