#include <algorithm>
#include <limits>

#include "sim/core/math.hpp"
#include "sim/core/parallel.hpp"
#include "sim/economy/billing.hpp"
#include "sim/engine/answers.hpp"
#include "sim/engine/carbon_credits.hpp"
#include "sim/engine/collaboration.hpp"
#include "sim/engine/context.hpp"
#include "sim/engine/council.hpp"
#include "sim/engine/credit.hpp"
#include "sim/engine/energy_allowances.hpp"
#include "sim/engine/faults.hpp"
#include "sim/engine/phases.hpp"
#include "sim/engine/pieces.hpp"
#include "sim/engine/pricing.hpp"
#include "sim/engine/quotas.hpp"
#include "sim/engine/reputations.hpp"
#include "sim/engine/supply.hpp"
#include "sim/engine/value.hpp"
#include "sim/engine/weighing.hpp"
#include "sim/grid/carbon.hpp"

namespace swarm {
namespace engine {
namespace {

using economy::Posting;
using world::RegionState;
using world::World;

/// Busy energy of every flight within this step, to its agent and site. Rounding is of the sum since the
/// flight's start, so the nanojoules of a flight do not depend on how steps cut it, nor on pieces.
void meter_flights(const World& w, RegionState& r) {
  const auto& plan = *w.plan;
  const auto& info = plan.regions[r.id.value];
  auto& f = r.flights;
  const double t0 = w.now(), t1 = w.step_end();
  r.scratch.landed.assign(f.size(), 0);
  r.scratch.flight_nj.resize(f.size());
  r.scratch.amortisation.assign(r.agents.size(), 0);
  for (std::size_t k = 0; k < f.size(); ++k) {
    const auto& site = plan.sites[f.site[k]];
    const double gang = site.servers / site.gangs;
    const double before = gang * (f.worked_s[k] + std::max(0.0, std::min(f.finish_s[k], t0) - f.start_s[k]));
    const double after = gang * (f.worked_s[k] + std::max(0.0, std::min(f.finish_s[k], t1) - f.start_s[k]));
    const std::int64_t metered = round_half_even(site.device.max_w * 1e9 * after);
    const std::int64_t nj = metered - f.metered_nj[k];
    f.metered_nj[k] = metered;
    r.scratch.flight_nj[k] = nj;
    const Members members = members_of(w, r, k);
    share_equally(r.agents.energy_nj, members, nj);
    r.sites.busy_nj[f.site[k] - info.first_site] += nj;
    const double wear = site.amortisation_usd_per_s * kMicroTknPerUsd;
    share_equally(r.scratch.amortisation, members, round_half_even(wear * after) - round_half_even(wear * before));
    r.scratch.landed[k] = f.finish_s[k] <= t1 && f.left_s[k] == 0 && !w.cut(r.id, RegionId{f.asker[k]});
    if (r.scratch.landed[k] && f.finish_s[k] < t0) f.held_s[k] += t0 - f.finish_s[k];  // behind a partition
  }
}

/// Carbon of every flight's energy within this step, at what its site's energy was.
void attribute_carbon(const World& w, RegionState& r) {
  const auto& info = w.plan->regions[r.id.value];
  auto& f = r.flights;
  for (std::size_t k = 0; k < f.size(); ++k) {
    const auto& site = w.plan->sites[f.site[k]];
    const double intensity = r.energy.supply.intensity[f.site[k] - info.first_site];
    const double site_kwh = kwh({r.scratch.flight_nj[k]}) * site.pue;
    f.carbon_location_g[k] += grid::location_based_g(site_kwh, intensity);
    f.carbon_market_g[k] += grid::market_based_g(site_kwh, site.contracted_renewable, intensity);
  }
}

/// One specialist's part of a site's energy.
NanoJoule narrow(Int128 nj) {
  if (nj > std::numeric_limits<std::int64_t>::max()) integer_overflow("sharing of a site's energy");
  return {static_cast<std::int64_t>(nj)};
}

/// Closes the servers' step: idle energy to the residents in equal parts, the site's grid energy and carbon.
void meter_sites(const World& w, RegionState& r) {
  const auto& plan = *w.plan;
  const auto& info = plan.regions[r.id.value];
  auto& s = r.sites;
  const double forget = math::exp(-plan.step_s / std::max(plan.scenario.pricing.load_memory.seconds, 1e-9));
  std::uint64_t first_agent = 0;
  for (std::uint32_t k = 0; k < info.sites; ++k) {
    const auto& site = plan.sites[info.first_site + k];
    const double gang = site.servers / site.gangs;
    const hardware::StateSeconds seconds = end_step(w, r, k);
    s.busy_s[k] = seconds.busy * gang;
    s.idle_s[k] = seconds.idle * gang;
    s.standby_s[k] = seconds.standby * gang;
    s.utilisation[k] = s.busy_s[k] / (site.servers * plan.step_s);
    s.queue_s[k] = r.pools[k].backlog(w.step_end()) / site.gangs;
    s.load_state[k] = static_cast<std::uint8_t>(world::load_state(plan.scenario.balance, s.utilisation[k]));
    s.load[k] = s.utilisation[k] + (s.load[k] - s.utilisation[k]) * forget;
    const Int128 idle_nj =
        round_half_even_wide(hardware::state_joules(site.device, {0, s.idle_s[k], s.standby_s[k]}) * 1e9);
    if (const auto residents = static_cast<std::int64_t>(s.residents[k]); residents > 0) {
      const Int128 due = idle_nj + s.idle_carry_nj[k];
      const NanoJoule share = narrow(due / residents);
      s.idle_carry_nj[k] = static_cast<std::int64_t>(due % residents);
      for (std::uint64_t a = first_agent; a < first_agent + s.residents[k]; ++a)
        r.agents.energy_nj[a] = (NanoJoule{r.agents.energy_nj[a]} + share).value;
    }
    first_agent += s.residents[k];
    supply_site(w, r, k, s.busy_nj[k] + idle_nj + s.bus_nj[k]);
    s.carbon_intensity[k] = r.step.carbon_intensity;
    s.carbon_location_g[k] = grid::location_based_g(s.grid_kwh[k], s.carbon_intensity[k]);
    s.carbon_market_g[k] = grid::market_based_g(s.grid_kwh[k], site.contracted_renewable, s.carbon_intensity[k]);
    s.embodied_g[k] = site.embodied_g_per_s * site.servers * plan.step_s;
    r.step.energy_kwh += s.grid_kwh[k];
    r.step.carbon_location_g += s.carbon_location_g[k];
    r.step.carbon_market_g += s.carbon_market_g[k];
    r.step.embodied_g += s.embodied_g[k];
  }
}

/// A seller pays for carrying an answer out of what it just got; what its wallet lacks stays due.
void pay_transfer(RegionState& r, std::uint32_t agent, std::int64_t cost) {
  if (cost == 0) return;
  const AccountId wallet = world::agent_account(agent);
  const std::int64_t paid = std::min(cost, r.ledger.balance(wallet).value);
  r.ledger.burn(wallet, {paid}, Posting::transfer);
  r.agents.arrears[agent] += cost - paid;
  r.step.transfer_usd += usd({cost});
}

/// What crossed the network for an answer, question and answer, on a meter of its own.
void meter_transfer(const World& w, RegionState& r, std::size_t flight) {
  const RegionId asker{r.flights.asker[flight]};
  const double kwh = w.plan->carrying_kwh(asker, r.id, r.flights.tok[flight] / r.flights.seats[flight]);
  if (kwh == 0) return;
  r.step.transfer_kwh += kwh;
  r.step.transfer_carbon_g += kwh * carrying_intensity(w.plan->signals.intensity(asker, w.step), r.step.carbon_intensity);
}

/// What a seller has just got is counted as its income; a council's, as that of each member.
void divide_income(World& w, RegionState& r, std::size_t flight, const Members& members, MicroTkn earned) {
  if (!members.council()) {
    note_payment(w, r, members.agent[0], earned);
    r.agents.earned[members.agent[0]] += earned.value;
    return;
  }
  const auto part = divide_pay(w, r, flight, members, earned);
  for (std::size_t i = 0; i < members.count; ++i) {
    note_payment(w, r, members.agent[i], {part[i]});
    r.agents.earned[members.agent[i]] += part[i];
  }
  note_council(r, flight, members);
}

/// Every member's own answer, right or wrong.
void count_answers(RegionState& r, std::size_t flight, const Members& members) {
  for (std::size_t i = 0; i < members.count; ++i) {
    ++r.agents.answered[members.agent[i]];
    r.agents.correct[members.agent[i]] +=
        members.council() ? dispatch::is_right(r.flights.coalitions_right[flight], 1u << i) : r.flights.correct[flight] != 0;
  }
}

/// Sellers of finished answers get their price; the asking regions learn the outcome.
void land(World& w, RegionState& r) {
  const auto& plan = *w.plan;
  auto& f = r.flights;
  for (std::size_t k = 0; k < f.size(); ++k) {
    if (!r.scratch.landed[k]) continue;
    if (f.lost[k] != 0) {
      settle_lost(w, r, k);
      continue;
    }
    r.faults.step.held += f.finish_s[k] < w.now();
    const std::uint32_t agent = f.agent[k];
    const double wait = server_wait(r, k), delay = answer_delay(plan, r, k);
    const MicroTkn due{f.price[k] + f.grant[k] - f.carbon[k] - f.premium[k]};
    if (f.asker[k] != r.id.value)
      r.ledger.receive_from_abroad(world::agent_account(agent), due, Posting::payment);
    else if (!r.ledger.transfer(world::kEscrowAccount, world::agent_account(agent), due, Posting::payment))
      throw ModelError("escrow does not cover a request that it was opened for");
    const MicroTkn kept = due - collect_for_credits(r, agent, f.credits_mg[k], f.credits[k]);
    const std::int64_t carried = micro_tkn_from_usd(transfer_usd(plan, RegionId{f.asker[k]}, r.id, f.tok[k])).value;
    const MicroTkn earned{std::max<std::int64_t>(0, kept.value - carried)};  // the carrier's part is not
    pay_transfer(r, agent, carried);
    meter_transfer(w, r, k);
    const Members members = members_of(w, r, k);
    divide_income(w, r, k, members, earned);
    r.step.received_usd += usd(kept);
    note_answer(w, r, k, delay);
    count_answers(r, k, members);
    note_for_context(w, r, k, members);
    note_flexible_answer(w, r, k);
    w.outcomes.from_to(r.id.value - w.first_region, f.asker[k])
        .push_back({.reserved = f.reserved[k],
                    .reserved_grant = f.reserved_grant[k],
                    .price = f.price[k],
                    .grant = f.grant[k],
                    .carbon = f.carbon[k],
                    .premium = f.premium[k],
                    .work = f.work[k],
                    .market_price = f.market_price[k],
                    .permits_mg = f.permits_mg[k],
                    .permits_used_mg = f.permits_used_mg[k],
                    .wtp_usd = f.wtp_usd[k],
                    .carbon_location_g = f.carbon_location_g[k],
                    .carbon_market_g = f.carbon_market_g[k],
                    .wait_s = static_cast<float>(wait),
                    .delay_s = static_cast<float>(delay),
                    .tok = f.tok[k],
                    .asker = f.asker[k],
                    .server = r.id.value,
                    .type = f.type[k],
                    .bucket = f.bucket[k],
                    .correct = f.correct[k],
                    .late = delay > static_cast<double>(f.deadline_s[k]),
                    .purpose = f.purpose[k],
                    .emergency = f.emergency[k],
                    .answered_s = f.arrival_s[k] + delay});
  }
  f.erase(r.scratch.landed);
}

/// Burns the agents' electricity and wear; what a wallet cannot pay stays due and is collected with later bills.
void bill(const World& w, RegionState& r) {
  const auto& plan = *w.plan;
  const auto& info = plan.regions[r.id.value];
  auto& a = r.agents;
  const std::size_t n = a.size();
  auto& bills = r.scratch.bills;
  auto& unpaid = r.scratch.unpaid;
  bills.resize(n);
  unpaid.resize(n);
  std::size_t first = 0;
  for (std::uint32_t k = 0; k < info.sites; ++k) {
    const auto& site = plan.sites[info.first_site + k];
    const auto price = economy::FixedPrice::from(r.energy.supply.price[k], site.pue);
    economy::bill_electricity(std::span(a.energy_nj).subspan(first, site.agents), price,
                              std::span(a.bill_remainder).subspan(first, site.agents),
                              std::span(bills).subspan(first, site.agents));
    first += site.agents;
  }
  Int128 cost = 0;  // incurred, whether paid now or due
  for (std::size_t i = 0; i < n; ++i) cost += Int128{bills[i]} + r.scratch.amortisation[i];
  note_bills(w, r);
  r.step.resource_cost_usd = static_cast<double>(cost) / kMicroTknPerUsd;
  r.step.producer_surplus_usd = r.step.received_usd - r.step.resource_cost_usd - r.step.transfer_usd;
  const AccountId agents = world::agent_account(0);
  const MicroTkn receipts = r.ledger.mint_many(agents, bills, Posting::electricity_receipt);
  parallel_blocks(n, 16 * kBlockRows, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      bills[i] = std::max<std::int64_t>(bills[i], 0) + a.arrears[i];
      a.metered_kwh[i] += kwh({a.energy_nj[i]});
    }
  });
  const MicroTkn electricity = r.ledger.burn_many(agents, bills, a.arrears, Posting::electricity);
  const MicroTkn wear = r.ledger.burn_many(agents, r.scratch.amortisation, unpaid, Posting::amortisation);
  Int128 arrears = 0;
  for (std::size_t i = 0; i < n; ++i) arrears += a.arrears[i] += unpaid[i];
  r.step.electricity_usd = usd(electricity - receipts);
  r.step.amortisation_usd = usd(wear);
  r.step.arrears_usd = static_cast<double>(arrears) / kMicroTknPerUsd;
}

}  // namespace

void settle_sellers(World& w) {
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    std::fill(r.agents.energy_nj.begin(), r.agents.energy_nj.end(), 0);
    std::fill(r.sites.busy_nj.begin(), r.sites.busy_nj.end(), Int128{0});
    meter_flights(w, r);
    meter_upkeep(w, r);
    meter_reports(w, r);
    meter_sites(w, r);
    attribute_carbon(w, r);
    if (w.plan->scenario.appreciation.enabled) r.scratch.bonuses.assign(r.agents.size(), 0);
    use_quotas(w, r);
    spend_allowances(w, r);
    rate_answers(w, r);
    note_breakers(w, r);
    land(w, r);
    bill(w, r);
    count_emissions(w, r);
  });
}

}  // namespace engine
}  // namespace swarm
