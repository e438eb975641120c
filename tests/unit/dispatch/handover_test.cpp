#include "sim/dispatch/handover.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string_view>
#include <vector>

namespace swarm::dispatch {
namespace {

using enum HandoverState;
using enum HandoverKind;
using E = HandoverEvent;

/// What follows in each state from each event, one letter each, '-' where the event has no meaning:
/// P, C, T, V for the states on the way, + complete, x failed.
struct Table {
  HandoverKind kind;
  std::array<std::string_view, 6> by_state;
};
//                                events: prepared all_ready transferred transfer_failed valid invalid timeout abort
constexpr std::array<Table, 3> kTables{{{graceful, {"T-----xx", "-T----xx", "--Vx--xx", "----+xxx", "--------", "--------"}},
                                        {coordinated, {"C-----xx", "-T----xx", "--Vx--xx", "----+xxx", "--------", "--------"}},
                                        {emergency, {"T-----xx", "-T----xx", "--VV--Vx", "----+xxx", "--------", "--------"}}}};

TEST(HandoverMachine, EveryStateAndEvent) {
  constexpr std::string_view kLetters = "PCTV+x";
  for (const Table& table : kTables)
    for (std::size_t s = 0; s < 6; ++s)
      for (std::size_t e = 0; e < 8; ++e) {
        const auto next = next_state(table.kind, static_cast<HandoverState>(s), static_cast<E>(e));
        const char letter = next ? kLetters[static_cast<std::size_t>(*next)] : '-';
        EXPECT_EQ(letter, table.by_state[s][e]) << "kind " << static_cast<int>(table.kind) << ", state " << s << ", event " << e;
      }
}

/// Any sequence of events ends, or can still end: no way leads back.
TEST(HandoverMachine, NeverGoesBack) {
  for (const auto kind : {graceful, coordinated, emergency})
    for (std::size_t s = 0; s < 6; ++s)
      for (std::size_t e = 0; e < 8; ++e)
        if (const auto next = next_state(kind, static_cast<HandoverState>(s), static_cast<E>(e))) {
          EXPECT_GT(*next, static_cast<HandoverState>(s));
        }
}

TEST(HandoverMachine, RefusesWhatHasNoMeaning) {
  Handover h(graceful);
  EXPECT_FALSE(h.on(E::valid));
  EXPECT_EQ(h.state(), preparing);
  EXPECT_TRUE(h.on(E::prepared));
  EXPECT_EQ(h.state(), transferring);
  EXPECT_TRUE(h.on(E::abort));
  EXPECT_EQ(h.state(), failed);
  EXPECT_FALSE(h.on(E::abort));
}

/// The worked examples of docs/models/context.md.
TEST(HandoverRun, Graceful) {
  const auto out = carry_out({}, graceful, {.checkpoint_s = 1.7, .transition_s = 0.4});
  EXPECT_EQ(out.state, complete);
  EXPECT_DOUBLE_EQ(out.seconds, 2.1);
  EXPECT_FALSE(out.fell_back || out.critical);
}

TEST(HandoverRun, CoordinatedWaitsForTheLast) {
  const auto in_time = carry_out({}, coordinated, {.checkpoint_s = 1, .ready_s = 31, .transition_s = 1});
  EXPECT_EQ(in_time.state, complete);
  EXPECT_DOUBLE_EQ(in_time.seconds, 32);
  const auto late = carry_out({}, coordinated, {.checkpoint_s = 1, .ready_s = 31.1, .transition_s = 1});
  EXPECT_EQ(late.state, failed);
  EXPECT_DOUBLE_EQ(late.seconds, 31) << "until the limit";
}

TEST(HandoverRun, EmergencyFallsBackAndSaysSo) {
  const auto out = carry_out({}, emergency, {.checkpoint_s = 0, .transition_s = 0.1, .transfer_works = false, .snapshot_similarity = 0.8});
  EXPECT_EQ(out.state, complete);
  EXPECT_TRUE(out.fell_back);
  EXPECT_FALSE(out.critical);
  const auto slow = carry_out({}, emergency, {.transition_s = 6, .snapshot_similarity = 0.6});
  EXPECT_EQ(slow.state, failed) << "too unlike";
  EXPECT_TRUE(slow.fell_back);
  EXPECT_FALSE(slow.critical);
  EXPECT_DOUBLE_EQ(slow.seconds, 5);
  EXPECT_TRUE(carry_out({}, emergency, {.transfer_works = false, .snapshot_similarity = 0.5}).critical);
  const auto refused = carry_out({}, graceful, {.transfer_works = false, .snapshot_similarity = 0.9});
  EXPECT_EQ(refused.state, failed) << "only emergencies fall back";
  EXPECT_FALSE(refused.fell_back);
}

TEST(HandoverRun, LimitsAreKept) {
  EXPECT_EQ(carry_out({}, graceful, {.checkpoint_s = 2, .transition_s = 5}).state, complete);
  EXPECT_EQ(carry_out({}, graceful, {.checkpoint_s = 2.01, .transition_s = 5}).state, failed);
  EXPECT_EQ(carry_out({}, graceful, {.checkpoint_s = 2, .transition_s = 5.01}).state, failed);
}

TEST(Validator, NamesWhatIsWrong) {
  const std::vector<std::uint32_t> roles{1, 2, 3}, other_order{3, 1, 2}, fewer{1, 2}, history{7, 8}, longer{7, 8, 9}, rewritten{7, 9};
  const std::vector<double> content{1, 0, 1}, alike{1, 0.2, 1}, sixty{1, 0.0, 0.0};
  const ContextView before{1, roles, history, content};
  const auto good = validate({}, before, {1, other_order, longer, alike});
  EXPECT_TRUE(good.valid && good.identity && good.roles && good.history && !good.critical);
  EXPECT_NEAR(good.similarity, 2 / std::sqrt(2 * 2.04), 1e-12);
  EXPECT_TRUE(validate({}, before, {2, roles, history, content}).critical) << "another session";
  const auto unroled = validate({}, before, {1, fewer, history, content});
  EXPECT_TRUE(!unroled.valid && !unroled.roles && !unroled.critical);
  EXPECT_FALSE(validate({}, before, {1, roles, rewritten, content}).history);
  const auto between = validate({}, before, {1, roles, history, sixty});
  EXPECT_NEAR(between.similarity, std::sqrt(0.5), 1e-12);
  EXPECT_TRUE(between.valid) << "0.7071 > 0.7";
  HandoverParams strict;
  strict.similarity_valid = 0.8;
  EXPECT_FALSE(validate(strict, before, {1, roles, history, sixty}).valid);
  EXPECT_FALSE(validate(strict, before, {1, roles, history, sixty}).critical);
  EXPECT_TRUE(validate({}, before, {1, roles, history, {}}).critical) << "nothing left";
}

TEST(Optimiser, GainsByGroupUpToThree) {
  EXPECT_EQ(parallel_gain({}, 0), 0);
  EXPECT_DOUBLE_EQ(parallel_gain({}, 1), 0.3);
  EXPECT_DOUBLE_EQ(parallel_gain({}, 3), 0.9);
  EXPECT_DOUBLE_EQ(parallel_gain({}, 7), 0.9);
  HandoverParams little;
  little.group_gain = 0.1;
  EXPECT_EQ(parallel_gain(little, 1), 0) << "not more than the least gain";
}

}  // namespace
}  // namespace swarm::dispatch
