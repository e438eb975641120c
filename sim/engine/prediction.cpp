#include "sim/engine/prediction.hpp"

#include <algorithm>
#include <numeric>

namespace swarm {
namespace engine {

using economy::Posting;
using world::RegionState;
using world::World;

economy::ScoringRule scoring_rule(const world::Plan& plan) {
  const auto& p = plan.scenario.prediction;
  return {static_cast<std::size_t>(p.bins), p.liquidity, {p.payout_utkn}};
}

MicroTkn makers_reserves(const World& w, const RegionState& r) {
  const auto& open = r.prediction.open;
  const std::int64_t markets = std::accumulate(open.begin(), open.end(), std::int64_t{0});
  return markets == 0 ? MicroTkn{} : scoring_rule(*w.plan).worst_loss() * markets;
}

void audit_predictions(const World& w, const RegionState& r) {
  const auto& params = w.plan->scenario.prediction;
  if (!params.enabled) return;
  const auto broken = [&](const char* what) {
    throw ModelError(fmt::format("step {}, prediction markets of region {}: {} please report it with the scenario and seed",
                                 w.step, w.plan->regions[r.id.value].name, what));
  };
  const auto& p = r.prediction;
  const auto n = static_cast<std::size_t>(params.bins), traders = static_cast<std::size_t>(params.traders);
  Int128 all = 0;
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    const Int128 held = r.ledger.balance(world::maker_account(t)).value;
    all += held;
    std::int64_t most = 0;
    for (std::size_t k = 0; k < n; ++k) {
      const std::int64_t shares = p.outstanding[t * n + k];
      Int128 owned = 0;
      for (std::size_t j = 0; j < traders; ++j) owned += p.held[(t * traders + j) * n + k];
      if (owned != shares) broken("traders do not hold the shares that are outstanding");
      most = std::max(most, shares);
    }
    if (Int128{most} * params.payout_utkn > held) broken("a maker could not pay if the likeliest outcome came about");
    if (p.open[t] == 0 && (held != 0 || most != 0)) broken("a market that is settled has money or shares left");
  }
  if (all != r.ledger.total(Posting::stake) - r.ledger.total(Posting::payout))
    broken("makers do not hold what was posted to them (nothing else may be paid from or to them)");
}

}  // namespace engine
}  // namespace swarm
