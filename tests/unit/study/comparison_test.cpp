#include "sim/study/comparison.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "sim/core/errors.hpp"

namespace {

using namespace swarm;
using study::Comparison;
using study::RunFigures;
using Runs = std::vector<RunFigures>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// A run of `scenario` with one figure.
RunFigures run(const std::string& scenario, std::int64_t seed, double carbon) {
  return {.file = scenario + "." + std::to_string(seed) + ".h5",
          .scenario_name = scenario,
          .overrides = {},
          .source_revision = "abc",
          .seed = seed,
          .keys = {{"run.start", "\"2022-01-03\""}, {"run.warmup", "\"0d\""}, {"run.duration", "\"1d\""}, {"region", "BD, KE"},
                   {"pricing.rule", "\"" + scenario + "\""}},
          .figures = {{"carbon_location_g", "g", "", carbon}}};
}

/// Flat: 10, 20, 30 for seeds 1, 2, 3; carbon: 9, 18, 26.
Runs paired_runs() {
  return {run("flat", 1, 10), run("flat", 2, 20), run("flat", 3, 30), run("carbon", 1, 9), run("carbon", 2, 18), run("carbon", 3, 26)};
}

std::string problems_of(const Runs& runs) {
  try {
    study::compare(runs);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

using Rule = std::function<MeanInterval(const std::vector<double>&, const std::vector<double>&)>;

/// Differences −1, −2, −4: mean −7/3, squares (16 + 1 + 25)/9 = 14/3, s² = 7/3, s/√3 = 0.881917,
/// t(0.975, 2) = 4.302653, half width 3.794583: from −6.127916 to 1.461250.
bool pairs_by_seed(const Rule& rule) {
  const auto i = rule({10, 20, 30}, {9, 18, 26});
  return std::fabs(i.mean + 7.0 / 3) < 1e-12 && std::fabs(i.half_width - 3.794583) < 1e-6;
}

Rule product() {
  return [](const std::vector<double>& flat, const std::vector<double>& carbon) {
    Runs runs;
    for (std::size_t i = 0; i < flat.size(); ++i) runs.push_back(run("flat", static_cast<std::int64_t>(i), flat[i]));
    for (std::size_t i = carbon.size(); i-- > 0;) runs.push_back(run("carbon", static_cast<std::int64_t>(i), carbon[i]));
    return study::compare(runs).others.at(0).figures.at(0).difference;
  };
}

TEST(Compare, DifferencesArePairedBySeed) {
  EXPECT_TRUE(pairs_by_seed(product()));
  // Mutant: both groups on their own, variances added (Welch), as if the seeds had nothing in common.
  EXPECT_FALSE(pairs_by_seed([](const std::vector<double>& flat, const std::vector<double>& carbon) {
    const auto a = mean_interval(flat, 0.95), b = mean_interval(carbon, 0.95);
    return MeanInterval{b.mean - a.mean, std::sqrt(a.half_width * a.half_width + b.half_width * b.half_width), 3};
  }));
  // Mutant: paired in the order in which the files were named (the second group's is the reverse).
  EXPECT_FALSE(pairs_by_seed([](const std::vector<double>& flat, const std::vector<double>& carbon) {
    return product()(flat, {carbon.rbegin(), carbon.rend()});
  }));
}

TEST(Compare, ReportsMeansAndRelativeDifference) {
  const Comparison c = study::compare(paired_runs());
  ASSERT_EQ(c.others.size(), 1u);
  EXPECT_EQ(c.reference.label, "flat");
  EXPECT_EQ(c.others[0].group.label, "carbon");
  const auto& f = c.others[0].figures.at(0);
  EXPECT_EQ(f.reference_mean, 20);
  EXPECT_NEAR(f.mean, 53.0 / 3, 1e-12);
  EXPECT_NEAR(f.relative_pct, -100 * 7.0 / 60, 1e-12);
  EXPECT_FALSE(f.significant());
  ASSERT_EQ(c.others[0].keys.size(), 1u);
  EXPECT_EQ(c.others[0].keys[0].key, "pricing.rule");
  EXPECT_FALSE(c.mixed_revisions);
}

// A negative reference: from −4 to −2 is a rise by 50 %, not a fall.
TEST(Compare, RelativeDifferenceHasTheSignOfTheDifference) {
  const auto at = [](double before, double after) {
    return study::compare(Runs{run("flat", 1, before), run("carbon", 1, after)}).others[0].figures[0].relative_pct;
  };
  EXPECT_EQ(at(-4, -2), 50);
  EXPECT_EQ(at(4, 2), -50);
  EXPECT_TRUE(std::isnan(at(0, 2)));
}

TEST(Compare, OneCommonSeedHasNoInterval) {
  const auto c = study::compare(Runs{run("flat", 1, 10), run("flat", 5, 10), run("carbon", 1, 9), run("carbon", 2, 9)});
  const auto& other = c.others.at(0);
  EXPECT_EQ(other.seeds, (std::vector<std::int64_t>{1}));
  EXPECT_EQ(other.left_out, (std::vector<std::int64_t>{2}));
  EXPECT_EQ(other.reference_left_out, (std::vector<std::int64_t>{5}));
  EXPECT_FALSE(other.figures[0].has_interval());
  EXPECT_FALSE(other.figures[0].significant());
  EXPECT_EQ(other.figures[0].difference.mean, -1);
}

TEST(Compare, MissingValuesLeaveTheirSeedOut) {
  Runs runs = paired_runs();
  runs[4].figures[0].value = kNaN;  // carbon, seed 2
  const auto with_gap = study::compare(runs);
  const auto& some = with_gap.others[0].figures[0];
  EXPECT_EQ(some.difference.n, 2u);
  EXPECT_EQ(some.reference_mean, 20);  // of 10 and 30
  EXPECT_EQ(some.difference.mean, -2.5);
  for (auto& r : runs) r.figures[0].value = kNaN;
  const auto without = study::compare(runs);
  const auto& none = without.others[0].figures[0];
  EXPECT_EQ(none.difference.n, 0u);
  EXPECT_TRUE(std::isnan(none.mean) && std::isnan(none.relative_pct));
  EXPECT_FALSE(none.significant());
}

TEST(Compare, FiguresThatOnlySomeFilesHaveAreNamed) {
  Runs runs = paired_runs();
  runs[1].figures.insert(runs[1].figures.begin(), {"new_one", "1", "", 1});
  runs[0].figures.push_back({"old_one", "1", "", 1});
  runs[3].figures.push_back({"other_one", "1", "", 1});
  const auto c = study::compare(runs);
  EXPECT_EQ(c.others[0].figures.size(), 1u);
  EXPECT_NEAR(c.others[0].figures[0].difference.mean, -7.0 / 3, 1e-12);  // found although it moved
  EXPECT_EQ(c.others[0].one_sided, (std::vector<std::string>{"old_one", "other_one"}));
  runs[2].source_revision = "def";
  EXPECT_TRUE(study::compare(runs).mixed_revisions);
}

TEST(Compare, GroupsByWhatDecidesResults) {
  Runs runs = paired_runs();
  runs[1].scenario_name = "flat, renamed";
  runs[1].keys["engine.shards"] = "4";
  EXPECT_EQ(study::compare(runs).others.size(), 1u);
  runs[5].keys["run.step"] = "\"1min\"";
  runs[5].overrides = {"run.seed=3", "run.step=1min"};
  const auto c = study::compare(runs);
  ASSERT_EQ(c.others.size(), 2u);
  EXPECT_EQ(c.others[0].group.label, "carbon");
  EXPECT_EQ(c.others[1].group.label, "carbon [run.step=1min]");
  runs[5].overrides.clear();
  EXPECT_EQ(study::compare(runs).others[1].group.label, "carbon (carbon.3.h5)");
}

TEST(Compare, RefusesWhatCannotBeCompared) {
  EXPECT_EQ(problems_of(paired_runs()), "");
  EXPECT_NE(problems_of({run("flat", 1, 1)}).find("only flat.1.h5 is given"), std::string::npos);
  EXPECT_NE(problems_of({run("flat", 1, 1), run("flat", 2, 1)}).find("all 2 files are runs of one scenario, flat"), std::string::npos);
  EXPECT_NE(problems_of({run("flat", 1, 1), run("carbon", 2, 1)}).find("flat and carbon have no common seed"), std::string::npos);
  Runs twice = paired_runs();
  twice.push_back(twice[4]);
  twice.back().file = "again.h5";
  EXPECT_NE(problems_of(twice).find("again.h5: this run of carbon has seed 2, as carbon.2.h5 has"), std::string::npos);
  for (const auto& [key, value] : {std::pair{"run.start", "\"2022-01-04\""}, {"run.warmup", "\"1d\""}, {"run.duration", "\"2d\""}, {"region", "KE, BD"}}) {
    Runs runs = paired_runs();
    for (std::size_t i = 3; i < 6; ++i) runs[i].keys[key] = value;
    EXPECT_NE(problems_of(runs).find(std::string(key) == "region" ? "the list of regions is KE, BD" : key), std::string::npos) << key;
  }
}

TEST(Compare, OneMomentWrittenInTwoWaysIsOneMoment) {
  Runs runs = paired_runs();
  for (std::size_t i = 3; i < 6; ++i) runs[i].keys["run.start"] = "\"2022-01-03T00:00Z\"";
  EXPECT_EQ(problems_of(runs), "");
}

TEST(Compare, SaysAllProblemsAtOnce) {
  const std::string said = problems_of({run("flat", 1, 1), run("flat", 1, 1), run("carbon", 2, 1)});
  EXPECT_NE(said.find("has seed 1"), std::string::npos);
  EXPECT_NE(said.find("no common seed"), std::string::npos);
}

TEST(Means, OverTheRunsThatHaveAValue) {
  Runs runs = paired_runs();
  runs.resize(3);
  const auto all = study::means(runs);
  EXPECT_EQ(all.at(0).value.mean, 20);
  EXPECT_NEAR(all[0].value.half_width, 4.302653 * 10 / std::sqrt(3.0), 1e-5);
  runs[0].figures[0].value = kNaN;
  EXPECT_EQ(study::means(runs)[0].value.mean, 25);
  EXPECT_EQ(study::means(runs)[0].value.n, 2u);
}

TEST(MainPlace, TablesFollowTheirScalar) {
  EXPECT_EQ(study::main_place("carbon_location_g"), 0u);
  EXPECT_EQ(study::main_place("carbon_location_g_by_region[BD]"), 0u);
  EXPECT_EQ(study::main_place("served_share_by_income[low]"), study::main_place("served_share"));
  EXPECT_EQ(study::main_place("tok_capped"), study::kNotMain);
}

}  // namespace
