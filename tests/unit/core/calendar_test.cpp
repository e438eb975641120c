#include "sim/core/calendar.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

namespace {

using namespace swarm;

// 2022-01-03 is day 18,995 (52 years of 365 days, 13 leap days, 2 days): 18995·86400 = 1,641,168,000.
TEST(Calendar, StampsOfKnownMoments) {
  EXPECT_EQ(parse_utc("1970-01-01"), 0);
  EXPECT_EQ(parse_utc("2022-01-03"), 1641168000);
  for (const char* same : {"2022-01-03T00:00Z", "2022-01-03T00:00", "2022-01-03 00:00:00",
                           "2022-01-03T00:00:00Z", "2022-01-03 00:00:00+00:00", "2022-01-03T00:00+00:00"})
    EXPECT_EQ(parse_utc(same), 1641168000) << same;
  EXPECT_EQ(parse_utc("2022-01-03T23:59:59Z"), 1641168000 + 86399);
  EXPECT_EQ(parse_utc("2000-02-29"), 951782400);
  EXPECT_EQ(parse_utc("1969-12-31T23:59:59Z"), -1);
  EXPECT_EQ(parse_utc("0000-01-01"), -62167219200);
  EXPECT_EQ(parse_utc("9999-12-31T23:59:59Z"), 253402300799);
}

TEST(Calendar, RefusesWhatIsNoMoment) {
  for (const char* bad : {"",
                          "2022",
                          "2022-1-3",
                          "2022-13-01",
                          "2022-00-10",
                          "2022-02-29",
                          "1900-02-29",
                          "2022-04-31",
                          "2022-01-00",
                          "2022-01-03T",
                          "2022-01-03T24:00",
                          "2022-01-03T12",
                          "2022-01-03T12:60",
                          "2022-01-03T12:00:60",
                          "2022-01-03T12:00:00.5",
                          "2022-01-03T12:00+01:00",
                          "2022-01-03Z",
                          "2022-01-03T12:00Zulu",
                          "03/01/2022",
                          " 2022-01-03",
                          "2022-01-03  12:00",
                          "-022-01-03",
                          "٢٠٢٢-01-03"})
    EXPECT_THROW(parse_utc(bad), std::invalid_argument) << bad;
  try {
    parse_utc("2022-02-29");
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(
        e.what(),
        "\"2022-02-29\" is not a UTC time (that month has 28 days); write it like 2022-01-03T00:00:00Z");
  }
}

TEST(Calendar, PartsOfAMoment) {
  const CivilTime t = civil(parse_utc("2024-02-29T18:30:36Z"));
  EXPECT_EQ(t.year, 2024);
  EXPECT_EQ(t.month, 2);
  EXPECT_EQ(t.day, 29);
  EXPECT_EQ(t.hour, 18);
  EXPECT_EQ(t.minute, 30);
  EXPECT_EQ(t.second, 36);
  EXPECT_EQ(t.weekday, 3);  // a Thursday
  EXPECT_DOUBLE_EQ(t.hour_of_day, 18.51);
  EXPECT_DOUBLE_EQ(t.year_fraction, (59 + 18.51 / 24) / 366);
  EXPECT_EQ(civil(parse_utc("2022-01-03")).weekday, 0);  // a Monday
  EXPECT_EQ(civil(-1).weekday, 2);                       // 1969-12-31 was a Wednesday
  EXPECT_EQ(civil(parse_utc("2022-01-01")).year_fraction, 0.0);
  EXPECT_LT(civil(parse_utc("2022-12-31T23:59:59Z")).year_fraction, 1.0);
  EXPECT_DOUBLE_EQ(civil(parse_utc("2023-07-02T12:00Z")).year_fraction, 0.5);
}

TEST(Calendar, TextOfAMoment) {
  EXPECT_EQ(utc_text(1641168000), "2022-01-03T00:00:00Z");
  EXPECT_EQ(utc_text(-1), "1969-12-31T23:59:59Z");
  EXPECT_EQ(utc_text(parse_utc("0000-01-01") - 1), "-0001-12-31T23:59:59Z");
  EXPECT_EQ(utc_text(parse_utc("9999-12-31T23:59:59Z") + 1), "+10000-01-01T00:00:00Z");
  EXPECT_THROW(civil(std::numeric_limits<std::int64_t>::max()), std::out_of_range);
  EXPECT_THROW(civil(std::numeric_limits<std::int64_t>::min()), std::out_of_range);
}

/// Walks day by day through 1600 … 2420 with its own idea of the month lengths, and compares.
bool agrees_with_day_count(bool (*is_leap)(int)) {
  int year = 1600, month = 1, day = 1, weekday = 5;  // a Saturday
  for (std::int64_t at = parse_utc("1600-01-01"); year < 2420; at += 86400) {
    const CivilTime t = civil(at + 43200);
    if (t.year != year || t.month != month || t.day != day || t.weekday != weekday || t.hour != 12)
      return false;
    if (parse_utc(utc_text(at)) != at) return false;
    const int lengths[] = {31, is_leap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    weekday = (weekday + 1) % 7;
    if (++day <= lengths[month - 1]) continue;
    day = 1;
    if (++month <= 12) continue;
    month = 1;
    ++year;
  }
  return true;
}

TEST(Calendar, EightCenturiesDayByDay) {
  EXPECT_TRUE(agrees_with_day_count([](int y) { return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0); }));
  EXPECT_FALSE(agrees_with_day_count([](int y) { return y % 4 == 0; }));  // the Julian rule
}

}  // namespace
