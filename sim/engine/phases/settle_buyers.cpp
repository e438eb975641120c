#include <limits>

#include "sim/core/parallel.hpp"
#include "sim/engine/emergency.hpp"
#include "sim/engine/energy_allowances.hpp"
#include "sim/engine/faults.hpp"
#include "sim/engine/market.hpp"
#include "sim/engine/markets.hpp"
#include "sim/engine/permits.hpp"
#include "sim/engine/phases.hpp"
#include "sim/engine/prediction.hpp"
#include "sim/engine/supply.hpp"

namespace swarm {
namespace engine {
namespace {

using economy::Posting;
using world::Order;
using world::Outcome;
using world::Refusal;
using world::RegionState;
using world::World;

/// Part of carbon revenue that the justice fund gets; the rest is the treasury's, which holds what will be paid back to
/// people.
std::int64_t fund_part(const World& w, std::int64_t carbon) {
  if (w.plan->scenario.pricing.rule == economy::PricingRule::per_capita) return 0;
  return round_half_even(static_cast<double>(carbon) * w.plan->scenario.fund.carbon_share);
}

/// Empties what escrow holds for a request: the seller's due if it was not paid at home, carbon revenue and premium,
/// and what is left of users' money and of the fund's.
void pay(const World& w, RegionState& r, const Outcome& o) {
  bool paid = true;
  const auto move = [&](AccountId to, std::int64_t amount, Posting kind) {
    if (amount != 0) paid = paid && r.ledger.transfer(world::kEscrowAccount, to, {amount}, kind);
  };
  if (o.refusal == Refusal::none && o.server != r.id.value)
    paid = r.ledger.send_abroad(world::kEscrowAccount, {o.due()}, Posting::payment);
  const std::int64_t to_fund = fund_part(w, o.carbon);
  move(world::kFundAccount, to_fund + o.premium, Posting::levy);
  move(world::kTreasuryAccount, o.carbon - to_fund, Posting::levy);
  if (w.plan->scenario.pricing.rule == economy::PricingRule::per_capita)
    r.permits.revenue = (MicroTkn{r.permits.revenue} + MicroTkn{o.carbon}).value;
  move(world::kFundAccount, o.reserved_grant - o.grant, Posting::grant_return);
  move(world::kUsersAccount, o.reserved - o.price, Posting::refund);
  if (!paid) throw ModelError("escrow does not cover a request that it was opened for");
  r.grants_reserved -= o.reserved_grant;
  auto& s = r.step;
  s.carbon_levy_usd += usd({o.carbon});
  s.premium_usd += usd({o.premium});
  s.grants_usd += usd({o.grant});
  s.fund_flow_usd += usd({o.grant - to_fund - o.premium});
}

/// Requests that found no allowance of energy get back what was set aside for them, and wait.
void put_away_returned(const World& w, RegionState& r) {
  for (const Order& order : r.scratch.inbox_put_off) {
    const Outcome o = unanswered(r.id, order, Refusal::allowance, 0);
    pay(w, r, o);
    settle_permits(r, o);
    put_away_for_allowance(w, r, order);
  }
  r.scratch.inbox_put_off.clear();
}

void count_answer(RegionState& r, const Outcome& o) {
  auto& s = r.step;
  if (!r.futures.spent.empty()) r.futures.spent[o.type] = (MicroTkn{r.futures.spent[o.type]} + MicroTkn{o.price}).value;
  ++s.requests_served;
  s.requests_late += o.late;
  s.requests_waited += o.wait_s > 0;
  s.requests_correct += o.correct;
  s.wait_s += static_cast<double>(o.wait_s);
  s.delay_s += static_cast<double>(o.delay_s);
  s.tok_served += o.tok;
  s.spend_usd += usd({o.price});
  s.value_usd += o.correct != 0 ? o.wtp_usd : 0.0;
  s.carbon_caused_location_g += o.carbon_location_g;
  s.carbon_caused_market_g += o.carbon_market_g;
  auto& p = r.purposes;
  ++p.requests_served[o.purpose];
  p.requests_late[o.purpose] += o.late;
  p.spend_usd[o.purpose] += usd({o.price});
  if (s.in_warmup) return;
  const std::size_t cell = world::cell(o.type, o.bucket);
  ++r.answered_cells[cell];
  r.correct_cells[cell] += o.correct;
  ++r.delay_bins[world::delay_bin(static_cast<double>(o.delay_s))];
}

/// Totals take the sums; what is recorded of the step are means.
void close_step(const World& w, RegionState& r) {
  auto& s = r.step;
  auto& q = r.totals;
  if (!s.in_warmup) {
    q.wait_s += s.wait_s;
    q.delay_s += s.delay_s;
  }
  const auto n = static_cast<double>(s.requests_served);
  const double none = std::numeric_limits<double>::quiet_NaN();
  s.accuracy = n > 0 ? s.requests_correct / n : none;
  s.wait_s = n > 0 ? s.wait_s / n : none;
  s.delay_s = n > 0 ? s.delay_s / n : none;
  if (w.plan->scenario.demand.willingness == workload::WillingnessKind::unlimited) s.value_usd = none;
  s.consumer_surplus_usd = s.value_usd - s.spend_usd;
  const auto balance = [&](AccountId account) { return r.ledger.balance(account).value; };
  const std::int64_t escrow = balance(world::kEscrowAccount);
  s.users_usd = usd({balance(world::kUsersAccount)});
  s.escrow_usd = usd({escrow});
  s.fund_usd = usd({balance(world::kFundAccount) + r.grants_reserved});
  std::int64_t makers = 0;
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) makers += balance(world::maker_account(t));
  s.treasury_usd = usd(MicroTkn{balance(world::kTreasuryAccount)} + MicroTkn{balance(world::kCreditsAccount)} + makers_reserves(w, r));
  s.agents_usd = static_cast<double>(r.ledger.sum_of_accounts() - balance(world::kUsersAccount) - escrow -
                                     balance(world::kFundAccount) - balance(world::kTreasuryAccount) -
                                     balance(world::kLenderAccount) - balance(world::kMarginAccount) -
                                     balance(world::kCreditsAccount) - makers) /
                 kMicroTknPerUsd;
}

}  // namespace

void settle_buyers(World& w) {
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    UserLearning users(w, r);
    for (const Outcome& o : r.scratch.inbox_outcomes) {
      pay(w, r, o);
      settle_permits(r, o);
      count_emergency(r, o);
      users.note(o);
      if (o.refusal == Refusal::none) {
        count_answer(r, o);
      } else {
        ++r.step.requests_rejected;
        ++(o.refusal == Refusal::price       ? r.step.rejected_price
           : o.refusal == Refusal::emergency ? r.step.rejected_emergency
           : o.refusal == Refusal::quota     ? r.step.rejected_quota
           : o.refusal == Refusal::allowance ? r.energy.rejected_allowance
           : o.refusal == Refusal::fault     ? r.step.rejected_fault
                                             : r.step.rejected_capacity);
        ++r.purposes.requests_rejected[o.purpose];
      }
    }
    put_away_returned(w, r);
    note_first_answer(r);
    note_regeneration(w, r);
    users.learn();
    r.scratch.inbox_outcomes.clear();
    note_recovery(w, r);
    close_step(w, r);
  });
}

}  // namespace engine
}  // namespace swarm
