#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/progress.hpp"
#include "sim/cli/report.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/core/errors.hpp"
#include "sim/io/provenance.hpp"
#include "sim/scenario/scenario.hpp"

namespace swarm {
namespace cli {

/// What `swarmsim run` was asked to do.
struct RunRequest {
  std::filesystem::path scenario;  ///< empty when a resumed run brings its own
  std::filesystem::path output;
  std::vector<std::string> overrides;
  int threads = 0;
  ProgressMode progress = ProgressMode::automatic;
  SummaryFormat summary = SummaryFormat::text;
  bool timing = false;
  bool resume = false;
  std::optional<Duration> checkpoint_every;
  std::string command_line;
  std::int64_t replicates = 0;             ///< 0: one ordinary run
  std::optional<io::Replicate> replicate;  ///< which of them this run is
};

RunRequest parse_run(const Arguments& arguments);
ExitCode execute(const RunRequest& request);
/// The run as often as `replicates` says, one after the other, and a table of means.
ExitCode execute_replicates(const RunRequest& request);

/// Says now, not after minutes of work, that the result could not be written or would not fit.
void check_feasible(const RunRequest& request, const scenario::Scenario& s);
/// Removes the checkpoint beside a result, if there is one.
void remove_checkpoint(const std::filesystem::path& output);
/// Whether a run of that name has ended.
bool is_finished(const std::filesystem::path& output);
/// What is wrong with taking a finished run for one of this scenario, if anything.
std::optional<Diagnostic> other_scenario(const std::filesystem::path& finished, const scenario::Scenario& s);
/// Runs to the finished file or to a signal, which is reported; whether to resume is the request's.
ExitCode run_to_file(const RunRequest& request, const scenario::Scenario& s);
ExitCode exit_of(int signal);
std::string_view signal_name(int signal);

}  // namespace cli
}  // namespace swarm
