#include "sim/grid/region_table.hpp"

#include <array>
#include <cctype>
#include <cmath>
#include <set>

#include "sim/core/csv.hpp"
#include "tests/unit/grid/helpers.hpp"

namespace swarm::grid {
namespace {
using namespace test;

TEST(RegionTable, HoldsTheNamedRegionsInOrder) {
  const std::array<std::string_view, 12> names{"BD", "KE",    "DE", "IN", "IN-WE", "ZA",
                                               "BR", "BR-CS", "US", "FR", "GB",    "NG"};
  ASSERT_EQ(region_table().size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(region_table()[i].name, names[i]);
    EXPECT_EQ(find_region(names[i]), &region_table()[i]);
  }
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
  std::set<std::string> seen;
  for (std::size_t row = 0; row < t.rows(); ++row) {
    const Region* r = find_region(t.cell(row, t.require_column("iso2")));
    if (!r) continue;
    const auto number = [&](std::string_view column) { return t.number(row, t.require_column(column)); };
    seen.insert(r->name);
    EXPECT_EQ(number("owid_year"), 2023) << r->name;
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
  EXPECT_EQ(seen.size(), 10u);
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
