#include <cstddef>
#include <cstdint>

#include "agents/nn/isa/kernels.hpp"

#define SWARM_INLINE inline __attribute__((always_inline))

// Four lanes in the compiler's own vector type, which every current processor has registers for; sixteen of
// them.
namespace {

using Vec = float __attribute__((vector_size(16)));
SWARM_INLINE Vec broadcast(float x) {
  return Vec{x, x, x, x};
}
SWARM_INLINE Vec fma(Vec a, Vec b, Vec c) {
  for (int i = 0; i < 4; ++i) c[i] = __builtin_fmaf(a[i], b[i], c[i]);
  return c;
}
SWARM_INLINE Vec relu(Vec a) {
  const Vec zero = {};
  return a < zero ? zero : a;
}

constexpr std::size_t kMaxRows = 6;
constexpr std::size_t kAccumulators = 12;

}  // namespace

#include "agents/nn/isa/vector.inc"
#include "agents/nn/isa/dense.inc"

namespace swarm {
namespace nn {
namespace isa {

const Kernels kPortable {kDense};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
