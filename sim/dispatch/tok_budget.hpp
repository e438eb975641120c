#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/params.hpp"

/// How many tok a session is expected to take, learnt from those that took them (docs/models/context.md, "Budgets").
namespace swarm {
namespace dispatch {

/// What confidence above a half does to a budget: MODEL's rule, and the opposite as an experiment.
enum class ConfidenceEffect : std::uint8_t { raises, lowers };

struct TokBudgetParams {
  double express_tok = 800;
  double council_tok = 2500;
  double role_tok = 400;
  ConfidenceEffect confidence_effect = ConfidenceEffect::raises;
  double learning_rate = 0.1;
  double tolerated_error = 0.2;
  double confidence_start = 0.5;
  double confidence_kept = 0.7;
  std::int64_t episodes = 50;
  double close_within = 0.3;
};

template <class V>
void describe(V& v, TokBudgetParams& p) {
  v("express_tok", p.express_tok, {.unit = "tok", .min = 0, .max = 1e7, .min_open = true, .doc = "Tok that a session with one specialist is expected to take before anything is learnt.", .source = kAssumed});
  v("council_tok", p.council_tok, {.unit = "tok", .min = 0, .max = 1e7, .min_open = true, .doc = "Tok that a session with a council is expected to take before anything is learnt, apart from its roles.", .source = kAssumed});
  v("role_tok", p.role_tok, {.unit = "tok", .min = 0, .max = 1e7, .doc = "Tok that each role of a council adds before anything is learnt.", .source = kAssumed});
  v("confidence_effect", p.confidence_effect, {.unit = "", .doc = "Whether confidence above one half raises a budget or lowers it."});
  v("learning_rate", p.learning_rate, {.unit = "1", .min = 0, .max = 1, .doc = "Part of the error of a budget by which what is expected moves.", .source = kAssumed});
  v("tolerated_error", p.tolerated_error, {.unit = "1", .min = 0, .max = 10, .doc = "Error of a budget, relative to what was taken, up to which nothing is learnt from it.", .source = kAssumed});
  v("confidence_start", p.confidence_start, {.unit = "1", .min = 0, .max = 1, .doc = "Confidence in a kind of session before there was one.", .source = kAssumed});
  v("confidence_kept", p.confidence_kept, {.unit = "1", .min = 0, .max = 1, .doc = "Weight of the former confidence when a session ends; the rest is the mean complexity of similar past sessions.", .source = kAssumed});
  v("episodes", p.episodes, {.unit = "1", .min = 1, .max = 10000, .doc = "Past sessions that a region's specialists remember.", .source = kAssumed});
  v("close_within", p.close_within, {.unit = "1", .min = 0, .max = 10, .doc = "Error of a budget, relative to what was taken, up to which it counts as close; only counted."});
}

/// Everything that a run has to save. A kind is any division of sessions into similar ones, by one specialist or a
/// council among other things; columns have a row for each kind, those of episodes a row for each remembered session.
struct TokBudgetColumns {
  std::vector<double> base, role, confidence;   ///< [tok], [tok], [1]
  static constexpr std::uint32_t kNoKind = 0xFFFFFFFF;
  std::vector<std::uint32_t> episode_kind;      ///< in a ring; kNoKind where there is no session yet
  std::vector<float> episode_complexity;
  std::uint64_t sessions = 0;                   ///< ended so far; the ring's next row follows from it
};

/// Columns of `kinds` kinds; `council[k]` says which of them are sessions with a council.
TokBudgetColumns fresh_budgets(const TokBudgetParams& p, std::span<const std::uint8_t> council);

/// What a session of the kind is expected to take: (base + roles · role) · (1 ± (confidence − ½)) [tok].
double expected_tok(const TokBudgetParams& p, const TokBudgetColumns& c, std::size_t kind, std::size_t roles);

struct BudgetOutcome {
  double error = 0;   ///< |expected − taken| / taken
  bool close = false; ///< within close_within
  bool adapted = false;
};

/// A session of the kind has ended after `taken` > 0 tok; its complexity is in [0, 1]. Where the error is more than
/// tolerated, base and role move by learning_rate of it, shared in proportion to what each contributes; a base never
/// falls below 1 tok. Then confidence moves towards the mean complexity of remembered sessions of the kind, this one
/// included.
BudgetOutcome learn_budget(const TokBudgetParams& p, TokBudgetColumns& c, std::size_t kind, std::size_t roles, double taken,
                           double complexity);

}  // namespace dispatch
inline namespace core {
template <>
struct EnumNames<dispatch::ConfidenceEffect> {
  static constexpr std::array<std::string_view, 2> names{"raises", "lowers"};
};
}  // namespace core
}  // namespace swarm
