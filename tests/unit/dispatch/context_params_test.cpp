#include <gtest/gtest.h>

#include <set>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "sim/dispatch/circuit_breaker.hpp"
#include "sim/dispatch/context_window.hpp"
#include "sim/dispatch/handover.hpp"
#include "sim/dispatch/load_predictor.hpp"
#include "sim/dispatch/message_bus.hpp"
#include "sim/dispatch/monitor.hpp"
#include "sim/dispatch/session_state.hpp"
#include "sim/dispatch/tok_budget.hpp"

namespace swarm::dispatch {
namespace {

/// Every parameter is named once, says what it means, and its default lies in its range.
struct Reader {
  std::set<std::string_view> names;
  template <class T>
  void operator()(std::string_view name, T& value, const FieldInfo& info) {
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_GT(info.doc.size(), 20u) << name;
    EXPECT_EQ(info.doc.back(), '.') << name;
    if constexpr (std::is_same_v<T, Duration>)
      in_range(name, value.seconds, info);
    else if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>)
      in_range(name, static_cast<double>(value), info);
  }
  static void in_range(std::string_view name, double x, const FieldInfo& info) {
    EXPECT_TRUE(x >= info.min && x <= info.max && !(info.min_open && x == info.min)) << name;
  }
};

template <class P>
std::size_t parameters() {
  P p;
  Reader v;
  describe(v, p);
  return v.names.size();
}

TEST(ContextParams, AreDescribed) {
  EXPECT_EQ(parameters<TokBudgetParams>(), 10u);
  EXPECT_EQ(parameters<WindowParams>(), 11u);
  EXPECT_EQ(parameters<TierParams>(), 4u);
  EXPECT_EQ(parameters<PredictorParams>(), 10u);
  EXPECT_EQ(parameters<HandoverParams>(), 10u);
  EXPECT_EQ(parameters<BreakerParams>(), 5u);
  EXPECT_EQ(parameters<BusParams>(), 6u);
  EXPECT_EQ(parameters<SessionParams>(), 2u);
  EXPECT_EQ(parameters<MonitorParams>(), 5u);
}

/// The constants of MODEL §5.
TEST(ContextParams, DefaultsAreTheModels) {
  const TokBudgetParams b;
  EXPECT_EQ(std::tuple(b.express_tok, b.council_tok, b.role_tok, b.learning_rate, b.tolerated_error, b.confidence_kept, b.episodes, b.close_within),
            std::tuple(800, 2500, 400, 0.1, 0.2, 0.7, 50, 0.3));
  const WindowParams w;
  EXPECT_EQ(std::tuple(w.warn_share, w.handover_share, w.emergency_share, w.margin_tok, w.dirty_limit.seconds, w.snapshot_tok, w.snapshots),
            std::tuple(0.75, 0.85, 0.95, 500, 300, 1500, 5));
  EXPECT_EQ(std::tuple(w.essential_tok, w.rationale_tok, w.breakdown_tok), std::tuple(100, 300, 500));
  EXPECT_EQ(std::tuple(TierParams{}.hot_tok, TierParams{}.warm_tok), std::tuple(200, 500));
  const PredictorParams l;
  EXPECT_EQ(std::tuple(l.readings, l.variance_scale, l.variance_weight, l.correlation_weight, l.synchrony_limit, l.crossing_share, l.crossings),
            std::tuple(10, 0.25, 0.7, 0.3, 0.8, 0.7, 2));
  const HandoverParams h;
  EXPECT_EQ(std::tuple(h.checkpoint_limit.seconds, h.readiness_limit.seconds, h.transition_limit.seconds, h.similarity_valid, h.similarity_critical),
            std::tuple(2, 30, 5, 0.7, 0.5));
  EXPECT_EQ(std::tuple(h.group_gain, h.most_groups, h.least_gain), std::tuple(0.3, 3, 0.1));
  const SessionParams s;
  EXPECT_EQ(std::tuple(s.imbalance_limit, s.quality_aim), std::tuple(0.15, 0.8));
  EXPECT_EQ(MonitorParams{}.readings, 10);
}

}  // namespace
}  // namespace swarm::dispatch
