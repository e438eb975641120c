#include "helpers.hpp"

/// Futures and prediction markets whose keys do not go together.
namespace swarm {
namespace scenario {
namespace {

TEST(Futures, PeriodsAreWholeSecondsAndNoShorterThanAStep) {
  EXPECT_EQ(problems_of("[futures]\nenabled = true\nperiod = \"1min\"\n"),
            "pilot.toml:3:10: 'futures.period' is 1min, less than 'run.step' = 5min (markets would begin and end within "
            "a step) lengthen it or shorten run.step");
  EXPECT_EQ(problems_of("[futures]\nenabled = true\nperiod = 3600.5\n"),
            "pilot.toml:3:10: 'futures.period' is 3600.5 (it must be a whole number) write 3600");
  EXPECT_EQ(problems_of("[futures]\nenabled = true\nperiod = \"5min\"\n"), "");
}

TEST(Futures, TheMaintenanceMarginIsTheSmallerOne) {
  EXPECT_EQ(problems_of("[futures]\nenabled = true\nmaintenance_margin = 0.3\n"),
            "pilot.toml:3:22: 'futures.maintenance_margin' is 0.3, more than 'futures.initial_margin' = 0.2 (every "
            "position would be called at once) lower it");
  EXPECT_EQ(problems_of("[futures]\nenabled = true\nmaintenance_margin = 0.2\n"), "");
}

TEST(Futures, WhatIsOffIsNotChecked) {
  EXPECT_EQ(problems_of("[futures]\nmaintenance_margin = 0.3\nperiod = \"1min\"\n[prediction]\nperiod = 1\n"), "");
}

TEST(Prediction, NeedsATreasuryAndAPeriod) {
  EXPECT_EQ(problems_of("[prediction]\nenabled = true\n"),
            "pilot.toml:2:11: 'prediction.enabled' is true but 'fund.carbon_share' is 1 (makers are funded by the "
            "treasury, which gets nothing) lower fund.carbon_share");
  EXPECT_EQ(problems_of("[prediction]\nenabled = true\nperiod = 1\n[fund]\ncarbon_share = 0\n"),
            "pilot.toml:3:10: 'prediction.period' is 1s, less than 'run.step' = 5min (markets would begin and end within "
            "a step) lengthen it or shorten run.step");
}

}  // namespace
}  // namespace scenario
}  // namespace swarm
