#include <fmt/format.h>

#include "agents/nn/isa.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/message.hpp"
#include "sim/cli/run.hpp"
#include "sim/cli/study_report.hpp"
#include "sim/io/checkpoint.hpp"
#include "sim/io/recorded_emissions.hpp"
#include "sim/io/resume_key.hpp"
#include "sim/scenario/load.hpp"
#include "sim/study/run_seed.hpp"

/// `swarmsim run --replicates`: one scenario, several seeds.
namespace swarm {
namespace cli {
namespace {

namespace fs = std::filesystem;

/// FILE.r3.h5 for FILE.h5 or FILE.
fs::path replicate_name(fs::path output, std::int64_t number) {
  if (output.extension() == ".h5") output.replace_extension();
  output += fmt::format(".r{}.h5", number);
  return output;
}

/// What is left of the first replicate, finished or not; it carries the scenario of all.
std::optional<fs::path> first_file(const RunRequest& request) {
  const fs::path first = replicate_name(request.output, 0);
  for (const auto& file : {first, io::ResultFile::partial_name(first)})
    if (fs::exists(file)) return file;
  return std::nullopt;
}

/// The scenario with the master seed: from its file, or for resumed replicates without one from the first of them.
scenario::Scenario load_scenario(const RunRequest& request) {
  if (!request.scenario.empty()) return scenario::load(request.scenario, request.overrides);
  const auto file = first_file(request);
  if (!file)
    throw InputError(Diagnostic{.file = replicate_name(request.output, 0).string(), .problem = "there is no such replicate, finished or not",
                                .why = "without one the replicates start anew, and for that their scenario is needed",
                                .suggestion = fmt::format("write 'swarmsim run SCENARIO.toml --replicates {} --resume {}'.", request.replicates,
                                                          request.output.string())});
  const io::ResultReader reader(*file);
  if (!reader.has_attribute("master_seed"))
    throw InputError(Diagnostic{.file = file->string(), .problem = "this is no replicate",
                                .why = "it does not say from which master seed the other seeds follow",
                                .suggestion = "name the scenario."});
  std::vector<std::string> overrides{"run.seed=" + reader.attribute_text("master_seed")};
  overrides.insert(overrides.end(), request.overrides.begin(), request.overrides.end());
  return scenario::load_text(reader.attribute_text("scenario_effective"), *file, overrides);
}

/// One of the runs, ready to start.
struct Prepared {
  RunRequest request;
  scenario::Scenario scenario;
};

Prepared prepare(const RunRequest& all, const scenario::Scenario& master, std::int64_t number) {
  Prepared one{all, master};
  one.scenario.run.seed = study::run_seed(master.run.seed, 0, static_cast<std::uint32_t>(number));
  one.scenario.overrides.push_back(fmt::format("run.seed={}", one.scenario.run.seed));
  one.request.output = replicate_name(all.output, number);
  one.request.replicate = io::Replicate{master.run.seed, number};
  one.request.resume = all.resume && fs::exists(io::ResultFile::partial_name(one.request.output));
  return one;
}

/// Why an interrupted replicate cannot be continued, if it cannot.
std::optional<Diagnostic> other_checkpoint(const Prepared& one) {
  const auto checkpoint = io::checkpoint_name(one.request.output);
  if (!one.request.resume || !fs::exists(checkpoint)) return std::nullopt;
  const auto written = scenario::load_text(io::checkpoint_scenario(checkpoint), checkpoint, {});
  std::string obstacle = io::resume_obstacle(io::resume_key(written), io::resume_key(one.scenario));
  if (obstacle.empty()) return std::nullopt;
  return Diagnostic{.file = checkpoint.string(), .problem = "the checkpoint belongs to another scenario", .why = std::move(obstacle),
                    .suggestion = "undo the change, or start new runs under another name."};
}

/// What is wrong with the run that carbon credits are issued against.
std::vector<Diagnostic> counterfactual_problems(const scenario::Scenario& s) {
  try {
    world::read_counterfactual(s, io::read_emissions);
  } catch (const InputError& error) {
    return error.problems();
  }
  return {};
}

/// Everything that could go wrong later, for all replicates, before the first one starts.
void check_all(const RunRequest& request, const scenario::Scenario& master) {
  std::vector<Diagnostic> problems;
  bool memory_checked = false;
  for (std::int64_t k = 0; k < request.replicates; ++k) {
    const Prepared one = prepare(request, master, k);
    const bool skipped = request.resume && is_finished(one.request.output);
    if (auto problem = skipped ? other_scenario(one.request.output, one.scenario) : other_checkpoint(one)) problems.push_back(std::move(*problem));
    if (skipped) continue;
    if (problems.empty()) problems = counterfactual_problems(one.scenario);  // one says how to mend all
    if (memory_checked)
      io::ResultFile::check_writable(one.request.output);
    else
      check_feasible(one.request, one.scenario);
    memory_checked = true;
  }
  if (!problems.empty()) throw InputError(std::move(problems));
}

/// One replicate, unless an earlier call finished it.
ExitCode run_one(const RunRequest& request, const Prepared& one) {
  const std::string name = one.request.output.string();
  const std::int64_t number = one.request.replicate->number + 1;
  if (request.resume && is_finished(one.request.output)) {
    remove_checkpoint(one.request.output);  // left if it was killed just before its last clean-up
    say("replicate {} of {}: {} is finished\n", number, request.replicates, name);
    return ExitCode::done;
  }
  say("replicate {} of {}: seed {}\n", number, request.replicates, one.scenario.run.seed);
  const ExitCode code = run_to_file(one.request, one.scenario);
  if (code == ExitCode::done) say("results: {}\n", name);
  return code;
}

/// One after the other until the end or a signal.
ExitCode run_all(const RunRequest& request, const scenario::Scenario& master) {
  const InterruptGuard guard;
  for (std::int64_t k = 0; k < request.replicates; ++k) {
    if (const auto signal = InterruptGuard::caught()) {
      say("stopped by {} before replicate {} of {}\n", signal_name(*signal), k + 1, request.replicates);
      return exit_of(*signal);
    }
    if (const ExitCode code = run_one(request, prepare(request, master, k)); code != ExitCode::done) return code;
  }
  return ExitCode::done;
}

}  // namespace

ExitCode execute_replicates(const RunRequest& request) {
  nn::active_isa();  // an unknown SWARMSIM_SIMD ends the runs here
  const scenario::Scenario master = load_scenario(request);
  check_all(request, master);
  if (const ExitCode code = run_all(request, master); code != ExitCode::done) {
    if (first_file(request)) say("continue with: swarmsim run --replicates {} --resume {}\n", request.replicates, request.output.string());
    return code;
  }
  std::vector<study::RunFigures> runs;
  for (std::int64_t k = 0; k < request.replicates; ++k) runs.push_back(study::read_run(replicate_name(request.output, k)));
  print_means(runs, master.run.seed, request.summary);
  return ExitCode::done;
}

}  // namespace cli
}  // namespace swarm
