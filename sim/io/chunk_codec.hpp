#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace swarm::io {

/// Encodes one chunk exactly as HDF5's filters `shuffle` then `deflate` (zlib format) would decode it, with
/// libdeflate, on any thread. `out` is resized to the stored bytes. Level 0 copies. Throws std::bad_alloc.
void encode_chunk(std::span<const std::byte> raw, std::size_t element_bytes, int level,
                  std::vector<std::byte>& out);

}  // namespace swarm::io
