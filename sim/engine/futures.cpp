#include "sim/engine/futures.hpp"

#include "sim/engine/market.hpp"
#include "sim/engine/pricing.hpp"
#include "sim/grid/clock.hpp"

namespace swarm {
namespace engine {

using economy::Posting;
using world::RegionState;
using world::World;

void note_sale(const World& w, RegionState& r, const world::Order& order, const policy::Price& price) {
  if (!w.plan->scenario.futures.enabled) return;
  auto& f = r.futures;
  const std::size_t t = order.type;
  const std::int64_t work = order.work > 0 ? order.work : work_of(*w.plan, t, order.tok_in, order.tok_out, order.seats);
  const bool tariff = order.work == 0 && w.plan->scenario.pricing.base == economy::PricingBase::tariff;
  const double tok = order.tok();
  const double carried = tariff ? 0.0 : transfer_usd(*w.plan, RegionId{order.asker}, r.id, tok);
  const std::int64_t here = price.price + price.grant - price.premium - micro_tkn_from_usd(carried).value;
  f.value[t] = (MicroTkn{f.value[t]} + MicroTkn{here}).value;
  f.work[t] = (MicroTkn{f.work[t]} + MicroTkn{work}).value;
}

std::size_t first_position(const RegionState& r, std::size_t type) {
  std::size_t first = 0;
  for (std::size_t t = 0; t < type; ++t) first += 1 + r.agents_of_type[t].size();
  return first;
}

std::vector<std::int64_t> security_of(const RegionState& r) {
  std::vector<std::int64_t> security(r.agents.size(), 0);
  if (r.futures.margin.empty()) return security;
  const std::size_t rows = r.agents.size() + workload::kProblemTypes;
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t)
    for (std::size_t j = 0; j < r.agents_of_type[t].size(); ++j)
      for (std::size_t parity = 0; parity < 2; ++parity)
        security[r.agents_of_type[t][j]] += r.futures.margin[parity * rows + first_position(r, t) + 1 + j];
  return security;
}

bool period_begins(const world::Plan& plan, std::uint32_t step, Duration period) {
  if (step == 0) return false;
  const std::int64_t length = round_half_even(period.seconds);
  return grid::floor_div(plan.utc_of(step), length) != grid::floor_div(plan.utc_of(step - 1), length);
}

void audit_futures(const World& w, const RegionState& r) {
  if (!w.plan->scenario.futures.enabled) return;
  const auto broken = [&](const char* what) {
    throw ModelError(fmt::format("step {}, futures of region {}: {} please report it with the scenario and seed", w.step,
                                 w.plan->regions[r.id.value].name, what));
  };
  const auto& f = r.futures;
  const std::size_t rows = r.agents.size() + workload::kProblemTypes;
  Int128 margins = 0;
  for (std::size_t parity = 0; parity < 2; ++parity)
    for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
      const std::size_t first = parity * rows + first_position(r, t);
      Int128 contracts = 0, basis = 0;
      for (std::size_t i = first; i <= first + r.agents_of_type[t].size(); ++i) {
        contracts += f.contracts[i];
        basis += f.basis[i];
        margins += f.margin[i];
        if (f.margin[i] < 0) broken("a margin is negative (security can be used up, not owed)");
      }
      if (contracts != 0) broken("contracts do not sum to zero (each has a buyer and a seller)");
      if (basis != 0) broken("settled values do not sum to zero (what one gains another loses)");
    }
  const auto total = [&](Posting kind) { return r.ledger.total(kind); };
  const Int128 held = r.ledger.balance(world::kMarginAccount).value;
  if (held != margins) broken("the margin account does not hold the sum of all margins");
  if (held != total(Posting::margin) - total(Posting::margin_return) - total(Posting::variation))
    broken("the margin account does not hold what was posted to it (nothing else may be paid from or to it)");
}

}  // namespace engine
}  // namespace swarm
