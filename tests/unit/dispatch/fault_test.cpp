#include "sim/dispatch/fault.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace swarm::dispatch {
namespace {

constexpr std::int64_t kStart = 1'640'995'200;  // 2022-01-01
const std::vector<std::string> kRegions{"A", "B"};
/// A: 10 specialists at a1 and 30 at a2; B: 20 at b1.
const std::vector<FaultSite> kSites{{"a1", RegionId{0}, 10}, {"a2", RegionId{0}, 30}, {"b1", RegionId{1}, 20}};

Faults listed(const std::vector<FaultRecord>& records, std::int64_t lasts = 86400) {
  return Faults::build({}, records, kRegions, kSites, kStart, kStart + lasts, 1);
}
Faults drawn(const FaultParams& p, double days, std::uint64_t seed, std::int64_t start = kStart) {
  return Faults::build(p, {}, kRegions, kSites, start, start + static_cast<std::int64_t>(days * 86400), seed);
}
std::size_t count(const Faults& f, FaultKind kind) {
  std::size_t n = 0;
  for (std::uint16_t r = 0; r < 2; ++r) n += static_cast<std::size_t>(std::ranges::count(f.of(RegionId{r}), kind, &Fault::kind));
  return n;
}

TEST(Fault, LastsFromItsStartToBeforeItsEnd) {
  const Faults f = listed({{.name = "out", .kind = FaultKind::site_outage, .region = "A", .start = {600}, .duration = {300}}});
  const auto on = [&](std::int64_t s) { return f.active(RegionId{0}, kStart + s, FaultKind::site_outage); };
  EXPECT_FALSE(on(599));
  EXPECT_TRUE(on(600));
  EXPECT_TRUE(on(899));
  EXPECT_FALSE(on(900));
  EXPECT_FALSE(f.active(RegionId{1}, kStart + 600, FaultKind::site_outage)) << "the other region";
  EXPECT_FALSE(f.active(RegionId{0}, kStart + 600, FaultKind::partition)) << "another kind";
}

TEST(Fault, StrikesItsSitesAndSpecialists) {
  const Faults f = listed({{.name = "all", .kind = FaultKind::site_outage, .region = "A"},
                           {.name = "one", .kind = FaultKind::site_outage, .site = "a2"},
                           {.name = "crash", .kind = FaultKind::agent_crash, .region = "A", .share = 0.25},
                           {.name = "slow", .kind = FaultKind::slow_agent, .site = "a2", .share = 1, .factor = 3}});
  const auto faults = f.of(RegionId{0});
  ASSERT_EQ(faults.size(), 4u);
  EXPECT_EQ(std::pair(faults[0].first_site, faults[0].sites), std::pair(0u, 2u));
  EXPECT_EQ(std::pair(faults[1].first_site, faults[1].sites), std::pair(1u, 1u));
  EXPECT_EQ(faults[2].agents.size(), 10u) << "a quarter of forty";
  EXPECT_LT(faults[2].agents.back(), 40u);
  ASSERT_EQ(faults[3].agents.size(), 30u);
  EXPECT_EQ(std::pair(faults[3].agents.front(), faults[3].agents.back()), std::pair(10u, 39u)) << "after those of a1";
  EXPECT_EQ(faults[3].factor, 3);
  EXPECT_EQ(faults[2].factor, 1);
  EXPECT_TRUE(f.of(RegionId{1}).empty());
}

/// ⌊5/4⌉ of 5 is 1, of 6 (1.5) is 2, of one at least one; who it is depends on the name, and more of them contain the fewer.
TEST(Fault, AShareIsExactAndNested) {
  EXPECT_EQ(struck(1, "x", 0, 5, 0.25).size(), 1u);
  EXPECT_EQ(struck(1, "x", 0, 6, 0.25).size(), 2u);
  EXPECT_EQ(struck(1, "x", 7, 1, 0.01), std::vector<std::uint32_t>{7});
  EXPECT_TRUE(struck(1, "x", 0, 0, 1).empty());
  const auto few = struck(1, "x", 100, 1000, 0.3), many = struck(1, "x", 100, 1000, 0.6);
  EXPECT_EQ(few.size(), 300u);
  EXPECT_TRUE(std::ranges::includes(many, few));
  EXPECT_NE(few, struck(1, "y", 100, 1000, 0.3));
  EXPECT_NE(few, struck(2, "x", 100, 1000, 0.3));
  std::size_t low = 0;  // not always the first of a site: binomial(300, 1/2), four standard errors
  for (const auto agent : few) low += agent < 600;
  EXPECT_NEAR(static_cast<double>(low), 150, 4 * std::sqrt(300 * 0.25));
}

TEST(Fault, OverlappingOnesAreAllFound) {
  const Faults f = listed({{.name = "long", .kind = FaultKind::partition, .region = "A", .start = {0}, .duration = {10000}},
                           {.name = "short", .kind = FaultKind::forecast_outage, .region = "A", .start = {100}, .duration = {10}},
                           {.name = "before", .kind = FaultKind::partition, .region = "A", .start = {-500}, .duration = {400}}});
  EXPECT_EQ(f.of(RegionId{0}).size(), 2u) << "what ended before the run is gone";
  std::set<FaultKind> on;
  f.each_active(RegionId{0}, kStart + 105, [&](const Fault& one) { on.insert(one.kind); });
  EXPECT_EQ(on, (std::set{FaultKind::partition, FaultKind::forecast_outage}));
  on.clear();
  f.each_active(RegionId{0}, kStart + 5000, [&](const Fault& one) { on.insert(one.kind); });
  EXPECT_EQ(on, std::set{FaultKind::partition}) << "the one that began first lasts longest";
}

FaultParams every(double per_year) {
  FaultParams p;
  p.process = true;
  p.agent_crash_per_year = p.slow_agent_per_year = p.wrong_answers_per_year = per_year;
  p.site_outage_per_year = p.forecast_outage_per_year = p.partition_per_year = per_year;
  return p;
}

/// Poisson: 60 specialists, 3 sites and 2 regions over 400 days; counts and durations within four standard errors.
TEST(FaultProcess, HasItsRatesAndMeanDurations) {
  const FaultParams p = every(36.525);  // a tenth a day
  const Faults f = drawn(p, 400, 5);
  const double crashes = 0.1 * 60 * 400, outages = 0.1 * 3 * 400, cuts = 0.1 * 2 * 400;
  EXPECT_NEAR(static_cast<double>(count(f, FaultKind::agent_crash)), crashes, 4 * std::sqrt(crashes));
  EXPECT_NEAR(static_cast<double>(count(f, FaultKind::slow_agent)), crashes, 4 * std::sqrt(crashes));
  EXPECT_NEAR(static_cast<double>(count(f, FaultKind::wrong_answers)), crashes, 4 * std::sqrt(crashes));
  EXPECT_NEAR(static_cast<double>(count(f, FaultKind::site_outage)), outages, 4 * std::sqrt(outages));
  EXPECT_NEAR(static_cast<double>(count(f, FaultKind::partition)), cuts, 4 * std::sqrt(cuts));
  EXPECT_NEAR(static_cast<double>(count(f, FaultKind::forecast_outage)), cuts, 4 * std::sqrt(cuts));
  double lasted = 0;
  std::set<std::uint32_t> whom;
  for (std::uint16_t r = 0; r < 2; ++r)
    for (const Fault& one : f.of(RegionId{r})) {
      if (one.kind != FaultKind::agent_crash) continue;
      lasted += static_cast<double>(one.end_utc - one.start_utc);
      ASSERT_EQ(one.agents.size(), 1u);
      whom.insert(r * 1000 + one.agents[0]);
    }
  EXPECT_NEAR(lasted / crashes, 600, 4 * 600 / std::sqrt(crashes) + 4 * 600 / std::sqrt(crashes));
  EXPECT_EQ(whom.size(), 60u) << "sooner or later everybody";
  EXPECT_EQ(*whom.rbegin(), 1019u);
}

TEST(FaultProcess, IsOffByDefaultAndKeyedByPlaceAndDay) {
  EXPECT_TRUE(drawn({}, 400, 5).none());
  const FaultParams p = every(36.525);
  const Faults whole = drawn(p, 100, 5), later = drawn(p, 50, 5, kStart + 50 * 86400);
  for (const Fault& one : later.of(RegionId{0}))
    EXPECT_TRUE(std::ranges::any_of(whole.of(RegionId{0}), [&](const Fault& other) {
      return other.kind == one.kind && other.start_utc == one.start_utc && other.agents == one.agents && other.end_utc == one.end_utc;
    })) << "a run that starts later sees the same faults";
  EXPECT_NE(count(drawn(p, 100, 6), FaultKind::agent_crash), count(whole, FaultKind::agent_crash));
}

}  // namespace
}  // namespace swarm::dispatch
