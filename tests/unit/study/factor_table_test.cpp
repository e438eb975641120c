#include "sim/study/factor_table.hpp"

#include <gtest/gtest.h>

#include "sim/scenario/echo.hpp"
#include "tests/unit/study/study_support.hpp"

namespace {

using namespace swarm;
using namespace swarm::study;
using namespace swarm::study::support;

/// The problems of factors that begin on line 5.
std::string problems(const std::string& factors, const std::string& design = "grid") {
  const bool sampled = design == "lhs" || design == "sobol" || design == "saltelli";
  const std::string extra = sampled ? "points = 4" : design == "csv" ? "file = \"p.csv\"" : "";
  return said([&] { load_study_text("[study]\nscenario = \"a.toml\"\ndesign = \"" + design + "\"\n" + extra + "\n" + factors, "s.toml", {}); });
}

const std::string kMarkup = "[[factor]]\nkey = \"pricing.markup\"\n";

TEST(FactorTable, UnknownKeysNameTheNearest) {
  const auto key = [](const std::string& text) { return problems("[[factor]]\nkey = \"" + text + "\"\nvalues = [1]\n"); };
  EXPECT_EQ(key("pricing.markupp"), "s.toml:5:1: unknown key 'pricing.markupp' (nothing would be varied) did you mean 'pricing.markup'?");
  EXPECT_EQ(key("region.DE.populatoin"), "s.toml:5:1: unknown key 'region.DE.populatoin' (nothing would be varied) did you mean 'region.DE.population'?");
  EXPECT_EQ(key("a.b"), "s.toml:5:1: unknown key 'a.b' (nothing would be varied) docs/scenario.md names all keys");
  EXPECT_EQ(key("region.DE.population"), "");
  EXPECT_EQ(key("purpose.luxury.share"), "");
  EXPECT_EQ(key("run.seed"), "s.toml:5:1: a factor is called 'seed' (that is the name of a column of every design) give it another 'name'\n"
                             "s.toml:5:1: 'run.seed' cannot be a factor (the study derives every run's seed) write replicates = N");
  EXPECT_EQ(key("extends"), "s.toml:5:1: 'extends' cannot be a factor (overrides are laid over the finished file) give levels with a 'scenario' each");
  EXPECT_EQ(problems("[[factor]]\nkee = \"pricing.markup\"\nname = \"x\"\nlevels = [{name = \"a\"}]\n"),
            "s.toml:6:1: unknown key 'factor.kee' (it would be ignored silently) did you mean 'key'?");
}

// Every key that a scenario can state, of tables too, can be a factor; its unit is the key's.
TEST(FactorTable, EveryScenarioKeyIsKnown) {
  std::size_t found = 0;
  for (auto key : scenario::all_keys()) {
    if (key == "run.seed" || key == "extends") continue;
    if (const auto at = key.find(".NAME."); at != key.npos) key.replace(at, 6, ".X.");
    scenario::Problems none;
    const std::string unit = unit_of_key(key, {}, none);
    EXPECT_FALSE(none.any()) << key;
    found += !unit.empty() && unit != "1";
  }
  EXPECT_GT(found, 40u);
  scenario::Problems none;
  EXPECT_EQ(unit_of_key("pricing.carbon_price_usd_per_t", {}, none), "USD/t");
  EXPECT_EQ(unit_of_key("run.duration", {}, none), "s");
  EXPECT_EQ(unit_of_key("region.DE.price_usd_per_kwh", {}, none), "USD/kWh");
}

TEST(FactorTable, ValuesThatMakeNoDesign) {
  EXPECT_EQ(problems(kMarkup + "values = []\n"),
            "s.toml:7:10: 'values' of factor 'markup' is empty (the design would have no points) give a list with at least one entry");
  EXPECT_EQ(problems(kMarkup + "values = 3\n"),
            "s.toml:7:10: 'values' of factor 'markup' is an integer (the design would have no points) give a list with at least one entry");
  EXPECT_EQ(problems("[[factor]]\nname = \"r\"\nlevels = []\n"),
            "s.toml:7:10: 'levels' of factor 'r' is empty (the design would have no points) give a list with at least one entry");
  EXPECT_EQ(problems(kMarkup), "s.toml:5:1: factor 'markup' takes no values (the design would have no points) give values");
  EXPECT_EQ(problems(kMarkup, "lhs"), "s.toml:5:1: factor 'markup' takes no values (the design would have no points) give min and max, or values");
  EXPECT_EQ(problems(kMarkup, "csv"), "");
  EXPECT_EQ(problems(kMarkup + "values = [0.1]\n", "csv"),
            "s.toml:5:1: factor 'markup' has values (a csv design reads them from its table) remove 'values'; levels may stay, the table then names them");
}

TEST(FactorTable, ValuesThatComeTwice) {
  const std::string twice = "factor 'markup' has '0.1' twice (two points would be the same) remove one; 'replicates' repeats a point";
  EXPECT_EQ(problems(kMarkup + "values = [0.1, 0.2, 0.10, 1e-1]\n"), "s.toml:7:21: " + twice + "\ns.toml:7:27: " + twice);
  EXPECT_EQ(problems("[[factor]]\nkey = \"pricing.markup\"\nvalues = [1, 1.0]\n"),
            "s.toml:7:14: factor 'markup' has '1' twice (two points would be the same) remove one; 'replicates' repeats a point");
  EXPECT_EQ(problems("[[factor]]\nname = \"r\"\nlevels = [{name = \"a\"},\n {name = \"a\"}]\n"),
            "s.toml:8:2: factor 'r' has 'a' twice (two points would be the same) remove one; 'replicates' repeats a point");
  EXPECT_EQ(problems(kMarkup + "values = [0.1, 0.1]\n", "list"), "");  // beside others a value may come again
}

TEST(FactorTable, Ranges) {
  const auto range = [](const std::string& lines, const std::string& design = "lhs") { return problems(kMarkup + lines, design); };
  EXPECT_EQ(range("min = 0.1\nmax = 0.2\n"), "");
  EXPECT_EQ(range("min = 0.1\n"), "s.toml:5:1: factor 'markup' has only one end of its range (the other would be a guess) give both min and max");
  EXPECT_EQ(range("max = 0.1\n"), "s.toml:5:1: factor 'markup' has only one end of its range (the other would be a guess) give both min and max");
  EXPECT_EQ(range("min = 3\nmax = 1\n"),
            "s.toml:5:1: factor 'markup': no values can be drawn from 3 to 1 (min is not below max) exchange them, or take the factor out of the design");
  EXPECT_NE(range("min = 1\nmax = 1\n").find("s.toml:5:1: factor 'markup': no values can be drawn from 1 to 1"), std::string::npos);
  EXPECT_NE(range("min = 0\nmax = 1\nscale = \"log\"\n").find("s.toml:5:1: factor 'markup': "), std::string::npos);
  EXPECT_NE(range("min = 0.5\nmax = 2\nwhole = true\n").find("s.toml:5:1: factor 'markup': "), std::string::npos);
  EXPECT_EQ(range("min = nan\nmax = 1\n"), "s.toml:7:7: 'factor.min' is nan, not a finite number (it would spread through every result) give a value any");
  EXPECT_EQ(range("min = 0\nmax = 1\nscale = \"logg\"\n"),
            "s.toml:9:9: unknown choice 'logg' for 'factor.scale' (only listed choices have a meaning) did you mean 'log'? choices: linear, log");
  EXPECT_EQ(range("min = 0\nmax = 1\nvalues = [2]\n"), "s.toml:5:1: factor 'markup' has a list and a range (only one of them could count) remove one of them");
  for (const char* design : {"grid", "list", "csv"})
    EXPECT_EQ(range("min = 0\nmax = 1\n", design),
              "s.toml:5:1: factor 'markup' has a range (this design takes the values that are listed) list them in 'values', or choose lhs, sobol or saltelli");
  EXPECT_EQ(problems("[[factor]]\nname = \"x\"\nmin = 0\nmax = 1\n", "lhs"),
            "s.toml:5:1: factor 'x' has a range but no key (nothing would change) name the scenario key: key = \"pricing.markup\"");
}

TEST(FactorTable, Levels) {
  EXPECT_EQ(problems(kMarkup + "levels = [{name = \"a\"}]\n"),
            "s.toml:5:1: factor 'markup' has levels and a key (levels name their keys themselves) remove 'key', or write 'values'");
  EXPECT_EQ(problems(kMarkup + "levels = [{name = \"a\"}]\nvalues = [1]\n"),
            "s.toml:5:1: factor 'markup' has both values and levels (only one of them could count) give one of them\n"
            "s.toml:5:1: factor 'markup' has levels and a key (levels name their keys themselves) remove 'key', or write 'values'");
  EXPECT_EQ(problems("[[factor]]\nname = \"x\"\nvalues = [1]\n"),
            "s.toml:5:1: factor 'x' has values but no key (nothing would change) name the scenario key: key = \"pricing.markup\"");
  EXPECT_EQ(problems("[[factor]]\nvalues = [1]\n"),
            "s.toml:5:1: a factor without key and name (nothing is known of it) write key = \"pricing.markup\", or a name and levels\n"
            "s.toml:5:1: factor '' has values but no key (nothing would change) name the scenario key: key = \"pricing.markup\"");
  const std::string form = " in a level (a level has a name, a list of overrides 'set', and a scenario) write {name = \"…\", set = [\"KEY=VALUE\"], scenario = \"…\"}";
  EXPECT_EQ(problems("[[factor]]\nname = \"x\"\nlevels = [3, {set = []}, {name = \"b\", sett = []}, {name = \"c\", set = \"x\"}, {name = \"d\", set = [1]}]\n"),
            "s.toml:7:11: a level is an integer (it must be a table) write {name = \"…\", set = [\"KEY=VALUE\"]}; values of one key go into 'values'\n"
            "s.toml:7:14: a level without a name (tables and plots need one) write {name = \"…\", …}\n"
            "s.toml:7:39: 'sett' = a list" + form + "\ns.toml:7:64: 'set' = \"x\"" + form + "\ns.toml:7:89: 'set' = a list" + form);
}

TEST(FactorTable, NamesOfCoordinates) {
  const auto name = [](const std::string& text) { return problems(kMarkup + "name = \"" + text + "\"\nvalues = [0.1]\n"); };
  for (const std::string reserved : {"run", "point", "replicate", "seed", "id", "status", "sample", "matrix"})
    EXPECT_EQ(name(reserved), "s.toml:5:1: a factor is called '" + reserved + "' (that is the name of a column of every design) give it another 'name'");
  for (const std::string odd : {"1st", "a b", "a/b", "_x", "prix_é"})
    EXPECT_EQ(name(odd), "s.toml:5:1: a factor is called '" + odd + "' (readers of HDF5 files could not use that name) use letters, digits and underscores");
  EXPECT_EQ(name("Price-2.b_x"), "");
}

TEST(FactorTable, FactorsTogether) {
  const std::string one = kMarkup + "values = [0.1, 0.2]\n", other = "[[factor]]\nkey = \"pricing.rule\"\n";
  EXPECT_EQ(problems(""), "s.toml: the study varies nothing (its design would be empty) add a [[factor]], or use 'swarmsim run --replicates' for one scenario");
  EXPECT_EQ(problems(one + one), "s.toml:8:1: two factors are called 'markup' (their columns could not be told apart) give one of them another 'name'\n"
                                 "s.toml:8:1: two factors vary 'pricing.markup' (only the later one would count) remove one of them");
  EXPECT_EQ(problems(one + other + "name = \"markup\"\nvalues = [\"flat\"]\n"),
            "s.toml:8:1: two factors are called 'markup' (their columns could not be told apart) give one of them another 'name'");
  EXPECT_EQ(problems(one + other + "values = [\"flat\"]\n", "list"),
            "s.toml:8:1: factor 'rule' has 1 values, factor 'markup' has 2 (a list takes the first values of all factors, then the second ones) "
            "give all the same number, or write design = \"grid\"");
  EXPECT_EQ(problems(one + other + "values = [\"flat\"]\n"), "");
  const std::string worlds = "\nlevels = [{name = \"a\", scenario = \"a.toml\"}]\n";
  EXPECT_EQ(problems("[[factor]]\nname = \"x\"" + worlds + "[[factor]]\nname = \"y\"" + worlds),
            "s.toml: two factors choose the scenario (a run has one) put what one of them changes into 'set'");
}

// A fault of one factor hides none of another, nor of both together.
TEST(FactorTable, AllProblemsAtOnce) {
  EXPECT_EQ(problems("[[factor]]\nkey = \"pricing.markupp\"\nvalues = []\n" + kMarkup + "values = [1, 1]\n" + kMarkup + "min = 1\n"),
            "s.toml:5:1: unknown key 'pricing.markupp' (nothing would be varied) did you mean 'pricing.markup'?\n"
            "s.toml:7:10: 'values' of factor 'markupp' is empty (the design would have no points) give a list with at least one entry\n"
            "s.toml:10:14: factor 'markup' has '1' twice (two points would be the same) remove one; 'replicates' repeats a point\n"
            "s.toml:11:1: factor 'markup' has a range (this design takes the values that are listed) list them in 'values', or choose lhs, sobol or saltelli\n"
            "s.toml:11:1: factor 'markup' has only one end of its range (the other would be a guess) give both min and max\n"
            "s.toml:11:1: factor 'markup': no values can be drawn from 1 to 1 (min is not below max) exchange them, or take the factor out of the design\n"
            "s.toml:11:1: two factors are called 'markup' (their columns could not be told apart) give one of them another 'name'\n"
            "s.toml:11:1: two factors vary 'pricing.markup' (only the later one would count) remove one of them");
}

}  // namespace
