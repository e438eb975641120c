#include "sim/study/study_file.hpp"

#include <gtest/gtest.h>

#include "tests/unit/study/study_support.hpp"

namespace {

using namespace swarm;
using namespace swarm::study;
using namespace swarm::study::support;

const std::string kFactor = "[[factor]]\nkey = \"pricing.markup\"\nvalues = [0.1]\n";

Study read(const std::string& text, const std::vector<std::string>& overrides = {}) { return load_study_text(text, "/studies/s.toml", overrides); }

/// All problems of a study file, line by line; "" if there are none.
std::string problems(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return said([&] { load_study_text(text, "s.toml", overrides); });
}

TEST(StudyFile, EveryKeyArrives) {
  const Study s = read(R"([study]
name = "n"
question = "q?"
scenario = "../a/b.toml"
design = "saltelli"
points = 8
replicates = 3
seed = 9000000000000000000
common_random_numbers = true
keep = "full"
set = ["run.duration=2d", "pricing.markup=0.1"]
outcomes = ["energy_kwh", "served_share"]
[slurm]
partition = "p"
account = "a"
time = "2h"
memory = "4G"
cpus = 8
tasks = 5
signal_lead = "5min"
requeues = 7
options = ["--exclusive"]
[[factor]]
key = "pricing.markup"
min = 0.1
max = 0.5
scale = "log"
[[factor]]
key = "population.agents"
name = "specialists"
min = 1
max = 9
whole = true
[[factor]]
name = "world"
levels = [{name = "one", set = ["pricing.rule=flat", "fund.carbon_share=0"]}, {name = "two", scenario = "c.toml"}]
)");
  EXPECT_EQ(s.params.name + "|" + s.params.question + "|" + s.params.scenario, "n|q?|../a/b.toml");
  EXPECT_EQ(s.params.design, DesignKind::saltelli);
  EXPECT_EQ(s.params.points, 8);
  EXPECT_EQ(s.params.replicates, 3);
  EXPECT_EQ(s.params.seed, 9'000'000'000'000'000'000);
  EXPECT_TRUE(s.params.common_random_numbers);
  EXPECT_EQ(s.params.keep, Keep::full);
  EXPECT_EQ(s.set, (std::vector<std::string>{"run.duration=2d", "pricing.markup=0.1"}));
  EXPECT_EQ(s.outcomes, (std::vector<std::string>{"energy_kwh", "served_share"}));
  EXPECT_EQ(s.beside(s.params.scenario), "/studies/../a/b.toml");
  EXPECT_EQ(s.beside("/x"), "/x");
  EXPECT_EQ(s.slurm.partition + s.slurm.account + s.slurm.memory, "pa4G");
  EXPECT_EQ(s.slurm.time.seconds, 7200);
  EXPECT_EQ(s.slurm.signal_lead.seconds, 300);
  EXPECT_EQ(s.slurm.cpus * 100 + s.slurm.tasks * 10 + s.slurm.requeues, 857);
  EXPECT_EQ(s.slurm_options, std::vector<std::string>{"--exclusive"});
  ASSERT_EQ(s.factors.size(), 3u);
  const auto& [markup, agents, world] = std::tie(s.factors[0], s.factors[1], s.factors[2]);
  EXPECT_EQ(markup.name + " " + markup.key + " " + markup.unit, "markup pricing.markup 1");
  ASSERT_TRUE(markup.range && agents.range && !world.range);
  EXPECT_EQ(markup.range->min, 0.1);
  EXPECT_EQ(markup.range->max, 0.5);
  EXPECT_EQ(markup.range->scale, Scale::log);
  EXPECT_FALSE(markup.range->whole);
  EXPECT_TRUE(agents.range->whole);
  EXPECT_EQ(agents.name, "specialists");
  EXPECT_TRUE(markup.numeric && agents.numeric && !world.numeric);
  ASSERT_EQ(world.levels.size(), 2u);
  EXPECT_EQ(world.levels[0].label, "one");
  EXPECT_EQ(world.levels[0].overrides, (std::vector<std::string>{"pricing.rule=flat", "fund.carbon_share=0"}));
  EXPECT_EQ(world.levels[1].label + " " + world.levels[1].scenario, "two c.toml");
}

TEST(StudyFile, WhatIsNotSaidHasItsDefault) {
  const Study s = read("[study]\nscenario = \"a.toml\"\n" + kFactor);
  EXPECT_EQ(s.params.name, "study");
  EXPECT_EQ(s.params.design, DesignKind::grid);
  EXPECT_EQ(s.params.replicates, 1);
  EXPECT_EQ(s.params.seed, 1);
  EXPECT_FALSE(s.params.common_random_numbers);
  EXPECT_EQ(s.params.keep, Keep::summary);
  EXPECT_TRUE(s.set.empty() && s.outcomes.empty() && s.slurm_options.empty());
}

// Values become overrides that a scenario reads as what the study file said: text stays text, whatever it looks like.
TEST(StudyFile, ValuesOfEachKindBecomeOverrides) {
  const auto levels = [](const std::string& key, const std::string& values) {
    const Factor f = read("[study]\nscenario = \"a.toml\"\n[[factor]]\nkey = \"" + key + "\"\nvalues = " + values + "\n").factors[0];
    std::string text = f.numeric ? "numbers" : "words";
    for (const auto& l : f.levels) text += " | " + l.label + " | " + l.overrides.at(0);
    return text;
  };
  EXPECT_EQ(levels("pricing.markup", "[0, 0.1, 1e-7]"), "numbers | 0 | pricing.markup=0 | 0.1 | pricing.markup=0.1 | 1e-7 | pricing.markup=1e-7");
  EXPECT_EQ(levels("run.duration", "[3600, \"2h\"]"), "words | 3600 | run.duration=3600 | 2h | run.duration=\"2h\"");
  EXPECT_EQ(levels("run.name", R"(["true", "a \"b\""])"), R"(words | true | run.name="true" | a "b" | run.name="a \"b\"")");
  EXPECT_EQ(levels("fund.revenue_neutral", "[true, false]"), "words | true | fund.revenue_neutral=true | false | fund.revenue_neutral=false");
  EXPECT_EQ(levels("regions", R"([["BD"], ["BD", "KE"]])"), R"(words | ["BD"] | regions=["BD"] | ["BD", "KE"] | regions=["BD", "KE"])");
  EXPECT_EQ(levels("run.start", "[2022-01-03]"), "words | 2022-01-03 | run.start=2022-01-03");
}

TEST(StudyFile, OverridesReachTheStudyOrItsRuns) {
  const std::string text = "[study]\nscenario = \"a.toml\"\nreplicates = 5\nset = [\"run.duration=2d\"]\n" + kFactor;
  const Study s = read(text, {"study.replicates=2", "pricing.rule=flat", "study.name=x=y", "study.outcomes=[energy_kwh]", "study.design=list"});
  EXPECT_EQ(s.params.replicates, 2);
  EXPECT_EQ(s.params.name, "x=y");
  EXPECT_EQ(s.params.design, DesignKind::list);
  EXPECT_EQ(s.outcomes, std::vector<std::string>{"energy_kwh"});
  EXPECT_EQ(s.set, (std::vector<std::string>{"run.duration=2d", "pricing.rule=flat"}));
  EXPECT_EQ(read(text, {"study.replicates=2", "study.replicates=3"}).params.replicates, 3);
  EXPECT_EQ(problems(text, {"study.replicates=0", "study.replicate=1", "study.set=x"}),
            "--set: 'study.set=x': 'study.set' cannot be overridden (it is a list) write --set KEY=VALUE for each further override\n"
            "--set: 'study.replicates=0': 'study.replicates' is 0, out of range (the model holds only within its range) give a value from 1 to 100000\n"
            "--set: 'study.replicate=1': unknown key 'study.replicate' (it would be ignored silently) did you mean 'replicates'?");
}

// One file with a fault in every plain key: all are told at once, from top to bottom.
TEST(StudyFile, AllProblemsAtOnceWithTheirPlaces) {
  EXPECT_EQ(problems(R"([studdy]
[study]
nme = "x"
design = "gird"
points = 3
seed = -1
replicates = 1.5
common_random_numbers = "yes"
keep = "everything"
set = "a"
outcomes = [1, "x"]
scenario = 3
[slurm]
cpu = 1
time = "1s"
options = [2]
)"),
            "s.toml: the study varies nothing (its design would be empty) add a [[factor]], or use 'swarmsim run --replicates' for one scenario\n"
            "s.toml: no scenario named (runs would have nothing to start from) write scenario = \"pilot.toml\" under [study]\n"
            "s.toml:1:2: unknown section 'studdy' (it would be ignored silently) did you mean 'study'?\n"
            "s.toml:3:1: unknown key 'study.nme' (it would be ignored silently) did you mean 'name'?\n"
            "s.toml:4:10: unknown choice 'gird' for 'study.design' "
            "(only listed choices have a meaning) did you mean 'grid'? choices: grid, list, lhs, sobol, saltelli, csv\n"
            "s.toml:5:10: 'study.points' has no meaning for grid (there the values say how many points there are) remove it, or choose lhs, sobol or saltelli\n"
            "s.toml:6:8: 'study.seed' is -1, out of range (the model holds only within its range) give a value from 0 to 9e18\n"
            "s.toml:7:14: 'study.replicates' is 1.5, a number with a fraction (it must be an integer) write 2\n"
            "s.toml:8:25: 'study.common_random_numbers' is \"yes\", text (it must be true or false)\n"
            "s.toml:9:8: unknown choice 'everything' for 'study.keep' (only listed choices have a meaning) choices: summary, full\n"
            "s.toml:10:7: 'study.set' is text (it must be a list of texts) write [\"…\", \"…\"]\n"
            "s.toml:11:13: an entry of 'study.outcomes' is an integer (it must be text) put it in quotes\n"
            "s.toml:12:12: 'study.scenario' is 3, an integer (it must be text) put it in quotes\n"
            "s.toml:14:1: unknown key 'slurm.cpu' (it would be ignored silently) did you mean 'cpus'?\n"
            "s.toml:15:8: 'slurm.time' is \"1s\", out of range (the model holds only within its range) give a value at least 60 s\n"
            "s.toml:16:12: an entry of 'slurm.options' is an integer (it must be text) put it in quotes");
}

TEST(StudyFile, WhatADesignNeeds) {
  const auto design = [](const std::string& lines) { return problems("[study]\nscenario = \"a.toml\"\n" + lines + kFactor); };
  for (const std::string kind : {"lhs", "sobol", "saltelli"}) {
    EXPECT_EQ(design("design = \"" + kind + "\"\n"), "s.toml: a " + kind + " design of no points (nothing would be run) say how many, for example points = 64");
    EXPECT_EQ(design("design = \"" + kind + "\"\npoints = 0\n"),
              "s.toml:4:10: a " + kind + " design of no points (nothing would be run) say how many, for example points = 64");
    EXPECT_EQ(design("design = \"" + kind + "\"\npoints = 1\n"), "");
  }
  EXPECT_EQ(design("design = \"list\"\npoints = 3\n"),
            "s.toml:4:10: 'study.points' has no meaning for list (there the values say how many points there are) remove it, or choose lhs, sobol or saltelli");
  EXPECT_EQ(design("file = \"p.csv\"\n"), "s.toml:3:8: 'study.file' has no meaning for grid (only csv reads a table) remove it, or write design = \"csv\"");
  EXPECT_EQ(problems("[study]\nscenario = \"a.toml\"\ndesign = \"csv\"\n"),
            "s.toml: a csv design without a table (its points come from there) name it, for example file = \"points.csv\"");
  EXPECT_EQ(problems("[study]\nscenario = \"a.toml\"\ndesign = \"csv\"\nfile = \"p.csv\"\n"), "");
}

TEST(StudyFile, AScenarioIsNamedByTheStudyOrByEveryLevelOfAFactor) {
  const std::string none = "s.toml: no scenario named (runs would have nothing to start from) write scenario = \"pilot.toml\" under [study]";
  EXPECT_EQ(problems("[study]\n" + kFactor), none);
  EXPECT_EQ(problems("[[factor]]\nname = \"w\"\nlevels = [{name = \"a\", scenario = \"a.toml\"}, {name = \"b\", scenario = \"b.toml\"}]\n"), "");
  EXPECT_EQ(problems("[[factor]]\nname = \"w\"\nlevels = [{name = \"a\", scenario = \"a.toml\"}, {name = \"b\"}]\n"), none);
}

TEST(StudyFile, SectionsThatAreNoTables) {
  EXPECT_EQ(problems("study = 1\nslurm = \"x\"\nfactor = 2\n"),
            "s.toml: the study varies nothing (its design would be empty) add a [[factor]], or use 'swarmsim run --replicates' for one scenario\n"
            "s.toml: no scenario named (runs would have nothing to start from) write scenario = \"pilot.toml\" under [study]\n"
            "s.toml:1:9: 'study' is an integer (it must be a table) write [study]\n"
            "s.toml:2:9: 'slurm' is text (it must be a table) write [slurm]\n"
            "s.toml:3:10: 'factor' is an integer (a study may have several) write [[factor]]");
  EXPECT_TRUE(problems("[study]\nname = \"a\n").starts_with("s.toml:2:10: not valid TOML: "));
  EXPECT_EQ(problems("[study]\nname = \"\xff\"\n"), "s.toml:2:9: byte 0xFF is not UTF-8 (TOML files are UTF-8 text) save the file with UTF-8 encoding");
}

TEST(StudyFile, FilesThatCannotBeRead) {
  const Folder folder;
  const auto loading = [&](const std::string& name) { return said([&] { load_study(folder / name, {}); }, folder.path()); };
  EXPECT_EQ(loading("absent.toml"),
            "absent.toml: cannot read this study file (there is no such file, or it may not be read) check the name; docs/study.md says what a study file holds.");
  std::filesystem::create_directory(folder / "d.toml");
  EXPECT_TRUE(loading("d.toml").starts_with("d.toml: cannot read this study file (it is a folder)"));
  folder.write("s.toml", "[study]\nscenario = \"a.toml\"\n" + kFactor);
  const Study s = load_study(folder / "s.toml", {});
  EXPECT_EQ(s.path, folder / "s.toml");
  EXPECT_EQ(s.beside("a.toml"), folder / "a.toml");
  EXPECT_EQ(s.text, "[study]\nscenario = \"a.toml\"\n" + kFactor);
}

}  // namespace
