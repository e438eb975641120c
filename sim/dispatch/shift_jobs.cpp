#include "sim/dispatch/shift_jobs.hpp"

#include "sim/core/checks.hpp"
#include "sim/dispatch/exact_sums.hpp"

namespace swarm {
namespace dispatch {
namespace {

using Jobs = std::span<const ShiftJob>;
using Units = std::span<const std::int64_t>;

void sum_pieces(Units totals, Jobs jobs, Units starts, std::vector<std::int64_t>& sums) {
  for (std::size_t i = 0; i < jobs.size(); ++i) sums[i] = sum_of(totals, starts[i], jobs[i].length);
}

/// Windows of all jobs; how many of them are cut.
template <class Window>
std::size_t fill_windows(Jobs jobs, std::vector<SlotWindow>& windows, Window window) {
  std::size_t cut = 0;
  windows.resize(jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    windows[i] = window(jobs[i]);
    cut += windows[i].cut;
  }
  return cut;
}

void use_cheapest_slots(const ShiftProblem& p, Jobs jobs, ShiftScratch& scratch, ShiftedJobs& out) {
  auto& used = scratch.used;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    used.resize(static_cast<std::size_t>(jobs[i].length));
    cheapest_slots(p.forecast, scratch.windows[i], scratch.slots, used);
    out.start[i] = used.front();
    std::int64_t sum = 0;
    for (const std::int64_t slot : used) sum += p.truth[static_cast<std::size_t>(slot)];
    out.shifted_sum[i] = sum;
    if (p.lists_slots) out.slots.insert(out.slots.end(), used.begin(), used.end());
  }
}

Int128 total(Units sums) {
  Int128 t = 0;
  for (const std::int64_t sum : sums) t += sum;
  return t;
}

}  // namespace

void shift_jobs(const ShiftProblem& p, Jobs jobs, ShiftScratch& scratch, ShiftedJobs& out) {
  EXPECT(p.truth.size() == static_cast<std::size_t>(p.clock.count) && p.forecast.size() == p.truth.size());
  for (auto* column : {&out.baseline_start, &out.start, &out.baseline_sum, &out.shifted_sum}) column->resize(jobs.size());
  out.slots.clear();
  out.job_slots = 0;
  for (const ShiftJob& job : jobs) out.job_slots += job.length;

  auto& totals = scratch.totals;
  totals.resize(p.truth.size() + 1);
  running_totals(p.truth, totals);
  fill_windows(jobs, scratch.windows, [&](const ShiftJob& job) { return baseline_window(p.rule, p.clock, job); });
  earliest_least_all(totals, jobs, scratch.windows, scratch.starts, out.baseline_start);
  sum_pieces(totals, jobs, out.baseline_start, out.baseline_sum);

  const auto window = [&](const ShiftJob& job) { return shift_window(p.rule, p.clock, job); };
  out.windows_cut = p.strategy == ShiftStrategy::none ? 0 : fill_windows(jobs, scratch.windows, window);
  switch (p.strategy) {
    case ShiftStrategy::none:
      out.start = out.baseline_start;
      out.shifted_sum = out.baseline_sum;
      break;
    case ShiftStrategy::non_interrupting:
      running_totals(p.forecast, totals);
      earliest_least_all(totals, jobs, scratch.windows, scratch.starts, out.start);
      running_totals(p.truth, totals);
      sum_pieces(totals, jobs, out.start, out.shifted_sum);
      break;
    case ShiftStrategy::interrupting: use_cheapest_slots(p, jobs, scratch, out); break;
  }
  out.baseline_total = total(out.baseline_sum);
  out.shifted_total = total(out.shifted_sum);
}

}  // namespace dispatch
}  // namespace swarm
