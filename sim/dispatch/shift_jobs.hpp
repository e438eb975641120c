#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sim/core/params.hpp"
#include "sim/core/units.hpp"
#include "sim/dispatch/shift_schedule.hpp"

/// What a set of jobs emits without shifting and with it.
namespace swarm {
namespace dispatch {

enum class ShiftStrategy : std::uint8_t {
  none,              ///< as the baseline
  non_interrupting,  ///< in one piece, at the earliest start with the least mean
  interrupting       ///< in the cheapest slots
};

/// A signal in whole units (exact_sums.hpp) as it is and as the scheduler sees it, and how jobs may move. Both series
/// have clock.count values.
struct ShiftProblem {
  std::span<const std::int64_t> truth;
  std::span<const std::int64_t> forecast;
  SlotClock clock;
  ShiftRule rule;
  ShiftStrategy strategy = ShiftStrategy::non_interrupting;
  bool lists_slots = false;  ///< whether every slot of jobs that are interrupted is wanted
};

/// Per job, in their order.
struct ShiftedJobs {
  std::vector<std::int64_t> baseline_start;  ///< slot
  std::vector<std::int64_t> start;           ///< first slot used
  std::vector<std::int64_t> baseline_sum;    ///< Σ of the truth over its slots without shifting
  std::vector<std::int64_t> shifted_sum;     ///< with shifting
  std::vector<std::int64_t> slots;           ///< `interrupting` only, if wanted: slots used by job 0, ascending, then by job 1, …

  Int128 baseline_total = 0, shifted_total = 0;
  std::int64_t job_slots = 0;  ///< Σ length
  std::size_t windows_cut = 0;
};

struct ShiftScratch {
  std::vector<std::int64_t> totals;
  std::vector<SlotWindow> windows;
  StartScratch starts;
  SlotScratch slots;
  std::vector<std::int64_t> used;  ///< by one job
};

/// Schedules jobs by the forecast and scores them on the truth. The baseline knows the truth: with an inclusive deadline
/// it takes the better of its two places. Every job must fit: arrival + length ≤ clock.count.
void shift_jobs(const ShiftProblem& problem, std::span<const ShiftJob> jobs, ShiftScratch& scratch, ShiftedJobs& out);

}  // namespace dispatch
inline namespace core {
template <>
struct EnumNames<dispatch::ShiftStrategy> {
  static constexpr std::array<std::string_view, 3> names{"none", "non-interrupting", "interrupting"};
};
}  // namespace core
}  // namespace swarm
