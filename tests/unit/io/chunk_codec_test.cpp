#include "sim/io/chunk_codec.hpp"

#include <gtest/gtest.h>
#include <libdeflate.h>

#include <cstring>

#include "sample.hpp"

namespace swarm::io {
namespace {

std::vector<std::byte> inflate(const std::vector<std::byte>& stored, std::size_t size) {
  std::vector<std::byte> out(size);
  libdeflate_decompressor* d = libdeflate_alloc_decompressor();
  const auto result = libdeflate_zlib_decompress(d, stored.data(), stored.size(), out.data(), size, nullptr);
  libdeflate_free_decompressor(d);
  EXPECT_EQ(result, LIBDEFLATE_SUCCESS);
  return out;
}

/// The definition, one byte at a time.
std::vector<std::byte> unshuffle(const std::vector<std::byte>& in, std::size_t size) {
  std::vector<std::byte> out(in.size());
  const std::size_t n = in.size() / size;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t b = 0; b < size; ++b) out[i * size + b] = in[b * n + i];
  return out;
}

TEST(ChunkCodec, DecodesToTheSameBytesForAllSizesAndLevels) {
  for (const std::size_t element : {1U, 4U, 8U})
    for (const std::size_t n : {1U, 63U, 64U, 65U, 1000U})
      for (const int level : {1, 4, 9}) {
        std::vector<std::byte> raw(n * element);
        for (std::size_t k = 0; k < raw.size(); ++k) raw[k] = static_cast<std::byte>(sample::mix(k) >> 60);
        std::vector<std::byte> stored;
        encode_chunk(raw, element, level, stored);
        const auto plain = inflate(stored, raw.size());
        EXPECT_EQ(element == 1 ? plain : unshuffle(plain, element), raw);
        // Mutant: leaving the shuffle out must be noticed.
        if (element > 1 && n > 1) {
          EXPECT_NE(plain, raw);
        }
      }
}

TEST(ChunkCodec, LevelZeroCopies) {
  const std::vector<std::byte> raw(24, std::byte{7});
  std::vector<std::byte> stored;
  encode_chunk(raw, 8, 0, stored);
  EXPECT_EQ(stored, raw);
}

}  // namespace
}  // namespace swarm::io
