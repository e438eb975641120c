#include <algorithm>

#include "sim/core/math.hpp"
#include "sim/core/parallel.hpp"
#include "sim/economy/appreciation.hpp"
#include "sim/economy/demurrage.hpp"
#include "sim/economy/lending.hpp"
#include "sim/engine/credit.hpp"
#include "sim/engine/phases.hpp"
#include "sim/engine/reputations.hpp"

namespace swarm {
namespace engine {
namespace {

using economy::Posting;
using world::RegionState;
using world::World;

constexpr AccountId kPool = world::kLenderAccount;

std::int64_t step_seconds(const World& w) {
  return static_cast<std::int64_t>(w.plan->step_s);
}

/// What is left of smoothed bills and earnings after a step.
double kept(const World& w) {
  return math::exp(-w.plan->step_s / std::max(w.plan->scenario.lending.memory.seconds, 1e-9));
}

double usd_of(Int128 utkn) {
  return static_cast<double>(utkn) / kMicroTknPerUsd;
}

void run_pool(const World& w, RegionState& r) {
  const auto& plan = *w.plan;
  auto& c = r.credit;
  const Int128 repaid = r.ledger.total(Posting::repayment), interest = r.ledger.total(Posting::interest);
  economy::LenderPool pool(plan.scenario.lending, plan.minimum_balance(), kPool, world::agent_account(0),
                           std::move(c.lending));
  const economy::LendingStep done = pool.step(r.ledger, {c.bills_per_day, r.agents.arrears, c.earned_lately},
                                              (std::int64_t{w.step} + 1) * step_seconds(w), step_seconds(w));
  const std::int64_t idle = r.ledger.balance(kPool).value;
  auto& s = r.step;
  s.lender_pool_usd = usd({idle});
  s.loans_usd = usd_of(pool.assets(r.ledger) - idle);
  s.lender_utilisation = done.utilisation;
  s.loan_rate_per_h = done.rate_per_h;
  s.lent_usd = usd(done.lent);
  s.repaid_usd = usd_of(r.ledger.total(Posting::repayment) - repaid);
  s.interest_usd = usd_of(r.ledger.total(Posting::interest) - interest);
  s.recovered_usd = usd(done.set_off + done.seized);
  s.written_off_usd = usd(done.written_off);
  s.loan_defaults = static_cast<std::uint32_t>(done.defaults);
  c.lending = pool.release();
  c.defaulted = (MicroTkn{c.defaulted} + done.defaulted).value;
  const double keep = kept(w);
  for (std::int64_t& earned : c.earned_lately) earned = round_half_even(static_cast<double>(earned) * keep);
}

void charge_hoards(const World& w, RegionState& r) {
  const MicroTkn charge = economy::charge_demurrage(r.ledger, w.plan->scenario.demurrage, world::agent_account(0),
                                                    r.credit.bills_per_day, r.credit.demurrage_remainder,
                                                    world::kFundAccount, step_seconds(w));
  r.step.demurrage_usd = usd(charge);
}

void pay_early_contributors(RegionState& r) {
  const MicroTkn all = r.ledger.balance(world::kTreasuryAccount);
  r.step.bonuses_usd = usd(economy::pay_bonuses(r.ledger, world::kTreasuryAccount, world::agent_account(0),
                                                r.scratch.bonuses, all));
}

[[noreturn]] void broken(const World& w, const RegionState& r, const std::string& what) {
  throw ModelError(fmt::format("step {}, lender pool of region {}: {} please report it with the scenario and seed", w.step,
                               w.plan->regions[r.id.value].name, what));
}

}  // namespace

void note_payment(const World& w, RegionState& r, std::uint32_t agent, MicroTkn due) {
  const auto& s = w.plan->scenario;
  if (s.lending.enabled) {
    std::int64_t& earned = r.credit.earned_lately[agent];
    earned = (MicroTkn{earned} + due).value;
  }
  if (s.appreciation.enabled) {
    std::int64_t& bonus = r.scratch.bonuses[agent];
    bonus = (MicroTkn{bonus} + economy::appreciation_bonus(s.appreciation, due, r.agents.answered[agent])).value;
  }
}

void note_bills(const World& w, RegionState& r) {
  auto& of_a_day = r.credit.bills_per_day;
  const double days = w.plan->step_s / kSecondsPerDay, fresh = 1.0 - kept(w);
  for (std::size_t i = 0; i < of_a_day.size(); ++i) {
    const double bill = static_cast<double>(std::max<std::int64_t>(r.scratch.bills[i], 0)) +
                        static_cast<double>(r.scratch.amortisation[i]);
    of_a_day[i] += round_half_even((bill / days - static_cast<double>(of_a_day[i])) * fresh);
  }
}

void audit_lending(const World& w, const RegionState& r) {
  if (!w.plan->scenario.lending.enabled) return;
  const auto total = [&](Posting kind) { return r.ledger.total(kind); };
  const Int128 paid_in = total(Posting::pool_deposit) + total(Posting::repayment) + total(Posting::interest) +
                         total(Posting::seizure);
  const Int128 idle = r.ledger.balance(kPool).value;
  if (paid_in - total(Posting::pool_withdrawal) - total(Posting::loan) != idle)
    broken(w, r, "its account does not hold what was posted to it (nothing else may be paid from or to it)");
  const auto& c = r.credit.lending;
  Int128 principal = 0, assets = idle, shares = 0, claims = 0;
  for (std::size_t i = 0; i < c.shares.size(); ++i) {
    for (const auto* column : c.all())
      if ((*column)[i] < 0) broken(w, r, "a number is negative (nobody owes or owns less than nothing)");
    const bool owes = c.principal[i] > 0 || c.interest[i] > 0 || c.remainder[i] > 0;
    if (owes != (c.due_s[i] > 0)) broken(w, r, "a debt and its due date do not belong together");
    principal += c.principal[i];
    assets += Int128{c.principal[i]} + c.interest[i];
    shares += c.shares[i];
  }
  if (principal != total(Posting::loan) - total(Posting::repayment) - r.credit.defaulted)
    broken(w, r, "principal is not what was lent, less what was repaid or ended in default");
  if (shares == 0) return;
  for (const std::int64_t held : c.shares) claims += held * assets / shares;
  if (claims > assets) broken(w, r, "claims exceed assets (each share is a part of them)");
}

void lend(World& w) {
  const auto& s = w.plan->scenario;
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    if (s.lending.enabled) run_pool(w, r);
    if (s.demurrage.rate_per_day > 0) charge_hoards(w, r);
    if (s.reputation.enabled) pay_reputation(w, r);
    if (s.appreciation.enabled) pay_early_contributors(r);
  });
}

}  // namespace engine
}  // namespace swarm
