#include <algorithm>
#include <limits>

#include "sim/core/parallel.hpp"
#include "sim/engine/decisions.hpp"
#include "sim/engine/permits.hpp"
#include "sim/engine/phases.hpp"
#include "sim/engine/quoter.hpp"

namespace swarm {
namespace engine {
namespace {

using economy::Posting;
using world::Order;
using world::Refusal;
using world::RegionState;
using world::World;

/// Leaves only the lines that users can still pay and are willing to pay; why there are none.
Refusal keep_affordable(const RegionState& r, Order& order) {
  const std::int64_t budget = r.ledger.balance(world::kUsersAccount).value;
  std::uint8_t kept = 0;
  bool worth_it = false;
  for (std::uint8_t j = 0; j < order.lines; ++j) {
    if (usd({order.line[j].price}) > order.wtp_usd) continue;
    worth_it = true;
    if (order.line[j].price <= budget) order.line[kept++] = order.line[j];
  }
  order.lines = kept;
  if (kept > 0) return Refusal::none;
  return worth_it ? Refusal::budget : Refusal::price;
}

std::int64_t largest_grant(const Order& order) {
  std::int64_t grant = 0;
  for (std::uint8_t j = 0; j < order.lines; ++j) grant = std::max(grant, order.line[j].grant);
  return grant;
}

/// Moves a discount from the region's part of the fund into escrow; false if there is not enough of it.
bool reserve_grant(const World& w, RegionState& r, MicroTkn grant) {
  if (const MicroTkn missing = grant - r.ledger.balance(world::kFundAccount); missing.value > 0) {
    ++r.step.grants_beyond_fund;
    if (w.plan->scenario.fund.revenue_neutral) return false;
    r.ledger.mint(world::kFundAccount, missing, Posting::deficit);
    r.step.fund_deficit_usd += usd(missing);
  }
  r.ledger.transfer(world::kFundAccount, world::kEscrowAccount, grant, Posting::grant);
  r.grants_reserved += grant.value;
  return true;
}

/// Sets the discount aside, or does without it where the fund cannot grant it: every line is dearer by it then.
void reserve_discount(const World& w, RegionState& r, Order& order, std::int64_t& entitled) {
  const std::int64_t grant = largest_grant(order);
  if (grant == 0) return;
  entitled += grant;
  if (reserve_grant(w, r, {grant})) {
    order.reserved_grant = grant;
  } else {
    order.granted = 0;
    for (std::uint8_t j = 0; j < order.lines; ++j) order.line[j].price += std::exchange(order.line[j].grant, 0);
  }
}

/// Moves what the users bid, as far as they have it, into escrow.
Refusal reserve_bid(const World& w, RegionState& r, Order& order, std::int64_t& entitled) {
  if (order.reserved == 0) return Refusal::price;
  order.reserved = std::min(order.reserved, r.ledger.balance(world::kUsersAccount).value);
  if (order.reserved == 0) return Refusal::budget;
  reserve_discount(w, r, order, entitled);
  r.ledger.transfer(world::kUsersAccount, world::kEscrowAccount, {order.reserved}, Posting::escrow);
  return Refusal::none;
}

/// Moves the dearest line the users can and will pay into escrow, and its discount. Where the fund cannot grant that,
/// every line is dearer by it. Adds to `entitled` what the request was entitled to.
Refusal reserve(const World& w, RegionState& r, Order& order, std::int64_t& entitled) {
  Refusal refusal = keep_affordable(r, order);
  if (refusal != Refusal::none) return refusal;
  reserve_discount(w, r, order, entitled);
  if (order.granted == 0)
    if (refusal = keep_affordable(r, order); refusal != Refusal::none) return refusal;
  for (std::uint8_t j = 0; j < order.lines; ++j) order.reserved = std::max(order.reserved, order.line[j].price);
  r.ledger.transfer(world::kUsersAccount, world::kEscrowAccount, {order.reserved}, Posting::escrow);
  return Refusal::none;
}

void count_refusal(RegionState& r, const Order& order, Refusal refusal) {
  ++r.step.requests_rejected;
  ++r.purposes.requests_rejected[order.purpose];
  r.step.emergency_rejected += order.emergency;
  ++(refusal == Refusal::price       ? r.step.rejected_price
     : refusal == Refusal::budget    ? r.step.rejected_budget
     : refusal == Refusal::deadline  ? r.step.rejected_deadline
     : refusal == Refusal::carbon    ? r.step.rejected_carbon
     : refusal == Refusal::residency ? r.step.rejected_residency
                                     : r.step.rejected_capacity);
}

/// What migration will divide in the next step; nothing where there is none.
void note_demand(RegionState& r) {
  auto& asked = r.markets.asked;
  if (asked.empty()) return;
  std::fill(asked.begin(), asked.end(), 0);
  for (std::size_t k = 0; k < r.scratch.seats.size(); ++k)
    asked[static_cast<std::size_t>(r.scratch.requests.type[k])] += r.scratch.seats[k];
}

/// In order of arrival: budgets and the fund are spent, orders mailed, refusals counted.
void commit(World& w, RegionState& r, const Quoter& quoter) {
  double price_sum = 0;
  std::size_t quoted = 0;
  std::int64_t entitled = 0;
  const bool capped = w.plan->under_cap();
  if (capped) r.permits.demand = {};
  const bool posted = w.plan->scenario.market.mechanism == economy::Mechanism::posted;
  auto sampled = sample_decisions(w, r);
  for (std::size_t k = 0; k < r.scratch.quoted.size(); ++k) {
    Order& order = r.scratch.quoted[k];
    Refusal refusal = r.scratch.quote_refusal[k];
    r.step.quotes += r.scratch.quotes[k];
    r.step.quotes_withdrawn += r.scratch.quotes_withdrawn[k];
    if (r.scratch.quotes[k] > 0) {
      price_sum += static_cast<double>(r.scratch.quote_price[k]);
      ++quoted;
    }
    if (refusal == Refusal::none && !permits_suffice(w, r, order)) refusal = Refusal::carbon;
    if (refusal == Refusal::none)
      refusal = posted ? reserve(w, r, order, entitled) : reserve_bid(w, r, order, entitled);
    if (!sampled.empty() && sampled.back() == k) {
      sampled.pop_back();
      record_decision(quoter, r, k, refusal);
    }
    if (capped) count_permit_demand(r, k, refusal);
    if (refusal == Refusal::none) {
      r.council.step.declined += order.seats < r.scratch.seats[k];
      reserve_permits(r, order);
      const RegionId to = w.plan->sites[order.line[0].site].region;
      w.orders.from_to(r.id.value - w.first_region, to.value).push_back(order);
    } else {
      count_refusal(r, order, refusal);
    }
  }
  r.turns += static_cast<std::uint32_t>(r.scratch.quoted.size());
  note_demand(r);
  r.step.price_usd_per_kilotoken =
      quoted > 0 ? price_sum / static_cast<double>(quoted) : std::numeric_limits<double>::quiet_NaN();
  r.entitlement = static_cast<double>(entitled) + (r.entitlement - static_cast<double>(entitled)) * w.plan->fund_forget;
}

}  // namespace

void quote(World& w) {
  const Quoter quoter(w);
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    const std::size_t n = r.scratch.requests.size();
    r.scratch.quoted.resize(n);
    r.scratch.quote_refusal.resize(n);
    r.scratch.quote_price.resize(n);
    r.scratch.quotes.resize(n);
    r.scratch.permit_demand.resize(n);
    r.scratch.quotes_withdrawn.resize(n);
    quoter.direct(r);
    parallel_blocks(n, kBlockRows, [&](std::size_t begin, std::size_t end) { quoter.quote_rows(r, begin, end); });
    commit(w, r, quoter);
  });
}

}  // namespace engine
}  // namespace swarm
