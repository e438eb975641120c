#include "sim/core/units.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace {

using namespace swarm;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

TEST(Units, ArithmeticIsExact) {
  MicroTkn m{5};
  m += MicroTkn{7};
  m -= MicroTkn{2};
  EXPECT_EQ(m.value, 10);
  EXPECT_EQ((m * -3).value, -30);
  EXPECT_EQ((-m).value, -10);
  EXPECT_LT(MicroTkn{1}, MicroTkn{2});
  EXPECT_EQ((MicroTkn{kMost - 1} + MicroTkn{1}).value, kMost);
  static_assert((NanoJoule{2} + NanoJoule{3}).value == 5);
}

TEST(Units, OverflowIsRefused) {
  EXPECT_THROW(MicroTkn{kMost} + MicroTkn{1}, ModelError);
  EXPECT_THROW(MicroTkn{kLeast} - MicroTkn{1}, ModelError);
  EXPECT_THROW(MicroTkn{kMost / 2 + 1} * 2, ModelError);
  EXPECT_THROW(-MicroTkn{kLeast}, ModelError);
  MicroTkn m{kMost};
  EXPECT_THROW(m += MicroTkn{1}, ModelError);
  EXPECT_EQ(m.value, kMost);  // as it was
  try {
    (void)(MicroTkn{kMost} * 2);
    FAIL();
  } catch (const ModelError& e) {
    EXPECT_NE(std::string(e.what()).find("multiplication"), std::string::npos);
  }
}

TEST(Units, RoundingIsHalfToEven) {
  EXPECT_EQ(round_half_even(0.5), 0);
  EXPECT_EQ(round_half_even(1.5), 2);
  EXPECT_EQ(round_half_even(2.5), 2);
  EXPECT_EQ(round_half_even(-2.5), -2);
  EXPECT_EQ(round_half_even(-3.5), -4);
  EXPECT_EQ(round_half_even(9.2e18), 9'200'000'000'000'000'000);
  EXPECT_NE(static_cast<double>(round_half_even(2.5)), std::round(2.5));  // which rounds away from zero
  for (double bad : {9.3e18, -9.3e18, std::numeric_limits<double>::infinity(), std::nan("")})
    EXPECT_THROW(round_half_even(bad), ModelError);
}

// 1 TKN = 0.001 USD is 10⁶ µTKN, so 1 USD = 10⁹ µTKN; 1 kWh = 3.6·10⁶ J.
TEST(Units, Conversions) {
  EXPECT_EQ(micro_tkn_from_usd(0.001).value, 1'000'000);
  EXPECT_EQ(micro_tkn_from_usd(-2).value, -2'000'000'000);
  EXPECT_EQ(usd(MicroTkn{1'500'000'000}), 1.5);
  EXPECT_EQ(kwh(NanoJoule{3'600'000'000'000'000}), 1.0);
  EXPECT_EQ(kNanojoulesPerKwh, kJoulesPerKwh * 1e9);
  EXPECT_THROW(micro_tkn_from_usd(1e10), ModelError);
}

}  // namespace
