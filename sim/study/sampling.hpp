#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/study/unit_points.hpp"

/// Random designs of a study that are not plain Sobol points (sim/study/sobol.hpp). See docs/designs.md.
namespace swarm {
namespace study {

/// Points up to which rounding moves none out of its stratum.
inline constexpr std::size_t kMostHypercubePoints = std::size_t{1} << 20;

/// Latin hypercube (McKay, Beckman and Conover, Technometrics 21, 1979): in each column every stratum [i/rows,
/// (i + 1)/rows) holds one point, at a uniform place; the strata of different columns are combined at random. A column
/// depends on (seed, column, rows) alone: columns can be added, but not rows. Throws InputError above
/// kMostHypercubePoints rows.
UnitPoints latin_hypercube(std::size_t rows, std::size_t columns, std::int64_t seed);

/// Which matrix a row of a Saltelli design belongs to; kMatrixAB + i is A with column i from B, written A_B^(i).
inline constexpr std::int64_t kMatrixA = 0, kMatrixB = 1, kMatrixAB = 2;

/// Points for variance-based sensitivities (Saltelli et al., Computer Physics Communications 181, 2010): k + 2 rows for
/// each base sample j in the order A_j, A_B^(1)_j … A_B^(k)_j, B_j.
struct SaltelliDesign {
  UnitPoints points;
  std::vector<std::int64_t> sample;  ///< j of each row, from 0
  std::vector<std::int64_t> matrix;  ///< kMatrixA, kMatrixB, or kMatrixAB + i
};

/// The design of any base samples: one row for each, 2k columns, of which the first k are A and the others B.
SaltelliDesign saltelli(const UnitPoints& base);

/// The design of `samples` scrambled Sobol points in 2·columns dimensions. Unscrambled ones would not do: their first
/// two have the same numbers in all columns, so A and B would be equal there and these rows would measure nothing.
/// More samples extend a design; more columns do not. Throws InputError unless 1 ≤ columns ≤ kMostSobolColumns / 2.
SaltelliDesign saltelli(std::size_t samples, std::size_t columns, std::int64_t seed);

}  // namespace study
}  // namespace swarm
