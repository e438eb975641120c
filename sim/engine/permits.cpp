#include "sim/engine/permits.hpp"

#include <algorithm>
#include <numeric>

#include "sim/engine/phases.hpp"
#include "sim/core/apportion.hpp"
#include "sim/policy/permits.hpp"

namespace swarm {
namespace engine {
namespace {

using economy::Posting;
using world::Order;
using world::Outcome;
using world::Refusal;
using world::RegionState;
using world::World;

void add_permits(std::int64_t& sum, std::int64_t amount_mg) {
  if (__builtin_add_overflow(sum, amount_mg, &sum)) integer_overflow("addition of permits");
}

/// Whole parts of the requests that are expected of each region.
std::vector<std::int64_t> expected_requests(const world::Plan& plan) {
  constexpr double kWhole = 1e9;
  std::vector<std::int64_t> parts;
  for (const auto& region : plan.regions) parts.push_back(round_half_even(kWhole * region.request_share));
  return parts;
}

/// All regions' revenue of the last step, divided by people: from treasury to treasury, and from there to users.
void pay_dividends(World& w) {
  const auto& notices = w.bulletin.permits;
  std::vector<std::int64_t> people, part(notices.size());
  std::int64_t revenue = 0;
  for (const auto& notice : notices) revenue = (MicroTkn{revenue} + MicroTkn{notice.revenue}).value;
  for (const auto& region : w.plan->scenario.regions) people.push_back(round_half_even(region.population));
  if (apportion(revenue, people, part) != revenue) return;  // no people: it stays where it is
  for (RegionState& r : w.regions) {
    const MicroTkn mine{part[r.id.value]}, change = mine - MicroTkn{notices[r.id.value].revenue};
    if (change.value > 0) r.ledger.receive_from_abroad(world::kTreasuryAccount, change, Posting::tranche);
    const bool sent = change.value >= 0 || r.ledger.send_abroad(world::kTreasuryAccount, -change, Posting::tranche);
    if (!sent || !r.ledger.transfer(world::kTreasuryAccount, world::kUsersAccount, mine, Posting::dividend))
      throw ModelError("a treasury does not hold the carbon revenue that is to be paid back");
    r.step.dividends_usd = usd(mine);
    r.permits.revenue = 0;
  }
}

}  // namespace

void price_carbon(World& w) {
  const auto& s = w.plan->scenario;
  const double usd_per_t = w.plan->under_cap() ? s.permits.floor_usd_per_t
                                               : w.plan->carbon_price.usd_per_t(w.plan->utc_of(w.step));
  w.carbon_usd_per_g = policy::charged_usd_per_g(s.pricing.rule, usd_per_t);
  w.permits_unlimited = false;
}

void lapse_permits(const World& w, RegionState& r) {
  const auto& plan = *w.plan;
  if (!plan.under_cap() || w.step == 0) return;
  if (!policy::permits_lapse(plan.scenario.permits, plan.utc_of(w.step - 1), plan.utc_of(w.step))) return;
  add_permits(r.permits.lapsed_mg, std::exchange(r.permits.held_mg, 0));
}

void sell_permits(World& w) {
  const auto& plan = *w.plan;
  if (!plan.under_cap()) return;
  const auto& params = plan.scenario.permits;
  std::vector<policy::DemandCurve> curves;
  std::int64_t supply = policy::permits_issued(params, plan.utc_of(w.step), plan.utc_of(w.step + 1));
  for (const auto& notice : w.bulletin.permits) {
    curves.push_back(notice.demand);
    add_permits(supply, notice.held_mg);
  }
  const policy::PermitClearing clearing = policy::clear_permits(params, supply, curves);
  const auto at_hand = policy::permits_at_hand(clearing, expected_requests(plan));
  w.carbon_usd_per_g = policy::charged_usd_per_g(plan.scenario.pricing.rule, clearing.usd_per_t());
  w.permits_unlimited = policy::at_ceiling(params, clearing);
  for (RegionState& r : w.regions) {
    r.permits.held_mg = r.permits.allotted_mg = at_hand[r.id.value];
    r.step.carbon_price_usd_per_t = clearing.usd_per_t();
  }
  if (plan.scenario.pricing.rule == economy::PricingRule::per_capita) pay_dividends(w);
}

bool permits_suffice(const World& w, const RegionState& r, const Order& order) {
  return w.permits_unlimited || order.permits_mg <= r.permits.held_mg;
}

void reserve_permits(RegionState& r, const Order& order) {
  auto& p = r.permits;
  const std::int64_t missing = std::max<std::int64_t>(0, order.permits_mg - p.held_mg);
  add_permits(p.beyond_mg, missing);
  p.held_mg -= order.permits_mg - missing;
  add_permits(p.reserved_mg, order.permits_mg);
}

void count_permit_demand(RegionState& r, std::size_t row, Refusal refusal) {
  if (refusal != Refusal::none && refusal != Refusal::carbon && refusal != Refusal::price) return;
  const world::PermitDemand& demand = r.scratch.permit_demand[row];
  for (std::size_t k = 0; k < demand.points; ++k) r.permits.demand.add(demand.worth[k], demand.mg[k]);
}

void settle_permits(RegionState& r, const Outcome& outcome) {
  auto& p = r.permits;
  p.reserved_mg -= outcome.permits_mg;
  add_permits(p.used_mg, outcome.permits_used_mg);
  add_permits(p.held_mg, outcome.permits_mg - outcome.permits_used_mg);
}

void audit_permits(Worlds worlds, std::uint32_t step) {
  const auto& plan = *worlds.front()->plan;
  if (!plan.under_cap()) return;
  const Int128 issued = policy::permits_issued(plan.scenario.permits, plan.start_utc, plan.utc_of(step + 1));
  Int128 beyond = 0, there = 0, used = 0, reserved = 0, carried = 0;
  for (const auto& w : worlds)
    for (const RegionState& r : w->regions) {
      const auto& p = r.permits;
      if (p.held_mg < 0 || p.reserved_mg < 0 || p.used_mg < 0)
        throw ModelError(fmt::format("step {}, region {}: more permits were used than there were", step,
                                     plan.regions[r.id.value].name));
      beyond += p.beyond_mg;
      used += p.used_mg;
      reserved += p.reserved_mg;
      there += Int128{p.held_mg} + p.reserved_mg + p.used_mg + p.lapsed_mg;
      carried += std::accumulate(r.flights.permits_mg.begin(), r.flights.permits_mg.end(), Int128{0});
      carried += std::accumulate(r.waiting.permits_mg.begin(), r.waiting.permits_mg.end(), Int128{0});
    }
  if (there != issued + beyond || used > issued + beyond)
    throw ModelError(fmt::format("step {}: {} mg of permits were issued and not found", step,
                                 static_cast<long long>(issued + beyond - there)));
  if (reserved != carried)
    throw ModelError(fmt::format("step {}: {} mg of permits are reserved and carried by no request", step,
                                 static_cast<long long>(reserved - carried)));
}

}  // namespace engine
}  // namespace swarm
