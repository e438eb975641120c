// Distances, residency and limits of load: what contradicts itself is refused.
#include "helpers.hpp"

namespace swarm {
namespace scenario {
namespace {

using Names = std::vector<std::string>;

Names residency(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return read("regions = [\"BD\", \"KE\", \"DE\"]\n" + text, overrides).regions[0].residency.names;
}

TEST(ResidencyInAScenario, IsAWordOrAList) {
  EXPECT_EQ(residency(""), Names{"anywhere"});
  EXPECT_EQ(residency("[[region]]\nname = \"BD\"\nresidency = \"home\"\n"), Names{"home"});
  EXPECT_EQ(residency("[[region]]\nname = \"BD\"\nresidency = [\"KE\", \"DE\"]\n"), (Names{"KE", "DE"}));
  EXPECT_EQ(residency("", {"region.BD.residency=[KE, DE]"}), (Names{"KE", "DE"}));
  EXPECT_EQ(residency("", {"region.BD.residency=DE"}), Names{"DE"});
}

TEST(ResidencyInAScenario, WhatIsNoNameIsRefused) {
  const auto problem = [](const std::string& value) {
    return problems_of("regions = [\"BD\", \"KE\"]\n[[region]]\nname = \"BD\"\nresidency = " + value + "\n");
  };
  EXPECT_EQ(problem("\"hom\""),
            "pilot.toml:4:13: unknown region 'hom' in 'region.BD.residency' (nobody there could answer) did you mean 'home'?");
  EXPECT_EQ(problem("[\"KE\", \"BB\"]"),
            "pilot.toml:4:13: unknown region 'BB' in 'region.BD.residency' (nobody there could answer) did you mean 'BD'?");
  EXPECT_EQ(problem("[\"home\", \"KE\"]"),
            "pilot.toml:4:13: 'region.BD.residency' lists \"home\" among other names (it is a word for the whole of it) write "
            "residency = \"home\", or regions only: home is always allowed");
  EXPECT_EQ(problem("[]"),
            "pilot.toml:4:13: 'region.BD.residency' is an empty list (it would be unclear whether that means all or none) give at "
            "least one name");
  EXPECT_EQ(problem("[1]"), "pilot.toml:4:13: 'region.BD.residency' is a list (it must be a text or a list of texts) put every name in quotes");
  EXPECT_EQ(problem("true"), "pilot.toml:4:13: 'region.BD.residency' is true, true or false (it must be a text or a list of texts) put it in quotes");
}

TEST(ResidencyInAScenario, MustLeaveSomebody) {
  const std::string bangladesh = "regions = [\"BD\", \"KE\", \"DE\"]\n[[region]]\nname = \"BD\"\nagents = 0\nresidency = ";
  EXPECT_EQ(problems_of(bangladesh + "\"home\"\n"),
            "pilot.toml:5:13: 'region.BD.residency' leaves no region with specialists to answer region 'BD', which has none (all its "
            "requests would be refused) give it agents, or allow a region that has some");
  EXPECT_EQ(problems_of(bangladesh + "[\"KE\"]\n[[region]]\nname = \"KE\"\nagents = 0\n"),
            "pilot.toml:5:13: 'region.BD.residency' leaves no region with specialists to answer region 'BD', which has none (all its "
            "requests would be refused) give it agents, or allow a region that has some");
  EXPECT_EQ(problems_of(bangladesh + "[\"KE\"]\n"), "");
  EXPECT_EQ(problems_of(bangladesh + "\"home\"\nrequest_share = 0\n[workload]\nsplit = \"share\"\n"), "") << "it asks for nothing";
}

TEST(DistanceInAScenario, MustLeaveSomebody) {
  EXPECT_EQ(problems_of("[network]\nmax_round_trip = \"2ms\"\n"),
            "pilot.toml:2:18: 'network.max_round_trip' is 0.002s, less than 'network.base' = 0.005s (not even a region's own sites could "
            "answer) use 0 for no limit, or more than network.base");
  // Dhaka to Frankfurt or Nairobi is more than 100 ms.
  EXPECT_EQ(problems_of("regions = [\"BD\", \"KE\", \"DE\"]\n[network]\nmax_round_trip = \"50ms\"\n[[region]]\nname = \"BD\"\nagents = 0\n"),
            "pilot.toml:3:18: 'network.max_round_trip' leaves no region with specialists to answer region 'BD', which has none (all its "
            "requests would be refused) give it agents, or raise network.max_round_trip");
  EXPECT_EQ(problems_of("regions = [\"BD\", \"KE\", \"DE\"]\n[network]\nmax_round_trip = \"50ms\"\n"), "");
}

TEST(LoadInAScenario, LimitsRise) {
  EXPECT_EQ(problems_of("[balance]\nidle_below = 0.9\n"),
            "pilot.toml:2:14: 'balance.idle_below' is 0.9, more than 'balance.hot_above' = 0.85 (a site would be idle and a hotspot at "
            "once) swap them");
}

}  // namespace
}  // namespace scenario
}  // namespace swarm
