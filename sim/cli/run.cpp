#include "sim/cli/run.hpp"

#include <unistd.h>

#include <chrono>

#include "sim/cli/interrupt.hpp"
#include "sim/cli/paths.hpp"
#include "sim/core/parallel.hpp"
#include "sim/io/checkpoint.hpp"
#include "sim/io/provenance.hpp"
#include "sim/io/recorder.hpp"
#include "sim/scenario/load.hpp"

namespace swarm {
namespace cli {
namespace {

namespace fs = std::filesystem;

/// The scenario file, or for a resumed run without one the scenario of its checkpoint.
scenario::Scenario load_scenario(const RunRequest& request) {
  if (!request.scenario.empty()) return scenario::load(request.scenario, request.overrides);
  const auto checkpoint = io::checkpoint_name(request.output);
  if (!fs::exists(checkpoint))
    throw InputError(Diagnostic{.file = request.output.string(),
                                .problem = "there is no checkpoint beside this file",
                                .why = "without one the run starts anew, and for that its scenario is needed",
                                .suggestion = "write 'swarmsim run SCENARIO.toml --resume FILE.h5'."});
  return scenario::load_text(io::checkpoint_scenario(checkpoint), checkpoint, request.overrides);
}

/// Says now, not after minutes of work, that the result could not be written or would not fit.
void check_feasible(const RunRequest& request, const scenario::Scenario& s) {
  const fs::path folder = request.output.has_parent_path() ? request.output.parent_path() : fs::path(".");
  if (!fs::is_directory(folder))
    throw FileError({.file = request.output.string(), .problem = "the output directory does not exist",
                     .why = "results are written beside their final name", .suggestion = fmt::format("create {} first.", folder.string())});
  if (access(folder.c_str(), W_OK) != 0)
    throw FileError({.file = request.output.string(), .problem = "the output directory is read-only",
                     .why = "results are written beside their final name", .suggestion = "choose another with -o."});
  const auto forecast = world::predict(s);
  const double ram = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  if (forecast.memory_bytes > 0.9 * ram)
    throw InputError(Diagnostic{.file = s.path.string(),
                                .problem = fmt::format("the run would need about {:.1f} GB of memory", forecast.memory_bytes / 1e9),
                                .why = fmt::format("this machine has {:.1f} GB and a run may use 90 % of it", ram / 1e9),
                                .suggestion = "lower population.agents, workload.requests_per_hour, run.step or specialists.bank_items."});
}

/// Steps between checkpoints; none: only when a signal asks for one.
std::uint32_t checkpoint_stride(const RunRequest& request, const world::Plan& plan) {
  if (!request.checkpoint_every) return 0;
  return static_cast<std::uint32_t>(std::max<std::int64_t>(1, round_half_even(request.checkpoint_every->seconds / plan.step_s)));
}

ExitCode exit_of(int signal) {
  if (signal == SIGUSR1) return ExitCode::checkpointed;
  return signal == SIGINT ? ExitCode::interrupted : ExitCode::terminated;
}

/// Restores the state and returns the rows to keep, if there is something to resume.
std::optional<std::vector<std::uint64_t>> restore(const RunRequest& request, engine::Simulation& sim) {
  if (!request.resume) return std::nullopt;
  const auto checkpoint = io::checkpoint_name(request.output);
  if (!fs::exists(checkpoint) || !fs::exists(io::ResultFile::partial_name(request.output))) {
    fmt::print(stderr, "{}: no checkpoint had been reached, starting from step 0\n", request.output.string());
    return std::nullopt;
  }
  auto rows = io::read_checkpoint(checkpoint, sim);
  fmt::print(stderr, "{}: resuming after step {} of {}\n", request.output.string(), sim.steps_done(), sim.plan().steps);
  return rows;
}

std::uint64_t requests_so_far(const engine::Simulation& sim) {
  std::uint64_t n = 0;
  sim.each_region([&](const world::RegionState& r) { n += r.turns; });
  return n;
}

/// Steps until the end or a signal; none means the end was reached.
std::optional<int> simulate(const RunRequest& request, engine::Simulation& sim, io::Recorder& recorder) {
  Progress progress(request.progress, sim.steps_done(), sim.plan().steps, sim.plan().step_s);
  const std::uint32_t stride = checkpoint_stride(request, sim.plan());
  const auto save = [&] { io::write_checkpoint(io::checkpoint_name(request.output), sim, recorder.flush()); };
  while (!sim.done()) {
    sim.step();
    recorder.record(sim);
    progress.update(sim.steps_done(), requests_so_far(sim));
    const auto signal = InterruptGuard::caught();
    if (signal) {
      if (stride > 0 || *signal == SIGUSR1) save();
      return signal;
    }
    if (stride > 0 && sim.steps_done() % stride == 0 && !sim.done()) save();
  }
  return std::nullopt;
}

}  // namespace

ExitCode execute(const RunRequest& request) {
  if (request.resume && fs::exists(request.output) && !fs::exists(io::ResultFile::partial_name(request.output))) {
    fmt::print(stderr, "{}: this run is finished, there is nothing to resume\n", request.output.string());
    print_summary(io::ResultReader(request.output), request.summary);
    return ExitCode::done;
  }
  const ThreadLimit threads(request.threads);
  const scenario::Scenario s = load_scenario(request);
  check_feasible(request, s);
  engine::Simulation sim(world::make_plan(s, cache_folder(s)));
  const auto rows = restore(request, sim);
  io::Recorder recorder(sim, request.output, io::opening_attributes(s, request.command_line, ThreadLimit::available()),
                        rows ? &*rows : nullptr);
  const InterruptGuard guard;
  const auto start = std::chrono::steady_clock::now();
  if (const auto signal = simulate(request, sim, recorder)) {
    recorder.abandon();
    fmt::print(stderr, "{}: stopped by signal {} after step {} of {}{}\n", request.output.string(), *signal, sim.steps_done(),
               sim.plan().steps, fs::exists(io::checkpoint_name(request.output)) ? "; continue with --resume" : "");
    return exit_of(*signal);
  }
  recorder.finish(sim, io::closing_attributes());
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::error_code ignored;
  fs::remove(io::checkpoint_name(request.output), ignored);
  if (request.timing) print_timing(sim, wall, requests_so_far(sim), recorder.cost());
  print_summary(io::ResultReader(request.output), request.summary);
  fmt::print(stderr, "results: {}\n", request.output.string());
  return ExitCode::done;
}

ExitCode run_verb(const Arguments& arguments) { return execute(parse_run(arguments)); }

}  // namespace cli
}  // namespace swarm
