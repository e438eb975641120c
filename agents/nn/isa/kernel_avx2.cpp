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

}  // namespace

#include "agents/nn/isa/vector.inc"
#include "agents/nn/isa/dense.inc"

namespace swarm {
namespace nn {
namespace isa {

const Kernels kAvx2 {kDense};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
