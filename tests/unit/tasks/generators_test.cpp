#include "agents/tasks/generators.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <vector>

#include "agents/tasks/memory.hpp"
#include "agents/tasks/reasoning.hpp"
#include "agents/tasks/vision.hpp"

namespace swarm {
namespace tasks {
namespace {

constexpr double kSigmas = 4.5;  // of a standard error: one check in 150,000 would fail by chance

struct Problem {
  std::array<std::uint8_t, kInputs> input;
  std::uint8_t label;
};

std::vector<Problem> problems(Generator make, const Style& style, double kappa, std::uint32_t n) {
  std::vector<Problem> out(n);
  for (std::uint32_t i = 0; i < n; ++i) {
    RandomSequence random(Random(11, Stream::experiment), 0, i);
    out[i].label = make(style, kappa, random, out[i].input.data());
  }
  return out;
}

std::uint32_t brightest(const std::uint8_t* from, std::uint32_t n) {
  return static_cast<std::uint32_t>(std::max_element(from, from + n) - from);
}

using Reader = std::function<std::uint32_t(const Problem&)>;
double agreement(const std::vector<Problem>& all, const Reader& read) {
  std::size_t same = 0;
  for (const Problem& p : all) same += read(p) == p.label;
  return static_cast<double>(same) / static_cast<double>(all.size());
}

// ---- reasoning: read the digits and operators back and compute by the rules of school arithmetic ----

bool lit(const Problem& p, std::uint32_t at, std::uint32_t n) {
  return std::any_of(p.input.begin() + at, p.input.begin() + at + n, [](std::uint8_t b) { return b != 0; });
}

std::uint32_t school(std::uint32_t op, std::uint32_t a, std::uint32_t b) {
  switch (op) {
    case 0:
      return (a > b) + (a >= b);
    case 1:
      return std::max(a, b);
    case 2:
      return std::min(a, b);
    case 3:
      return (a & 1 & b) + 2 * (a / 2 & 1 & (b / 2)) + 4 * (a / 4 & 1 & (b / 4)) + 8 * (a / 8 & (b / 8));
    case 4:
      return a + b >= 10 ? a + b - 10 : a + b;
    case 5:
      return a >= b ? a - b : a + 10 - b;
    case 6: {
      std::uint32_t sum = 0;
      for (std::uint32_t i = 0; i < b; ++i) sum = school(4, sum, a);
      return sum;
    }
    default:
      return (a + b - 2 * school(3, a, b)) % 10;  // a + b = (a xor b) + 2·(a and b)
  }
}

std::uint32_t reason(
    const Problem& p,
    const std::function<std::uint32_t(std::uint32_t, std::uint32_t, std::uint32_t)>& compute) {
  const std::uint8_t* in = p.input.data();
  const std::uint32_t a = brightest(in, 10), b = brightest(in + 10, 10), op = brightest(in + 30, 8);
  const std::uint32_t first = compute(op, a, b);
  if (!lit(p, 20, 10)) return first;
  return compute(brightest(in + 38, 8), first, brightest(in + 20, 10));
}

TEST(Reasoning, AnswersAreExact) {
  for (const double kappa : {0.0, 0.5, 1.0})
    EXPECT_EQ(agreement(problems(make_reasoning, region_style(3, 5), kappa, 4000),
                        [](const Problem& p) { return reason(p, school); }),
              1.0);
  // A mutant that subtracts the wrong way round is found out.
  const auto wrong = [](std::uint32_t op, std::uint32_t a, std::uint32_t b) {
    return op == 5 ? school(5, b, a) : school(op, a, b);
  };
  EXPECT_LT(agreement(problems(make_reasoning, region_style(3, 5), 0.5, 4000),
                      [&](const Problem& p) { return reason(p, wrong); }),
            0.99);
}

// By hand: 7 + 8 = 15 → 5; 3 − 9 = −6 → 4; 7·8 = 56 → 6; 0111 and 0101 = 0101; 1001 xor 0110 = 1111 = 15 → 5.
TEST(Reasoning, OperatorsByHand) {
  EXPECT_EQ(apply(Operator::add, 7, 8), 5u);
  EXPECT_EQ(apply(Operator::subtract, 3, 9), 4u);
  EXPECT_EQ(apply(Operator::multiply, 7, 8), 6u);
  EXPECT_EQ(apply(Operator::bit_and, 7, 5), 5u);
  EXPECT_EQ(apply(Operator::bit_xor, 9, 6), 5u);
  EXPECT_EQ(apply(Operator::compare, 3, 3), 1u);
  EXPECT_EQ(apply(Operator::compare, 2, 3), 0u);
  EXPECT_EQ(apply(Operator::compare, 4, 3), 2u);
  EXPECT_EQ(apply(Operator::maximum, 2, 3), 3u);
  EXPECT_EQ(apply(Operator::minimum, 2, 3), 2u);
}

// Third operands: none at κ = 0, 0.35 at κ = ½, 0.7 at κ = 1; hard first operators 0.2, 0.55, 0.9.
TEST(Reasoning, DifficultyFollowsKappa) {
  constexpr std::uint32_t n = 8000;
  for (const double kappa : {0.0, 0.5, 1.0}) {
    const auto all = problems(make_reasoning, neutral_style(0), kappa, n);
    const auto share = [&](auto&& has) {
      return static_cast<double>(std::count_if(all.begin(), all.end(), has)) / n;
    };
    const double third = share([](const Problem& p) { return lit(p, 20, 10); });
    const double hard = share([](const Problem& p) { return brightest(p.input.data() + 30, 8) >= 4; });
    const double bound = kSigmas * std::sqrt(0.25 / n);
    EXPECT_NEAR(third, 0.7 * kappa, bound);
    EXPECT_NEAR(hard, 0.2 + 0.7 * kappa, bound);
  }
}

// ---- memory: the brightest value in the queried key's row ----

std::uint32_t recall(const Problem& p, std::uint32_t shift) {
  const std::uint32_t key = (brightest(p.input.data() + kQueryAt, kKeys) + shift) % kKeys;
  return brightest(p.input.data() + key * kValues, kValues);
}

// Blur is at most 3.45 standard deviations per input. At κ = 0.1 two inputs come nearer by at most
// 2·3.45·(0.06 + 0.1·0.24) = 0.580, below the 0.85·0.7 = 0.595 between lit and dark in the least clear style,
// so reading back never errs.
TEST(Memory, AnswersAreExact) {
  for (const double kappa : {0.0, 0.05, 0.1}) {
    const auto all = problems(make_memory, region_style(3, 5), kappa, 4000);
    EXPECT_EQ(agreement(all, [](const Problem& p) { return recall(p, 0); }), 1.0);
    EXPECT_LT(agreement(all, [](const Problem& p) { return recall(p, 1); }), 0.3) << "mutant: the next key";
  }
}

TEST(Memory, ReadingBackGetsHarderWithKappa) {
  double easier = 1.0;
  for (const double kappa : {0.5, 0.75, 1.0}) {
    const double now = agreement(problems(make_memory, neutral_style(0), kappa, 4000),
                                 [](const Problem& p) { return recall(p, 0); });
    EXPECT_LT(now, easier - 0.01);
    easier = now;
  }
  EXPECT_GT(easier, 0.4) << "κ = 1 must stay solvable";
}

// ---- language: the transitions counted per grammar are those of the style, mixed towards uniform ----

/// Largest deviation of a counted transition share from the model's, in standard errors.
double worst_transition(const std::vector<Problem>& all, const Style& style, double mix) {
  std::array<std::array<std::array<double, kSymbols>, kSymbols>, kGrammars> count{};
  for (const Problem& p : all)
    for (std::uint32_t at = 0; at + kSymbols < kInputs; at += kSymbols)
      ++count[p.label][brightest(&p.input[at], kSymbols)][brightest(&p.input[at + kSymbols], kSymbols)];
  double worst = 0;
  for (std::uint32_t g = 0; g < kGrammars; ++g)
    for (std::uint32_t s = 0; s < kSymbols; ++s) {
      double n = 0;
      for (const double c : count[g][s]) n += c;
      if (n < 100) continue;
      for (std::uint32_t next = 0; next < kSymbols; ++next) {
        const double q = (1 - mix) * style.transition[g][s][next] + mix / kSymbols;
        worst = std::max(worst, std::abs(count[g][s][next] / n - q) / std::sqrt(q * (1 - q) / n));
      }
    }
  return worst;
}

TEST(Language, SequencesFollowTheirGrammar) {
  for (const double kappa : {0.0, 1.0}) {
    const Style style = region_style(3, 5);
    const auto all = problems(make_language, style, kappa, 20000);
    const double mix = 0.05 + 0.6 * kappa;
    EXPECT_LT(worst_transition(all, style, mix), kSigmas);
    EXPECT_GT(worst_transition(all, style, mix + 0.05), kSigmas) << "mutant: another mixture";
    EXPECT_GT(worst_transition(all, region_style(3, 6), mix), kSigmas) << "mutant: another dialect";
  }
}

TEST(Language, EverySymbolIsOneHot) {
  for (const Problem& p : problems(make_language, region_style(3, 5), 0.7, 500))
    for (std::uint32_t at = 0; at < kInputs; at += kSymbols) {
      std::uint32_t on = 0;
      for (std::uint32_t s = 0; s < kSymbols; ++s) {
        EXPECT_TRUE(p.input[at + s] == 0 || p.input[at + s] == 255);
        on += p.input[at + s] == 255;
      }
      EXPECT_EQ(on, 1u);
    }
}

// ---- vision: the nearest drawing by correlation over a grid of displacements and turns ----

double ink(const Glyph& glyph, double row, double column) {
  const double i = std::floor(row), j = std::floor(column);
  const auto at = [&](double r, double c) {
    return r < 0 || c < 0 || r > 7 || c > 7
               ? 0.0
               : static_cast<double>(
                     glyph.cell[static_cast<std::size_t>(r) + 1][static_cast<std::size_t>(c) + 1]);
  };
  const double v = row - i, u = column - j;
  return (1 - v) * ((1 - u) * at(i, j) + u * at(i, j + 1)) +
         v * ((1 - u) * at(i + 1, j) + u * at(i + 1, j + 1));
}

/// Drawings of all glyphs in several poses, each of mean 0 and norm 1.
std::vector<std::pair<std::uint32_t, std::array<double, kInputs>>> drawings() {
  std::vector<std::pair<std::uint32_t, std::array<double, kInputs>>> out;
  for (std::uint32_t g = 0; g < kClasses; ++g)
    for (const double angle : {-0.1, 0.0, 0.1})
      for (const double down : {-0.2, 0.2})
        for (const double right : {-0.2, 0.2}) {
          std::array<double, kInputs> d{};
          double mean = 0, square = 0;
          for (std::uint32_t i = 0; i < kInputs; ++i) {
            const double y = i / 8 - 3.5 - down, x = i % 8 - 3.5 - right;
            d[i] = ink(kGlyphs[g], std::sin(angle) * x + std::cos(angle) * y + 3.5,
                       std::cos(angle) * x - std::sin(angle) * y + 3.5);
            mean += d[i] / kInputs;
          }
          for (const double x : d) square += (x - mean) * (x - mean);
          for (double& x : d) x = (x - mean) / std::sqrt(square);
          out.emplace_back(g, d);
        }
  return out;
}

TEST(Vision, AnEasyPageShowsItsGlyph) {
  const auto known = drawings();
  const auto read = [&](const Problem& p) {
    double best = -1;
    std::uint32_t glyph = 0;
    for (const auto& [g, d] : known) {
      double dot = 0;
      for (std::uint32_t i = 0; i < kInputs; ++i) dot += d[i] * p.input[i];
      if (dot > best) best = dot, glyph = g;
    }
    return glyph;
  };
  const auto easy = problems(make_vision, neutral_style(0), 0.0, 1000);
  EXPECT_GT(agreement(easy, read), 0.995);
  EXPECT_LT(agreement(easy, [&](const Problem& p) { return (read(p) + 1) % kClasses; }), 0.01) << "mutant";
  EXPECT_LT(agreement(problems(make_vision, neutral_style(0), 1.0, 1000), read), 0.8) << "κ must matter";
}

// Slant, background and ink of a style show in the mean page.
TEST(Vision, StyleShowsOnThePage) {
  Style dark = neutral_style(0), light = dark;
  dark.background = 0.02;
  light.background = 0.25;
  const auto corner = [](const Style& style) {
    double sum = 0;
    for (const Problem& p : problems(make_vision, style, 0.0, 500)) sum += p.input[63] / 255.0 / 500;
    return sum;
  };
  EXPECT_GT(corner(light), corner(dark) + 0.15);
}

TEST(Generators, LabelsAreDigitsAndAllOccur) {
  for (const Generator make : kGenerators)
    for (const double kappa : {0.0, 1.0}) {
      std::array<double, kClasses> share{};
      for (const Problem& p : problems(make, neutral_style(0), kappa, 4000)) {
        ASSERT_LT(p.label, kClasses);
        share[p.label] += 1.0 / 4000;
      }
      for (const double s : share) {
        EXPECT_GT(s, 0.03);
        EXPECT_LT(s, 0.30);
      }
    }
}

}  // namespace
}  // namespace tasks
}  // namespace swarm
