#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "sim/cli/interrupt.hpp"
#include "sim/cli/machine.hpp"
#include "sim/cli/message.hpp"
#include "sim/cli/paths.hpp"
#include "sim/cli/run.hpp"
#include "sim/cli/sweep.hpp"
#include "sim/core/parallel.hpp"
#include "sim/io/file_safety.hpp"
#include "sim/study/collect.hpp"
#include "sim/study/pool.hpp"
#include "sim/study/text_file.hpp"
#include "sim/study/worker.hpp"
#include "sim/world/plan.hpp"

/// The runs of a study on this machine.
namespace swarm {
namespace cli {
namespace {

using study::StudyFolder;
using study::StudyRecord;

/// One line for the whole study.
class SweepProgress {
 public:
  SweepProgress(ProgressMode mode, std::size_t before) : line_(mode), before_(before) {}

  void update(const study::PoolState& s) {
    const std::size_t ended = s.done + s.failed;
    if (!line_.due(ended == s.runs)) return;
    const double share = (static_cast<double>(ended) + std::accumulate(s.running.begin(), s.running.end(), 0.0)) / static_cast<double>(s.runs);
    const double elapsed = line_.elapsed_s(), left = share > 0 ? elapsed * (1 - share) / share : 0;
    const std::size_t all = s.runs + before_;
    if (line_.as_json())
      say("{{\"runs\":{},\"done\":{},\"failed\":{},\"running\":{},\"share\":{:.5f},\"elapsed_s\":{:.3f},\"eta_s\":{:.3f}}}\n", all, before_ + s.done, s.failed,
          s.running.size(), share, elapsed, left);
    else
      line_.draw(share, fmt::format("{:5.1f} %  {}/{} runs  {} failed  {} running  {}  ETA {}", 100 * share, before_ + s.done, all, s.failed, s.running.size(),
                                    clock_text(elapsed), clock_text(left)));
  }

 private:
  ProgressLine line_;
  std::size_t before_;  ///< runs that were done before
};

std::filesystem::path self() { return std::filesystem::read_symlink("/proc/self/exe"); }

/// Of the largest of these runs [B]; replicates are alike. What cannot be loaded any more fails by itself.
double most_memory(const study::Study& s, const study::Design& design, const std::vector<std::int64_t>& runs) {
  std::set<std::int64_t> points;
  for (const std::int64_t run : runs) points.insert(run / s.params.replicates);
  const std::vector<std::int64_t> list(points.begin(), points.end());
  std::vector<double> bytes(list.size());
  parallel_blocks(list.size(), 16, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) try {
        bytes[i] = world::predict(study::load_run(study::run_spec(s, design, list[i] * s.params.replicates))).memory_bytes;
      } catch (const InputError&) {}
  });
  return *std::max_element(bytes.begin(), bytes.end());
}

/// How many runs at a time, and the threads of each.
void settle_jobs(const SweepRequest& request, const StudyRecord& record, study::PoolRequest& pool) {
  const study::Study s = study::study_of(record);
  const study::Design design = study::planned_design(s, record);
  const double each = most_memory(s, design, pool.runs);
  const auto fitting = static_cast<int>(std::min(4096.0, kUsableMemory * machine_memory() / each));
  const int cores = ThreadLimit::available();
  if (fitting < std::max(1, request.jobs))
    throw InputError(Diagnostic{.file = record.study_file,
                                .problem = fmt::format("{} at a time would need about {:.1f} GB of memory", request.jobs > 1 ? fmt::format("{} runs", request.jobs) : "a run", each * std::max(1, request.jobs) / 1e9),
                                .why = fmt::format("this machine has {:.1f} GB and may use {:.0f} % of it", machine_memory() / 1e9, 100 * kUsableMemory),
                                .suggestion = fitting > 0 ? fmt::format("write --jobs {}.", fitting) : "lower population.agents or workload.requests_per_hour."});
  pool.jobs = request.jobs > 0 ? request.jobs : std::min(cores, fitting);
  pool.jobs = std::min(pool.jobs, static_cast<int>(std::min<std::size_t>(pool.runs.size(), 4096)));
  pool.threads = request.threads > 0 ? request.threads : std::max(1, cores / pool.jobs);
}

/// "local" for a study on one machine, "part-3-of-8" for a part of it.
std::string pool_name(const SweepRequest& request, bool whole) { return whole ? "local" : fmt::format("part-{}-of-{}", request.part, request.parts); }

std::vector<std::string> ids_of(const StudyRecord& record) {
  std::vector<std::string> ids;
  for (const auto& row : record.rows) ids.push_back(row.id);
  return ids;
}

/// What a sweep that was told to stop leaves behind.
ExitCode report_stop(const SweepRequest& request, int signal) {
  say("{}: stopped by {}; the runs at work have saved checkpoints\n", request.folder.string(), signal_name(signal));
  return exit_of(signal);
}

/// Removes the empty logs of this pool's workers, not those of other parts, which are in use; and checkpoints of runs that
/// are done, which a kill leaves between the end of a run and its last clean-up.
void tidy(const StudyFolder& folder, const StudyRecord& record, const study::StudyState& state, const std::string& pool) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder.logs(), ignored))
    if (entry.path().filename().string().starts_with(pool + "-") && entry.is_regular_file(ignored) && entry.file_size(ignored) == 0)
      std::filesystem::remove(entry.path(), ignored);
  std::vector<std::string> left;
  for (const auto& entry : std::filesystem::directory_iterator(folder.checkpoints(), ignored)) left.push_back(entry.path().filename());
  for (std::size_t i = 0; i < state.runs.size() && !left.empty(); ++i) {
    if (state.runs[i].status != study::RunStatus::done) continue;
    const std::string name = folder.checkpoint_of(record.rows[i]).filename();
    for (const auto& file : left)  // with those that were being written
      if (file.starts_with(name)) std::filesystem::remove(folder.checkpoints() / file, ignored);
  }
}

}  // namespace

ExitCode conduct(const SweepRequest& request, const StudyRecord& record, bool whole) {
  const StudyFolder folder(request.folder);
  const io::WriteLock lock = whole ? io::WriteLock::create(folder.lock()) : io::WriteLock::share(folder.lock());
  const InterruptGuard guard;
  auto state = study::state_of(record, folder);
  study::PoolRequest pool;
  for (const std::int64_t run : study::runs_to_do(record, state, request.attempts))
    if (run % request.parts == request.part) pool.runs.push_back(run);
  if (!pool.runs.empty()) {
    if (state.done > 0) say("{}: {} of {} runs are done, going on with {}\n", request.folder.string(), state.done, record.rows.size(), pool.runs.size());
    settle_jobs(request, record, pool);
    pool.ids = ids_of(record);
    pool.name = pool_name(request, whole);
    pool.worker_command = {self().string(), "sweep", "work", request.folder.string()};
    if (request.checkpoint_every_s > 0) {
      pool.worker_command.push_back("--checkpoint-every");
      pool.worker_command.push_back(fmt::format("{}s", request.checkpoint_every_s));
    }
    SweepProgress progress(request.progress, whole ? state.done : 0);
    const auto result = study::run_pool(folder, pool, [&](const study::PoolState& s) {
      progress.update(s);
      return InterruptGuard::caught() ? study::PoolOrder::stop : study::PoolOrder::go_on;
    });
    if (result.stopped) return report_stop(request, *InterruptGuard::caught());
    state = study::state_of(record, folder);
  }
  tidy(folder, record, state, pool_name(request, whole));
  if (whole) {
    study::write_failures(folder, record, state);
    study::collect(record, state, folder.collected());
    print_state(folder, record, state, request.summary);
    say("collected: {}\n", folder.collected().string());
    return exit_of(state);
  }
  bool failed = false;  // also what was left alone because it had failed before
  for (std::size_t run = static_cast<std::size_t>(request.part); run < state.runs.size(); run += static_cast<std::size_t>(request.parts))
    failed |= state.runs[run].status != study::RunStatus::done;
  return failed ? ExitCode::runs_failed : ExitCode::done;
}

ExitCode work_for_sweep(const SweepRequest& request) {
  const InterruptGuard guard;
  const study::WorkerRequest worker{request.folder, request.worker, request.checkpoint_every_s, cache_folder};
  const auto end = ThreadLimit(request.threads).execute([&] {
    return study::work(worker, stdin, stdout, [] { return InterruptGuard::caught().has_value(); });
  });
  static_assert(static_cast<int>(ExitCode::checkpointed) == study::kStopped);
  if (end == study::WorkerEnd::broken) return ExitCode::bad_file;
  return end == study::WorkerEnd::stopped ? ExitCode::checkpointed : ExitCode::done;
}

}  // namespace cli
}  // namespace swarm
