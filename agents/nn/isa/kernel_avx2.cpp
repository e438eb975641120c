// Intrinsics are always inlined and never emitted, so including them shares no code with other objects.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "agents/nn/isa/kernels.hpp"

#define SWARM_INLINE inline __attribute__((always_inline))

// Eight lanes, sixteen registers.
namespace {

using Vec = __m256;
SWARM_INLINE Vec broadcast(float x) {
  return _mm256_set1_ps(x);
}
SWARM_INLINE Vec fma(Vec a, Vec b, Vec c) {
  return _mm256_fmadd_ps(a, b, c);
}
SWARM_INLINE Vec relu(Vec a) {
  return _mm256_max_ps(_mm256_setzero_ps(), a);
}  // 0 > a ? 0 : a

constexpr std::size_t kMaxRows = 6;
constexpr std::size_t kAccumulators = 12;

// Products of bytes are added in pairs of 16-bit factors: vpmaddubsw would saturate.
using Ints = std::int32_t __attribute__((vector_size(32)));
SWARM_INLINE Ints dot4(Ints sum, Ints a, Ints w) {
  const __m256i bytes = reinterpret_cast<__m256i>(a), weights = reinterpret_cast<__m256i>(w);
  const __m256i even = _mm256_madd_epi16(_mm256_and_si256(bytes, _mm256_set1_epi16(0xFF)),
                                         _mm256_srai_epi16(_mm256_slli_epi16(weights, 8), 8));
  const __m256i odd = _mm256_madd_epi16(_mm256_srli_epi16(bytes, 8), _mm256_srai_epi16(weights, 8));
  return sum + (reinterpret_cast<Ints>(even) + reinterpret_cast<Ints>(odd));
}
SWARM_INLINE Vec to_float(Ints v) {
  return _mm256_cvtepi32_ps(reinterpret_cast<__m256i>(v));
}
SWARM_INLINE Ints nearest(Vec v) {
  return reinterpret_cast<Ints>(_mm256_cvtps_epi32(v));
}
SWARM_INLINE Vec smaller(Vec a, Vec b) {
  return _mm256_min_ps(a, b);
}
SWARM_INLINE Vec larger(Vec a, Vec b) {
  return _mm256_max_ps(a, b);
}
SWARM_INLINE float least(Vec v) {
  __m128 half = _mm_min_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  half = _mm_min_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_min_ss(half, _mm_movehdup_ps(half)));
}
SWARM_INLINE float greatest(Vec v) {
  __m128 half = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  half = _mm_max_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
}
SWARM_INLINE __m256i first_lanes(std::size_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
SWARM_INLINE void store_first(float* p, Vec v, std::size_t n) {
  _mm256_maskstore_ps(p, first_lanes(n), v);
}
SWARM_INLINE void store_first(std::int32_t* p, Ints v, std::size_t n) {
  _mm256_maskstore_epi32(p, first_lanes(n), reinterpret_cast<__m256i>(v));
}
template <std::size_t C>
SWARM_INLINE void store_saturated(std::uint8_t* p, const Ints (&v)[C], Ints zero_point) {
  const __m256i zero = reinterpret_cast<__m256i>(zero_point), words = _mm256_packs_epi32(zero, zero);
#pragma GCC unroll 8
  for (std::size_t c = 0; c < C; ++c) {
    const __m256i integers = reinterpret_cast<__m256i>(v[c]);
    const __m256i sums = _mm256_adds_epi16(_mm256_packs_epi32(integers, integers), words);
    const __m256i bytes = _mm256_packus_epi16(sums, sums);
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p + 8 * c),
                     _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1)));
  }
}

constexpr std::size_t kIntegerRows = 4;
constexpr std::size_t kIntegerAccumulators = 8;

}  // namespace

#include "agents/nn/isa/vector.inc"
#include "agents/nn/isa/dense.inc"
#include "agents/nn/isa/integer.inc"

namespace swarm {
namespace nn {
namespace isa {

const Kernels kAvx2{kDense, kInteger};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
