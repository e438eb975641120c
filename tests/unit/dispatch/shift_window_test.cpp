#include "sim/dispatch/shift_window.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "sim/core/calendar.hpp"

namespace swarm::dispatch {
namespace {

struct Deadline {
  const char* end;
  const char* next_workday;
  const char* semi_weekly;
};
// 2020-01-01 was a Wednesday, so the 3rd a Friday and the 6th a Monday.
constexpr Deadline kByHand[] = {
    {"2020-01-01T08:59:59Z", "2020-01-01T09:00:00Z", "2020-01-02T09:00:00Z"},
    {"2020-01-01T09:00:00Z", "2020-01-01T09:00:00Z", "2020-01-02T09:00:00Z"},
    {"2020-01-01T12:30:00Z", "2020-01-01T12:30:00Z", "2020-01-02T09:00:00Z"},
    {"2020-01-01T17:00:00Z", "2020-01-01T17:00:00Z", "2020-01-02T09:00:00Z"},
    {"2020-01-01T17:00:01Z", "2020-01-02T09:00:00Z", "2020-01-02T09:00:00Z"},
    {"2020-01-02T09:00:00Z", "2020-01-02T09:00:00Z", "2020-01-02T09:00:00Z"},
    {"2020-01-02T09:00:01Z", "2020-01-02T09:00:01Z", "2020-01-06T09:00:00Z"},
    {"2020-01-03T17:30:00Z", "2020-01-04T09:00:00Z", "2020-01-06T09:00:00Z"},
    {"2020-01-04T00:00:00Z", "2020-01-06T09:00:00Z", "2020-01-06T09:00:00Z"},
    {"2020-01-04T23:30:00Z", "2020-01-06T09:00:00Z", "2020-01-06T09:00:00Z"},
    {"2020-01-05T08:00:00Z", "2020-01-06T09:00:00Z", "2020-01-06T09:00:00Z"},
    {"2020-01-05T20:00:00Z", "2020-01-06T09:00:00Z", "2020-01-06T09:00:00Z"},
    {"2020-01-06T00:00:00Z", "2020-01-06T09:00:00Z", "2020-01-06T09:00:00Z"},
    {"2020-01-06T09:30:00Z", "2020-01-06T09:30:00Z", "2020-01-09T09:00:00Z"},
    {"1969-12-31T18:00:00Z", "1970-01-01T09:00:00Z", "1970-01-01T09:00:00Z"},  // a Wednesday before the epoch
    {"1969-12-28T10:00:00Z", "1969-12-29T09:00:00Z", "1969-12-29T09:00:00Z"},
};

TEST(ShiftDeadline, ByHand) {
  for (const auto& [end, workday, weekly] : kByHand) {
    EXPECT_EQ(utc_text(next_workday(parse_utc(end))), workday) << end;
    EXPECT_EQ(utc_text(semi_weekly(parse_utc(end))), weekly) << end;
  }
}

TEST(ShiftDeadline, NeverBeforeTheEndAndNeverMovesBack) {
  const std::int64_t from = parse_utc("1969-12-20"), to = parse_utc("1970-01-20");
  for (auto* rule : {next_workday, semi_weekly})
    for (std::int64_t end = from, before = from; end < to; end += 599) {
      const std::int64_t deadline = rule(end);
      EXPECT_GE(deadline, end);
      EXPECT_GE(deadline, before);
      EXPECT_LE(deadline - end, 4 * 86400);
      before = deadline;
    }
}

void expect(const SlotWindow& window, std::int64_t first, std::int64_t end, bool cut) {
  EXPECT_EQ(window.first, first);
  EXPECT_EQ(window.end, end);
  EXPECT_EQ(window.cut, cut);
}

TEST(ShiftWindow, SlackByHand) {
  const SlotClock clock{.count = 20};
  const ShiftJob job{.arrival = 5, .length = 3};
  ShiftRule rule{.slack = 4};  // t … t + d + s − 1
  expect(shift_window(rule, clock, job), 5, 12, false);
  expect(baseline_window(rule, clock, job), 5, 8, false);
  rule.deadline = DeadlineRule::inclusive;  // one slot more, for the baseline too
  expect(shift_window(rule, clock, job), 5, 13, false);
  expect(baseline_window(rule, clock, job), 5, 9, false);
}

TEST(ShiftWindow, EndsOfTheSignalCutIt) {
  const SlotClock clock{.count = 12};
  ShiftRule rule{.slack = 5};
  expect(shift_window(rule, clock, {4, 3}), 4, 12, false);
  expect(shift_window(rule, clock, {5, 3}), 5, 12, true);
  expect(shift_window(rule, clock, {0, 12}), 0, 12, true);
  rule.slack = std::numeric_limits<std::int64_t>::max();
  expect(shift_window(rule, clock, {5, 3}), 5, 12, true);
  rule.constraint = ShiftConstraint::symmetric;
  expect(shift_window(rule, clock, {5, 3}), 0, 12, true);
  rule = {.deadline = DeadlineRule::inclusive};
  expect(baseline_window(rule, clock, {9, 3}), 9, 12, true);
}

TEST(ShiftWindow, SymmetricByHand) {
  const SlotClock clock{.count = 20};
  ShiftRule rule{.constraint = ShiftConstraint::symmetric, .slack = 4};  // starts t − s … t + s
  for (const auto deadline : {DeadlineRule::exclusive, DeadlineRule::inclusive}) {
    rule.deadline = deadline;
    expect(shift_window(rule, clock, {5, 3}), 1, 12, false);
    expect(shift_window(rule, clock, {3, 3}), 0, 10, true);
    expect(baseline_window(rule, clock, {5, 3}), 5, 8, false);
  }
}

TEST(ShiftWindow, CalendarByHand) {
  // Half-hours from Wednesday 00:00. Arrival 16:00 (slot 32), 3 slots: natural end 17:30, next workday Thursday 09:00
  // (slot 66); 2 slots end at 17:00 and stay. Semi-weekly Thursday 09:00.
  const SlotClock clock{.start_utc = parse_utc("2020-01-01"), .step_s = 1800, .count = 480};
  ShiftRule rule{.constraint = ShiftConstraint::next_workday, .slack = 99};
  expect(shift_window(rule, clock, {32, 3}), 32, 66, false);
  expect(shift_window(rule, clock, {32, 2}), 32, 34, false);
  rule.deadline = DeadlineRule::inclusive;
  expect(shift_window(rule, clock, {32, 3}), 32, 67, false);
  rule.constraint = ShiftConstraint::semi_weekly;
  expect(shift_window(rule, clock, {32, 2}), 32, 67, false);
  // A slot that begins before the deadline but ends after it is no part of the window: 4-hour slots, 09:00 in one.
  const SlotClock coarse{.start_utc = parse_utc("2020-01-01"), .step_s = 4 * 3600, .count = 60};
  rule = {.constraint = ShiftConstraint::next_workday};
  expect(shift_window(rule, coarse, {4, 1}), 4, 8, false);  // ends 20:00; Thursday 08:00 is the end of slot 7
  rule.deadline = DeadlineRule::inclusive;
  expect(shift_window(rule, coarse, {4, 1}), 4, 9, false);
}

}  // namespace
}  // namespace swarm::dispatch
