#include "sim/study/sampling.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "sim/core/checks.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/rng.hpp"
#include "sim/study/sobol.hpp"

namespace swarm {
namespace study {

UnitPoints latin_hypercube(std::size_t rows, std::size_t columns, std::int64_t seed) {
  if (rows > kMostHypercubePoints)
    throw InputError(Diagnostic{
        .problem = fmt::format("a Latin hypercube of {} points", rows),
        .why = fmt::format("rounding could move points out of their strata above {}", kMostHypercubePoints),
        .suggestion = "take fewer points, or Sobol points"});
  const Random random(static_cast<std::uint64_t>(seed), Stream::design_lhs);
  UnitPoints points(rows, columns);
  std::vector<RandomBlock> blocks(rows);
  std::vector<std::pair<std::uint64_t, std::size_t>> order(rows);
  for (std::size_t column = 0; column < columns; ++column) {
    random.blocks(static_cast<std::uint32_t>(column), 0, 0, blocks);
    for (std::size_t row = 0; row < rows; ++row) order[row] = {std::uint64_t{blocks[row][0]} << 32 | blocks[row][1], row};
    std::sort(order.begin(), order.end());
    for (std::size_t stratum = 0; stratum < rows; ++stratum) {
      const std::size_t row = order[stratum].second;
      // 20 bits of the stratum and the 33 of the place within it fill a double: this sum is exact.
      const double place = static_cast<double>(stratum) + uniform_open(blocks[row][2]);
      points.at(row, column) = place / static_cast<double>(rows);
    }
  }
  return points;
}

SaltelliDesign saltelli(const UnitPoints& base) {
  EXPECT(base.columns % 2 == 0);
  const std::size_t k = base.columns / 2;
  SaltelliDesign design{.points = UnitPoints(base.rows * (k + 2), k), .sample = {}, .matrix = {}};
  const auto add = [&](std::size_t j, std::int64_t matrix) {
    const std::size_t row = design.sample.size();
    for (std::size_t i = 0; i < k; ++i) {
      const bool from_b = matrix == kMatrixB || matrix == kMatrixAB + static_cast<std::int64_t>(i);
      design.points.at(row, i) = base.at(j, from_b ? k + i : i);
    }
    design.sample.push_back(static_cast<std::int64_t>(j));
    design.matrix.push_back(matrix);
  };
  for (std::size_t j = 0; j < base.rows; ++j) {
    add(j, kMatrixA);
    for (std::size_t i = 0; i < k; ++i) add(j, kMatrixAB + static_cast<std::int64_t>(i));
    add(j, kMatrixB);
  }
  return design;
}

SaltelliDesign saltelli(std::size_t samples, std::size_t columns, std::int64_t seed) {
  if (columns < 1 || columns > kMostSobolColumns / 2)
    throw InputError(Diagnostic{
        .problem = fmt::format("a Saltelli design of {} factors", columns),
        .why = fmt::format("it takes two Sobol dimensions for each, and there are {}", kMostSobolColumns),
        .suggestion = fmt::format("vary 1 to {} factors", kMostSobolColumns / 2)});
  return saltelli(sobol(samples, 2 * columns, seed));
}

}  // namespace study
}  // namespace swarm
