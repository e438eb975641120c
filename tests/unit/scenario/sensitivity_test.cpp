#include "sim/scenario/sensitivity.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "sim/scenario/echo.hpp"
#include "sim/scenario/fields.hpp"

namespace swarm {
namespace scenario {
namespace {

/// Default by key, of the keys whose default has a source.
std::map<std::string, std::string> sourced_defaults() {
  std::map<std::string, std::string> defaults;
  const auto add = [&](const std::vector<SectionRows>& sections, const std::string& infix) {
    for (const auto& section : sections)
      for (const auto& row : section.rows)
        if (!row.info.source.empty()) defaults[section.name + infix + row.name] = row.value;
  };
  add(section_rows({}), ".");
  add(table_rows(), ".NAME.");
  return defaults;
}

/// What is wrong with a table of measurements, a line each.
std::string faults(std::span<const Sensitivity> table, const std::map<std::string, std::string>& defaults) {
  std::ostringstream text;
  std::set<std::string> seen;
  for (const auto& one : table) {
    const std::string key(one.key);
    const auto found = defaults.find(key);
    if (!seen.insert(key).second) text << key << " is there twice\n";
    if (found == defaults.end()) text << key << " is no key with a source\n";
    else if (found->second != one.at) text << key << " was measured at another default\n";
    if (one.outcome.empty() != one.change.empty()) text << key << " has half a result\n";
    if ((key.find(".NAME.") != std::string::npos) == one.varied.empty()) text << key << " names no record or too many\n";
  }
  for (const auto& [key, value] : defaults)
    if (!seen.count(key)) text << key << " is not measured\n";
  return text.str();
}

TEST(SensitivityTable, HasEveryKeyWithASourceAtItsDefaultAndNoOther) {
  EXPECT_EQ(faults(sensitivities(), sourced_defaults()), "")
      << "measure again: python3 analysis/sensitivity.py build/release/swarmsim --write --only KEY (or all keys)";
}

TEST(SensitivityTable, FollowsTheOrderOfTheKeys) {
  const auto keys = all_keys();
  auto at = keys.begin();
  for (const auto& one : sensitivities()) {
    at = std::find(at, keys.end(), one.key);
    ASSERT_NE(at, keys.end()) << one.key;
  }
}

TEST(SensitivityTable, PlantedFaultsAreFound) {
  const std::map<std::string, std::string> defaults{{"a.x", "1"}, {"a.y", "2"}, {"t.NAME.z", "3"}};
  const Sensitivity x{"a.x", "1", "", "", "delay_s", "+1 % per +1 %"}, y{"a.y", "2", "", "", "", ""},
      z{"t.NAME.z", "3", "t.one.z", "", "", ""};
  const auto with = [&](std::vector<Sensitivity> table) { return faults(table, defaults); };
  EXPECT_EQ(with({x, y, z}), "");
  EXPECT_EQ(with({x, z}), "a.y is not measured\n");
  EXPECT_EQ(with({x, y, y, z}), "a.y is there twice\n");
  EXPECT_EQ(with({x, y, z, {"a.gone", "1", "", "", "", ""}}), "a.gone is no key with a source\n");
  EXPECT_EQ(with({x, {"a.y", "7", "", "", "", ""}, z}), "a.y was measured at another default\n");
  EXPECT_EQ(with({x, {"a.y", "2", "", "", "delay_s", ""}, z}), "a.y has half a result\n");
  EXPECT_EQ(with({x, y, {"t.NAME.z", "3", "", "", "", ""}}), "t.NAME.z names no record or too many\n");
}

TEST(SensitivityText, SaysWhatMovesHowAndUnderWhichSettings) {
  Sensitivity s{"a.x", "1", "", "", "delay_s", "+0.8 % per +1 %"};
  EXPECT_EQ(sensitivity_text(s), "delay_s, +0.8 % per +1 %");
  s.varied = "region.BD.x";
  EXPECT_EQ(sensitivity_text(s), "delay_s, +0.8 % per +1 % (region.BD.x)");
  s.with = "market.admission=priority";
  EXPECT_EQ(sensitivity_text(s), "delay_s, +0.8 % per +1 % (region.BD.x; market.admission=priority)");
  s.varied = s.outcome = s.change = "";
  EXPECT_EQ(sensitivity_text(s), "none measurable (market.admission=priority)");
  EXPECT_EQ(find_sensitivity("run.step"), nullptr);  // a choice of the user
  ASSERT_NE(find_sensitivity("workload.load"), nullptr);
  EXPECT_EQ(find_sensitivity("workload.load")->key, "workload.load");
}

}  // namespace
}  // namespace scenario
}  // namespace swarm
