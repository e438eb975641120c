#include "sim/study/sampling.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/study/sobol.hpp"
#include "tests/unit/study/unit_points_checks.hpp"

namespace {

using namespace swarm;
using namespace design_checks;
using study::SaltelliDesign;
/// (rows, columns, seed) → points
using Design = std::function<UnitPoints(std::size_t, std::size_t, std::int64_t)>;

/// Latin hypercubes by other rules. The order of a column's rows, and the place within the stratum, are functions of
/// (random, row, column).
using Order = std::function<std::uint64_t(const Random&, std::size_t, std::size_t)>;
using Place = std::function<double(const Random&, std::size_t, std::size_t)>;

std::uint64_t keyed_order(const Random& random, std::size_t row, std::size_t column) {
  return random.block(static_cast<std::uint32_t>(column), row)[0];
}
double keyed_place(const Random& random, std::size_t row, std::size_t column) {
  return uniform_open(random.block(static_cast<std::uint32_t>(column), row)[2]);
}

Design hypercube_by(Order order, Place place) {
  return [=](std::size_t rows, std::size_t columns, std::int64_t seed) {
    const Random random(static_cast<std::uint64_t>(seed), Stream::experiment);
    UnitPoints points(rows, columns);
    for (std::size_t column = 0; column < columns; ++column) {
      std::vector<std::pair<std::uint64_t, std::size_t>> keys;
      for (std::size_t row = 0; row < rows; ++row) keys.emplace_back(order(random, row, column), row);
      std::sort(keys.begin(), keys.end());
      for (std::size_t stratum = 0; stratum < rows; ++stratum) {
        const std::size_t row = keys[stratum].second;
        points.at(row, column) = (static_cast<double>(stratum) + place(random, row, column)) / static_cast<double>(rows);
      }
    }
    return points;
  };
}

UnitPoints random_points(std::size_t rows, std::size_t columns, std::int64_t seed) {
  return plain_random(rows, columns, static_cast<std::uint64_t>(seed));
}

bool is_stratified(const Design& design) {
  for (std::int64_t seed = 1; seed <= 3; ++seed)
    for (const std::size_t rows : {1u, 2u, 7u, 64u, 1000u})
      if (!all_columns_stratified(design(rows, 5, seed))) return false;
  return true;
}

TEST(LatinHypercube, HasOnePointInEachStratumOfEachColumn) {
  EXPECT_TRUE(is_stratified(study::latin_hypercube));
  EXPECT_TRUE(is_stratified(hypercube_by(keyed_order, keyed_place)));
  EXPECT_FALSE(is_stratified(random_points));
  EXPECT_FALSE(is_stratified(hypercube_by(keyed_order, [](const Random& r, std::size_t row, std::size_t column) {
    return 1.01 * keyed_place(r, row, column);
  })));
}

/// All 36 pairs of orders of 3 rows in 2 columns are equally likely.
bool combines_strata_at_random(const Design& design) {
  constexpr std::size_t kSeeds = 7200;
  std::map<std::array<std::size_t, 6>, std::size_t> counts;
  for (std::size_t seed = 1; seed <= kSeeds; ++seed) {
    const UnitPoints points = design(3, 2, static_cast<std::int64_t>(seed));
    std::array<std::size_t, 6> strata{};
    for (std::size_t i = 0; i < 6; ++i) strata[i] = static_cast<std::size_t>(3 * points.values[i]);
    ++counts[strata];
  }
  return counts.size() == 36 && std::all_of(counts.begin(), counts.end(), [&](const auto& c) { return looks_like_share(c.second, kSeeds, 1.0 / 36); });
}

TEST(LatinHypercube, CombinesStrataAtRandom) {
  EXPECT_TRUE(combines_strata_at_random(study::latin_hypercube));
  EXPECT_TRUE(combines_strata_at_random(hypercube_by(keyed_order, keyed_place)));
  // Mutants: no permutation; one for all columns; one of two by chance.
  EXPECT_FALSE(combines_strata_at_random(hypercube_by([](const Random&, std::size_t row, std::size_t) { return row; }, keyed_place)));
  EXPECT_FALSE(combines_strata_at_random(hypercube_by([](const Random& r, std::size_t row, std::size_t) { return keyed_order(r, row, 0); }, keyed_place)));
  EXPECT_FALSE(combines_strata_at_random(hypercube_by(
      [](const Random& r, std::size_t row, std::size_t column) { return keyed_order(r, 0, column) % 2 ? row : 3 - row; }, keyed_place)));
}

/// Where points lie within their strata is uniform, and independent of the stratum, the row and the column.
bool places_points_at_random(const Design& design) {
  std::vector<double> place, stratum, other_row, other_column;
  for (std::int64_t seed = 1; seed <= 4096; ++seed) {
    const UnitPoints points = design(16, 2, seed);
    place.push_back(std::fmod(16 * points.at(0, 0), 1));
    stratum.push_back((std::floor(16 * points.at(0, 0)) + 0.5) / 16);
    other_row.push_back(std::fmod(16 * points.at(1, 0), 1));
    other_column.push_back(std::fmod(16 * points.at(0, 1), 1));
  }
  return looks_uniform(place) && looks_uncorrelated(place, stratum) && looks_uncorrelated(place, other_row) && looks_uncorrelated(place, other_column);
}

TEST(LatinHypercube, PlacesPointsAtRandomWithinStrata) {
  EXPECT_TRUE(places_points_at_random(study::latin_hypercube));
  EXPECT_TRUE(places_points_at_random(hypercube_by(keyed_order, keyed_place)));
  // Mutants: the middle; the number that gave the order; one place for all columns, or for all rows.
  EXPECT_FALSE(places_points_at_random(hypercube_by(keyed_order, [](const Random&, std::size_t, std::size_t) { return 0.5; })));
  EXPECT_FALSE(places_points_at_random(hypercube_by(keyed_order, [](const Random& r, std::size_t row, std::size_t column) {
    return uniform_open(static_cast<std::uint32_t>(keyed_order(r, row, column)));
  })));
  EXPECT_FALSE(places_points_at_random(hypercube_by(keyed_order, [](const Random& r, std::size_t row, std::size_t) { return keyed_place(r, row, 0); })));
  EXPECT_FALSE(places_points_at_random(hypercube_by(keyed_order, [](const Random& r, std::size_t, std::size_t column) { return keyed_place(r, 0, column); })));
}

TEST(LatinHypercube, ColumnsCanBeAdded) {
  EXPECT_TRUE(extends(study::latin_hypercube(50, 10, 4), study::latin_hypercube(50, 3, 4)));
  EXPECT_FALSE(extends(study::latin_hypercube(50, 10, 5), study::latin_hypercube(50, 3, 4)));
  // Mutant: draws in the order of the coordinates.
  const auto in_order = [](std::size_t columns) {
    const Order order = [=](const Random& r, std::size_t row, std::size_t column) { return keyed_order(r, row * columns + column, 0); };
    return hypercube_by(order, keyed_place)(50, columns, 4);
  };
  EXPECT_FALSE(extends(in_order(10), in_order(3)));
}

TEST(LatinHypercube, IsExactUpToItsLargestSize) {
  EXPECT_TRUE(all_columns_stratified(study::latin_hypercube(study::kMostHypercubePoints, 1, 1)));
  EXPECT_TRUE(all_columns_stratified(study::latin_hypercube(study::kMostHypercubePoints - 1, 1, 1)));
  EXPECT_THROW(study::latin_hypercube(study::kMostHypercubePoints + 1, 1, 1), InputError);
}

// Published studies name their designs by seed. The strata of these are an example of docs/designs.md.
TEST(LatinHypercube, NeverChanges) {
  const UnitPoints points = study::latin_hypercube(4, 2, 1);
  EXPECT_EQ(points.values, (std::vector<double>{0x1.cd57043e4p-1, 0x1.2ec5c9f7cp-1, 0x1.cb6cb8628p-2, 0x1.c576cb614p-1,
                                                0x1.ab1f5da2p-4, 0x1.cecaeda1p-3, 0x1.43db09d3cp-1, 0x1.352bd5f78p-2}));
  std::vector<std::size_t> strata;
  for (const double x : points.values) strata.push_back(static_cast<std::size_t>(4 * x));
  EXPECT_EQ(strata, (std::vector<std::size_t>{3, 2, 1, 3, 0, 0, 2, 1}));
}

// ---- Saltelli -----------------------------------------------------------------------------------------------------

using Build = std::function<SaltelliDesign(const UnitPoints&)>;

/// Every row is what its numbers say, and they are in the promised order.
bool is_saltelli(const Build& build) {
  constexpr std::size_t kSamples = 5, kFactors = 3;
  UnitPoints base(kSamples, 2 * kFactors);  // all numbers differ
  for (std::size_t i = 0; i < base.values.size(); ++i) base.values[i] = static_cast<double>(i) / 64;
  const SaltelliDesign design = build(base);
  const std::vector<std::int64_t> matrices{0, 2, 3, 4, 1};
  const std::size_t rows = kSamples * matrices.size();
  if (design.points.rows != rows || design.points.columns != kFactors || design.sample.size() != rows || design.matrix.size() != rows) return false;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t j = row / matrices.size();
    const std::int64_t matrix = matrices[row % matrices.size()];
    if (design.sample[row] != static_cast<std::int64_t>(j) || design.matrix[row] != matrix) return false;
    for (std::size_t i = 0; i < kFactors; ++i) {
      const double a = base.at(j, i), b = base.at(j, kFactors + i);
      if (design.points.at(row, i) != (matrix == 1 || matrix == static_cast<std::int64_t>(i) + 2 ? b : a)) return false;
    }
  }
  return true;
}

/// Mutant: B_A^(i) instead of A_B^(i).
SaltelliDesign exchanged(const UnitPoints& base) {
  const std::size_t k = base.columns / 2;
  UnitPoints turned(base.rows, base.columns);
  for (std::size_t j = 0; j < base.rows; ++j)
    for (std::size_t i = 0; i < 2 * k; ++i) turned.at(j, i) = base.at(j, (i + k) % (2 * k));
  SaltelliDesign design = study::saltelli(turned);
  for (std::int64_t& matrix : design.matrix)
    if (matrix < 2) matrix = 1 - matrix;
  return design;
}

TEST(Saltelli, RowsAreTheMatricesOfTheirSamples) {
  const Build product = [](const UnitPoints& base) { return study::saltelli(base); };
  EXPECT_TRUE(is_saltelli(product));
  EXPECT_FALSE(is_saltelli(exchanged));
  EXPECT_FALSE(is_saltelli([&](const UnitPoints& base) {
    SaltelliDesign design = product(base);
    std::swap(design.matrix[1], design.matrix[2]);  // mutant: two numbers exchanged
    return design;
  }));
}

// The example of docs/designs.md: one sample, A = (0.1, 0.2), B = (0.7, 0.8).
TEST(Saltelli, BuildsTheWorkedExample) {
  UnitPoints base(1, 4);
  base.values = {0.1, 0.2, 0.7, 0.8};
  const SaltelliDesign design = study::saltelli(base);
  EXPECT_EQ(design.points.values, (std::vector<double>{0.1, 0.2, 0.7, 0.2, 0.1, 0.8, 0.7, 0.8}));
  EXPECT_EQ(design.sample, (std::vector<std::int64_t>{0, 0, 0, 0}));
  EXPECT_EQ(design.matrix, (std::vector<std::int64_t>{0, 2, 3, 1}));
}

/// f = y₁ + 2y₂ + √60·y₁y₂ with y = x − ½ has the variances 1/12, 4/12 and, of the product, 60/144 = 5/12. So S = 0.1 and
/// 0.4, and with the product T = 0.6 and 0.9. The mean over 64 designs of the estimators of Saltelli et al. (2010), table
/// 2 (b) and (f), must lie within its standard errors of these.
bool gives_sensitivities(const Build& build) {
  constexpr std::size_t kDesigns = 64, kSamples = 64;
  const double exact[4] = {0.1, 0.4, 0.6, 0.9};
  double sum[4] = {}, squares[4] = {};
  for (std::size_t seed = 1; seed <= kDesigns; ++seed) {
    const SaltelliDesign design = build(study::sobol(kSamples, 4, static_cast<std::int64_t>(seed)));
    std::vector<std::array<double, 4>> f(kSamples);
    for (std::size_t row = 0; row < design.points.rows; ++row) {
      const double y1 = design.points.at(row, 0) - 0.5, y2 = design.points.at(row, 1) - 0.5;
      f[static_cast<std::size_t>(design.sample[row])][static_cast<std::size_t>(design.matrix[row])] = y1 + 2 * y2 + std::sqrt(60.0) * y1 * y2;
    }
    double estimate[4] = {};
    for (const auto& [a, b, ab1, ab2] : f) {
      const double v = 10.0 / 12 * kSamples;
      estimate[0] += b * (ab1 - a) / v;
      estimate[1] += b * (ab2 - a) / v;
      estimate[2] += (a - ab1) * (a - ab1) / (2 * v);
      estimate[3] += (a - ab2) * (a - ab2) / (2 * v);
    }
    for (int i = 0; i < 4; ++i) sum[i] += estimate[i] - exact[i], squares[i] += (estimate[i] - exact[i]) * (estimate[i] - exact[i]);
  }
  for (int i = 0; i < 4; ++i) {
    const double mean = sum[i] / kDesigns, variance = (squares[i] - kDesigns * mean * mean) / (kDesigns - 1);
    if (!(std::fabs(mean) < kStandardErrors * std::sqrt(variance / kDesigns))) return false;
  }
  return true;
}

TEST(Saltelli, GivesTheSensitivitiesOfAKnownFunction) {
  EXPECT_TRUE(gives_sensitivities([](const UnitPoints& base) { return study::saltelli(base); }));
  EXPECT_FALSE(gives_sensitivities(exchanged));
  // Mutant: A and B from the same columns.
  EXPECT_FALSE(gives_sensitivities([](UnitPoints base) {
    for (std::size_t j = 0; j < base.rows; ++j)
      for (std::size_t i = 0; i < 2; ++i) base.at(j, 2 + i) = base.at(j, i);
    return study::saltelli(base);
  }));
}

/// Whether A and B differ in every coordinate of every sample, so that each A_B^(i) differs from A.
bool a_and_b_differ(const UnitPoints& base) {
  for (std::size_t j = 0; j < base.rows; ++j)
    for (std::size_t i = 0; i < base.columns / 2; ++i)
      if (base.at(j, i) == base.at(j, base.columns / 2 + i)) return false;
  return true;
}

TEST(Saltelli, ScramblingTellsTheFirstRowsOfAAndBApart) {
  for (std::int64_t seed = 1; seed <= 20; ++seed) EXPECT_TRUE(a_and_b_differ(study::sobol(256, 20, seed)));
  UnitPoints unscrambled(256, 20);
  const auto digits = study::sobol_digits(256, 20);
  for (std::size_t i = 0; i < digits.size(); ++i) unscrambled.values[i] = study::unit_value(digits[i]);
  EXPECT_FALSE(a_and_b_differ(unscrambled));
}

TEST(Saltelli, TakesScrambledSobolPointsAndCanBeExtended) {
  const SaltelliDesign small = study::saltelli(8, 3, 2), large = study::saltelli(16, 3, 2);
  EXPECT_EQ(small.points.values, study::saltelli(study::sobol(8, 6, 2)).points.values);
  EXPECT_TRUE(extends(large.points, small.points));
  EXPECT_TRUE(std::equal(small.matrix.begin(), small.matrix.end(), large.matrix.begin()));
  EXPECT_FALSE(extends(study::saltelli(16, 3, 3).points, small.points));
}

TEST(Saltelli, RefusesMoreFactorsThanThereAreColumns) {
  EXPECT_EQ(study::saltelli(1, 1833, 1).points.rows, 1835u);
  for (const std::size_t columns : {0u, 1834u}) try {
      study::saltelli(1, columns, 1);
      ADD_FAILURE() << columns;
    } catch (const InputError& e) {
      EXPECT_EQ(e.what(), "a Saltelli design of " + std::to_string(columns) +
                              " factors (it takes two Sobol dimensions for each, and there are 3667) vary 1 to 1833 factors");
    }
}

}  // namespace
