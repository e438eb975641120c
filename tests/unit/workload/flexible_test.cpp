#include "sim/workload/flexible.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "sim/workload/arrivals.hpp"

/// Whose users can wait: a share of those that are not urgent, by the request's key and nothing else.
namespace swarm::workload {
namespace {

RequestColumns requests(const WorkloadParams& params, std::uint32_t step, std::uint16_t region, std::uint32_t count) {
  RequestColumns q;
  synthesise(params, Random(5, Stream::request), step, RegionId{region}, count, 300, 64, q);
  draw_flexible(params, Random(5, Stream::flexibility), step, RegionId{region}, 0, q.size(), q);
  return q;
}

TEST(Flexible, IsAShareOfThoseThatAreNotUrgent) {
  WorkloadParams params;
  params.flexible_share = 0.3;
  params.urgent_share = 0.2;
  double flexible = 0, calm = 0;
  const RequestColumns q = requests(params, 4, 1, 40000);
  for (std::size_t k = 0; k < q.size(); ++k) {
    EXPECT_LE(q.flexible[k] + q.urgent[k], 1) << "urgent requests cannot wait";
    flexible += q.flexible[k];
    calm += q.urgent[k] == 0;
  }
  EXPECT_NEAR(flexible / calm, 0.3, 3.5 * std::sqrt(0.3 * 0.7 / calm));
  params.flexible_share = 1;
  const RequestColumns all = requests(params, 4, 1, 1000);
  for (std::size_t k = 0; k < all.size(); ++k) EXPECT_EQ(all.flexible[k], all.urgent[k] == 0);
  params.flexible_share = 0;
  for (const auto flag : requests(params, 4, 1, 1000).flexible) EXPECT_EQ(flag, 0);
}

TEST(Flexible, NeitherOrderNorBlocksNorOtherRequestsMatter) {
  WorkloadParams params;
  params.flexible_share = 0.5;
  const RequestColumns whole = requests(params, 9, 2, 1500);
  RequestColumns parts = whole;
  std::fill(parts.flexible.begin(), parts.flexible.end(), 0);
  const Random random(5, Stream::flexibility);
  draw_flexible(params, random, 9, RegionId{2}, 700, 1500, parts);
  draw_flexible(params, random, 9, RegionId{2}, 0, 700, parts);
  EXPECT_EQ(parts.flexible, whole.flexible);
  RequestColumns backwards = whole;
  std::vector<std::size_t> rows(1500);
  for (std::size_t k = 0; k < 1500; ++k) rows[k] = 1499 - k;
  backwards.arrange(rows);
  std::fill(backwards.flexible.begin(), backwards.flexible.end(), 0);
  draw_flexible(params, random, 9, RegionId{2}, 0, 1500, backwards);
  for (std::size_t k = 0; k < 1500; ++k) ASSERT_EQ(backwards.flexible[k], whole.flexible[1499 - k]) << "the request's number decides";
  params.urgent_share = 0;
  const auto by_number = [&](std::uint32_t step, std::uint16_t region) {
    const RequestColumns q = requests(params, step, region, 1500);
    std::vector<std::uint8_t> flags(1500);
    for (std::size_t k = 0; k < 1500; ++k) flags[q.sequence[k]] = q.flexible[k];
    return flags;
  };
  EXPECT_EQ(by_number(9, 2), by_number(9, 2));
  EXPECT_NE(by_number(9, 2), by_number(10, 2));
  EXPECT_NE(by_number(9, 2), by_number(9, 3));
}

TEST(Flexible, MoreOfThemAreTheSameOnesAndOthers) {
  WorkloadParams few, many;
  few.flexible_share = 0.2;
  many.flexible_share = 0.6;
  const RequestColumns a = requests(few, 3, 0, 3000), b = requests(many, 3, 0, 3000);
  for (std::size_t k = 0; k < a.size(); ++k) EXPECT_LE(a.flexible[k], b.flexible[k]);
}

TEST(RequestColumns, ArrangeKeepsTheRowsItIsToldInTheirOrder) {
  WorkloadParams params;
  params.flexible_share = 0.5;
  const RequestColumns was = requests(params, 3, 0, 20);
  RequestColumns q = was;
  q.append(was);
  q.arrange(std::vector<std::size_t>{25, 3, 0});
  ASSERT_EQ(q.size(), 3u);
  for (const auto& [now, before] : {std::pair{0, 5}, {1, 3}, {2, 0}}) {
    EXPECT_EQ(q.offset_s[now], was.offset_s[before]);
    EXPECT_EQ(q.sequence[now], was.sequence[before]);
    EXPECT_EQ(q.flexible[now], was.flexible[before]);
    EXPECT_EQ(q.tok_out[now], was.tok_out[before]);
  }
}

}  // namespace
}  // namespace swarm::workload
