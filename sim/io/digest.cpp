#include "sim/io/digest.hpp"

#include <algorithm>

#include "sim/core/hash.hpp"
#include "sim/io/reader.hpp"

namespace swarm::io {
namespace {

/// About this many bytes are decompressed at a time, in whole chunks.
constexpr std::uint64_t kSlabBytes = std::uint64_t{16} << 20;

void hash_values(const ResultReader& file, const DatasetInfo& info, Hasher& hasher) {
  const std::uint64_t rows = file.rows_of(info.path);
  if (rows == 0 || info.count() == 0) return;
  const std::uint64_t row_bytes = info.count() / rows * element_size(*info.type);
  std::uint64_t slab = std::max<std::uint64_t>(1, kSlabBytes / row_bytes);
  if (info.chunk_rows > 0) slab = std::max(slab / info.chunk_rows, std::uint64_t{1}) * info.chunk_rows;
  std::vector<std::byte> values(std::min(slab, rows) * row_bytes);
  for (std::uint64_t row = 0; row < rows; row += slab) {
    const std::uint64_t count = std::min(slab, rows - row);
    file.read_rows(info.path, row, count, *info.type, values.data());
    hasher.bytes(values.data(), count * row_bytes);
  }
}

}  // namespace

std::string digest(const std::filesystem::path& path) {
  const ResultReader file(path);
  Hasher hasher;
  for (const DatasetInfo& info : file.datasets()) {
    if (info.bare_dimension || info.path.starts_with("/timing/")) continue;
    hasher.text(info.path);
    hasher.text(info.type ? element_name(*info.type) : "text");
    hasher.number(info.shape.size());
    for (std::uint64_t length : info.shape) hasher.number(length);
    if (info.type) {
      hash_values(file, info, hasher);
    } else {
      for (const std::string& text : file.read_text(info.path)) hasher.text(text);
    }
  }
  return hasher.result().hex();
}

}  // namespace swarm::io
