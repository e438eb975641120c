#pragma once
#include <immintrin.h>

#include <cstdint>

#include "bench/fma_peak.hpp"

/// What 100 % of the machine's 8-bit multiply-adds means on one core.
namespace swarm::bench {

/// Independent dpbusd in registers. Returns the number of multiply-adds. The accumulators' type is the
/// compiler's own: arrays of __m512i would be stored in every round.
__attribute__((target("avx512f,avx512vnni"))) inline std::uint64_t spin_bytes_avx512(std::size_t rounds,
                                                                                     std::int32_t* sink) {
  using Ints = std::int32_t __attribute__((vector_size(64)));
  const Ints x = Ints{} + sink[0], y = Ints{} + sink[1];
  Ints sum[16] = {};
  for (auto& s : sum) asm("" : "+v"(s));  // else all are known to be equal, and one is kept
  for (std::size_t i = 0; i < rounds; ++i)
#pragma GCC unroll 16
    for (auto& s : sum)
      s = reinterpret_cast<Ints>(_mm512_dpbusd_epi32(
          reinterpret_cast<__m512i>(s), reinterpret_cast<__m512i>(x), reinterpret_cast<__m512i>(y)));
  for (std::size_t j = 1; j < 16; ++j) sum[0] += sum[j];
  sink[2] = sum[0][0];
  return rounds * 16 * 64;
}

/// vpmaddwd and vpaddd, the fastest exact sums of products of bytes without VNNI.
inline std::uint64_t spin_bytes_avx2(std::size_t rounds, std::int32_t* sink) {
  using Ints = std::int32_t __attribute__((vector_size(32)));
  const Ints x = Ints{} + sink[0];
  Ints sum[12] = {};
  for (auto& s : sum) asm("" : "+x"(s));
  for (std::size_t i = 0; i < rounds; ++i)
#pragma GCC unroll 12
    for (auto& s : sum)
      s += reinterpret_cast<Ints>(
          _mm256_madd_epi16(reinterpret_cast<__m256i>(x), reinterpret_cast<__m256i>(s)));
  for (std::size_t j = 1; j < 12; ++j) sum[0] += sum[j];
  sink[2] = sum[0][0];
  return rounds * 12 * 16;
}

inline std::uint64_t spin_bytes(std::size_t rounds) {
  static std::int32_t sink[3] = {0x01020304, 0x01FF02FE, 0};
  std::int32_t* volatile out = sink;
  return peak_isa() == nn::Isa::avx512 ? spin_bytes_avx512(rounds, out) : spin_bytes_avx2(rounds, out);
}

}  // namespace swarm::bench
