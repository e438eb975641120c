#include "helpers.hpp"

/// Futures, prediction markets, permits and tiers of value whose keys do not go together.
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

TEST(Permits, APeriodIsNoShorterThanAStepUnderACap) {
  EXPECT_EQ(problems_of("[pricing]\nrule = \"cap-and-trade\"\n[permits]\nperiod = \"1min\"\n"),
            "pilot.toml:4:10: 'permits.period' is 1min, less than 'run.step' = 5min (the caps of several periods would be one) "
            "lengthen it or shorten run.step");
  EXPECT_EQ(problems_of("[pricing]\nrule = \"per-capita\"\n[permits]\nperiod = \"5min\"\n"), "");
  EXPECT_EQ(problems_of("[permits]\nperiod = \"1min\"\n"), "") << "there is no cap";
}

TEST(Value, TiersRise) {
  EXPECT_EQ(problems_of("[value]\nform = \"product\"\ntiers = true\ngood_quality = 0.92\ntop_quality = 0.85\n"),
            "pilot.toml:4:16: 'value.good_quality' is 0.92, more than 'value.high_quality' = 0.9 (an answer gets the factor of the highest "
            "tier that it reaches, so the lower tier would never hold) let them rise\n"
            "pilot.toml:5:15: 'value.high_quality' is 0.9, more than 'value.top_quality' = 0.85 (an answer gets the factor of the highest "
            "tier that it reaches, so the lower tier would never hold) let them rise");
  EXPECT_EQ(problems_of("[value]\nform = \"product\"\ntiers = true\ngood_quality = 0.9\n"), "") << "equal ones may stand";
  EXPECT_EQ(problems_of("[value]\nform = \"product\"\ngood_quality = 0.99\n"), "") << "there are no tiers";
}

}  // namespace
}  // namespace scenario
}  // namespace swarm
