#include "sim/study/study_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>

#include "sim/io/file_safety.hpp"
#include "tests/unit/study/study_support.hpp"

namespace {

using namespace swarm;
using namespace swarm::study;
using namespace swarm::study::support;

/// Everything a folder says, as text.
std::string text_of(const StudyRecord& r) {
  std::string text = fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}\n", r.study_file, r.study_text, r.name, r.question, r.version, r.revision,
                                 enum_name(r.design), r.seed, r.points, r.replicates, r.common_random_numbers, fmt::join(r.overrides, "|"), fmt::join(r.outcomes, "|"));
  for (const auto& f : r.factors) text += fmt::format("{}|{}|{}|{}|{}\n", f.name, f.key, f.unit, f.numeric, fmt::join(f.labels, "|"));
  for (const auto& row : r.rows)
    text += fmt::format("{}|{}|{}|{}|{}|{}|{}|{}\n", row.run, row.point, row.replicate, row.seed, row.sample, row.matrix, row.id, fmt::join(row.cells, "|"));
  return text;
}

const std::string kOdd = R"([study]
scenario = "scenario.toml"
outcomes = ["energy_kwh"]
common_random_numbers = true
[[factor]]
name = "words"
levels = [{name = "a, \"b\""}, {name = " line\nbreak "}, {name = "\r"}, {name = "é\t"}]
[[factor]]
key = "pricing.markup"
values = [0.1, 1e-9]
)";
const std::string kSaltelli = "[study]\nscenario = \"scenario.toml\"\ndesign = \"saltelli\"\npoints = 2\n[[factor]]\nkey = \"pricing.markup\"\nmin = 0\nmax = 0.5\n"
                              "[[factor]]\nkey = \"population.agents\"\nmin = 10\nmax = 20\nwhole = true\n";

TEST(StudyFolder, RoundTrip) {
  for (const auto& [text, overrides] : {std::pair{kGrid, std::vector<std::string>{"study.replicates=3", "run.name=a\"b"}}, {kOdd, {}}, {kSaltelli, {}}}) {
    const StudyTest t(text, overrides);
    const StudyRecord record = t.record();
    EXPECT_FALSE(t.results().exists());
    t.results().begin(record);
    EXPECT_TRUE(t.results().exists());
    EXPECT_EQ(text_of(t.results().read()), text_of(record));
    // The study itself comes back, from whatever folder it is read.
    const Study again = study_of(t.results().read());
    EXPECT_EQ(text_of(record_of(again, planned_design(again, record), plan_runs(again, planned_design(again, record)))), text_of(record));
    // Mutants: a cell, an id, a sample that differs.
    StudyRecord other = record;
    other.rows[1].cells[0] += " ";
    EXPECT_NE(text_of(other), text_of(record));
    // To begin it again is to find it.
    const auto manifest = std::filesystem::last_write_time(t.results().manifest());
    t.results().begin(record);
    EXPECT_EQ(std::filesystem::last_write_time(t.results().manifest()), manifest);
  }
}

TEST(StudyFolder, DesignCsvIsATableThatPeopleRead) {
  const StudyTest t(kGrid);
  t.results().begin(t.record());
  const std::string csv = read_text_file(t.results().design());
  const StudyRecord r = t.record();
  EXPECT_TRUE(csv.starts_with("run,point,replicate,seed,id,markup,carbon_price\n0,0,0," + std::to_string(r.rows[0].seed) + "," + r.rows[0].id + ",0.1,0\n1,0,1,")) << csv;
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 13);
  const StudyTest s(kSaltelli);
  s.results().begin(s.record());
  EXPECT_TRUE(read_text_file(s.results().design()).starts_with("run,point,replicate,seed,id,sample,matrix,markup,agents\n"));
}

TEST(StudyFolder, NamesOfFiles) {
  const StudyFolder f("/d");
  EXPECT_EQ(f.run_file(7), "/d/runs/run-000007.h5");
  EXPECT_EQ(f.run_file(1'234'567), "/d/runs/run-1234567.h5");
  EXPECT_EQ(f.results_of("local-0"), "/d/results/local-0.jsonl");
  // Two runs of one id may be at work at once: each has its own.
  DesignRow a, b;
  a.id = b.id = "0123456789abcdef";
  b.run = 1;
  EXPECT_EQ(f.checkpoint_of(a), "/d/checkpoints/run-000000-0123456789abcdef.ckpt");
  EXPECT_NE(f.checkpoint_of(a), f.checkpoint_of(b));
}

// ---- another study in the same folder --------------------------------------------------------------------------------

/// What is said of a study that is begun in the folder of kGrid.
std::string refusal(const std::string& text, const std::string& scenario = kScenario, const std::function<void(StudyRecord&)>& change = [](StudyRecord&) {}) {
  const StudyTest t(kGrid);
  t.results().begin(t.record());
  const std::string before = read_text_file(t.results().manifest()) + read_text_file(t.results().design());
  t.folder.write("scenario.toml", scenario);
  t.folder.write("study.toml", text);
  const Study other = load_study(t.folder / "study.toml", {});
  const Design design = make_design(other);
  StudyRecord record = record_of(other, design, plan_runs(other, design));
  change(record);
  const std::string what = said([&] { t.results().begin(record); }, t.folder.path());
  if (what.empty()) return what;
  EXPECT_EQ(read_text_file(t.results().manifest()) + read_text_file(t.results().design()), before);
  const std::string head = "results: this folder holds another study: ";
  const std::string tail = " (results of two designs must not be mixed) undo the change, or choose another folder with -o.";
  if (!what.starts_with(head) || !what.ends_with(tail)) return what;
  return what.substr(head.size(), what.size() - head.size() - tail.size());
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  EXPECT_NE(at, text.npos) << what;
  return text.replace(at, what.size(), by);
}

TEST(StudyFolder, EachChangeOfTheDesignIsRefusedInItsWords) {
  EXPECT_EQ(refusal(kGrid), "");
  EXPECT_EQ(refusal(replaced(kGrid, "replicates = 2", "replicates = 3")), "it had 2 replicates, it has 3");
  EXPECT_EQ(refusal(replaced(kGrid, "[0, 50, 100]", "[0, 50]")), "it had 6 points, it has 4");
  EXPECT_EQ(refusal(replaced(kGrid, "[0, 50, 100]", "[0, 50, 101]")), "its factors were others, or had other values");
  EXPECT_EQ(refusal(replaced(kGrid, "name = \"carbon_price\"", "name = \"price\"")), "its factors were others, or had other values");
  EXPECT_EQ(refusal(replaced(kGrid, "scenario = ", "seed = 2\nscenario = ")), "run 0 has another seed");
  EXPECT_EQ(refusal(replaced(kGrid, "scenario = ", "common_random_numbers = true\nscenario = ")), "run 2 has another seed");
  EXPECT_EQ(refusal(replaced(kGrid, "scenario = ", "outcomes = [\"energy_kwh\"]\nscenario = ")), "it kept other outcomes");
  EXPECT_EQ(refusal(replaced(kGrid, "scenario = ", "set = [\"run.duration=2h\"]\nscenario = ")), "the scenario of run 0 is another one");
  EXPECT_EQ(refusal(kGrid, replaced(kScenario, "agents = 50", "agents = 51")), "the scenario of run 0 is another one");
  EXPECT_EQ(refusal("[study]\nscenario = \"scenario.toml\"\nreplicates = 2\ndesign = \"lhs\"\npoints = 6\n[[factor]]\nkey = \"pricing.markup\"\nmin = 0\nmax = 1\n"),
            "its design was grid, it is lhs");
  EXPECT_EQ(refusal(kGrid, kScenario, [](StudyRecord& r) { r.version = "9"; }).substr(0, 33), "it was begun with version 0.1.0 (");
  EXPECT_NE(refusal(kGrid, kScenario, [](StudyRecord& r) { r.revision = "abc"; }).find(", this is 0.1.0 (abc)"), std::string::npos);
}

TEST(StudyFolder, APointWithOtherValuesIsRefused) {
  const StudyTest t(kSaltelli);
  t.results().begin(t.record());
  StudyRecord other = t.record();
  other.rows[3].cells[0] = "0.1";
  EXPECT_NE(said([&] { t.results().begin(other); }).find("point 3 has other values"), std::string::npos);
}

// Words that change no result, and the place where the study lies, may change; workers then find it where it is now.
TEST(StudyFolder, OtherWordsAndPlacesAreTakenOver) {
  EXPECT_EQ(refusal(replaced(kGrid, "What does it cost?", "And now?")), "");
  EXPECT_EQ(refusal("# new\n" + kGrid), "");
  EXPECT_EQ(refusal(kGrid, replaced(kScenario, "[run]", "[run]\nname = \"x\"")), "");
  const StudyTest t(kGrid);
  t.results().begin(t.record());
  std::filesystem::create_directory(t.folder / "moved");
  for (const char* file : {"study.toml", "scenario.toml"}) std::filesystem::rename(t.folder / file, t.folder / "moved" / file);
  const Study moved = load_study(t.folder / "moved/study.toml", {});
  const Design design = make_design(moved);
  t.results().begin(record_of(moved, design, plan_runs(moved, design)));
  EXPECT_EQ(study_of(t.results().read()).beside("x"), t.folder / "moved/x");
  EXPECT_NO_THROW(load_run(run_spec(study_of(t.results().read()), design, 0)));
}

TEST(StudyFolder, AStudyAtWorkIsNotRewritten) {
  const StudyTest t(kGrid);
  t.results().begin(t.record());
  const auto lock = io::WriteLock::create(t.results().lock());
  StudyRecord other = t.record();
  EXPECT_NO_THROW(t.results().begin(other));
  other.question = "And now?";
  EXPECT_NE(said([&] { t.results().begin(other); }).find("is being written by another run"), std::string::npos);
}

TEST(StudyFolder, ATableOfPointsThatChangedIsNoticed) {
  const std::string text = "[study]\nscenario = \"scenario.toml\"\ndesign = \"csv\"\nfile = \"p.csv\"\n";
  const StudyTest t(text);
  t.folder.write("p.csv", "pricing.markup\n0.1\n0.2\n");
  const StudyRecord record = t.record();
  EXPECT_EQ(planned_design(t.study, record).points.size(), 2u);
  for (const char* other : {"pricing.markup\n0.1\n", "pricing.markup\n0.1\n0.2\n0.3\n", "pricing.markup\n0.1\n0.21\n", "pricing.markup,run.name\n0.1,x\n0.2,y\n"}) {
    t.folder.write("p.csv", other);
    EXPECT_EQ(said([&] { planned_design(t.study, record); }, t.folder.path()),
              "p.csv: this table of points has changed since the study was planned "
              "(results of two designs must not be mixed) undo the change, or begin the study anew in another folder.");
  }
}

// ---- damage ----------------------------------------------------------------------------------------------------------

TEST(StudyFolder, NoStudyHere) {
  const Folder folder;
  EXPECT_EQ(said([&] { StudyFolder(folder / "x").read(); }, folder.path()),
            "file: x: is not the folder of a study (it holds no manifest.json) begin one with 'swarmsim sweep STUDY.toml -o DIR'.");
  folder.write("file", "");
  const StudyTest t(kGrid);
  EXPECT_EQ(said([&] { StudyFolder(folder / "file/x").begin(t.record()); }, folder.path()).substr(0, 31), "file: file/x: cannot be created");
}

/// What reading a folder says after a change of one of its files.
std::string damaged(const std::string& name, const std::string& what, const std::string& by) {
  const StudyTest t(kGrid);
  t.results().begin(t.record());
  std::string text = read_text_file(t.results().root() / name);
  if (what.empty()) text = by;
  else text = replaced(text, what, by);
  t.folder.write("results/" + name, text);
  return said([&] { t.results().read(); }, t.folder.path());
}

TEST(StudyFolder, DamageIsNamed) {
  const std::string advice = "restore it, or begin the study anew in another folder.";
  for (const auto& [what, by] : std::vector<std::pair<std::string, std::string>>{
           {"", ""}, {"", "{"}, {"", "[1]"}, {"\"points\": 6", "\"points\": \"six\""}, {"\"name\": \"prices\",", ""}, {"\"grid\"", "\"gird\""},
           {"\"labels\"", "\"label\""}}) {
    const std::string said = damaged("manifest.json", what, by);
    EXPECT_TRUE(said.starts_with("file: results/manifest.json: cannot be understood (") && said.ends_with(advice)) << what << " → " << by << ": " << said;
  }
  EXPECT_NE(damaged("manifest.json", "\"format\": 1", "\"format\": 2").find("(its format is 2, this program knows 1)"), std::string::npos);
  const auto csv = [](const std::string& what, const std::string& by) { return damaged("design.csv", what, by); };
  EXPECT_EQ(csv("", "run,point\n0,0\n"),
            "file: results/design.csv: cannot be understood (results/design.csv:1: there is no column \"replicate\" "
            "(the columns are run, point) name one of them) " + advice);
  EXPECT_EQ(csv("\n1,0,1,", "\n2,0,1,"), "file: results/design.csv: cannot be understood (row 1 is of run 2) " + advice);
  EXPECT_EQ(csv("\n11,", "\nx,"), "file: results/design.csv: cannot be understood (a number is none: stoll) " + advice);
  const std::string text = [] {
    const StudyTest t(kGrid);
    t.results().begin(t.record());
    return read_text_file(t.results().design());
  }();
  EXPECT_EQ(csv("", text.substr(0, text.find("\n11,") + 1)), "file: results/design.csv: cannot be understood (it has 11 rows for 6 points with 2 replicates) " + advice);
  EXPECT_TRUE(csv("", text.substr(0, text.size() / 2)).starts_with("file: results/design.csv: cannot be understood ("));
  const StudyTest t(kGrid);
  t.results().begin(t.record());
  std::filesystem::remove(t.results().design());
  EXPECT_TRUE(said([&] { t.results().read(); }, t.folder.path()).starts_with("file: results/design.csv: cannot be read (No such file"));
}

TEST(StudyFolder, PathsThatNoManifestCanHold) {
  const StudyTest t(kGrid);
  StudyRecord record = t.record();
  record.overrides = {"run.name=\xff"};
  EXPECT_NE(said([&] { t.results().begin(record); }).find("is not UTF-8 text"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(t.results().root()));
}

}  // namespace
