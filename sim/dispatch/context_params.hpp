#pragma once
#include "sim/dispatch/context_window.hpp"
#include "sim/dispatch/handover.hpp"
#include "sim/dispatch/load_predictor.hpp"
#include "sim/dispatch/tok_budget.hpp"

/// `[context]`: context windows of specialists in a run (docs/models/context.md).
namespace swarm {
namespace dispatch {

/// When a specialist hands a session over to a fresh window: not at all (there are no windows), when its window has run
/// over, or before.
enum class ContextStrategy : std::uint8_t { none, reactive, preemptive };

struct ContextParams {
  ContextStrategy strategy = ContextStrategy::none;
  Duration session_gap{3600};
  WindowParams window;
  TierParams tiers;
  HandoverParams handover;
  PredictorParams predictor;
  TokBudgetParams budget;
  bool enabled() const { return strategy != ContextStrategy::none; }
};

template <class V>
void describe(V& v, ContextParams& p) {
  v("strategy", p.strategy, {.unit = "", .doc = "Whether specialists have context windows, and if so when they hand a session over to a fresh one: when the window has run over (reactive), or before (preemptive)."});
  v("session_gap", p.session_gap, {.unit = "s", .min = 0, .min_open = true, .doc = "Time without an answer after which a session has ended; until then requests of one region and purpose to one specialist continue it.", .source = kAssumed});
  describe(v, p.window);
  describe(v, p.tiers);
  describe(v, p.handover);
  describe(v, p.predictor);
  describe(v, p.budget);
}

}  // namespace dispatch
inline namespace core {
template <>
struct EnumNames<dispatch::ContextStrategy> {
  static constexpr std::array<std::string_view, 3> names{"none", "reactive", "preemptive"};
};
}  // namespace core
}  // namespace swarm
