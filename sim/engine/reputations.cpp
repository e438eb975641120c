#include "sim/engine/reputations.hpp"

#include <algorithm>
#include <cmath>

#include "sim/economy/apportion.hpp"
#include "sim/engine/answers.hpp"
#include "sim/engine/council.hpp"

namespace swarm {
namespace engine {
namespace {

using economy::Aspect;
using economy::Reputation;
using world::RegionState;
using world::World;

void record_reputation(RegionState& r) {
  const auto& score = r.reputation.score;
  if (score.empty()) return;
  const auto n = static_cast<double>(score.size());
  double sum = 0, squares = 0;
  for (const double x : score) sum += x;
  const double mean = sum / n;
  for (const double x : score) squares += (x - mean) * (x - mean);
  r.step.reputation_mean = mean;
  r.step.reputation_spread = std::sqrt(squares / n);
}

}  // namespace

void score_reputations(const World& w, RegionState& r) {
  const auto& params = w.plan->scenario.reputation;
  if (!params.enabled) return;
  Reputation reputation(params, std::move(r.reputation.ratings));
  reputation.scores(r.reputation.score);
  r.reputation.ratings = reputation.release();
}

void rate_answers(const World& w, RegionState& r) {
  const auto& params = w.plan->scenario.reputation;
  if (!params.enabled) return;
  const auto& f = r.flights;
  std::vector<std::uint32_t> agents, together;
  std::vector<double> quality, punctuality, collaboration;
  for (std::size_t k = 0; k < f.size(); ++k) {
    if (!r.scratch.landed[k] || f.lost[k] != 0) continue;
    const Members members = members_of(w, r, k);
    const double in_time = answer_delay(*w.plan, r, k) <= static_cast<double>(f.deadline_s[k]) ? 1.0 : 0.0;
    for (std::size_t i = 0; i < members.count; ++i) {
      agents.push_back(members.agent[i]);
      quality.push_back(members.council() ? dispatch::is_right(f.coalitions_right[k], 1u << i) : f.correct[k] != 0);
      punctuality.push_back(in_time);
    }
    if (!members.council()) continue;
    const auto value = contributions(f.coalitions_right[k], members.count);
    for (std::size_t i = 0; i < members.count; ++i) {
      together.push_back(members.agent[i]);
      collaboration.push_back(std::clamp(value[i] * static_cast<double>(members.count), 0.0, 1.0));
    }
  }
  Reputation reputation(params, std::move(r.reputation.ratings));
  reputation.rate(Aspect::quality, agents, quality);
  reputation.rate(Aspect::punctuality, agents, punctuality);
  reputation.rate(Aspect::collaboration, together, collaboration);
  reputation.end_step(w.plan->step_s);
  r.reputation.ratings = reputation.release();
  score_reputations(w, r);
  record_reputation(r);
}

void pay_reputation(const World& w, RegionState& r) {
  const auto& params = w.plan->scenario.reputation;
  if (!params.enabled || !w.plan->begins_day(w.step + 1)) return;
  const std::int64_t treasury = r.ledger.balance(world::kTreasuryAccount).value;
  const MicroTkn pool{
      std::min(treasury, round_half_even(std::floor(static_cast<double>(treasury) * params.treasury_share)))};
  std::vector<double> weights(r.agents.size());
  Reputation reputation(params, std::move(r.reputation.ratings));
  reputation.bonus_weights(weights);
  r.reputation.ratings = reputation.release();
  std::vector<std::int64_t> shares(weights.size());
  const MicroTkn paid = economy::apportion(pool, weights, shares);
  std::vector<AccountId> to;
  for (std::uint64_t i = 0; i < shares.size(); ++i) to.push_back(world::agent_account(i));
  if (!economy::pay_shares(r.ledger, world::kTreasuryAccount, to, shares, economy::Posting::bonus))
    throw ModelError(
        "a treasury cannot pay a part of what it holds please report it with the scenario and seed");
  r.step.reputation_paid_usd = usd(paid);
}

}  // namespace engine
}  // namespace swarm
