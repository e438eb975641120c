#include "sim/dispatch/context_window.hpp"

#include <gtest/gtest.h>

#include "sim/core/rng.hpp"

namespace swarm::dispatch {
namespace {

using Part = ContextHistory::Part;
using State = ContextHistory::State;

TEST(Window, LevelsBeginAtTheirShare) {
  const WindowParams p{.window_tok = 1000};
  EXPECT_EQ(level_of(p, 749), WindowLevel::normal);
  EXPECT_EQ(level_of(p, 750), WindowLevel::warn);
  EXPECT_EQ(level_of(p, 850), WindowLevel::handover);
  EXPECT_EQ(level_of(p, 949), WindowLevel::handover);
  EXPECT_EQ(level_of(p, 950), WindowLevel::emergency);
}

/// MODEL §5: W = 3,000.
TEST(Window, ActsBeforeItIsFull) {
  const WindowParams p{.window_tok = 3000};
  EXPECT_TRUE(too_little_room(p, 1000, 2000));
  EXPECT_FALSE(too_little_room(p, 500, 800));
  EXPECT_TRUE(too_little_room(p, 2000, 1500));
  EXPECT_FALSE(too_little_room(p, 1000, 1500)) << "exactly full";
}

TEST(Window, SnapshotsByTokAndByTime) {
  WindowParams p;
  EXPECT_FALSE(snapshot_due(p, 1499, 299));
  EXPECT_TRUE(snapshot_due(p, 1500, 0));
  EXPECT_TRUE(snapshot_due(p, 1, 300));
  EXPECT_FALSE(snapshot_due(p, 0, 1e9)) << "nothing has changed";
  p.snapshots = 0;
  EXPECT_FALSE(snapshot_due(p, 1e9, 1e9));
}

TEST(Window, TiersByLength) {
  const TierParams p;
  EXPECT_EQ(tier_of(p, 100), Tier::hot) << "essential context";
  EXPECT_EQ(tier_of(p, 199), Tier::hot);
  EXPECT_EQ(tier_of(p, 200), Tier::warm);
  EXPECT_EQ(tier_of(p, 300), Tier::warm) << "rationale";
  EXPECT_EQ(tier_of(p, 500), Tier::cold) << "breakdown";
  EXPECT_DOUBLE_EQ(access_s(p, 100) + access_s(p, 300) + access_s(p, 500), 0.11);
  EXPECT_EQ(access_s({.hot_tok = 0, .warm_tok = 0}, 0), 0);
}

/// A random history of `changes`, and every state it passed through.
std::vector<State> live(ContextHistory& h, std::uint32_t seed, std::uint32_t changes) {
  const Random random(seed, Stream::experiment);
  std::vector<State> states{h.state()};
  for (std::uint32_t k = 0; k < changes; ++k) {
    const auto draw = random.block(k, seed);
    if (draw[0] % 4 == 0)
      h.remove(draw[1] % 40);
    else
      h.add(draw[1] % 40, static_cast<Part>(draw[2] % 3), 20 + draw[3] % 600);
    states.push_back(h.state());
  }
  return states;
}

TEST(History, EveryPastStateCanBeRebuilt) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    ContextHistory h(WindowParams{});
    const auto states = live(h, seed, 200);
    const Random random(seed, Stream::experiment);
    for (std::uint32_t k = 0; k < 300; ++k) {
      const std::uint64_t version = random.block(k, 999)[0] % states.size();
      const auto rebuilt = h.rebuild(version);
      ASSERT_TRUE(rebuilt.exact);
      ASSERT_EQ(rebuilt.state, states[version]) << "seed " << seed << ", version " << version;
    }
    EXPECT_EQ(h.snapshots(), 5u);
  }
}

/// One item of 750 tok after the other: a snapshot after every second. The sixth takes the place of the one that was
/// not used for longest.
TEST(History, KeepsFiveSnapshotsLeastRecentlyUsedGoesFirst) {
  ContextHistory h(WindowParams{});
  for (std::uint32_t k = 0; k < 10; ++k) h.add(k, Part::breakdown, 750);
  EXPECT_EQ(h.snapshot_versions(), (std::vector<std::uint64_t>{2, 4, 6, 8, 10}));
  h.rebuild(3);  // uses snapshot 2
  h.add(10, Part::breakdown, 1500);
  EXPECT_EQ(h.snapshot_versions(), (std::vector<std::uint64_t>{2, 6, 8, 10, 11}));
  EXPECT_DOUBLE_EQ(h.used_tok(), 9000);
}

TEST(History, WithoutChangesTheNearestSnapshot) {
  ContextHistory h(WindowParams{});
  for (std::uint32_t k = 0; k < 5; ++k) h.add(k, Part::breakdown, 750);  // snapshots 2 and 4
  h.fail_storage();
  h.add(9, Part::essential, 1);
  EXPECT_EQ(h.rebuild(5).state.size(), 4u);
  EXPECT_EQ(h.rebuild(3).state.size(), 2u);
}

TEST(History, StorageDegradesStepByStep) {
  ContextHistory h(WindowParams{});
  h.add(1, Part::essential, 100);
  h.add(2, Part::breakdown, 1400);  // snapshot 2
  h.add(3, Part::rationale, 300);
  const State second{{1, {Part::essential, 100}}, {2, {Part::breakdown, 1400}}};
  EXPECT_TRUE(h.rebuild(1).exact);
  h.fail_storage();
  EXPECT_EQ(h.storage(), Storage::in_memory);
  EXPECT_FALSE(h.rebuild(1).exact) << "the changes are lost";
  EXPECT_EQ(h.rebuild(2).state, second);
  EXPECT_TRUE(h.rebuild(2).exact);
  EXPECT_TRUE(h.rebuild(3).exact) << "the present state";
  h.add(4, Part::essential, 50);
  EXPECT_FALSE(h.rebuild(3).exact);
  EXPECT_EQ(h.rebuild(3).state, second) << "the nearest there is";
  h.fail_storage();
  EXPECT_EQ(h.storage(), Storage::minimal);
  const State essential{{1, {Part::essential, 100}}, {4, {Part::essential, 50}}};
  EXPECT_EQ(h.rebuild(4).state, essential);
  EXPECT_FALSE(h.rebuild(4).exact);
  h.restore_storage();
  EXPECT_TRUE(h.rebuild(4).exact) << "from here on all is as before";
  const auto base = h.version();
  const auto states = live(h, 5, 100);
  for (std::size_t k = 0; k < states.size(); ++k) {
    const auto rebuilt = h.rebuild(base + k);
    ASSERT_TRUE(rebuilt.exact);
    ASSERT_EQ(rebuilt.state, states[k]) << k;
  }
  EXPECT_FALSE(h.rebuild(3).exact);
}

}  // namespace
}  // namespace swarm::dispatch
