#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/csv.hpp"
#include "sim/dispatch/shift_window.hpp"

/// What `swarmsim shift` reads: a zone's trace and a table of jobs.
namespace swarm {
namespace cli {

/// Carbon intensities of one zone [g/kWh].
struct ShiftTrace {
  dispatch::SlotClock clock;
  std::vector<double> values;  ///< clock.count of them
};

/// One zone of a trace in one of the layouts of sim/grid/trace.hpp; an empty name means the only zone there is. Slots
/// count from the table's first row; empty cells at the end shorten the zone.
/// @throws InputError with all problems: no such zone, stamps that are none, unsorted, repeated or unevenly spaced, rows
/// or cells that are missing, cells that are no numbers, below 0 or above a million.
ShiftTrace read_shift_trace(const CsvTable& table, const std::string& zone);

struct ShiftJobTable {
  std::vector<std::string> ids;  ///< one per job, all different
  std::vector<dispatch::ShiftJob> jobs;
  std::vector<std::string> unused;  ///< columns that mean nothing to the calculator
};

/// Jobs of a table with columns job_id, arrival_min and duration_min: minutes from the beginning of the trace, and
/// minutes of work. A job arrives in the slot in which its minute lies and takes as many slots as hold its work.
/// @throws InputError with the problems of all rows: also jobs outside the trace.
ShiftJobTable read_shift_jobs(const CsvTable& table, const dispatch::SlotClock& clock);

}  // namespace cli
}  // namespace swarm
