#pragma once
#include <algorithm>
#include <cstddef>

/// How a matrix of weights [in][out] lies in memory: columns are padded to whole 64-byte lines of floats and cut
/// into panels of 64; each panel holds its rows one after the other. A kernel that computes 64 outputs so reads
/// memory from front to back, and a panel stays in the first-level cache while all samples pass it.
namespace swarm {
namespace nn {

/// Columns are padded to this many: one 64-byte line of floats, the widest vector of any kernel.
inline constexpr std::size_t kPadFloats = 16;
/// Columns of a panel; the last one has what is left, a multiple of kPadFloats.
inline constexpr std::size_t kPanelColumns = 64;

/// The next multiple of the padding.
constexpr std::size_t padded(std::size_t width) {
  return (width + kPadFloats - 1) / kPadFloats * kPadFloats;
}

/// Where element (row, column) of a matrix of `rows` × `width` lies; width is padded.
constexpr std::size_t panel_index(std::size_t rows, std::size_t width, std::size_t row, std::size_t column) {
  const std::size_t first = column / kPanelColumns * kPanelColumns;
  return first * rows + row * std::min(kPanelColumns, width - first) + (column - first);
}

}  // namespace nn
}  // namespace swarm
