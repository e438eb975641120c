#include "sim/core/calendar.hpp"

#include <fmt/core.h>

#include <stdexcept>

#include "sim/core/units.hpp"

namespace swarm {
inline namespace core {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kDaysPer400Years = 146097;
constexpr std::int64_t kFarthest =
    2'000'000'000 * (kDaysPer400Years * kDay / 400);  // two thousand million years

constexpr bool is_leap(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

constexpr int days_in_month(std::int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

constexpr std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

// Days are counted in years that begin in March, so that the leap day comes last; the months from March on
// then begin on day (153·m + 2)/5 (H. Hinnant, chrono-compatible low-level date algorithms).
constexpr std::int64_t kDaysTo1970 = 719468;  // from 0000-03-01

constexpr std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = floor_divide(y, 400);
  const std::int64_t of_era = y - era * 400;
  const std::int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * kDaysPer400Years + of_era * 365 + of_era / 4 - of_era / 100 + of_year - kDaysTo1970;
}

/// Reads the text of one stamp from left to right.
class Stamp {
 public:
  explicit Stamp(std::string_view text) : text_(text), rest_(text) {}

  [[noreturn]] void fail(std::string_view why) const {
    throw std::invalid_argument(
        fmt::format("\"{}\" is not a UTC time ({}); write it like 2022-01-03T00:00:00Z", text_, why));
  }
  bool done() const { return rest_.empty(); }
  bool take(std::string_view what) {
    if (!rest_.starts_with(what)) return false;
    rest_.remove_prefix(what.size());
    return true;
  }
  void need(char separator, std::string_view where) {
    if (!take(std::string_view(&separator, 1))) fail(fmt::format("'{}' expected {}", separator, where));
  }
  int number(std::size_t digits, int least, int most, std::string_view what) {
    int value = 0;
    if (rest_.size() < digits) fail(fmt::format("{} has too few digits", what));
    for (char c : rest_.substr(0, digits)) {
      if (c < '0' || c > '9') fail(fmt::format("{} must have {} digits", what, digits));
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    if (value < least || value > most) fail(fmt::format("{} must be {} to {}", what, least, most));
    return value;
  }

 private:
  std::string_view text_, rest_;
};

}  // namespace

std::int64_t parse_utc(std::string_view text) {
  Stamp stamp(text);
  const int year = stamp.number(4, 0, 9999, "the year");
  stamp.need('-', "after the year");
  const int month = stamp.number(2, 1, 12, "the month");
  stamp.need('-', "after the month");
  const int day = stamp.number(2, 1, 31, "the day");
  if (day > days_in_month(year, month))
    stamp.fail(fmt::format("that month has {} days", days_in_month(year, month)));
  std::int64_t seconds = days_from_civil(year, month, day) * kDay;
  if (stamp.done()) return seconds;
  if (!stamp.take("T") && !stamp.take(" ")) stamp.fail("'T' or a space expected after the day");
  seconds += 3600 * stamp.number(2, 0, 23, "the hour");
  stamp.need(':', "after the hour");
  seconds += 60 * stamp.number(2, 0, 59, "the minute");
  if (stamp.take(":")) seconds += stamp.number(2, 0, 59, "the second");
  if (!stamp.take("Z")) stamp.take("+00:00");
  if (!stamp.done()) stamp.fail("it must end in whole seconds, \"Z\" or \"+00:00\"");
  return seconds;
}

CivilTime civil(std::int64_t utc_seconds) {
  if (utc_seconds > kFarthest || utc_seconds < -kFarthest)
    throw std::out_of_range(fmt::format("{} s since 1970 is beyond the calendar", utc_seconds));
  const std::int64_t days = floor_divide(utc_seconds, kDay);
  const std::int64_t of_day = utc_seconds - days * kDay;
  const std::int64_t shifted = days + kDaysTo1970;
  const std::int64_t era = floor_divide(shifted, kDaysPer400Years);
  const std::int64_t of_era = shifted - era * kDaysPer400Years;
  const std::int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * of_year + 2) / 153;
  const std::int64_t year = era * 400 + year_of_era + (month_from_march >= 10 ? 1 : 0);

  CivilTime t;
  t.year = static_cast<int>(year);
  t.month = static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  t.day = static_cast<int>(of_year - (153 * month_from_march + 2) / 5 + 1);
  t.hour = static_cast<int>(of_day / 3600);
  t.minute = static_cast<int>(of_day / 60 % 60);
  t.second = static_cast<int>(of_day % 60);
  t.weekday = static_cast<int>(((days + 3) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
  t.hour_of_day = static_cast<double>(of_day) / kSecondsPerHour;
  const std::int64_t into_year = (days - days_from_civil(year, 1, 1)) * kDay + of_day;
  t.year_fraction = static_cast<double>(into_year) / static_cast<double>((is_leap(year) ? 366 : 365) * kDay);
  return t;
}

std::string utc_text(std::int64_t utc_seconds) {
  const CivilTime t = civil(utc_seconds);
  const std::string year =
      t.year >= 0 && t.year <= 9999 ? fmt::format("{:04}", t.year) : fmt::format("{:+05}", t.year);
  return fmt::format("{}-{:02}-{:02}T{:02}:{:02}:{:02}Z", year, t.month, t.day, t.hour, t.minute, t.second);
}

}  // namespace core
}  // namespace swarm
