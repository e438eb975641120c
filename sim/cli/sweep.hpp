#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/progress_line.hpp"
#include "sim/cli/report.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/study/status.hpp"

/// `swarmsim sweep`: what was typed, and the ways in which the runs of a study are done.
namespace swarm {
namespace cli {

enum class Backend : std::uint8_t { local, slurm };

struct SweepRequest {
  std::string action;              ///< plan, part, status, retry-failed, collect, work; empty: a study to run
  std::filesystem::path study;     ///< of plan and of a study to run
  std::filesystem::path folder;
  std::filesystem::path output;    ///< of collect
  std::vector<std::string> overrides;
  Backend backend = Backend::local;
  bool submit = true;              ///< false: write Slurm's scripts only
  int jobs = 0, threads = 0;       ///< 0: as the machine allows
  int attempts = 1;                ///< runs that have failed so often are left alone
  std::int64_t part = 0, parts = 1;
  std::string worker;              ///< name of the worker that this process is
  double checkpoint_every_s = 0;
  ProgressMode progress = ProgressMode::automatic;
  SummaryFormat summary = SummaryFormat::text;
};

SweepRequest parse_sweep(const Arguments& arguments);

/// Does the runs of this request's part that are not done, as worker processes of this machine, and reports.
ExitCode conduct(const SweepRequest& request, const study::StudyRecord& record, bool whole);
/// Hands them to Slurm.
ExitCode submit_to_slurm(const SweepRequest& request, const study::StudyRecord& record);
/// A worker: see sim/study/worker.hpp.
ExitCode work_for_sweep(const SweepRequest& request);

/// Counts of runs on standard output, damage and failures on standard error.
void print_state(const study::StudyFolder& folder, const study::StudyRecord& record, const study::StudyState& state, SummaryFormat format);
/// done, or runs_failed if any is not done.
ExitCode exit_of(const study::StudyState& state);

}  // namespace cli
inline namespace core {
template <>
struct EnumNames<cli::Backend> {
  static constexpr std::array<std::string_view, 2> names{"local", "slurm"};
};
}  // namespace core
}  // namespace swarm
