#include "sim/cli/decimal.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace swarm::cli {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

/// What is read, written again; or the fault's number.
std::string read(std::string_view text) {
  const auto [fault, x] = parse_decimal(text);
  return fault == DecimalFault::none ? decimal_text(x.significand, x.decimals)
                                     : fmt::format("fault {}", static_cast<int>(fault));
}

TEST(Decimal, ReadsEveryWayToWriteANumber) {
  for (const auto& [text, meaning] : {std::pair{"12.5", "12.5"},
                                      {"012.50", "12.5"},
                                      {"+3", "3"},
                                      {"-3", "-3"},
                                      {".5", "0.5"},
                                      {"5.", "5"},
                                      {"1e3", "1000"},
                                      {"1.25E+2", "125"},
                                      {"1250e-2", "12.5"},
                                      {"-0.0", "0"},
                                      {"0e999999999999999999999", "0"},
                                      {"1e-18", "0.000000000000000001"},
                                      {"0.00001e5", "1"},
                                      {"10000000000000000000000e-5", "100000000000000000"},
                                      {"9223372036854775807", "9223372036854775807"},
                                      {"9.223372036854775807", "9.223372036854775807"}})
    EXPECT_EQ(read(text), meaning) << text;
}

TEST(Decimal, RefusesTheRestForWhatItIs) {
  for (const char* text : {"", "-", "+", ".", "e5", "1e", "1e+", "--1", "+-1", "1.2.3", "nan", "inf", "0x10", "1,0",
                           "1 0", "1_000", " 1", "1e5.0", "½"})
    EXPECT_EQ(parse_decimal(text).fault, DecimalFault::not_a_number) << text;
  for (const char* text : {"9223372036854775808", "1e19", "1e300", "-1e99999999999999999999", "12345678901234567890.5"})
    EXPECT_EQ(parse_decimal(text).fault, DecimalFault::too_large) << text;
  for (const char* text : {"1e-19", "0.1234567890123456789", "9.2233720368547758079", "1e-99999999999999999999"})
    EXPECT_EQ(parse_decimal(text).fault, DecimalFault::too_many_digits) << text;
}

TEST(Decimal, ScalesOrSaysThatItDoesNotFit) {
  EXPECT_EQ(scaled({125, 1}, 3), 12500);
  EXPECT_EQ(scaled({kMost, 0}, 0), kMost);
  EXPECT_EQ(scaled({kMost, 0}, 1), std::nullopt);
  EXPECT_EQ(scaled({-3, 0}, 18), -3'000'000'000'000'000'000);
  EXPECT_EQ(scaled({10, 0}, 18), std::nullopt);
}

TEST(Decimal, WritesTheShortestExactForm) {
  EXPECT_EQ(decimal_text(0, 9), "0");
  EXPECT_EQ(decimal_text(-5, 1), "-0.5");
  EXPECT_EQ(decimal_text(1'000, 3), "1");
  EXPECT_EQ(decimal_text(1'000, 0), "1000");
  EXPECT_EQ(decimal_text(Int128{kMost} * kMost, 36), "85.070591730234615847396907784232501249");
}

TEST(Decimal, WritesRatiosToEighteenDecimals) {
  EXPECT_EQ(ratio_text(22, 4, 0), "5.5");
  EXPECT_EQ(ratio_text(0, 7, 5), "0");
  EXPECT_EQ(ratio_text(10, 3, 0), "3.333333333333333333");
  EXPECT_EQ(ratio_text(20, 3, 0), "6.666666666666666667");
  EXPECT_EQ(ratio_text(20, 3, 18), "0.000000000000000007");
  EXPECT_EQ(ratio_text(5, 2, 18), "0.000000000000000002") << "half to even";
  EXPECT_EQ(ratio_text(7, 2, 18), "0.000000000000000004");
  EXPECT_EQ(ratio_text(2'999'999'999'999'999'999, 1'000'000'000'000'000'000, 17), "0.00000000000000003")
      << "a nine carries over";
  EXPECT_EQ(ratio_text(Int128{kMost} * kMost, kMost, 9), "9223372036.854775807");
  EXPECT_EQ(ratio_text(kMost - 1, kMost, 0), "1") << "and into the whole number";
}

}  // namespace
}  // namespace swarm::cli
