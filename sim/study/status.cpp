#include "sim/study/status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "sim/study/text_file.hpp"

namespace swarm {
namespace study {
namespace {

/// One cell: tabs and line breaks would tear the table.
std::string cell(std::string text) {
  for (char& c : text)
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
  return text;
}

/// The commands that repeat runs; none if the study's files cannot be read any more or say something else.
class Commands {
 public:
  explicit Commands(const StudyRecord& record) {
    try {
      study_ = study_of(record);
      design_ = planned_design(*study_, record);
    } catch (const InputError&) {
      study_.reset();
    }
  }
  std::string of(std::int64_t run) const { return study_ ? command_of(run_spec(*study_, design_, run), fmt::format("run-{}.h5", run)) : ""; }

 private:
  std::optional<Study> study_;
  Design design_;
};

}  // namespace

StudyState state_of(const StudyRecord& study, const StudyFolder& folder) {
  StudyState state;
  state.records = read_records(folder.results());
  state.damaged = state.records.damaged;
  state.runs.resize(study.rows.size());
  for (const RunRecord& r : state.records.records) {
    if (r.run < 0 || r.run >= static_cast<std::int64_t>(study.rows.size()) || study.rows[static_cast<std::size_t>(r.run)].id != r.id) continue;
    RunState& run = state.runs[static_cast<std::size_t>(r.run)];
    run.attempts += !r.done;
    if (run.status == RunStatus::done) continue;
    run.status = r.done ? RunStatus::done : RunStatus::failed;
    run.record = &r;
  }
  for (const RunState& run : state.runs) {
    state.done += run.status == RunStatus::done;
    state.failed += run.status == RunStatus::failed;
    state.missing += run.status == RunStatus::missing;
    if (run.status == RunStatus::done) state.seconds += run.record->seconds;
  }
  return state;
}

std::vector<std::int64_t> runs_to_do(const StudyRecord& study, const StudyState& state, int attempts) {
  std::vector<std::int64_t> runs;
  for (std::size_t i = 0; i < state.runs.size(); ++i)
    if (state.runs[i].status != RunStatus::done && state.runs[i].attempts < attempts) runs.push_back(static_cast<std::int64_t>(i));
  if (study.common_random_numbers)
    std::stable_sort(runs.begin(), runs.end(), [&](std::int64_t a, std::int64_t b) {
      return study.rows[static_cast<std::size_t>(a)].replicate < study.rows[static_cast<std::size_t>(b)].replicate;
    });
  return runs;
}

int most_attempts(const StudyState& state) {
  int most = 0;
  for (const RunState& run : state.runs)
    if (run.status == RunStatus::failed) most = std::max(most, run.attempts);
  return most;
}

void write_failures(const StudyFolder& folder, const StudyRecord& study, const StudyState& state) {
  std::string text = "run\tpoint\treplicate\tid\tattempts\texit_code\tsignal\tmessage\tlog\tcommand\n";
  std::optional<Commands> commands;
  for (std::size_t i = 0; i < state.runs.size(); ++i) {
    const RunState& run = state.runs[i];
    if (run.status != RunStatus::failed) continue;
    if (!commands) commands.emplace(study);
    const DesignRow& row = study.rows[i];
    const Failure& f = run.record->failure;
    text += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", row.run, row.point, row.replicate, row.id, run.attempts, f.exit_code, f.signal,
                        cell(f.message), cell(f.log), cell(commands->of(row.run)));
  }
  write_text_file(folder.failures(), text);
}

}  // namespace study
}  // namespace swarm
