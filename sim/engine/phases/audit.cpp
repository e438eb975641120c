#include <cmath>
#include <limits>

#include "sim/core/parallel.hpp"
#include "sim/engine/credit.hpp"
#include "sim/engine/energy_allowances.hpp"
#include "sim/engine/futures.hpp"
#include "sim/engine/phases.hpp"
#include "sim/engine/prediction.hpp"
#include "sim/engine/quotas.hpp"
#include "sim/engine/supply.hpp"

namespace swarm {
namespace engine {
namespace {

using world::RegionState;
using world::World;

/// Every request that arrived is served, refused or pending.
void audit_requests(const World& w, RegionState& r) {
  const auto& s = r.step;
  const std::int64_t pending = std::int64_t{r.requests_pending} + s.requests_arrived - s.requests_served - s.requests_rejected;
  if (pending < 0)
    throw ModelError(fmt::format("step {}, region {}: more requests settled than arrived ({} too many)", w.step,
                                 w.plan->regions[r.id.value].name, -pending));
  r.requests_pending = static_cast<std::uint32_t>(pending);
  r.schedule.held = r.held.size();
  if (r.schedule.held > r.requests_pending)
    throw ModelError(fmt::format("step {}, region {}: {} requests are held back and {} are pending", w.step,
                                 w.plan->regions[r.id.value].name, r.schedule.held, r.requests_pending));
}

/// Nanojoules metered flight by flight agree with the servers' clocks.
void audit_energy(const World& w, const RegionState& r) {
  const auto& info = w.plan->regions[r.id.value];
  for (std::uint32_t k = 0; k < info.sites; ++k) {
    const auto& site = w.plan->sites[info.first_site + k];
    const double by_clock = site.device.max_w * r.sites.busy_s[k];
    const double by_flight = static_cast<double>(r.sites.busy_nj[k]) * 1e-9;
    // The clocks' figure is all server-seconds less the idle ones: each gang may add a rounding of the total.
    const double total = site.device.max_w * site.servers * w.plan->step_s;
    const double terms = site.gangs + static_cast<double>(r.flights.size());
    const double rounding = std::numeric_limits<double>::epsilon() * terms * total;
    if (std::abs(by_clock - by_flight) > 1e-6 * (by_clock + 1.0) + rounding)
      throw ModelError(fmt::format("step {}, site {}: busy energy is {} J by the servers' clocks and {} J by requests",
                                   w.step, site.name, by_clock, by_flight));
  }
}

void add_totals(const World& w, RegionState& r) {
  const auto& s = r.step;
  auto& q = r.totals;
  if (s.in_warmup) {
    q.pending_at_start = r.requests_pending;
    q.fund_at_start_usd = s.fund_usd;
    q.treasury_at_start_usd = s.treasury_usd;
    return;
  }
  q.requests_arrived += s.requests_arrived;
  q.requests_served += s.requests_served;
  q.requests_late += s.requests_late;
  q.requests_in_time += s.requests_served - s.requests_late;
  q.requests_waited += s.requests_waited;
  q.requests_correct += s.requests_correct;
  q.rejected_price += s.rejected_price;
  q.rejected_budget += s.rejected_budget;
  q.rejected_capacity += s.rejected_capacity;
  q.rejected_deadline += s.rejected_deadline;
  q.rejected_carbon += s.rejected_carbon;
  q.rejected_residency += s.rejected_residency;
  q.dividends_usd += s.dividends_usd;
  q.carbon_price_sum += s.carbon_price_usd_per_t;
  q.emergency_arrived += s.emergency_arrived;
  q.emergency_served += s.emergency_served;
  q.emergency_in_time += s.emergency_in_time;
  q.emergency_rejected += s.emergency_rejected;
  q.rejected_emergency += s.rejected_emergency;
  q.credits_usd += s.credits_usd;
  q.credits_buyout_usd += s.credits_buyout_usd;
  q.capacity_requested_s += s.capacity_requested_s;
  q.capacity_allocated_s += s.capacity_allocated_s;
  q.beyond_allocation += s.beyond_allocation;
  q.promised_late += s.promised_late;
  q.transfer_usd += s.transfer_usd;
  q.transfer_kwh += s.transfer_kwh;
  q.transfer_carbon_g += s.transfer_carbon_g;
  q.tok_capped += r.scratch.requests.tok_capped;
  q.inferences += s.inferences;
  q.executed_macs += s.executed_macs;
  q.quotes += s.quotes;
  q.quotes_withdrawn += s.quotes_withdrawn;
  q.grants_beyond_fund += s.grants_beyond_fund;
  q.spend_usd += s.spend_usd;
  q.value_usd += s.value_usd;
  q.received_usd += s.received_usd;
  q.resource_cost_usd += s.resource_cost_usd;
  q.carbon_levy_usd += s.carbon_levy_usd;
  q.premium_usd += s.premium_usd;
  q.grants_usd += s.grants_usd;
  q.fund_flow_usd += s.fund_flow_usd;
  q.fund_deficit_usd += s.fund_deficit_usd;
  q.lent_usd += s.lent_usd;
  q.repaid_usd += s.repaid_usd;
  q.interest_usd += s.interest_usd;
  q.recovered_usd += s.recovered_usd;
  q.written_off_usd += s.written_off_usd;
  q.demurrage_usd += s.demurrage_usd;
  q.bonuses_usd += s.bonuses_usd;
  q.loan_defaults += s.loan_defaults;
  r.council.total.add(r.council.step);
  r.collaboration.total_bus.add(r.collaboration.bus);
  r.collaboration.total_session.add(r.collaboration.session);
  r.energy.total.add(r.energy.step);
  r.energy.total_rejected_allowance += r.energy.rejected_allowance;
  r.faults.step.rejected = s.rejected_fault;
  r.faults.total.add(r.faults.step);
  r.schedule.total.add(r.schedule.step);
  if (!r.value.answered.empty()) r.value.total_usd += r.value.usd;
  q.rejected_quota += s.rejected_quota;
  q.quota_turned += s.quota_turned;
  q.quota_traded_tok += static_cast<double>(s.quota_traded_tok);
  q.quota_spend_usd += s.quota_spend_usd;
  q.reputation_paid_usd += s.reputation_paid_usd;
  auto& p = r.purposes;
  for (std::size_t k = 0; k < workload::kPurposes; ++k) {
    p.total_in_time[k] += p.requests_served[k] - p.requests_late[k];
    p.total_settled[k] += p.requests_served[k] + p.requests_rejected[k];
  }
  q.tok_served += s.tok_served;
  q.carbon_caused_location_g += s.carbon_caused_location_g;
  q.carbon_caused_market_g += s.carbon_caused_market_g;
  q.energy_kwh += s.energy_kwh;
  q.carbon_location_g += s.carbon_location_g;
  q.carbon_market_g += s.carbon_market_g;
  q.embodied_g += s.embodied_g;
  const auto& info = w.plan->regions[r.id.value];
  for (std::uint32_t k = 0; k < info.sites; ++k) {
    const auto& site = w.plan->sites[info.first_site + k];
    q.busy_kwh += kwh_wide(r.sites.busy_nj[k] + r.sites.bus_nj[k]) * site.pue;
    q.busy_server_s += r.sites.busy_s[k];
    q.server_s += site.servers * w.plan->step_s;
    r.sites.total_hot[k] += static_cast<world::LoadState>(r.sites.load_state[k]) == world::LoadState::hot;
    r.sites.total_idle[k] += static_cast<world::LoadState>(r.sites.load_state[k]) == world::LoadState::idle;
  }
}

}  // namespace

void audit(World& w) {
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    audit_requests(w, r);
    audit_energy(w, r);
    r.ledger.audit();
    audit_lending(w, r);
    audit_futures(w, r);
    audit_predictions(w, r);
    audit_quotas(w, r);
    audit_supply(w, r);
    audit_allowances(w, r);
    r.ledger.clear_journal();
    add_totals(w, r);
  });
}

}  // namespace engine
}  // namespace swarm
