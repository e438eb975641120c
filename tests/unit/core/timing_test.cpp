#include "sim/core/timing.hpp"

#include <gtest/gtest.h>

namespace {

using namespace swarm;

enum class Phase { sense, trade, count };

TEST(Timing, PhasesAddUp) {
  PhaseTimer<Phase> timer;
  timer.add(Phase::sense, 1.5);
  timer.add(Phase::sense, 0.5);
  timer.add(Phase::trade, 3);
  EXPECT_EQ(timer.seconds(Phase::sense), 2.0);
  EXPECT_EQ(timer.calls(Phase::sense), 2u);
  EXPECT_EQ(timer.calls(Phase::trade), 1u);
  EXPECT_EQ(timer.total(), 5.0);
  static_assert(PhaseTimer<Phase>::kCount == 2);
}

TEST(Timing, AScopeCountsItsOwnPhaseOnly) {
  PhaseTimer<Phase> timer;
  {
    const auto scope = timer.time(Phase::trade);
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
    while (std::chrono::steady_clock::now() < until) {
    }
  }
  EXPECT_GE(timer.seconds(Phase::trade), 0.002);
  EXPECT_EQ(timer.calls(Phase::trade), 1u);
  EXPECT_EQ(timer.seconds(Phase::sense), 0.0);
  EXPECT_EQ(timer.calls(Phase::sense), 0u);
}

}  // namespace
