#pragma once
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>

#include "sim/study/study_folder.hpp"

/// A process that does runs of a study, one after the other, as its parent says. If a run takes the process down, the
/// parent knows which one it was and starts another worker. Lines from the parent: the number of a run. Lines to it:
///   progress RUN SHARE · done RUN · failed RUN · stopped RUN · broken MESSAGE
/// One that is asked to stop ends with exit code kStopped, perhaps before it has read the run it was given.
/// `broken`: results cannot be written, so that going on makes no sense.
namespace swarm {
namespace study {

struct WorkerRequest {
  std::filesystem::path folder;
  std::string name;               ///< of its files in results and logs
  double checkpoint_every_s = 0;
  /// Folder of trained specialists for a scenario, used where several runs have one seed; empty: none.
  std::function<std::filesystem::path(const scenario::Scenario&)> cache_folder;
};

constexpr int kStopped = 75;

/// How the process ended.
enum class WorkerEnd { no_more_runs, stopped, broken };

/// Reads from `in` until it ends or `stop_asked`; answers on `out`; messages about runs go to standard error.
WorkerEnd work(const WorkerRequest& request, std::FILE* in, std::FILE* out, const std::function<bool()>& stop_asked);

}  // namespace study
}  // namespace swarm
