#include "agents/tasks/style.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "agents/tasks/grammar.hpp"

namespace swarm {
namespace tasks {
namespace {

bool equal(const Style& a, const Style& b) {
  return a.intensity == b.intensity && a.slant == b.slant && a.background == b.background &&
         a.gradient == b.gradient && a.clarity == b.clarity && a.transition == b.transition &&
         a.easy_operators.cumulative == b.easy_operators.cumulative &&
         a.hard_operators.cumulative == b.hard_operators.cumulative &&
         a.operands.cumulative == b.operands.cumulative && a.keys.cumulative == b.keys.cumulative &&
         a.values.cumulative == b.values.cumulative;
}

template <std::size_t N>
void expect_choice(const Choice<N>& choice) {
  std::uint32_t below = 0;
  for (const std::uint32_t c : choice.cumulative) {
    EXPECT_GT(c, below) << "an option is never taken";
    below = c;
  }
  EXPECT_EQ(below, 65536u);
}

TEST(Style, IsAFunctionOfSeedAndKey) {
  EXPECT_TRUE(equal(region_style(7, region_key("KE")), region_style(7, region_key("KE"))));
  EXPECT_FALSE(equal(region_style(7, region_key("KE")), region_style(8, region_key("KE"))));
  EXPECT_FALSE(equal(region_style(7, region_key("KE")), region_style(7, region_key("DE"))));
}

TEST(Style, TwoLetterNamesHaveDifferentKeys) {
  std::set<std::uint32_t> keys;
  for (char a = 'A'; a <= 'Z'; ++a)
    for (char b = 'A'; b <= 'Z'; ++b) keys.insert(region_key(std::string{a, b}));
  EXPECT_EQ(keys.size(), 26u * 26u);
}

TEST(Style, IsValidForManyRegions) {
  for (std::uint32_t key = 0; key < 200; ++key) {
    const Style style = region_style(1, key);
    EXPECT_GT(style.intensity, style.background + std::abs(style.gradient) / 2 + 0.15) << "ink must show";
    for (const auto& grammar : style.transition)
      for (const auto& row : grammar) {
        double sum = 0;
        for (const double p : row) {
          EXPECT_GT(p, 0);
          sum += p;
        }
        EXPECT_NEAR(sum, 1.0, 1e-14);
      }
    EXPECT_GE(style.clarity, 0.85);
    EXPECT_LE(style.clarity, 1.15);
    expect_choice(style.easy_operators);
    expect_choice(style.hard_operators);
    expect_choice(style.operands);
    expect_choice(style.keys);
    expect_choice(style.values);
  }
}

TEST(Style, TheNeutralCentreDeviatesInNothing) {
  const Style centre = neutral_style(0);
  EXPECT_EQ(centre.slant, 0);
  EXPECT_EQ(centre.gradient, 0);
  for (std::uint32_t g = 0; g < kGrammars; ++g)
    for (std::uint32_t s = 0; s < kSymbols; ++s)
      for (std::uint32_t next = 0; next < kSymbols; ++next)
        EXPECT_NEAR(centre.transition[g][s][next], grammar_probability(g, s, next), 1e-15);
  // Ten equal shares of 65,536: 6,553.6, 13,107.2, … rounded.
  EXPECT_EQ(centre.values.cumulative[0], 6554u);
  EXPECT_EQ(centre.values.cumulative[1], 13107u);
  for (std::uint32_t k = 1; k < kNeutralStyles; ++k) EXPECT_FALSE(equal(centre, neutral_style(k)));
}

// 3 of 10 words lie in the first option, 5 in the second, 2 in the third.
TEST(Style, ChoicePicksByShare) {
  const Choice<3> choice{{19661, 52429, 65536}};
  std::array<int, 3> count{};
  for (std::uint32_t word = 0; word < 65536; ++word) ++count[choice.pick(word)];
  EXPECT_EQ(count, (std::array<int, 3>{19661, 32768, 13107}));
}

TEST(Grammar, TablesDifferInTwoRowsOrMore) {
  const auto apart = [](const auto& a, const auto& b) {
    int rows = 0;
    for (std::uint32_t s = 0; s < kSymbols; ++s) rows += a[s] != b[s];
    return rows;
  };
  for (std::uint32_t g = 0; g < kGrammars; ++g)
    for (std::uint32_t h = 0; h < g; ++h) EXPECT_GE(apart(kSuccessor[g], kSuccessor[h]), 2) << g << ' ' << h;
  auto mutant = kSuccessor[0];  // differs from grammar 0 in one row only
  mutant[3] = 0;
  EXPECT_LT(apart(kSuccessor[0], mutant), 2);
}

}  // namespace
}  // namespace tasks
}  // namespace swarm
