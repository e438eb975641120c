#include "sim/engine/decisions.hpp"

#include <algorithm>
#include <limits>

namespace swarm {
namespace engine {

using world::RegionState;
using world::World;

std::vector<std::size_t> sample_decisions(const World& w, const RegionState& r) {
  std::vector<std::size_t> rows;
  const auto n = static_cast<std::uint32_t>(r.scratch.quoted.size());
  if (n == 0 || w.step % w.plan->decision_stride != 0) return rows;
  const Random random(w.plan->seed, Stream::decision_sample);
  const auto wanted = std::min<std::uint64_t>(n, static_cast<std::uint64_t>(w.plan->scenario.record.decisions));
  for (std::uint64_t j = wanted; j-- > 0;) {
    const std::uint64_t first = j * n / wanted, last = (j + 1) * n / wanted;
    const RandomBlock draw = random.block(w.step, r.id.value, static_cast<std::uint32_t>(j));
    rows.push_back(first + uniform_below(draw[0], static_cast<std::uint32_t>(last - first)));
  }
  return rows;
}

void record_decision(const Quoter& quoter, RegionState& r, std::size_t row, world::Refusal refusal) {
  const auto& q = r.scratch.requests;
  const World& w = quoter.world();
  const world::Order& order = r.scratch.quoted[row];
  const Quoter::Deciding best = quoter.deciding_quote(r, row);
  const double m = static_cast<double>(w.plan->multiplicity);
  const double none = std::numeric_limits<double>::quiet_NaN();
  const bool quoted = best.listing != nullptr;
  const auto money = [&](double usd) { return quoted ? usd / m : none; };
  const double justice = order.granted != 0 ? best.items.justice : std::max(0.0, best.items.justice);
  auto& d = r.decisions;
  d.region.push_back(r.id.value);
  d.sequence.push_back(order.sequence);
  d.site.push_back(quoted ? best.listing->offer.site : std::numeric_limits<std::uint32_t>::max());
  d.tok_in.push_back(order.tok_in);
  d.tok_out.push_back(order.tok_out);
  d.arrival_s.push_back(w.plan->step_s * order.arrival_step + order.offset_s);
  d.base_usd.push_back(money(best.items.base));
  d.carbon_usd.push_back(money(best.items.carbon));
  d.justice_usd.push_back(money(justice));
  d.renewable_usd.push_back(money(best.items.renewable));
  d.credit_usd.push_back(money(best.items.credit));
  d.total_usd.push_back(money(std::max(0.0, best.items.sum() - best.items.justice + justice)));
  d.wtp_usd.push_back(order.wtp_usd / m);
  d.footprint_g.push_back(money(best.footprint_g));
  d.priority.push_back(static_cast<double>(order.priority) *
                       (quoted ? policy::renewable_priority(w.plan->scenario.policy,
                                                            w.plan->sites[best.listing->offer.site].contracted_renewable)
                               : 1.0));
  d.deadline_s.push_back(static_cast<double>(order.deadline_s + order.slack_s));
  d.expected_delay_s.push_back(quoted ? best.expected_delay_s : none);
  d.purpose.push_back(order.purpose);
  d.type.push_back(order.type);
  d.urgent.push_back(q.urgent[row]);
  d.seats.push_back(order.seats);
  d.granted.push_back(order.granted);
  d.outcome.push_back(static_cast<std::uint8_t>(refusal));
}

}  // namespace engine
}  // namespace swarm
