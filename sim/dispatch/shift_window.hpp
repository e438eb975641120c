#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "sim/core/params.hpp"

/// Temporal shifting, first half: which slots of a signal a job may run in.
namespace swarm {
namespace dispatch {

enum class ShiftConstraint : std::uint8_t {
  slack,         ///< a fixed slack after the natural end
  symmetric,     ///< a start at most a fixed slack before or after the arrival
  next_workday,  ///< until people are at work again
  semi_weekly    ///< until Monday or Thursday morning
};

/// Whether the slot that begins at the deadline still counts.
enum class DeadlineRule : std::uint8_t {
  exclusive,  ///< no: the job has finished when the deadline strikes
  inclusive   ///< yes, also without slack: a job may always be one slot late
};

struct ShiftRule {
  ShiftConstraint constraint = ShiftConstraint::slack;
  DeadlineRule deadline = DeadlineRule::exclusive;  ///< means nothing to `symmetric`
  std::int64_t slack = 0;                           ///< [slots] ≥ 0, of `slack` and `symmetric`
};

/// A signal's slots: slot i holds from start_utc + i·step_s [seconds since 1970] for step_s seconds, i < count.
struct SlotClock {
  std::int64_t start_utc = 0;
  std::int64_t step_s = 3600;
  std::int64_t count = 0;
};

/// Work that takes `length` ≥ 1 slots and could begin in slot `arrival` ≥ 0, so its natural end is the beginning of
/// slot arrival + length.
struct ShiftJob {
  std::int64_t arrival = 0;
  std::int64_t length = 1;
};

/// Slots first … end − 1.
struct SlotWindow {
  std::int64_t first = 0;
  std::int64_t end = 0;
  bool cut = false;  ///< an end of the signal made it shorter
};

/// The deadline [seconds since 1970] of work that would naturally end at `end`: on a Saturday Monday 09:00, on a Sunday
/// or after 17:00 (not at 17:00) 09:00 of the next day, before 09:00 that hour of the day; else the end itself.
/// Wiesner et al., "Let's Wait Awhile" (Middleware 2021), in the time that the stamps are written in.
std::int64_t next_workday(std::int64_t end);
/// The same for work that is looked at twice a week: the first Monday or Thursday 09:00 at or after `end`.
std::int64_t semi_weekly(std::int64_t end);

/// Where a job may run; cut at the ends of the signal. The job must fit: arrival + length ≤ clock.count.
SlotWindow shift_window(const ShiftRule& rule, const SlotClock& clock, const ShiftJob& job);

/// Where it runs without shifting: the same rule with no slack at all.
SlotWindow baseline_window(const ShiftRule& rule, const SlotClock& clock, const ShiftJob& job);

}  // namespace dispatch
inline namespace core {
template <>
struct EnumNames<dispatch::ShiftConstraint> {
  static constexpr std::array<std::string_view, 4> names{"slack", "symmetric", "next-workday", "semi-weekly"};
};
template <>
struct EnumNames<dispatch::DeadlineRule> {
  static constexpr std::array<std::string_view, 2> names{"exclusive", "inclusive"};
};
}  // namespace core
}  // namespace swarm
