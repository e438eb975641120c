#pragma once
#include <cstdint>
#include <optional>

#include "sim/core/params.hpp"

/// Nobody asks again and again whoever keeps failing (docs/models/context.md, "Circuit breakers"): the breaker of
/// M. T. Nygard, Release It! (2007), with a share of failures over a window as its condition.
namespace swarm {
namespace dispatch {

struct BreakerParams {
  std::int64_t window = 20;
  std::int64_t least_answers = 5;
  double failure_share = 0.5;
  Duration cool_down{60};
  std::int64_t probes = 3;
};

template <class V>
void describe(V& v, BreakerParams& p) {
  v("window", p.window, {.unit = "1", .min = 1, .max = 64, .doc = "Latest answers of which a breaker knows whether they failed.", .source = kAssumed});
  v("least_answers", p.least_answers, {.unit = "1", .min = 1, .max = 64, .doc = "Answers below which a breaker does not open.", .source = kAssumed});
  v("failure_share", p.failure_share, {.unit = "1", .min = 0, .max = 1, .min_open = true, .doc = "Share of failures from which a breaker opens.", .source = kAssumed});
  v("cool_down", p.cool_down, {.unit = "s", .min = 0, .doc = "Time for which an open breaker lets nothing through.", .source = kAssumed});
  v("probes", p.probes, {.unit = "1", .min = 1, .max = 64, .doc = "Answers in a row that must succeed before a half-open breaker closes.", .source = kAssumed});
}

enum class BreakerState : std::uint8_t { closed, open, half_open };

/// One agent or one site; all of it is state. Times are seconds since the start and never go back.
struct Breaker {
  double open_until_s = 0;
  std::uint64_t failed = 0;  ///< bit k: the k-th latest answer failed
  std::uint8_t answers = 0;  ///< known, at most BreakerParams::window
  std::uint8_t probing = 0;  ///< half open: asked and not answered yet
  std::uint8_t probed = 0;   ///< half open: answers in a row that succeeded
  std::uint8_t round = 0;    ///< times that it opened, from 1 on, in a circle that leaves 0 out
  BreakerState state = BreakerState::closed;
};

/// Whether a request may pass now. In half-open state no more than the missing probes are under way at a time; one that
/// passes counts as under way until its outcome is noted.
bool lets_pass(const BreakerParams& p, Breaker& b, double now_s);
/// The round whose probe a request is that passes now; 0 if the breaker is closed.
inline std::uint8_t probed_round(const Breaker& b) { return b.state == BreakerState::half_open ? b.round : std::uint8_t{0}; }
/// A request that passed was answered, or failed. `round`: whose probe it is, 0 of none. An open breaker learns nothing, a
/// half-open one from the probes of its round alone: what was asked before it opened says what is known.
void note_outcome(const BreakerParams& p, Breaker& b, bool failure, double now_s, std::uint8_t round);

/// Who answers where the specialist that should have cannot: the first of these that is to be had.
enum class Fallback : std::uint8_t { memory, cheaper, rule, reject };
struct FallbackChoice {
  std::optional<double> memory_confidence;  ///< of a remembered answer, if there is one
  bool cheaper_specialist = false;          ///< some other specialist's breaker lets it pass
  bool rule = false;                        ///< a rule covers the problem
};
inline constexpr double kMemoryConfidence = 0.8;  // working memory answers above it (MODEL §4)
constexpr Fallback fallback(const FallbackChoice& c, double least_confidence = kMemoryConfidence) {
  if (c.memory_confidence && *c.memory_confidence > least_confidence) return Fallback::memory;
  if (c.cheaper_specialist) return Fallback::cheaper;
  return c.rule ? Fallback::rule : Fallback::reject;
}

}  // namespace dispatch
}  // namespace swarm
