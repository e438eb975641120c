#include "sim/policy/emergency.hpp"

#include <gtest/gtest.h>


namespace swarm {
namespace policy {
namespace {

using grid::HazardKind;
using grid::HazardLevels;
using workload::Purpose;

constexpr std::size_t row(Purpose p) {
  return static_cast<std::size_t>(p);
}
constexpr std::size_t kDisaster = row(Purpose::disaster_response), kAdaptation = row(Purpose::climate_adaptation),
                      kResearch = row(Purpose::general_research), kLuxury = row(Purpose::luxury),
                      kMining = row(Purpose::cryptocurrency_mining);

HazardLevels levels(std::initializer_list<std::pair<HazardKind, double>> list) {
  HazardLevels out;
  for (const auto& [kind, severity] : list) out.severity[static_cast<std::size_t>(kind)] = severity;
  return out;
}

TEST(Emergency, NothingHappensWithoutAHazard) {
  const EmergencyResponse r = respond({}, {});
  for (std::size_t p = 0; p < workload::kPurposes; ++p) {
    EXPECT_EQ(r.demand[p], 1);
    EXPECT_EQ(r.priority[p], 1);
    EXPECT_EQ(r.admitted[p], 1);
  }
  EXPECT_EQ(r.allocation, 1);
}

TEST(Emergency, FactorsOfEachKind) {
  const std::pair<HazardKind, double> expected[] = {{HazardKind::flood, 5},
                                                    {HazardKind::cyclone, 5},
                                                    {HazardKind::wildfire, 4},
                                                    {HazardKind::drought, 3},
                                                    {HazardKind::heatwave, 3}};
  for (const auto& [kind, factor] : expected) {
    const EmergencyResponse r = respond({}, levels({{kind, 1}}));
    EXPECT_EQ(r.priority[kDisaster], factor) << enum_name(kind);
    EXPECT_EQ(r.priority[kResearch], factor);
    EXPECT_EQ(r.priority[kLuxury], 1);
    EXPECT_EQ(r.priority[kMining], 1);
    EXPECT_EQ(r.demand[kDisaster], 5);
    EXPECT_EQ(r.demand[kAdaptation], 2);
    EXPECT_EQ(r.demand[kResearch], 1);
    EXPECT_EQ(r.admitted[kLuxury], 0);
    EXPECT_EQ(r.admitted[kMining], 0);
    EXPECT_EQ(r.admitted[kResearch], 1);
    EXPECT_EQ(r.allocation, kind == HazardKind::cyclone ? 5 : 1);
    EXPECT_EQ(respond({}, levels({{kind, 0.5}})).priority[kDisaster], 1 + 0.5 * (factor - 1));
  }
}

TEST(Emergency, TheLargestFactorCountsAndLevelsAreContinuous) {
  const EmergencyResponse r = respond({}, levels({{HazardKind::flood, 0.25}, {HazardKind::wildfire, 0.75}}));
  EXPECT_EQ(r.priority[kDisaster], 3.25) << "a flood of 0.25 alone would give 2";
  EXPECT_EQ(r.demand[kDisaster], 4);
  EXPECT_EQ(r.admitted[kLuxury], 0.25);
  EXPECT_NEAR(respond({}, levels({{HazardKind::flood, 1e-9}})).priority[kDisaster], 1, 1e-8);
  EmergencyParams p;
  p.flood_priority = 0.5;  // below 1 it lowers
  EXPECT_EQ(respond(p, levels({{HazardKind::flood, 1}})).priority[kDisaster], 0.5);
}

TEST(Emergency, WithoutTheProtocolOnlyDemandRises) {
  EmergencyParams p;
  p.protocol = EmergencyProtocol::off;
  const HazardLevels worst = levels({{HazardKind::cyclone, 1}});
  const EmergencyResponse off = respond(p, worst), on = respond({}, worst);
  EXPECT_EQ(off.demand, on.demand) << "so that both can be compared request by request";
  EXPECT_EQ(off.priority[kDisaster], 1);
  EXPECT_EQ(off.admitted[kMining], 1);
  EXPECT_EQ(off.allocation, 1);
  EXPECT_NE(off.priority, on.priority);
}

}  // namespace
}  // namespace policy
}  // namespace swarm
