#include <fmt/format.h>

#include "sim/cli/message.hpp"
#include "sim/cli/sweep.hpp"
#include "sim/study/slurm.hpp"

/// The runs of a study on a cluster.
namespace swarm {
namespace cli {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kUnknownCluster = 1001;  // Slurm's own default of MaxArraySize

void refuse_if_queued(const study::StudyFolder& folder) {
  const auto queued = study::queued_jobs(folder);
  if (queued.empty()) return;
  throw InputError(Diagnostic{.file = folder.root().string(), .problem = fmt::format("this study is in the queue already, as job {}", fmt::join(queued, " and ")),
                              .why = "its runs would be done twice", .suggestion = fmt::format("wait for it, or end it: scancel {}.", fmt::join(queued, " "))});
}

/// `[slurm]` may be changed at any time: as the study file says it now, if there still is one.
study::Study study_now(const study::StudyRecord& record) {
  return fs::exists(record.study_file) ? study::load_study(record.study_file, record.overrides) : study::study_of(record);
}

std::string script(const study::StudyFolder& folder, const char* name) { return study::shell_word((folder.slurm() / name).string()); }

}  // namespace

ExitCode submit_to_slurm(const SweepRequest& request, const study::StudyRecord& record) {
  const study::StudyFolder folder(fs::absolute(request.folder).lexically_normal());
  if (request.submit) refuse_if_queued(folder);
  const auto state = study::state_of(record, folder);
  const auto runs = study::runs_to_do(record, state, request.attempts);
  if (runs.empty()) {
    print_state(folder, record, state, request.summary);
    say("nothing to submit{}\n", fs::exists(folder.collected()) ? "" : "; to collect: swarmsim sweep collect " + study::shell_word(request.folder.string()));
    return exit_of(state);
  }
  auto job = study::slurm_job(study_now(record), record, runs, request.submit ? study::most_array_tasks() : kUnknownCluster);
  job.program = fs::read_symlink("/proc/self/exe");
  job.folder = folder.root();
  job.attempts = request.attempts;
  job.checkpoint_every_s = request.checkpoint_every_s;
  study::write_scripts(folder, job);
  if (!request.submit) {
    fmt::print("{}: scripts for {} tasks written; submit them with:\njob=$(sbatch --parsable {}) && sbatch --dependency=afterany:\"${{job%%;*}}\" {}\n", folder.slurm().string(),
               job.tasks.size(), script(folder, "array.sbatch"), script(folder, "collect.sbatch"));
    return ExitCode::done;
  }
  const auto submitted = study::submit(folder);
  fmt::print("{}: {} runs in {} tasks submitted as job {}, the collector as job {}\n", folder.root().string(), runs.size(), job.tasks.size(), submitted.array, submitted.collector);
  say("progress: swarmsim sweep status {}\n", study::shell_word(request.folder.string()));
  return ExitCode::done;
}

}  // namespace cli
}  // namespace swarm
