#include "sim/cli/run.hpp"

#include <chrono>
#include <cmath>

#include "agents/nn/isa.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/machine.hpp"
#include "sim/cli/message.hpp"
#include "sim/cli/paths.hpp"
#include "sim/core/parallel.hpp"
#include "sim/io/checkpoint.hpp"
#include "sim/io/onnx_file.hpp"
#include "sim/io/recorded_emissions.hpp"
#include "sim/io/provenance.hpp"
#include "sim/io/recorder.hpp"
#include "sim/io/resume_key.hpp"
#include "sim/scenario/load.hpp"
#include "sim/world/plan_parts.hpp"

namespace swarm {
namespace cli {
namespace {

namespace fs = std::filesystem;

/// The scenario file, or for a resumed run without one the scenario of its checkpoint or finished result.
scenario::Scenario load_scenario(const RunRequest& request) {
  if (!request.scenario.empty()) return scenario::load(request.scenario, request.overrides);
  const auto checkpoint = io::checkpoint_name(request.output);
  const auto partial = io::ResultFile::partial_name(request.output);
  if (fs::exists(checkpoint)) return scenario::load_text(io::checkpoint_scenario(checkpoint), checkpoint, request.overrides);
  if (fs::exists(request.output) && !fs::exists(partial))
    return scenario::load_text(io::ResultReader(request.output).attribute_text("scenario_effective"), request.output, request.overrides);
  throw InputError(Diagnostic{.file = request.output.string(),
                              .problem = "there is no checkpoint beside this file",
                              .why = "without one the run starts anew, and for that its scenario is needed",
                              .suggestion = fmt::format("write 'swarmsim run SCENARIO.toml --resume {}'.", request.output.string())});
}

/// Steps between checkpoints; none: only when a signal asks for one.
std::uint32_t checkpoint_stride(const RunRequest& request, const world::Plan& plan) {
  if (!request.checkpoint_every) return 0;
  const double steps = std::nearbyint(request.checkpoint_every->seconds / plan.step_s);
  return static_cast<std::uint32_t>(std::clamp(steps, 1.0, static_cast<double>(plan.steps)));
}

/// Restores the state and returns the rows to keep, if there is something to resume.
std::optional<std::vector<std::uint64_t>> restore(const RunRequest& request, engine::Simulation& sim) {
  if (!request.resume) return std::nullopt;
  const auto checkpoint = io::checkpoint_name(request.output);
  if (!fs::exists(checkpoint) || !fs::exists(io::ResultFile::partial_name(request.output))) {
    say("{}: no checkpoint had been reached, starting from step 0\n", request.output.string());
    return std::nullopt;
  }
  auto rows = io::read_checkpoint(checkpoint, sim);
  say("{}: resuming after step {} of {}\n", request.output.string(), sim.steps_done(), sim.plan().steps);
  return rows;
}

std::uint64_t requests_so_far(const engine::Simulation& sim) {
  std::uint64_t n = 0;
  sim.each_region([&](const world::RegionState& r) { n += r.turns; });
  return n;
}

/// What a stopped run leaves behind, and how to go on.
void report_stop(const RunRequest& request, const engine::Simulation& sim, int signal) {
  const std::string name = request.output.string();
  say("{}: stopped by {} after step {} of {}\n", name, signal_name(signal), sim.steps_done(), sim.plan().steps);
  if (request.replicate) return;  // how to go on with all of them is said there
  if (fs::exists(io::checkpoint_name(request.output)))
    say("continue with: swarmsim run --resume {}\n", name);  // the file knows its scenario and overrides
  else
    say("no checkpoint was saved (see --checkpoint-every); {} holds the steps so far\n",
               io::ResultFile::partial_name(request.output).string());
}

/// Steps until the end or a signal; none means the end was reached.
std::optional<int> simulate(const RunRequest& request, engine::Simulation& sim, io::Recorder& recorder) {
  Progress progress(request.progress, sim.steps_done(), sim.plan().steps, sim.plan().step_s,
                    request.replicate ? RunOf{request.replicate->number, request.replicates} : RunOf{});
  const std::uint32_t stride = checkpoint_stride(request, sim.plan());
  const auto save = [&] { io::write_checkpoint(io::checkpoint_name(request.output), sim, recorder.flush()); };
  while (!sim.done()) {
    if (const auto signal = InterruptGuard::caught()) {
      if (stride > 0 || *signal == SIGUSR1) save();
      return signal;
    }
    sim.step();
    recorder.record(sim);
    progress.update(sim.steps_done(), requests_so_far(sim));
    if (stride > 0 && sim.steps_done() % stride == 0 && !sim.done()) save();
  }
  return std::nullopt;
}

/// The run itself, from the plan to the finished file.
ExitCode run_scenario(const RunRequest& request, const scenario::Scenario& s) {
  const InterruptGuard guard;
  world::PlanParts parts(io::read_onnx, io::read_emissions);
  engine::Simulation sim(world::make_plan(s, cache_folder(s), &parts));
  if (const auto signal = InterruptGuard::caught(); signal && *signal != SIGUSR1) {
    say("{}: stopped by {} before the first step\n", request.output.string(), signal_name(*signal));
    return exit_of(*signal);
  }
  const auto rows = restore(request, sim);
  if (!rows) remove_checkpoint(request.output);  // of an earlier run of that name
  io::Recorder recorder(sim, request.output, io::opening_attributes(s, request.command_line, ThreadLimit::available(), request.replicate),
                        rows ? &*rows : nullptr);
  const auto start = std::chrono::steady_clock::now();
  if (const auto signal = simulate(request, sim, recorder)) {
    recorder.abandon();
    report_stop(request, sim, *signal);
    return exit_of(*signal);
  }
  recorder.finish(sim, io::closing_attributes());
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  remove_checkpoint(request.output);
  if (request.timing) print_timing(sim, wall, requests_so_far(sim), recorder.cost());
  return ExitCode::done;
}

/// A resumed run that had ended already: shows its results if they are those of this scenario.
ExitCode report_finished(const RunRequest& request, const scenario::Scenario& s) {
  if (auto problem = other_scenario(request.output, s)) throw InputError(std::move(*problem));
  remove_checkpoint(request.output);  // left when the run was killed between its last rename and its last clean-up
  say("{}: this run is finished, there is nothing to resume\n", request.output.string());
  print_summary(io::ResultReader(request.output), request.summary);
  return ExitCode::done;
}

}  // namespace

void check_feasible(const RunRequest& request, const scenario::Scenario& s) {
  io::ResultFile::check_writable(request.output);
  const auto forecast = world::predict(s);
  if (forecast.memory_bytes > kUsableMemory * machine_memory())
    throw InputError(Diagnostic{.file = s.path.string(),
                                .problem = fmt::format("the run would need about {:.1f} GB of memory", forecast.memory_bytes / 1e9),
                                .why = fmt::format("this machine has {:.1f} GB and a run may use {:.0f} % of it", machine_memory() / 1e9, 100 * kUsableMemory),
                                .suggestion = "lower population.agents, workload.requests_per_hour, run.step or specialists.lineages."});
}

ExitCode exit_of(int signal) {
  if (signal == SIGUSR1) return ExitCode::checkpointed;
  return signal == SIGINT ? ExitCode::interrupted : ExitCode::terminated;
}

std::string_view signal_name(int signal) {
  if (signal == SIGUSR1) return "SIGUSR1";
  return signal == SIGINT ? "SIGINT" : "SIGTERM";
}

void remove_checkpoint(const fs::path& output) {
  std::error_code ignored;
  fs::remove(io::checkpoint_name(output), ignored);
  fs::remove(io::checkpoint_name(output) += ".tmp", ignored);  // of a run that was killed while it wrote one
}

bool is_finished(const fs::path& output) { return fs::exists(output) && !fs::exists(io::ResultFile::partial_name(output)); }

std::optional<Diagnostic> other_scenario(const fs::path& finished, const scenario::Scenario& s) {
  const auto written = scenario::load_text(io::ResultReader(finished).attribute_text("scenario_effective"), finished, {});
  std::string obstacle = io::resume_obstacle(io::resume_key(written), io::resume_key(s));
  if (obstacle.empty()) return std::nullopt;
  return Diagnostic{.file = finished.string(), .problem = "this finished run is of another scenario", .why = std::move(obstacle),
                    .suggestion = "undo the change, or start a new run under another name."};
}

ExitCode run_to_file(const RunRequest& request, const scenario::Scenario& s) {
  return ThreadLimit(request.threads).execute([&] { return run_scenario(request, s); });
}

ExitCode execute(const RunRequest& request) {
  nn::active_isa();  // an unknown SWARMSIM_SIMD ends the run here
  const scenario::Scenario s = load_scenario(request);
  if (request.resume && is_finished(request.output)) return report_finished(request, s);
  check_feasible(request, s);
  const ExitCode code = run_to_file(request, s);
  if (code != ExitCode::done) return code;
  print_summary(io::ResultReader(request.output), request.summary);
  say("results: {}\n", request.output.string());
  return ExitCode::done;
}

ExitCode run_verb(const Arguments& arguments) {
  const RunRequest request = parse_run(arguments);
  return request.replicates > 0 ? execute_replicates(request) : execute(request);
}

}  // namespace cli
}  // namespace swarm
