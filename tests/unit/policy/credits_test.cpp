// Issued once, never counted twice, retired once; needs and offers at one price.
#include "sim/policy/credits.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <numeric>

#include "sim/core/errors.hpp"
#include "sim/core/rng.hpp"
#include "sim/policy/credit_market.hpp"

namespace swarm {
namespace policy {
namespace {

using Amounts = std::vector<std::int64_t>;
constexpr RegionId kKenya{0}, kGermany{1}, kIndia{2};
constexpr CreditLot kLot{kKenya, 7};

CreditRegistry with_hundred() {
  CreditRegistry r;
  EXPECT_EQ(r.issue(kLot, 250, 150), CreditRefusal::none);
  return r;
}

TEST(Credits, AreIssuedOnceAgainstTheCounterfactual) {
  CreditRegistry r = with_hundred();
  EXPECT_EQ(r.held(kLot, kKenya), 100);
  EXPECT_EQ(r.issue(kLot, 250, 150), CreditRefusal::issued_before);
  EXPECT_EQ(r.held(kKenya), 100);
  EXPECT_EQ(r.issue({kGermany, 7}, 100, 130), CreditRefusal::none) << "it emitted more: there is nothing to issue";
  EXPECT_EQ(r.held(kGermany), 0);
  EXPECT_EQ(r.issue({kGermany, 7}, 100, 30), CreditRefusal::issued_before) << "nothing counts as issued, too";
  EXPECT_EQ(r.issue({kKenya, 8}, 5, 0), CreditRefusal::none);
  EXPECT_EQ(r.held(kKenya), 105);
  r.audit();
}

TEST(Credits, AreTransferredInPartAndRetiredOnce) {
  CreditRegistry r = with_hundred();
  EXPECT_EQ(r.transfer(kLot, kKenya, kGermany, 60), CreditRefusal::none);
  EXPECT_EQ(r.transfer(kLot, kGermany, kIndia, 25), CreditRefusal::none);
  EXPECT_EQ(r.held(kLot, kKenya), 40);
  EXPECT_EQ(r.held(kLot, kGermany), 35);
  EXPECT_EQ(r.retire(kLot, kGermany, 35), CreditRefusal::none);
  EXPECT_EQ(r.retire(kLot, kGermany, 35), CreditRefusal::retired);
  EXPECT_EQ(r.transfer(kLot, kGermany, kIndia, 1), CreditRefusal::retired) << "retired credits are not sold";
  EXPECT_EQ(r.retire(kLot, kIndia, 26), CreditRefusal::retired);
  EXPECT_EQ(r.retire(kLot, kKenya, 41), CreditRefusal::not_held) << "only 35 of the lot are retired";
  EXPECT_EQ(r.held(kLot, kKenya) + r.held(kLot, kIndia), 65);
  EXPECT_EQ(r.columns().retired_mg, (Amounts{35}));
  r.audit();
}

TEST(Credits, RefusalsChangeNothingAndSayWhy) {
  CreditRegistry r = with_hundred();
  EXPECT_EQ(r.transfer(kLot, kGermany, kIndia, 1), CreditRefusal::not_held);
  EXPECT_EQ(r.transfer({kGermany, 9}, kGermany, kIndia, 1), CreditRefusal::unknown_lot);
  EXPECT_EQ(r.retire({kKenya, 8}, kKenya, 1), CreditRefusal::unknown_lot);
  EXPECT_EQ(r.transfer(kLot, kKenya, kGermany, 101), CreditRefusal::not_held) << "in full or not at all";
  EXPECT_EQ(r.transfer(kLot, kKenya, kKenya, 100), CreditRefusal::none);
  EXPECT_EQ(r.transfer(kLot, kKenya, kGermany, 0), CreditRefusal::none);
  EXPECT_EQ(r.held(kLot, kKenya), 100);
  EXPECT_EQ(r.columns().holding_lot.size(), 1u);
  EXPECT_EQ(reason(CreditRefusal::retired), "these credits have been retired before");
  EXPECT_NE(reason(CreditRefusal::not_held), reason(CreditRefusal::issued_before));
}

TEST(Credits, OldestFirst) {
  CreditRegistry r;
  for (const std::uint32_t vintage : {3u, 1u, 2u}) r.issue({kKenya, vintage}, 10, 0);
  r.issue({kGermany, 1}, 10, 0);
  EXPECT_EQ(r.transfer_oldest(kKenya, kIndia, 15), 15);
  EXPECT_EQ(r.held({kKenya, 1}, kIndia), 10);
  EXPECT_EQ(r.held({kKenya, 2}, kIndia), 5);
  EXPECT_EQ(r.held({kKenya, 2}, kKenya), 5);
  EXPECT_EQ(r.retire_oldest(kIndia, 12), 12);
  EXPECT_EQ(r.held({kKenya, 2}, kIndia), 3);
  EXPECT_EQ(r.retire_oldest(kIndia, 12), 3) << "as far as they reach";
  EXPECT_EQ(r.transfer_oldest(kIndia, kKenya, 1), 0);
  EXPECT_EQ(r.transfer_oldest(kKenya, kKenya, 100), 15);
  EXPECT_EQ(r.held(kKenya), 15);
  EXPECT_EQ(r.held(kGermany), 10);
  r.audit();
}

TEST(Credits, NothingAtAll) {
  CreditRegistry r;
  EXPECT_EQ(r.held(kKenya), 0);
  EXPECT_EQ(r.retire_oldest(kKenya, 5), 0);
  r.audit();
}

/// 5,000 random operations; the book keeps its own tally of what was issued and retired.
void random_operations(CreditRegistry& registry, std::int64_t& issued, std::int64_t& retired) {
  RandomSequence draws(Random(11, Stream::experiment), 0, 0);
  for (int i = 0; i < 5000; ++i) {
    const CreditLot lot{RegionId{static_cast<std::uint16_t>(uniform_below(draws.word(), 4))},
                        uniform_below(draws.word(), 50)};
    const RegionId a{static_cast<std::uint16_t>(uniform_below(draws.word(), 4))};
    const RegionId b{static_cast<std::uint16_t>(uniform_below(draws.word(), 4))};
    const std::int64_t amount = uniform_below(draws.word(), 400);
    switch (uniform_below(draws.word(), 5)) {
      case 0: {
        if (registry.issue(lot, amount, 100) == CreditRefusal::none) issued += std::max<std::int64_t>(0, amount - 100);
        break;
      }
      case 1: registry.transfer(lot, a, b, amount); break;
      case 2:
        if (registry.retire(lot, a, amount) == CreditRefusal::none) retired += amount;
        break;
      case 3: registry.transfer_oldest(a, b, amount); break;
      default: retired += registry.retire_oldest(a, amount / 20); break;
    }
    if (i % 50 == 0) registry.audit();
  }
}

TEST(Credits, IssuedIsHeldPlusRetiredAfterRandomOperations) {
  CreditRegistry registry;
  std::int64_t issued = 0, retired = 0, held = 0;
  random_operations(registry, issued, retired);
  registry.audit();
  for (std::uint16_t r = 0; r < 4; ++r) held += registry.held(RegionId{r});
  EXPECT_EQ(issued, held + retired);
  EXPECT_GT(retired, 1000);
  EXPECT_GT(held, 1000);
}

// What a faulty registry would leave behind must not pass the audit.
TEST(Credits, TheAuditFindsEachFault) {
  using Columns = CreditRegistry::Columns;
  const std::function<void(Columns&)> faults[] = {
      [](Columns& c) { c.holding_mg[0] += 1; },                        // a credit out of nothing
      [](Columns& c) { c.retired_mg[0] += 1; },                        // retired, but still held
      [](Columns& c) { c.issued_mg[0] += 5; },                         // issued to nobody
      [](Columns& c) { c.holding_mg[0] += 7, c.holding_mg[1] -= 7; },  // owed: the second held 5
      [](Columns& c) { c.retired_mg[0] = -5, c.holding_mg[0] += 5; },
      [](Columns& c) { c.holding_lot.back() += 1; },  // of a lot that never was
      [](Columns& c) { std::swap(c.holding_owner[0], c.holding_owner[1]); },
      [](Columns& c) { c.lot.push_back(c.lot.back()), c.issued_mg.push_back(0), c.retired_mg.push_back(0); },
      [](Columns& c) { c.holding_mg.pop_back(); },
  };
  for (const auto& fault : faults) {
    CreditRegistry r = with_hundred();
    r.transfer(kLot, kKenya, kGermany, 5);
    r.audit();
    fault(r.columns());
    EXPECT_THROW(r.audit(), ModelError) << &fault - faults;
  }
}

// A site at ρ = 0.4 answers with 36 g: credits for 0.3·36 = 10.8 g. What they cost is in credit_session_test.cpp.
TEST(CreditObligation, ByHand) {
  CreditParams p;
  EXPECT_NEAR(credits_needed(p, 0.4, 36), 10.8, 1e-12);
  EXPECT_EQ(credits_needed(p, 0.7, 36), 0);
  EXPECT_EQ(credits_needed(p, 1, 36), 0);
  p.renewable_floor = 0;
  EXPECT_EQ(credits_needed(p, 0, 36), 0);
}

constexpr std::int64_t kFifty = 50 * kPriceUnits;

TEST(CreditMarket, TheShortSideTradesInFull) {
  // 30 + 10 needed, 20 offered: 15 and 5 bought at 50 µTKN/mg, 15 and 5 unmet at 150.
  const CreditMatch m = match_credits({}, kFifty, Amounts{30, 10, 0}, Amounts{0, 0, 20});
  EXPECT_EQ(m.bought_mg, (Amounts{15, 5, 0}));
  EXPECT_EQ(m.sold_mg, (Amounts{0, 0, 20}));
  EXPECT_EQ(m.unmet_mg, (Amounts{15, 5, 0}));
  EXPECT_EQ(m.paid_utkn, (Amounts{750, 250, -1000}));
  EXPECT_EQ(m.buyout_utkn, (Amounts{2250, 750, 0}));
  // 10 needed, 20 + 40 offered: sold 3⅓ and 6⅔.
  const CreditMatch glut = match_credits({}, kFifty, Amounts{10, 0, 0}, Amounts{0, 20, 40});
  EXPECT_EQ(glut.sold_mg, (Amounts{0, 3, 7}));
  EXPECT_EQ(glut.unmet_mg, (Amounts{0, 0, 0}));
  EXPECT_EQ(glut.paid_utkn, (Amounts{500, -150, -350}));
}

TEST(CreditMarket, WithoutCreditsNeedsOrAPriceAnybodyPays) {
  const CreditMatch none = match_credits({}, kFifty, Amounts{30, 10}, Amounts{0, 0});
  EXPECT_EQ(none.unmet_mg, (Amounts{30, 10}));
  EXPECT_EQ(none.buyout_utkn, (Amounts{4500, 1500}));
  EXPECT_EQ(none.paid_utkn, (Amounts{0, 0}));
  const CreditMatch dear = match_credits({}, 151 * kPriceUnits, Amounts{30, 10}, Amounts{0, 40});
  EXPECT_EQ(dear.unmet_mg, (Amounts{30, 10}));
  EXPECT_EQ(dear.sold_mg, (Amounts{0, 0}));
  const CreditMatch idle = match_credits({}, kFifty, Amounts{0, 0}, Amounts{0, 40});
  EXPECT_EQ(idle.sold_mg, (Amounts{0, 0}));
  EXPECT_EQ(idle.buyout_utkn, (Amounts{0, 0}));
  EXPECT_TRUE(match_credits({}, kFifty, {}, {}).paid_utkn.empty());
}

TEST(CreditMarket, PaymentsAddUpAtAnyPrice) {
  RandomSequence draws(Random(12, Stream::experiment), 0, 0);
  std::int64_t alone = 0;
  for (int round = 0; round < 500; ++round) {
    Amounts needed(5), offered(5);
    for (std::int64_t& n : needed) n = uniform_below(draws.word(), 1000);
    for (std::int64_t& o : offered) o = uniform_below(draws.word(), 1000);
    const std::int64_t price = uniform_below(draws.word(), 140'000'000);
    const CreditMatch m = match_credits({}, price, needed, offered);
    ASSERT_EQ(std::accumulate(m.paid_utkn.begin(), m.paid_utkn.end(), std::int64_t{0}), 0);
    ASSERT_EQ(std::accumulate(m.bought_mg.begin(), m.bought_mg.end(), std::int64_t{0}),
              std::accumulate(m.sold_mg.begin(), m.sold_mg.end(), std::int64_t{0}));
    for (std::size_t r = 0; r < 5; ++r) {
      ASSERT_EQ(needed[r], m.bought_mg[r] + m.unmet_mg[r]);
      ASSERT_LE(m.sold_mg[r], offered[r]);
      alone += permit_cost(price, m.bought_mg[r]) - permit_cost(price, m.sold_mg[r]);
    }
  }
  EXPECT_NE(alone, 0) << "payments and receipts rounded each by itself would not add up";
}

}  // namespace
}  // namespace policy
}  // namespace swarm
