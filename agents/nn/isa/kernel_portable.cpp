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

using Ints = std::int32_t __attribute__((vector_size(16)));
SWARM_INLINE Ints dot4(Ints sum, Ints a, Ints w) {
  for (int bits = 0; bits < 32; bits += 8) sum += (a >> bits & 0xFF) * (w << (24 - bits) >> 24);
  return sum;
}
SWARM_INLINE Vec to_float(Ints v) {
  return __builtin_convertvector(v, Vec);
}
/// Beside 1.5·2^23 a float has no fraction left, and its last bits count upwards.
SWARM_INLINE Ints nearest(Vec v) {
  const Vec lowest = broadcast(-0x1p22f);
  return reinterpret_cast<Ints>((v > lowest ? v : lowest) + 0x1.8p23f) - 0x4B400000;
}
SWARM_INLINE Vec smaller(Vec a, Vec b) {
  return a < b ? a : b;
}
SWARM_INLINE Vec larger(Vec a, Vec b) {
  return a > b ? a : b;
}
SWARM_INLINE float least(Vec v) {
  float found = v[0];
  for (int i = 1; i < 4; ++i) found = v[i] < found ? v[i] : found;
  return found;
}
SWARM_INLINE float greatest(Vec v) {
  float found = v[0];
  for (int i = 1; i < 4; ++i) found = v[i] > found ? v[i] : found;
  return found;
}
SWARM_INLINE void store_first(float* p, Vec v, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) p[i] = v[i];
}
SWARM_INLINE void store_first(std::int32_t* p, Ints v, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) p[i] = v[i];
}
template <std::size_t C>
SWARM_INLINE void store_saturated(std::uint8_t* p, const Ints (&v)[C], Ints zero_point) {
  for (std::size_t c = 0; c < C; ++c) {
    const Ints sum = v[c] + zero_point, positive = sum > 0 ? sum : Ints{},
               q = positive < 255 ? positive : Ints{} + 255;
    for (std::size_t i = 0; i < 4; ++i) p[4 * c + i] = static_cast<std::uint8_t>(q[i]);
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

const Kernels kPortable{kDense, kInteger};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
