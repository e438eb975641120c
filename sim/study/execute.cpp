#include "sim/study/execute.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/core/parallel.hpp"
#include "sim/engine/simulation.hpp"
#include "sim/io/checkpoint.hpp"
#include "sim/io/provenance.hpp"
#include "sim/io/recorder.hpp"
#include "sim/io/summary.hpp"

namespace swarm {
namespace study {
namespace {

namespace fs = std::filesystem;

/// Goes on from the checkpoint: the rows that the run's own file holds, or nothing for a run from the start. One that
/// another version wrote, or that a full disk spoilt, only costs the time to start anew.
std::optional<std::vector<std::uint64_t>> resume(const RunFiles& files, std::unique_ptr<engine::Simulation>& sim,
                                                 const std::shared_ptr<const world::Plan>& plan) {
  if (!fs::exists(files.checkpoint)) return std::nullopt;
  if (files.full && !fs::exists(io::ResultFile::partial_name(*files.full))) return std::nullopt;
  try {
    return io::read_checkpoint(files.checkpoint, *sim);
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}; the run starts anew\n", e.what());
    sim = std::make_unique<engine::Simulation>(plan);
    return std::nullopt;
  }
}

std::uint32_t stride_of(const RunFiles& files, const world::Plan& plan) {
  if (!(files.checkpoint_every_s > 0)) return 0;
  return static_cast<std::uint32_t>(std::clamp(std::nearbyint(files.checkpoint_every_s / plan.step_s), 1.0, static_cast<double>(plan.steps)));
}

}  // namespace

std::optional<io::StaticGroup> execute_run(const scenario::Scenario& s, const RunFiles& files, world::PlanParts& parts, const KeepGoing& keep_going) {
  const auto plan = world::make_plan(s, files.cache, &parts);
  auto sim = std::make_unique<engine::Simulation>(plan);
  auto rows = resume(files, sim, plan);
  std::optional<io::Recorder> recorder;
  const auto open = [&] { recorder.emplace(*sim, *files.full, io::opening_attributes(s, "swarmsim sweep", ThreadLimit::available()), rows ? &*rows : nullptr); };
  if (files.full) try {
      open();
    } catch (const FileError& e) {
      if (!rows) throw;
      fmt::print(stderr, "{}; the run starts anew\n", e.what());
      rows.reset();
      sim = std::make_unique<engine::Simulation>(plan);
      open();
    }
  const auto save = [&] { io::write_checkpoint(files.checkpoint, *sim, recorder ? recorder->flush() : std::vector<std::uint64_t>{}); };
  const std::uint32_t stride = stride_of(files, *plan);
  while (!sim->done()) {
    if (!keep_going(static_cast<double>(sim->steps_done()) / plan->steps)) {
      save();
      if (recorder) recorder->abandon();
      return std::nullopt;
    }
    sim->step();
    if (recorder) recorder->record(*sim);
    if (stride > 0 && sim->steps_done() % stride == 0 && !sim->done()) save();
  }
  auto summary = io::summary_group(*sim);
  if (recorder) recorder->finish(*sim, io::closing_attributes());
  return summary;
}

}  // namespace study
}  // namespace swarm
