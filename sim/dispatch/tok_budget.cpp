#include "sim/dispatch/tok_budget.hpp"

#include <algorithm>
#include <cmath>

#include "sim/core/checks.hpp"

namespace swarm {
namespace dispatch {
namespace {

double confidence_factor(const TokBudgetParams& p, double confidence) {
  const double above = confidence - 0.5;
  return 1.0 + (p.confidence_effect == ConfidenceEffect::raises ? above : -above);
}

double mean_complexity(const TokBudgetColumns& c, std::size_t kind) {
  double sum = 0, n = 0;
  for (std::size_t k = 0; k < c.episode_kind.size(); ++k) {  // no branch: the kinds come in any order
    const double counts = c.episode_kind[k] == kind ? 1.0 : 0.0;
    sum += counts * static_cast<double>(c.episode_complexity[k]);
    n += counts;
  }
  return sum / n;
}

void remember_episode(const TokBudgetParams& p, TokBudgetColumns& c, std::size_t kind, double complexity) {
  const auto rows = static_cast<std::size_t>(p.episodes);
  const auto row = static_cast<std::size_t>(c.sessions++ % rows);
  c.episode_kind[row] = static_cast<std::uint32_t>(kind);
  c.episode_complexity[row] = static_cast<float>(complexity);
}

}  // namespace

TokBudgetColumns fresh_budgets(const TokBudgetParams& p, std::span<const std::uint8_t> council) {
  TokBudgetColumns c;
  for (const std::uint8_t together : council) c.base.push_back(together != 0 ? p.council_tok : p.express_tok);
  c.role.assign(council.size(), p.role_tok);
  c.confidence.assign(council.size(), p.confidence_start);
  c.episode_kind.assign(static_cast<std::size_t>(p.episodes), TokBudgetColumns::kNoKind);
  c.episode_complexity.assign(static_cast<std::size_t>(p.episodes), 0);
  return c;
}

double expected_tok(const TokBudgetParams& p, const TokBudgetColumns& c, std::size_t kind, std::size_t roles) {
  return (c.base[kind] + static_cast<double>(roles) * c.role[kind]) * confidence_factor(p, c.confidence[kind]);
}

BudgetOutcome learn_budget(const TokBudgetParams& p, TokBudgetColumns& c, std::size_t kind, std::size_t roles, double taken,
                           double complexity) {
  EXPECT(taken > 0 && complexity >= 0 && complexity <= 1);
  const double expected = expected_tok(p, c, kind, roles);
  BudgetOutcome outcome{.error = std::abs(expected - taken) / taken};
  outcome.close = outcome.error <= p.close_within;
  outcome.adapted = outcome.error > p.tolerated_error;
  if (outcome.adapted) {
    const double n = static_cast<double>(roles), sum = c.base[kind] + n * c.role[kind];
    const double scale = 1.0 + p.learning_rate * (taken / confidence_factor(p, c.confidence[kind]) / sum - 1.0);
    c.base[kind] = std::max(1.0, c.base[kind] * scale);
    if (roles > 0) c.role[kind] *= scale;
  }
  remember_episode(p, c, kind, complexity);
  c.confidence[kind] = p.confidence_kept * c.confidence[kind] + (1.0 - p.confidence_kept) * mean_complexity(c, kind);
  return outcome;
}

}  // namespace dispatch
}  // namespace swarm
