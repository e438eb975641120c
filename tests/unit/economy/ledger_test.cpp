#include "sim/economy/ledger.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "sim/core/rng.hpp"

namespace swarm::economy {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr AccountId kA{0}, kB{1}, kC{2};

std::string audit_message(const Ledger& ledger) {
  try {
    ledger.audit();
  } catch (const ModelError& error) {
    return error.what();
  }
  return "";
}

/// Everything that a checkpoint would save, and the journal.
void expect_same(Ledger& a, Ledger& b) {
  EXPECT_TRUE(std::ranges::equal(a.balances(), b.balances()));
  EXPECT_TRUE(std::ranges::equal(a.raw_totals(), b.raw_totals()));
  EXPECT_TRUE(std::ranges::equal(a.journal(), b.journal()));
}

TEST(Ledger, WorkedExample) {
  Ledger ledger(3);
  ledger.mint(kA, {1000}, Posting::deposit);
  ledger.mint(kB, {50}, Posting::endowment);
  EXPECT_TRUE(ledger.transfer(kA, kC, {300}, Posting::escrow));   // A 700, C 300
  EXPECT_TRUE(ledger.transfer(kC, kB, {220}, Posting::payment));  // C 80, B 270
  EXPECT_TRUE(ledger.transfer(kC, kA, {80}, Posting::refund));    // C 0, A 780
  EXPECT_TRUE(ledger.burn(kB, {100}, Posting::electricity));      // B 170
  EXPECT_EQ(ledger.burn_up_to(kB, {500}, Posting::amortisation).value, 170);
  ledger.mint(kB, {7}, Posting::electricity_receipt);           // B 7
  EXPECT_TRUE(ledger.send_abroad(kA, {30}, Posting::payment));  // A 750
  ledger.receive_from_abroad(kB, {12}, Posting::payment);       // B 19
  EXPECT_EQ(ledger.balance(kA).value, 750);
  EXPECT_EQ(ledger.balance(kB).value, 19);
  EXPECT_EQ(ledger.balance(kC).value, 0);
  // supply = 1000 + 50 + 7 − 100 − 170 = 787; abroad = 12 − 30 = −18; accounts = 750 + 19 = 769 = 787 − 18.
  EXPECT_TRUE(ledger.supply() == 787);
  EXPECT_TRUE(ledger.net_abroad() == -18);
  EXPECT_TRUE(ledger.sum_of_accounts() == 769);
  EXPECT_EQ(static_cast<std::int64_t>(ledger.total(Posting::payment)), 250) << "paid here: 220 + 30; the 12 were paid abroad";
  EXPECT_EQ(ledger.journal().size(), 10u);
  EXPECT_EQ(audit_message(ledger), "");
}

TEST(Ledger, RefusalChangesNothing) {
  Ledger ledger(2), before(2);
  for (Ledger* l : {&ledger, &before}) l->mint(kA, {10}, Posting::deposit);
  EXPECT_FALSE(ledger.transfer(kA, kB, {11}, Posting::trade));
  EXPECT_FALSE(ledger.burn(kA, {11}, Posting::electricity));
  EXPECT_FALSE(ledger.send_abroad(kA, {11}, Posting::payment));
  expect_same(ledger, before);
  EXPECT_TRUE(ledger.transfer(kA, kB, {10}, Posting::trade)) << "the last µTKN may be spent";
}

TEST(Ledger, NegativeAmountsNeverMoveMoney) {
  Ledger ledger(2);
  ledger.mint(kA, {10}, Posting::deposit);
  ledger.mint(kB, {10}, Posting::deposit);
  EXPECT_FALSE(ledger.transfer(kA, kB, {-1}, Posting::trade));
  EXPECT_THROW(ledger.mint(kA, {-1}, Posting::deposit), ModelError);
  EXPECT_THROW(ledger.burn(kA, {-1}, Posting::electricity), ModelError);
  EXPECT_THROW(ledger.burn_up_to(kA, {-1}, Posting::electricity), ModelError);
  EXPECT_THROW(ledger.send_abroad(kA, {-1}, Posting::payment), ModelError);
  EXPECT_THROW(ledger.receive_from_abroad(kA, {-1}, Posting::payment), ModelError);
  EXPECT_EQ(ledger.balance(kA).value, 10);
  EXPECT_EQ(ledger.balance(kB).value, 10);
}

TEST(Ledger, TransferToOneself) {
  Ledger ledger(1);
  ledger.mint(kA, {kMost}, Posting::deposit);
  EXPECT_TRUE(ledger.transfer(kA, kA, {kMost}, Posting::trade));
  EXPECT_EQ(ledger.balance(kA).value, kMost);
  const Transfer order{0, 0, 0};
  EXPECT_EQ(ledger.transfer_many({&order, 1}, Posting::escrow), 1u);
  EXPECT_EQ(ledger.balance(kA).value, kMost);
  EXPECT_EQ(audit_message(ledger), "");
}

TEST(Ledger, OverflowThrowsAndChangesNothing) {
  // Two accounts near the limit.
  const auto full = [] {
    Ledger ledger(2);
    ledger.mint(kA, {kMost}, Posting::deposit);
    ledger.mint(kB, {kMost - 5}, Posting::endowment);
    return ledger;
  };
  Ledger ledger = full(), before = full();
  EXPECT_THROW(ledger.transfer(kA, kB, {6}, Posting::trade), ModelError);
  EXPECT_THROW(ledger.mint(kA, {1}, Posting::electricity_receipt), ModelError);
  EXPECT_THROW(ledger.receive_from_abroad(kA, {1}, Posting::payment), ModelError);
  const Transfer order{0, 1, 6};
  EXPECT_THROW(ledger.transfer_many({&order, 1}, Posting::trade), ModelError);
  expect_same(ledger, before);
  EXPECT_EQ(audit_message(ledger), "")
      << "the sum of the accounts needs more than 64 bits here, and has them";
  EXPECT_TRUE(ledger.sum_of_accounts() == Int128{kMost} + kMost - 5);
  EXPECT_TRUE(ledger.transfer(kA, kB, {5}, Posting::trade)) << "up to the limit is allowed";
}

TEST(Ledger, TurnoverMayExceed64Bits) {
  Ledger one(2), many(2);
  const Transfer there{0, 1, kMost}, back{1, 0, 1};
  for (Ledger* l : {&one, &many}) l->mint(kA, {kMost}, Posting::deposit);
  EXPECT_TRUE(one.transfer(kA, kB, {kMost}, Posting::trade));
  EXPECT_TRUE(one.transfer(kB, kA, {1}, Posting::trade));
  const std::array orders{there, back};
  EXPECT_EQ(many.transfer_many(orders, Posting::trade), 2u);
  expect_same(one, many);
  EXPECT_TRUE(one.total(Posting::trade) == Int128{kMost} + 1);
  for (int k = 0; k < 3; ++k) {  // in and out again: minted 4 · kMost, burnt 4 · kMost
    EXPECT_TRUE(one.burn(kB, one.balance(kB), Posting::withdrawal) && one.burn(kA, one.balance(kA), Posting::withdrawal));
    one.mint(kA, {kMost}, Posting::deposit);
  }
  EXPECT_TRUE(one.total(Posting::deposit) == 4 * Int128{kMost} && one.supply() == kMost);
  EXPECT_EQ(audit_message(one), "");
  EXPECT_EQ(audit_message(many), "");
}

TEST(Ledger, OpenAddsAnEmptyAccount) {
  Ledger ledger(1);
  ledger.mint(kA, {5}, Posting::deposit);
  const AccountId opened = ledger.open();
  EXPECT_EQ(opened, kB);
  EXPECT_EQ(ledger.accounts(), 2u);
  EXPECT_EQ(ledger.balance(opened).value, 0);
  EXPECT_TRUE(ledger.transfer(kA, opened, {5}, Posting::trade));
  EXPECT_EQ(audit_message(ledger), "");
  EXPECT_THROW(Ledger(kMaxAccounts + 1), ModelError);
}

TEST(Ledger, AuditNamesTheMicroTokenThatIsMissing) {
  Ledger ledger(3);
  ledger.mint(kA, {1000}, Posting::deposit);
  ASSERT_TRUE(ledger.transfer(kA, kB, {400}, Posting::trade));
  ledger.raw_balances()[1] -= 1;  // mutant: a transfer that loses 1 µTKN
  EXPECT_NE(audit_message(ledger).find("differ by -1 µTKN: the accounts hold 999,"), std::string::npos)
      << audit_message(ledger);
  ledger.raw_balances()[1] += 2;  // mutant: one that makes 1
  EXPECT_NE(audit_message(ledger).find("differ by 1 µTKN"), std::string::npos);
  ledger.raw_balances()[1] -= 1;
  EXPECT_EQ(audit_message(ledger), "");
  ledger.raw_totals()[2 * std::size_t(Posting::electricity)] += 3;  // mutant: a burn that is only booked
  EXPECT_NE(audit_message(ledger).find("differ by 3 µTKN"), std::string::npos);
}

TEST(Ledger, AuditFindsAnOverdrawnAccountBehindARightSum) {
  Ledger ledger(2);
  ledger.mint(kA, {10}, Posting::deposit);
  ledger.raw_balances()[0] = 11;
  ledger.raw_balances()[1] = -1;
  EXPECT_NE(audit_message(ledger).find("account 1 is overdrawn: -1 µTKN"), std::string::npos);
}

TEST(Ledger, ReplayFindsAMisdirectedTransferBehindARightSum) {
  Ledger ledger(3);
  ledger.mint(kA, {10}, Posting::deposit);
  ledger.clear_journal();
  const std::vector<std::int64_t> opening(ledger.balances().begin(), ledger.balances().end());
  ASSERT_TRUE(ledger.transfer(kA, kB, {4}, Posting::payment));
  EXPECT_TRUE(std::ranges::equal(replay(opening, ledger.journal()), ledger.balances()));
  std::swap(ledger.raw_balances()[1], ledger.raw_balances()[2]);  // mutant: paid to the wrong account
  EXPECT_FALSE(std::ranges::equal(replay(opening, ledger.journal()), ledger.balances()));
#ifdef SWARM_CONTRACTS
  EXPECT_NE(audit_message(ledger).find("account 1 differs by -4 µTKN from its journal"), std::string::npos);
#endif
}

#ifdef SWARM_CONTRACTS
TEST(Ledger, ContractsRefuseAPostingWithTheWrongEffect) {
  Ledger ledger(2);
  EXPECT_THROW(ledger.mint(kA, {1}, Posting::electricity), ModelError);
  EXPECT_THROW(ledger.burn(kA, {0}, Posting::deposit), ModelError);
  EXPECT_THROW(ledger.transfer(kA, kB, {0}, Posting::electricity), ModelError);
  EXPECT_THROW(ledger.transfer(kA, kC, {0}, Posting::trade), ModelError);
}
#endif

TEST(Ledger, StateRestoresIntoANewLedger) {
  Ledger ledger(2), restored(2);
  ledger.mint(kA, {100}, Posting::deposit);
  ledger.send_abroad(kA, {40}, Posting::payment);
  ledger.receive_from_abroad(kB, {5}, Posting::payment);
  ledger.clear_journal();
  std::ranges::copy(ledger.raw_balances(), restored.raw_balances().begin());
  std::ranges::copy(ledger.raw_totals(), restored.raw_totals().begin());
  restored.clear_journal();
  expect_same(ledger, restored);
  EXPECT_TRUE(restored.net_abroad() == -35);
  EXPECT_EQ(audit_message(restored), "");
}

TEST(Ledger, MoneyMayCrossABorderButNotVanishOnTheWay) {
  Ledger north(1), south(1);
  north.mint(kA, {100}, Posting::deposit);
  ASSERT_TRUE(north.send_abroad(kA, {60}, Posting::payment));
  south.receive_from_abroad(kA, {60}, Posting::payment);
  EXPECT_TRUE(north.net_abroad() + south.net_abroad() == 0);
  EXPECT_TRUE(north.sum_of_accounts() + south.sum_of_accounts() == north.supply() + south.supply());
  EXPECT_EQ(static_cast<std::int64_t>(north.total(Posting::payment)) + static_cast<std::int64_t>(south.total(Posting::payment)), 60) << "counted once";
  EXPECT_EQ(audit_message(north) + audit_message(south), "");
}

TEST(Ledger, BillsOfBothSignsAreBurntAndMinted) {
  Ledger ledger(5);
  for (std::uint64_t i = 0; i < 5; ++i) ledger.mint({i}, {10}, Posting::endowment);
  const std::vector<std::int64_t> bills{4, 10, 13, -6};  // for accounts 1 … 4
  std::vector<std::int64_t> unpaid(4, -1);
  EXPECT_EQ(ledger.burn_many(kB, bills, unpaid, Posting::electricity).value, 4 + 10 + 10);
  EXPECT_EQ(unpaid, (std::vector<std::int64_t>{0, 0, 3, 0}));
  EXPECT_EQ(ledger.mint_many(kB, bills, Posting::electricity_receipt).value, 6);
  EXPECT_TRUE(std::ranges::equal(ledger.balances(), std::vector<std::int64_t>{10, 6, 0, 0, 16}));
  EXPECT_EQ(static_cast<std::int64_t>(ledger.total(Posting::electricity)), 24);
  EXPECT_EQ(static_cast<std::int64_t>(ledger.total(Posting::electricity_receipt)), 6);
  EXPECT_EQ(audit_message(ledger), "");
}

TEST(Ledger, BurnManyEqualsALoopForAnyGrainAndThreads) {
  constexpr std::size_t kAccounts = 5000, kFirst = 17, kBills = 4900;
  std::vector<std::int64_t> bills(kBills);
  const auto fresh = [&] {
    Ledger ledger(kAccounts);
    RandomSequence draw(Random(5, Stream::experiment), 0, 0);
    for (std::uint64_t i = 0; i < kAccounts; ++i) ledger.mint({i}, {draw.word() % 1000}, Posting::endowment);
    for (std::int64_t& bill : bills) bill = std::int64_t{draw.word() % 1200} - 100;
    return ledger;
  };
  Ledger loop = fresh();
  std::vector<std::int64_t> expected(kBills), unpaid(kBills);
  for (std::size_t i = 0; i < kBills; ++i) {
    const std::int64_t due = std::max<std::int64_t>(bills[i], 0);
    expected[i] = due - loop.burn_up_to({kFirst + i}, {due}, Posting::amortisation).value;
  }
  for (std::size_t i = 0; i < kBills; ++i)
    loop.mint({kFirst + i}, {std::max<std::int64_t>(-bills[i], 0)}, Posting::electricity_receipt);
  for (const int threads : {1, 2, 4}) {
    const ThreadLimit limit(threads);
    for (const std::size_t grain : {1u, 7u, 1024u, 100000u}) {
      Ledger bulk = fresh();
      bulk.burn_many({kFirst}, bills, unpaid, Posting::amortisation, grain);
      bulk.mint_many({kFirst}, bills, Posting::electricity_receipt, grain);
      EXPECT_EQ(unpaid, expected);
      expect_same(bulk, loop);
      EXPECT_EQ(audit_message(bulk), "");
    }
  }
}

TEST(Ledger, BulkPostingsThatOverflowThrow) {
  Ledger ledger(2);
  ledger.mint(kA, {kMost}, Posting::deposit);
  ledger.mint(kB, {kMost}, Posting::endowment);
  const std::vector<std::int64_t> receipts{-1, 0};
  EXPECT_THROW(ledger.mint_many(kA, receipts, Posting::electricity_receipt), ModelError);
  const std::vector<std::int64_t> bills{kMost, 1};  // their sum needs 65 bits
  std::vector<std::int64_t> unpaid(2);
  EXPECT_THROW(ledger.burn_many(kA, bills, unpaid, Posting::electricity), ModelError);
}

}  // namespace
}  // namespace swarm::economy
