#include "sim/study/effective_keys.hpp"

#include <gtest/gtest.h>

#include "sim/scenario/echo.hpp"
#include "sim/scenario/load.hpp"

namespace {

using namespace swarm;
using study::effective_keys;
using study::EffectiveKeys;

TEST(EffectiveKeys, SectionsTablesUnitsAndQuotes) {
  const auto keys = effective_keys(R"(# heading = 1
[run]
question = "is # a \" comment?"  # no
step = "5min"
[pricing]
base = 0.5  # USD

[[site]]
servers = 3
name = "A.b"
[[site]]
name = "C"
servers = 4
)");
  const EffectiveKeys expected{{"run.question", R"("is # a \" comment?")"}, {"run.step", "\"5min\""}, {"pricing.base", "0.5"},
                               {"site", "A.b, C"}, {"site.A.b.servers", "3"}, {"site.A.b.name", "\"A.b\""},
                               {"site.C.servers", "4"}, {"site.C.name", "\"C\""}};
  EXPECT_EQ(keys, expected);
  EXPECT_TRUE(effective_keys("").empty());
}

EffectiveKeys keys_of(const std::vector<std::string>& overrides) {
  return effective_keys(scenario::effective_toml(scenario::load_text("regions = [\"BD\", \"KE\"]\n", "s.toml", overrides)));
}

// Every key that a scenario can have comes through, and a change of one key is one difference.
TEST(EffectiveKeys, UnderstandsWhatTheProgramWrites) {
  const auto keys = keys_of({});
  EXPECT_EQ(keys.at("region"), "BD, KE");
  std::size_t found = 0;
  for (auto key : scenario::all_keys()) {
    if (key == "extends" || key == "regions" || key.starts_with("device.") || key.starts_with("site.") || key.starts_with("hazard.") || key.starts_with("fault.")) continue;
    if (const auto at = key.find(".NAME."); at != key.npos) key.replace(at, 6, key.starts_with("purpose") ? ".luxury." : ".KE.");
    EXPECT_TRUE(keys.contains(key)) << key;
    ++found;
  }
  EXPECT_GT(found, 100u);
  const auto changed = study::differences(keys, keys_of({"pricing.markup=0.25"}));
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_EQ(changed[0].key, "pricing.markup");
  EXPECT_EQ(changed[0].reference, "0.1");
  EXPECT_EQ(changed[0].value, "0.25");
}

TEST(EffectiveKeys, WhatIsMissingOnOneSideIsADifferenceToo) {
  const auto d = study::differences({{"a", "1"}, {"b", "2"}}, {{"b", "2"}, {"c", "3"}});
  ASSERT_EQ(d.size(), 2u);
  EXPECT_EQ(d[0].key + d[0].reference + d[0].value, "a1");
  EXPECT_EQ(d[1].key + d[1].reference + d[1].value, "c3");
}

// What cannot change a result, or is chance, does not make another scenario; everything else does.
TEST(DecidingKeys, LeaveOutSeedNamesAndTheDivisionOfWork) {
  const auto reference = study::deciding_keys(keys_of({}));
  for (const char* aside : {"run.seed=7", "run.name=x", "run.question=why", "run.cache_dir=/tmp", "run.data_dir=/tmp", "engine.shards=2",
                            "record.agents=3", "record.compression=0"})
    EXPECT_EQ(study::deciding_keys(keys_of({aside})), reference) << aside;
  for (const char* deciding : {"run.duration=1d", "run.start='2022-02-01'", "run.step=10min", "pricing.markup=0.2", "region.KE.population=1e6",
                               "balance.policy=nearest"})
    EXPECT_NE(study::deciding_keys(keys_of({deciding})), reference) << deciding;
}

TEST(DecidingKeys, TheFolderOfTracesCountsWhereTracesAreUsed) {
  EffectiveKeys keys{{"run.data_dir", "\"/a\""}, {"grid.source", "\"profile\""}};
  EXPECT_FALSE(study::deciding_keys(keys).contains("run.data_dir"));
  keys["workload.source"] = "\"trace\"";
  EXPECT_TRUE(study::deciding_keys(keys).contains("run.data_dir"));
}

}  // namespace
