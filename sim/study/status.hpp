#pragma once
#include <string>
#include <vector>

#include "sim/study/run_records.hpp"
#include "sim/study/study_folder.hpp"

/// How far a study has come, from what its workers have written.
namespace swarm {
namespace study {

enum class RunStatus : std::int8_t { done, failed, missing };

struct RunState {
  RunStatus status = RunStatus::missing;
  int attempts = 0;                   ///< that failed
  const RunRecord* record = nullptr;  ///< of the success, else of the last failure
};

struct StudyState {
  std::vector<RunState> runs;  ///< one per row of the design
  std::vector<Diagnostic> damaged;
  std::size_t done = 0, failed = 0, missing = 0;
  double seconds = 0;          ///< of all finished runs together

  Records records;             ///< what `runs` points into
};

/// A success counts whatever failed before or after it; records of runs that are not in the design do not count.
StudyState state_of(const StudyRecord& study, const StudyFolder& folder);

/// Runs that are not done and have failed fewer than `attempts` times, in the order in which it is best to begin them:
/// runs of one seed together where seeds are common, because they share trained specialists.
std::vector<std::int64_t> runs_to_do(const StudyRecord& study, const StudyState& state, int attempts);

/// The most attempts that any run has failed.
int most_attempts(const StudyState& state);

/// Replaces failures.tsv: run, point, replicate, id, attempts, exit_code, signal, message, log, command; a line per run
/// that has failed and not succeeded since.
void write_failures(const StudyFolder& folder, const StudyRecord& study, const StudyState& state);

}  // namespace study
}  // namespace swarm
