#include "sim/study/execute.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <functional>
#include <limits>

#include "sim/io/digest.hpp"
#include "sim/scenario/load.hpp"
#include "sim/study/outcomes.hpp"
#include "sim/study/run_records.hpp"
#include "sim/study/worker.hpp"
#include "tests/unit/study/study_support.hpp"

namespace {

using namespace swarm;
using namespace swarm::study;
using namespace swarm::study::support;

constexpr int kNever = std::numeric_limits<int>::max();

/// One run of the small scenario with its files in a folder.
struct OneRun {
  scenario::Scenario scenario = scenario::load_text(kScenario, "/x/s.toml", {});
  Folder folder;
  world::PlanParts parts;
  RunFiles files;
  int asked = 0;  ///< how often it was asked whether to go on: once before each step

  explicit OneRun(bool full = false) {
    files.checkpoint = folder / "c.ckpt";
    if (full) files.full = folder / "run.h5";
  }
  /// Its figures; none if it stopped after `steps`.
  std::vector<double> go(int steps = kNever) {
    asked = 0;
    const auto summary = execute_run(scenario, files, parts, [&](double) { return asked++ < steps; });
    return summary ? figures_of(*summary, {}).values : std::vector<double>{};
  }
};

std::vector<std::uint64_t> bits(const std::vector<double>& values) {
  std::vector<std::uint64_t> out;
  for (const double v : values) out.push_back(std::bit_cast<std::uint64_t>(v));
  return out;
}

TEST(ExecuteRun, StoppedAndResumedIsTheRunThatNobodyDisturbed) {
  for (const bool full : {false, true}) {
    OneRun whole(full);
    const auto figures = bits(whole.go());
    EXPECT_EQ(whole.asked, 12);
    EXPECT_FALSE(std::filesystem::exists(whole.files.checkpoint));
    OneRun run(full);
    EXPECT_TRUE(run.go(5).empty());
    EXPECT_TRUE(std::filesystem::exists(run.files.checkpoint));
    EXPECT_TRUE(run.go(3).empty());
    EXPECT_EQ(bits(run.go()), figures);
    EXPECT_EQ(run.asked, 12 - 5 - 3);  // really resumed
    if (full) {
      EXPECT_EQ(io::digest(run.folder / "run.h5"), io::digest(whole.folder / "run.h5"));
    }
    // Mutant: another seed is seen.
    OneRun other(full);
    other.scenario.run.seed = 2;
    EXPECT_NE(bits(other.go()), figures);
  }
}

TEST(ExecuteRun, RegularCheckpointsChangeNothing) {
  OneRun run, regular;
  regular.files.checkpoint_every_s = 600;
  EXPECT_EQ(bits(regular.go()), bits(run.go()));
  EXPECT_TRUE(std::filesystem::exists(regular.files.checkpoint));  // of step 10; the caller removes it
  EXPECT_FALSE(regular.go().empty());
  EXPECT_EQ(regular.asked, 2);
}

// What cannot be used costs the time to begin anew, and nothing else.
TEST(ExecuteRun, ACheckpointThatCannotBeUsed) {
  OneRun whole;
  const auto figures = bits(whole.go());
  for (const std::string how : {"empty", "cut", "other", "no partial file", "half a partial file"}) {
    OneRun run(how.ends_with("partial file"));
    run.go(5);
    const std::string content = read_text_file(run.files.checkpoint);
    if (how == "empty") run.folder.write("c.ckpt", "");
    if (how == "cut") run.folder.write("c.ckpt", content.substr(0, content.size() / 2));
    if (how == "other") run.scenario.run.seed = 2;  // as if the file were of another run
    if (how == "no partial file") std::filesystem::remove(run.folder / "run.h5.partial");
    if (how == "half a partial file") std::filesystem::resize_file(run.folder / "run.h5.partial", std::filesystem::file_size(run.folder / "run.h5.partial") / 2);
    const auto again = bits(run.go());
    EXPECT_EQ(run.asked, 12) << how;
    EXPECT_EQ(again == figures, how != "other") << how;
  }
}

// ---- a worker ---------------------------------------------------------------------------------------------------------

/// What a worker answers to these lines; progress left out.
std::string answers(const StudyTest& t, std::string lines, const std::function<bool()>& stop = [] { return false; }, WorkerEnd* how = nullptr) {
  std::FILE* const in = fmemopen(lines.data(), lines.size(), "r");
  std::FILE* const out = std::tmpfile();
  const WorkerRequest request{t.results().root(), "w", 0, {}};
  const WorkerEnd end = work(request, in, out, stop);
  if (how) *how = end;
  std::rewind(out);
  std::string text;
  for (char line[1024]; std::fgets(line, sizeof line, out);)
    if (std::string(line).substr(0, 8) != "progress") text += line;
  std::fclose(in);
  std::fclose(out);
  return text;
}

TEST(Worker, DoesTheRunsItIsGiven) {
  const StudyTest t(kGrid, {"study.outcomes=[energy_kwh, served_share]"});
  const StudyRecord plan = t.record();
  t.results().begin(plan);
  WorkerEnd end{};
  EXPECT_EQ(answers(t, "3\n11\n", [] { return false; }, &end), "done 3\ndone 11\n");
  EXPECT_EQ(end, WorkerEnd::no_more_runs);
  const Records records = read_records(t.results().results());
  ASSERT_EQ(records.records.size(), 2u);
  for (const auto& r : records.records) {
    EXPECT_EQ(r.id, plan.rows[static_cast<std::size_t>(r.run)].id);
    ASSERT_EQ(r.layout->columns.size(), 2u);
    OneRun alone;
    alone.scenario = load_run(run_spec(t.study, make_design(t.study), r.run));
    const auto summary = execute_run(alone.scenario, alone.files, alone.parts, [](double) { return true; });
    EXPECT_EQ(bits(r.values), bits(figures_of(*summary, t.study.outcomes).values));
  }
  EXPECT_TRUE(std::filesystem::is_empty(t.results().checkpoints()));
  EXPECT_FALSE(std::filesystem::exists(t.results().runs()));
}

TEST(Worker, KeepsWholeFiles) {
  const StudyTest t("[study]\nkeep = \"full\"\n" + kGrid.substr(8));
  t.results().begin(t.record());
  EXPECT_EQ(answers(t, "2\n"), "done 2\n");
  OneRun alone(true);
  alone.scenario = load_run(run_spec(t.study, make_design(t.study), 2));
  alone.go();
  EXPECT_EQ(io::digest(t.results().run_file(2)), io::digest(alone.folder / "run.h5"));
}

TEST(Worker, SavesACheckpointWhenItIsToldToStop) {
  const StudyTest t(kGrid);
  t.results().begin(t.record());
  int asked = 0;
  WorkerEnd end{};
  EXPECT_EQ(answers(t, "0\n1\n", [&] { return ++asked > 6; }, &end), "stopped 0\n");
  EXPECT_EQ(end, WorkerEnd::stopped);
  EXPECT_TRUE(std::filesystem::exists(t.results().checkpoint_of(t.record().rows[0])));
  EXPECT_EQ(answers(t, "0\n"), "done 0\n");
  EXPECT_TRUE(std::filesystem::is_empty(t.results().checkpoints()));
}

TEST(Worker, ARunThatFailsStopsNoOther) {
  const StudyTest t("[study]\nscenario = \"scenario.toml\"\n[[factor]]\nname = \"world\"\nlevels = [{name = \"a\"}, "
                    "{name = \"b\", scenario = \"b.toml\"}, {name = \"c\", scenario = \"c.toml\"}]\n");
  for (const char* name : {"b.toml", "c.toml"}) t.folder.write(name, "extends = \"scenario.toml\"\n[pricing]\nmarkup = 0.2\n");
  t.results().begin(t.record());
  t.folder.write("b.toml", "extends = \"scenario.toml\"\n");  // another model by now
  std::filesystem::remove(t.folder / "c.toml");
  EXPECT_EQ(answers(t, "2\n1\n0\n"), "failed 2\nfailed 1\ndone 0\n");
  const Records records = read_records(t.results().results());
  ASSERT_EQ(records.records.size(), 3u);
  EXPECT_EQ(records.records[0].failure.exit_code, 2);
  EXPECT_NE(records.records[0].failure.message.find("c.toml: cannot read scenario"), std::string::npos);
  EXPECT_EQ(records.records[0].failure.log, "logs/w.log");
  EXPECT_NE(records.records[1].failure.message.find("b.toml: this scenario, or the program, has changed since the study was planned"), std::string::npos);
}

// The study's own files: going on makes no sense, and no run is to blame.
TEST(Worker, ACheckpointThatCannotBeWritten) {
  const StudyTest t(kGrid);
  t.results().begin(t.record());
  std::filesystem::remove(t.results().checkpoints());
  t.folder.write("results/checkpoints", "no folder");
  int asked = 0;
  WorkerEnd end{};
  const std::string text = answers(t, "0\n1\n", [&] { return ++asked > 6; }, &end);
  EXPECT_TRUE(text.starts_with("broken ") && text.find("/results/checkpoints/run-000000-") != text.npos) << text;
  EXPECT_EQ(end, WorkerEnd::broken);
  EXPECT_TRUE(read_records(t.results().results()).records.empty());
}

TEST(Worker, SaysWhyItCannotWork) {
  const StudyTest t(kGrid);
  EXPECT_NE(answers(t, "0\n").find("broken " + t.results().root().string() + ": is not the folder of a study"), std::string::npos);
  t.results().begin(t.record());
  const RecordWriter other(t.results().results_of("w"));
  WorkerEnd end{};
  const std::string text = answers(t, "0\n", [] { return false; }, &end);
  EXPECT_TRUE(text.starts_with("broken ") && text.find("w.jsonl: is being written by another run") != text.npos) << text;
  EXPECT_EQ(end, WorkerEnd::broken);
}

}  // namespace
