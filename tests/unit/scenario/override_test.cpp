#include <algorithm>

#include "helpers.hpp"
#include "sim/scenario/load.hpp"

namespace swarm {
namespace scenario {
namespace {

using Names = std::vector<std::string>;

TEST(Override, ValuesAreTomlAndBareWordsAreText) {
  EXPECT_EQ(read("", {"balance.policy=random"}).balance.policy, dispatch::BalancePolicy::random);
  EXPECT_EQ(read("", {"balance.policy=\"random\""}).balance.policy, dispatch::BalancePolicy::random);
  EXPECT_EQ(read("", {"balance.policy='random'"}).balance.policy, dispatch::BalancePolicy::random);
  EXPECT_EQ(read("", {"run.seed=0x10"}).run.seed, 16);
  EXPECT_EQ(read("", {"run.duration=2d"}).run.duration.seconds, 172800);
  EXPECT_EQ(read("", {"run.duration=7200"}).run.duration.seconds, 7200);
  EXPECT_EQ(read("", {"run.start=2022-03-01T00:00Z"}).run.start, "2022-03-01T00:00Z");
  EXPECT_EQ(read("", {"run.question=Who pays? = everybody"}).run.question, "Who pays? = everybody");
  EXPECT_EQ(read("", {"run.question="}).run.question, "");
  EXPECT_EQ(read("", {"run.name=Größe"}).run.name, "Größe");
  EXPECT_EQ(read("", {"run.name=a # b"}).run.name, "a # b");
  EXPECT_EQ(read("", {"run={seed=5, name=\"x\"}"}).run.seed, 5);
}

TEST(Override, LaterOnesWin) {
  EXPECT_EQ(read("run.seed = 1", {"run.seed=2", "run.seed=3"}).run.seed, 3);
  EXPECT_EQ(read("", {"region.DE.agents=2", "region.DE.agents=3"}).regions[2].agents, 3);
}

TEST(Override, RegionsCanBeChosenWithOrWithoutQuotes) {
  EXPECT_EQ(region_names(read("", {"regions=[\"BD\"]"})), Names{"BD"});
  EXPECT_EQ(region_names(read("", {"regions=[KE, BD]"})), (Names{"KE", "BD"}));  // a shell ate the quotes
}

TEST(Override, TablesAreReachedByName) {
  const std::string file = "[[site]]\nname = \"a.b c\"\nregion = \"KE\"\n";
  const Names sets{"region.DE.population=5", "site.a.b c.servers=9", "site.BD-1.servers=8",
                   "device.cpu-server.max_w=999"};
  const auto s = read(file, sets);
  EXPECT_EQ(s.regions[2].population, 5);
  EXPECT_EQ(site_names(s), (Names{"BD-1", "a.b c", "DE-1"}));
  EXPECT_EQ(s.sites[1].servers, 9);
  EXPECT_EQ(s.sites[0].servers, 8);  // sites made by default can be changed too
  const auto found =
      std::find_if(s.devices.begin(), s.devices.end(), [](const auto& d) { return d.name == "cpu-server"; });
  ASSERT_NE(found, s.devices.end());
  EXPECT_EQ(found->max_w, 999);
  EXPECT_EQ(read(file, {"site.\"a.b c\".servers=3"}).sites[1].servers, 3);
}

TEST(Override, TablesOfRegionsChosenByAnotherOverrideAreThere) {
  const auto s = read("", {"region.NG.population=7", "regions=[NG]"});
  EXPECT_EQ(s.regions[0].population, 7);
  EXPECT_EQ(read("", {"hardware.default_servers=5"}).sites[0].servers, 5);
}

TEST(Override, MovingASiteLeavesADefaultSiteBehind) {
  const auto s =
      read("regions = [\"BD\", \"KE\"]\n[[site]]\nname = \"x\"\nregion = \"BD\"\n", {"site.x.region=KE"});
  EXPECT_EQ(site_names(s), (Names{"BD-1", "x"}));
}

TEST(Override, UnknownKeysAreRefusedWithTheNearestSpelling) {
  EXPECT_EQ(
      problems_of("", {"pricing.ruel=flat"}),
      "--set: 'pricing.ruel=flat': unknown key 'pricing.ruel' (it would be ignored silently) did you mean "
      "'rule'?");
  EXPECT_EQ(problems_of("", {"pricng.rule=flat"}),
            "--set: 'pricng.rule=flat': unknown section 'pricng' (it would be ignored silently) did you mean "
            "'pricing'?");
  EXPECT_EQ(
      problems_of("", {"region.DE.agent=3"}),
      "--set: 'region.DE.agent=3': unknown key 'region.DE.agent' (it would be ignored silently) did you mean "
      "'agents'?");
  EXPECT_EQ(
      problems_of("", {"region.DF.agents=3"}),
      "--set: 'region.DF.agents=3': no region 'DF' in this scenario (an override changes what is there) did "
      "you mean 'DE'?");
  EXPECT_EQ(
      problems_of("", {"site.BD-2.servers=3"}),
      "--set: 'site.BD-2.servers=3': no site 'BD-2' in this scenario (an override changes what is there) did "
      "you mean 'BD-1'?");
  EXPECT_EQ(problems_of("", {"device.cpu-srver.idle_w=3"}),
            "--set: 'device.cpu-srver.idle_w=3': no device 'cpu-srver' in this scenario (an override changes "
            "what is "
            "there) did you mean 'cpu-server'?");
  EXPECT_EQ(problems_of("", {"seed=3"}),
            "--set: 'seed=3': unknown key 'seed' (it would be ignored silently) did you mean 'run.seed'?");
  EXPECT_EQ(problems_of("", {"run.seed.x=3"}).substr(0, 48),
            "--set: 'run.seed.x=3': unknown key 'run.seed.x' ");
}

TEST(Override, WrongValuesQuoteTheArgument) {
  EXPECT_EQ(
      problems_of("", {"run.seed=1.5"}),
      "--set: 'run.seed=1.5': 'run.seed' is 1.5, a number with a fraction (it must be an integer) write 2");
  EXPECT_EQ(
      problems_of("", {"regions=BD"}),
      "--set: 'regions=BD': 'regions' is text (it must be a list of names) write regions = [\"BD\", \"KE\"]");
  EXPECT_EQ(
      problems_of("", {"run.step=0.5"}),
      "--set: 'run.step=0.5': 'run.step' is 0.5, out of range (the model holds only within its range) give a "
      "value from 1 to 86400 s");
}

TEST(Override, FormsThatMeanNothingAreRefused) {
  for (const char* argument : {"", "=", "run.seed", "=3", ".seed=3", "run.=3", "region.DE=3", "region..x=3"})
    EXPECT_NE(problems_of("", {argument}), "") << argument;
  EXPECT_NE(problems_of("", {"extends=x.toml"}), "");
  EXPECT_NE(problems_of("", {"region.DE.name=FR"}), "");
  EXPECT_NE(problems_of("", {"region.DE.agents=1\nseed=3"}), "");  // no second line is smuggled in
}

TEST(Override, AllBadOnesAreReportedTogetherInOrder) {
  try {
    read("", {"a=1", "run.seed=x", "region.XX.agents=1"});
    FAIL();
  } catch (const InputError& error) {
    ASSERT_EQ(error.problems().size(), 3u) << error.what();
    EXPECT_EQ(error.problems()[0].file, "--set");
    EXPECT_EQ(error.problems()[0].problem.substr(0, 5), "'a=1'");
    EXPECT_EQ(error.problems()[1].problem.substr(0, 12), "'run.seed=x'");
  }
}

}  // namespace
}  // namespace scenario
}  // namespace swarm
