#include "sim/io/chunk_codec.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <memory>
#include <new>

namespace swarm::io {
namespace {

/// Byte b of element i goes to b·n + i: all first bytes, then all second bytes, ….
template <std::size_t size>
void shuffle(const std::byte* in, std::size_t n, std::byte* out) {
  constexpr std::size_t kBlock = 64;  // so that the strided reads stay in the first-level cache
  for (std::size_t from = 0; from < n; from += kBlock) {
    const std::size_t to = std::min(n, from + kBlock);
    for (std::size_t b = 0; b < size; ++b)
      for (std::size_t i = from; i < to; ++i) out[b * n + i] = in[i * size + b];
  }
}

struct Compressor {
  int level = 0;
  std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> handle{nullptr,
                                                                                  libdeflate_free_compressor};
  std::vector<std::byte> shuffled;
};

/// One per thread: setting a compressor up costs as much as compressing a small chunk.
Compressor& compressor(int level) {
  thread_local Compressor mine;
  if (mine.level != level) {
    mine.handle.reset(libdeflate_alloc_compressor(level));
    if (!mine.handle) throw std::bad_alloc();
    mine.level = level;
  }
  return mine;
}

}  // namespace

void encode_chunk(std::span<const std::byte> raw, std::size_t element_bytes, int level,
                  std::vector<std::byte>& out) {
  if (level == 0) {
    out.assign(raw.begin(), raw.end());
    return;
  }
  Compressor& mine = compressor(level);
  std::span<const std::byte> plain = raw;
  if (element_bytes > 1) {
    mine.shuffled.resize(raw.size());
    const std::size_t n = raw.size() / element_bytes;
    if (element_bytes == 8)
      shuffle<8>(raw.data(), n, mine.shuffled.data());
    else
      shuffle<4>(raw.data(), n, mine.shuffled.data());
    plain = mine.shuffled;
  }
  out.resize(libdeflate_zlib_compress_bound(mine.handle.get(), plain.size()));
  const std::size_t size =
      libdeflate_zlib_compress(mine.handle.get(), plain.data(), plain.size(), out.data(), out.size());
  out.resize(size);
}

}  // namespace swarm::io
