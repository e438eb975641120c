#include "sim/policy/social_cost.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "sim/core/calendar.hpp"
#include "sim/core/csv.hpp"

namespace swarm {
namespace policy {
namespace {

double at(SocialCostPath path, const char* stamp) { return social_cost_usd_per_t(path, parse_utc(stamp)); }
constexpr SocialCostPath kPaths[] = {SocialCostPath::epa_2_5, SocialCostPath::epa_2_0, SocialCostPath::epa_1_5};

TEST(SocialCost, PublishedFigures) {
  // US EPA, December 2023, USD of 2020 per tonne of CO2 at 2.5, 2.0 and 1.5 percent.
  struct Row {
    const char* year;
    double usd[3];
  };
  for (const Row& row : {Row{"2020-01-01", {120, 190, 340}}, Row{"2030-01-01", {140, 230, 380}},
                         Row{"2040-01-01", {170, 270, 430}}, Row{"2050-01-01", {200, 310, 480}},
                         Row{"2060-01-01", {230, 350, 530}}, Row{"2070-01-01", {260, 380, 570}},
                         Row{"2080-01-01", {280, 410, 600}}})
    for (int i = 0; i < 3; ++i) EXPECT_EQ(at(kPaths[i], row.year), row.usd[i]) << row.year << " path " << i;
}

TEST(SocialCost, StraightLinesBetweenThem) {
  // 2022-07-02T12:00Z is the middle of 2022: year 2022.5, halfway from 2020 to 2025: 190 + 0.5·20 = 200.
  EXPECT_NEAR(at(SocialCostPath::epa_2_0, "2022-07-02T12:00"), 200, 1e-9);
  // The middle of 2045: 270 + 0.55·40 = 292, and 430 + 0.55·50 = 457.5.
  EXPECT_NEAR(at(SocialCostPath::epa_2_0, "2045-07-02T12:00"), 292, 1e-9);
  EXPECT_NEAR(at(SocialCostPath::epa_1_5, "2045-07-02T12:00"), 457.5, 1e-9);
  // A leap year has its middle at midnight: 2024.5 is 0.9 of the way: 120 + 0.9·10 = 129.
  EXPECT_NEAR(at(SocialCostPath::epa_2_5, "2024-07-02"), 129, 1e-9);
  // A path that held each figure until the next would say 190 and 270.
  EXPECT_GT(at(SocialCostPath::epa_2_0, "2024-12-31"), 209);
}

TEST(SocialCost, HeldBeforeTheFirstAndAfterTheLastYear) {
  EXPECT_EQ(at(SocialCostPath::epa_2_0, "1990-06-01"), 190);
  EXPECT_EQ(at(SocialCostPath::epa_2_0, "2080-06-01"), 410);
  EXPECT_EQ(at(SocialCostPath::epa_1_5, "2150-01-01"), 600);
}

TEST(SocialCost, AgreesWithThePublishedTable) {
  const char* folder = std::getenv("SWARM_SHARED");
  const auto file = std::filesystem::path(folder != nullptr ? folder : SWARM_SOURCE_DIR "/../shared/data") /
                    "carbon_prices" / "social_cost_of_carbon_epa2023.csv";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "real data absent: " << file.string();
  const CsvTable table = CsvTable::read(file);
  ASSERT_EQ(table.rows(), 8u);
  const char* columns[] = {"scc_usd2020_per_t_2.5pct", "scc_usd2020_per_t_2.0pct", "scc_usd2020_per_t_1.5pct"};
  for (std::size_t row = 0; row < table.rows(); ++row)
    for (int i = 0; i < 3; ++i) {
      const std::string year(table.cell(row, table.require_column("emission_year")));
      EXPECT_EQ(at(kPaths[i], (year + "-01-01").c_str()), table.number(row, table.require_column(columns[i])))
          << year << " " << columns[i];
    }
}

}  // namespace
}  // namespace policy
}  // namespace swarm
