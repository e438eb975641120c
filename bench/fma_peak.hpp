#pragma once
#include <immintrin.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "agents/nn/isa.hpp"

/// The machine's own peak: what 100 % of its multiply-adds means on one core.
namespace swarm::bench {

/// Independent multiply-adds in registers, as many as the machine can retire. Returns how many there were.
__attribute__((target("avx512f"))) inline std::uint64_t spin_avx512(std::size_t rounds, float* sink) {
  __m512 acc[16];
  for (auto& a : acc) a = _mm512_set1_ps(1.0f);
  const __m512 x = _mm512_set1_ps(sink[0]), y = _mm512_set1_ps(sink[1]);
  for (std::size_t i = 0; i < rounds; ++i)
#pragma GCC unroll 16
    for (auto& a : acc) a = _mm512_fmadd_ps(a, x, y);
  for (std::size_t j = 1; j < 16; ++j) acc[0] = _mm512_add_ps(acc[0], acc[j]);
  _mm512_storeu_ps(sink + 2, acc[0]);
  return rounds * 16 * 16;
}

inline std::uint64_t spin_avx2(std::size_t rounds, float* sink) {
  __m256 acc[12];
  for (auto& a : acc) a = _mm256_set1_ps(1.0f);
  const __m256 x = _mm256_set1_ps(sink[0]), y = _mm256_set1_ps(sink[1]);
  for (std::size_t i = 0; i < rounds; ++i)
#pragma GCC unroll 12
    for (auto& a : acc) a = _mm256_fmadd_ps(a, x, y);
  for (std::size_t j = 1; j < 12; ++j) acc[0] = _mm256_add_ps(acc[0], acc[j]);
  _mm256_storeu_ps(sink + 2, acc[0]);
  return rounds * 12 * 8;
}

/// The widest set the kernels may use here; SWARMSIM_SIMD narrows it.
inline nn::Isa peak_isa() {
  return nn::active_isa() == nn::Isa::avx512 ? nn::Isa::avx512 : nn::Isa::avx2;
}

inline std::uint64_t spin(std::size_t rounds) {
  static float sink[18] = {0.5f, 0.5f};
  float* volatile out = sink;  // nothing is known at compile time, nothing is dropped
  return peak_isa() == nn::Isa::avx512 ? spin_avx512(rounds, out) : spin_avx2(rounds, out);
}

/// Multiply-adds per second of one core: the best of several short tries, since others may use the core
/// meanwhile.
inline double peak_macs_per_second() {
  double best = 0;
  for (int i = 0; i < 20; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const std::uint64_t macs = spin(50'000);  // 0.1 ms
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    best = std::max(best, static_cast<double>(macs) / took.count());
  }
  return best;
}

}  // namespace swarm::bench
