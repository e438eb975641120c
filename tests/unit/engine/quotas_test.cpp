#include "sim/engine/quotas.hpp"

#include <numeric>

#include "tests/unit/engine/shop.hpp"

/// Quotas and token budgets in a run of one site with eighty specialists, twenty of each type.
namespace swarm::engine {
namespace {

using economy::Posting;
using world::agent_account;
using world::RegionState;
using Overrides = std::vector<std::string>;
using Numbers = std::vector<std::int64_t>;

Overrides with_quota(const char* share, const Overrides& more = {}) {
  Overrides all{"quota.enabled=true", std::string("quota.capacity_share=") + share};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

class Shop {
 public:
  explicit Shop(const Overrides& overrides) : sim_(quick_plan(shop("BD"), overrides)) {}
  RegionState& region() { return sim_.worlds()[0]->regions[0]; }
  const world::World& world() { return *sim_.worlds()[0]; }
  economy::QuotaColumns& book() { return region().quota.book; }
  void step(int steps = 1) {
    for (int k = 0; k < steps; ++k) sim_.step();
  }
  Simulation& sim() { return sim_; }

 private:
  Simulation sim_;
};

std::int64_t sum(const Numbers& column) {
  return std::accumulate(column.begin(), column.end(), std::int64_t{0});
}

/// What the region's sites can serve in a day: 4,000 servers, two seconds each [tok].
double tok_per_day(const world::Plan& plan) {
  const auto& standard = plan.standard[0];
  return 4000 / 2.0 * kSecondsPerDay * (static_cast<double>(standard.tok_in) + standard.tok_out);
}

/// Figures of a step's new flights that quota could change.
auto flights_of(const RegionState& r) {
  return std::tie(r.flights.sequence, r.flights.agent, r.flights.price);
}

TEST(Quotas, AnAbundanceChangesNothing) {
  Shop with(with_quota("1")), without({});
  std::uint32_t served = 0;
  for (int k = 0; k < 12; ++k) {
    with.step();
    without.step();
    served += with.region().step.requests_served;
    EXPECT_EQ(with.region().step.requests_served, without.region().step.requests_served);
    EXPECT_TRUE(flights_of(with.region()) == flights_of(without.region()));
    EXPECT_EQ(with.region().step.rejected_quota, 0u);
    EXPECT_EQ(with.region().step.quota_turned, 0u);
  }
  EXPECT_GT(served, 1000u);
  const auto a = with.region().ledger.balances(), b = without.region().ledger.balances();
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
  EXPECT_TRUE(without.book().allocated.empty()) << "columns of what is off have no rows";
  EXPECT_EQ(without.region().step.quota_allocated_tok, 0);
}

TEST(Quotas, ThePoolIsDividedByWhatServersCouldServe) {
  Shop s(with_quota("0.01"));
  s.step();
  const auto& allocated = s.book().allocated;
  // A standard request is one of mean tok counts, both rounded down.
  const auto& standard = s.sim().plan().standard[0];
  const double least = 0.01 * tok_per_day(s.sim().plan()) / 1.05, tok = standard.tok_in + standard.tok_out;
  EXPECT_GE(static_cast<double>(sum(allocated)), std::floor(least));
  EXPECT_LT(static_cast<double>(sum(allocated)), least * (tok + 2) / tok);
  EXPECT_LE(*std::ranges::max_element(allocated) - *std::ranges::min_element(allocated), 1)
      << "one site, equal parts";
  EXPECT_EQ(s.region().step.quota_allocated_tok, sum(allocated));
  EXPECT_EQ(s.region().step.quota_used_tok + s.region().step.quota_reserved_tok,
            sum(s.book().used) + sum(s.book().reserved));
}

TEST(Quotas, WithoutAnyNobodyIsServedAndAllMoneyComesBack) {
  Shop s(with_quota("0"));
  std::uint32_t refused = 0;
  for (int k = 0; k < 6; ++k) {
    s.step();
    RegionState& r = s.region();
    refused += r.step.rejected_quota;
    EXPECT_EQ(r.flights.size(), 0u);
    EXPECT_EQ(r.step.requests_served, 0u);
    EXPECT_EQ(r.step.rejected_quota + r.step.rejected_price + r.step.rejected_budget +
                  r.step.rejected_deadline + r.step.rejected_capacity,
              r.step.requests_arrived);
    EXPECT_EQ(r.requests_pending, 0u);
    EXPECT_EQ(r.ledger.balance(world::kEscrowAccount).value, 0);
    EXPECT_EQ(r.ledger.balance(world::kUsersAccount), s.sim().plan().regions[0].daily_budget);
    for (const auto n : r.markets.orders_admitted) EXPECT_EQ(n, 0u);
    EXPECT_EQ(r.step.token_budget_return, 0) << "nothing was used";
    EXPECT_GT(sum(r.quota.missed), 0);
  }
  EXPECT_GT(refused, 1000u);
}

/// The specialist that is given most of the second step's requests, and those of its type.
struct Busiest {
  std::uint32_t agent = 0;
  std::vector<std::uint32_t> kind;  ///< in order, beginning with it
  explicit Busiest(Shop& control) {
    control.step(1);
    auto given = control.region().agents.answered;
    control.step(1);
    const RegionState& r = control.region();
    for (std::size_t i = 0; i < given.size(); ++i) given[i] = r.agents.answered[i] - given[i];
    agent = static_cast<std::uint32_t>(std::ranges::max_element(given) - given.begin());
    kind = r.agents_of_type[r.agents.type[agent]];
    std::rotate(kind.begin(), std::ranges::find(kind, agent), kind.end());
  }
};

TEST(Quotas, WhoHasNoneLeftIsReplacedByTheNextOfItsKind) {
  Shop starved(with_quota("1")), control(with_quota("1"));
  const Busiest busy(control);
  starved.step();
  starved.book().allocated[busy.agent] =
      starved.book().used[busy.agent] + starved.book().reserved[busy.agent];
  starved.step();
  const RegionState &r = starved.region(), &c = control.region();
  const auto answered = [&](const RegionState& of, std::size_t k) {
    return of.agents.answered[busy.kind[k]];
  };
  EXPECT_LT(answered(r, 0) + 10, answered(c, 0)) << "the control goes on";
  EXPECT_EQ(answered(r, 0) + answered(r, 1), answered(c, 0) + answered(c, 1))
      << "the next in order takes them all";
  for (std::size_t k = 2; k < busy.kind.size(); ++k) EXPECT_EQ(answered(r, k), answered(c, k)) << k;
  EXPECT_GT(r.step.quota_turned, 10u);
  EXPECT_EQ(r.step.rejected_quota, 0u);
  EXPECT_GT(r.quota.missed[busy.agent], 0);
  EXPECT_EQ(sum(r.quota.missed), r.quota.missed[busy.agent]);
  EXPECT_EQ(r.step.spend_usd, c.step.spend_usd) << "at the price that was quoted";
}

TEST(Quotas, TheLastOfItsKindTurnsToTheFirst) {
  Shop s(with_quota("1"));
  s.step();
  RegionState& r = s.region();
  const auto kind = r.agents_of_type[2];
  for (const std::uint32_t agent : kind)
    if (agent != kind.front()) s.book().allocated[agent] = s.book().used[agent] + s.book().reserved[agent];
  const auto before = r.agents.answered;
  s.step();
  EXPECT_GT(r.agents.answered[kind.front()], before[kind.front()] + 100);
  s.book().allocated[kind.front()] = s.book().used[kind.front()] + s.book().reserved[kind.front()];
  const auto price = r.step.rejected_price;
  s.step();
  EXPECT_GT(r.step.rejected_quota, 100u) << "nobody of the type is left";
  EXPECT_EQ(r.markets.orders_admitted[2], 0u);
  EXPECT_GT(r.markets.orders_admitted[1], 100u) << "other types have theirs";
  EXPECT_GT(price, 0u);
  s.step();  // answers from before the famine have landed
  for (std::size_t k = 0; k < r.flights.size(); ++k) EXPECT_NE(r.flights.type[k], 2);
}

/// The first day begins with number 0 efficient and number 4, of the same type, short of quota. The gain on a
/// request at the baseline price of 66,000 µTKN and a markup of 0.1 is 6,000 µTKN.
class Market {
 public:
  explicit Market(std::int64_t money)
      : plan_(quick_plan(shop("BD"), with_quota("0.001"))), worlds_(world::make_worlds(plan_, 1)) {
    allot_quotas(*worlds_[0], region());
    base_ = region().quota.book.allocated[4];
    region().quota.book.uses[0] = 1;
    region().quota.book.recent[0] = 0.81;
    region().ledger.mint(agent_account(4), {money}, Posting::endowment);
    const double tok = static_cast<double>(plan_->standard[0].tok_in) + plan_->standard[0].tok_out;
    bid_ = round_half_even(6e6 / tok);
    ask_ = round_half_even(0.2 * 6e6 / tok);
  }
  void trade(std::int64_t missing) {
    region().quota.book.used[4] = base_;  // yesterday
    region().quota.missed[4] = missing;
    allot_quotas(*worlds_[0], region());
  }
  RegionState& region() { return worlds_[0]->regions[0]; }
  std::int64_t wallet(std::size_t agent) { return region().ledger.balance(agent_account(agent)).value; }
  std::int64_t tradeable() const { return base_ / 10 / 2; }
  std::int64_t base() const { return base_; }
  std::int64_t bid() const { return bid_; }
  std::int64_t ask() const { return ask_; }

 private:
  std::shared_ptr<const world::Plan> plan_;
  std::vector<std::unique_ptr<world::World>> worlds_;
  std::int64_t base_ = 0, bid_ = 0, ask_ = 0;
};
constexpr std::int64_t kRich = 1'000'000'000'000;

TEST(QuotaTrade, WhatIsPlentifulCostsWhatSellersAsk) {
  Market m(kRich);
  ASSERT_GT(m.tradeable(), 3000);
  m.trade(3000);
  const auto& q = m.region().quota;
  EXPECT_EQ(q.book.allocated[4], m.base() + 3000);
  EXPECT_EQ(q.book.allocated[0], m.base() + m.base() / 10 - 3000) << "its bonus, less what it sold";
  EXPECT_EQ(q.book.tradeable[0], m.tradeable() - 3000);
  EXPECT_EQ(m.wallet(0), 3 * m.ask());
  EXPECT_EQ(m.wallet(4), kRich - 3 * m.ask());
  EXPECT_EQ(static_cast<std::int64_t>(m.region().ledger.total(Posting::quota_sale)), 3 * m.ask());
  const auto& s = m.region().step;
  EXPECT_EQ(s.quota_traded_tok, 3000);
  EXPECT_EQ(s.quota_bonus_tok, m.base() / 10);
  EXPECT_DOUBLE_EQ(s.quota_price_usd_per_kilotoken, usd({m.ask()}));
  EXPECT_DOUBLE_EQ(s.quota_spend_usd, usd({3 * m.ask()}));
  EXPECT_EQ(q.missed[4], 0) << "a new day";
  EXPECT_EQ(q.book.offered[0], 0);
}

TEST(QuotaTrade, WhatIsScarceCostsWhatBuyersGainByIt) {
  Market m(kRich);
  m.trade(10 * m.tradeable());
  EXPECT_EQ(m.region().step.quota_traded_tok, m.tradeable()) << "no more than half the bonus";
  EXPECT_EQ(m.wallet(0), static_cast<std::int64_t>(Int128{m.bid()} * m.tradeable() / 1000));
  EXPECT_EQ(m.wallet(0) + m.wallet(4), kRich);
}

TEST(QuotaTrade, NobodyBuysBeyondItsWallet) {
  const std::int64_t bid = Market(0).bid();
  Market m(2 * bid);
  m.trade(3000);
  EXPECT_EQ(m.region().step.quota_traded_tok, 2000) << "so much it could pay at its own price";
  EXPECT_EQ(m.wallet(0), 2 * m.ask());
  Market poor(0);
  poor.trade(3000);
  EXPECT_EQ(poor.region().step.quota_traded_tok, 0);
  EXPECT_TRUE(std::isnan(poor.region().step.quota_price_usd_per_kilotoken));
  Market owing(2 * bid);
  owing.region().agents.arrears[4] = bid;
  owing.trade(3000);
  EXPECT_EQ(owing.region().step.quota_traded_tok, 1000) << "what it owes is not its own";
}

TEST(QuotaTrade, WhoNeedsItsBonusKeepsIt) {
  Market m(kRich);
  m.region().quota.book.used[0] = m.base() + m.base() / 10 - 500;
  m.trade(3000);
  EXPECT_EQ(m.region().step.quota_traded_tok, 500);
}

TEST(Quotas, ADayTakesBackWhatIsUnusedAndKeepsWhatIsReserved) {
  Shop s(with_quota("0.01", {"run.start=2022-01-01T23:30Z"}));
  s.step(6);
  const auto last = s.region().step;
  const std::int64_t allocated = sum(s.book().allocated);
  ASSERT_GT(last.quota_reserved_tok, 0);
  ASSERT_GT(last.quota_used_tok, 0);
  s.step();
  const auto& first = s.region().step;
  EXPECT_EQ(first.quota_allocated_tok, allocated + first.quota_bonus_tok + last.quota_reserved_tok);
  EXPECT_LT(first.quota_used_tok, last.quota_used_tok) << "counted anew";
  EXPECT_EQ(sum(s.book().carried), 0) << "answers of two seconds have landed";
}

TEST(Quotas, TheTokenBudgetIsWorthItsCorrectTok) {
  Shop s(with_quota("1"));
  double tok = 0;
  for (int k = 0; k < 6; ++k) {
    s.step();
    tok += s.region().step.tok_served;
    const auto& now = s.region().step;
    EXPECT_EQ(static_cast<double>(now.quota_used_tok), tok);
    EXPECT_NEAR(now.token_budget_value_tok, static_cast<double>(s.region().quota.correct_tok), 1e-6 * tok);
    EXPECT_DOUBLE_EQ(now.token_budget_return, (now.token_budget_value_tok - tok) / tok);
    EXPECT_LT(now.token_budget_return, 0) << "without collaboration nothing is worth more than it cost";
  }
  const auto& r = s.region();
  for (std::size_t i = 0; i < r.agents.size(); ++i) EXPECT_EQ(r.quota.book.uses[i], r.agents.answered[i]);
  EXPECT_GT(s.region().step.token_budget_value_tok, 0);
}

TEST(Quotas, QualityIsExpectedByItsBaseAndItsOwnAnswers) {
  Shop s(with_quota("1", {"quota.prior_answers=30"}));
  RegionState& r = s.region();
  const auto known = [](std::size_t agent) { return agent % 8 < 4; };
  for (std::size_t i = 0; i < r.agents.size(); ++i)
    r.agents.answered[i] = r.agents.correct[i] = known(i) ? 10 : 0;
  s.step();
  std::array<std::size_t, 2> seen{};
  for (std::size_t i = 0; i < r.agents.size(); ++i) {
    if (r.quota.book.uses[i] == 0) continue;
    ++seen[known(i)];
    const double base = s.sim().plan().models[r.agents.model[i]].base.test_accuracy;
    EXPECT_DOUBLE_EQ(r.quota.book.recent[i * economy::kEfficiencyUses],
                     known(i) ? (30 * base + 10) / 40 : base)
        << "by what was known before the step";
  }
  EXPECT_GT(seen[0], 0u);
  EXPECT_GT(seen[1], 0u);
}

TEST(Quotas, AuctionsAndBooksKeepToThem) {
  for (const char* mechanism : {"uniform", "cda"}) {
    Shop s(with_quota("0.00001",
                      {std::string("market.mechanism=") + mechanism, "market.minimum_balance_tkn=0"}));
    std::uint32_t refused = 0, served = 0;
    for (int k = 0; k < 12; ++k) {
      s.step();
      refused += s.region().step.rejected_quota;
      served += s.region().step.requests_served;
      const auto& b = s.book();
      for (std::size_t i = 0; i < b.used.size(); ++i)
        ASSERT_LE(b.used[i] + b.reserved[i], b.allocated[i]) << mechanism;
    }
    EXPECT_GT(refused, 0u) << mechanism;
    EXPECT_GT(served, 0u) << mechanism;
  }
}

TEST(Quotas, TheAuditFindsWhatWasNotGiven) {
  Shop s(with_quota("1"));
  s.step();
  EXPECT_NO_THROW(audit_quotas(s.world(), s.region()));
  const auto right = s.book();
  ++s.book().reserved[3];
  EXPECT_THROW(audit_quotas(s.world(), s.region()), ModelError) << "reserved for no request";
  s.book() = right;
  s.book().used[3] = s.book().allocated[3] + 1;
  EXPECT_THROW(audit_quotas(s.world(), s.region()), ModelError) << "overdrawn";
  s.book() = right;
  s.book().offered[3] = 1;
  EXPECT_THROW(audit_quotas(s.world(), s.region()), ModelError) << "an offer that was left standing";
}

}  // namespace
}  // namespace swarm::engine
