#include "sim/economy/billing.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "sim/core/rng.hpp"

namespace swarm::economy {
namespace {

constexpr Int128 kUnits = kRemainderPerMicroTkn;

/// Nearest integer to units/kUnits, both of them at a tie.
bool is_rounded(Int128 units, Int128 utkn) {
  const Int128 off = units - utkn * kUnits;
  return -kUnits <= 2 * off && 2 * off <= kUnits;
}

TEST(Billing, WorkedExamples) {
  // 1 kWh = 3.6e15 nJ at 0.25 USD/kWh, PUE 1.2: 0.3 USD = 3e8 µTKN, nothing left over.
  const Bill one = bill_electricity({3'600'000'000'000'000}, FixedPrice::from(0.25, 1.2), 0);
  EXPECT_EQ(one.utkn, 300'000'000);
  EXPECT_EQ(one.remainder, 0);
  // 5 J = 5e9 nJ at 0.1 USD/kWh: 5/3.6e6·0.1·1e9 = 138.888… µTKN → 139, remainder −1/9 of 3.6e18.
  const Bill small = bill_electricity({5'000'000'000}, FixedPrice::from(0.1, 1.0), 0);
  EXPECT_EQ(small.utkn, 139);
  EXPECT_EQ(small.remainder, -400'000'000'000'000'000);
  // The same again: 277.777… − 139 = 138.777… → 139, remainder −2/9.
  const Bill next = bill_electricity({5'000'000'000}, FixedPrice::from(0.1, 1.0), small.remainder);
  EXPECT_EQ(next.utkn, 139);
  EXPECT_EQ(next.remainder, -800'000'000'000'000'000);
  // Nine times 138.888… is 1250 exactly.
  Bill bill;
  std::int64_t booked = 0;
  for (int n = 0; n < 9; ++n) {
    bill = bill_electricity({5'000'000'000}, FixedPrice::from(0.1, 1.0), bill.remainder);
    booked += bill.utkn;
  }
  EXPECT_EQ(booked, 1250);
  EXPECT_EQ(bill.remainder, 0);
}

TEST(Billing, NegativePricesGiveReceipts) {
  const Bill bill = bill_electricity({5'000'000'000}, FixedPrice::from(-0.1, 1.0), 0);
  EXPECT_EQ(bill.utkn, -139);
  EXPECT_EQ(bill.remainder, 400'000'000'000'000'000);
}

TEST(Billing, TiesGoToTheEvenNeighbour) {
  // Energy 1.8e18 nJ at 1e-12 USD/kWh is exactly half a µTKN.
  const NanoJoule half{kRemainderPerMicroTkn / 2};
  const auto booked = [&](std::int64_t picos) { return bill_electricity(half, FixedPrice{picos}, 0).utkn; };
  EXPECT_EQ(booked(1), 0);  // 0.5
  EXPECT_EQ(booked(3), 2);  // 1.5
  EXPECT_EQ(booked(5), 2);  // 2.5
  EXPECT_EQ(booked(-1), 0);
  EXPECT_EQ(booked(-3), -2);
  EXPECT_EQ(booked(-5), -2);
}

TEST(Billing, FixedPointOfThePrice) {
  EXPECT_EQ(FixedPrice::from(0.1, 1.0).pico_usd_per_kwh, 100'000'000'000);
  EXPECT_EQ(FixedPrice::from(0.25, 1.58).pico_usd_per_kwh, 395'000'000'000);
  EXPECT_EQ(FixedPrice::from(1.4e-12, 1.0).pico_usd_per_kwh, 1);
  EXPECT_THROW(FixedPrice::from(1e7, 1.0), ModelError);
  EXPECT_THROW(FixedPrice::from(std::nan(""), 1.0), ModelError);
}

TEST(Billing, TooLargeABillThrows) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_THROW(bill_electricity({most}, FixedPrice{most}, 0), ModelError);
  EXPECT_THROW(bill_electricity({most}, FixedPrice{-most}, 0), ModelError);
  EXPECT_EQ(bill_electricity({most}, FixedPrice{kRemainderPerMicroTkn}, 0).utkn, most);  // 1 µTKN per nJ
}

/// Both ways through the arithmetic (estimate and long division) over all magnitudes, against the definition.
TEST(Billing, EveryBillIsTheExactAmountRounded) {
  RandomSequence draw(Random(11, Stream::experiment), 0, 0);
  const auto any = [&] {
    const std::uint64_t bits = (std::uint64_t{draw.word()} << 32) | draw.word();
    return static_cast<std::int64_t>(bits >> (1 + draw.word() % 63));
  };
  int checked = 0, large = 0;
  for (int n = 0; n < 200'000; ++n) {
    const NanoJoule energy{any()};
    const FixedPrice price{draw.word() % 2 ? any() : -any()};
    const std::int64_t carried = static_cast<std::int64_t>(any() % (kUnits + 1)) - kRemainderPerMicroTkn / 2;
    const Int128 exact = Int128{energy.value} * price.pico_usd_per_kwh + carried;
    if (exact / kUnits > Int128{1} << 62 || exact / kUnits < -(Int128{1} << 62)) continue;
    const Bill bill = bill_electricity(energy, price, carried);
    ASSERT_TRUE(bill.utkn * kUnits + bill.remainder == exact) << n;
    ASSERT_TRUE(is_rounded(exact, bill.utkn)) << n;
    ++checked;
    large += std::abs(bill.utkn) > (std::int64_t{1} << 50);
  }
  EXPECT_GT(checked, 100'000);
  EXPECT_GT(large, 1'000) << "long division must have been tried too";
}

/// How far the sum of many bills may lie from the exact total, in multiples of 1/kUnits µTKN.
template <class BillStep>
Int128 sum_error(BillStep&& step) {
  RandomSequence draw(Random(12, Stream::experiment), 0, 0);
  Int128 exact = 0, booked = 0;
  std::int64_t remainder = 0;
  for (int n = 0; n < 50'000; ++n) {
    const NanoJoule energy{std::int64_t{draw.word()} * 37};
    const FixedPrice price = FixedPrice::from(0.4 * draw.uniform() - 0.05, 1.0 + draw.uniform());
    exact += Int128{energy.value} * price.pico_usd_per_kwh;
    const Bill bill = step(energy, price, remainder);
    booked += bill.utkn;
    remainder = bill.remainder;
  }
  const Int128 off = exact - booked * kUnits;
  return off < 0 ? -off : off;
}

TEST(Billing, BillsOfManyStepsAddUpToTheExactTotalRoundedOnce) {
  EXPECT_TRUE(2 * sum_error([](auto e, auto p, auto r) { return bill_electricity(e, p, r); }) <= kUnits);
  // Mutants: the remainder forgotten, and carried with the wrong sign.
  EXPECT_FALSE(2 * sum_error([](auto e, auto p, auto) { return bill_electricity(e, p, 0); }) <= kUnits);
  EXPECT_FALSE(2 * sum_error([](auto e, auto p, auto r) { return bill_electricity(e, p, -r); }) <= kUnits);
}

TEST(Billing, RowsEqualSingleBills) {
  RandomSequence draw(Random(13, Stream::experiment), 0, 0);
  std::vector<std::int64_t> energy(1000), remainders(1000), bills(1000);
  for (std::int64_t& e : energy) e = std::int64_t{draw.word()} << (draw.word() % 30);
  for (std::int64_t& r : remainders) r = std::int64_t{draw.word()} * 400'000'000 - 800'000'000'000'000'000;
  const std::vector<std::int64_t> carried = remainders;
  const FixedPrice price = FixedPrice::from(0.31, 1.4);
  bill_electricity(energy, price, remainders, bills);
  for (std::size_t i = 0; i < energy.size(); ++i) {
    const Bill bill = bill_electricity({energy[i]}, price, carried[i]);
    EXPECT_EQ(bills[i], bill.utkn);
    EXPECT_EQ(remainders[i], bill.remainder);
  }
}

TEST(Billing, EndowmentPaysAWeekOfIdling) {
  // 2.7 W × 7 × 24 h = 0.4536 kWh; at 0.2 USD/kWh 0.09072 USD = 90,720,000 µTKN.
  EXPECT_EQ(endowment({}, 2.7, 0.2).value, 90'720'000);
  EXPECT_EQ(endowment({}, 2.7, -0.2).value, 0);
  EXPECT_THROW(endowment({}, std::nan(""), 0.2), ModelError);
}

}  // namespace
}  // namespace swarm::economy
