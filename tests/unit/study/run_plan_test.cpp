#include "sim/study/run_plan.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <set>

#include "sim/scenario/load.hpp"
#include "sim/study/run_seed.hpp"
#include "tests/unit/study/study_support.hpp"

namespace {

using namespace swarm;
using namespace swarm::study;
using namespace swarm::study::support;
using Seeds = std::vector<std::int64_t>;

Seeds seeds_of(const Study& study, const Design& design) {
  Seeds seeds;
  for (std::int64_t run = 0; run < run_count(study, design); ++run) seeds.push_back(run_spec(study, design, run).seed);
  return seeds;
}

/// Seeds by definition: `point_of` says which point's stream a run has.
Seeds seeds_by(std::int64_t master, std::int64_t points, std::int64_t replicates, const std::function<std::uint64_t(std::int64_t)>& point_of) {
  Seeds seeds;
  for (std::int64_t p = 0; p < points; ++p)
    for (std::int64_t k = 0; k < replicates; ++k) seeds.push_back(run_seed(master, point_of(p), static_cast<std::uint32_t>(k)));
  return seeds;
}

TEST(RunPlan, SeedsOfPointsAndReplicates) {
  const auto itself = [](std::int64_t p) { return static_cast<std::uint64_t>(p); };
  const auto common = [](std::int64_t) { return std::uint64_t{0}; };
  const StudyTest apart(kGrid, {"study.seed=7"}), shared(kGrid, {"study.seed=7", "study.common_random_numbers=true"});
  const Design design = make_design(apart.study);
  EXPECT_EQ(run_count(apart.study, design), 12);
  EXPECT_EQ(seeds_of(apart.study, design), seeds_by(7, 6, 2, itself));
  EXPECT_EQ(seeds_of(shared.study, design), seeds_by(7, 6, 2, common));
  // Mutants: always, or never, common; another master.
  EXPECT_NE(seeds_of(apart.study, design), seeds_by(7, 6, 2, common));
  EXPECT_NE(seeds_of(shared.study, design), seeds_by(7, 6, 2, itself));
  EXPECT_NE(seeds_of(apart.study, design), seeds_by(1, 6, 2, itself));
}

TEST(RunPlan, RunsAreReplicatesOfPointsInOrder) {
  const StudyTest t(kGrid, {"run.duration=2h"});
  const Design design = make_design(t.study);
  const RunSpec spec = run_spec(t.study, design, 9);
  EXPECT_EQ(std::vector<std::int64_t>({spec.run, spec.point, spec.replicate}), (std::vector<std::int64_t>{9, 4, 1}));
  EXPECT_EQ(spec.scenario, t.folder / "scenario.toml");
  EXPECT_EQ(spec.overrides, (std::vector<std::string>{"run.duration=2h", "pricing.markup=0.2", "pricing.carbon_price_usd_per_t=50"}));
  const auto s = load_run(spec);
  EXPECT_EQ(s.run.seed, spec.seed);
  EXPECT_EQ(s.run.duration.seconds, 7200);
  EXPECT_EQ(s.pricing.markup, 0.2);
}

TEST(RunPlan, ALevelMayChooseTheScenario) {
  const StudyTest t("[study]\nscenario = \"scenario.toml\"\n[[factor]]\nname = \"world\"\nlevels = [{name = \"base\"}, {name = \"other\", scenario = \"other.toml\"}]\n");
  t.folder.write("other.toml", "extends = \"scenario.toml\"\n[pricing]\nmarkup = 0.3\n");
  const Design design = make_design(t.study);
  EXPECT_EQ(run_spec(t.study, design, 0).scenario, t.folder / "scenario.toml");
  EXPECT_EQ(run_spec(t.study, design, 1).scenario, t.folder / "other.toml");
  EXPECT_EQ(load_run(run_spec(t.study, design, 1)).pricing.markup, 0.3);
}

// A command is what a shell splits into exactly these words.
TEST(RunPlan, CommandsSurviveTheShell) {
  RunSpec spec;
  spec.folder = "/tmp";
  spec.scenario = "/a b/c'd.toml";
  spec.overrides = {"pricing.markup=0.1", "run.name=\"x $HOME `id` \\ \"", "regions=[\"BD\", \"KE\"]", "run.question=", "é*?~"};
  spec.seed = 42;
  const std::string command = command_of(spec, "run-1.h5");
  EXPECT_TRUE(command.starts_with("cd /tmp && swarmsim run '/a b/c'\\''d.toml' --set pricing.markup=0.1 --set ")) << command;
  EXPECT_TRUE(command.ends_with(" --seed 42 -o run-1.h5")) << command;
  std::string words;
  FILE* const pipe = popen(("swarmsim() { printf '%s\\n' \"$@\"; }; " + command).c_str(), "r");
  for (int c; pipe && (c = std::fgetc(pipe)) != EOF;) words += static_cast<char>(c);
  pclose(pipe);
  std::string expected = "run\n" + spec.scenario.string() + "\n";
  for (const auto& o : spec.overrides) expected += "--set\n" + o + "\n";
  EXPECT_EQ(words, expected + "--seed\n42\n-o\nrun-1.h5\n");
  EXPECT_EQ(shell_word(""), "''");
  spec.scenario = "/tmp/y/../x/c.toml";
  EXPECT_TRUE(command_of(spec, "o.h5").starts_with("cd /tmp && swarmsim run x/c.toml --set ")) << command_of(spec, "o.h5");
}

// ---- ids ------------------------------------------------------------------------------------------------------------

std::string id_with(const std::vector<std::string>& overrides) { return run_id(scenario::load_text(kScenario, "/x/scenario.toml", overrides)); }

TEST(RunId, ChangesWithWhatDecidesResultsOnly) {
  const std::string id = id_with({});
  EXPECT_EQ(id.size(), 16u);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  for (const char* deciding : {"run.seed=2", "run.duration=2h", "run.step=10min", "run.start=2022-02-01", "pricing.markup=0.11", "region.KE.population=1e6",
                               "balance.policy=nearest", "regions=[\"KE\", \"BD\"]", "specialists.training_samples=51"})
    EXPECT_NE(id_with({deciding}), id) << deciding;
  for (const char* aside :
       {"engine.shards=2", "run.name=x", "run.question=why", "run.cache_dir=/tmp", "record.agents=5", "record.compression=0", "record.chunk_steps=7"})
    EXPECT_EQ(id_with({aside}), id) << aside;
  EXPECT_EQ(run_id(scenario::load_text(kScenario, "/elsewhere/y.toml", {})), id);
  EXPECT_EQ(id_with({"pricing.markup=0.1"}), id);  // its default
}

// Ids lie in folders that other processes read: the same in each of them. Here they come from many threads; the suite of
// the command line compares them between processes.
TEST(RunId, PlannedIdsAreThoseOfTheRuns) {
  const StudyTest t(kGrid, {"study.replicates=20"});
  const Design design = make_design(t.study);
  const auto ids = plan_runs(t.study, design);
  ASSERT_EQ(ids.size(), 120u);
  for (std::int64_t run = 0; run < 120; ++run) EXPECT_EQ(ids[static_cast<std::size_t>(run)], run_id(load_run(run_spec(t.study, design, run)))) << run;
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 120u);
  EXPECT_EQ(plan_runs(t.study, design), ids);
}

// ---- what no scenario accepts ---------------------------------------------------------------------------------------

/// What planning this study says; it begins with four lines.
std::string refusal(const std::string& factors, const std::vector<std::string>& overrides = {}, const std::string& head = "replicates = 1\n\n") {
  const StudyTest t("[study]\nscenario = \"scenario.toml\"\n" + head + factors, overrides);
  return said([&] { plan_runs(t.study, make_design(t.study)); }, t.folder.path());
}

TEST(PlanRuns, FaultsOfValuesAreThoseOfTheirFactor) {
  EXPECT_EQ(refusal("[[factor]]\nkey = \"pricing.markup\"\nvalues = [0.1, -4, \"cheap\"]\n[[factor]]\nkey = \"pricing.rule\"\nvalues = [\"flat\", \"fllat\"]\n"),
            "study.toml:5:1: factor 'markup', point 2: 'pricing.markup=-4': 'pricing.markup' is -4, out of range "
            "(the model holds only within its range) give a value from 0 to 10\n"
            "study.toml:5:1: factor 'markup', point 4: 'pricing.markup=\"cheap\"': 'pricing.markup' is \"cheap\", text (it must be a number)\n"
            "study.toml:8:1: factor 'rule', point 1: 'pricing.rule=\"fllat\"': unknown choice 'fllat' for 'pricing.rule' "
            "(only listed choices have a meaning) did you mean 'flat'? choices: "
            "flat, carbon, justice, means-tested, legacy, legacy-sign-fixed, legacy-unit-fixed, cap-and-trade, per-capita");
}

TEST(PlanRuns, FaultsOfSetAndOfTheCommandLine) {
  const std::string factor = "[[factor]]\nkey = \"pricing.markup\"\nvalues = [0.1, 0.2]\n";
  EXPECT_EQ(refusal(factor, {}, "\nset = [\"run.durations=2h\"]\n"),
            "study.toml:4:7: set: 'run.durations=2h': unknown key 'run.durations' (it would be ignored silently) did you mean 'duration'?");
  EXPECT_EQ(refusal(factor, {"run.durations=2h"}), "--set: 'run.durations=2h': unknown key 'run.durations' (it would be ignored silently) did you mean 'duration'?");
}

TEST(PlanRuns, FaultsOfScenariosAreTheirOwn) {
  const std::string factor = "[[factor]]\nname = \"w\"\nlevels = [{name = \"a\"}, {name = \"b\", scenario = \"absent.toml\"}]\n";
  EXPECT_TRUE(refusal(factor).starts_with("absent.toml: cannot read scenario")) << refusal(factor);
  const StudyTest t("[study]\nscenario = \"scenario.toml\"\n" + factor);
  t.folder.write("absent.toml", "[run]\nstepp = 1\n");
  const std::string text = said([&] { plan_runs(t.study, make_design(t.study)); }, t.folder.path());
  EXPECT_NE(text.find("absent.toml:2:1: unknown key 'run.stepp'"), std::string::npos) << text;
  EXPECT_EQ(text.find("point"), std::string::npos);
}

TEST(PlanRuns, ManyPointsWithOneFaultSayItOnceAndAtMostTwentyDifferentOnes) {
  std::string values;
  for (int i = 0; i < 30; ++i) values += ", " + std::to_string(-1 - i);
  const std::string text = refusal("[[factor]]\nkey = \"pricing.markup\"\nvalues = [0.1" + values +
                                   "]\n[[factor]]\nkey = \"pricing.carbon_price_usd_per_t\"\nvalues = [0, 1, 2]\n");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 19);
  EXPECT_NE(text.find("factor 'markup', point 3: 'pricing.markup=-1': "), std::string::npos) << text;
  EXPECT_EQ(text.find("point 4:"), std::string::npos);
}

// Keys that only fit together are given together: neither must be refused for itself.
TEST(PlanRuns, LooksAtWholePointsOnly) {
  const std::string dates = "[[factor]]\nkey = \"run.start\"\nvalues = [\"2022-01-01\", \"2024-01-01\"]\n"
                            "[[factor]]\nkey = \"run.end\"\nvalues = [\"2022-01-02\", \"2024-01-02\"]\n";
  const std::string scenario = "regions = [\"BD\"]\n[run]\nwarmup = \"0d\"\n";
  const auto plan = [&](const std::string& design) {
    const StudyTest t("[study]\nscenario = \"scenario.toml\"\ndesign = \"" + design + "\"\n\n" + dates, {}, scenario);
    return said([&] { plan_runs(t.study, make_design(t.study)); });
  };
  EXPECT_EQ(plan("list"), "");
  EXPECT_NE(plan("grid").find("point 2: "), std::string::npos) << plan("grid");  // 2024 to 2022
}

}  // namespace
