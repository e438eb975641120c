#include "sim/study/slurm.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "sim/study/text_file.hpp"

namespace {

using namespace swarm;
namespace fs = std::filesystem;
using study::SlurmJob;
using Runs = std::vector<std::int64_t>;

Runs all_of(std::int64_t runs) {
  Runs all(static_cast<std::size_t>(runs));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

/// The division of so many runs, of which these are to be done.
SlurmJob divided(std::int64_t runs, std::int64_t cpus, std::int64_t tasks, std::int64_t most, const Runs& to_do) {
  study::Study s;
  s.slurm.cpus = cpus;
  s.slurm.tasks = tasks;
  study::StudyRecord record;
  record.rows.resize(static_cast<std::size_t>(runs));
  return study::slurm_job(s, record, to_do, most);
}

struct Division {
  std::int64_t parts, runs;
  friend bool operator==(const Division&, const Division&) = default;
};
Division division(std::int64_t runs, std::int64_t cpus, std::int64_t tasks = 0, std::int64_t most = 1001) {
  const SlurmJob job = divided(runs, cpus, tasks, most, all_of(runs));
  EXPECT_EQ(job.tasks, all_of(job.parts));
  return {job.parts, job.runs};
}

TEST(SlurmJobs, HaveATaskPerGroupOfRunsOrAsManyAsAskedForAndAllowed) {
  EXPECT_EQ(division(12, 1), (Division{12, 1}));
  EXPECT_EQ(division(12, 4), (Division{3, 4}));
  EXPECT_EQ(division(13, 4), (Division{4, 4}));
  EXPECT_EQ(division(3, 64), (Division{1, 3}));
  EXPECT_EQ(division(100, 1), (Division{100, 1}));
  EXPECT_EQ(division(101, 1), (Division{100, 2}));
  EXPECT_EQ(division(1000, 1, 250), (Division{250, 4}));
  EXPECT_EQ(division(1000, 8, 3), (Division{3, 334}));
  EXPECT_EQ(division(1000, 1, 250, 200), (Division{200, 5}));
  EXPECT_EQ(division(1000, 1, 0, 7), (Division{7, 143}));
  EXPECT_EQ(division(12, 1, 250), (Division{12, 1}));
}

TEST(SlurmJobs, HaveOnlyTasksWithSomethingToDo) {
  EXPECT_EQ(divided(12, 1, 5, 1001, {11, 6, 1, 3, 8}).tasks, (Runs{1, 3}));
  EXPECT_EQ(divided(12, 1, 5, 1001, {4}).tasks, (Runs{4}));
  // The division is that of the whole study, so that a run keeps its task.
  EXPECT_EQ(divided(12, 1, 5, 1001, {4}).parts, 5);
}

TEST(SlurmJobs, SayWhatTheStudySays) {
  study::Study s;
  s.slurm.partition = "long";
  s.slurm_options = {"--qos=low"};
  study::StudyRecord record;
  record.name = "prices";
  record.rows.resize(2);
  const SlurmJob job = study::slurm_job(s, record, {0, 1}, 9);
  EXPECT_EQ(job.name, "prices");
  EXPECT_EQ(job.params.partition, "long");
  EXPECT_EQ(job.options, std::vector<std::string>{"--qos=low"});
}

SlurmJob job_with(const Runs& tasks) {
  SlurmJob job;
  job.program = "/opt/swarmsim";
  job.folder = "/data/out";
  job.name = "prices";
  job.parts = 8;
  job.runs = 3;
  job.tasks = tasks;
  return job;
}

std::string header(const std::string& script) { return script.substr(0, script.find("\n\n") + 1); }
bool has_line(const std::string& script, const std::string& line) { return ("\n" + script).find("\n" + line + "\n") != std::string::npos; }

TEST(SlurmScripts, ArrayOfTasks) {
  SlurmJob job = job_with({0, 1, 2, 7});
  job.params = {.partition = "", .account = "", .time = Duration{5400}, .memory = "", .cpus = 4, .tasks = 0, .signal_lead = Duration{300}, .requeues = 17};
  const std::string script = study::array_script(job);
  EXPECT_EQ(header(script),
            "#!/bin/bash\n"
            "# Task i of this array does the runs r with r mod 8 = i of the study in the folder below.\n"
            "# Before the time limit it saves checkpoints, goes back to the queue, and continues from them.\n"
            "#SBATCH --job-name=prices\n"
            "#SBATCH --array=0-2,7\n"
            "#SBATCH --ntasks=1\n"
            "#SBATCH --cpus-per-task=4\n"
            "#SBATCH --time=90\n"
            "#SBATCH --signal=B:USR1@300\n"
            "#SBATCH --requeue\n"
            "#SBATCH --open-mode=append\n"
            "#SBATCH --output=\"/data/out/logs/slurm-%A_%a.log\"\n");
  for (const char* line : {"program=/opt/swarmsim", "dir=/data/out", "parts=8"}) EXPECT_TRUE(has_line(script, line)) << line;
  EXPECT_NE(script.find("\nmost_runs=3 "), script.npos);
  EXPECT_NE(script.find("\nmost_restarts=17 "), script.npos);
  EXPECT_TRUE(has_line(script, "\"$program\" sweep part \"$dir\" \"$SLURM_ARRAY_TASK_ID/$parts\" --jobs \"$cpus\" --threads "
                               "$((cpus > most_runs ? cpus / most_runs : 1)) --attempts 1 &"));
}

TEST(SlurmScripts, Collector) {
  SlurmJob job = job_with({0});
  job.params.memory = "2G";
  EXPECT_EQ(study::collect_script(job),
            "#!/bin/bash\n"
            "# Collects the study's results once every task of the array has ended, however it ended.\n"
            "# Submitted with --dependency=afterany:ARRAY_JOB\n"
            "#SBATCH --job-name=prices-collect\n"
            "#SBATCH --ntasks=1\n"
            "#SBATCH --time=60\n"
            "#SBATCH --requeue\n"
            "#SBATCH --open-mode=append\n"
            "#SBATCH --output=\"/data/out/logs/slurm-collect-%j.log\"\n"
            "#SBATCH --mem=2G\n"
            "\n"
            "/opt/swarmsim sweep collect /data/out\n");
}

TEST(SlurmScripts, RangesOfTasks) {
  const auto asked = [](const Runs& tasks) {
    const std::string script = study::array_script(job_with(tasks)), mark = "#SBATCH --array=";
    const auto at = script.find(mark) + mark.size();
    return script.substr(at, script.find('\n', at) - at);
  };
  EXPECT_EQ(asked({0}), "0");
  EXPECT_EQ(asked({4, 5}), "4-5");
  EXPECT_EQ(asked({0, 2, 4}), "0,2,4");
  EXPECT_EQ(asked({1, 2, 3, 5, 8, 9}), "1-3,5,8-9");
}

TEST(SlurmScripts, WholeMinutesOfTimeRoundedUp) {
  for (const auto& [seconds, minutes] : std::vector<std::pair<double, std::string>>{{60, "1"}, {61, "2"}, {119.5, "2"}, {120, "2"}, {172800, "2880"}}) {
    SlurmJob job = job_with({0});
    job.params.time.seconds = seconds;
    EXPECT_TRUE(has_line(study::array_script(job), "#SBATCH --time=" + minutes)) << seconds;
    EXPECT_TRUE(has_line(study::collect_script(job), "#SBATCH --time=" + minutes)) << seconds;
  }
}

TEST(SlurmScripts, FurtherOptionsComeInOrderInBoth) {
  SlurmJob job = job_with({0});
  job.params.partition = "long";
  job.params.account = "grid";
  job.params.memory = "4G";
  job.options = {"--qos=low", "--comment=\"by night\""};
  const std::string more = "#SBATCH --partition=long\n#SBATCH --account=grid\n#SBATCH --mem=4G\n#SBATCH --qos=low\n#SBATCH --comment=\"by night\"\n\n";
  EXPECT_NE(study::array_script(job).find("%A_%a.log\"\n" + more), std::string::npos);
  EXPECT_NE(study::collect_script(job).find("%j.log\"\n" + more), std::string::npos);
}

TEST(SlurmScripts, NoTextOfAStudyBecomesACommand) {
  SlurmJob job = job_with({0});
  job.name = "a b\n\"c\" 'd' #e é";
  job.params.partition = "x\nrm -rf /";
  job.options = {"--qos=low\nrm -rf /\r\t"};
  const std::string head = header(study::array_script(job));
  EXPECT_TRUE(has_line(head, "#SBATCH --job-name=a_b__c___d___e___"));
  EXPECT_TRUE(has_line(head, "#SBATCH --partition=x rm -rf /"));
  EXPECT_TRUE(has_line(head, "#SBATCH --qos=low rm -rf /  "));
  job.name = "";
  EXPECT_TRUE(has_line(study::array_script(job), "#SBATCH --job-name=study"));
}

TEST(SlurmScripts, NamesOfFoldersAreQuoted) {
  SlurmJob job = job_with({0});
  job.program = "/my programs/swarmsim";
  job.folder = "/a b \"c\" 'd' 5% $e @PARTS@ @DIR_ESCAPED@";
  const std::string script = study::array_script(job);
  EXPECT_TRUE(has_line(script, "#SBATCH --output=\"/a b \\\"c\\\" 'd' 5%% $e @PARTS@ @DIR_ESCAPED@/logs/slurm-%A_%a.log\""));
  EXPECT_TRUE(has_line(script, "program='/my programs/swarmsim'"));
  EXPECT_TRUE(has_line(script, R"(dir='/a b "c" '\''d'\'' 5% $e @PARTS@ @DIR_ESCAPED@')"));
  EXPECT_TRUE(has_line(study::collect_script(job), R"('/my programs/swarmsim' sweep collect '/a b "c" '\''d'\'' 5% $e @PARTS@ @DIR_ESCAPED@')"));
}

TEST(SlurmScripts, AttemptsAndCheckpoints) {
  SlurmJob job = job_with({0});
  job.attempts = 3;
  job.checkpoint_every_s = 86400;
  EXPECT_NE(study::array_script(job).find(" --attempts 3 --checkpoint-every 86400s &\n"), std::string::npos);
}

/// A study's folder, and commands of Slurm that only say something.
class SlurmCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "swarm_slurm_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    fs::create_directories(bin());
    path_ = std::getenv("PATH");
    setenv("PATH", bin().c_str(), 1);
  }
  void TearDown() override {
    setenv("PATH", path_.c_str(), 1);
    fs::remove_all(root_);
  }
  fs::path bin() const { return root_ / "bin"; }
  study::StudyFolder folder() const { return study::StudyFolder(root_ / "out"); }
  fs::path jobs() const { return folder().slurm() / "jobs.txt"; }

  /// Writes down its name and arguments too.
  void command(const std::string& name, const std::string& does) {
    std::ofstream(bin() / name) << "#!/bin/sh\necho \"" << name << " $*\" >> " << (root_ / "asked").string() << "\n" << does << "\n";
    fs::permissions(bin() / name, fs::perms::owner_all);
  }
  std::string asked() const { return study::read_text_file(root_ / "asked"); }

  template <class F>
  static std::string refusal(const F& f) {
    try {
      f();
    } catch (const InputError& e) {
      return e.what();
    }
    return "";
  }

  fs::path root_;
  std::string path_;
};

TEST_F(SlurmCommands, TheClusterSaysHowManyTasksAnArrayMayHave) {
  command("scontrol", "echo 'Other = 3'; echo 'MaxArraySize            = 4001'; echo 'MaxDBDMsgs = 20008'");
  EXPECT_EQ(study::most_array_tasks(), 4001);
  command("scontrol", "echo 'MaxArraySize = 0'");
  EXPECT_EQ(study::most_array_tasks(), 1);
  command("scontrol", "echo 'Nothing = 5'");
  EXPECT_EQ(study::most_array_tasks(), 100);
  command("scontrol", "echo no controller >&2; exit 1");
  EXPECT_EQ(refusal([] { study::most_array_tasks(); }), "Slurm: scontrol failed (no controller) see [slurm] in docs/study.md.");
  fs::remove(bin() / "scontrol");
  EXPECT_EQ(refusal([] { study::most_array_tasks(); }),
            "Slurm: scontrol is not there (this machine has no Slurm) run on a login node of the cluster, or use --backend local.");
}

TEST_F(SlurmCommands, JobsInTheQueue) {
  EXPECT_TRUE(study::queued_jobs(folder()).empty()) << "nothing was submitted, so that nobody is asked";
  study::make_folder(folder().slurm());
  study::write_text_file(jobs(), "12\n13\n");
  EXPECT_NE(refusal([&] { study::queued_jobs(folder()); }).find("squeue is not there"), std::string::npos);
  command("squeue", "printf '123\\n1\\n13\\n13\\n'");
  EXPECT_EQ(study::queued_jobs(folder()), std::vector<std::string>{"13"});
  command("squeue", "printf '13\\n12\\n'");
  EXPECT_EQ(study::queued_jobs(folder()), (std::vector<std::string>{"12", "13"}));
  command("squeue", ":");
  EXPECT_TRUE(study::queued_jobs(folder()).empty());
  command("squeue", "echo 12; exit 1");
  EXPECT_NE(refusal([&] { study::queued_jobs(folder()); }).find("squeue failed (12)"), std::string::npos);
}

TEST_F(SlurmCommands, SubmissionOfBothOrNone) {
  SlurmJob job = job_with({0});
  study::write_scripts(folder(), job);
  const std::string scripts = folder().slurm().string();
  EXPECT_EQ(study::read_text_file(scripts + "/array.sbatch"), study::array_script(job));
  EXPECT_EQ(study::read_text_file(scripts + "/collect.sbatch"), study::collect_script(job));

  command("sbatch", "echo 'sbatch: a warning' >&2; case \"$*\" in *dependency*) echo 42;; *) echo '41;north';; esac");
  const auto submitted = study::submit(folder());
  EXPECT_EQ(submitted.array, "41");
  EXPECT_EQ(submitted.collector, "42");
  EXPECT_EQ(study::read_text_file(jobs()), "41\n42\n");
  EXPECT_EQ(asked(), "sbatch --parsable " + scripts + "/array.sbatch\nsbatch --parsable --dependency=afterany:41 " + scripts + "/collect.sbatch\n");

  fs::remove(root_ / "asked");
  command("scancel", ":");
  command("sbatch", "case \"$*\" in *dependency*) echo no room; exit 1;; *) echo 43;; esac");
  EXPECT_EQ(refusal([&] { study::submit(folder()); }), "Slurm: sbatch failed (no room) see [slurm] in docs/study.md.");
  EXPECT_EQ(asked(), "sbatch --parsable " + scripts + "/array.sbatch\nsbatch --parsable --dependency=afterany:43 " + scripts + "/collect.sbatch\nscancel 43\n");
  EXPECT_EQ(study::read_text_file(jobs()), "43\n");
}

TEST_F(SlurmCommands, FoldersThatSlurmCannotWriteTo) {
  for (const auto& [name, what] : std::vector<std::pair<std::string, std::string>>{{"a\\b", "backslash"}, {"a\nb", "control character"}, {"a\x7f", "control character"}}) {
    const study::StudyFolder odd(root_ / name);
    EXPECT_NE(refusal([&] { study::write_scripts(odd, job_with({0})); }).find("the folder has a " + what + " in its name"), std::string::npos);
    EXPECT_FALSE(fs::exists(odd.slurm()));
  }
  EXPECT_EQ(refusal([&] { study::write_scripts(study::StudyFolder(root_ / "ä b"), job_with({0})); }), "");
}

}  // namespace
