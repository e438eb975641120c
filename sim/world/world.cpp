#include "sim/world/world.hpp"

#include <algorithm>

#include "sim/core/parallel.hpp"
#include "sim/economy/billing.hpp"
#include "sim/economy/zip.hpp"
#include "sim/policy/credit_session.hpp"
#include "sim/world/type_mix.hpp"

namespace swarm {
namespace world {
namespace {

using economy::Posting;

void resize_agents(AgentColumns& a, std::size_t n) {
  a.model.resize(n);
  a.site.resize(n);
  a.type.resize(n);
  a.markup.resize(n);
  for (auto* column : {&a.energy_nj, &a.bill_remainder, &a.arrears, &a.earned, &a.posted}) column->assign(n, 0);
  for (auto* column : {&a.metered_kwh, &a.margin, &a.momentum}) column->assign(n, 0);
  a.answered.assign(n, 0);
  a.correct.assign(n, 0);
}

/// Type in turn, lineage and markup by keyed draw, home site after site.
void place_agents(RegionState& r, const Plan& plan) {
  const RegionInfo& info = plan.regions[r.id.value];
  const auto& pricing = plan.scenario.pricing;
  const auto lineages = static_cast<std::uint32_t>(plan.scenario.specialists.lineages);
  const Random random(plan.seed, Stream::population);
  resize_agents(r.agents, info.agents);
  TypeMix mix(plan.scenario.population, info.agents_before);
  std::uint64_t local = 0;
  for (std::uint32_t k = 0; k < info.sites; ++k) {
    const std::uint32_t site = info.first_site + k;
    std::uint8_t type = 0;
    auto left = info.agents_that_fit.empty() ? TypeMix::Counts{} : info.agents_that_fit[k];
    for (std::uint64_t i = 0; i < plan.sites[site].agents; ++i, ++local) {
      const RandomBlock draw = random.block(0, AgentId(r.id, local).packed);
      if (info.agents_that_fit.empty()) {
        type = mix.next();
      } else {
        while (left[type] == 0) ++type;
        --left[type];
      }
      r.agents.type[local] = type;
      r.agents.model[local] = r.agents.type[local] * lineages + uniform_below(draw[0], lineages);
      r.agents.site[local] = site;
      r.agents.markup[local] =
          static_cast<float>(pricing.markup * (1.0 + pricing.markup_spread * (2.0 * uniform_open(draw[1]) - 1.0)));
    }
    r.sites.residents[k] = plan.sites[site].agents;
  }
}

/// What adaptive bidders know before they have heard anything.
void prepare_bidders(RegionState& r, const Plan& plan) {
  const auto& s = plan.scenario;
  const Random random(plan.seed, Stream::zip);
  constexpr std::uint32_t kStart = 1;
  if (s.market.sellers == economy::Bidder::zip)
    for (std::uint64_t local = 0; local < r.agents.size(); ++local)
      r.agents.margin[local] = economy::zip_start(s.bidding, random.block(0, AgentId(r.id, local).packed, kStart)).margin;
  if (s.market.buyers == economy::Bidder::zip)
    for (std::size_t row = 0; row < r.bidders.margin.size(); ++row)
      r.bidders.margin[row] = economy::zip_start(s.bidding, random.block(0, users_as_bidder(r.id, row), kStart)).margin;
}

/// Columns for those of lending and demurrage that there are.
void open_credit(RegionState& r, const Plan& plan) {
  const auto& s = plan.scenario;
  const std::size_t n = r.agents.size();
  CreditColumns& c = r.credit;
  if (s.lending.enabled || s.demurrage.rate_per_day > 0) c.bills_per_day.assign(n, 0);
  if (s.lending.enabled) {
    c.earned_lately.assign(n, 0);
    c.lending = economy::LendingColumns(n);
  }
  if (s.demurrage.rate_per_day > 0) c.demurrage_remainder.assign(n, 0);
}

/// Columns for those of futures, prediction markets and the value of answers that there are.
void open_instruments(RegionState& r, const Plan& plan) {
  const auto& s = plan.scenario;
  const std::size_t n = r.agents.size(), types = workload::kProblemTypes;
  r.futures.clear_step();
  r.prediction.clear_step();
  if (s.futures.enabled) {
    auto& f = r.futures;
    for (auto* column : {&f.contracts, &f.basis, &f.margin, &f.gain}) column->assign(2 * (n + types), 0);
    for (auto* column : {&f.earned_before, &f.income}) column->assign(n, 0);
    for (auto* column : {&f.spot_sum, &f.spot_squares, &f.hedged_sum, &f.hedged_squares}) column->assign(n, 0.0);
    for (auto* column : {&f.value, &f.work, &f.spent, &f.spending}) column->assign(types, 0);
    f.expected_usd.assign(types, 0.0);
    f.agreed.assign(2 * types, 0);
  }
  r.futures.open_interest.assign(types, 0);
  if (s.prediction.enabled) {
    auto& p = r.prediction;
    const auto bins = static_cast<std::size_t>(s.prediction.bins), traders = static_cast<std::size_t>(s.prediction.traders);
    p.open.assign(types, 0);
    p.trailing_mean.assign(types, -1.0);
    for (auto* column : {&p.mean, &p.deviation}) column->assign(types, 0.0);
    for (auto* column : {&p.answered_before, &p.correct_before}) column->assign(types, 0);
    for (auto* column : {&p.outstanding, &p.occurred}) column->assign(types * bins, 0);
    p.trader.assign(types * traders, PredictionAccount::kNobody);
    p.held.assign(types * traders * bins, 0);
  }
  if (s.value.form != economy::ValueForm::none)
    for (auto* column : {&r.value.answered, &r.value.correct}) column->assign(kCells, 0);
}

/// Columns for quotas and reputation, where there are any: nobody has quota before the first day begins, and of nobody
/// is anything known.
void open_allowances(RegionState& r, const Plan& plan) {
  const auto& s = plan.scenario;
  const std::size_t n = r.agents.size();
  if (s.quota.enabled) {
    r.quota.book = economy::QuotaBook(s.quota, n).release();
    r.quota.missed.assign(n, 0);
  }
  if (s.reputation.enabled) {
    r.reputation.ratings = economy::Reputation(s.reputation, n).release();
    r.reputation.score.assign(n, s.reputation.neutral);
  }
}

/// Empty windows, where there are any.
void open_context(RegionState& r, const Plan& plan) {
  const auto& p = plan.scenario.context;
  if (!p.enabled()) return;
  const std::size_t n = r.agents.size();
  auto& c = r.context;
  for (auto* column : {&c.windows.used, &c.windows.since_snapshot, &c.windows.session, &c.windows.items, &c.windows.out_drop, &c.windows.out_lost})
    column->assign(n, 0);
  for (auto* column : {&c.windows.last_s, &c.windows.dirty_s, &c.windows.out_until_s}) column->assign(n, 0.0);
  c.windows.snapshot_items.assign(n * static_cast<std::size_t>(p.window.snapshots), 0);
  std::array<std::uint8_t, 2 * workload::kProblemTypes> council;
  for (std::size_t kind = 0; kind < council.size(); ++kind) council[kind] = kind % 2;
  c.budgets = dispatch::fresh_budgets(p.budget, council);
  c.readings.assign(std::min(n, static_cast<std::size_t>(p.predictor.watched)) * static_cast<std::size_t>(p.predictor.readings), 0.0f);
}

/// No readings, where there will be any.
void open_monitor(RegionState& r, const Plan& plan) {
  const auto& p = plan.scenario.monitor;
  if (!p.enabled) return;
  auto& m = r.collaboration.monitor;
  const auto steps = static_cast<std::size_t>(p.readings);
  m.figures.assign(steps * kMonitorFigures, 0.0);
  m.answers.assign(steps * workload::kProblemTypes, 0.0);
}

/// Each agent starts with what its share of the idle servers costs over the endowment period. What that is in a day is
/// taken for its bills until there are any; what it is in a newcomer's time, for its earnings.
void endow(RegionState& r, const Plan& plan) {
  const auto& record = plan.scenario.regions[r.id.value];
  const auto idle_cost = [&](double idle_w, Duration span) {
    economy::PricingParams pricing = plan.scenario.pricing;
    pricing.endowment = span;
    return economy::endowment(pricing, idle_w, record.price_usd_per_kwh);
  };
  for (std::uint64_t local = 0; local < r.agents.size(); ++local) {
    const SiteInfo& site = plan.sites[r.agents.site[local]];
    const double idle_w = site.device.idle_w * site.servers / static_cast<double>(site.agents) * site.pue;
    const AccountId account = r.ledger.open();
    ENSURE(account == agent_account(local));
    r.ledger.mint(account, idle_cost(idle_w, plan.scenario.pricing.endowment), Posting::endowment);
    auto& c = r.credit;
    if (!c.bills_per_day.empty()) c.bills_per_day[local] = idle_cost(idle_w, {kSecondsPerDay}).value;
    if (!c.earned_lately.empty())
      c.earned_lately[local] = idle_cost(idle_w, plan.scenario.lending.newcomer_credit).value;
  }
  r.ledger.clear_journal();
}

/// The region's part of the justice fund can pay the discounts that are expected for a while.
void endow_fund(RegionState& r, const Plan& plan) {
  const double grants_usd_per_s = plan.regions[r.id.value].grants_usd_per_s;
  r.ledger.mint(kFundAccount, micro_tkn_from_usd(grants_usd_per_s * plan.scenario.fund.endowment.seconds), Posting::endowment);
  r.entitlement = grants_usd_per_s * plan.step_s * kMicroTknPerUsd;
  r.totals.fund_at_start_usd = usd(r.ledger.balance(kFundAccount));
  r.ledger.clear_journal();
}

/// Batteries are empty. Until a site has been metered it is expected to idle.
void open_supply(RegionState& r, const Plan& plan) {
  const RegionInfo& info = plan.regions[r.id.value];
  SupplyColumns& s = r.energy.supply;
  s.level_uj.assign(info.sites, 0);
  s.demand_uj.assign(info.sites, 0);
  for (auto* column : {&s.stored_g, &s.stored_usd, &s.intensity, &s.price, &s.battery_kwh, &s.charge_kwh, &s.discharge_kwh,
                       &s.loss_kwh, &s.battery_intensity, &s.heat_kwh, &s.heat_avoided_g})
    column->assign(info.sites, 0.0);
  s.mode.assign(info.sites, hardware::BatteryMode::hold);
  s.before.assign(info.sites, {});
  s.flow.assign(info.sites, {});
  for (std::uint32_t k = 0; k < info.sites; ++k) {
    const SiteInfo& site = plan.sites[info.first_site + k];
    if (site.battery) s.demand_uj[k] = round_half_even(site.device.idle_w * site.servers * site.pue * plan.step_s * 1e6);
  }
}

/// Energy that a pass over a network's weights is expected to take before any has been measured: that of a request of mean
/// tok counts, all multiplicity.
void open_energy_allowances(RegionState& r, const Plan& plan) {
  if (!plan.scenario.energy.allowance) return;
  const RegionInfo& info = plan.regions[r.id.value];
  const auto lineages = static_cast<std::size_t>(plan.scenario.specialists.lineages);
  auto& e = r.energy;
  for (auto* column : {&e.allowance.spent_uj, &e.allowance.reserved_uj}) column->assign(r.agents.size(), 0);
  for (std::uint32_t k = 0; k < info.sites; ++k) {
    const SiteInfo& site = plan.sites[info.first_site + k];
    for (std::size_t model = 0; model < plan.models.size(); ++model) {
      const StandardRequest& standard = plan.standard[model / lineages];
      const double seconds = site.service[model / lineages].seconds(standard.tok_in, standard.tok_out);
      e.joules_per_pass.push_back(site.device.max_w * seconds * static_cast<double>(plan.multiplicity) / (standard.tok_out + 1.0));
    }
  }
}

/// What servers promise in the steps that are foreseen, where requests are held back.
void open_schedule(RegionState& r, const Plan& plan) {
  if (plan.scenario.schedule.strategy == dispatch::ScheduleStrategy::none) return;
  r.schedule.promised_us.assign(plan.signals.horizon_steps() + std::size_t{1}, 0);
}

void open_sites(RegionState& r, const Plan& plan) {
  const RegionInfo& info = plan.regions[r.id.value];
  SiteColumns& s = r.sites;
  s.load.assign(info.sites, 0.0);
  s.idle_carry_nj.assign(info.sites, 0);
  s.residents.assign(info.sites, 0);
  s.busy_nj.assign(info.sites, 0);
  s.bus_nj.assign(info.sites, 0);
  s.requests_placed.assign(info.sites, 0);
  s.load_state.assign(info.sites, 0);
  for (auto* column : {&s.total_hot, &s.total_idle}) column->assign(info.sites, 0);
  for (auto* column : {&s.grid_kwh, &s.carbon_intensity, &s.carbon_location_g, &s.carbon_market_g, &s.embodied_g,
                       &s.busy_s, &s.idle_s, &s.standby_s, &s.utilisation, &s.queue_s})
    column->assign(info.sites, 0.0);
  std::size_t gangs = 0;
  for (std::uint32_t k = 0; k < info.sites; ++k) gangs += plan.sites[info.first_site + k].gangs;
  r.free_at.assign(gangs, 0.0);
  r.markets.clear_step();
  r.markets.price_usd_per_kilotoken.assign(workload::kProblemTypes, 0.0);
  r.markets.reference.assign(workload::kProblemTypes, 0);
  if (plan.scenario.balance.policy == dispatch::BalancePolicy::min_total_energy) r.markets.asked.assign(workload::kProblemTypes, 0);
  r.bidders.margin.assign(workload::kProblemTypes * kWorthClasses, 0.0);
  r.bidders.momentum.assign(workload::kProblemTypes * kWorthClasses, 0.0);
  r.purposes.clear_step();
  r.purposes.total_in_time.assign(workload::kPurposes, 0);
  r.purposes.total_settled.assign(workload::kPurposes, 0);
  r.answered_cells.assign(kCells, 0);
  r.correct_cells.assign(kCells, 0);
  r.delay_bins.assign(kDelayBins, 0);
}

/// Circuit breakers, all closed, where there are any.
void open_breakers(RegionState& r, const Plan& plan) {
  if (!plan.scenario.faults.breakers) return;
  r.faults.agents = BreakerColumns(r.agents.size());
  r.faults.sites = BreakerColumns(r.sites.residents.size());
}

}  // namespace

World::~World() = default;

World::World(std::shared_ptr<const Plan> shared, std::size_t first, std::size_t count)
    : plan(std::move(shared)),
      first_region(first),
      orders(count, plan->regions.size()),
      outcomes(count, plan->regions.size()),
      put_off(count, plan->regions.size()) {
  for (const ModelInfo& m : plan->models) weights.add(m.base.model, m.base.numerics, m.base.ranges);
  for (std::size_t i = 0; i < count; ++i) regions.emplace_back(RegionId{static_cast<std::uint16_t>(first + i)});
  parallel_each(count, [&](std::size_t i) {
    RegionState& r = regions[i];
    open_sites(r, *plan);
    open_supply(r, *plan);
    place_agents(r, *plan);
    prepare_bidders(r, *plan);
    open_credit(r, *plan);
    open_instruments(r, *plan);
    if (plan->scenario.credits.enabled) r.carbon_credits.price = policy::first_credit_price(plan->scenario.credits);
    open_allowances(r, *plan);
    open_context(r, *plan);
    open_monitor(r, *plan);
    open_energy_allowances(r, *plan);
    open_breakers(r, *plan);
    open_schedule(r, *plan);
    endow(r, *plan);
    endow_fund(r, *plan);
    r.rebuild_derived(*plan);
  });
  for (const RegionState& r : regions)
    for (std::uint32_t model : r.agents.model) weights.retain(ModelId{model});
}

std::vector<std::unique_ptr<World>> make_worlds(const std::shared_ptr<const Plan>& plan, std::size_t shards) {
  const std::size_t regions = plan->regions.size();
  const std::size_t n = shards == 0 ? regions : std::min(shards, regions);
  std::vector<std::unique_ptr<World>> worlds;
  for (std::size_t w = 0; w < n; ++w) {
    const std::size_t first = w * regions / n, last = (w + 1) * regions / n;
    worlds.push_back(std::make_unique<World>(plan, first, last - first));
  }
  return worlds;
}

}  // namespace world
}  // namespace swarm
