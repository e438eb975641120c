#include "sim/economy/accrual.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace swarm::economy {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

TEST(Accrual, WorkedExample) {
  // 500 µTKN at 0.6 % per hour for 25 min: 500 · 0.006 · 25/60 = 1.25; the same again makes 2.5.
  const FixedRate rate = FixedRate::per_hour(0.006);
  EXPECT_EQ(rate.pico, 6'000'000'000);
  Accrual a = accrue(500, rate, 1500, 0);
  EXPECT_EQ(a.utkn, 1);
  EXPECT_EQ(a.remainder, rate.remainders_per_utkn() / 4);
  a = accrue(500, rate, 1500, a.remainder);
  EXPECT_EQ(a.utkn, 1);
  EXPECT_EQ(a.remainder, rate.remainders_per_utkn() / 2);
  // 0.5 % per day on 1,000 for 6 h: 1.25.
  const FixedRate daily = FixedRate::per_day(0.005);
  EXPECT_EQ(accrue(1000, daily, 6 * 3600, 0).utkn, 1);
  EXPECT_EQ(accrue(1000, daily, 6 * 3600, 0).remainder, daily.remainders_per_utkn() / 4);
}

struct Total {
  std::int64_t utkn{}, remainder{};
  friend bool operator==(const Total&, const Total&) = default;
};

/// The sum over steps of `step_s` until `end_s`; a mutant drops the remainder.
Total over(std::int64_t amount, FixedRate rate, std::int64_t end_s, std::int64_t step_s, bool carries) {
  Total total;
  for (std::int64_t t = 0; t < end_s;) {
    const std::int64_t dt = std::min(step_s, end_s - t);
    const Accrual a = accrue(amount, rate, dt, carries ? total.remainder : 0);
    total = {total.utkn + a.utkn, a.remainder};
    t += dt;
  }
  return total;
}

TEST(Accrual, AnyDivisionOfTimeChargesTheSame) {
  const FixedRate rate = FixedRate::per_hour(7.3e-7);
  for (const std::int64_t amount : {std::int64_t{1}, std::int64_t{999'983}, std::int64_t{123456789012}}) {
    const Total whole = over(amount, rate, 864'000, 864'000, true);
    for (const std::int64_t step : {60, 3600, 7919}) {
      EXPECT_EQ(over(amount, rate, 864'000, step, true), whole);
      EXPECT_NE(over(amount, rate, 864'000, step, false), whole) << "mutant: the fraction of a step is lost";
    }
  }
}

TEST(Accrual, NothingOnNothingAndOverflowIsRefused) {
  const FixedRate rate = FixedRate::per_hour(1);
  for (const Accrual a :
       {accrue(0, rate, 3600, 5), accrue(kMost, {0, 3600}, 3600, 5), accrue(kMost, rate, 0, 5)}) {
    EXPECT_EQ(a.utkn, 0);
    EXPECT_EQ(a.remainder, 5);
  }
  EXPECT_EQ(accrue(kMost, rate, 3600, 0).utkn, kMost);
  EXPECT_THROW(accrue(kMost, rate, 3601, 0), ModelError);
  EXPECT_THROW(accrue(kMost, {kMost, 3600}, 86'400, 0), ModelError) << "beyond 128 bits";
  EXPECT_THROW(FixedRate::per_hour(1e7), ModelError);
}

}  // namespace
}  // namespace swarm::economy
