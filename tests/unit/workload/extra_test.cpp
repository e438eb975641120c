#include "sim/workload/extra.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "sim/core/csv.hpp"
#include "sim/workload/arrivals.hpp"
#include "sim/workload/trace.hpp"
#include "sim/workload/willingness.hpp"

/// Requests on top of the ordinary ones (docs/models/instruments.md, "In a run").
namespace swarm::workload {
namespace {

constexpr RegionId kRegion{2};
constexpr std::uint32_t kBank = 4096;
const Random kStream(3, Stream::emergency_count), kRequest(3, Stream::request), kDemand(3, Stream::demand);
using ByPurpose = std::array<double, kPurposes>;
constexpr ByPurpose kShares{0.1, 0.2, 0, 0, 0, 0, 0.5, 0.1, 0.1};
constexpr ByPurpose kFactors{2, 5, 9, 1, 1, 1, 1, 0.5, 1};

TEST(Extra, NumbersMatchTheirMean) {
  // 100 ordinary ones: 100 · 0.1 · (2 − 1) = 10 and 100 · 0.2 · (5 − 1) = 80; no share and a factor below 1
  // give none.
  ByPurpose sum{};
  double squares = 0;
  constexpr std::uint32_t kSteps = 2000;
  for (std::uint32_t step = 0; step < kSteps; ++step) {
    const ExtraRequests extra = draw_extra(kStream, step, kRegion, 100, kShares, kFactors);
    EXPECT_EQ(extra.first, 100u);
    for (std::size_t p = 0; p < kPurposes; ++p) sum[p] += extra.count[p];
    squares += (extra.count[1] - 80.0) * (extra.count[1] - 80.0);
  }
  EXPECT_NEAR(sum[0] / kSteps, 10, 4 * std::sqrt(10.0 / kSteps));
  EXPECT_NEAR(sum[1] / kSteps, 80, 4 * std::sqrt(80.0 / kSteps));
  EXPECT_GT(100 - 80, 4 * std::sqrt(80.0 / kSteps))
      << "share times factor, without the ordinary ones taken off";
  EXPECT_NEAR(squares / kSteps, 80, 4 * 80 * std::sqrt(2.0 / kSteps)) << "Poisson: variance and mean are one";
  for (std::size_t p = 2; p < kPurposes; ++p) EXPECT_EQ(sum[p], 0) << p;
}

TEST(Extra, NobodyComesOnTopOfNobody) {
  EXPECT_EQ(draw_extra(kStream, 0, kRegion, 0, kShares, kFactors).total(), 0u);
  ByPurpose one;
  one.fill(1);
  EXPECT_EQ(draw_extra(kStream, 0, kRegion, 1000000, kShares, one).total(), 0u);
}

TEST(Extra, TooManyAreRefused) {
  ByPurpose huge = kFactors;
  huge[6] = 1000;
  EXPECT_THROW(draw_extra(kStream, 0, kRegion, 4000000000u, kShares, huge), ModelError);
}

TEST(Extra, PurposesFollowEachOther) {
  ExtraRequests extra{.first = 10};
  extra.count[0] = 2;
  extra.count[1] = 1;
  EXPECT_EQ(extra.total(), 3u);
  EXPECT_FALSE(extra.holds(9));
  EXPECT_TRUE(extra.holds(10));
  EXPECT_EQ(extra.purpose(11), Purpose::climate_adaptation);
  EXPECT_EQ(extra.purpose(12), Purpose::disaster_response);
  EXPECT_FALSE(ExtraRequests{}.holds(4000000000u));
}

RequestColumns requests(std::uint32_t ordinary, const ExtraRequests& extra,
                        const RequestTrace* trace = nullptr) {
  const std::vector<PurposeRecord> purposes(purpose_table().begin(), purpose_table().end());
  RequestColumns out;
  synthesise({}, kRequest, 7, kRegion, ordinary, 300, kBank, out);
  add_extra({}, kRequest, 7, kRegion, extra, 300, kBank, trace, out);
  Willingness({}, purposes, 1, 1).draw(kDemand, 7, kRegion, 0, out.size(), out, extra);
  return out;
}

/// One row, with its number.
auto row(RequestColumns& q, std::size_t k) {
  return std::apply([&](auto&... column) { return std::tuple(column[k]...); }, q.columns());
}

TEST(Extra, FindTheirPlacesAndChangeNobodyElse) {
  ExtraRequests extra{.first = 500};
  extra.count[1] = 60;
  RequestColumns plain = requests(500, {}), both = requests(500, extra), more = requests(560, {});
  ASSERT_EQ(both.size(), 560u);
  std::size_t next = 0;
  for (std::size_t k = 0; k < both.size(); ++k) {
    if (k > 0) {
      EXPECT_LT(std::tie(both.offset_s[k - 1], both.sequence[k - 1]),
                std::tie(both.offset_s[k], both.sequence[k]));
    }
    if (both.sequence[k] < 500) {
      EXPECT_EQ(row(both, k), row(plain, next++));
      continue;
    }
    EXPECT_EQ(both.purpose[k], Purpose::disaster_response);
    EXPECT_EQ(both.sequence[k], more.sequence[k]) << "drawn as the 501st and so on would be";
    EXPECT_EQ(both.tok_in[k], more.tok_in[k]);
    EXPECT_EQ(both.wtp_ratio[k], more.wtp_ratio[k]) << "no purpose shifts willingness to pay by default";
  }
  EXPECT_EQ(next, 500u);
}

TEST(Extra, HaveTheTokOfARecordedTrace) {
  const auto trace = RequestTrace::from(
      CsvTable::parse("arrival_s,input_tokens,output_tokens\n0,11,21\n5,12,22\n9,13,9000000\n", "t.csv"));
  ExtraRequests extra{.first = 0};
  extra.count[0] = 300;
  const RequestColumns q = requests(0, extra, &trace);
  std::array<std::size_t, 3> seen{};
  for (std::size_t k = 0; k < q.size(); ++k) {
    ASSERT_TRUE(q.tok_in[k] >= 11 && q.tok_in[k] <= 13);
    EXPECT_EQ(q.tok_out[k],
              q.tok_in[k] == 13 ? static_cast<std::uint32_t>(WorkloadParams{}.tok_max) : q.tok_in[k] + 10);
    ++seen[q.tok_in[k] - 11];
  }
  for (const std::size_t n : seen) EXPECT_NEAR(static_cast<double>(n), 100, 4 * std::sqrt(300 * 2.0 / 9));
  EXPECT_EQ(q.tok_capped, seen[2]);
}

}  // namespace
}  // namespace swarm::workload
