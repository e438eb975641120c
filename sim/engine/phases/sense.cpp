#include <algorithm>

#include "sim/core/parallel.hpp"
#include "sim/economy/ask.hpp"
#include "sim/engine/carbon_credits.hpp"
#include "sim/engine/emergency.hpp"
#include "sim/engine/faults.hpp"
#include "sim/engine/permits.hpp"
#include "sim/engine/phases.hpp"
#include "sim/engine/queue_lengths.hpp"
#include "sim/engine/reputations.hpp"
#include "sim/engine/supply.hpp"

namespace swarm {
namespace engine {
namespace {

using world::RegionState;
using world::World;

/// What the region publishes of its sites: the state the last step left, and prices foreseen from it.
void publish_sites(const World& w, RegionState& r) {
  const auto& plan = *w.plan;
  const auto& info = plan.regions[r.id.value];
  const bool first_step = w.step == 0;
  const double price = first_step ? plan.signals.price(r.id, 0) : plan.signals.forecast_price(r.id, w.step - 1, 1);
  const double intensity =
      lowered(r, first_step ? plan.signals.intensity(r.id, 0) : plan.signals.forecast_intensity(r.id, w.step - 1, 1));
  const bool counted = counts_requests(plan);
  const double hot_above = plan.scenario.balance.hot_above;
  r.scratch.notices.clear();
  std::size_t first = 0;
  for (std::uint32_t k = 0; k < info.sites; ++k) {
    const auto& site = plan.sites[info.first_site + k];
    const auto gangs = std::span(r.free_at).subspan(first, site.gangs);
    first += site.gangs;
    const double earliest = *std::min_element(gangs.begin(), gangs.end());
    const hardware::GridState supply = expected_supply(w, r, k, {intensity, price});
    r.scratch.notices.push_back({.site = info.first_site + k,
                                 .wait_s = static_cast<float>(std::max(0.0, earliest - w.now())),
                                 .requests = counted ? requests_in(w, r, k, w.now()) : 0.0f,
                                 .load_factor = static_cast<float>(
                                     economy::load_factor(plan.scenario.pricing, r.sites.load[k])),
                                 .price_usd_per_kwh = static_cast<float>(supply.price),
                                 .intensity_g_per_kwh = static_cast<float>(supply.intensity),
                                 .spare_s = std::max(0.0, hot_above * site.gangs * plan.step_s - r.pools[k].backlog(w.now()))});
    for (std::size_t t = 0; t < workload::kProblemTypes; ++t)
      r.scratch.notices.back().residents[t] = static_cast<std::uint32_t>(r.residents_of_type[t * info.sites + k]);
  }
  r.scratch.fund = {.balance = r.ledger.balance(world::kFundAccount).value,
                    .entitlement = round_half_even(r.entitlement)};
  r.scratch.permits.clear();
  if (plan.under_cap())
    r.scratch.permits.push_back({.demand = r.permits.demand,
                                 .held_mg = r.permits.held_mg,
                                 .revenue = r.permits.revenue});
  std::copy(r.markets.reference.begin(), r.markets.reference.end(), r.scratch.prices.price.begin());
  std::copy(r.markets.asked.begin(), r.markets.asked.end(), r.scratch.prices.asked.begin());
}

/// Lists specialists of each type, one per stratum, the strata counted from a keyed start: evenly spread, none
/// twice, and all with the same chance of a line. With each goes its reputation, where anybody looks at it.
void publish_offers(const World& w, RegionState& r, const Random& random) {
  const bool reputed = reputation_weighs(*w.plan);
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    const std::vector<std::uint32_t> passing = w.plan->may_fail() ? who_may_be_asked(w, r, t) : std::vector<std::uint32_t>();
    const auto& all = w.plan->may_fail() ? passing : r.agents_of_type[t];
    auto& offers = r.scratch.offers[t];
    offers.clear();
    r.scratch.reputations[t].clear();
    const auto n = std::min(static_cast<std::size_t>(w.plan->scenario.market.offers), all.size());
    std::size_t start = 0;
    for (std::size_t j = 0; j < n; ++j) {
      const RandomBlock draw = random.block(w.step, (std::uint64_t{r.id.value} << 48) | (t << 32) | j);
      if (j == 0) start = uniform_below(draw[1], static_cast<std::uint32_t>(all.size()));
      const std::size_t first = j * all.size() / n, last = (j + 1) * all.size() / n;
      const std::size_t row = start + first + uniform_below(draw[0], static_cast<std::uint32_t>(last - first));
      const std::uint32_t agent = all[row % all.size()];
      offers.push_back({agent, r.agents.site[agent], r.agents.markup[agent]});
      if (reputed) r.scratch.reputations[t].push_back(static_cast<float>(r.reputation.score[agent]));
    }
  }
}

}  // namespace

void sense(World& w) {
  const Random random(w.plan->seed, Stream::offer_sample);
  w.round = 0;
  price_carbon(w);
  price_credits(w);
  note_partitions(w);
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    r.step = {};
    r.permits.allotted_mg = 0;
    r.step.in_warmup = w.plan->in_warmup(w.step);
    r.step.carbon_price_usd_per_t = w.carbon_usd_per_g * policy::kGramsPerTonne;
    r.step.credit_price_usd_per_t = static_cast<double>(w.credit_price) / policy::kPriceUnits;
    r.step.electricity_price_usd_per_kwh = w.plan->signals.price(r.id, w.step);
    r.step.renewable_share = w.plan->signals.renewable_share(r.id, w.step);
    open_supply(w, r);
    note_hazards(w, r);
    note_faults(w, r);
    score_reputations(w, r);
    std::fill(r.sites.requests_placed.begin(), r.sites.requests_placed.end(), 0u);
    r.markets.clear_step();
    r.futures.clear_step();
    r.prediction.clear_step();
    r.council.step = {};
    r.context.step = {};
    r.scratch.answers.clear();
    r.schedule.step = {};
    r.value.usd = w.plan->scenario.value.form == economy::ValueForm::none ? std::numeric_limits<double>::quiet_NaN() : 0.0;
    r.scratch.sold.assign(static_cast<std::size_t>(w.plan->trade_rounds()) * workload::kProblemTypes * r.pools.size(), {});
    r.purposes.clear_step();
    std::apply([](auto&... column) { (column.clear(), ...); }, r.decisions.columns());
    r.scratch.price_sum.assign(workload::kProblemTypes, 0.0);
    for (auto& pool : r.pools) pool.begin_step(w.now());
    r.scratch.fluid_free_s.clear();
    for (const auto& pool : r.pools) r.scratch.fluid_free_s.push_back(pool.backlog(w.now()) / pool.servers());
    count_flights(w, r);
    r.scratch.first_new_flight = r.flights.size();
    r.scratch.admitted.clear();
    lapse_permits(w, r);
    publish_sites(w, r);
    publish_offers(w, r, random);
  });
}

}  // namespace engine
}  // namespace swarm
