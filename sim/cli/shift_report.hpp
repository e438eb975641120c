#pragma once
#include <string>

#include "sim/cli/report.hpp"
#include "sim/cli/shift_table.hpp"
#include "sim/dispatch/shift_jobs.hpp"

/// What `swarmsim shift` writes. Intensities are given in g/kWh; the shifted jobs' sums are in units of 10^−decimals.
namespace swarm {
namespace cli {

/// Baseline, shifted intensity, saving and counts on standard output; null or "–" where there are no jobs.
void print_summary(const dispatch::ShiftedJobs& done, const dispatch::SlotClock& clock, int decimals, std::size_t jobs,
                   SummaryFormat format);

/// One row per job, in the order of the table, as CSV.
std::string per_job_csv(const dispatch::ShiftedJobs& done, const ShiftJobTable& table, int decimals);

}  // namespace cli
}  // namespace swarm
