#include "sim/engine/credit.hpp"
#include "tests/unit/engine/shop.hpp"

/// Lending, demurrage and bonuses in a run of one site with eight specialists, two of each type: numbers 0 to 3 are
/// poor, 4 to 7 rich. Idle servers cost nothing, so that only what is done here gives anybody money at the start.
namespace swarm::engine {
namespace {

using economy::Posting;
using world::RegionState;
using world::agent_account;
using Overrides = std::vector<std::string>;

constexpr std::size_t kPoor = 4, kAll = 8;
constexpr std::int64_t kTkn = 1'000'000, kMinimum = kTkn;  // [µTKN]

const Overrides kAuction{"market.mechanism=uniform", "market.minimum_balance_tkn=1", "population.agents=8",
                         "site.S.servers=7"};
const Overrides kLending{"lending.enabled=true", "lending.rate_per_h=0.012", "lending.slope_per_h=0",
                         "lending.steep_slope_per_h=0", "lending.reserve=0", "lending.deposit_share_per_h=12",
                         "lending.repay_share_per_h=12"};
const Overrides kNoDemand{"workload.requests_per_hour=1e-6"};

Overrides joined(std::initializer_list<Overrides> lists) {
  Overrides all;
  for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

class Village {
 public:
  /// The poor own `poor` µTKN each, the rich `rich`; those count as having earned 2 TKN.
  Village(const Overrides& overrides, std::int64_t poor, std::int64_t rich) : sim_(quick_plan(shop("BD"), overrides)) {
    EXPECT_EQ(region().agents.size(), kAll);
    for (std::size_t i = 0; i < kAll; ++i) {
      EXPECT_EQ(wallet(i), 0);
      region().ledger.mint(agent_account(i), {i < kPoor ? poor : rich}, Posting::endowment);
    }
    for (std::int64_t& earned : region().credit.earned_lately) earned = 2 * kTkn;
    region().ledger.clear_journal();
  }
  RegionState& region() { return sim_.worlds()[0]->regions[0]; }
  const world::World& world() { return *sim_.worlds()[0]; }
  economy::LendingColumns& loans() { return region().credit.lending; }
  std::int64_t wallet(std::size_t agent) { return region().ledger.balance(agent_account(agent)).value; }
  std::int64_t total(Posting kind) { return static_cast<std::int64_t>(region().ledger.total(kind)); }
  void step(int steps = 1) {
    for (int k = 0; k < steps; ++k) sim_.step();
  }

 private:
  Simulation sim_;
};

TEST(Lend, WhoCannotSellBorrowsSellsAndRepays) {
  Village with(joined({kAuction, kLending}), kTkn / 2, 10 * kTkn), without(kAuction, kTkn / 2, 10 * kTkn);
  with.step();
  for (std::size_t i = 0; i < kPoor; ++i) {
    EXPECT_EQ(with.region().agents.answered[i], 0u) << "half the balance that is needed";
    EXPECT_GT(with.region().agents.answered[kPoor + i], 0u);
    EXPECT_EQ(with.wallet(i), kMinimum);
    EXPECT_EQ(with.loans().principal[i], kTkn / 2);
    EXPECT_GT(with.loans().shares[kPoor + i], 0);
  }
  EXPECT_DOUBLE_EQ(with.region().step.lent_usd, 4 * 0.5e-3);
  EXPECT_DOUBLE_EQ(with.region().step.loans_usd, 4 * 0.5e-3);
  EXPECT_EQ(with.region().step.interest_usd, 0);
  double interest = 0, repaid = 0;
  for (int k = 1; k < 12; ++k) {
    with.step();
    interest += with.region().step.interest_usd;
    repaid += with.region().step.repaid_usd;
  }
  without.step(12);
  for (std::size_t i = 0; i < kPoor; ++i) {
    EXPECT_GT(with.region().agents.answered[i], 100u);
    EXPECT_EQ(with.loans().principal[i], 0) << "earned enough to repay";
    EXPECT_EQ(without.region().agents.answered[i], 0u) << "the control: without a loan nobody of them ever sells";
  }
  EXPECT_GT(interest, 0);
  EXPECT_NEAR(repaid, usd({with.total(Posting::loan)}), 1e-12);
  EXPECT_EQ(with.region().step.loan_defaults, 0u);
  EXPECT_EQ(without.total(Posting::loan), 0);
}

TEST(Lend, WhoNeverEarnedGetsNoLoan) {
  Village v(joined({kAuction, kLending}), kTkn / 2, 10 * kTkn);
  v.region().credit.earned_lately.assign(kAll, 0);
  v.step(3);
  EXPECT_EQ(v.total(Posting::loan), 0);
  EXPECT_EQ(v.region().agents.answered[0], 0u);
}

TEST(Lend, ALoanPaysArrearsFirst) {
  Village v(joined({kAuction, kLending, kNoDemand}), 0, 10 * kTkn);
  v.region().agents.arrears[0] = 300'000;
  v.step();
  EXPECT_EQ(v.wallet(0), kMinimum + 300'000);
  EXPECT_EQ(v.loans().principal[0], kMinimum + 300'000);
  v.step();
  EXPECT_EQ(v.region().agents.arrears[0], 0) << "collected with the next bills";
  EXPECT_EQ(v.wallet(0), kMinimum);
  EXPECT_EQ(v.loans().principal[0], kMinimum + 300'000);
}

TEST(Lend, AtPostedPricesNobodyNeedsABalance) {
  Village v(joined({{"population.agents=8", "site.S.servers=7"}, kLending, kNoDemand}), 0, 10 * kTkn);
  v.region().agents.arrears[0] = 300'000;
  v.step();
  EXPECT_EQ(v.loans().principal[0], 300'000);
  EXPECT_EQ(v.loans().principal[1], 0);
}

TEST(Lend, ADefaultIsTheLendersLoss) {
  const Overrides brief{"lending.term=300", "lending.grace=0", "lending.barred='1d'"};
  Village v(joined({kAuction, kLending, kNoDemand, brief}), kTkn / 2, 10 * kTkn);
  v.step();
  RegionState& r = v.region();
  ASSERT_EQ(v.loans().principal[0], kTkn / 2);
  r.ledger.burn(agent_account(0), {kMinimum}, Posting::withdrawal);  // number 0 loses all it has
  v.step();
  // 12 ‰ an hour is 1 ‰ in a step: 500 µTKN of interest on each loan. The others' wallets cover what they owe.
  EXPECT_EQ(r.step.loan_defaults, 4u);
  EXPECT_DOUBLE_EQ(r.step.written_off_usd, usd({kTkn / 2 + 500}));
  EXPECT_DOUBLE_EQ(r.step.recovered_usd, 3 * usd({kTkn / 2 + 500}));
  EXPECT_EQ(r.credit.defaulted, 4 * kTkn / 2);
  EXPECT_EQ(v.total(Posting::seizure), 3 * (kTkn / 2 + 500));
  const std::int64_t lent = v.total(Posting::loan);
  v.step(3);
  EXPECT_EQ(v.total(Posting::loan), lent) << "barred";
  for (std::size_t i = 0; i < kPoor; ++i) EXPECT_EQ(v.loans().barred_until_s[i], 600 + 86'400);
}

TEST(Lend, AuditFindsWhatIsWrongWithThePool) {
  const auto found = [](auto&& damage) {
    Village v(joined({kAuction, kLending, kNoDemand}), kTkn / 2, 10 * kTkn);
    v.step();
    damage(v);
    try {
      audit_lending(v.world(), v.region());
    } catch (const ModelError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_EQ(found([](Village&) {}), "");
  EXPECT_NE(found([](Village& v) {
              v.region().ledger.transfer(agent_account(4), world::kLenderAccount, {1}, Posting::trade);
            }).find("does not hold what was posted"), std::string::npos);
  EXPECT_NE(found([](Village& v) { ++v.loans().principal[0]; }).find("principal is not"), std::string::npos);
  EXPECT_NE(found([](Village& v) { ++v.region().credit.defaulted; }).find("principal is not"), std::string::npos);
  EXPECT_NE(found([](Village& v) { v.loans().due_s[0] = 0; }).find("due date"), std::string::npos);
  EXPECT_NE(found([](Village& v) { v.loans().shares[5] = -1; }).find("negative"), std::string::npos);
}

TEST(Lend, BillsAndEarningsFade) {
  Village v(joined({kAuction, kLending, kNoDemand, {"lending.memory=300"}}), 2 * kTkn, 10 * kTkn);
  v.region().credit.bills_per_day.assign(kAll, 1'000'000'000);
  v.step();
  // One step of 300 s: e^(−1) = 0.36787944 is left of what was before, and there are no bills.
  EXPECT_EQ(v.region().credit.bills_per_day[0], 367'879'441);
  EXPECT_EQ(v.region().credit.earned_lately[0], 735'759);
}

TEST(Demurrage, GoesToTheFund) {
  Village v(joined({kAuction, kNoDemand, {"demurrage.rate_per_day=0.01"}}), 0, 10'000 * kTkn);
  v.step();
  // 10,000 TKN · 0.01/d · 300 s: 347,222.2 µTKN from each of four, and the fifth of a µTKN is carried.
  EXPECT_EQ(v.wallet(5), 10'000 * kTkn - 347'222);
  EXPECT_EQ(v.wallet(0), 0);
  EXPECT_EQ(v.region().ledger.balance(world::kFundAccount).value, 4 * 347'222);
  EXPECT_DOUBLE_EQ(v.region().step.demurrage_usd, usd({4 * 347'222}));
  EXPECT_GT(v.region().credit.demurrage_remainder[5], 0);
  EXPECT_TRUE(v.loans().shares.empty()) << "no lending, no columns";
}

TEST(Appreciation, EarlyAnswersEarnWhatTheTreasuryHolds) {
  const Overrides levy{"pricing.rule=carbon", "fund.carbon_share=0.5", "appreciation.enabled=true"};
  Village v(joined({kAuction, levy}), 5 * kTkn, 5 * kTkn);
  Village plain(joined({kAuction, levy, {"appreciation.largest_factor=1"}}), 5 * kTkn, 5 * kTkn);
  std::int64_t inflow = 0, before = 0;
  for (int k = 0; k < 6; ++k) {
    v.step();
    // A first answer earns nine times its price on top, far more than the carbon of all: the pool is always emptied.
    EXPECT_EQ(v.total(Posting::bonus), inflow) << k;
    EXPECT_DOUBLE_EQ(v.region().step.bonuses_usd, usd({inflow - before})) << k;
    before = inflow;
    inflow += v.region().ledger.balance(world::kTreasuryAccount).value;
  }
  EXPECT_GT(inflow, 0);
  plain.step(6);
  EXPECT_EQ(plain.total(Posting::bonus), 0) << "factor 1";
  EXPECT_GT(plain.region().ledger.balance(world::kTreasuryAccount).value, 0);
}

}  // namespace
}  // namespace swarm::engine
