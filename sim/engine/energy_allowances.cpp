#include "sim/engine/energy_allowances.hpp"

#include <algorithm>
#include <limits>

#include "sim/engine/markets.hpp"

namespace swarm {
namespace engine {
namespace {

using world::Order;
using world::OrderLine;
using world::Refusal;
using world::RegionState;
using world::World;

constexpr double kMicrojoulesPerJoule = 1e6;

/// Over the weights: once for the input and once for every output tok, of all who answer.
std::uint32_t passes_of(const Order& order) { return order.seats * (order.tok_out + 1); }

/// Whether allowances are renewed within the time by which the order's users may be held back in all since they arrived.
bool can_wait(const world::Plan& plan, const Order& order, std::uint32_t step) {
  const double held_s = plan.step_s * (plan.next_day(step) - order.arrival_step);
  return plan.defers_for_allowance() && held_s <= static_cast<double>(order.slack_s);
}

}  // namespace

EnergyDesk::EnergyDesk(const World& w, RegionState& r) : w_(w), r_(r), on_(w.plan->scenario.energy.allowance) {
  if (on_) too_many_.assign(workload::kProblemTypes * r.pools.size(), std::numeric_limits<std::uint64_t>::max());
}

std::int64_t EnergyDesk::estimate(const Order& order, std::uint32_t site, std::uint32_t agent) const {
  const auto local = site - w_.plan->regions[r_.id.value].first_site;
  const double joules = r_.energy.joules_per_pass[w_.plan->estimate_row(local, r_.agents.model[agent])] * passes_of(order);
  return round_half_even(joules * kMicrojoulesPerJoule);
}

bool EnergyDesk::covers(const Order& order, std::uint32_t site, std::uint32_t agent) const {
  return estimate(order, site, agent) <= hardware::left_uj(r_.energy.allowance, agent, w_.plan->sites[site].allowance_uj);
}

bool EnergyDesk::turn_to_cheaper(const Order& order, Seat& seat, const QuotaDesk& quotas, const FaultDesk& faults) {
  const OrderLine* best = nullptr;
  std::int64_t least = estimate(order, seat.line.site, seat.line.agent);
  for (std::uint8_t j = 0; j < order.lines; ++j) {
    const OrderLine& line = order.line[j];
    if (w_.plan->sites[line.site].region != r_.id) continue;
    const std::int64_t needed = estimate(order, line.site, line.agent);
    if (needed >= least || !covers(order, line.site, line.agent) || !quotas.covers(line.agent, order.tok()) || !faults.in_time(order, line))
      continue;
    best = &line;
    least = needed;
  }
  if (best == nullptr) return false;
  seat.line = seat.served = *best;
  ++r_.energy.step.allowance_cheaper;
  return true;
}

Refusal EnergyDesk::find(const Order& order, Seat& seat, const QuotaDesk& quotas, const FaultDesk& faults) {
  const OrderLine asked = seat.line;
  const bool own_covers = covers(order, asked.site, asked.agent);
  const bool own_quota = quotas.covers(asked.agent, order.tok());
  if (own_covers && own_quota) return Refusal::none;
  if (!own_quota) r_.quota.missed[asked.agent] += order.tok();
  if (!own_covers && turn_to_cheaper(order, seat, quotas, faults)) return Refusal::none;
  const auto local = asked.site - w_.plan->regions[r_.id.value].first_site;
  std::uint64_t& too_many = too_many_[order.type * r_.pools.size() + local];
  if (passes_of(order) >= too_many) return Refusal::allowance;  // allowances only shrink while requests are placed
  bool energy = false, skipped = false;
  const bool found = turn_to_resident(r_, order.type, asked.site, asked.agent, [&](std::uint32_t agent) {
    if (!faults.may_ask(agent)) {
      skipped = true;
      return false;
    }
    if (!covers(order, asked.site, agent)) return false;
    energy = true;
    if (!quotas.covers(agent, order.tok())) return false;
    seat.served.agent = agent;
    return true;
  });
  if (found && own_covers) ++r_.step.quota_turned;
  if (found && !own_covers) ++r_.energy.step.allowance_turned;
  if (!energy && !skipped) too_many = passes_of(order);
  return found ? Refusal::none : energy ? Refusal::quota : Refusal::allowance;
}

Refusal EnergyDesk::reserve(const Order& order, Seat& seat, QuotaDesk& quotas, const FaultDesk& faults) {
  if (!on_) return quotas.reserve(order, seat.served, faults) ? Refusal::none : Refusal::quota;
  const Refusal refusal = find(order, seat, quotas, faults);
  if (refusal != Refusal::none) return refusal;
  seat.estimate_uj = estimate(order, seat.served.site, seat.served.agent);
  seat.passes = passes_of(order);
  const std::int64_t allowance = w_.plan->sites[seat.served.site].allowance_uj;
  const bool reserved = hardware::reserve_energy(r_.energy.allowance, seat.served.agent, allowance, seat.estimate_uj) &&
                        quotas.reserve(order, seat.served, faults);
  ENSURE(reserved);
  return reserved ? Refusal::none : Refusal::allowance;
}

void EnergyDesk::release(const Order& order, const Seat& seat, QuotaDesk& quotas) {
  quotas.release(order, seat.served);
  if (on_) hardware::release_energy(r_.energy.allowance, seat.served.agent, seat.estimate_uj);
}

void send_home_for_allowance(World& w, RegionState& r, const Order& order) {
  --r.markets.orders_admitted[order.type];
  if (can_wait(*w.plan, order, w.step))
    w.put_off.from_to(r.id.value - w.first_region, order.asker).push_back(order);
  else
    refuse(w, r, order, Refusal::allowance, 0);
}

void put_away_for_allowance(const World& w, RegionState& r, const Order& order) {
  r.held.push(order, w.plan->next_day(w.step));
  ++r.energy.step.allowance_deferred;
}

void spend_allowances(const World& w, RegionState& r) {
  if (!w.plan->scenario.energy.allowance) return;
  constexpr double kNanojoulesPerMicrojoule = 1000;
  const auto& f = r.flights;
  auto& e = r.energy;
  for (std::size_t k = 0; k < f.size(); ++k) {
    if (!r.scratch.landed[k]) continue;
    if (f.lost[k] != 0) {  // what it took before it was lost says nothing of what an answer takes
      hardware::release_energy(e.allowance, f.agent[k], f.estimate_uj[k]);
      continue;
    }
    const std::int64_t actual_uj = round_half_even(static_cast<double>(f.metered_nj[k]) / kNanojoulesPerMicrojoule);
    hardware::spend_energy(e.allowance, f.agent[k], f.estimate_uj[k], actual_uj);
    ++e.step.estimates;
    e.step.estimates_close += hardware::close_estimate(static_cast<double>(f.estimate_uj[k]), static_cast<double>(actual_uj));
    const auto local = f.site[k] - w.plan->regions[r.id.value].first_site;
    double& expected = e.joules_per_pass[w.plan->estimate_row(local, r.agents.model[f.agent[k]])];
    expected = hardware::next_estimate(expected, static_cast<double>(actual_uj) / kMicrojoulesPerJoule / f.passes[k],
                                       w.plan->scenario.energy.allowance_rate);
  }
}

void audit_allowances(const World& w, const RegionState& r) {
  if (!w.plan->scenario.energy.allowance) return;
  std::vector<std::int64_t> in_flight(r.agents.size(), 0);
  for (std::size_t k = 0; k < r.flights.size(); ++k) in_flight[r.flights.agent[k]] += r.flights.estimate_uj[k];
  if (in_flight != r.energy.allowance.reserved_uj)
    throw ModelError(fmt::format("step {}, allowances of region {}: what is set aside is not what flights will take; please report "
                                 "it with the scenario and seed", w.step, w.plan->regions[r.id.value].name));
}

}  // namespace engine
}  // namespace swarm
