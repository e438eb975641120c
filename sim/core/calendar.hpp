#pragma once
#include <cstdint>
#include <string>
#include <string_view>

/// The proleptic Gregorian calendar in UTC, without time zones, leap seconds or the C library.
namespace swarm {
inline namespace core {

/// A moment taken apart.
struct CivilTime {
  int year = 1970;
  int month = 1;             ///< 1 … 12
  int day = 1;               ///< 1 … 31
  int hour = 0;              ///< 0 … 23
  int minute = 0;            ///< 0 … 59
  int second = 0;            ///< 0 … 59
  int weekday = 3;           ///< 0 = Monday … 6 = Sunday
  double hour_of_day = 0;    ///< [h], in [0, 24)
  double year_fraction = 0;  ///< share of the year's seconds that has passed, in [0, 1)
};

/// Seconds since 1970-01-01T00:00:00Z of "2022-01-03", "2022-01-03T00:00", "2022-01-03 00:00:00"; a time may
/// end in "Z" or "+00:00". Years 0000 … 9999. Anything else, and dates that do not exist, throw
/// std::invalid_argument with a message that says what is wrong.
std::int64_t parse_utc(std::string_view text);

/// "2022-01-03T00:00:00Z". Same domain as civil(); years outside 0000 … 9999 are written with a sign.
std::string utc_text(std::int64_t utc_seconds);

/// Takes a moment apart. Throws std::out_of_range beyond ±2·10⁹ years.
CivilTime civil(std::int64_t utc_seconds);

}  // namespace core
}  // namespace swarm
