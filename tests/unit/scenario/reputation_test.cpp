// What [reputation] needs of other sections.
#include "helpers.hpp"

namespace swarm {
namespace scenario {
namespace {

const std::string kOn = "[reputation]\nenabled = true\n";

TEST(ReputationKeys, PayNeedsATreasury) {
  EXPECT_EQ(problems_of(kOn),
            "pilot.toml:2:11: 'reputation.enabled' is true but 'fund.carbon_share' is 1 (reputation is paid "
            "out of the "
            "treasury, which gets nothing) lower fund.carbon_share, or write reputation.treasury_share = 0 "
            "to pay nothing");
  EXPECT_EQ(problems_of(kOn + "[pricing]\nrule = \"per-capita\"\n"),
            "pilot.toml:2:11: 'reputation.enabled' is true but 'pricing.rule' is \"per-capita\" (reputation "
            "is paid out of "
            "the treasury, all of which goes back to people) use another rule, or write "
            "reputation.treasury_share = 0 to "
            "pay nothing");
  EXPECT_EQ(problems_of(kOn + "[fund]\ncarbon_share = 0.9\n"), "");
  EXPECT_EQ(problems_of(kOn + "treasury_share = 0\n"), "");
  EXPECT_EQ(problems_of(kOn + "treasury_share = 0\n[pricing]\nrule = \"per-capita\"\n"), "");
}

TEST(ReputationKeys, WeightNeedsAScore) {
  const std::string unpaid = "treasury_share = 0\nweight = 2\n",
                    nearest = "[balance]\npolicy = \"nearest\"\n";
  EXPECT_EQ(problems_of(kOn + unpaid + nearest),
            "pilot.toml:4:10: 'reputation.weight' is 2 but 'balance.policy' is \"nearest\" (only a weighted "
            "score has room "
            "for it) use balance.policy = \"weighted\" or weight 0");
  EXPECT_EQ(problems_of(kOn + unpaid), "");
  EXPECT_EQ(problems_of("[reputation]\n" + unpaid + nearest), "") << "what is off has no effect";
}

}  // namespace
}  // namespace scenario
}  // namespace swarm
