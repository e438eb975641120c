#pragma once
#include <filesystem>
#include <functional>
#include <optional>

#include "sim/io/static_group.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/world/plan_parts.hpp"

/// One run of a study in this process.
namespace swarm {
namespace study {

struct RunFiles {
  std::filesystem::path checkpoint;            ///< resumed from if it is there; removed at the end
  std::optional<std::filesystem::path> full;   ///< the run's own HDF5 file, if it is kept
  std::filesystem::path cache;                 ///< of trained specialists; empty: none
  double checkpoint_every_s = 0;               ///< of simulated time; 0: only when asked to stop
};

/// Called after each step with the share that is done; the run stops after saving a checkpoint when it says false.
using KeepGoing = std::function<bool(double done)>;

/// The summary, or nothing if the run was asked to stop. Throws what a run can throw.
std::optional<io::StaticGroup> execute_run(const scenario::Scenario& s, const RunFiles& files, world::PlanParts& parts, const KeepGoing& keep_going);

}  // namespace study
}  // namespace swarm
