// Intrinsics are always inlined and never emitted, so including them shares no code with other objects.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "agents/nn/isa/bf16_dot.hpp"
#include "agents/nn/isa/elementwise.hpp"

#define SWARM_INLINE inline __attribute__((always_inline))
#define SWARM_LAMBDA __attribute__((always_inline))

// For use only where the processor also has AVX512_BF16.
#include "agents/nn/isa/set_avx512.inc"

namespace {

// Eleven sums hide the instruction's latency even in a layer that is one vector wide.
constexpr std::size_t kMaxRows = 11;
constexpr std::size_t kAccumulators = 24;

}  // namespace

#include "agents/nn/isa/vector.inc"
#include "agents/nn/isa/math.inc"
#include "agents/nn/isa/elementwise.inc"

#include "agents/nn/isa/blocks.inc"

namespace {

using swarm::nn::isa::Bf16DotForward;
using swarm::nn::isa::Bf16Pair;
using swarm::nn::isa::Bf16Rounding;

/// A term is one product of pairs.
struct PairTerms {
  using Input = Bf16Pair;
  using Weight = Bf16Pair;
  static SWARM_INLINE __m512i load(const Bf16Pair* w) { return _mm512_loadu_si512(w); }
  static SWARM_INLINE __m512i broadcast(Bf16Pair x) { return _mm512_set1_epi32(static_cast<int>(x)); }
  static SWARM_INLINE Vec add(__m512i factor, __m512i weight, Vec acc) {
    return _mm512_dpbf16_ps(acc, __builtin_bit_cast(__m512bh, factor), __builtin_bit_cast(__m512bh, weight));
  }
};

SWARM_INLINE void store_rounded(Bf16Pair* p, Vec v) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), __builtin_bit_cast(__m256i, _mm512_cvtneps_pbh(v)));
}

/// Two vectors by one instruction.
SWARM_INLINE void store_rounded(Bf16Pair* p, Vec first, Vec second) {
  _mm512_storeu_si512(p, __builtin_bit_cast(__m512i, _mm512_cvtne2ps_pbh(second, first)));
}

/// As ForwardBlocks, but for a layer whose outputs are rounded for the next.
struct HiddenBlocks {
  const Bf16DotForward& job;

  template <size_t R, size_t C>
  static void block(const HiddenBlocks& self, size_t row, size_t vector) {
    const Bf16DotForward& job = self.job;
    const size_t column = vector * kLanes;
    Vec acc[R][C];
    start_from_bias(acc, job.bias + column);
    const PanelPlace place(job.in, job.width, column);
    accumulate<PairTerms, true, false>(acc, job.x + row * job.x_stride, job.x_stride,
                                       job.weights + place.offset, place.stride, job.in, 0);
    activate(job.activation, acc);
    Bf16Pair* pairs = job.pairs + row * job.pair_stride + column / 2;
#pragma GCC unroll 16
    for (size_t r = 0; r < R; ++r) {
      Bf16Pair* row_pairs = pairs + r * job.pair_stride;
#pragma GCC unroll 16
      for (size_t c = 0; c + 2 <= C; c += 2)
        store_rounded(row_pairs + c * kLanes / 2, acc[r][c], acc[r][c + 1]);
      if constexpr (C % 2 != 0) store_rounded(row_pairs + (C - 1) * kLanes / 2, acc[r][C - 1]);
    }
  }
};

void bf16_forward(const Bf16DotForward& job) {
  if (job.y != nullptr)
    run_blocks(ForwardBlocks<Bf16DotForward, PairTerms, false>{job}, job.rows, job.width / kLanes);
  else
    run_blocks(HiddenBlocks{job}, job.rows, job.width / kLanes);
}

void bf16_round(const Bf16Rounding& job) {
  for (size_t r = 0; r < job.rows; ++r) {
    const float* x = job.x + r * job.x_stride;
    Bf16Pair* pairs = job.pairs + r * job.pair_stride;
    size_t c = 0;
    for (; c + 2 * kLanes <= job.in; c += 2 * kLanes)
      store_rounded(pairs + c / 2, load(x + c), load(x + c + kLanes));
    for (; c + kLanes <= job.in; c += kLanes) store_rounded(pairs + c / 2, load(x + c));
    if (c == job.in) continue;
    const auto rest = static_cast<__mmask16>((1u << (job.in - c)) - 1);
    store_rounded(pairs + c / 2, _mm512_maskz_loadu_ps(rest, x + c));
  }
}

}  // namespace

namespace swarm {
namespace nn {
namespace isa {

const Bf16DotKernels kBf16Dot{&bf16_round, &bf16_forward};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
