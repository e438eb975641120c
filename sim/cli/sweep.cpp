#include "sim/cli/sweep.hpp"

#include <fmt/format.h>

#include "agents/nn/isa.hpp"
#include "sim/cli/message.hpp"
#include "sim/io/result_file.hpp"
#include "sim/study/collect.hpp"
#include "sim/study/outcomes.hpp"
#include "sim/study/study_folder.hpp"

namespace swarm {
namespace cli {
namespace {

using study::StudyFolder;
using study::StudyRecord;

/// "3 points, 1 replicate, 3 runs".
std::string size_text(const StudyRecord& record) {
  const auto counted = [](std::size_t n, const char* what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); };
  return counted(static_cast<std::size_t>(record.points), "point") + ", " + counted(static_cast<std::size_t>(record.replicates), "replicate") + ", " +
         counted(record.rows.size(), "run");
}

/// Reads the study, loads every point's scenario, and begins its folder or finds the same study there.
StudyRecord plan(const SweepRequest& request) {
  const study::Study s = study::load_study(request.study, request.overrides);
  const study::Design design = study::make_design(s);
  for (const auto& warning : design.warnings) say("{}: warning: {}\n", request.study.string(), warning);
  StudyRecord record = study::record_of(s, design, study::plan_runs(s, design));
  study::check_outcomes(s);
  StudyFolder(request.folder).begin(record);
  return record;
}

ExitCode run_study(const SweepRequest& request, const StudyRecord& record) {
  return request.backend == Backend::slurm ? submit_to_slurm(request, record) : conduct(request, record, true);
}

ExitCode plan_only(const SweepRequest& request) {
  const StudyRecord record = plan(request);
  fmt::print("{}: {} planned\n", request.folder.string(), size_text(record));
  return ExitCode::done;
}

ExitCode retry_failed(SweepRequest request) {
  const StudyFolder folder(request.folder);
  const StudyRecord record = folder.read();
  const auto state = study::state_of(record, folder);
  if (state.failed == 0) {
    say("{}: no run has failed\n", request.folder.string());
    print_state(folder, record, state, request.summary);
    return exit_of(state);
  }
  request.attempts = study::most_attempts(state) + 1;
  return run_study(request, record);
}

ExitCode show_status(const SweepRequest& request) {
  const StudyFolder folder(request.folder);
  const StudyRecord record = folder.read();
  print_state(folder, record, study::state_of(record, folder), request.summary);
  return ExitCode::done;
}

/// Damage is named and costs the damaged runs alone; what there is, is collected. Once they were done again, it is past.
ExitCode collect_results(const SweepRequest& request) {
  const StudyFolder folder(request.folder);
  const StudyRecord record = folder.read();
  const auto state = study::state_of(record, folder);
  const auto output = request.output.empty() ? folder.collected() : request.output;
  if (!request.output.empty()) io::ResultFile::check_writable(output);  // above all, no file of another kind
  study::write_failures(folder, record, state);
  study::collect(record, state, output);
  print_state(folder, record, state, request.summary);
  say("collected: {}\n", output.string());
  return state.damaged.empty() || exit_of(state) == ExitCode::done ? ExitCode::done : ExitCode::bad_file;
}

}  // namespace

ExitCode exit_of(const study::StudyState& state) { return state.failed + state.missing > 0 ? ExitCode::runs_failed : ExitCode::done; }

void print_state(const StudyFolder& folder, const StudyRecord& record, const study::StudyState& state, SummaryFormat format) {
  constexpr std::size_t kMostFailures = 10;
  if (exit_of(state) != ExitCode::done)
    for (const auto& d : state.damaged) say("{}\n", d.text());
  std::size_t shown = 0;
  for (std::size_t i = 0; i < state.runs.size() && state.failed > 0; ++i) {
    if (state.runs[i].status != study::RunStatus::failed) continue;
    if (++shown > kMostFailures) break;
    say("run {}: {}\n", i, state.runs[i].record->failure.message);
  }
  if (shown > kMostFailures) say("… and {} more\n", state.failed - kMostFailures);
  if (state.failed > 0) say("failed runs with their commands: {}; once more: swarmsim sweep retry-failed {}\n", folder.failures().string(), folder.root().string());
  if (format == SummaryFormat::json) {
    fmt::print("{{\"points\":{},\"replicates\":{},\"runs\":{},\"done\":{},\"failed\":{},\"missing\":{},\"damaged_lines\":{},\"run_seconds\":{:.3f}}}\n", record.points,
               record.replicates, record.rows.size(), state.done, state.failed, state.missing, state.damaged.size(), state.seconds);
    return;
  }
  fmt::print("{}: {}: {} done, {} failed, {} missing\n", folder.root().string(), size_text(record), state.done, state.failed, state.missing);
}

ExitCode sweep_verb(const Arguments& arguments) {
  const SweepRequest request = parse_sweep(arguments);
  if (request.action == "work") return work_for_sweep(request);
  nn::active_isa();  // an unknown SWARMSIM_SIMD ends the sweep here
  if (request.action == "plan") return plan_only(request);
  if (request.action == "part") return conduct(request, StudyFolder(request.folder).read(), false);
  if (request.action == "status") return show_status(request);
  if (request.action == "retry-failed") return retry_failed(request);
  if (request.action == "collect") return collect_results(request);
  return run_study(request, plan(request));
}

}  // namespace cli
}  // namespace swarm
