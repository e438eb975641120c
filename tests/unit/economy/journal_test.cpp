#include "sim/economy/journal.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace swarm::economy {
namespace {

TEST(Journal, EntryKeepsItsFieldsAtTheirLimits) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const AccountId last{kMaxAccounts - 1};
  const JournalEntry entry(last, kOutside, Posting::trade, most);
  EXPECT_EQ(entry.from(), last);
  EXPECT_EQ(entry.to(), kOutside);
  EXPECT_EQ(entry.kind(), Posting::trade);
  EXPECT_EQ(entry.amount(), most);
  const JournalEntry other(kAbroad, {0}, Posting::endowment, 0);
  EXPECT_EQ(other.from(), kAbroad);
  EXPECT_EQ(other.to(), AccountId{0});
  EXPECT_EQ(other.kind(), Posting::endowment);
  EXPECT_NE(entry, other);
  const Posting highest{(1u << kPostingBits) - 1};
  EXPECT_EQ(JournalEntry(last, last, highest, 0).kind(), highest);
  EXPECT_EQ(JournalEntry(last, last, highest, 0).to(), last);
}

TEST(Journal, GrowsKeepsOrderAndReusesItsMemory) {
  Journal journal;
  for (std::uint64_t i = 0; i < 1000; ++i) journal.append({{i}, {i + 1}, Posting::trade, std::int64_t(i)});
  ASSERT_EQ(journal.entries().size(), 1000u);
  for (std::uint64_t i = 0; i < 1000; ++i) EXPECT_EQ(journal.entries()[i].from(), AccountId{i});
  const JournalEntry* const memory = journal.entries().data();
  journal.clear();
  EXPECT_TRUE(journal.entries().empty());
  journal.slots(1000)[999] = {{7}, {8}, Posting::escrow, 9};
  EXPECT_TRUE(journal.entries().empty()) << "slots count only once committed";
  journal.commit(1000);
  EXPECT_EQ(journal.entries().data(), memory);
  EXPECT_EQ(journal.entries()[999].amount(), 9);
}

}  // namespace
}  // namespace swarm::economy
