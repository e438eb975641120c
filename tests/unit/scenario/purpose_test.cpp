// [[purpose]] tables and --set purpose.NAME.KEY: aliases are one and the same purpose.
#include "helpers.hpp"
#include "sim/scenario/echo.hpp"
#include "sim/scenario/load.hpp"

namespace swarm {
namespace scenario {
namespace {

using workload::Purpose;

const workload::PurposeRecord& purpose(const Scenario& s, Purpose p) {
  return s.purposes.at(static_cast<std::size_t>(p));
}

TEST(Purposes, AreAllThereInTheOrderOfTheEnumeration) {
  const auto s = read("");
  ASSERT_EQ(s.purposes.size(), workload::kPurposes);
  for (std::size_t p = 0; p < workload::kPurposes; ++p)
    EXPECT_EQ(s.purposes[p].name, enum_name(static_cast<Purpose>(p)));
}

TEST(Purposes, ATableUnderAnAliasChangesThePurposeAndKeepsItsOtherDefaults) {
  const auto s = read("[[purpose]]\nname = \"Bitcoin-Mining\"\nshare = 0.5\n[[purpose]]\nname = \"luxury\"\npriority = 3\n");
  ASSERT_EQ(s.purposes.size(), workload::kPurposes);
  EXPECT_EQ(purpose(s, Purpose::cryptocurrency_mining).name, "cryptocurrency_mining");
  EXPECT_EQ(purpose(s, Purpose::cryptocurrency_mining).share, 0.5);
  EXPECT_EQ(purpose(s, Purpose::cryptocurrency_mining).priority, 0.1);
  EXPECT_EQ(purpose(s, Purpose::luxury).priority, 3);
  EXPECT_EQ(purpose(s, Purpose::luxury).share, 0.12);
}

TEST(Purposes, AParentAndItsChildMeetInOnePurpose) {
  const Folder folder;
  folder.write("parent.toml", "[[purpose]]\nname = \"crypto\"\nshare = 0.5\npriority = 7\n");
  const auto child = folder.write("child.toml", "extends = \"parent.toml\"\n[[purpose]]\nname = \"crypto-mining\"\nshare = 0.25\n");
  const auto s = load(child, {});
  EXPECT_EQ(purpose(s, Purpose::cryptocurrency_mining).share, 0.25);
  EXPECT_EQ(purpose(s, Purpose::cryptocurrency_mining).priority, 7);
}

TEST(Purposes, OverridesReachThemByAlias) {
  for (const char* name : {"crypto_mining", "crypto-mining", "\"Bitcoin Mining\"", "cryptocurrency_mining"}) {
    const auto s = read("", {std::string("purpose.") + name + ".share=0"});
    EXPECT_EQ(purpose(s, Purpose::cryptocurrency_mining).share, 0) << name;
    EXPECT_EQ(purpose(s, Purpose::luxury).share, 0.12) << name;
  }
}

TEST(Purposes, BadOverridesAreRefused) {
  EXPECT_EQ(problems_of("", {"purpose.crypto_mine.share=0"}),
            "--set: 'purpose.crypto_mine.share=0': unknown purpose 'crypto_mine' (its requests would silently count as "
            "ordinary ones) did you mean 'crypto_mining'?");
  EXPECT_EQ(problems_of("", {"purpose.luxury.name=crypto"}),
            "--set: 'purpose.luxury.name=crypto': a name cannot be overridden (it is how the table is found) change it "
            "in the file");
  EXPECT_EQ(problems_of("", {"purpose.luxury.shares=0"}),
            "--set: 'purpose.luxury.shares=0': unknown key 'purpose.luxury.shares' (it would be ignored silently) did "
            "you mean 'share'?");
  EXPECT_NE(problems_of("", {"purpose.luxury=0"}), "");
}

TEST(Purposes, TheEchoNamesThePurposeAndLoadsBackEqual) {
  const auto s = read("[[purpose]]\nname = \"crypto\"\nwtp_shift = -0.5\n", {"purpose.education.share=0.3"});
  const std::string text = effective_toml(s);
  EXPECT_NE(text.find("name = \"cryptocurrency_mining\"\n"), std::string::npos);
  EXPECT_EQ(text.find("\"crypto\""), std::string::npos);
  const auto again = load_text(text, "/elsewhere/other.toml", {});
  ASSERT_EQ(again.purposes.size(), s.purposes.size());
  for (std::size_t p = 0; p < s.purposes.size(); ++p) {
    EXPECT_EQ(again.purposes[p].name, s.purposes[p].name);
    EXPECT_EQ(again.purposes[p].share, s.purposes[p].share);
    EXPECT_EQ(again.purposes[p].priority, s.purposes[p].priority);
    EXPECT_EQ(again.purposes[p].wtp_shift, s.purposes[p].wtp_shift);
  }
  EXPECT_EQ(purpose(again, Purpose::cryptocurrency_mining).wtp_shift, -0.5);
  EXPECT_EQ(purpose(again, Purpose::global_south_education).share, 0.3);
}

}  // namespace
}  // namespace scenario
}  // namespace swarm
