#include "sim/economy/lending.hpp"

#include <gtest/gtest.h>

#include <array>

namespace swarm::economy {
namespace {

constexpr std::int64_t kHour = 3600, kDay = 86'400;
constexpr MicroTkn kMinimum{100};

LendingParams example_params() {
  LendingParams p;
  p.rate_per_h = 0.001;
  p.slope_per_h = 0.01;
  p.steep_slope_per_h = 0.1;
  p.kink = 0.8;
  p.reserve = {86'400};
  p.deposit_share_per_h = 0.5;
  p.repay_share_per_h = 0.25;
  p.credit_multiple = 2;
  p.term = {2 * 86'400.0};
  p.grace = {86'400};
  p.barred = {5 * 86'400.0};
  return p;
}

/// A ledger with the pool as account 0 and agents behind it.
struct Region {
  explicit Region(std::vector<std::int64_t> wallets, const LendingParams& params = example_params())
      : ledger(wallets.size() + 1), pool(params, kMinimum, {0}, {1}, wallets.size()) {
    for (std::size_t i = 0; i < wallets.size(); ++i) ledger.mint({i + 1}, {wallets[i]}, Posting::endowment);
    bills.assign(wallets.size(), 0);
    arrears = earned = bills;
  }
  std::int64_t wallet(std::size_t agent) const { return ledger.balance({agent + 1}).value; }
  std::int64_t idle() const { return ledger.balance({0}).value; }
  std::int64_t claim(std::size_t agent) const { return pool.claim(ledger, agent).value; }
  std::int64_t assets() const { return static_cast<std::int64_t>(pool.assets(ledger)); }
  std::int64_t deposit(std::size_t agent, std::int64_t most) {
    return pool.deposit(ledger, agent, {most}).value;
  }
  std::int64_t withdraw(std::size_t agent, std::int64_t most) {
    return pool.withdraw(ledger, agent, {most}).value;
  }
  std::int64_t lend(std::size_t agent, std::int64_t most, std::int64_t now_s) {
    return pool.lend(ledger, agent, {most}, now_s).value;
  }
  std::int64_t repay(std::size_t agent, std::int64_t most) { return pool.repay(ledger, agent, {most}).value; }
  LendingStep step(std::int64_t now_s, std::int64_t seconds = kHour) {
    const LendingStep done = pool.step(ledger, {bills, arrears, earned}, now_s, seconds);
    ledger.audit();
    return done;
  }

  Ledger ledger;
  LenderPool pool;
  std::vector<std::int64_t> bills, arrears, earned;
};

TEST(Lending, InterestIsKinked) {
  const LendingParams p = example_params();
  EXPECT_EQ(utilisation(0, 0), 0) << "an empty pool";
  EXPECT_EQ(utilisation(3, 1), 0.75);
  EXPECT_EQ(utilisation(5, 0), 1);
  EXPECT_DOUBLE_EQ(interest_per_h(p, 0), 0.001);
  EXPECT_DOUBLE_EQ(interest_per_h(p, 0.5), 0.006);
  EXPECT_DOUBLE_EQ(interest_per_h(p, 0.8), 0.009);
  EXPECT_DOUBLE_EQ(interest_per_h(p, 1), 0.029);
}

TEST(Lending, WorkedExample) {
  enum { A, B, C, D };
  Region r({600, 400, 0, 200});
  EXPECT_EQ(r.deposit(A, 600), 600);
  EXPECT_EQ(r.deposit(B, 1000), 400) << "as far as the wallet goes";
  EXPECT_EQ(r.lend(C, 500, 0), 500);
  const double u = utilisation(r.pool.lent(), r.idle());
  EXPECT_EQ(u, 0.5);
  // 500 · 0.006/h · 10 h = 30: assets 500 + 500 + 30 = 1.03 per share.
  EXPECT_EQ(r.pool.charge(FixedRate::per_hour(interest_per_h(example_params(), u)), 10 * kHour).value, 30);
  EXPECT_EQ(r.assets(), 1030);
  EXPECT_EQ(r.claim(A), 618);
  EXPECT_EQ(r.claim(B), 412);
  EXPECT_EQ(r.deposit(D, 103), 103);  // 100 shares
  EXPECT_EQ(r.pool.columns().shares[D], 100);
  EXPECT_EQ(r.repay(C, 100), 100);  // 30 interest, 70 principal
  EXPECT_EQ(r.pool.columns().interest[C], 0);
  EXPECT_EQ(r.pool.columns().principal[C], 430);
  EXPECT_EQ(static_cast<std::int64_t>(r.ledger.total(Posting::interest)), 30);
  EXPECT_EQ(r.assets(), 1133) << "paying a debt changes no share's worth";
  ASSERT_TRUE(r.ledger.transfer({C + 1}, {B + 1}, {367}, Posting::trade));  // C has 33 left
  EXPECT_EQ(r.pool.write_off(r.ledger, C, 7 * kDay).value, 397);
  EXPECT_EQ(r.wallet(C), 0);
  // 736 for 1,100 shares: 401.4…, 267.6…, 66.9…
  EXPECT_EQ(r.assets(), 736);
  EXPECT_EQ(r.claim(A), 401);
  EXPECT_EQ(r.claim(B), 267);
  EXPECT_EQ(r.claim(D), 66);
  EXPECT_EQ(r.withdraw(A, 1000), 401);
  EXPECT_EQ(r.pool.columns().shares[A], 0);
  EXPECT_EQ(r.claim(B), 268) << "what A's rounding left belongs to those who stay: 335 for 500 shares";
  EXPECT_EQ(r.claim(D), 67);
  EXPECT_EQ(r.withdraw(B, 268) + r.withdraw(D, 67), 335);
  EXPECT_EQ(r.idle(), 0);
  r.ledger.audit();
}

TEST(Lending, RepayingEverythingRoundsTheBegunMicroTokenUp) {
  Region r({1000, 1000});
  r.deposit(0, 1000);
  r.lend(1, 500, 0);
  r.pool.charge(FixedRate::per_hour(0.006), 25 * 60);  // 1.25
  EXPECT_EQ(r.pool.owed(1).value, 502);
  EXPECT_EQ(r.repay(1, 501), 501);
  EXPECT_EQ(r.pool.owed(1).value, 1) << "the quarter is still owed";
  EXPECT_EQ(r.repay(1, 1000), 1);
  EXPECT_EQ(r.pool.owed(1).value, 0);
  EXPECT_EQ(r.pool.columns().due_s[1], 0);
  EXPECT_EQ(r.claim(0), 1002);
}

TEST(Lending, UnpaidInterestBearsNoneSoStepsDoNotMatter) {
  const auto owed = [](std::int64_t step_s) {
    Region r({1'000'003, 0});
    r.deposit(0, 1'000'003);
    r.lend(1, 777'777, 0);
    for (std::int64_t t = 0; t < kDay; t += step_s) r.pool.charge(FixedRate::per_hour(0.000123), step_s);
    return std::array{r.pool.columns().interest[1], r.pool.columns().remainder[1]};
  };
  EXPECT_EQ(owed(kDay), owed(kHour));
  EXPECT_EQ(owed(kDay), owed(60));
  EXPECT_EQ(owed(kDay)[0], 2295) << "777,777 · 0.000123 · 24 = 2295.99…";
}

TEST(Lending, DepositPaysForWholeSharesOnly) {
  Region r({100, 1000, 0});
  r.deposit(0, 100);
  r.lend(2, 100, 0);
  r.pool.charge(FixedRate::per_hour(1), 2 * kHour);  // 300 for 100 shares
  EXPECT_EQ(r.deposit(1, 2), 0) << "less than one share costs: refused";
  EXPECT_EQ(r.deposit(1, 8), 6) << "two shares";
  EXPECT_EQ(r.pool.columns().shares[1], 2);
  EXPECT_EQ(r.claim(1), 6);
}

TEST(Lending, AmountsOfNothingAndTooMuch) {
  Region r({10, 10});
  EXPECT_EQ(r.claim(0), 0) << "an empty pool";
  EXPECT_EQ(r.deposit(0, 0), 0);
  EXPECT_EQ(r.withdraw(0, 5), 0);
  EXPECT_EQ(r.lend(0, 5, 0), 0) << "nobody has lent";
  EXPECT_EQ(r.repay(0, 5), 0) << "no loan";
  EXPECT_EQ(r.pool.write_off(r.ledger, 0, 0).value, 0);
  EXPECT_EQ(r.pool.columns().barred_until_s[0], 0);
  EXPECT_TRUE(r.ledger.total(Posting::pool_deposit) == 0);
  EXPECT_EQ(r.deposit(0, 10), 10);
  EXPECT_EQ(r.lend(1, 50, 0), 10) << "a loan beyond the idle cash is partial";
  EXPECT_EQ(r.withdraw(0, 10), 0) << "utilisation 1";
  EXPECT_EQ(r.repay(1, 1000), 10) << "no more than owed";
}

TEST(Lending, StepLendsDepositsAndCollects) {
  enum { Rich, Poor };
  Region r({10'100, 40});
  r.bills = {50, 1};
  r.earned = {0, 1000};
  r.arrears = {0, 60};
  // Needs: Rich max(50, 100) = 100, spare 10,000, half per hour: 5,000. Poor lacks 100 + 60 − 40 = 120.
  LendingStep done = r.step(kHour);
  EXPECT_EQ(done.deposited.value, 5000);
  EXPECT_EQ(done.lent.value, 120);
  EXPECT_EQ(r.wallet(Poor), 160);
  EXPECT_EQ(r.pool.columns().due_s[Poor], kHour + 2 * kDay);
  // Next hour: U = 120/5,000 = 0.024, rate 0.00124, interest 0.1488; the arrears were paid, 300 earned: spare
  // 460 − 60 − 100 = 300 above need, a quarter of it goes to the loan.
  r.arrears[Poor] = 0;
  ASSERT_TRUE(r.ledger.transfer({Rich + 1}, {Poor + 1}, {300}, Posting::payment));
  ASSERT_TRUE(r.ledger.burn({Poor + 1}, {60}, Posting::electricity));
  done = r.step(2 * kHour);
  EXPECT_DOUBLE_EQ(done.utilisation, 0.024);
  EXPECT_DOUBLE_EQ(done.rate_per_h, 0.00124);
  EXPECT_EQ(done.charged.value, 0);
  EXPECT_EQ(done.paid.value, 75);
  EXPECT_EQ(r.pool.columns().principal[Poor], 45);
  // A long step cannot take more than everything above the need.
  done = r.step(kDay, kDay - 2 * kHour);
  EXPECT_EQ(r.pool.owed(Poor).value, 0);
  EXPECT_GE(r.wallet(Poor), 100);
}

TEST(Lending, CreditEndsAtAMultipleOfEarnings) {
  Region r({10'100, 0, 0});
  r.earned = {0, 30, 0};
  const LendingStep done = r.step(kHour);
  EXPECT_EQ(done.lent.value, 60) << "2 · 30, though 100 are missing; who earns nothing gets nothing";
  EXPECT_EQ(r.step(2 * kHour).lent.value, 0);
}

TEST(Lending, ScarceCashIsSharedProRata) {
  Region r({130, 0, 0, 0});
  r.earned = {0, 1000, 1000, 1000};
  r.arrears = {0, 0, 100, 0};
  // Rich has 30 to spare, 15 are deposited; 100, 200 and 100 are missing: 3.75, 7.5, 3.75.
  const LendingStep done = r.step(kHour);
  EXPECT_EQ(done.deposited.value, 15);
  EXPECT_EQ(done.lent.value, 15);
  EXPECT_EQ(r.wallet(1), 3);
  EXPECT_EQ(r.wallet(2), 8);
  EXPECT_EQ(r.wallet(3), 4);
  // Lenders who need their money get what comes in, in proportion, and ask again.
  Region s({500, 500, 0});
  s.deposit(0, 500);
  s.deposit(1, 250);
  s.lend(2, 700, 0);
  s.arrears = {0, 400, 0};  // lender 0 lacks 100, lender 1 250 (of its 250 left it needs 500)
  // The borrower repays a quarter of its spare 600, so that 50 + 150 are there.
  EXPECT_EQ(s.step(kHour).withdrawn.value, 200);
  EXPECT_EQ(s.wallet(0), 57);         // 200 · 100/350 = 57.1…
  EXPECT_EQ(s.wallet(1), 250 + 143);  // the rest
  EXPECT_EQ(s.idle(), 0);
}

TEST(Lending, OverdueLoanDefaultsAfterGraceAndBars) {
  enum { Lender, Borrower };
  Region r({1000, 0});
  r.deposit(Lender, 900);
  r.earned = {0, 100};
  EXPECT_EQ(r.step(kHour).lent.value, 100);
  const std::int64_t due = kHour + 2 * kDay;
  EXPECT_EQ(r.pool.columns().due_s[Borrower], due);
  EXPECT_EQ(r.step(due - kHour, due - 2 * kHour).defaults, 0);
  EXPECT_EQ(r.lend(Borrower, 10, due - kHour), 10) << "before it is due, a loan may grow";
  EXPECT_EQ(r.pool.columns().due_s[Borrower], due) << "but not become younger";
  EXPECT_EQ(r.lend(Borrower, 10, due), 0) << "overdue";
  ASSERT_TRUE(r.ledger.transfer({Borrower + 1}, {Lender + 1}, {60}, Posting::payment));
  EXPECT_EQ(r.step(due + kDay - 1, kDay).defaults, 0) << "within the grace";
  const std::int64_t owed = r.pool.owed(Borrower).value, before = r.assets();
  const LendingStep done = r.step(due + kDay, 1);
  EXPECT_EQ(done.defaults, 1);
  EXPECT_EQ(done.seized.value, 50) << "everything the wallet has";
  EXPECT_EQ(done.seized.value + done.written_off.value, owed);
  EXPECT_EQ(r.assets(), before - done.written_off.value + done.charged.value + done.deposited.value + 1)
      << "with the begun µTKN of interest that a loan's end rounds up";
  EXPECT_EQ(r.pool.lent(), 0);
  const std::int64_t end = due + kDay + 5 * kDay;
  EXPECT_EQ(r.step(end - 1, 1).lent.value, 0) << "barred";
  EXPECT_GT(r.step(end, 1).lent.value, 0) << "and no longer";
}

TEST(Lending, ADefaultersOwnSharesAreSetOff) {
  Region r({300, 100});
  r.deposit(0, 300);
  r.deposit(1, 100);
  r.lend(1, 250, 0);
  ASSERT_TRUE(r.ledger.transfer({2}, {1}, {250}, Posting::trade));
  EXPECT_EQ(r.pool.write_off(r.ledger, 1, kDay).value, 150) << "250 − 100 of its own";
  EXPECT_EQ(r.pool.columns().shares[1], 0);
  EXPECT_EQ(r.claim(0), 150);
}

TEST(Lending, WhenEverybodyDefaultsSharesEndAndThePoolStartsAnew) {
  Region r({1000, 1000, 0, 0});
  r.deposit(0, 1000);
  r.deposit(1, 1000);
  r.earned.assign(4, 1000);
  r.arrears = {900, 900, 900, 900};
  EXPECT_EQ(r.lend(2, 1500, 0) + r.lend(3, 500, 0), 2000);
  ASSERT_TRUE(r.ledger.burn({3}, {1500}, Posting::electricity) &&
              r.ledger.burn({4}, {500}, Posting::electricity));
  const LendingStep done = r.step(3 * kDay);
  EXPECT_EQ(done.defaults, 2);
  EXPECT_EQ(done.written_off.value, 2000 + done.charged.value + 2) << "each owed a begun µTKN";
  EXPECT_EQ(done.withdrawn.value + done.lent.value, 0);
  EXPECT_EQ(r.assets(), 0);
  EXPECT_EQ(r.pool.shares(), 0);
  r.ledger.mint({1}, {10}, Posting::deposit);
  EXPECT_EQ(r.deposit(0, 10), 10);
  EXPECT_EQ(r.claim(0), 10);
}

TEST(Lending, NearlyWorthlessSharesAreMerged) {
  Region r({1'000'000, 3'000'000, 0});
  r.deposit(0, 1'000'000);
  r.deposit(1, 3'000'000);
  r.lend(2, 4'000'000, 0);
  ASSERT_TRUE(r.ledger.burn({3}, {3'999'988}, Posting::electricity));
  EXPECT_EQ(r.pool.write_off(r.ledger, 2, 0).value, 3'999'988);
  // 12 µTKN for 4,000,000 shares: 333,333 become one; 3 and 9 shares are left.
  EXPECT_EQ(r.pool.shares(), 12);
  EXPECT_EQ(r.claim(0), 3);
  EXPECT_EQ(r.claim(1), 9);
}

TEST(Lending, ColumnsAreAllThereIsToSave) {
  Region a({9000, 500, 20}), b({9000, 500, 20});
  a.earned = b.earned = {0, 500, 900};
  a.bills = b.bills = {10, 200, 300};
  for (int h = 1; h <= 30; ++h) {
    a.step(h * kHour);
    b.step(h * kHour);
    LendingColumns kept = b.pool.release();
    b.pool = LenderPool(example_params(), kMinimum, {0}, {1}, std::move(kept));
  }
  EXPECT_TRUE(std::ranges::equal(a.ledger.balances(), b.ledger.balances()));
  EXPECT_TRUE(std::ranges::equal(a.ledger.journal(), b.ledger.journal()));
  EXPECT_EQ(a.pool.columns().remainder, b.pool.columns().remainder);
  EXPECT_GT(a.pool.lent(), 0);
}

}  // namespace
}  // namespace swarm::economy
