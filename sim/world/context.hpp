#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/dispatch/council.hpp"
#include "sim/dispatch/tok_budget.hpp"
#include "sim/workload/problem_type.hpp"

/// What a region's specialists have in view, and what became of it (docs/models/context.md). Columns stay empty where
/// context.strategy is none.
namespace swarm {
namespace world {

/// Row = specialist. A window holds one session: requests of one asking region and purpose.
struct WindowColumns {
  std::vector<std::uint32_t> used, since_snapshot;  ///< [tok]
  std::vector<std::uint32_t> session;     ///< asking region · 256 + purpose + 1; 0 before the first
  std::vector<std::uint32_t> items;       ///< essential items: one for each answer of the session that is remembered
  std::vector<std::uint32_t> out_drop;    ///< of a handover under way: tok that the fresh window does without,
  std::vector<std::uint32_t> out_lost;    ///< and essential items that it will lack
  std::vector<double> last_s, dirty_s;    ///< last answer; first one since the last snapshot [s since start]
  std::vector<double> out_until_s;        ///< when the handover under way is complete; 0 without one
  std::vector<std::uint32_t> snapshot_items;  ///< essential items in each kept snapshot, the latest first; 0 for none
};

struct ContextSums {
  std::uint64_t sessions = 0, answers = 0;
  std::uint64_t exhaustions = 0, truncated_tok = 0, snapshots = 0;
  std::uint64_t graceful = 0, coordinated = 0, emergency = 0;  ///< handovers begun
  std::uint64_t failed = 0, fallbacks = 0, critical = 0;       ///< of these
  std::uint64_t items_at_risk = 0, items_kept = 0;  ///< essential items before and after handovers and exhaustions
  std::uint64_t budgets = 0, budgets_close = 0;
  std::uint64_t exhausted_steps = 0, alarms_plain = 0, alarms_gated = 0, hits_plain = 0, hits_gated = 0;
  double handover_s = 0;  ///< capacity that was out, of one copy

  void add(const ContextSums& more);
};

struct ContextAccount {
  WindowColumns windows;
  dispatch::TokBudgetColumns budgets;    ///< kind: problem type · 2, + 1 for councils
  std::vector<float> readings;           ///< of watched windows, step after step; as many steps as reading_steps
  std::uint32_t reading_steps = 0;
  std::uint8_t alarm_plain = 0, alarm_gated = 0;  ///< exhaustion predicted for the next step
  std::vector<std::uint32_t> upkeep_agent;        ///< handovers that take servers, with who hands over
  std::vector<double> upkeep_start_s, upkeep_finish_s;
  /// At the end of the step; NaN where there are no windows.
  double synchrony = std::numeric_limits<double>::quiet_NaN(), mean_window = std::numeric_limits<double>::quiet_NaN();
  ContextSums step, total;
};

/// An answer that landed in this step.
struct ContextAnswer {
  double finish_s = 0;
  std::uint32_t tok = 0;  ///< of all who answered
  std::uint32_t session = 0;
  std::uint8_t type = 0, bucket = 0, seats = 1;
  std::array<std::uint32_t, dispatch::kMostSeats> agent{};
};

inline void ContextSums::add(const ContextSums& more) {
  sessions += more.sessions;
  answers += more.answers;
  exhaustions += more.exhaustions;
  truncated_tok += more.truncated_tok;
  snapshots += more.snapshots;
  graceful += more.graceful;
  coordinated += more.coordinated;
  emergency += more.emergency;
  failed += more.failed;
  fallbacks += more.fallbacks;
  critical += more.critical;
  items_at_risk += more.items_at_risk;
  items_kept += more.items_kept;
  budgets += more.budgets;
  budgets_close += more.budgets_close;
  exhausted_steps += more.exhausted_steps;
  alarms_plain += more.alarms_plain;
  alarms_gated += more.alarms_gated;
  hits_plain += more.hits_plain;
  hits_gated += more.hits_gated;
  handover_s += more.handover_s;
}

}  // namespace world
}  // namespace swarm
