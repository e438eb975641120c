#pragma once

/// What an agent makes of the tok it is given to spend (docs/models/credit.md, "Token budget").
namespace swarm {
namespace economy {

/// What became of a budget.
struct BudgetUse {
  double usage{};          ///< spent, in whatever unit the budget has; ≥ 0
  double quality{};        ///< of what came of it, 0 … 1
  double collaboration{};  ///< part of its value that others gained on top, ≥ 0
};

/// usage × quality × (1 + collaboration), in the unit of usage.
inline double market_value(const BudgetUse& use) {
  return use.usage * use.quality * (1 + use.collaboration);
}

/// (market value − cost)/cost, where the cost is what was spent; 0 for a budget that was not touched.
inline double return_on_budget(const BudgetUse& use) {
  return use.usage > 0 ? (market_value(use) - use.usage) / use.usage : 0.0;
}

}  // namespace economy
}  // namespace swarm
