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

std::int64_t work_of(const world::Plan& plan, std::size_t type, std::uint32_t tok_in, std::uint32_t tok_out) {
  const double share = plan.baseline.usd(type, tok_in, tok_out) / plan.standard[type].usd;
  return std::max<std::int64_t>(1, round_half_even(share * static_cast<double>(kWorkUnits)));
}

std::int64_t whole_price(Int128 amount) {
  Int128 whole = amount / kWorkUnits;
  const Int128 rest = amount % kWorkUnits, half = kWorkUnits / 2;
  if (rest > half || (rest == half && whole % 2 != 0)) ++whole;
  if (whole > std::numeric_limits<std::int64_t>::max()) integer_overflow("price of a request");
  return static_cast<std::int64_t>(whole);
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
      costs_.push_back({.resources = std::max(0.0, rate.cost_usd_per_s) * service * kMicroTknPerUsd,
                        .carbon = rate.carbon_usd_per_g * footprint * kMicroTknPerUsd,
                        .rebate = info.terms.renewable_per_base * rate.renewable,
                        .seconds = service * site.occupancy_factor / site.gangs});
    }
  }
  share_standard_requests();
  const double step = math::pow(1.0 + plan.scenario.market.price_move, plan.step_s / kSecondsPerHour);
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    const auto reference = static_cast<double>(r.markets.reference[t]);
    low_[t] = reference > 0 ? rounded_down(reference / step) : 0;
    high_[t] = reference > 0 ? std::max(rounded_up(reference * step), r.markets.reference[t] + 1)
                             : static_cast<std::int64_t>(kHighestPrice);
  }
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

std::int64_t MarketView::lot(std::size_t type, std::uint32_t agent) const {
  if (r_.ledger.balance(world::agent_account(agent)) < w_.plan->minimum_balance()) return 0;
  const std::size_t k = r_.agents.site[agent] - w_.plan->regions[r_.id.value].first_site;
  const double spare = std::max(0.0, w_.plan->step_s - r_.scratch.fluid_free_s[k]);
  const auto sellers = static_cast<double>(r_.residents_of_type[type * sites_ + k]);
  return round_half_even(spare * share_[type * sites_ + k] / sellers * static_cast<double>(kWorkUnits));
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
  return std::max(rounded_up(net + c.carbon), low_[type]);
}

void MarketView::enter(Order& order) const {
  const auto& plan = *w_.plan;
  std::size_t j = 0;
  while (plan.sites[order.line[j].site].region != r_.id) ++j;
  const world::OrderLine& line = order.line[j];
  const double tok = static_cast<double>(order.tok_in) + order.tok_out;
  const double service = plan.sites[line.site].service[order.type].seconds(order.tok_in, order.tok_out);
  const policy::Items items = items_of(plan, rates_[line.site], RegionId{order.asker}, service, tok,
                                       static_cast<double>(r_.agents.markup[line.agent]));
  const policy::Price quoted = policy::price_of(items, order.granted != 0);
  order.premium = quoted.premium;
  order.grant = quoted.grant;
}

std::int64_t MarketView::bid(const Order& order) const {
  const std::int64_t held = order.reserved + order.grant - order.premium;
  if (held < 0) return -1;
  return static_cast<std::int64_t>(std::min(Int128{held} * kWorkUnits / order.work, Int128{high_[order.type]}));
}

std::int64_t MarketView::value(const Order& order) const {
  const double gross = order.wtp_usd * kMicroTknPerUsd + static_cast<double>(order.grant - order.premium);
  return rounded_down(gross * static_cast<double>(kWorkUnits) / static_cast<double>(order.work));
}

std::int64_t MarketView::cost_of(std::size_t type, std::uint32_t agent) const {
  const StandardCost& c = cost(type, r_.agents.site[agent] - w_.plan->regions[r_.id.value].first_site);
  return rounded_up(c.resources + c.carbon);
}

std::int64_t after_oversold(RegionState& r, std::uint32_t agent, std::int64_t lot) {
  auto& owed = r.agents.oversold[agent];
  const std::int64_t paid = std::min(owed, lot);
  owed -= paid;
  return lot - paid;
}

void hear(const World& w, RegionState& r, const MarketView& view, std::size_t type, std::uint32_t agent,
          const economy::Heard& heard, bool active) {
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
                       random.block(w.step, id, kFirstTarget + w.round), state);
  r.agents.margin[agent] = state.margin;
  r.agents.momentum[agent] = state.momentum;
}

void UserLearning::hear(const world::Outcome& o) {
  const auto& plan = *w_.plan;
  if (plan.scenario.market.buyers != economy::Bidder::zip || o.market_price == 0) return;
  const auto& bidding = plan.scenario.bidding;
  // What the work costs at the baseline price: the unit of worth, and of ZIP's absolute distances.
  const double baseline = plan.baseline_price(o.type) * static_cast<double>(o.work) / static_cast<double>(kWorkUnits);
  const double worth = std::min(o.wtp_usd * kMicroTknPerUsd, bidding.ceiling * baseline);
  const std::size_t row = world::bidder_row(o.type, worth / baseline);
  const bool lost = o.refusal != world::Refusal::none;
  if (std::exchange(heard_[row][lost], true)) return;
  const Random random(plan.seed, Stream::zip);
  const std::uint64_t id = world::users_as_bidder(r_.id, row);
  economy::ZipState state{r_.bidders.margin[row], r_.bidders.momentum[row]};
  // A bid that found nobody was a shout in vain, also where others traded at less: there was not enough for all.
  economy::Heard heard{economy::Shout::call, true, o.market_price};
  if (lost) heard = {economy::Shout::bid, false, std::max(o.market_price, round_half_even(worth * (1.0 - state.margin)))};
  economy::zip_observe(bidding, economy::zip_traits(bidding, random.block(0, id)),
                       {.side = economy::Side::bid, .limit = worth, .active = lost}, heard,
                       {.ticks_per_unit = 1.0, .reference = baseline}, random.block(w_.step, id, kFirstTarget + lost), state);
  r_.bidders.margin[row] = state.margin;
  r_.bidders.momentum[row] = state.momentum;
}

void count_figures(const World& w, RegionState& r, std::size_t type, const MarketFigures& f) {
  auto& m = r.markets;
  const double usd_per_tick = 1.0 / (kMicroTknPerUsd * static_cast<double>(kWorkUnits));
  if (f.price > 0)
    m.clearing_price_usd[type] = usd({f.price}) / static_cast<double>(w.plan->multiplicity);
  const auto requests = [](Int128 work) { return static_cast<double>(work) / static_cast<double>(kWorkUnits); };
  if (w.round == 0) m.offered[type] = requests(f.offered);
  m.demanded[type] += requests(f.demanded);
  m.volume[type] += requests(f.volume);
  m.surplus_usd[type] += static_cast<double>(f.surplus) * usd_per_tick;
  m.best_surplus_usd[type] += static_cast<double>(f.best_surplus) * usd_per_tick;
}

void move_reference(RegionState& r, const MarketView& view, std::size_t type, std::int64_t price, std::int64_t best_bid,
                    std::int64_t best_ask) {
  auto& reference = r.markets.reference[type];
  if (price > 0)
    reference = price;
  else if (reference > 0 && best_ask >= view.collar_high(type))
    reference = view.collar_high(type);
  else if (reference > 0 && best_bid > 0 && best_bid <= view.collar_low(type))
    reference = std::max<std::int64_t>(1, view.collar_low(type));
}

}  // namespace engine
}  // namespace swarm
