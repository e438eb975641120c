#include "sim/study/sobol.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/study/factor_range.hpp"
#include "sim/study/sampling.hpp"
#include "tests/unit/study/unit_points_checks.hpp"

namespace {

using namespace swarm;
using namespace design_checks;
using Digits = std::vector<std::uint64_t>;
/// (rows, columns, seed) → points
using Design = std::function<UnitPoints(std::size_t, std::size_t, std::int64_t)>;
/// (digits, random, column) → digits
using Scrambling = std::function<std::uint64_t(std::uint64_t, const Random&, std::uint32_t)>;

/// Sobol points under another scrambling; those of row `first` and after.
Design scrambled_by(const Scrambling& scramble, std::size_t first = 0) {
  return [=](std::size_t rows, std::size_t columns, std::int64_t seed) {
    const Digits digits = study::sobol_digits(first + rows, columns);
    const Random random(static_cast<std::uint64_t>(seed), Stream::experiment);
    UnitPoints points(rows, columns);
    for (std::size_t i = 0; i < points.values.size(); ++i)
      points.values[i] = study::unit_value(scramble(digits[first * columns + i], random, static_cast<std::uint32_t>(i % columns)));
    return points;
  };
}

std::uint64_t first_draw(const Random& random, std::uint32_t column, std::uint64_t entity) {
  const RandomBlock block = random.block(column, entity);
  return std::uint64_t{block[0]} << 32 | block[1];
}
std::uint64_t unscrambled(std::uint64_t digits, const Random&, std::uint32_t) { return digits; }
/// One flip for each depth, whatever the digits above: keeps every net, but moves all points of a column alike.
std::uint64_t digital_shift(std::uint64_t digits, const Random& random, std::uint32_t column) {
  return digits ^ first_draw(random, column, 0);
}
/// Each digit's flip keyed by something else than the digits above it.
std::uint64_t flipped(std::uint64_t digits, const Random& random, std::uint32_t column, std::uint64_t (*key)(std::uint64_t, unsigned)) {
  std::uint64_t out = 0;
  for (unsigned level = 0; level < 64; ++level)
    out = out << 1 | ((digits >> (63 - level) & 1) ^ first_draw(random, column, key(digits, level)) >> 63);
  return out;
}
std::uint64_t flips_by_digits_below(std::uint64_t digits, const Random& random, std::uint32_t column) {
  return flipped(digits, random, column, [](std::uint64_t d, unsigned level) { return (d << level << 1) ^ level; });
}
std::uint64_t flips_by_own_digit(std::uint64_t digits, const Random& random, std::uint32_t column) {
  return flipped(digits, random, column, [](std::uint64_t d, unsigned level) { return (d >> (63 - level) << (63 - level)) ^ level; });
}
/// The key forgets the column.
std::uint64_t same_in_all_columns(std::uint64_t digits, const Random& random, std::uint32_t) {
  return study::owen_scrambled(digits, random, 0);
}
std::uint64_t only_32_deep(std::uint64_t digits, const Random& random, std::uint32_t column) {
  return study::owen_scrambled(digits, random, column) >> 32 << 32;
}
/// The key forgets the depth, so that subtrees with equal numbers above them flip alike; below 0 these are all.
std::uint64_t same_at_all_depths(std::uint64_t digits, const Random& random, std::uint32_t column) {
  const std::uint64_t top = study::owen_scrambled(digits, random, column) >> 57;
  return top << 57 | top << 50 | top << 43 | top << 36 | top << 29 | top << 22 | top << 15 | top << 8;
}
UnitPoints random_points(std::size_t rows, std::size_t columns, std::int64_t seed) {
  return plain_random(rows, columns, static_cast<std::uint64_t>(seed));
}

// The first points of Joe and Kuo's own program (web.maths.unsw.edu.au/~fkuo/sobol) in three dimensions, in eighths.
TEST(Sobol, BeginsAsPublished) {
  const std::vector<std::vector<std::uint64_t>> eighths{{0, 0, 0}, {4, 4, 4}, {6, 2, 2}, {2, 6, 6}, {3, 3, 5}, {7, 7, 1}, {5, 1, 7}, {1, 5, 3}};
  const Digits digits = study::sobol_digits(8, 3);
  for (std::size_t row = 0; row < 8; ++row)
    for (std::size_t column = 0; column < 3; ++column) EXPECT_EQ(digits[row * 3 + column], eighths[row][column] << 61) << row << ' ' << column;
}

/// A line of new-joe-kuo-6.21201: degree s and coefficients a of a primitive polynomial, and the first s numbers m.
struct Direction {
  unsigned s, a;
  std::vector<std::uint64_t> m;
};
std::vector<Direction> published_directions() {
  return {{1, 0, {1}},           {2, 1, {1, 3}},        {3, 1, {1, 3, 1}},       {3, 2, {1, 1, 1}},        {4, 1, {1, 1, 3, 3}},
          {4, 4, {1, 3, 5, 13}}, {5, 2, {1, 1, 5, 5, 17}}, {5, 4, {1, 1, 5, 5, 5}}, {5, 7, {1, 1, 7, 11, 19}}};
}

/// The points by definition: v_i = m_i/2^i, m_i = 2·a_1·m_{i−1} ⊕ … ⊕ 2^s·m_{i−s} ⊕ m_{i−s}, and each point is the sum
/// without carry of those v_i for which the Gray code of its number has digit i.
Digits by_definition(std::size_t rows, const std::vector<Direction>& directions) {
  const std::size_t columns = directions.size() + 1;
  Digits out(rows * columns);
  for (std::size_t column = 0; column < columns; ++column) {
    std::vector<std::uint64_t> m(64, 1);
    if (column > 0) {
      const Direction& d = directions[column - 1];
      for (unsigned i = 0; i < 64; ++i) {
        if (i < d.s) {
          m[i] = d.m[i];
          continue;
        }
        m[i] = m[i - d.s] << d.s ^ m[i - d.s];
        for (unsigned j = 1; j < d.s; ++j)
          if (d.a >> (d.s - 1 - j) & 1) m[i] ^= m[i - j] << j;
      }
    }
    for (std::size_t row = 0; row < rows; ++row)
      for (unsigned i = 0; i < 64; ++i)
        if ((row ^ row >> 1) >> i & 1) out[row * columns + column] ^= m[i] << (63 - i);
  }
  return out;
}

TEST(Sobol, FollowsThePublishedDirectionNumbers) {
  const Digits digits = study::sobol_digits(4096, 10);
  EXPECT_EQ(digits, by_definition(4096, published_directions()));
  std::vector<Direction> wrong = published_directions();
  wrong[8].m[4] = 21;  // mutant: one number of the last dimension
  EXPECT_NE(digits, by_definition(4096, wrong));
}

TEST(Sobol, EveryColumnOfTheTableIsStratified) {
  const std::size_t columns = study::kMostSobolColumns;
  EXPECT_TRUE(all_columns_stratified(scrambled_by(unscrambled)(64, columns, 1)));
}

/// Whether in each of the first four blocks of 2^8 points every interval [a/2^p, (a + 1)/2^p) × [b/2^q, (b + 1)/2^q) of
/// columns 0 and 1 with p + q = 8 holds one point.
bool is_a_net(const Design& design) {
  for (std::int64_t seed = 1; seed <= 3; ++seed) {
    const UnitPoints points = design(1024, 2, seed);
    for (std::size_t block = 0; block < 4; ++block)
      for (unsigned p = 0; p <= 8; ++p) {
        const std::size_t wide = std::size_t{1} << p, high = 256 >> p;
        std::vector<int> count(256);
        for (std::size_t row = 256 * block; row < 256 * (block + 1); ++row)
          ++count[study::level_at(points.at(row, 0), wide) * high + study::level_at(points.at(row, 1), high)];
        if (std::any_of(count.begin(), count.end(), [](int n) { return n != 1; })) return false;
      }
  }
  return true;
}

TEST(Sobol, ScramblingKeepsTheNetOfTheFirstTwoColumns) {
  EXPECT_TRUE(is_a_net(study::sobol));
  EXPECT_TRUE(is_a_net(scrambled_by(unscrambled)));
  EXPECT_FALSE(is_a_net(random_points));
  EXPECT_FALSE(is_a_net(scrambled_by(flips_by_digits_below)));
  EXPECT_FALSE(is_a_net(scrambled_by(flips_by_own_digit)));
  EXPECT_FALSE(is_a_net(scrambled_by(study::owen_scrambled, 1)));  // without the origin, as Boost gives it
}

bool is_stratified(const Design& design) {
  for (std::int64_t seed = 1; seed <= 3; ++seed)
    for (std::size_t rows = 1; rows <= 4096; rows *= 2)
      if (!all_columns_stratified(design(rows, 10, seed))) return false;
  return true;
}

TEST(Sobol, EveryColumnStaysStratified) {
  EXPECT_TRUE(is_stratified(study::sobol));
  EXPECT_FALSE(is_stratified(random_points));
  EXPECT_FALSE(is_stratified(scrambled_by(flips_by_own_digit)));
  EXPECT_FALSE(is_stratified(scrambled_by(study::owen_scrambled, 1)));
}

constexpr std::size_t kSeeds = 4096;

/// Coordinates (row, column) of 64 × 10 points under many seeds, one list for each.
std::vector<std::vector<double>> over_seeds(const Design& design, const std::vector<std::pair<std::size_t, std::size_t>>& places) {
  std::vector<std::vector<double>> values(places.size());
  for (std::size_t seed = 1; seed <= kSeeds; ++seed) {
    const UnitPoints points = design(64, 10, static_cast<std::int64_t>(seed));
    for (std::size_t i = 0; i < places.size(); ++i) values[i].push_back(points.at(places[i].first, places[i].second));
  }
  return values;
}

/// Every digit is 0 or 1 alike, and those after the sixth to twentieth do not depend on the first ones: x and the
/// fraction of 2^l·x, whose exact correlation is 2^-l.
bool all_digits_are_random(const std::vector<double>& values) {
  for (int digit = 1; digit <= 53; ++digit) {
    std::size_t ones = 0;
    for (const double x : values) ones += static_cast<std::uint64_t>(std::ldexp(x, digit)) & 1;
    if (!looks_like_share(ones, kSeeds, 0.5)) return false;
  }
  for (int digit = 6; digit <= 20; ++digit) {
    std::vector<double> rest;
    for (const double x : values) rest.push_back(std::fmod(std::ldexp(x, digit), 1));
    if (!looks_uncorrelated(values, rest)) return false;
  }
  return true;
}

/// Each point by itself is uniform, digit by digit too, and its coordinates are independent.
bool is_uniform(const Design& design) {
  const auto values = over_seeds(design, {{0, 0}, {0, 1}, {0, 9}, {1, 0}, {1, 1}, {1, 9}, {5, 0}, {5, 1}, {5, 9}, {63, 0}, {63, 1}, {63, 9}});
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t other_column = i % 3 == 2 ? i - 2 : i + 1;
    if (!looks_uniform(values[i]) || !looks_uncorrelated(values[i], values[other_column]) || !all_digits_are_random(values[i])) return false;
  }
  return true;
}

TEST(Sobol, EachPointIsUniformOverSeeds) {
  EXPECT_TRUE(is_uniform(study::sobol));
  EXPECT_FALSE(is_uniform(scrambled_by(unscrambled)));
  EXPECT_FALSE(is_uniform(scrambled_by(same_in_all_columns)));
  EXPECT_FALSE(is_uniform(scrambled_by(same_at_all_depths)));
  EXPECT_FALSE(is_uniform(scrambled_by(only_32_deep)));
}

/// Rows 0 and 1 lie in different halves of each column: where each lies within its half must be independent. Rows 0 and
/// 3 share a half of column 0 and lie in different quarters: the same for these.
bool moves_points_independently(const Design& design) {
  const auto values = over_seeds(design, {{0, 0}, {1, 0}, {3, 0}});
  std::vector<double> in_half[2], in_quarter[2];
  for (std::size_t i = 0; i < kSeeds; ++i) {
    in_half[0].push_back(std::fmod(2 * values[0][i], 1));
    in_half[1].push_back(std::fmod(2 * values[1][i], 1));
    in_quarter[0].push_back(std::fmod(4 * values[0][i], 1));
    in_quarter[1].push_back(std::fmod(4 * values[2][i], 1));
  }
  return looks_uncorrelated(in_half[0], in_half[1]) && looks_uncorrelated(in_quarter[0], in_quarter[1]);
}

TEST(Sobol, ScramblingIsNested) {
  EXPECT_TRUE(moves_points_independently(study::sobol));
  EXPECT_FALSE(moves_points_independently(scrambled_by(digital_shift)));
}

/// Root mean square error of the mean of Π(x_i + ½) over three columns, which is 1, over 64 seeds.
double integration_error(const Design& design, std::size_t rows) {
  double squares = 0;
  for (std::int64_t seed = 1; seed <= 64; ++seed) {
    const UnitPoints points = design(rows, 3, seed);
    double sum = 0;
    for (std::size_t i = 0; i < rows; ++i) sum += (points.at(i, 0) + 0.5) * (points.at(i, 1) + 0.5) * (points.at(i, 2) + 0.5);
    squares += std::pow(sum / static_cast<double>(rows) - 1, 2);
  }
  return std::sqrt(squares / 64);
}

// A smooth function's error falls like n^-1.5 up to logarithms: 512 times from 2^6 to 2^12 points, about 320 here. That of
// random points and of a Latin hypercube falls like n^-0.5 (8 times), that of a digital shift like n^-1 (64 times).
// The logarithm of a ratio of two errors has the standard error 1/8 here. The bound, n^(-7/6), is six of them away from
// both sides.
TEST(Sobol, ErrorFallsFasterThanTheNumberOfPointsRises) {
  const auto falls = [](const Design& design) { return integration_error(design, 64) / integration_error(design, 4096) > 128; };
  EXPECT_TRUE(falls(study::sobol));
  EXPECT_FALSE(falls(scrambled_by(digital_shift)));
  EXPECT_FALSE(falls(study::latin_hypercube));
  EXPECT_FALSE(falls(random_points));
  for (std::size_t rows = 64; rows <= 4096; rows *= 2)
    EXPECT_LT(integration_error(study::sobol, rows), integration_error(study::latin_hypercube, rows) / 4) << rows;
}

TEST(Sobol, CanBeExtended) {
  EXPECT_TRUE(extends(study::sobol(200, 7, 5), study::sobol(100, 3, 5)));
  EXPECT_FALSE(extends(study::sobol(200, 7, 6), study::sobol(100, 3, 5)));
  // Mutant: draws in the order of the coordinates.
  EXPECT_FALSE(extends(random_points(200, 7, 5), random_points(100, 3, 5)));
}

// The example of docs/designs.md: for column 0 seed 6 flips the first digit, the second below 0, and not the second
// below 1. So the quarters 00, 10, 11 and 01 of the first four points become 11, 00, 01 and 10.
TEST(Sobol, ScramblesTheWorkedExample) {
  const std::uint32_t flips = Random(6, Stream::design_sobol).block(0, 0, 0)[0];  // bits 1, 2 and 3: the nodes 1, 10 and 11
  EXPECT_EQ(flips & 0b1110u, 0b0110u);
  const Digits digits = study::sobol_digits(4, 1);
  const UnitPoints points = study::sobol(4, 1, 6);
  const std::uint64_t before[4] = {0b00, 0b10, 0b11, 0b01};
  const std::size_t after[4] = {0b11, 0b00, 0b01, 0b10};
  for (std::size_t row = 0; row < 4; ++row) {
    EXPECT_EQ(digits[row], before[row] << 62);
    EXPECT_EQ(study::level_at(points.at(row, 0), 4), after[row]);
  }
}

TEST(Sobol, RefusesMoreColumnsThanThereAreDirectionNumbers) {
  for (const std::size_t columns : {std::size_t{0}, study::kMostSobolColumns + 1}) try {
      study::sobol(1, columns, 1);
      ADD_FAILURE() << columns;
    } catch (const InputError& e) {
      EXPECT_EQ(e.what(), "Sobol points in " + std::to_string(columns) +
                              " dimensions (there are direction numbers for 1 to 3667) vary fewer factors, or take a Latin hypercube");
    }
}

TEST(Sobol, KnowsPowersOfTwo) {
  std::vector<std::size_t> powers;
  for (std::size_t n = 0; n <= 100; ++n)
    if (study::is_power_of_two(n)) powers.push_back(n);
  EXPECT_EQ(powers, (std::vector<std::size_t>{1, 2, 4, 8, 16, 32, 64}));
}

// Published studies name their designs by seed.
TEST(Sobol, NeverChanges) {
  EXPECT_EQ(study::sobol(4, 2, 1).values,
            (std::vector<double>{0x1.806a9d136269ep-2, 0x1.f5648719725d8p-2, 0x1.a610ba12b4744p-1, 0x1.830418f63fb4ep-1,
                                 0x1.4904d5279008bp-1, 0x1.789b6c91d05b4p-3, 0x1.8e63844ddbb88p-3, 0x1.6b6d57a159739p-1}));
}

}  // namespace
