#include "sim/scenario/load.hpp"

#include <algorithm>

#include "helpers.hpp"
#include "sim/grid/region_table.hpp"
#include "sim/hardware/catalogue.hpp"
#include "sim/scenario/echo.hpp"

namespace swarm {
namespace scenario {
namespace {

using Names = std::vector<std::string>;

const hardware::Device& device(const Scenario& s, const std::string& name) {
  return *std::find_if(s.devices.begin(), s.devices.end(), [&](const auto& d) { return d.name == name; });
}

TEST(Load, EmptyFileIsTheDefaultScenario) {
  const auto s = read("");
  EXPECT_EQ(region_names(s), (Names{"BD", "KE", "DE"}));
  EXPECT_EQ(site_names(s), (Names{"BD-1", "KE-1", "DE-1"}));
  EXPECT_EQ(s.run.duration.seconds, 7 * 86400);
  EXPECT_EQ(s.run.data_dir, "/studies");
  EXPECT_EQ(s.devices.size(), hardware::device_catalogue().size());
}

TEST(Load, RegionsAloneAreAScenario) {
  const auto s = read("regions = [\"KE\", \"BD\"]");
  EXPECT_EQ(region_names(s), (Names{"KE", "BD"}));  // the order of the file, not of the table
  EXPECT_EQ(site_names(s), (Names{"KE-1", "BD-1"}));
  EXPECT_EQ(s.regions[1].population, grid::find_region("BD")->population);
  EXPECT_EQ(s.sites[0].region, "KE");
  EXPECT_EQ(s.sites[0].servers, s.hardware.default_servers);
}

TEST(Load, EveryKindOfFieldIsRead) {
  const auto s = read(R"(
[run]
name = "Klimagerechtigkeit – জলবায়ু"
start = 2022-02-01T00:00:00Z
duration = 172800
warmup = "12h"
step = "10min"
seed = 42
[pricing]
markup = 1
load_cap = 2.5
[balance]
policy = "power-of-d"
[grid]
beyond_trace = "wrap"
[[region]]
name = "KE"
global_south = false
)");
  EXPECT_EQ(s.run.name, "Klimagerechtigkeit – জলবায়ু");
  EXPECT_EQ(s.run.start, "2022-02-01T00:00:00Z");
  EXPECT_EQ(s.run.duration.seconds, 172800);
  EXPECT_EQ(s.run.warmup.seconds, 43200);
  EXPECT_EQ(s.run.step.seconds, 600);
  EXPECT_EQ(s.run.seed, 42);
  EXPECT_EQ(s.pricing.markup, 1.0);  // an integer is fine for a number
  EXPECT_EQ(s.pricing.load_cap, 2.5);
  EXPECT_EQ(s.balance.policy, dispatch::BalancePolicy::power_of_d);
  EXPECT_EQ(s.grid.beyond_trace, grid::BeyondTrace::wrap);
  EXPECT_FALSE(s.regions[0].global_south);
}

TEST(Load, DurationsAreNumbersOrText) {
  EXPECT_EQ(read("run.duration = \"7d\"").run.duration.seconds, 604800);
  EXPECT_EQ(read("run.duration = \"1w\"").run.duration.seconds, 604800);
  EXPECT_EQ(read("run.step = \"5min\"").run.step.seconds, 300);
  EXPECT_EQ(read("network.base = \"250ms\"").network.base.seconds, 0.25);
  EXPECT_EQ(read("network.base = 0.25").network.base.seconds, 0.25);
  EXPECT_EQ(read("run.duration = \"1h30min\"").run.duration.seconds, 5400);
}

TEST(Load, WindowsLineEndsAndByteOrderMarkMakeNoDifference) {
  const auto s = read("\xEF\xBB\xBFregions = [\"BD\"]\r\n\r\n[run]\r\nseed = 7 # comment\r\n");
  EXPECT_EQ(region_names(s), (Names{"BD"}));
  EXPECT_EQ(s.run.seed, 7);
  EXPECT_EQ(problems_of("[run]\r\n  sed = 7\r\n"),
            "pilot.toml:2:3: unknown key 'run.sed' (it would be ignored silently) did you mean 'seed'?");
}

TEST(Load, RegionTablesAreTheRegionsIfThereIsNoList) {
  const auto s = read("[[region]]\nname = \"NG\"\n[[region]]\nname = \"BD\"\npopulation = 5\n");
  EXPECT_EQ(region_names(s), (Names{"NG", "BD"}));
  EXPECT_EQ(s.regions[1].population, 5);
  EXPECT_EQ(s.regions[1].intensity_g_per_kwh, grid::find_region("BD")->intensity_g_per_kwh);
}

TEST(Load, RegionTablesChangeListedRegionsAndAddOthers) {
  const auto s = read(R"(
regions = ["BD", "KE"]
[[region]]
name = "KE"
agents = 12
[[region]]
name = "Atlantis"
population = 1000
gdp_per_capita_usd = 2000
intensity_g_per_kwh = 3
)");
  EXPECT_EQ(region_names(s), (Names{"BD", "KE", "Atlantis"}));
  EXPECT_EQ(s.regions[1].agents, 12);
  EXPECT_EQ(s.regions[2].intensity_g_per_kwh, 3);
  EXPECT_EQ(site_names(s), (Names{"BD-1", "KE-1", "Atlantis-1"}));
}

TEST(Load, SitesAreOrderedByRegionAndOnlyMissingOnesAreMade) {
  const auto s = read(R"(
regions = ["BD", "KE", "DE"]
[hardware]
default_servers = 7
[[site]]
name = "z"
region = "DE"
[[site]]
name = "a"
region = "BD"
servers = 3
[[site]]
name = "b"
region = "DE"
)");
  EXPECT_EQ(site_names(s), (Names{"a", "KE-1", "z", "b"}));  // stable within a region
  EXPECT_EQ(s.sites[0].servers, 3);
  EXPECT_EQ(s.sites[1].servers, 7);
}

TEST(Load, ADefaultSiteAvoidsATakenName) {
  const auto s = read("regions = [\"BD\", \"KE\"]\n[[site]]\nname = \"BD-1\"\nregion = \"KE\"\n");
  EXPECT_EQ(site_names(s), (Names{"BD-2", "BD-1"}));
}

TEST(Load, DevicesOverrideTheCatalogueOrAddToIt) {
  const std::string known(hardware::device_catalogue().front().name);
  const auto s = read("[[device]]\nname = \"" + known + R"("
price_usd = 1
[[device]]
name = "abacus"
peak_fp32 = 1
peak_fp16 = 1
peak_int8 = 1
memory_bytes = 10
bandwidth = 5
idle_w = 0
max_w = 1
standby_w = 0
[[site]]
name = "schoolroom"
region = "KE"
device = "abacus"
)");
  EXPECT_EQ(s.devices.size(), hardware::device_catalogue().size() + 1);
  EXPECT_EQ(device(s, known).price_usd, 1);
  EXPECT_EQ(device(s, known).max_w, hardware::device_catalogue().front().max_w);
  EXPECT_EQ(device(s, "abacus").bandwidth, 5);
}

TEST(Load, EndStandsForDuration) {
  // 3 January to 10 January is 7 d; less 1 d of warm-up leaves 6 d.
  const auto s = read("[run]\nstart = \"2022-01-03\"\nend = \"2022-01-10T00:00Z\"\nwarmup = \"1d\"\n");
  EXPECT_EQ(s.run.duration.seconds, 6 * 86400);
  EXPECT_EQ(s.run.end, "");
  const std::string file = "[run]\nstart = \"2022-01-03\"\nend = \"2022-01-10\"\n";
  EXPECT_EQ(read(file, {"run.duration=2d"}).run.duration.seconds, 2 * 86400);  // the later one counts
  EXPECT_EQ(read(file, {"run.duration=2d", "run.end=2022-01-05"}).run.duration.seconds, 86400);
  EXPECT_EQ(read(file, {"run.warmup=0"}).run.duration.seconds, 7 * 86400);
}

TEST(Load, RelativePathsCountFromTheFileThatStatesThem) {
  EXPECT_EQ(read("run.data_dir = \"../data\"").run.data_dir, "/data");
  EXPECT_EQ(read("run.data_dir = \"/x/y\"").run.data_dir, "/x/y");
  EXPECT_EQ(read("", {"run.data_dir=here"}).run.data_dir,
            (std::filesystem::current_path() / "here").string());
  EXPECT_EQ(load_text("", "/studies/s.toml", {"run.data_dir=here"}, "/x/y").run.data_dir, "/x/y/here");
  EXPECT_EQ(load_text("run.data_dir = \"d\"", "/studies/s.toml", {"run.seed=1"}, "/x/y").run.data_dir, "/studies/d");
  EXPECT_EQ(load_text("", "/studies/s.toml", {}, "/x/y").run.data_dir, "/studies");
  EXPECT_EQ(read("run.cache_dir = \"cache\"").run.cache_dir, "/studies/cache");
  EXPECT_EQ(read("").run.cache_dir, "");
  // Traces: below data_dir if that is stated, else beside the file.
  EXPECT_EQ(read("run.data_dir = \"d\"\ngrid.trace = \"t.csv\"").grid.trace, "t.csv");
  EXPECT_EQ(read("grid.trace = \"t.csv\"").grid.trace, "/studies/t.csv");
  EXPECT_EQ(read("[[region]]\nname = \"BD\"\ntrace = \"sub/t.csv\"").regions[0].trace, "/studies/sub/t.csv");
}

// Models count from the file that names them, whatever data_dir is.
TEST(Load, FilesOfModelsBecomeAbsolute) {
  const auto s =
      read("run.data_dir = \"d\"\n[specialists]\nonnx_vision = \"v.onnx\"\nonnx_language = \"/l.onnx\"",
           {"specialists.onnx_memory='m.onnx'"});
  EXPECT_EQ(s.specialists.onnx_vision, "/studies/v.onnx");
  EXPECT_EQ(s.specialists.onnx_language, "/l.onnx");
  EXPECT_EQ(s.specialists.onnx_reasoning, "");
  EXPECT_EQ(s.specialists.onnx_memory, (std::filesystem::current_path() / "m.onnx").string());
}

TEST(Load, KeepsTheTextAndTheOverrides) {
  const auto s = read("run.seed = 3 # mine\n", {"run.seed=4"});
  EXPECT_EQ(s.text, "run.seed = 3 # mine\n");
  EXPECT_EQ(s.overrides, Names{"run.seed=4"});
  EXPECT_EQ(s.path, "/studies/pilot.toml");
}

TEST(Load, MissingFileAndFolderAreNamed) {
  EXPECT_THROW(
      {
        try {
          load("/nowhere/gone.toml", {});
        } catch (const InputError& error) {
          EXPECT_EQ(std::string(error.what()),
                    "/nowhere/gone.toml: cannot read scenario '/nowhere/gone.toml' (there is no such file, "
                    "or it may "
                    "not be read) check the name, or write a new one with: swarmsim init gone.toml");
          throw;
        }
      },
      InputError);
  EXPECT_THROW(load("/tmp", {}), InputError);
}

TEST(Extends, ChildChangesParentAndGrandparent) {
  const Folder folder;
  folder.write("base/world.toml", R"(
regions = ["BD", "KE"]
run.data_dir = "data"
[pricing]
markup = 0.3
load_cap = 5
[[region]]
name = "KE"
agents = 5
population = 100
[[site]]
name = "k"
region = "KE"
servers = 4
)");
  folder.write("pilot.toml", "extends = \"base/world.toml\"\n[pricing]\nmarkup = 0.4\n");
  const auto file = folder.write("child.toml", R"(
extends = "pilot.toml"
[[region]]
name = "KE"
population = 200
[[site]]
name = "k"
pue = 2
)");
  const auto s = load(file, {});
  EXPECT_EQ(region_names(s), (Names{"BD", "KE"}));
  EXPECT_EQ(s.pricing.markup, 0.4);
  EXPECT_EQ(s.pricing.load_cap, 5);
  EXPECT_EQ(s.regions[1].agents, 5);        // parent
  EXPECT_EQ(s.regions[1].population, 200);  // child
  EXPECT_EQ(s.sites[1].servers, 4);
  EXPECT_EQ(s.sites[1].pue, 2);
  EXPECT_EQ(s.run.data_dir, (folder.root() / "base/data").string());  // relative to the file that states it
}

TEST(Extends, ALaterListOfRegionsChoosesAnewAndTakesSitesAlong) {
  const Folder folder;
  folder.write(
      "p.toml",
      "regions = [\"BD\", \"KE\"]\n[[region]]\nname = \"KE\"\nagents = 5\n[[site]]\nname = \"k\"\nregion = "
      "\"KE\"\n");
  const auto file = folder.write("c.toml", "extends = \"p.toml\"\nregions = [\"DE\", \"BD\"]\n");
  const auto s = load(file, {});
  EXPECT_EQ(region_names(s), (Names{"DE", "BD"}));
  EXPECT_EQ(site_names(s), (Names{"DE-1", "BD-1"}));
  const auto back = load(file, {"regions=[\"KE\"]"});  // what the parent says of KE is not forgotten
  EXPECT_EQ(back.regions[0].agents, 5);
}

TEST(Extends, ProblemsOfParentsNameTheParent) {
  const Folder folder;
  const auto parent = folder.write("p.toml", "[run]\nsed = 1\n").string();
  const auto file = folder.write("c.toml", "extends = \"p.toml\"\n[run]\nstep = -1\n");
  try {
    load(file, {});
    FAIL();
  } catch (const InputError& error) {
    ASSERT_EQ(error.problems().size(), 2u) << error.what();
    EXPECT_EQ(error.problems()[0].file, parent);
    EXPECT_EQ(error.problems()[0].line, 2);
    EXPECT_EQ(error.problems()[1].file, file.string());
    EXPECT_EQ(error.problems()[1].line, 3);
  }
}

TEST(Extends, CyclesAndMissingParentsAreErrorsAtTheKey) {
  const Folder folder;
  const auto a = folder.write("a.toml", "\nextends = \"b.toml\"\n");
  const auto b = folder.write("b.toml", "extends = \"./sub/../a.toml\"\n");
  try {
    load(a, {});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()), b.string() +
                                             ":1:11: 'extends' runs in a circle (a.toml → b.toml → a.toml) "
                                             "remove one of these 'extends'");
  }
  const auto orphan = folder.write("o.toml", "\nextends = \"none.toml\"\n");
  try {
    load(orphan, {});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.problems()[0].file, orphan.string());
    EXPECT_EQ(error.problems()[0].line, 2);
    EXPECT_NE(std::string(error.what()).find("none.toml"), std::string::npos);
  }
}

TEST(Extends, AFileThatExtendsItselfIsACycle) {
  const Folder folder;
  EXPECT_THROW(load(folder.write("a.toml", "extends = \"a.toml\"\n"), {}), InputError);
}

}  // namespace
}  // namespace scenario
}  // namespace swarm
