#include "sim/engine/quotas.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "sim/economy/apportion.hpp"
#include "sim/economy/token_budget.hpp"
#include "sim/engine/markets.hpp"
#include "sim/engine/quota_trade.hpp"

namespace swarm {
namespace engine {
namespace {

using world::Order;
using world::OrderLine;
using world::RegionState;
using world::World;

/// The day's quota without bonuses: together with them no more than the region's pool, and to each specialist
/// as much as its part of its site's servers could serve.
std::vector<std::int64_t> base_quotas(const world::Plan& plan, const RegionState& r) {
  constexpr double kMost = 4e18;
  const auto& params = plan.scenario.quota;
  const auto& info = plan.regions[r.id.value];
  double pool = 0;
  for (std::uint32_t k = info.first_site; k < info.first_site + info.sites; ++k)
    if (plan.sites[k].agents > 0) pool += params.capacity_share * plan.sites[k].tok_per_day;
  std::vector<double> weight;
  for (const std::uint32_t k : r.agents.site)
    weight.push_back(plan.sites[k].tok_per_day / static_cast<double>(plan.sites[k].agents));
  std::vector<std::int64_t> base(weight.size());
  const double without_bonuses = std::min(kMost, std::floor(pool / (1.0 + params.pool_share)));
  economy::apportion({static_cast<std::int64_t>(without_bonuses)}, weight, base);
  return base;
}

/// Part of its answers that is expected to be correct, by what is known before the step's.
double expected_quality(const World& w, const RegionState& r, std::uint32_t agent) {
  const double prior = w.plan->scenario.quota.prior_answers;
  const double base = w.plan->models[r.agents.model[agent]].base.test_accuracy;
  return (prior * base + r.agents.correct[agent]) / (prior + r.agents.answered[agent]);
}

std::int64_t sum(const std::vector<std::int64_t>& column) {
  return std::accumulate(column.begin(), column.end(), std::int64_t{0});
}

/// The step's figures of the region's quotas and of what the day's token budget has come to.
void record_quotas(RegionState& r) {
  const auto& book = r.quota.book;
  auto& s = r.step;
  s.quota_allocated_tok = sum(book.allocated);
  s.quota_used_tok = sum(book.used);
  s.quota_reserved_tok = sum(book.reserved);
  const auto used = static_cast<double>(s.quota_used_tok);
  const economy::BudgetUse budget{.usage = used,
                                  .quality = used > 0 ? static_cast<double>(r.quota.correct_tok) / used : 0.0,
                                  .collaboration = 0};  // what councils gain is in the quality already
  s.token_budget_value_tok = economy::market_value(budget);
  s.token_budget_return = economy::return_on_budget(budget);
}

[[noreturn]] void broken(const World& w, const RegionState& r, const std::string& what) {
  throw ModelError(fmt::format("step {}, quotas of region {}: {} please report it with the scenario and seed",
                               w.step, w.plan->regions[r.id.value].name, what));
}

}  // namespace

void allot_quotas(const World& w, RegionState& r) {
  const auto& params = w.plan->scenario.quota;
  r.step.quota_price_usd_per_kilotoken = std::numeric_limits<double>::quiet_NaN();
  if (!params.enabled) return;
  if (!w.plan->begins_day(w.step)) return;
  std::vector<std::int64_t> need = r.quota.book.used;
  for (std::size_t i = 0; i < need.size(); ++i) need[i] += std::exchange(r.quota.missed[i], 0);
  economy::QuotaBook book(params, std::move(r.quota.book));
  r.step.quota_bonus_tok = book.new_day(base_quotas(*w.plan, r)).bonus;
  trade_quota(w, r, need, book);
  r.quota.book = book.release();
  r.quota.correct_tok = 0;
}

QuotaDesk::QuotaDesk(const World& w, RegionState& r) : r_(r) {
  const auto& params = w.plan->scenario.quota;
  if (!params.enabled) return;
  const auto& info = w.plan->regions[r.id.value];
  first_site_ = info.first_site;
  sites_ = info.sites;
  too_much_.assign(workload::kProblemTypes * sites_, std::numeric_limits<std::int64_t>::max());
  book_.emplace(params, std::move(r.quota.book));
}

QuotaDesk::~QuotaDesk() {
  if (book_) r_.quota.book = book_->release();
}

void QuotaDesk::release(const Order& order, const OrderLine& line) {
  if (book_) book_->release(line.agent, order.tok());
}

bool QuotaDesk::find(const Order& order, OrderLine& line, const FaultDesk& faults) {
  const std::int64_t tok = order.tok();
  if (book_->reserve(line.agent, tok)) return true;
  r_.quota.missed[line.agent] += tok;
  std::int64_t& too_much = too_much_[order.type * sites_ + (line.site - first_site_)];
  if (tok >= too_much) return false;  // quota only shrinks while requests are placed
  bool skipped = false;
  const bool found = turn_to_resident(r_, order.type, line.site, line.agent, [&](std::uint32_t agent) {
    if (!faults.may_ask(agent)) {
      skipped = true;
      return false;
    }
    if (!book_->reserve(agent, tok)) return false;
    line.agent = agent;
    ++r_.step.quota_turned;
    return true;
  });
  if (!found && !skipped) too_much = tok;
  return found;
}

void refuse_for_quota(World& w, RegionState& r, const Order& order) {
  --r.markets.orders_admitted[order.type];
  refuse(w, r, order, world::Refusal::quota,
         0);  // no price: its users learn nothing of what a market would take
}

void use_quotas(const World& w, RegionState& r) {
  const auto& params = w.plan->scenario.quota;
  if (!params.enabled) return;
  economy::QuotaBook book(params, std::move(r.quota.book));
  const auto& f = r.flights;
  std::int64_t used = 0, correct = 0;
  for (std::size_t k = 0; k < f.size(); ++k) {
    if (!r.scratch.landed[k]) continue;
    if (f.lost[k] != 0) {
      book.release(f.agent[k], f.tok[k]);
      continue;
    }
    book.commit(f.agent[k], f.tok[k], f.tok[k], expected_quality(w, r, f.agent[k]));
    used += f.tok[k];
    correct += f.correct[k] != 0 ? std::int64_t{f.tok[k]} : 0;
  }
  r.quota.book = book.release();
  r.quota.correct_tok += correct;
  record_quotas(r);
  if (r.step.in_warmup) return;
  r.totals.quota_used_tok += static_cast<double>(used);
  r.totals.quota_correct_tok += static_cast<double>(correct);
}

void audit_quotas(const World& w, const RegionState& r) {
  if (!w.plan->scenario.quota.enabled) return;
  const auto& book = r.quota.book;
  std::vector<std::int64_t> in_flight(r.agents.size(), 0);
  for (std::size_t k = 0; k < r.flights.size(); ++k) in_flight[r.flights.agent[k]] += r.flights.tok[k];
  for (std::size_t i = 0; i < in_flight.size(); ++i) {
    if (book.reserved[i] != in_flight[i]) broken(w, r, "what is reserved is not what flights will use");
    if (book.used[i] < 0 || book.carried[i] < 0 || book.carried[i] > book.reserved[i] ||
        book.offered[i] != 0 || book.used[i] + book.reserved[i] > book.allocated[i])
      broken(w, r, "a specialist has used or reserved more than it was given");
  }
}

}  // namespace engine
}  // namespace swarm
