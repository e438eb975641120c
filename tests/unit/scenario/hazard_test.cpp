// [[hazard]] tables, [hazards] and [emergency].
#include "helpers.hpp"
#include "sim/scenario/echo.hpp"
#include "sim/scenario/load.hpp"

namespace swarm {
namespace scenario {
namespace {

const char* const kFlood = "[[hazard]]\nname = \"f\"\nregion = \"BD\"\nstart = \"2d\"\nseverity = 0.5\n";

TEST(HazardTables, AreReadAndEchoed) {
  EXPECT_TRUE(read("").hazard_records.empty());
  const auto s = read(std::string(kFlood) + "[[hazard]]\nname = \"c\"\nkind = \"cyclone\"\nregion = \"KE\"\n",
                      {"hazard.f.severity=0.25"});
  ASSERT_EQ(s.hazard_records.size(), 2u);
  EXPECT_EQ(s.hazard_records[0].kind, grid::HazardKind::flood);
  EXPECT_EQ(s.hazard_records[0].region, "BD");
  EXPECT_EQ(s.hazard_records[0].start.seconds, 2 * 86400);
  EXPECT_EQ(s.hazard_records[0].severity, 0.25);
  EXPECT_EQ(s.hazard_records[1].kind, grid::HazardKind::cyclone);
  EXPECT_EQ(s.emergency.protocol, policy::EmergencyProtocol::on);
  EXPECT_FALSE(s.hazards.process);
  const auto again = load_text(effective_toml(s), "/elsewhere/other.toml", {});
  EXPECT_EQ(effective_toml(again), effective_toml(s));
  EXPECT_NE(effective_toml(s).find("\n[[hazard]]\nname = \"c\"\nkind = \"cyclone\"\n"), std::string::npos);
}

TEST(HazardTables, AreMergedByNameAndGoWithTheirRegions) {
  const Folder folder;
  folder.write("parent.toml", kFlood);
  const auto child =
      folder.write("child.toml", "extends = \"parent.toml\"\n[[hazard]]\nname = \"f\"\nduration = \"3h\"\n");
  const auto s = load(child, {});
  ASSERT_EQ(s.hazard_records.size(), 1u);
  EXPECT_EQ(s.hazard_records[0].severity, 0.5);
  EXPECT_EQ(s.hazard_records[0].duration.seconds, 3 * 3600);
  EXPECT_TRUE(load(child, {"regions=[KE, DE]"}).hazard_records.empty());
}

TEST(HazardTables, FeedCountsFromTheFileThatNamesIt) {
  const Folder folder;
  const auto file = folder.write("s.toml", "[hazards]\nfeed = \"floods.csv\"\n");
  EXPECT_EQ(load(file, {}).hazards.feed, (folder.root() / "floods.csv").string());
  EXPECT_EQ(load(file, {"run.data_dir=/data"}).hazards.feed, "floods.csv");
}

}  // namespace
}  // namespace scenario
}  // namespace swarm
