#include "sim/grid/zones.hpp"

#include <gtest/gtest.h>

namespace swarm::grid {
namespace {

TEST(Zones, ExactNameThenAliasThenCase) {
  const std::vector<std::string> columns{"de", "DE-LU", "BR-SP", "CL-SIC", "gb"};
  EXPECT_EQ(find_zone("DE", columns), 1u);  // the alias comes before another case
  EXPECT_EQ(find_zone("BR-CS", columns), 2u);
  EXPECT_EQ(find_zone("CL-SEN", columns), 3u);
  EXPECT_EQ(find_zone("GB", columns), 4u);
  EXPECT_EQ(find_zone("FR", columns), std::nullopt);
  EXPECT_EQ(find_zone("", columns), std::nullopt);
  const std::vector<std::string> both{"DE-LU", "DE"};
  EXPECT_EQ(find_zone("DE", both), 1u);  // the exact name comes first
  EXPECT_EQ(find_zone("DE-LU", both), 0u);
}

TEST(Zones, AliasesAreSymmetric) {
  EXPECT_EQ(zone_aliases("BR-SP"), (std::vector<std::string_view>{"BR-CS"}));
  EXPECT_EQ(zone_aliases("BR-CS"), (std::vector<std::string_view>{"BR-SP"}));
  EXPECT_TRUE(zone_aliases("KE").empty());
  EXPECT_TRUE(zone_aliases("").empty());
}

}  // namespace
}  // namespace swarm::grid
