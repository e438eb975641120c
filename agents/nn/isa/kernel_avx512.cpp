// Intrinsics are always inlined and never emitted, so including them shares no code with other objects.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "agents/nn/isa/kernels.hpp"

#define SWARM_INLINE inline __attribute__((always_inline))

// Sixteen lanes, thirty-two registers.
namespace {

using Vec = __m512;
SWARM_INLINE Vec broadcast(float x) {
  return _mm512_set1_ps(x);
}
SWARM_INLINE Vec fma(Vec a, Vec b, Vec c) {
  return _mm512_fmadd_ps(a, b, c);
}
SWARM_INLINE Vec relu(Vec a) {
  return _mm512_max_ps(_mm512_setzero_ps(), a);
}  // 0 > a ? 0 : a

constexpr std::size_t kMaxRows = 8;
constexpr std::size_t kAccumulators = 16;

// The compiler's own vector type: arrays of __m512i would leave the registers in every round.
using Ints = std::int32_t __attribute__((vector_size(64)));
SWARM_INLINE Ints dot4(Ints sum, Ints a, Ints w) {
  return reinterpret_cast<Ints>(_mm512_dpbusd_epi32(
      reinterpret_cast<__m512i>(sum), reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(w)));
}
SWARM_INLINE Vec to_float(Ints v) {
  return _mm512_cvtepi32_ps(reinterpret_cast<__m512i>(v));
}
SWARM_INLINE Ints nearest(Vec v) {
  return reinterpret_cast<Ints>(_mm512_cvtps_epi32(v));
}
SWARM_INLINE Vec smaller(Vec a, Vec b) {
  return _mm512_min_ps(a, b);
}
SWARM_INLINE Vec larger(Vec a, Vec b) {
  return _mm512_max_ps(a, b);
}
SWARM_INLINE float least(Vec v) {
  return _mm512_reduce_min_ps(v);
}
SWARM_INLINE float greatest(Vec v) {
  return _mm512_reduce_max_ps(v);
}
SWARM_INLINE void store_first(float* p, Vec v, std::size_t n) {
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), v);
}
SWARM_INLINE void store_first(std::int32_t* p, Ints v, std::size_t n) {
  _mm512_mask_storeu_epi32(p, static_cast<__mmask16>((1u << n) - 1), reinterpret_cast<__m512i>(v));
}
/// Four vectors are packed into one with saturation; packing goes by quarters, hence the permutation.
template <std::size_t C>
SWARM_INLINE void store_saturated(std::uint8_t* p, const Ints (&v)[C], Ints zero_point) {
  if constexpr (C == 4) {
    const __m512i zero =
        _mm512_packs_epi32(reinterpret_cast<__m512i>(zero_point), reinterpret_cast<__m512i>(zero_point));
    const __m512i first =
        _mm512_packs_epi32(reinterpret_cast<__m512i>(v[0]), reinterpret_cast<__m512i>(v[1]));
    const __m512i second =
        _mm512_packs_epi32(reinterpret_cast<__m512i>(v[2]), reinterpret_cast<__m512i>(v[3]));
    const __m512i bytes =
        _mm512_packus_epi16(_mm512_adds_epi16(first, zero), _mm512_adds_epi16(second, zero));
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    _mm512_storeu_si512(p, _mm512_permutexvar_epi32(order, bytes));
  } else {
    const __m512i zero = reinterpret_cast<__m512i>(zero_point),
                  least_value = _mm512_sub_epi32(_mm512_setzero_si512(), zero);
#pragma GCC unroll 4
    for (std::size_t c = 0; c < C; ++c) {
      const __m512i sum =
          _mm512_add_epi32(_mm512_max_epi32(reinterpret_cast<__m512i>(v[c]), least_value), zero);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(p + 16 * c), _mm512_cvtusepi32_epi8(sum));
    }
  }
}

constexpr std::size_t kIntegerRows = 6;
constexpr std::size_t kIntegerAccumulators = 24;

}  // namespace

#include "agents/nn/isa/vector.inc"
#include "agents/nn/isa/dense.inc"
#include "agents/nn/isa/integer.inc"

namespace swarm {
namespace nn {
namespace isa {

const Kernels kAvx512{kDense, kInteger};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
