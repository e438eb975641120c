#include "helpers.hpp"
#include "sim/scenario/load.hpp"

/// What is refused of [context], with place, reason and suggestion.
namespace swarm {
namespace scenario {
namespace {

TEST(ContextKeys, ThatContradictEachOtherAreRefused) {
  EXPECT_EQ(problems_of("[context]\nwarn_share = 0.9\n"),
            "pilot.toml:2:14: 'context.warn_share' is 0.9, more than 'context.handover_share' = 0.85 (specialists "
            "would hand over before they are loaded) lower it");
  EXPECT_EQ(problems_of("[context]\nemergency_share = 0.8\n"),
            "pilot.toml:2:19: 'context.handover_share' is 0.85, more than 'context.emergency_share' = 0.8 (every "
            "handover would be an emergency) lower it");
  EXPECT_EQ(problems_of("[context]\nsimilarity_valid = 0.4\n"),
            "pilot.toml:2:20: 'context.similarity_critical' is 0.5, more than 'context.similarity_valid' = 0.4 (valid "
            "contexts would be critically unlike) lower it");
  EXPECT_EQ(problems_of("[context]\nhot_tok = 600\n"),
            "pilot.toml:2:11: 'context.hot_tok' is 600, more than 'context.warm_tok' = 500 (nothing would be warm) lower it");
  EXPECT_EQ(problems_of("[context]\nstrategy = \"preemptive\"\nwindow_tok = 1600\n"),
            "pilot.toml:3:14: a session's record and the margin take 1400 tok, and windows are handed over from 1360 tok on "
            "(a fresh window would be handed over at once) raise context.window_tok");
  EXPECT_EQ(problems_of("[context]\nwindow_tok = 1600\n"), "") << "there are no windows";
  EXPECT_EQ(problems_of("[context]\nstrategy = \"reactive\"\nwindow_tok = 1600\nwarn_share = 0.99\n"), "") << "none is handed over early";
  EXPECT_EQ(problems_of("[context]\nstrategy = \"eager\"\n"),
            "pilot.toml:2:12: unknown choice 'eager' for 'context.strategy' (only listed choices have a meaning) "
            "choices: none, reactive, preemptive");
}

}  // namespace
}  // namespace scenario
}  // namespace swarm
