#include "sim/core/params.hpp"

#include <gtest/gtest.h>

namespace {

using namespace swarm;

enum class Colour { red, green };

}  // namespace

template <>
struct swarm::EnumNames<Colour> {
  static constexpr std::array names{"red", "green"};
};

namespace {

TEST(Params, DurationsFromText) {
  const std::pair<const char*, double> cases[] = {
      {"7d", 604800},  {"5min", 300}, {"5m", 300},       {"1.5h", 5400}, {"250ms", 0.25},
      {"2w", 1209600}, {"30s", 30},   {"1h30min", 5400}, {"0s", 0},      {"1e3s", 1000}};
  for (const auto& [text, seconds] : cases) {
    Duration d;
    EXPECT_TRUE(parse_duration(text, d)) << text;
    EXPECT_DOUBLE_EQ(d.seconds, seconds) << text;
  }
}

TEST(Params, WhatIsNoDurationLeavesTheOldOne) {
  for (const char* bad : {"", "5", "d", "5 min", "5y", "infs", "nans", "5min ", "1h30", "five minutes"}) {
    Duration d{42};
    EXPECT_FALSE(parse_duration(bad, d)) << bad;
    EXPECT_EQ(d.seconds, 42) << bad;
  }
}

TEST(Params, TextOfADurationReadsBack) {
  EXPECT_EQ(duration_text({604800}), "7d");
  EXPECT_EQ(duration_text({5400}), "90min");
  EXPECT_EQ(duration_text({7200}), "2h");
  EXPECT_EQ(duration_text({0}), "0s");
  EXPECT_EQ(duration_text({0.25}), "0.25s");
  for (double seconds : {0.0, 1.0 / 3, 59.9, 60.0, 3600.0, 86400.0, 123456.789, 31536000.0, 1e-9}) {
    Duration back;
    ASSERT_TRUE(parse_duration(duration_text({seconds}), back)) << seconds;
    EXPECT_EQ(back.seconds, seconds);
  }
}

TEST(Params, NamesOfEnumerators) {
  EXPECT_EQ(enum_name(Colour::green), "green");
  static_assert(NamedEnum<Colour>);
  static_assert(!NamedEnum<int>);
}

TEST(Params, AFieldWithoutBoundsAllowsEverything) {
  const FieldInfo info{.doc = "A sentence."};
  EXPECT_LT(info.min, -1e308);
  EXPECT_GT(info.max, 1e308);
  EXPECT_EQ(info.unit, "1");
  EXPECT_FALSE(info.min_open);
}

}  // namespace
