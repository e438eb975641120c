#include "sim/study/design.hpp"

#include <gtest/gtest.h>

#include "sim/scenario/text.hpp"
#include "sim/study/run_plan.hpp"
#include "sim/study/sampling.hpp"
#include "sim/study/sobol.hpp"
#include "tests/unit/study/study_support.hpp"

namespace {

using namespace swarm;
using namespace swarm::study;
using namespace swarm::study::support;

/// "a,b;c,d": labels of the points.
std::string points(const Design& design) {
  std::string text;
  for (const Point& p : design.points) {
    if (!text.empty()) text += ';';
    for (std::size_t f = 0; f < p.levels.size(); ++f) text += (f > 0 ? "," : "") + p.levels[f].label;
  }
  return text;
}

Study read(const std::string& text) { return load_study_text("[study]\nscenario = \"a.toml\"\n" + text, "s.toml", {}); }

const std::string kTwo = "[[factor]]\nkey = \"pricing.markup\"\nvalues = [0.1, 0.2]\n[[factor]]\nkey = \"pricing.rule\"\nvalues = [\"flat\", \"justice\", \"legacy\"]\n";
const std::string kRanges = "[[factor]]\nkey = \"pricing.markup\"\nmin = 0.1\nmax = 0.5\n"
                            "[[factor]]\nkey = \"population.agents\"\nmin = 1\nmax = 64\nscale = \"log\"\nwhole = true\n"
                            "[[factor]]\nname = \"world\"\nlevels = [{name = \"a\"}, {name = \"b\"}, {name = \"c\"}]\n";

TEST(Design, GridTurnsTheLastFactorFastest) {
  const Design d = make_design(read(kTwo));
  EXPECT_EQ(points(d), "0.1,flat;0.1,justice;0.1,legacy;0.2,flat;0.2,justice;0.2,legacy");
  EXPECT_EQ(d.points[5].levels[1].overrides, std::vector<std::string>{"pricing.rule=\"legacy\""});
  EXPECT_TRUE(d.warnings.empty());
}

TEST(Design, ListTakesTheValuesSideBySide) {
  const std::string factors = "[[factor]]\nkey = \"pricing.markup\"\nvalues = [0.3, 0.1, 0.3]\n[[factor]]\nkey = \"run.name\"\nvalues = [\"x\", \"y\", \"z\"]\n";
  EXPECT_EQ(points(make_design(read("design = \"list\"\n" + factors))), "0.3,x;0.1,y;0.3,z");
}

/// What a sampled design must be: the unit points of its seed, mapped factor by factor.
std::string mapped(const UnitPoints& unit, const Study& s) {
  Design d{s.factors, {}, {}};
  for (std::size_t row = 0; row < unit.rows; ++row) {
    Point p;
    for (std::size_t f = 0; f < s.factors.size(); ++f) {
      const Factor& factor = s.factors[f];
      const double u = unit.at(row, f);
      p.levels.push_back(factor.range ? Level{scenario::number_text(value_at(*factor.range, u)), {}, ""} : factor.levels[level_at(u, factor.levels.size())]);
    }
    d.points.push_back(std::move(p));
  }
  return points(d);
}

TEST(Design, SampledDesignsAreTheirUnitPointsMapped) {
  const Study lhs = read("design = \"lhs\"\npoints = 16\nseed = 5\n" + kRanges), sobol = read("design = \"sobol\"\npoints = 16\nseed = 5\n" + kRanges),
              saltelli = read("design = \"saltelli\"\npoints = 4\nseed = 5\n" + kRanges);
  EXPECT_EQ(points(make_design(lhs)), mapped(latin_hypercube(16, 3, 5), lhs));
  EXPECT_EQ(points(make_design(sobol)), mapped(study::sobol(16, 3, 5), sobol));
  EXPECT_EQ(points(make_design(saltelli)), mapped(study::saltelli(4, 3, 5).points, saltelli));
  // Mutants: another seed; the design of other points.
  EXPECT_NE(points(make_design(lhs)), mapped(latin_hypercube(16, 3, 6), lhs));
  EXPECT_NE(points(make_design(sobol)), mapped(latin_hypercube(16, 3, 5), sobol));
  const Point point = make_design(lhs).points[3];
  const Level &markup = point.levels[0], &world = point.levels[2];
  EXPECT_EQ(markup.overrides, std::vector<std::string>{"pricing.markup=" + markup.label});
  EXPECT_TRUE(world.overrides.empty() && world.label.size() == 1);
}

TEST(Design, SaltelliNumbersItsSamplesAndMatrices) {
  const Design d = make_design(read("design = \"saltelli\"\npoints = 2\n" + kRanges));
  ASSERT_EQ(d.points.size(), 2u * (3 + 2));
  const SaltelliDesign rows = saltelli(2, 3, 1);
  for (std::size_t i = 0; i < d.points.size(); ++i) {
    EXPECT_EQ(d.points[i].sample, rows.sample[i]);
    EXPECT_EQ(d.points[i].matrix, rows.matrix[i]);
  }
}

TEST(Design, NoPowerOfTwoIsWarnedOf) {
  for (const std::string kind : {"sobol", "saltelli"}) {
    for (const std::string n : {"1", "2", "64"}) EXPECT_TRUE(make_design(read("design = \"" + kind + "\"\npoints = " + n + "\n" + kRanges)).warnings.empty()) << n;
    EXPECT_EQ(make_design(read("design = \"" + kind + "\"\npoints = 6\n" + kRanges)).warnings,
              std::vector<std::string>{"points = 6 is not a power of two (Sobol points balance in whole blocks only, so estimates may be biased) take 2, 4, 8, …"});
  }
  EXPECT_TRUE(make_design(read("design = \"lhs\"\npoints = 6\n" + kRanges)).warnings.empty());
}

TEST(Design, TooManyPointsOrRuns) {
  std::string hundred = "[0";
  for (int i = 1; i < 100; ++i) hundred += ", " + std::to_string(i);
  std::string grid;
  for (const char* key : {"pricing.markup", "pricing.endowment", "pricing.load_slope", "pricing.load_cap"})
    grid += "[[factor]]\nkey = \"" + std::string(key) + "\"\nvalues = " + hundred + "]\n";
  EXPECT_EQ(said([&] { make_design(read(grid)); }), "s.toml: the design has 1e+08 points (a study may have 1000000) take fewer values or points, or split the study.");
  EXPECT_EQ(said([&] { make_design(read("design = \"saltelli\"\npoints = 262144\n" + kRanges)); }),
            "s.toml: the design has 1.311e+06 points (a study may have 1000000) take fewer values or points, or split the study.");
  const Study many = read("replicates = 100000\n[[factor]]\nkey = \"pricing.markup\"\nvalues = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]\n");
  EXPECT_EQ(said([&] { plan_runs(many, make_design(many)); }),
            "s.toml: 11 points with 100000 replicates are 1100000 runs (a study may have 1000000) take fewer of either, or split the study.");
}

// ---- CSV ------------------------------------------------------------------------------------------------------------

/// The design of a table beside its study, or what is wrong with it.
struct Table {
  explicit Table(const std::string& csv, const std::string& factors = "") {
    folder.write("p.csv", csv);
    folder.write("s.toml", "[study]\nscenario = \"a.toml\"\ndesign = \"csv\"\nfile = \"p.csv\"\n" + factors);
    problems = said([&] { design = make_design(load_study(folder / "s.toml", {})); }, folder.path());
  }
  Folder folder;
  Design design;
  std::string problems;
};

TEST(CsvDesign, ColumnsAreKeysOrFactors) {
  const Table t("pricing.markup,price,run.duration,world\r\n0.1,50,1h,\"b, the \"\"other\"\"\"\r\n2e-1,0,\" 2h\",a\r\n",
                "[[factor]]\nkey = \"pricing.carbon_price_usd_per_t\"\nname = \"price\"\n[[factor]]\nname = \"world\"\n"
                "levels = [{name = \"a\"}, {name = 'b, the \"other\"', set = [\"pricing.rule=flat\"]}]\n");
  EXPECT_EQ(t.problems, "");
  EXPECT_EQ(points(t.design), "0.1,50,1h,b, the \"other\";2e-1,0, 2h,a");
  ASSERT_EQ(t.design.factors.size(), 4u);
  std::string columns;
  for (const Factor& f : t.design.factors) columns += f.name + " " + f.key + " " + f.unit + (f.numeric ? " number;" : " text;");
  EXPECT_EQ(columns, "markup pricing.markup 1 number;price pricing.carbon_price_usd_per_t USD/t number;duration run.duration s text;world  1 text;");
  EXPECT_EQ(t.design.points[0].levels[1].overrides, std::vector<std::string>{"pricing.carbon_price_usd_per_t=50"});
  EXPECT_EQ(t.design.points[0].levels[3].overrides, std::vector<std::string>{"pricing.rule=flat"});
  EXPECT_TRUE(t.design.points[1].levels[3].overrides.empty());
}

TEST(CsvDesign, AKeyMayNameItsFactor) {
  const Table t("pricing.carbon_price_usd_per_t\n5\n", "[[factor]]\nkey = \"pricing.carbon_price_usd_per_t\"\nname = \"price\"\n");
  EXPECT_EQ(t.problems, "");
  EXPECT_EQ(t.design.factors.at(0).name, "price");
}

TEST(CsvDesign, FaultsOfTheTable) {
  EXPECT_EQ(Table("pricing.markupp,seed\n1,2\n").problems,
            "p.csv:1:1: unknown key 'pricing.markupp' (nothing would be varied) did you mean 'pricing.markup'?\n"
            "p.csv:1:1: a factor is called 'seed' (that is the name of a column of every design) give it another 'name'");
  EXPECT_EQ(Table("pricing.markup\n").problems, "p.csv: the table has no rows (the design would be empty) add a row for each point");
  EXPECT_EQ(Table("region.BD.population,region.KE.population\n1,2\n").problems,
            "p.csv:1:1: two columns are called 'population' (they could not be told apart) name one of them by a [[factor]] with another 'name'");
  EXPECT_EQ(Table("pricing.markup\n0.1\n", "[[factor]]\nname = \"world\"\nlevels = [{name = \"a\"}]\n").problems,
            "s.toml:5:1: the table has no column 'world' (the factor would have no values) add it to p.csv, or remove the factor");
  EXPECT_EQ(Table("pricing.markup,world\n0.1,basse\n,\"base\"\n0.2,x\n", "[[factor]]\nname = \"world\"\nlevels = [{name = \"base\"}, {name = \"other\"}]\n").problems,
            "p.csv:2:5: factor 'world' has no level 'basse' (nothing is known of it) did you mean 'base'?\n"
            "p.csv:3:1: 'markup' is empty (the point would not be complete) give a value\n"
            "p.csv:4:5: factor 'world' has no level 'x' (nothing is known of it) levels: base, other");
  EXPECT_EQ(Table("pricing.markup\n0.1,2\n").problems,
            "p.csv:2: this row has 2 cells, the header has 1 (values would land in the wrong columns) put quotes around a cell that holds a comma");
  Folder folder;
  folder.write("s.toml", "[study]\nscenario = \"a.toml\"\ndesign = \"csv\"\nfile = \"absent.csv\"\n");
  EXPECT_TRUE(said([&] { make_design(load_study(folder / "s.toml", {})); }, folder.path()).starts_with("absent.csv: there is no such file"));
}

TEST(CsvDesign, NumbersAreNumbersOnlyIfAllAre) {
  const auto numeric = [](const std::string& cells) { return Table("run.name\n" + cells).design.factors.at(0).numeric; };
  EXPECT_TRUE(numeric("1\n-2.5e-3\n+4\n.5\n"));
  for (const char* odd : {"1\nx\n", "1\ninf\n", "nan\n", "0x10\n", "1h\n", "-\n", ".\n", "e\n", "1 2\n", "\"1,5\"\n"}) {
    const Table t("run.name\n" + std::string(odd));
    ASSERT_EQ(t.problems, "") << odd;
    EXPECT_FALSE(t.design.factors.at(0).numeric) << odd;
  }
}

}  // namespace
