#include "sim/study/outcomes.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/engine/simulation.hpp"
#include "sim/io/summary.hpp"
#include "sim/scenario/load.hpp"
#include "tests/unit/study/study_support.hpp"

namespace {

using namespace swarm;
using namespace swarm::study;
using namespace swarm::study::support;

io::StaticGroup summary() {
  io::StaticGroup g{"/summary", {{"region", 2, {"BD", "KE"}}, {"bin", 3}}, {}};
  g.variables.push_back({"a", std::vector<double>{1.5}, {}, "kWh", "first", io::ResultKind::modelled});
  g.variables.push_back({"n", std::vector<std::int64_t>{7}, {}, "1", "count", io::ResultKind::executed});
  g.variables.push_back({"by_region", std::vector<std::uint32_t>{3, 4}, {"region"}, "1", "table", io::ResultKind::accounting});
  g.variables.push_back({"by_bin", std::vector<double>{1, 2, 3}, {"bin"}, "1", "an axis without names", io::ResultKind::accounting});
  g.variables.push_back({"matrix", std::vector<double>(4), {"region", "region"}, "1", "two axes", io::ResultKind::accounting});
  g.variables.push_back({"words", std::vector<std::string>{"x", "y"}, {"region"}, "1", "text", io::ResultKind::accounting});
  return g;
}

TEST(Outcomes, NumbersAndTablesOverOneNamedAxis) {
  const Figures f = figures_of(summary(), {});
  EXPECT_EQ(f.values, (std::vector<double>{1.5, 7, 3, 4}));
  const std::vector<FigureColumn> columns{{"a", "kWh", "first", "modelled", ""}, {"n", "1", "count", "executed", ""},
                                          {"by_region", "1", "table", "accounting", "region"}};
  EXPECT_EQ(f.layout.columns, columns);
  EXPECT_EQ(f.layout.labels, (std::map<std::string, std::vector<std::string>>{{"region", {"BD", "KE"}}}));
  EXPECT_EQ(f.layout.width(columns[2]), 2u);
}

TEST(Outcomes, AChoiceKeepsTheSummarysOrder) {
  const Figures f = figures_of(summary(), {"by_region", "a", "matrix"});
  ASSERT_EQ(f.layout.columns.size(), 2u);
  EXPECT_EQ(f.layout.columns[0].name, "a");
  EXPECT_EQ(f.values, (std::vector<double>{1.5, 3, 4}));
  EXPECT_TRUE(figures_of(summary(), {"n"}).layout.labels.empty());
}

// The names that a study may ask for are those of every run, whatever its scenario.
TEST(Outcomes, NamesAreThoseOfAnyRun) {
  const auto names = outcome_names();
  EXPECT_GT(names.size(), 50u);
  engine::Simulation sim(world::make_plan(scenario::load_text(kScenario, "/x/s.toml", {"pricing.rule=justice", "market.admission=priority"}), {}));
  while (!sim.done()) sim.step();
  std::vector<std::string> of_run;
  for (const auto& c : figures_of(io::summary_group(sim), {}).layout.columns) of_run.push_back(c.name);
  EXPECT_EQ(of_run, names);
}

TEST(Outcomes, UnknownOnesNameTheNearest) {
  const auto check = [](const std::string& list) {
    const std::string text = "[study]\nscenario = \"a.toml\"\noutcomes = " + list + "\n[[factor]]\nkey = \"pricing.markup\"\nvalues = [1]\n";
    return said([&] { check_outcomes(load_study_text(text, "s.toml", {})); });
  };
  EXPECT_EQ(check("[]"), "");
  EXPECT_EQ(check("[\"energy_kwh\", \"energy_kwh_by_region\"]"), "");
  EXPECT_TRUE(check("[\"energy_kwhh\", \"served\"]").starts_with(
      "s.toml:3:12: there is no outcome 'energy_kwhh' (no summary has it) did you mean 'energy_kwh'?\ns.toml:3:12: "));
}

}  // namespace
