#pragma once
#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace swarm {
namespace engine {

/// Sorts rows that consist of a few runs already in order, as mail of several regions does: the runs are
/// found and merged in pairs. Stable.
template <class Row, class Less>
void merge_runs(std::vector<Row>& rows, Less less) {
  std::vector<std::size_t> start{0};
  for (std::size_t k = 1; k < rows.size(); ++k)
    if (less(rows[k], rows[k - 1])) start.push_back(k);
  start.push_back(rows.size());
  const auto at = [&](std::size_t run) { return rows.begin() + static_cast<std::ptrdiff_t>(start[run]); };
  while (start.size() > 2) {
    std::vector<std::size_t> merged;
    for (std::size_t run = 0; run + 1 < start.size(); run += 2) {
      std::inplace_merge(at(run), at(run + 1), at(std::min(run + 2, start.size() - 1)), less);
      merged.push_back(start[run]);
    }
    merged.push_back(rows.size());
    start = std::move(merged);
  }
}

}  // namespace engine
}  // namespace swarm
