#include "sim/engine/quota_trade.hpp"

#include <algorithm>
#include <limits>

#include "sim/economy/call_auction.hpp"

namespace swarm {
namespace engine {
namespace {

using economy::LimitOrder;
using world::RegionState;
using world::World;

constexpr std::int64_t kKilo = 1000;

/// One side of the auction; row = order.
struct Side {
  std::vector<LimitOrder> orders;
  std::vector<std::uint32_t> agents;
  std::vector<std::int64_t> filled;
  void add(std::uint32_t agent, std::int64_t price, std::int64_t quantity) {
    if (price <= 0 || quantity <= 0) return;
    orders.push_back({price, quantity});
    agents.push_back(agent);
    filled.push_back(0);
  }
};

/// What serving 1,000 tok leaves a specialist above its cost, at the baseline price and its own markup
/// [µTKN].
double gain_per_kilotok(const world::Plan& plan, const RegionState& r, std::uint32_t agent) {
  const std::size_t type = r.agents.type[agent];
  const double tok = static_cast<double>(plan.standard[type].tok_in) + plan.standard[type].tok_out;
  const auto markup = static_cast<double>(r.agents.markup[agent]);
  return tok > 0 ? plan.baseline_price(type) * static_cast<double>(kKilo) / tok * markup / (1.0 + markup)
                 : 0.0;
}

/// Money that a specialist can spend [µTKN]: not what it owes, nor what it must own to sell.
std::int64_t spare_money(const World& w, const RegionState& r, std::uint32_t agent) {
  const std::int64_t kept = r.agents.arrears[agent] + w.plan->minimum_balance().value;
  return std::max<std::int64_t>(0, r.ledger.balance(world::agent_account(agent)).value - kept);
}

/// Most tok that so much money buys.
std::int64_t affordable(std::int64_t money, std::int64_t price) {
  const Int128 tok = Int128{money} * kKilo / price;
  return static_cast<std::int64_t>(std::min<Int128>(tok, std::numeric_limits<std::int64_t>::max()));
}

/// Moves quota and money from hand to hand, in order of specialists on both sides; what is below 1 µTKN is
/// not charged.
void settle(const World& w, RegionState& r, const Side& buyers, const Side& sellers, std::int64_t price,
            economy::QuotaBook& book) {
  std::int64_t paid = 0, moved = 0;
  std::size_t b = 0;
  std::int64_t wanted = buyers.filled.empty() ? 0 : buyers.filled[0];
  for (std::size_t s = 0; s < sellers.filled.size(); ++s) {
    std::int64_t left = sellers.filled[s];
    bool moves = book.offer(sellers.agents[s], left);
    while (left > 0) {
      while (wanted == 0) wanted = buyers.filled[++b];
      const std::int64_t tok = std::min(left, wanted);
      const MicroTkn money{static_cast<std::int64_t>(Int128{price} * tok / kKilo)};
      moves = moves && book.transfer(sellers.agents[s], buyers.agents[b], tok) &&
              r.ledger.transfer(world::agent_account(buyers.agents[b]),
                                world::agent_account(sellers.agents[s]), money, economy::Posting::quota_sale);
      if (!moves)
        throw ModelError(
            fmt::format("step {}: {} tok of quota were sold and cannot change hands (they were offered, and "
                        "paid for within the buyer's wallet) please report it with the scenario and seed",
                        w.step, tok));
      paid += money.value;
      moved += tok;
      left -= tok;
      wanted -= tok;
    }
  }
  r.step.quota_traded_tok = moved;
  r.step.quota_spend_usd = usd({paid});
  r.step.quota_price_usd_per_kilotoken = usd({price}) / static_cast<double>(w.plan->multiplicity);
}

}  // namespace

void trade_quota(const World& w, RegionState& r, std::span<const std::int64_t> need,
                 economy::QuotaBook& book) {
  const auto& s = w.plan->scenario;
  Side buyers, sellers;
  for (std::uint32_t i = 0; i < need.size(); ++i) {
    const double gain = gain_per_kilotok(*w.plan, r, i);
    const std::int64_t spare = book.available(i) - need[i];
    if (spare > 0) {
      const std::int64_t ask = std::max<std::int64_t>(1, round_half_even(s.quota.ask_share * gain));
      sellers.add(i, ask, std::min(spare, book.columns().tradeable[i]));
    } else if (const std::int64_t bid = round_half_even(gain); bid > 0) {
      buyers.add(i, bid, std::min(-spare, affordable(spare_money(w, r, i), bid)));
    }
  }
  economy::CallScratch scratch;
  const economy::Clearing clearing = economy::clear_uniform(
      buyers.orders, sellers.orders, s.market.price_share, buyers.filled, sellers.filled, scratch);
  if (clearing.traded) settle(w, r, buyers, sellers, clearing.price, book);
}

}  // namespace engine
}  // namespace swarm
