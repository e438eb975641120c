#include "sim/workload/purpose.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "sim/core/errors.hpp"

namespace swarm::workload {
namespace {

struct Spelling {
  const char* name;
  Purpose purpose;
};

// The nine names and every alias, written out: a purpose filed under the wrong one would change priorities fifty-fold.
const Spelling kSpellings[] = {
    {"climate_adaptation", Purpose::climate_adaptation},
    {"adaptation", Purpose::climate_adaptation},
    {"climate_change_adaptation", Purpose::climate_adaptation},
    {"disaster_response", Purpose::disaster_response},
    {"disaster_relief", Purpose::disaster_response},
    {"emergency_response", Purpose::disaster_response},
    {"renewable_energy_optimisation", Purpose::renewable_energy_optimisation},
    {"renewable_energy_optimization", Purpose::renewable_energy_optimisation},
    {"renewable_optimisation", Purpose::renewable_energy_optimisation},
    {"renewable_optimization", Purpose::renewable_energy_optimisation},
    {"sustainable_agriculture", Purpose::sustainable_agriculture},
    {"agriculture", Purpose::sustainable_agriculture},
    {"sustainable_farming", Purpose::sustainable_agriculture},
    {"climate_science", Purpose::climate_science},
    {"climate_research", Purpose::climate_science},
    {"climate_science_research", Purpose::climate_science},
    {"global_south_education", Purpose::global_south_education},
    {"education", Purpose::global_south_education},
    {"education_global_south", Purpose::global_south_education},
    {"general_research", Purpose::general_research},
    {"general", Purpose::general_research},
    {"research", Purpose::general_research},
    {"luxury", Purpose::luxury},
    {"luxury_services", Purpose::luxury},
    {"cryptocurrency_mining", Purpose::cryptocurrency_mining},
    {"bitcoin_mining", Purpose::cryptocurrency_mining},
    {"crypto", Purpose::cryptocurrency_mining},
    {"crypto_mining", Purpose::cryptocurrency_mining},
    {"crypto_currency_mining", Purpose::cryptocurrency_mining},
};

TEST(Purpose, EverySpellingLeadsToItsPurpose) {
  for (const auto& [name, purpose] : kSpellings) EXPECT_EQ(find_purpose(name), purpose) << name;
}

TEST(Purpose, CaseHyphensAndBlanksDoNotMatter) {
  for (const auto& [name, purpose] : kSpellings) {
    std::string upper(name), hyphens(name), blanks(name);
    std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
    std::replace(hyphens.begin(), hyphens.end(), '_', '-');
    std::replace(blanks.begin(), blanks.end(), '_', ' ');
    for (const auto& word : {upper, hyphens, blanks}) EXPECT_EQ(find_purpose(word), purpose) << word;
  }
  EXPECT_EQ(find_purpose("Crypto-Mining"), Purpose::cryptocurrency_mining);
}

TEST(Purpose, WhatIsNoSpellingIsNoPurpose) {
  for (const char* word : {"", "gaming", "crypto_", "_luxury", "luxury\n", "cryptomining", "climate", "climate__adaptation",
                           "general_research.", "9", "luxe", "éducation"})
    EXPECT_FALSE(find_purpose(word).has_value()) << word;
}

TEST(Purpose, SpellingsForSuggestionsAreExactlyThese) {
  std::set<std::string> expected, listed;
  for (const auto& one : kSpellings) expected.insert(one.name);
  for (const auto spelling : purpose_spellings()) EXPECT_TRUE(listed.emplace(spelling).second) << spelling << " stands twice";
  EXPECT_EQ(listed, expected);
}

TEST(Purpose, TableHasThePrototypesPrioritiesAndSharesThatAddUpToOne) {
  const auto table = purpose_table();
  ASSERT_EQ(table.size(), kPurposes);
  const double priorities[] = {5, 4, 3.5, 3, 2.5, 2, 1, 0.2, 0.1};
  double shares = 0;
  for (std::size_t p = 0; p < kPurposes; ++p) {
    EXPECT_EQ(table[p].name, enum_name(static_cast<Purpose>(p)));
    EXPECT_EQ(table[p].priority, priorities[p]) << table[p].name;
    EXPECT_EQ(table[p].wtp_shift, 0) << table[p].name;
    EXPECT_GT(table[p].share, 0) << table[p].name;
    shares += table[p].share;
  }
  EXPECT_NEAR(shares, 1, 1e-15);
}

}  // namespace
}  // namespace swarm::workload
