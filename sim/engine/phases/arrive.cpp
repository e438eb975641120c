#include <cmath>

#include "sim/core/parallel.hpp"
#include "sim/engine/phases.hpp"
#include "sim/engine/quotas.hpp"
#include "sim/workload/arrivals.hpp"
#include "sim/workload/extra.hpp"
#include "sim/workload/flexible.hpp"

namespace swarm {
namespace engine {
namespace {

using economy::Posting;
using world::RegionState;
using world::World;

/// At the first step of a UTC day users take out what they did not spend and bring the new day's budget.
void renew_budget(const World& w, RegionState& r) {
  if (!w.plan->begins_day(w.step)) return;
  const MicroTkn unspent = r.ledger.balance(world::kUsersAccount);
  const MicroTkn budget = w.plan->regions[r.id.value].daily_budget;
  r.ledger.burn(world::kUsersAccount, unspent, Posting::withdrawal);
  r.ledger.mint(world::kUsersAccount, budget, Posting::deposit);
  r.step.withdrawals_usd = usd(unspent);
  r.step.deposits_usd = usd(budget);
}

}  // namespace

void arrive(World& w) {
  const auto& plan = *w.plan;
  const auto& params = plan.scenario.workload;
  const Random count(plan.seed, Stream::arrival_count), burst(plan.seed, Stream::arrival_burst),
      request(plan.seed, Stream::request), demand(plan.seed, Stream::demand), extra(plan.seed, Stream::emergency_count),
      flexibility(plan.seed, Stream::flexibility);
  std::vector<double> shares;
  for (const auto& info : plan.regions) shares.push_back(info.request_share);
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    renew_budget(w, r);
    allot_quotas(w, r);
    auto& requests = r.scratch.requests;
    requests.clear();
    const auto items = plan.banks->items();
    if (plan.recorded.requests) {
      plan.recorded.requests->slice(params, request, shares, r.id, w.step, w.now(), w.step_end(), items, requests);
    } else {
      const auto& info = plan.regions[r.id.value];
      const double shape = plan.recorded.rates ? plan.recorded.rates->mean_factor(w.now(), w.step_end()) : 1.0;
      const std::uint32_t n =
          workload::arrival_count(params, count, burst, plan.utc_of(w.step), w.step, r.id, info.requests_per_hour * shape,
                                  plan.scenario.regions[r.id.value].utc_offset_h, plan.step_s);
      workload::synthesise(params, request, w.step, r.id, n, plan.step_s, items, requests);
    }
    const auto& willingness = plan.willingness[r.id.value];
    const auto ordinary = static_cast<std::uint32_t>(requests.size());
    const workload::ExtraRequests more =
        workload::draw_extra(extra, w.step, r.id, ordinary, willingness.shares(), r.scratch.emergency.response.demand);
    workload::add_extra(params, request, w.step, r.id, more, plan.step_s, items, plan.recorded.requests.get(), requests);
    parallel_blocks(requests.size(), kBlockRows, [&](std::size_t begin, std::size_t end) {
      willingness.draw(demand, w.step, r.id, begin, end, requests, more);
      workload::draw_flexible(params, flexibility, w.step, r.id, begin, end, requests);
    });
    for (std::size_t k = 0; k < requests.size(); ++k) {
      const workload::Purpose purpose = requests.purpose[k];
      ++r.purposes.requests_arrived[static_cast<std::size_t>(purpose)];
      const bool calls_for_help = r.scratch.emergency.concerns(purpose);
      r.step.emergency_arrived += calls_for_help;
      if (calls_for_help) requests.flexible[k] = 0;
      r.schedule.step.flexible += requests.flexible[k];
    }
    r.step.requests_arrived = static_cast<std::uint32_t>(requests.size());
  });
}

}  // namespace engine
}  // namespace swarm
