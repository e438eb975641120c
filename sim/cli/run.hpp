#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/progress.hpp"
#include "sim/cli/report.hpp"
#include "sim/cli/verbs.hpp"

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
};

RunRequest parse_run(const Arguments& arguments);
ExitCode execute(const RunRequest& request);

}  // namespace cli
}  // namespace swarm
