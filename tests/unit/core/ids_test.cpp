#include "sim/core/ids.hpp"

#include <gtest/gtest.h>

#include <type_traits>

namespace {

using namespace swarm;

TEST(Ids, KindsCannotBeMixed) {
  static_assert(!std::is_convertible_v<SiteId, ModelId>);
  static_assert(!std::is_constructible_v<AgentId, RequestId>);
  static_assert(!std::is_convertible_v<std::uint32_t, SiteId>);
  static_assert(sizeof(RegionId) == 2 && sizeof(SiteId) == 4 && sizeof(AgentId) == 8);
  EXPECT_LT(SiteId{1}, SiteId{2});
  EXPECT_EQ(SiteId{}.value, 0u);
}

TEST(Ids, RegionalIdsPackAndUnpack) {
  for (unsigned region : {0u, 1u, 65535u})
    for (std::uint64_t local : {std::uint64_t{0}, std::uint64_t{1}, (std::uint64_t{1} << 48) - 1}) {
      const AgentId id(RegionId{static_cast<std::uint16_t>(region)}, local);
      EXPECT_EQ(id.region().value, region);
      EXPECT_EQ(id.local(), local);
    }
  EXPECT_EQ(AgentId(RegionId{3}, 5).packed, 0x0003'0000'0000'0005ull);
  // a number too long must not leak into the region
  EXPECT_EQ(AgentId(RegionId{3}, (std::uint64_t{1} << 48) + 5).region(), RegionId{3});
}

TEST(Ids, OrderIsByRegionThenNumber) {
  EXPECT_LT(AgentId(RegionId{1}, 900), AgentId(RegionId{2}, 1));
  EXPECT_LT(AgentId(RegionId{1}, 1), AgentId(RegionId{1}, 2));
}

}  // namespace
