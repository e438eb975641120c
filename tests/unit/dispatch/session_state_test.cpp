#include "sim/dispatch/session_state.hpp"

#include <gtest/gtest.h>

#include <array>

namespace swarm::dispatch {
namespace {

TEST(Contributions, Imbalance) {
  EXPECT_EQ(contribution_imbalance({}), 0);
  EXPECT_EQ(contribution_imbalance(std::array{0.0, 0.0}), 0);
  EXPECT_EQ(contribution_imbalance(std::array{5.0}), 0);
  EXPECT_DOUBLE_EQ(contribution_imbalance(std::array{1.0, 1.0}), 0);
  EXPECT_DOUBLE_EQ(contribution_imbalance(std::array{1.0, 0.0, 0.0, 0.0}), 0.75) << "one does everything: 1 - 1/n";
}

/// The worked example of docs/models/collaboration.md.
TEST(Collaboration, WorkedExample) {
  SessionState s;
  s.roles = {0, 1, 2};
  s.contributed = {500, 300, 200};
  s.decisions = {{.number = 1, .votes = 3, .voters = 3}, {.number = 2, .votes = 2, .voters = 3}};
  s.next_actions = {{0, true}, {1, true}, {2, true}, {0, false}};
  const auto c = collaboration({}, s);
  EXPECT_NEAR(c.imbalance, 1.0 / 6, 1e-12);
  EXPECT_NEAR(c.agreement, 5.0 / 6, 1e-12);
  EXPECT_DOUBLE_EQ(c.completion, 0.75);
  EXPECT_NEAR(c.quality, (0.75 + 5.0 / 6 + 0.75) / 3, 1e-12);
  EXPECT_FALSE(c.balanced);
  EXPECT_FALSE(c.good);
  s.contributed = {400, 350, 250};
  s.next_actions.pop_back();
  EXPECT_TRUE(collaboration({}, s).balanced);
  EXPECT_TRUE(collaboration({}, s).good);
}

TEST(Collaboration, NothingToDoIsDone) {
  const auto c = collaboration({}, {});
  EXPECT_DOUBLE_EQ(c.quality, 1);
  EXPECT_TRUE(c.balanced && c.good);
}

}  // namespace
}  // namespace swarm::dispatch
