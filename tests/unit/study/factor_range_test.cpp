#include "sim/study/factor_range.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "sim/core/rng.hpp"

namespace {

using namespace swarm;
using study::FactorRange;
using study::Scale;
using Mapping = std::function<double(const FactorRange&, double)>;

constexpr double kBelowOne = 1 - 0x1p-53;

// The examples of docs/designs.md.
TEST(FactorRange, GivesTheWorkedExamples) {
  EXPECT_EQ(study::value_at({.min = 10, .max = 50}, 0.25), 20);
  EXPECT_DOUBLE_EQ(study::value_at({.min = 1, .max = 100, .scale = Scale::log}, 0.5), 10);
  EXPECT_EQ(study::value_at({.min = 3, .max = 6, .whole = true}, 0.74), 5);  // ⌊3 + 0.74·4⌋ = ⌊5.96⌋
  EXPECT_EQ(study::value_at({.min = 1, .max = 7, .scale = Scale::log, .whole = true}, 0.5), 2);  // ⌊8^0.5⌋ = ⌊2.83⌋
  EXPECT_EQ(study::level_at(0.74, 3), 2u);  // ⌊2.22⌋
}

/// Ends, order and bounds over ranges of awkward ends, to the last u below 1.
bool stays_within(const Mapping& mapping) {
  RandomSequence draws(Random(1, Stream::experiment), 0, 0);
  for (int i = 0; i < 20'000; ++i) {
    const double a = (draws.uniform() - 0.3) * 10, b = a + draws.uniform() * (i % 2 ? 1e-9 : 10);
    FactorRange range{.min = a, .max = b, .scale = a > 0 && i % 3 == 0 ? Scale::log : Scale::linear};
    if (i % 5 == 0) range = {.min = std::floor(a), .max = std::floor(a) + 1 + std::floor(b - a), .whole = true};
    if (study::problem_of(range)) continue;
    double before = range.min;
    for (const double u : {0.0, 0.25, draws.uniform() / 4 + 0.25, 0.75, kBelowOne}) {
      const double x = mapping(range, u);
      // Rising up to the error of the power, 2 ulp.
      if (!(x >= range.min && x <= range.max && x >= before - std::fabs(before) * 0x1p-50) || (u == 0 && x != range.min)) return false;
      before = x;
    }
  }
  return true;
}

TEST(FactorRange, NeverLeavesItsEnds) {
  EXPECT_TRUE(stays_within(study::value_at));
  // Mutants: no care for rounding; whole numbers by rounding up; ends exchanged.
  EXPECT_FALSE(stays_within([](const FactorRange& r, double u) {
    const double x = r.scale == Scale::log ? r.min * std::pow(r.max / r.min, u) : r.min + u * (r.max - r.min);
    return r.whole ? std::floor(x) : x;
  }));
  EXPECT_FALSE(stays_within([](const FactorRange& r, double u) { return r.whole ? std::ceil(study::value_at(r, u) + u) : study::value_at(r, u); }));
  EXPECT_FALSE(stays_within([](const FactorRange& r, double u) { return r.max + r.min - study::value_at(r, u); }));
}

/// How often each value comes at u = 0, 1/4096, 2/4096 …
std::map<double, int> counts(const Mapping& mapping, const FactorRange& range) {
  std::map<double, int> out;
  for (int i = 0; i < 4096; ++i) ++out[mapping(range, i / 4096.0)];
  return out;
}

TEST(FactorRange, WholeNumbersAreEquallyLikely) {
  const FactorRange range{.min = -1, .max = 2, .whole = true};
  const std::map<double, int> equal{{-1, 1024}, {0, 1024}, {1, 1024}, {2, 1024}};
  EXPECT_EQ(counts(study::value_at, range), equal);
  // Mutant: the ends come half as often if a value between them is rounded.
  EXPECT_NE(counts([](const FactorRange& r, double u) { return std::floor(r.min + u * (r.max - r.min) + 0.5); }, range), equal);
}

// From 1 to 7 the shares are log(2/1), log(3/2) … log(8/7) of log 8: a third each for 1, for 2 and 3, and for 4 to 7.
TEST(FactorRange, WholeNumbersOnTheLogScaleAreEquallyLikelyInEachOctave) {
  const auto n = counts(study::value_at, {.min = 1, .max = 7, .scale = Scale::log, .whole = true});
  ASSERT_EQ(n.size(), 7u);
  EXPECT_NEAR(n.at(1), 4096 / 3.0, 1);
  EXPECT_NEAR(n.at(2) + n.at(3), 4096 / 3.0, 1);
  EXPECT_NEAR(n.at(2), 4096 * std::log2(1.5) / 3, 1);
  EXPECT_NEAR(n.at(7), 4096 * std::log2(8.0 / 7) / 3, 1);
}

TEST(FactorRange, LogScaleIsEvenInRatios) {
  const FactorRange range{.min = 0.01, .max = 1000, .scale = Scale::log};
  for (int i = 0; i < 5; ++i) EXPECT_DOUBLE_EQ(study::value_at(range, i / 5.0), std::pow(10.0, i - 2));
}

TEST(FactorRange, LevelsAreEquallyLikelyAndNeverBeyondTheLast) {
  for (const std::size_t n : {1u, 2u, 3u, 10u, 4096u}) {
    std::vector<int> count(n);
    for (int i = 0; i < 4096; ++i) ++count.at(study::level_at(i / 4096.0, n));
    for (const int c : count) EXPECT_NEAR(c, 4096.0 / static_cast<double>(n), 0.999) << n;
  }
  for (std::size_t n = 1; n < 10'000; ++n) EXPECT_EQ(study::level_at(kBelowOne, n), n - 1);
  EXPECT_EQ(study::level_at(1.0, 5), 4u);
}

std::string why(const FactorRange& range) {
  const auto problem = study::problem_of(range);
  return problem ? problem->text() : "";
}

TEST(FactorRange, SaysWhyNothingCanBeDrawn) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN(), kHuge = std::numeric_limits<double>::max();
  EXPECT_EQ(why({.min = 0, .max = 1}), "");
  EXPECT_EQ(why({.min = -0x1p51, .max = 0x1p51, .whole = true}), "");
  EXPECT_EQ(why({.min = 5, .max = 2}), "no values can be drawn from 5 to 2 (min is not below max) exchange them, or take the factor out of the design");
  EXPECT_NE(why({.min = 2, .max = 2}), "");
  EXPECT_NE(why({.min = kNaN, .max = 2}).find("not a number"), std::string::npos);
  EXPECT_NE(why({.min = 0, .max = kNaN}).find("not a number"), std::string::npos);
  EXPECT_NE(why({.min = 0, .max = 2, .scale = Scale::log}).find("no zero"), std::string::npos);
  EXPECT_NE(why({.min = 0.5, .max = 2, .whole = true}).find("whole number"), std::string::npos);
  EXPECT_NE(why({.min = 0, .max = 0x1p52, .whole = true}).find("whole number"), std::string::npos);
  EXPECT_NE(why({.min = -kHuge, .max = kHuge}).find("wider"), std::string::npos);
  EXPECT_NE(why({.min = 1e-200, .max = 1e200, .scale = Scale::log}).find("wider"), std::string::npos);
}

}  // namespace
