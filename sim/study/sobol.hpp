#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/core/rng.hpp"
#include "sim/study/unit_points.hpp"

/// Sobol points with the direction numbers of Joe and Kuo (SIAM J. Sci. Comput. 30, 2008; Boost.Random's table),
/// scrambled by nested uniform scrambling (Owen, in: Monte Carlo and Quasi-Monte Carlo Methods in Scientific Computing,
/// Springer 1995; Annals of Statistics 25, 1997). See docs/designs.md.
namespace swarm {
namespace study {

/// Columns for which there are direction numbers.
inline constexpr std::size_t kMostSobolColumns = 3667;

/// Scrambled Sobol points. Each coordinate by itself is uniform on the multiples of 2⁻⁵³ in [0, 1), and the first 2^m
/// points, with every later block of as many, stay as evenly spread as unscrambled ones. A coordinate depends on
/// (seed, row, column) alone, so more rows or columns extend a design. Throws InputError unless 1 ≤ columns ≤
/// kMostSobolColumns.
UnitPoints sobol(std::size_t rows, std::size_t columns, std::int64_t seed);

/// Sobol points balance only in whole blocks: of n points that are no power of two the rest is a part of a block.
bool is_power_of_two(std::size_t n);

/// Unscrambled points as binary digits, the highest bit standing for 1/2, row by row: row i is the Sobol point of
/// number i in Gray code order, row 0 being the origin. Throws as sobol() does.
std::vector<std::uint64_t> sobol_digits(std::size_t rows, std::size_t columns);

/// Nested uniform scrambling of one coordinate: each of the highest 56 digits is flipped or not by a random bit that is
/// keyed by the column and all digits above it; the others become 0.
std::uint64_t owen_scrambled(std::uint64_t digits, const Random& random, std::uint32_t column);

/// The number in [0, 1) that these digits stand for, cut off after the 53 digits that a double can hold.
double unit_value(std::uint64_t digits);

}  // namespace study
}  // namespace swarm
