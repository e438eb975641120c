#include "sim/engine/carbon_credits.hpp"

#include "sim/engine/parcel.hpp"
#include "sim/engine/phases.hpp"
#include "sim/policy/credit_session.hpp"

namespace swarm {
namespace engine {
namespace {

using economy::Posting;
using policy::CreditOutcome;
using world::RegionState;
using world::World;

void add_to(std::int64_t& sum, std::int64_t amount) {
  if (__builtin_add_overflow(sum, amount, &sum)) integer_overflow("addition of carbon credits");
}

std::uint32_t vintage(const World& w) {
  return static_cast<std::uint32_t>(w.plan->credit_period(w.plan->utc_of(w.step)));
}

/// What earlier periods still owe counts as emitted in this one.
std::int64_t charged_mg(const world::CreditNotice& n) {
  return (MicroTkn{n.emitted_mg} + MicroTkn{n.shortfall_mg}).value;
}

/// Issues what each region avoided; how much it was.
std::vector<std::int64_t> issue(const World& w, policy::CreditRegistry& registry) {
  std::vector<std::int64_t> issued;
  const auto& notices = w.bulletin.credits.notices;
  for (std::size_t r = 0; r < notices.size(); ++r) {
    const policy::CreditLot lot{RegionId{static_cast<std::uint16_t>(r)}, vintage(w)};
    const auto refusal = registry.issue(lot, notices[r].counterfactual_mg, charged_mg(notices[r]));
    if (refusal != policy::CreditRefusal::none)
      throw ModelError(fmt::format("step {}, region {}: {}", w.step, w.plan->regions[r].name, policy::reason(refusal)));
    issued.push_back(registry.held(lot, lot.issuer));
  }
  return issued;
}

/// Money follows credits: to the treasury of who held them, and to the fund where there were none. All of it goes.
void pay(const World& w, RegionState& r, const CreditOutcome& out) {
  const auto move = [&](AccountId to, std::int64_t amount) {
    return r.ledger.transfer(world::kCreditsAccount, to, {amount}, Posting::carbon_credit);
  };
  bool paid = out.paid_utkn <= 0 || r.ledger.send_abroad(world::kCreditsAccount, {out.paid_utkn}, Posting::carbon_credit);
  if (out.paid_utkn < 0)
    r.ledger.receive_from_abroad(world::kTreasuryAccount, {-out.paid_utkn}, Posting::carbon_credit);
  paid = paid && move(world::kTreasuryAccount, out.own_paid_utkn) && move(world::kFundAccount, out.buyout_utkn);
  const std::int64_t left = r.ledger.balance(world::kCreditsAccount).value;
  if (!paid || left != 0)
    throw ModelError(fmt::format("step {}, region {}: {} µTKN collected for carbon credits do not pay for what was settled",
                                 w.step, w.plan->regions[r.id.value].name, left));
  r.step.credits_buyout_usd = usd({out.buyout_utkn});
}

/// The region's account after the period, and a new one.
void close_period(const World& w, RegionState& r, std::int64_t issued_mg, const CreditOutcome& out) {
  auto& a = r.carbon_credits;
  const auto& notice = w.bulletin.credits.notices[r.id.value];
  add_to(a.issued_mg, issued_mg);
  add_to(a.bought_mg, out.bought_mg);
  add_to(a.sold_mg, out.sold_mg);
  add_to(a.retired_mg, out.own_mg + out.bought_mg);
  add_to(a.unmet_mg, out.unmet_mg);
  const std::int64_t beyond = std::max<std::int64_t>(0, charged_mg(notice) - notice.counterfactual_mg);
  a.shortfall_mg = w.plan->scenario.credits.carry_shortfall ? beyond : 0;
  a.emitted_mg = a.counterfactual_mg = a.needed_mg = 0;
}

[[noreturn]] void broken(std::uint32_t step, const char* what) {
  throw ModelError(fmt::format("step {}, carbon credits: {} please report it with the scenario and seed", step, what));
}

/// The registry that all regions' pages make up, against what regions say that they were issued and have retired.
void audit_pages(const world::CreditBulletin& all, std::uint32_t step, Int128 issued, Int128 retired) {
  all.registry().audit();
  for (const auto& lot : all.lots) issued -= lot.issued_mg, retired -= lot.retired_mg;
  if (issued != 0 || retired != 0) broken(step, "regions' sums are not those of the registry");
}

}  // namespace

void price_credits(World& w) {
  w.credit_price = w.plan->scenario.credits.enabled ? w.regions.front().carbon_credits.price : 0;
}

MicroTkn collect_for_credits(RegionState& r, std::uint32_t agent, std::int64_t needed_mg, std::int64_t cost) {
  if (needed_mg == 0) return {};
  add_to(r.carbon_credits.needed_mg, needed_mg);
  if (!r.ledger.transfer(world::agent_account(agent), world::kCreditsAccount, {cost}, Posting::carbon_credit))
    throw ModelError("a seller cannot pay for carbon credits out of what it was just paid");
  r.step.credits_usd += usd({cost});
  return {cost};
}

void count_emissions(const World& w, RegionState& r) {
  if (!w.plan->scenario.credits.enabled) return;
  add_to(r.carbon_credits.emitted_mg, round_half_even(1000.0 * r.step.carbon_location_g));
  add_to(r.carbon_credits.counterfactual_mg, w.plan->counterfactual(w.step, r.id));
}

void exchange_credits(Worlds worlds) {
  if (!worlds.front()->plan->settles_credits(worlds.front()->step)) return;
  for (const auto& to : worlds) {
    to->bulletin.credits = {};
    for (const auto& from : worlds) {
      world::CreditBulletin all;
      for (const RegionState& r : from->regions)
        all.add(r.id, r.carbon_credits, r.ledger.balance(world::kCreditsAccount).value);
      Parcel parcel;
      parcel.put(std::span<const world::CreditNotice>(all.notices));
      parcel.put(std::span<const world::CreditLotRow>(all.lots));
      parcel.put(std::span<const world::CreditHoldingRow>(all.holdings));
      parcel.take(to->bulletin.credits.notices);
      parcel.take(to->bulletin.credits.lots);
      parcel.take(to->bulletin.credits.holdings);
    }
  }
}

void settle_credits(World& w) {
  if (!w.plan->settles_credits(w.step)) return;
  const auto& params = w.plan->scenario.credits;
  policy::CreditRegistry registry = w.bulletin.credits.registry();
  registry.audit();  // before it is built upon
  const std::vector<std::int64_t> issued = issue(w, registry);
  std::vector<policy::CreditPosition> positions;
  std::int64_t needed = 0, held = 0;
  for (std::size_t r = 0; r < issued.size(); ++r) {
    const auto& notice = w.bulletin.credits.notices[r];
    const std::int64_t mine = registry.held(RegionId{static_cast<std::uint16_t>(r)});
    positions.push_back({notice.needed_mg, mine, notice.money});
    add_to(needed, notice.needed_mg);
    add_to(held, mine);
  }
  const std::int64_t price = w.credit_price;
  const std::vector<CreditOutcome> outcomes = policy::settle_credits(params, price, positions);
  policy::carry_out(registry, outcomes);
  for (RegionState& r : w.regions) {
    const CreditOutcome& mine = outcomes[r.id.value];
    pay(w, r, mine);
    close_period(w, r, issued[r.id.value], mine);
    world::keep_pages(registry, r.id, r.carbon_credits);
    r.carbon_credits.price = policy::next_credit_price(params, price, needed, held);
  }
}

void audit_credits(Worlds worlds, std::uint32_t step) {
  const auto& plan = *worlds.front()->plan;
  if (!plan.scenario.credits.enabled) return;
  const bool settled = plan.settles_credits(step);
  world::CreditBulletin all;
  Int128 issued = 0, retired = 0, held = 0, bought = 0, sold = 0;
  for (const auto& w : worlds)
    for (const RegionState& r : w->regions) {
      const auto& a = r.carbon_credits;
      if (a.needed_mg == 0 && r.ledger.balance(world::kCreditsAccount).value != 0)
        broken(step, "money is left that nothing needs");
      if (settled) all.add(r.id, a, 0);
      for (std::size_t k = 0; settled && k < a.lot.size(); ++k)
        if ((a.lot[k] & 0xFFFF) != r.id.value) broken(step, "a lot stands on the pages of a region that did not issue it");
      issued += a.issued_mg;
      retired += a.retired_mg;
      held += a.held_mg;
      bought += a.bought_mg;
      sold += a.sold_mg;
    }
  if (issued != retired + held) broken(step, "what regions were issued is not what they hold and have retired");
  if (bought != sold) broken(step, "what was bought was not sold");
  if (settled) audit_pages(all, step, issued, retired);
}

}  // namespace engine
}  // namespace swarm
