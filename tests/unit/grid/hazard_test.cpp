// Hazards from a list, from a feed with every kind of fault, and drawn at random.
#include "sim/grid/hazard.hpp"

#include <algorithm>
#include <cmath>

#include "sim/core/calendar.hpp"
#include "sim/grid/region_table.hpp"
#include "tests/unit/grid/helpers.hpp"
#include "tests/unit/grid/temp_folder.hpp"

namespace swarm::grid {
namespace {
using namespace test;

const std::int64_t kStart = parse_utc("2025-03-01");
constexpr std::int64_t kDay = 86400;
constexpr RegionId kBangladesh{0}, kKenya{1};

std::vector<Region> two_regions() {
  return {*find_region("BD"), *find_region("KE")};
}

Hazards listed(std::span<const HazardRecord> records) {
  const auto regions = two_regions();
  return Hazards::build({}, records, regions, kStart, kStart + 30 * kDay, 1, "");
}

HazardRecord record(HazardKind kind, const char* region, double start, double duration, double severity) {
  return {.kind = kind, .region = region, .start = {start}, .duration = {duration}, .severity = severity};
}

TEST(Hazards, ListedOnesBeginAndEnd) {
  const HazardRecord list[] = {record(HazardKind::flood, "BD", 3600, 7200, 0.8),
                               record(HazardKind::drought, "BD", -86400, 2 * 86400, 0.3)};
  const Hazards h = listed(list);
  EXPECT_EQ(h.active(kBangladesh, kStart).of(HazardKind::flood), 0);
  EXPECT_EQ(h.active(kBangladesh, kStart).of(HazardKind::drought), 0.3) << "began before the run";
  EXPECT_EQ(h.active(kBangladesh, kStart + 3599).of(HazardKind::flood), 0);
  EXPECT_EQ(h.active(kBangladesh, kStart + 3600).of(HazardKind::flood), 0.8);
  EXPECT_EQ(h.active(kBangladesh, kStart + 3600).greatest(), 0.8);
  EXPECT_EQ(h.active(kBangladesh, kStart + 10799).of(HazardKind::flood), 0.8);
  EXPECT_EQ(h.active(kBangladesh, kStart + 10800).of(HazardKind::flood), 0);
  EXPECT_EQ(h.active(kBangladesh, kStart + kDay).greatest(), 0);
  EXPECT_EQ(h.active(kKenya, kStart + 3600).greatest(), 0);
}

TEST(Hazards, OfOverlappingOnesTheWorstCounts) {
  const HazardRecord list[] = {
      record(HazardKind::flood, "BD", 100, 100, 0.4), record(HazardKind::flood, "BD", 0, 1000, 0.2),
      record(HazardKind::flood, "BD", 150, 100, 0.9), record(HazardKind::flood, "BD", 160, 10, 0.1),
      record(HazardKind::flood, "BD", 1000, 10, 0.2), record(HazardKind::cyclone, "BD", 120, 10, 1)};
  const Hazards h = listed(list);
  const auto flood_at = [&](std::int64_t t) { return h.active(kBangladesh, kStart + t).of(HazardKind::flood); };
  EXPECT_EQ(flood_at(99), 0.2);
  EXPECT_EQ(flood_at(100), 0.4);
  EXPECT_EQ(flood_at(149), 0.4);
  EXPECT_EQ(flood_at(150), 0.9);
  EXPECT_EQ(flood_at(249), 0.9);
  EXPECT_EQ(flood_at(250), 0.2);
  EXPECT_EQ(flood_at(1009), 0.2);
  EXPECT_EQ(flood_at(1010), 0);
  EXPECT_EQ(h.pieces().size(), 5u) << "0.2, 0.4, 0.9, 0.2 (joined with its neighbour), and the cyclone";
  EXPECT_EQ(h.active(kBangladesh, kStart + 125).of(HazardKind::cyclone), 1);
}

TEST(Hazards, SinceWhenTheyGoOn) {
  const HazardRecord list[] = {record(HazardKind::flood, "BD", 100, 100, 0.8), record(HazardKind::cyclone, "BD", 150, 100, 0.1),
                               record(HazardKind::flood, "BD", 250, 50, 0.2), record(HazardKind::flood, "BD", 301, 10, 0.2)};
  const Hazards h = listed(list);
  const auto since = [&](std::int64_t t) { return h.since(kBangladesh, kStart + t); };
  EXPECT_EQ(since(99), std::nullopt);
  EXPECT_EQ(since(100), kStart + 100);
  EXPECT_EQ(since(299), kStart + 100) << "a flood, a cyclone that overlaps it, and a flood that begins as that ends";
  EXPECT_EQ(since(300), std::nullopt);
  EXPECT_EQ(since(305), kStart + 301);
  EXPECT_EQ(h.since(kKenya, kStart + 150), std::nullopt);
}

TEST(Hazards, FadeAfterTheirEnd) {
  const HazardRecord list[] = {record(HazardKind::flood, "BD", 0, 1000, 0.8),
                               record(HazardKind::flood, "BD", 2000, 1000, 0.1)};
  const Hazards h = listed(list);
  const Duration decay{1000};
  const auto at = [&](std::int64_t t) { return h.aftermath(kBangladesh, kStart + t, decay).of(HazardKind::flood); };
  EXPECT_EQ(at(999), 0.8);
  EXPECT_EQ(at(1000), 0.8);
  EXPECT_NEAR(at(1500), 0.8 * std::exp(-0.5), 1e-15);
  EXPECT_NEAR(at(2500), 0.8 * std::exp(-1.5), 1e-15) << "still worse than the 0.1 that goes on";
  EXPECT_NEAR(at(2999), std::max(0.1, 0.8 * std::exp(-1.999)), 1e-15);
  EXPECT_NEAR(at(5000), 0.8 * std::exp(-4.0), 1e-15) << "the first has faded longer, but from higher";
  EXPECT_EQ(at(1000 + 15'000), 0) << "below a millionth it is over";
  EXPECT_EQ(h.aftermath(kBangladesh, kStart + 1000, {0}).greatest(), 0);
}

TEST(Hazards, NoneAtAll) {
  const Hazards h = listed({});
  EXPECT_TRUE(h.pieces().empty());
  EXPECT_EQ(h.active(kKenya, kStart).greatest(), 0);
}

std::string problem(std::string_view feed, std::span<const HazardRecord> records = {}) {
  const TempFolder folder;
  HazardParams p;
  p.feed = folder.write("feed.csv", feed);
  return input_error([&] { Hazards::build(p, records, two_regions(), kStart, kStart + kDay, 1, folder.path()); });
}

TEST(HazardFeed, IsReadInAnyOrder) {
  const TempFolder folder;
  HazardParams p;
  p.feed = folder.write("feed.csv",
                        "kind,region,severity,start_utc,end_utc,note\n"
                        "wildfire,KE,0.5,2025-03-02T06:00Z,2025-03-02T18:00Z,x\n"
                        "flood,BD,1,2025-02-25,2025-03-01T01:00,\"a, b\"\n"
                        "flood,FR,1,2025-02-25,2025-03-02,not in the scenario\n");
  const Hazards h = Hazards::build(p, {}, two_regions(), kStart, kStart + 30 * kDay, 1, folder.path());
  EXPECT_EQ(h.active(kBangladesh, kStart).of(HazardKind::flood), 1);
  EXPECT_EQ(h.active(kBangladesh, kStart + 3600).greatest(), 0);
  EXPECT_EQ(h.active(kKenya, kStart + kDay + 6 * 3600).of(HazardKind::wildfire), 0.5);
  EXPECT_EQ(h.pieces().size(), 2u);
}

TEST(HazardFeed, EveryProblemAtOnceWithItsPlace) {
  const HazardRecord nowhere[] = {record(HazardKind::flood, "XY", 0, 1, 1)};
  const std::string text = problem(
      "start_utc,end_utc,region,kind,severity\n"
      "2025-03-01,2025-03-02,KEE,flood,1\n"
      "2025-03-01,2025-03-02,KE,fload,1\n"
      "2025-03-02,2025-03-02,KE,flood,0\n"
      "2025-03-01,2025-03-02,KE,flood,1.5\n"
      "2025-03-01,2025-03-02,KE,flood,\n"
      "2025-03-01,2025-03-02,KE,flood,bad\n",
      nowhere);
  EXPECT_TRUE(has(text, "feed.csv:2:23: no region \"KEE\" (the scenario has BD, KE) The nearest spelling is KE"))
      << text;
  EXPECT_TRUE(has(text, "feed.csv:3:26: no hazard \"fload\"")) << text;
  EXPECT_TRUE(has(text, "The nearest spelling is flood")) << text;
  EXPECT_TRUE(has(text, "feed.csv:4:12: the end 2025-03-02T00:00:00Z is not after the start")) << text;
  EXPECT_TRUE(has(text, "feed.csv:4:32: the severity 0 lies outside (0, 1]")) << text;
  EXPECT_TRUE(has(text, "feed.csv:5:32: the severity 1.5 lies outside (0, 1]")) << text;
  EXPECT_TRUE(has(text, "feed.csv:6:32: no severity")) << text;
  EXPECT_TRUE(has(text, "feed.csv:7:32: ")) << text;
  EXPECT_TRUE(has(text, "no region \"XY\"")) << "of the list, in the same message: " << text;
}

TEST(HazardFeed, ProblemsOfTheFile) {
  const std::string columns = problem("start_utc,end,region,knid,severity\n2025-03-01,2025-03-02,KE,flood,1\n");
  EXPECT_TRUE(has(columns, "feed.csv:1: no column \"end_utc\"")) << columns;
  EXPECT_TRUE(has(columns, "no column \"kind\"")) << columns;
  EXPECT_TRUE(has(columns, "The nearest spelling is knid")) << columns;
  EXPECT_TRUE(has(problem("start_utc,end_utc,region,kind,severity\nyesterday,2025-03-02,KE,flood,1\n"),
                  "feed.csv:2:1: \"yesterday\" is no time stamp"));
  HazardParams p;
  p.feed = "none.csv";
  EXPECT_TRUE(has(input_error([&] { Hazards::build(p, {}, two_regions(), kStart, kStart + kDay, 1, "nowhere"); }),
                  "nowhere/none.csv: hazard feed not found"));
  EXPECT_EQ(problem("start_utc,end_utc,region,kind,severity\n"), "") << "a feed without hazards is one";
}

TEST(HazardProcess, RatesGrowWithVulnerability) {
  HazardParams p;
  p.flood_per_year = 0.5;
  p.vulnerability_slope = 5;
  p.vulnerability_typical = 0.4;
  EXPECT_NEAR(hazard_rate(p, HazardKind::flood, 0.4), 0.5, 1e-15);
  EXPECT_NEAR(hazard_rate(p, HazardKind::flood, 0.6), 0.5 * std::exp(1.0), 1e-14);
  p.rate = HazardRate::linear;
  EXPECT_NEAR(hazard_rate(p, HazardKind::flood, 0.4), 0.5, 1e-15);
  EXPECT_NEAR(hazard_rate(p, HazardKind::flood, 0.6), 1.0, 1e-14);
  EXPECT_EQ(hazard_rate(p, HazardKind::flood, 0.1), 0) << "never below zero";
}

HazardParams floods_only(double per_year) {
  HazardParams p;
  p.process = true;
  p.cyclone_per_year = p.wildfire_per_year = p.drought_per_year = p.heatwave_per_year = 0;
  p.flood_per_year = per_year;
  p.vulnerability_slope = 0;
  p.flood_duration = {10'000};
  p.least_duration = {4'000};
  return p;
}

// 100 years at 20 floods a year of 10,000 s: overlaps join 1 − exp(−20·10,000/31,557,600) = 0.6 % of them.
TEST(HazardProcess, CountsDurationsAndSeverities) {
  const HazardParams p = floods_only(20);
  const std::vector<Region> one{*find_region("KE")};
  const std::int64_t years = 100, end = kStart + years * 31'557'600;
  const Hazards h = Hazards::build(p, {}, one, kStart, end, 5, "");
  std::vector<Hazard> alone;  // pieces with nothing next to them
  const auto all = h.pieces();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool before = i > 0 && all[i - 1].end_utc == all[i].start_utc;
    const bool after = i + 1 < all.size() && all[i + 1].start_utc == all[i].end_utc;
    if (!before && !after) alone.push_back(all[i]);
  }
  // About 2,000; the standard deviation of a Poisson count is 45, and 1.3 % stand next to another.
  const double n = static_cast<double>(alone.size());
  EXPECT_NEAR(n, 2000 * std::exp(-2 * 20 * 10'000 / 31'557'600.0), 4 * std::sqrt(2000.0));
  double duration = 0, severity = 0, least = 1e9, smallest = 1, largest = 0;
  for (const Hazard& f : alone) {
    const auto lasts = static_cast<double>(f.end_utc - f.start_utc);
    duration += lasts / n;
    severity += f.severity / n;
    least = std::min(least, lasts);
    smallest = std::min(smallest, f.severity);
    largest = std::max(largest, f.severity);
  }
  EXPECT_NEAR(duration, 10'000, 4 * 6'000 / std::sqrt(n)) << "4,000 + an exponential variate of mean 6,000";
  EXPECT_GE(least, 4'000);
  EXPECT_LT(least, 4'050) << "of 2,000 the least is 3 s above it on average";
  EXPECT_NEAR(severity, 0.6, 4 * 0.8 / std::sqrt(12 * n)) << "uniform on 0.2 … 1";
  EXPECT_GE(smallest, 0.2);
  EXPECT_LE(largest, 1);
  // A rate of 24 instead of 20 would be found.
  EXPECT_GT(std::abs(1.2 * n - 2000), 4 * std::sqrt(2000.0));
}

TEST(HazardProcess, TimesBetweenArrivalsAreExponential) {
  const std::vector<Region> one{*find_region("KE")};
  HazardParams p = floods_only(50);
  p.least_duration = p.flood_duration = {1};
  const Hazards h = Hazards::build(p, {}, one, kStart, kStart + 400 * std::int64_t{31'557'600}, 6, "");
  const auto all = h.pieces();
  const double n = static_cast<double>(all.size() - 1), mean = 31'557'600 / 50.0;
  int beyond = 0, within_a_day = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    const auto gap = static_cast<double>(all[i].start_utc - all[i - 1].start_utc);
    beyond += gap > mean ? 1 : 0;
    within_a_day += gap < 86400 ? 1 : 0;
  }
  // P(gap > mean) = 1/e and P(gap < a day) = 1 − exp(−50/365.25) = 0.128, about half of it on one and the same UTC day:
  // a process of at most one arrival a day would miss those.
  EXPECT_NEAR(beyond / n, std::exp(-1.0), 4 * std::sqrt(0.368 * 0.632 / n));
  const double day = 1 - std::exp(-50 / 365.25), tolerance = 4 * std::sqrt(day * (1 - day) / n);
  EXPECT_NEAR(within_a_day / n, day, tolerance);
  EXPECT_LT(tolerance, day / 10);
}

TEST(HazardProcess, KindsAndRegionsAreIndependent) {
  HazardParams p = floods_only(10);
  p.drought_per_year = 10;
  p.drought_duration = p.flood_duration;
  std::vector<Region> regions = two_regions();
  const Hazards h = Hazards::build(p, {}, regions, kStart, kStart + 20 * std::int64_t{31'557'600}, 3, "");
  // 200 each; that two of different series begin in one and the same second has a chance of 200²/6.3e8.
  std::vector<std::int64_t> starts;
  for (const Hazard& piece : h.pieces()) starts.push_back(piece.start_utc);
  std::ranges::sort(starts);
  EXPECT_GT(starts.size(), 700u);
  EXPECT_EQ(std::ranges::adjacent_find(starts), starts.end());
}

TEST(HazardProcess, IsTheSameFromAnyStartAndInAnyScenario) {
  HazardParams p;
  p.process = true;
  p.flood_per_year = p.drought_per_year = 12;
  const std::vector<Region> both = two_regions(), kenya{both[1]};
  const std::int64_t end = kStart + 700 * kDay;
  const Hazards whole = Hazards::build(p, {}, both, kStart, end, 9, "");
  const Hazards later = Hazards::build(p, {}, kenya, kStart + 300 * kDay + 777, end - 50 * kDay, 9, "");
  const Hazards other = Hazards::build(p, {}, kenya, kStart + 300 * kDay + 777, end - 50 * kDay, 10, "");
  int busy = 0, different = 0;
  for (std::int64_t t = kStart + 300 * kDay + 777; t < end - 50 * kDay; t += 3 * 3600) {
    ASSERT_EQ(later.active({0}, t).severity, whole.active(kKenya, t).severity) << utc_text(t);
    busy += whole.active(kKenya, t).greatest() > 0 ? 1 : 0;
    different += other.active({0}, t).severity != later.active({0}, t).severity ? 1 : 0;
  }
  EXPECT_GT(busy, 1000);
  EXPECT_GT(different, 1000);
  // Droughts last 90 days: one that forgot what began before its start would differ there.
  EXPECT_GT(later.active({0}, kStart + 300 * kDay + 777).of(HazardKind::drought), 0);
}

TEST(HazardProcess, OffByDefaultAndSilentAtRateZero) {
  const std::vector<Region> one{*find_region("KE")};
  HazardParams p = floods_only(1000);
  p.process = false;
  EXPECT_TRUE(Hazards::build(p, {}, one, kStart, kStart + 365 * kDay, 1, "").pieces().empty());
  EXPECT_TRUE(Hazards::build(floods_only(0), {}, one, kStart, kStart + 365 * kDay, 1, "").pieces().empty());
}

}  // namespace
}  // namespace swarm::grid
