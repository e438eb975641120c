#include "sim/study/sobol.hpp"

#include <fmt/core.h>

#include <bit>
#include <boost/random/sobol.hpp>

#include "sim/core/errors.hpp"

namespace swarm {
namespace study {

static_assert(kMostSobolColumns <= boost::random::default_sobol_table::max_dimension);

std::vector<std::uint64_t> sobol_digits(std::size_t rows, std::size_t columns) {
  if (columns < 1 || columns > kMostSobolColumns)
    throw InputError(Diagnostic{
        .problem = fmt::format("Sobol points in {} dimensions", columns),
        .why = fmt::format("there are direction numbers for 1 to {}", kMostSobolColumns),
        .suggestion = "vary fewer factors, or take a Latin hypercube"});
  std::vector<std::uint64_t> digits(rows * columns);
  // Boost's engine begins after the origin, without which no block of 2^m points is a net. So row 0 stays as it is.
  boost::random::sobol engine(columns);
  for (std::size_t i = columns; i < digits.size(); ++i) digits[i] = engine();
  return digits;
}

std::uint64_t owen_scrambled(std::uint64_t digits, const Random& random, std::uint32_t column) {
  constexpr unsigned kLevels = 7, kDepth = 56;  // a block has 128 bits, a tree of 7 levels 127 nodes
  std::uint64_t scrambled = 0;
  for (unsigned top = 0; top < kDepth; top += kLevels) {
    const std::uint64_t above = top == 0 ? 0 : digits >> (64 - top);
    const RandomBlock flips = random.block(column, above, top);
    std::uint32_t node = 1;  // the root of this subtree; the children of a node are 2·node and 2·node + 1
    for (unsigned level = top; level < top + kLevels; ++level) {
      const std::uint32_t digit = digits >> (63 - level) & 1;
      const std::uint32_t flip = flips[node / 32] >> (node % 32) & 1;
      scrambled = scrambled << 1 | (digit ^ flip);
      node = 2 * node + digit;
    }
  }
  return scrambled << (64 - kDepth);
}

double unit_value(std::uint64_t digits) { return static_cast<double>(digits >> 11) * 0x1p-53; }

UnitPoints sobol(std::size_t rows, std::size_t columns, std::int64_t seed) {
  const std::vector<std::uint64_t> digits = sobol_digits(rows, columns);
  const Random random(static_cast<std::uint64_t>(seed), Stream::design_sobol);
  UnitPoints points(rows, columns);
  for (std::size_t i = 0; i < digits.size(); ++i)
    points.values[i] = unit_value(owen_scrambled(digits[i], random, static_cast<std::uint32_t>(i % columns)));
  return points;
}

bool is_power_of_two(std::size_t n) { return std::has_single_bit(n); }

}  // namespace study
}  // namespace swarm
