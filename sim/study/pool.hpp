#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/study/study_folder.hpp"

/// Runs of a study on this machine: worker processes, one run at a time each. A run that takes its worker down counts as
/// failed and another worker takes over; nothing else is lost.
namespace swarm {
namespace study {

struct PoolRequest {
  std::vector<std::int64_t> runs;  ///< in the order in which they are begun
  std::vector<std::string> ids;    ///< of all runs of the study
  int jobs = 1;                    ///< workers at a time
  int threads = 1;                 ///< of each
  std::string name;                ///< workers are called NAME-0, NAME-1, …
  std::vector<std::string> worker_command;  ///< the program and its arguments; the worker's name and threads are added
};

/// How far a pool has come.
struct PoolState {
  std::size_t runs = 0, done = 0, failed = 0;
  std::vector<double> running;  ///< shares of the runs at work that are done
};

/// What the caller says between events.
enum class PoolOrder { go_on, stop };

struct PoolResult {
  std::size_t done = 0, failed = 0;
  bool stopped = false;  ///< before all runs were ended; those at work have saved checkpoints
};

/// Works until all runs have ended or `order` says stop, which it is asked at each event and five times a second. A worker
/// that others told to stop is replaced. Throws FileError when results cannot be written, ModelError when workers cannot
/// be started at all.
PoolResult run_pool(const StudyFolder& folder, const PoolRequest& request, const std::function<PoolOrder(const PoolState&)>& order);

}  // namespace study
}  // namespace swarm
