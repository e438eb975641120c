// Carbon credits and allocation: what contradicts itself is refused.
#include "helpers.hpp"

namespace swarm {
namespace scenario {
namespace {

TEST(CreditsInAScenario, NeedACounterfactual) {
  EXPECT_EQ(
      problems_of("[credits]\nenabled = true\n"),
      "pilot.toml:2:11: 'credits.enabled' is true but 'credits.counterfactual' is empty (credits are issued for what "
      "was avoided against it) run the scenario without the policy and name its result in credits.counterfactual");
  EXPECT_EQ(problems_of("[credits]\nenabled = true\ncounterfactual = \"flat.h5\"\n"), "");
}

TEST(CreditsInAScenario, BoundsOfThePriceAndWholeSeconds) {
  EXPECT_EQ(
      problems_of("[credits]\nleast_usd_per_t = 20\nbuyout_usd_per_t = 10\n"),
      "pilot.toml:2:19: 'credits.least_usd_per_t' is 20, more than 'credits.buyout_usd_per_t' = 10 (no price would be "
      "allowed) swap them");
  EXPECT_EQ(problems_of("[credits]\nperiod = 1.5\n"),
            "pilot.toml:2:10: 'credits.period' is 1.5 (it must be a whole number) write 2");
}

TEST(CreditsInAScenario, TheFileCountsFromWhoNamesIt) {
  EXPECT_EQ(read("[credits]\ncounterfactual = \"a/flat.h5\"\n").credits.counterfactual, "/studies/a/flat.h5");
  EXPECT_EQ(read("[run]\ndata_dir = \"/data\"\n[credits]\ncounterfactual = \"flat.h5\"\n").credits.counterfactual,
            "flat.h5");
}

TEST(AllocationInAScenario, IsForPostedPrices) {
  EXPECT_EQ(
      problems_of("[market]\nmechanism = \"uniform\"\n[allocation]\nrule = \"climate\"\n"),
      "pilot.toml:4:8: 'allocation.rule' is \"climate\" but 'market.mechanism' is \"uniform\" (a market allocates "
      "capacity by what is bid for it) use allocation.rule = \"none\" or market.mechanism = \"posted\"");
  EXPECT_EQ(problems_of("[allocation]\nrule = \"climate\"\n"), "");
  EXPECT_EQ(problems_of("[market]\nmechanism = \"uniform\"\n"), "");
}

}  // namespace
}  // namespace scenario
}  // namespace swarm
