#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/core/params.hpp"

/// How a session goes on in a fresh window: states, time limits, what is checked before the old window is given up
/// (docs/models/context.md, "Handovers").
namespace swarm {
namespace dispatch {

struct HandoverParams {
  Duration checkpoint_limit{2};
  Duration readiness_limit{30};
  Duration transition_limit{5};
  double similarity_valid = 0.7;
  double similarity_critical = 0.5;
  double group_gain = 0.3;
  std::int64_t most_groups = 3;
  double least_gain = 0.1;
  double tok_per_s = 4096;
  double transfer_failure = 0.01;
};

template <class V>
void describe(V& v, HandoverParams& p) {
  v("checkpoint_limit", p.checkpoint_limit, {.unit = "s", .min = 0, .min_open = true, .doc = "Longest time that a checkpoint may take; a longer one fails.", .source = kAssumed});
  v("readiness_limit", p.readiness_limit, {.unit = "s", .min = 0, .min_open = true, .doc = "Longest time until all who hand over together must be ready.", .source = kAssumed});
  v("transition_limit", p.transition_limit, {.unit = "s", .min = 0, .min_open = true, .doc = "Longest time for transferring and validating a context; a longer one fails.", .source = kAssumed});
  v("similarity_valid", p.similarity_valid, {.unit = "1", .min = -1, .max = 1, .doc = "Similarity of contexts before and after, above which a handover is valid.", .source = kAssumed});
  v("similarity_critical", p.similarity_critical, {.unit = "1", .min = -1, .max = 1, .doc = "Similarity up to which the loss of context counts as critical.", .source = kAssumed});
  v("group_gain", p.group_gain, {.unit = "1", .min = 0, .max = 1, .doc = "Part of the transition time that each group of handovers at one site saves by going in parallel.", .source = kAssumed});
  v("most_groups", p.most_groups, {.unit = "1", .min = 0, .max = 100, .doc = "Most groups that save time.", .source = kAssumed});
  v("least_gain", p.least_gain, {.unit = "1", .min = 0, .max = 1, .doc = "Saving up to which handovers are not made parallel.", .source = kAssumed});
  v("tok_per_s", p.tok_per_s, {.unit = "tok/s", .min = 0, .max = 1e9, .min_open = true, .doc = "How fast a context is written or read: 25 kB of keys and values per tok over 0.8 Gbit/s.", .source = kAssumed});
  v("transfer_failure", p.transfer_failure, {.unit = "1", .min = 0, .max = 1, .doc = "Probability that the transfer of a context fails.", .source = kAssumed});
}

enum class HandoverKind : std::uint8_t { graceful, coordinated, emergency };
enum class HandoverState : std::uint8_t { preparing, coordinating, transferring, validating, complete, failed };
/// What can happen. `timeout`: the limit of the present state has passed. `abort`: the session has ended.
enum class HandoverEvent : std::uint8_t { prepared, all_ready, transferred, transfer_failed, valid, invalid, timeout, abort };

/// The state that follows; none where the event has no meaning in the state, which then stays. Graceful handovers and
/// those of emergencies wait for nobody and skip coordinating. An emergency whose transfer fails, or takes too long,
/// goes on to validate the cached snapshot instead.
std::optional<HandoverState> next_state(HandoverKind kind, HandoverState state, HandoverEvent event);
constexpr bool is_over(HandoverState s) { return s == HandoverState::complete || s == HandoverState::failed; }

/// One handover, driven by events.
class Handover {
 public:
  explicit Handover(HandoverKind kind) : kind_(kind) {}
  /// False, and nothing changes, if the event has no meaning now.
  bool on(HandoverEvent event);
  HandoverKind kind() const { return kind_; }
  HandoverState state() const { return state_; }
  bool fell_back() const { return fell_back_; }  ///< the cached snapshot stands for what could not be transferred

 private:
  HandoverKind kind_;
  HandoverState state_ = HandoverState::preparing;
  bool fell_back_ = false;
};

/// A context as the validator sees it; views of what the caller holds.
struct ContextView {
  std::uint64_t identity = 0;
  std::span<const std::uint32_t> roles, history;  ///< history: what was decided, the oldest first
  std::span<const double> content;                ///< any vector that says what it is about
};
struct Verdict {
  bool identity = false, roles = false, history = false;
  double similarity = 0;  ///< cosine of contents; 0 if one of them is zero or they differ in length
  bool valid = false;     ///< all of them, and similarity above similarity_valid
  bool critical = false;  ///< identity lost, or similarity at most similarity_critical
};
/// The same roles in any order; a history that begins with all of the former one.
Verdict validate(const HandoverParams& p, const ContextView& before, const ContextView& after);

/// Part of the transition time that parallel groups save: group_gain · min(groups, most_groups), 0 unless that is more
/// than least_gain.
double parallel_gain(const HandoverParams& p, std::size_t groups);

/// How a handover went.
struct HandoverPlan {
  double checkpoint_s = 0;  ///< until its own context is written
  double ready_s = 0;       ///< until the last of those who hand over together is ready; only of coordinated ones
  double transition_s = 0;  ///< transferring and validating
  bool transfer_works = true;
  double similarity = 1;           ///< of what is transferred
  double snapshot_similarity = 0;  ///< and of the cached snapshot
};
struct HandoverResult {
  HandoverState state = HandoverState::failed;
  bool fell_back = false;
  bool critical = false;  ///< what was validated is critically unlike
  double seconds = 0;     ///< capacity is out for so long; at most the limits allow
};
/// Runs a handover through its states with the plan's durations.
HandoverResult carry_out(const HandoverParams& p, HandoverKind kind, const HandoverPlan& plan);

}  // namespace dispatch
}  // namespace swarm
