#include "sim/economy/demurrage.hpp"

#include <gtest/gtest.h>

#include <array>

#include "sim/economy/appreciation.hpp"

namespace swarm::economy {
namespace {

constexpr std::int64_t kDay = 86'400;
using Numbers = std::vector<std::int64_t>;

DemurrageParams two_percent() {
  DemurrageParams p;
  p.rate_per_day = 0.02;
  p.allowance = {10 * 86'400.0};
  return p;
}

/// Account 0 is the fund, wallets follow.
Ledger with_wallets(const Numbers& wallets) {
  Ledger ledger(wallets.size() + 1);
  for (std::size_t i = 0; i < wallets.size(); ++i) ledger.mint({i + 1}, {wallets[i]}, Posting::endowment);
  return ledger;
}

TEST(Demurrage, WorkedExample) {
  // Bills of 100 a day, 10 days free: 1,000. Of 11,300 the 10,300 above cost 206 a day; who holds 1,000 pays
  // nothing, who has no bills pays on everything: 0.02 · 75 = 1.5, of which one half waits.
  Ledger ledger = with_wallets({11'300, 1000, 75, 0});
  const Numbers bills{100, 100, 0, 0};
  Numbers remainders(4);
  EXPECT_EQ(charge_demurrage(ledger, two_percent(), {1}, bills, remainders, {0}, kDay).value, 207);
  EXPECT_TRUE(std::ranges::equal(ledger.balances(), Numbers{207, 11'094, 1000, 74, 0}));
  EXPECT_EQ(remainders[2], FixedRate::per_day(0).remainders_per_utkn() / 2);
  // The next day 0.02 · 74 + 0.5 = 1.98 and 0.02 · 10,094 = 201.88.
  EXPECT_EQ(charge_demurrage(ledger, two_percent(), {1}, bills, remainders, {0}, kDay).value, 202);
  EXPECT_TRUE(ledger.total(Posting::demurrage) == 409);
  ledger.audit();
}

TEST(Demurrage, ShorterStepsOnlyCompound) {
  const auto left = [](std::int64_t step_s) {
    Ledger ledger = with_wallets({1'000'000'000});
    Numbers remainders(1);
    for (std::int64_t t = 0; t < 10 * kDay; t += step_s)
      charge_demurrage(ledger, two_percent(), {1}, Numbers{0}, remainders, {0}, step_s);
    return ledger.balance({1}).value;
  };
  // 0.98^10 by day, (1 − 0.02/24)^240 by hour, each within the 1 µTKN per step that can wait.
  EXPECT_NEAR(double(left(kDay)), 817'072'806.89, 10);
  EXPECT_NEAR(double(left(3600)), 818'662'490.43, 240);
}

TEST(Demurrage, NeverMoreThanTheHoardAndNothingAtRateZero) {
  Ledger ledger = with_wallets({1000});
  Numbers remainders(1);
  EXPECT_EQ(charge_demurrage(ledger, {}, {1}, Numbers{0}, remainders, {0}, kDay).value, 0) << "the default";
  EXPECT_EQ(charge_demurrage(ledger, two_percent(), {1}, Numbers{30}, remainders, {0}, 1000 * kDay).value,
            700);
  EXPECT_EQ(ledger.balance({1}).value, 300) << "the allowance stays";
  EXPECT_EQ(charge_demurrage(ledger, two_percent(), {1}, Numbers{30}, remainders, {0}, kDay).value, 0);
  EXPECT_EQ(charge_demurrage(ledger, two_percent(), {1}, {}, {}, {0}, kDay).value, 0);
}

TEST(Appreciation, FactorsFallOverHistoryAndAreCapped) {
  AppreciationParams p;
  EXPECT_EQ(appreciation(p, 0), 1) << "switched off";
  p.enabled = true;
  const std::array<std::pair<std::int64_t, double>, 7> expected{
      {{0, 10}, {99, 10}, {100, 3}, {999, 3}, {1000, 2}, {9999, 2}, {10'000, 1}}};
  for (const auto& [uses, factor] : expected) EXPECT_EQ(appreciation(p, uses), factor) << uses;
  EXPECT_EQ(appreciation_bonus(p, {5}, 0).value, 45);
  EXPECT_EQ(appreciation_bonus(p, {5}, 10'000).value, 0);
  p.largest_factor = 2.5;
  EXPECT_EQ(appreciation(p, 0), 2.5);
  EXPECT_EQ(appreciation(p, 5000), 2);
  EXPECT_EQ(appreciation_bonus(p, {5}, 0).value, 8) << "7.5, half to even";
}

TEST(Appreciation, BonusesComeOutOfThePool) {
  Ledger ledger(4);
  ledger.mint({0}, {100}, Posting::deposit);
  Numbers bonuses{20, 0, 30};
  EXPECT_EQ(pay_bonuses(ledger, {0}, {1}, bonuses, {1000}).value, 50);
  EXPECT_TRUE(std::ranges::equal(ledger.balances(), Numbers{50, 20, 0, 30}));
  bonuses = {40, 40, 40};  // 120 earned, 50 there: 16.6…, 33.3…, 50
  EXPECT_EQ(pay_bonuses(ledger, {0}, {1}, bonuses, {1000}).value, 50);
  EXPECT_EQ(bonuses, (Numbers{16, 17, 17}));
  EXPECT_EQ(pay_bonuses(ledger, {0}, {1}, bonuses, {1000}).value, 0) << "the pool is empty";
  EXPECT_EQ(bonuses, (Numbers{0, 0, 0}));
  ledger.mint({0}, {100}, Posting::deposit);
  bonuses = {40, 40, 40};
  EXPECT_EQ(pay_bonuses(ledger, {0}, {1}, bonuses, {12}).value, 12) << "as much as was meant to be paid";
  ledger.audit();
}

}  // namespace
}  // namespace swarm::economy
