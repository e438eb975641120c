#include "sim/grid/region_table.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <set>

#include "sim/core/csv.hpp"
#include "sim/grid/profile.hpp"
#include "sim/grid/profile_table.hpp"
#include "tests/unit/grid/helpers.hpp"

namespace swarm::grid {
namespace {
using namespace test;

TEST(RegionTable, HoldsTheNamedRegionsInOrder) {
  const std::array<std::string_view, 60> names{
      "BD", "KE", "DE", "IN", "IN-WE", "ZA", "BR", "BR-CS", "US", "FR", "GB", "NG", "PK", "VN", "PH",
      "ID", "LK", "NP", "TH", "MY",    "CN", "JP", "KR",    "SG", "SA", "AE", "IL", "TR", "EG", "MA",
      "GH", "TZ", "ET", "UG", "MZ",    "MW", "RW", "SN",    "CD", "MX", "CA", "PA", "GT", "CR", "CL",
      "CO", "PE", "AR", "UY", "PL",    "ES", "IT", "NL",    "SE", "NO", "CH", "AU", "NZ", "FJ", "PG"};
  ASSERT_EQ(region_table().size(), names.size());
  std::set<std::string> countries;
  std::array<int, 4> incomes{};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Region& region = region_table()[i];
    EXPECT_EQ(region.name, names[i]);
    EXPECT_EQ(find_region(names[i]), &region);
    if (countries.insert(region.iso2).second) ++incomes[static_cast<std::size_t>(region.income_group)];
  }
  EXPECT_EQ(countries.size(), 58u);
  for (int n : incomes) EXPECT_GE(n, 6);  // low, lower middle, upper middle, high
  EXPECT_EQ(find_region("bd"), nullptr);
  EXPECT_EQ(find_region(""), nullptr);
}

/// Collects the limits that `describe` states.
struct RangeCheck {
  std::string region;
  template <class T>
  void operator()(const char* name, T& value, const FieldInfo& info) {
    if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
      EXPECT_GE(static_cast<double>(value), info.min) << region << "." << name;
      EXPECT_LE(static_cast<double>(value), info.max) << region << "." << name;
    }
  }
};

TEST(RegionTable, RespectsItsOwnLimits) {
  for (Region region : region_table()) {
    RangeCheck check{region.name};
    describe(check, region);
    EXPECT_EQ(region.iso2, region.name.substr(0, 2));
    EXPECT_FALSE(region.title.empty());
  }
}

TEST(RegionTable, ProfilesStayPositiveWithoutTheFloor) {
  // 1 − (amplitudes) − (weekly part) is the least H can be if all terms have their minimum at once; where
  // that is not positive, the minimum over a year is looked for.
  for (const Region& region : region_table())
    for (const ProfileShape& shape : {intensity_shape({}, region), price_shape({}, region)}) {
      double least = 1;
      for (std::int64_t hour = 0; hour < 8760; ++hour)
        least = std::min(least, harmonics(shape, 1640995200 + hour * 3600 + 1800, region.utc_offset_h));
      EXPECT_GT(least, 0.1) << region.name;
    }
}

TEST(RegionTable, ClassesFollowTheRenewableShare) {
  struct Class {
    std::string_view name;
    double from, below;  // of the exact share; the table is rounded to 0.01
  };
  int members = 0;
  for (const auto& [name, from, below] :
       {Class{"fossil", 0, 0.25}, Class{"mixed", 0.25, 0.6}, Class{"renewable", 0.6, 1.01}}) {
    const Variation& fitted = fitted_intensity(name);
    int here = 0;
    for (const Region& region : region_table()) {
      if (region.intensity.diurnal != fitted.diurnal || region.intensity.ar1_sigma != fitted.ar1_sigma)
        continue;
      EXPECT_GE(region.renewable_share, from - 0.005) << region.name;
      EXPECT_LE(region.renewable_share, below + 0.005) << region.name;
      ++here;
    }
    EXPECT_GE(here, 8) << name;
    members += here;
  }
  EXPECT_EQ(members, 32);  // of 60, those without a zone of their own
}

/// Distance in units of the last kept digit: a rounded figure is within half of one.
bool rounds_to(double rounded, double exact, double unit) {
  return std::abs(rounded - exact) <= 0.5 * unit + 1e-9;
}

/// Three significant digits.
double third_digit(double x) {
  return std::pow(10, std::floor(std::log10(x)) - 2);
}

TEST(RegionTable, AgreesWithItsSources) {
  SKIP_WITHOUT("country/countries.csv");
  const CsvTable t = CsvTable::read(shared_file("country/countries.csv"));
  const std::set<std::string_view> of_2022{"ID", "LK", "NP", "MY", "SA", "AE", "IL", "GH", "TZ", "ET",
                                           "UG", "MZ", "MW", "RW", "SN", "CD", "PA", "GT", "FJ", "PG"};
  std::set<std::string> seen, continents;
  for (std::size_t row = 0; row < t.rows(); ++row) {
    const Region* r = find_region(t.cell(row, t.require_column("iso2")));
    if (!r) continue;
    const auto number = [&](std::string_view column) { return t.number(row, t.require_column(column)); };
    seen.insert(r->name);
    EXPECT_EQ(number("owid_year"), of_2022.contains(r->name) ? 2022 : 2023) << r->name;
    EXPECT_EQ(number("gdp_year"), 2023) << r->name;
    continents.emplace(t.cell(row, t.require_column("continent")));
    EXPECT_TRUE(rounds_to(r->intensity_g_per_kwh, number("owid_ci_g_per_kwh"), 1)) << r->name;
    EXPECT_TRUE(rounds_to(r->renewable_share, number("renewable_share"), 0.01)) << r->name;
    EXPECT_TRUE(rounds_to(r->vulnerability, number("ndgain_vulnerability_2023"), 0.01)) << r->name;
    const double gdp = number("gdp_per_capita_usd"), people = number("population_2023");
    EXPECT_TRUE(rounds_to(r->gdp_per_capita_usd, gdp, third_digit(gdp))) << r->name;
    EXPECT_TRUE(rounds_to(r->population, people, third_digit(people))) << r->name;
    EXPECT_EQ(r->global_south, number("global_north") == 0) << r->name;
    const std::string_view income = t.cell(row, t.require_column("income_group_fy2025"));
    const std::string group(enum_name(r->income_group));
    EXPECT_EQ(std::tolower(income[0]), group[0]) << r->name;
    EXPECT_EQ(has(std::string(income), "middle"), has(group, "middle")) << r->name;
  }
  EXPECT_EQ(seen.size(), 58u);
  EXPECT_EQ(continents, (std::set<std::string>{"AF", "AS", "EU", "NA", "OC", "SA"}));
  // Mutant: a figure of a neighbouring row.
  EXPECT_FALSE(rounds_to(find_region("KE")->intensity_g_per_kwh, 691.411, 1));
}

TEST(RegionTable, ZonesAgreeWithElectricityMaps) {
  SKIP_WITHOUT("country/em_zone_yearly_2021_2025.csv");
  const CsvTable t = CsvTable::read(shared_file("country/em_zone_yearly_2021_2025.csv"));
  int seen = 0;
  for (std::size_t row = 0; row < t.rows(); ++row) {
    const Region* r = find_region(t.cell(row, t.require_column("zone")));
    if (!r || r->name.size() == 2) continue;
    EXPECT_EQ(r->intensity_g_per_kwh, t.number(row, t.require_column("ci_2023"))) << r->name;
    EXPECT_DOUBLE_EQ(r->renewable_share, t.number(row, t.require_column("renewable_pct_2023")) / 100)
        << r->name;
    ++seen;
  }
  EXPECT_EQ(seen, 2);
}

}  // namespace
}  // namespace swarm::grid
