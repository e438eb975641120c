#include "sim/dispatch/shift_window.hpp"

#include <algorithm>

#include "sim/core/checks.hpp"

namespace swarm {
namespace dispatch {
namespace {

constexpr std::int64_t kDay = 86400, kOpening = 9 * 3600, kClosing = 17 * 3600;
constexpr int kMonday = 0, kThursday = 3, kSaturday = 5, kSunday = 6;

/// A moment as the midnight before it, the seconds since then, and the day of the week (0 = Monday).
struct Moment {
  std::int64_t midnight, second;
  int weekday;
};
Moment taken_apart(std::int64_t utc) {
  const std::int64_t days = utc / kDay - (utc % kDay < 0);
  const std::int64_t since_thursday = days % 7;  // 1970 began on a Thursday
  return {days * kDay, utc - days * kDay, static_cast<int>((since_thursday + 7 + kThursday) % 7)};
}

/// Whole slots from the natural end to the deadline.
std::int64_t slack_of(const ShiftRule& rule, const SlotClock& clock, const ShiftJob& job) {
  const auto natural_end = [&] { return clock.start_utc + (job.arrival + job.length) * clock.step_s; };
  switch (rule.constraint) {
    case ShiftConstraint::slack:
    case ShiftConstraint::symmetric: break;
    case ShiftConstraint::next_workday: return (next_workday(natural_end()) - natural_end()) / clock.step_s;
    case ShiftConstraint::semi_weekly: return (semi_weekly(natural_end()) - natural_end()) / clock.step_s;
  }
  return rule.slack;
}

SlotWindow window(const ShiftRule& rule, const SlotClock& clock, const ShiftJob& job, std::int64_t slack) {
  EXPECT(job.arrival >= 0 && job.length >= 1 && job.length <= clock.count - job.arrival && slack >= 0);
  slack = std::min(slack, clock.count);  // beyond both ends of the signal anyway
  const bool symmetric = rule.constraint == ShiftConstraint::symmetric;
  const std::int64_t first = symmetric ? job.arrival - slack : job.arrival;
  const std::int64_t late = !symmetric && rule.deadline == DeadlineRule::inclusive ? 1 : 0;
  const std::int64_t end = job.arrival + job.length + slack + late;
  return {std::max<std::int64_t>(first, 0), std::min(end, clock.count), first < 0 || end > clock.count};
}

}  // namespace

std::int64_t next_workday(std::int64_t end) {
  const auto [midnight, second, weekday] = taken_apart(end);
  if (weekday == kSaturday) return midnight + 2 * kDay + kOpening;
  if (weekday == kSunday || second > kClosing) return midnight + kDay + kOpening;
  return std::max(end, midnight + kOpening);
}

std::int64_t semi_weekly(std::int64_t end) {
  const auto [midnight, second, weekday] = taken_apart(end);
  const std::int64_t day = midnight + (second > kOpening ? kDay : 0);  // the first whose 09:00 is not yet over
  const int from = second > kOpening ? (weekday + 1) % 7 : weekday;
  const int wait = from == kMonday ? 0 : from <= kThursday ? kThursday - from : kMonday + 7 - from;
  return day + wait * kDay + kOpening;
}

SlotWindow shift_window(const ShiftRule& rule, const SlotClock& clock, const ShiftJob& job) {
  return window(rule, clock, job, slack_of(rule, clock, job));
}

SlotWindow baseline_window(const ShiftRule& rule, const SlotClock& clock, const ShiftJob& job) {
  return window(rule, clock, job, 0);
}

}  // namespace dispatch
}  // namespace swarm
