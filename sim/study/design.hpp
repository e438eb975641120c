#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sim/study/study_file.hpp"

/// The points of a study: what its design comes to. Pure: the same study gives the same points.
namespace swarm {
namespace study {

/// One combination of the factors' values.
struct Point {
  std::vector<Level> levels;  ///< one per factor
  std::int64_t sample = 0;    ///< saltelli: base sample from 0
  std::int64_t matrix = 0;    ///< saltelli: 0 = A, 1 = B, 2 + i = A with column i from B
};

struct Design {
  std::vector<Factor> factors;  ///< as in the study; of csv as in its table
  std::vector<Point> points;
  std::vector<std::string> warnings;  ///< what a user should know, in whole sentences
};

/// Throws InputError: a table that cannot be read, has unknown columns or levels, or no rows; too many points.
Design make_design(const Study& study);

/// Most points a design may have.
inline constexpr std::int64_t kMostPoints = 1'000'000;

}  // namespace study
}  // namespace swarm
