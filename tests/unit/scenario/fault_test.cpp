// [[fault]] tables, [faults] and [breaker].
#include "helpers.hpp"
#include "sim/scenario/echo.hpp"
#include "sim/scenario/load.hpp"

namespace swarm {
namespace scenario {
namespace {

const std::string kHead = "[[site]]\nname = \"dhaka\"\nregion = \"BD\"\n";  // three lines
std::string fault(const std::string& keys) { return kHead + "[[fault]]\nname = \"f\"\n" + keys; }

TEST(FaultTables, AreReadAndEchoed) {
  EXPECT_TRUE(read("").fault_records.empty());
  EXPECT_FALSE(read("").faults.process);
  EXPECT_FALSE(read("").faults.breakers);
  const auto s = read(fault("site = \"dhaka\"\nstart = \"2d\"\n[[fault]]\nname = \"g\"\nkind = \"slow-agent\"\nregion = \"KE\"\nfactor = 2\n"),
                      {"fault.g.share=0.25"});
  ASSERT_EQ(s.fault_records.size(), 2u);
  EXPECT_EQ(s.fault_records[0].kind, dispatch::FaultKind::site_outage);
  EXPECT_EQ(s.fault_records[0].site, "dhaka");
  EXPECT_EQ(s.fault_records[0].start.seconds, 2 * 86400);
  EXPECT_EQ(s.fault_records[1].kind, dispatch::FaultKind::slow_agent);
  EXPECT_EQ(s.fault_records[1].share, 0.25);
  EXPECT_EQ(s.fault_records[1].factor, 2);
  EXPECT_EQ(effective_toml(load_text(effective_toml(s), "/elsewhere/other.toml", {})), effective_toml(s));
}

TEST(FaultTables, GoWithTheirRegionsAndSites) {
  const Folder folder;
  folder.write("parent.toml", fault("site = \"dhaka\"\n[[fault]]\nname = \"g\"\nkind = \"partition\"\nregion = \"BD\"\n[[fault]]\nname = \"h\"\nkind = \"partition\"\nregion = \"KE\"\n"));
  const auto child = folder.write("child.toml", "extends = \"parent.toml\"\n[[fault]]\nname = \"h\"\nduration = \"3h\"\n");
  const auto s = load(child, {"regions=[KE, DE]"});
  ASSERT_EQ(s.fault_records.size(), 1u);
  EXPECT_EQ(s.fault_records[0].name, "h");
  EXPECT_EQ(s.fault_records[0].duration.seconds, 3 * 3600);
}

TEST(FaultTables, SayWhatIsWrong) {
  struct Case {
    std::string keys, problem;
  };
  for (const Case& c : {
           Case{"region = \"BG\"\n", "pilot.toml:6:10: fault 'f' is in region 'BG', which is not part of the scenario (it would strike nobody) did you mean 'BD'?"},
           Case{"site = \"daka\"\n", "pilot.toml:6:8: fault 'f' is at site 'daka', which is not part of the scenario (it would strike nobody) did you mean 'dhaka'?"},
           Case{"site = \"dhaka\"\nregion = \"KE\"\n",
                "pilot.toml:7:10: fault 'f' is at site 'dhaka' in region 'KE' (that site is in region 'BD') leave the region out, or write region = \"BD\""},
           Case{"", "pilot.toml:5:8: fault 'f' has neither region nor site (it would strike nobody) add a line region = \"…\" or site = \"…\""},
           Case{"kind = \"partition\"\nregion = \"BD\"\nsite = \"dhaka\"\n",
                "pilot.toml:8:8: fault 'f' is at site 'dhaka', but a partition strikes a whole region (its site would be ignored) name the region and leave the site out"},
           Case{"kind = \"agent-crash\"\nregion = \"BD\"\nshare = 1.5\n", "pilot.toml:8:9: 'fault.f.share' is 1.5, out of range"},
           Case{"kind = \"agent-crash\"\nregion = \"BD\"\nshare = 0\n", "pilot.toml:8:9: 'fault.f.share' is 0, out of range"},
           Case{"kind = \"slow-agent\"\nregion = \"BD\"\nfactor = 0.5\n", "pilot.toml:8:10: 'fault.f.factor' is 0.5, out of range"},
           Case{"region = \"BD\"\nshare = 0.5\n", "pilot.toml:7:9: 'share' means nothing with kind = \"site-outage\" (it is for faults of specialists) remove it"},
           Case{"kind = \"agent-crash\"\nregion = \"BD\"\nfactor = 2\n",
                "pilot.toml:8:10: 'factor' means nothing with kind = \"agent-crash\" (it is by how much a slow-agent is slower) remove it"},
           Case{"kind = \"agent-crsh\"\nregion = \"BD\"\n", "pilot.toml:6:8: unknown choice 'agent-crsh'"},
           Case{"region = \"BD\"\nduration = 0\n", "pilot.toml:7:12: 'fault.f.duration' is 0, out of range"},
           Case{"region = \"BD\"\n[breaker]\nwindow = 4\n",
                "pilot.toml:8:10: 'breaker.least_answers' is 5, more than 'breaker.window' = 4 (a breaker never knows of so many answers, so none would ever open) make the window longer"},
       }) {
    const std::string said = problems_of(fault(c.keys));
    EXPECT_NE(said.find(c.problem), std::string::npos) << "wanted: " << c.problem << "\nsaid:   " << said;
    EXPECT_EQ(std::ranges::count(said, '\n'), 0) << "one problem: " << said;
  }
  const std::string both = problems_of(fault("region = \"BG\"\n[[fault]]\nname = \"g\"\nsite = \"x\"\n"));
  EXPECT_NE(both.find("fault 'f'"), std::string::npos);
  EXPECT_NE(both.find("fault 'g'"), std::string::npos) << "all at once";
}

}  // namespace
}  // namespace scenario
}  // namespace swarm
