// Intrinsics are always inlined and never emitted, so including them shares no code with other objects.
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "agents/nn/isa/kernels.hpp"

#define SWARM_INLINE inline __attribute__((always_inline))
#define SWARM_LAMBDA __attribute__((always_inline))

#include "agents/nn/isa/set_avx512.inc"

// Sizes of register blocks (agents/nn/isa/blocks.inc).
namespace {

constexpr std::size_t kMaxRows = 8;
constexpr std::size_t kAccumulators = 24;
constexpr std::size_t kIntegerRows = 6;
constexpr std::size_t kIntegerAccumulators = 24;

}  // namespace

#include "agents/nn/isa/vector.inc"
#include "agents/nn/isa/math.inc"
#include "agents/nn/isa/elementwise.inc"

#include "agents/nn/isa/blocks.inc"

#include "agents/nn/isa/dense.inc"
#include "agents/nn/isa/conv.inc"
#include "agents/nn/isa/half.inc"
#include "agents/nn/isa/integer.inc"
#include "agents/nn/isa/optimiser.inc"
#include "agents/nn/isa/rows.inc"
#include "agents/nn/isa/sparse.inc"

#include "agents/nn/isa/attention.inc"

namespace swarm {
namespace nn {
namespace isa {

const Kernels kAvx512{kAttention, kConv, kDense, kElementwise, kHalf, kInteger, kOptimiser, kRows, kSparse};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
