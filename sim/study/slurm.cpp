#include "sim/study/slurm.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "sim/study/text_file.hpp"

namespace swarm {
namespace study {
namespace {

constexpr std::int64_t kMostTasks = 100;  // unless the study asks for more

constexpr std::string_view kArray = R"(#!/bin/bash
# Task i of this array does the runs r with r mod @PARTS@ = i of the study in the folder below.
# Before the time limit it saves checkpoints, goes back to the queue, and continues from them.
#SBATCH --job-name=@NAME@
#SBATCH --array=@TASKS@
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=@CPUS@
#SBATCH --time=@MINUTES@
#SBATCH --signal=B:USR1@@LEAD_S@
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output="@DIR_ESCAPED@/logs/slurm-%A_%a.log"
@MORE@
program=@PROGRAM@
dir=@DIR@
parts=@PARTS@
most_runs=@RUNS@       # of one task; where it has more cores than that, each run gets several
most_restarts=@REQUEUES@   # of one task, whoever caused them; then it stays ended, and its runs are missing

task=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
restarts=${SLURM_RESTART_COUNT:-0}
say() { echo "$(date +%FT%T) task $task: $*"; }

# Only the shell gets USR1 (the time limit is near) and must pass it on: twice, since bash loses a signal to a child
# that it is just starting, and the program takes the second as the first. TERM (scancel, or the time limit itself)
# reaches the program too, or only the shell (scancel --batch). It is passed on as USR1, which means the same to the
# program: a third TERM, or a second one after USR1, would end it unsaved.
child=
asked=
woken=
pass_on() {
  [ "$asked" = TERM ] || asked=$1
  woken=yes
  [ -n "$child" ] && kill -s USR1 "$child" 2>/dev/null && [ "$1" = USR1 ] && sleep 1 && kill -s USR1 "$child" 2>/dev/null
}
trap 'pass_on USR1' USR1
trap 'pass_on TERM' TERM

say "starts on $(hostname), restart $restarts of at most $most_restarts"
cpus=${SLURM_CPUS_PER_TASK:-1}
"$program" sweep part "$dir" "$SLURM_ARRAY_TASK_ID/$parts" --jobs "$cpus" --threads $((cpus > most_runs ? cpus / most_runs : 1))@OPTIONS@ &
child=$!
[ -n "$asked" ] && pass_on "$asked"

# wait returns early when a trap has run, then with a number that is not the program's: wait again.
woken=yes
while [ -n "$woken" ]; do
  woken=
  wait "$child"
  code=$?
done

# 75: stopped on request with everything saved. After USR1 alone, 138: the program was not yet ready for it; -1: bash
# does not know, since the program ended in that moment. Beginning again costs nothing: finished runs are not repeated.
again=
[ "$code" -eq 75 ] && again=yes
[ "$asked" = USR1 ] && { [ "$code" -eq 138 ] || [ "$code" -eq -1 ]; } && again=yes
if [ -n "$again" ]; then
  if [ "$asked" = TERM ]; then
    say "cancelled; saved"
  elif [ "$restarts" -ge "$most_restarts" ]; then
    say "gives up after $restarts restarts; submit again to continue"
  else
    say "saved; back to the queue"
    trap '' TERM   # requeueing ends this script, perhaps before scontrol has said so
    scontrol requeue "$task" && exit 0
    say "cannot be requeued; submit again to continue"
  fi
fi
say "ends with exit code $code"
exit "$code"
)";

constexpr std::string_view kCollect = R"(#!/bin/bash
# Collects the study's results once every task of the array has ended, however it ended.
# Submitted with --dependency=afterany:ARRAY_JOB
#SBATCH --job-name=@NAME@-collect
#SBATCH --ntasks=1
#SBATCH --time=@MINUTES@
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output="@DIR_ESCAPED@/logs/slurm-collect-%j.log"
@MORE@
@PROGRAM@ sweep collect @DIR@
)";

/// In one pass: what a field brings in may look like another field.
std::string filled(std::string_view text, const std::map<std::string_view, std::string>& fields) {
  std::string out;
  while (!text.empty()) {
    const auto end = text.find('@', 1);
    const auto field = text[0] == '@' && end != text.npos ? fields.find(text.substr(1, end - 1)) : fields.end();
    if (field != fields.end()) {
      out += field->second;
      text.remove_prefix(end + 1);
    } else {
      out += text.substr(0, end);
      text.remove_prefix(std::min(end, text.size()));
    }
  }
  return out;
}

/// "0-3,7".
std::string ranges(const std::vector<std::int64_t>& tasks) {
  std::string text;
  for (std::size_t i = 0; i < tasks.size();) {
    std::size_t j = i;
    while (j + 1 < tasks.size() && tasks[j + 1] == tasks[j] + 1) ++j;
    if (!text.empty()) text += ',';
    text += j > i ? fmt::format("{}-{}", tasks[i], tasks[j]) : std::to_string(tasks[i]);
    i = j + 1;
  }
  return text;
}

/// For a file name of sbatch in quotes, where a percent sign begins a field.
std::string escaped(const std::string& path) {
  std::string out;
  for (const char c : path) {
    if (c == '"') out += '\\';
    out.append(c == '%' ? 2 : 1, c);
  }
  return out;
}

bool is_control(char c) { return (c >= 0 && c < ' ') || c == 127; }

/// A word that names a job: Slurm takes the rest for options.
std::string job_name(const std::string& name) {
  std::string out;
  for (const char c : name) out += c > ' ' && c < 127 && c != '"' && c != '\'' && c != '#' ? c : '_';
  return out.empty() ? "study" : out;
}

/// A line of the script, whatever the text; a line break in it would begin a command.
std::string option_line(const std::string& option, const std::string& text) {
  std::string line = "#SBATCH " + option + text;
  for (char& c : line)
    if (is_control(c)) c = ' ';
  return line + "\n";
}

std::map<std::string_view, std::string> fields_of(const SlurmJob& job) {
  const SlurmParams& p = job.params;
  std::string more;
  if (!p.partition.empty()) more += option_line("--partition=", p.partition);
  if (!p.account.empty()) more += option_line("--account=", p.account);
  if (!p.memory.empty()) more += option_line("--mem=", p.memory);
  for (const auto& option : job.options) more += option_line("", option);
  std::string options = fmt::format(" --attempts {}", job.attempts);
  if (job.checkpoint_every_s > 0) options += fmt::format(" --checkpoint-every {}s", job.checkpoint_every_s);
  return {{"PARTS", std::to_string(job.parts)},
          {"RUNS", std::to_string(job.runs)},
          {"NAME", job_name(job.name)},
          {"TASKS", ranges(job.tasks)},
          {"CPUS", std::to_string(p.cpus)},
          {"MINUTES", fmt::format("{:.0f}", std::ceil(p.time.seconds / 60))},
          {"LEAD_S", fmt::format("{:.0f}", p.signal_lead.seconds)},
          {"REQUEUES", std::to_string(p.requeues)},
          {"OPTIONS", options},
          {"MORE", more},
          {"PROGRAM", shell_word(job.program.string())},
          {"DIR", shell_word(job.folder.string())},
          {"DIR_ESCAPED", escaped(job.folder.string())}};
}

struct Answer {
  int code = 0;
  std::string text;
};

/// What a command prints, messages included.
Answer ask(const std::string& command) {
  Answer answer;
  std::FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {127, "no process can be started"};
  std::array<char, 4096> buffer;
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) answer.text.append(buffer.data(), n);
  const int status = pclose(pipe);
  answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  while (!answer.text.empty() && answer.text.back() == '\n') answer.text.pop_back();
  return answer;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

[[noreturn]] void refuse(const std::string& command, const Answer& answer) {
  const bool absent = answer.code == 127;
  throw InputError(Diagnostic{.file = "Slurm", .problem = fmt::format("{} {}", command, absent ? "is not there" : "failed"), .why = absent ? "this machine has no Slurm" : answer.text,
                              .suggestion = absent ? "run on a login node of the cluster, or use --backend local." : "see [slurm] in docs/study.md."});
}

std::string submitted(const std::string& arguments) {
  const Answer answer = ask("sbatch --parsable " + arguments);
  if (answer.code != 0) refuse("sbatch", answer);
  const std::string last = answer.text.substr(answer.text.rfind('\n') + 1);  // warnings may stand before it
  return last.substr(0, last.find(';'));                                    // JOB or JOB;CLUSTER
}

std::filesystem::path jobs_file(const StudyFolder& folder) { return folder.slurm() / "jobs.txt"; }

}  // namespace

SlurmJob slurm_job(const Study& study, const StudyRecord& record, const std::vector<std::int64_t>& runs, std::int64_t most_tasks) {
  SlurmJob job;
  job.name = record.name;
  job.params = study.slurm;
  job.options = study.slurm_options;
  const auto all = static_cast<std::int64_t>(record.rows.size());
  const std::int64_t groups = (all + job.params.cpus - 1) / job.params.cpus;
  job.parts = std::min({job.params.tasks > 0 ? job.params.tasks : std::min(groups, kMostTasks), most_tasks, all});
  job.runs = (all + job.parts - 1) / job.parts;
  std::set<std::int64_t> tasks;
  for (const std::int64_t run : runs) tasks.insert(run % job.parts);
  job.tasks.assign(tasks.begin(), tasks.end());
  return job;
}

std::string array_script(const SlurmJob& job) { return filled(kArray, fields_of(job)); }
std::string collect_script(const SlurmJob& job) { return filled(kCollect, fields_of(job)); }

std::int64_t most_array_tasks() {
  const Answer answer = ask("scontrol show config");
  if (answer.code != 0) refuse("scontrol", answer);
  const auto at = answer.text.find("MaxArraySize");
  const auto digits = answer.text.find_first_of("0123456789", at == answer.text.npos ? answer.text.size() : at);
  return digits == answer.text.npos ? kMostTasks : std::max<std::int64_t>(1, std::atoll(answer.text.c_str() + digits));
}

std::vector<std::string> queued_jobs(const StudyFolder& folder) {
  if (!std::filesystem::exists(jobs_file(folder))) return {};
  // All jobs: asked for one that it has forgotten, squeue fails as it does without its controller.
  const Answer answer = ask("squeue -h -o %F");
  if (answer.code != 0) refuse("squeue", answer);
  const auto in_queue = lines_of(answer.text);
  std::vector<std::string> queued;
  for (const auto& job : lines_of(read_text_file(jobs_file(folder))))
    if (std::find(in_queue.begin(), in_queue.end(), job) != in_queue.end()) queued.push_back(job);
  return queued;
}

void write_scripts(const StudyFolder& folder, const SlurmJob& job) {
  const std::string root = folder.root().string();
  const bool backslash = root.find('\\') != root.npos;
  if (backslash || std::any_of(root.begin(), root.end(), is_control))
    throw InputError(Diagnostic{.file = root, .problem = fmt::format("the folder has a {} in its name", backslash ? "backslash" : "control character"),
                                .why = "Slurm could not write its logs there", .suggestion = "choose another folder with -o."});
  make_folder(folder.slurm());
  write_text_file(folder.slurm() / "array.sbatch", array_script(job));
  write_text_file(folder.slurm() / "collect.sbatch", collect_script(job));
}

Submission submit(const StudyFolder& folder) {
  Submission submission;
  submission.array = submitted(shell_word((folder.slurm() / "array.sbatch").string()));
  write_text_file(jobs_file(folder), submission.array + "\n");
  try {
    submission.collector = submitted("--dependency=afterany:" + submission.array + " " + shell_word((folder.slurm() / "collect.sbatch").string()));
  } catch (const InputError&) {
    ask("scancel " + submission.array);  // all or nothing
    throw;
  }
  write_text_file(jobs_file(folder), fmt::format("{}\n{}\n", submission.array, submission.collector));
  return submission;
}

}  // namespace study
}  // namespace swarm
