#pragma once
#include <cstddef>
#include <vector>

namespace swarm {
namespace study {

/// Points of the unit cube [0, 1)^columns: one row for each point of a design, one column for each factor.
struct UnitPoints {
  UnitPoints(std::size_t row_count, std::size_t column_count)
      : rows(row_count), columns(column_count), values(row_count * column_count) {}
  double& at(std::size_t row, std::size_t column) { return values[row * columns + column]; }
  double at(std::size_t row, std::size_t column) const { return values[row * columns + column]; }

  std::size_t rows, columns;
  std::vector<double> values;  ///< row by row
};

}  // namespace study
}  // namespace swarm
