#include "sim/engine/market.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "sim/core/math.hpp"
#include "sim/workload/moments.hpp"

namespace swarm {
namespace engine {
namespace {

using world::Order;
using world::RegionState;
using world::World;

/// Far above every price, and far enough below the limits of 64 bits that price × quantity fits 128.
constexpr double kHighestPrice = 1e18;

/// Draws of ZIP bidders before this one say what they are like.
constexpr std::uint32_t kFirstTarget = 2;

std::int64_t rounded_up(double price) { return static_cast<std::int64_t>(std::ceil(std::clamp(price, 0.0, kHighestPrice))); }
std::int64_t rounded_down(double price) { return static_cast<std::int64_t>(std::floor(std::clamp(price, 0.0, kHighestPrice))); }

}  // namespace

std::int64_t work_of(const world::Plan& plan, std::size_t type, std::uint32_t tok_in, std::uint32_t tok_out,
                     std::uint8_t seats) {
  const double share = seats * plan.baseline.usd(type, tok_in, tok_out) / plan.standard[type].usd;
  return std::max<std::int64_t>(1, round_half_even(share * static_cast<double>(kWorkUnits)));
}

std::int64_t whole_price(Int128 amount) {
  if (amount >= 0 && amount <= std::numeric_limits<std::int64_t>::max()) {  // four times as fast
    const auto narrow = static_cast<std::int64_t>(amount);
    const std::int64_t whole = narrow / kWorkUnits, rest = narrow % kWorkUnits, half = kWorkUnits / 2;
    return whole + (rest > half || (rest == half && whole % 2 != 0) ? 1 : 0);
  }
  Int128 whole = amount / kWorkUnits;
  const Int128 rest = amount % kWorkUnits, half = kWorkUnits / 2;
  if (rest > half || (rest == half && whole % 2 != 0)) ++whole;
  if (whole > std::numeric_limits<std::int64_t>::max()) integer_overflow("price of a request");
  return static_cast<std::int64_t>(whole);
}

void open_markets(const World& w, RegionState& r) {
  const double step = math::pow(1.0 + w.plan->scenario.market.price_move, w.plan->step_s / kSecondsPerHour);
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    const std::int64_t reference = r.markets.reference[t];
    const auto price = static_cast<double>(reference);
    r.scratch.market[t] = {.low = reference > 0 ? rounded_down(price / step) : 0,
                           .high = reference > 0 ? std::max(rounded_up(price * step), reference + 1)
                                                 : static_cast<std::int64_t>(kHighestPrice)};
  }
}

void close_markets(const World& w, RegionState& r) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const bool priceless = w.plan->scenario.demand.willingness == workload::WillingnessKind::unlimited;
  auto& m = r.markets;
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    if (priceless) m.surplus_usd[t] = m.best_surplus_usd[t] = kNone;
    m.efficiency[t] = m.best_surplus_usd[t] > 0 ? m.surplus_usd[t] / m.best_surplus_usd[t] : kNone;
    const world::MarketDay& day = r.scratch.market[t];
    std::int64_t& reference = m.reference[t];
    if (day.work > 0) {
      reference = std::max<std::int64_t>(1, round_half_even(static_cast<double>(day.value) / static_cast<double>(day.work)));
      m.clearing_price_usd[t] = usd({reference}) / static_cast<double>(w.plan->multiplicity);
    } else if (reference > 0 && day.best_bid > 0 && day.best_ask > 0) {
      if (day.best_bid == day.high)  // lowered to it, and yet below all asks
        reference = day.high;
      else if (day.best_ask == day.low)
        reference = std::max<std::int64_t>(1, day.low);
    }
  }
}

MarketView::MarketView(const World& w, const RegionState& r, std::span<const SiteRate> rates)
    : w_(w), r_(r), rates_(rates), sites_(r.pools.size()) {
  const auto& plan = *w.plan;
  const auto& info = plan.regions[r.id.value];
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    for (std::size_t k = 0; k < sites_; ++k) {
      const auto& site = plan.sites[info.first_site + k];
      const SiteRate& rate = rates[info.first_site + k];
      const double service = site.service[t].seconds(plan.standard[t].tok_in, plan.standard[t].tok_out);
      const double footprint = policy::footprint_g(rate.grid_kwh_per_s * service, rate.intensity_g_per_kwh, rate.renewable);
      const double tok = static_cast<double>(plan.standard[t].tok_in) + plan.standard[t].tok_out;
      const double credits = credits_usd(plan, rate, service, tok);
      costs_.push_back({.resources = std::max(0.0, rate.cost_usd_per_s) * service * kMicroTknPerUsd,
                        .carbon = (rate.carbon_usd_per_g * footprint + credits) * kMicroTknPerUsd,
                        .rebate = info.terms.renewable_per_base * rate.renewable,
                        .seconds = service * site.occupancy_factor / site.gangs});
    }
  }
  share_standard_requests();
  for (const double free_s : r.scratch.fluid_free_s) spare_s_.push_back(std::max(0.0, plan.step_s - free_s));
}

/// A site divides its time among the types that live on it so that it can serve them in the mix in which they are asked
/// for.
void MarketView::share_standard_requests() {
  const auto asked = workload::type_shares(w_.plan->scenario.workload);
  share_.assign(costs_.size(), 0.0);
  for (std::size_t k = 0; k < sites_; ++k) {
    double seconds = 0;
    for (std::size_t t = 0; t < asked.size(); ++t)
      if (r_.residents_of_type[t * sites_ + k] > 0) seconds += asked[t] * cost(t, k).seconds;
    for (std::size_t t = 0; t < asked.size(); ++t)
      if (seconds > 0) share_[t * sites_ + k] = asked[t] / seconds;
  }
}

std::int64_t MarketView::site_work(std::size_t type, std::size_t site) const {
  return rounded_down(spare_s_[site] * share_[type * sites_ + site] * static_cast<double>(kWorkUnits));
}

std::int64_t MarketView::quota_work(std::size_t type, std::uint32_t agent) const {
  const auto& book = r_.quota.book;
  const auto& standard = w_.plan->standard[type];
  const double left = static_cast<double>(book.allocated[agent] - book.used[agent] - book.reserved[agent]);
  const double tok = static_cast<double>(standard.tok_in) + standard.tok_out;
  return rounded_down(std::max(0.0, left) / std::max(tok, 1.0) * static_cast<double>(kWorkUnits));
}

std::int64_t MarketView::lot(std::size_t type, std::uint32_t agent) const {
  if (r_.ledger.balance(world::agent_account(agent)) < w_.plan->minimum_balance()) return 0;
  const std::size_t k = r_.agents.site[agent] - w_.plan->regions[r_.id.value].first_site;
  std::int64_t work = site_work(type, k) / static_cast<std::int64_t>(r_.residents_of_type[type * sites_ + k]);
  if (const auto& v = r_.scratch.faults; !v.agent_gate.empty()) {  // what is being probed sells no more than its probes
    if (v.agent_gate[agent] < world::FaultView::kOpenGate) work = std::min(work, v.agent_gate[agent] * kWorkUnits);
    const auto residents = static_cast<std::int64_t>(r_.residents_of_type[type * sites_ + k]);
    if (v.site_gate[k] < world::FaultView::kOpenGate) work = std::min(work, v.site_gate[k] * kWorkUnits / residents);
  }
  return w_.plan->scenario.quota.enabled ? std::min(work, quota_work(type, agent)) : work;
}

std::int64_t MarketView::ask(std::size_t type, std::uint32_t agent, std::uint32_t round) const {
  const auto& plan = *w_.plan;
  const auto& market = plan.scenario.market;
  const StandardCost& c = cost(type, r_.agents.site[agent] - plan.regions[r_.id.value].first_site);
  economy::BidTerms terms{.limit = c.resources, .ceiling = plan.price_ceiling(type)};
  if (draws(market.sellers)) terms.draw = Random(plan.seed, Stream::ask).block(w_.step, AgentId(r_.id, agent).packed, round);
  terms.margin = market.sellers == economy::Bidder::zip ? r_.agents.margin[agent]
                                                        : static_cast<double>(r_.agents.markup[agent]);
  const double asked = economy::name_price(market.sellers, economy::Side::ask, terms);
  // What a rebate takes from a seller it may not take below cost; one that bids at random does not know its cost.
  const double net = market.sellers == economy::Bidder::zi_unconstrained
                         ? asked
                         : std::max(c.resources, asked * (1.0 - c.rebate));
  return std::max(rounded_up(net + c.carbon), r_.scratch.market[type].low);
}

void MarketView::enter(Order& order) const {
  const auto& plan = *w_.plan;
  const double tok = order.tok();
  const double transfer = transfer_usd(plan, RegionId{order.asker}, r_.id, tok);
  order.transfer = micro_tkn_from_usd(transfer).value;
  order.premium = order.grant = 0;
  const policy::RegionTerms& terms = plan.regions[order.asker].terms;
  if (terms.justice_per_base == 0 && terms.justice_usd_per_tok == 0) return;
  std::size_t j = 0;
  while (plan.sites[order.line[j].site].region != r_.id) ++j;
  const world::OrderLine& line = order.line[j];
  const double service = plan.sites[line.site].seconds(order);
  const policy::Items items = items_of(plan, rates_[line.site], RegionId{order.asker}, service, tok,
                                       static_cast<double>(r_.agents.markup[line.agent]), transfer);
  const policy::Price quoted = policy::price_of(items, order.granted != 0);
  order.premium = quoted.premium;
  order.grant = quoted.grant;
}

std::int64_t MarketView::bid(std::size_t type, std::int64_t held, std::int64_t work) const {
  constexpr std::int64_t kOneWord = std::numeric_limits<std::int64_t>::max() / kWorkUnits;
  const std::int64_t high = r_.scratch.market[type].high;
  if (held < 0) return -1;
  if (held <= kOneWord) return std::min(held * kWorkUnits / work, high);  // four times as fast
  return static_cast<std::int64_t>(std::min(Int128{held} * kWorkUnits / work, Int128{high}));
}

std::int64_t MarketView::value(double wtp_usd, std::int64_t on_top, std::int64_t work) {
  const double gross = wtp_usd * kMicroTknPerUsd - static_cast<double>(on_top);
  return rounded_down(gross * static_cast<double>(kWorkUnits) / static_cast<double>(work));
}

std::int64_t MarketView::cost_of(std::size_t type, std::uint32_t agent) const {
  const StandardCost& c = cost(type, r_.agents.site[agent] - w_.plan->regions[r_.id.value].first_site);
  return rounded_up(c.resources + c.carbon);
}

void hear(const World& w, RegionState& r, const MarketView& view, std::size_t type, std::uint32_t agent,
          const economy::Heard& heard, bool active, std::uint32_t draw) {
  if (w.plan->scenario.market.sellers != economy::Bidder::zip) return;
  const auto& bidding = w.plan->scenario.bidding;
  const Random random(w.plan->seed, Stream::zip);
  const std::uint64_t id = AgentId(r.id, agent).packed;
  const StandardCost& cost = view.cost(type, r.agents.site[agent] - w.plan->regions[r.id.value].first_site);
  const auto carbon = static_cast<std::int64_t>(cost.carbon);  // what its price is without it, is the seller's
  economy::ZipState state{r.agents.margin[agent], r.agents.momentum[agent]};
  economy::zip_observe(bidding, economy::zip_traits(bidding, random.block(0, id)),
                       {.side = economy::Side::ask, .limit = cost.resources, .active = active},
                       {heard.shout, heard.accepted, std::max<std::int64_t>(0, heard.ticks - carbon)},
                       {.ticks_per_unit = 1.0, .reference = w.plan->baseline_price(type)},
                       random.block(w.step, id, kFirstTarget + draw), state);
  r.agents.margin[agent] = state.margin;
  r.agents.momentum[agent] = state.momentum;
}

void UserLearning::note(const world::Outcome& o) {
  const auto& plan = *w_.plan;
  if (plan.scenario.market.buyers != economy::Bidder::zip || o.market_price == 0) return;
  // What the work costs at the baseline price: the unit of worth, and of ZIP's absolute distances.
  const double baseline = plan.baseline_price(o.type) * static_cast<double>(o.work) / static_cast<double>(kWorkUnits);
  const double worth = std::min(o.wtp_usd * kMicroTknPerUsd, plan.scenario.bidding.ceiling * baseline);
  const bool lost = o.refusal != world::Refusal::none;
  if (worth < static_cast<double>(o.market_price)) return;
  Marginal& marginal = marginal_[world::bidder_row(o.type, worth / baseline)];
  if (marginal.known && worth / baseline >= marginal.worth / marginal.baseline) return;
  marginal = {.known = true, .lost = lost, .worth = worth, .baseline = baseline, .price = o.market_price};
}

void UserLearning::learn() {
  const auto& bidding = w_.plan->scenario.bidding;
  const Random random(w_.plan->seed, Stream::zip);
  for (std::size_t row = 0; row < marginal_.size(); ++row) {
    const Marginal& m = marginal_[row];
    if (!m.known) continue;
    const std::uint64_t id = world::users_as_bidder(r_.id, row);
    economy::ZipState state{r_.bidders.margin[row], r_.bidders.momentum[row]};
    // A bid that found nobody was a shout in vain, also where others traded at less: there was not enough for all.
    economy::Heard heard{economy::Shout::call, true, m.price};
    if (m.lost)
      heard = {economy::Shout::bid, false, std::max(m.price, round_half_even(m.worth * (1.0 - state.margin)))};
    economy::zip_observe(bidding, economy::zip_traits(bidding, random.block(0, id)),
                         {.side = economy::Side::bid, .limit = m.worth, .active = m.lost}, heard,
                         {.ticks_per_unit = 1.0, .reference = m.baseline}, random.block(w_.step, id, kFirstTarget), state);
    r_.bidders.margin[row] = state.margin;
    r_.bidders.momentum[row] = state.momentum;
  }
}

void count_figures(const World& w, RegionState& r, std::size_t type, const MarketFigures& f) {
  auto& m = r.markets;
  const double usd_per_tick = 1.0 / (kMicroTknPerUsd * static_cast<double>(kWorkUnits));
  const auto requests = [](Int128 work) { return static_cast<double>(work) / static_cast<double>(kWorkUnits); };
  if (w.round == 0) m.offered[type] = requests(f.offered);
  m.demanded[type] += requests(f.demanded);
  m.volume[type] += requests(f.volume);
  m.surplus_usd[type] += static_cast<double>(f.surplus) * usd_per_tick;
  m.best_surplus_usd[type] += static_cast<double>(f.best_surplus) * usd_per_tick;
  r.scratch.market[type].value += f.paid;
  r.scratch.market[type].work += f.volume;
}

void count_limits(RegionState& r, std::size_t type, std::int64_t best_bid, std::int64_t best_ask) {
  world::MarketDay& day = r.scratch.market[type];
  day.best_bid = std::max(day.best_bid, best_bid);
  if (best_ask > 0) day.best_ask = day.best_ask == 0 ? best_ask : std::min(day.best_ask, best_ask);
}

}  // namespace engine
}  // namespace swarm
