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

}  // namespace

#include "agents/nn/isa/vector.inc"
#include "agents/nn/isa/dense.inc"

namespace swarm {
namespace nn {
namespace isa {

const Kernels kAvx512 {kDense};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
