#include "sim/core/rng.hpp"

#include <Random123/philox.h>
#include <immintrin.h>

#include "sim/core/checks.hpp"

namespace swarm {
inline namespace core {
namespace {

constexpr std::uint32_t low32(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
constexpr std::uint32_t high32(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }

// Four entities per vector, one 64-bit lane each. Only the low half of a lane counts: the widening multiply
// ignores the rest, so nothing has to be masked between rounds.
struct State {
  __m256i c0, c1, c2, c3;
};

inline void one_round(State& s, __m256i k0, __m256i k1) {
  const __m256i p0 = _mm256_mul_epu32(s.c0, _mm256_set1_epi64x(PHILOX_M4x32_0));
  const __m256i p1 = _mm256_mul_epu32(s.c2, _mm256_set1_epi64x(PHILOX_M4x32_1));
  s.c0 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p1, 32), s.c1), k0);
  s.c2 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p0, 32), s.c3), k1);
  s.c1 = p1;
  s.c3 = p0;
}

/// Interleaves the four words of four entities and stores four consecutive blocks.
inline void store(const State& s, RandomBlock* out) {
  const __m256i low = _mm256_set1_epi64x(0xFFFF'FFFF);
  const __m256i w01 = _mm256_or_si256(_mm256_and_si256(s.c0, low), _mm256_slli_epi64(s.c1, 32));
  const __m256i w23 = _mm256_or_si256(_mm256_and_si256(s.c2, low), _mm256_slli_epi64(s.c3, 32));
  const __m256i even = _mm256_unpacklo_epi64(w01, w23);  // blocks 0 and 2
  const __m256i odd = _mm256_unpackhi_epi64(w01, w23);   // blocks 1 and 3
  auto* to = reinterpret_cast<__m256i*>(out);
  _mm256_storeu_si256(to, _mm256_permute2x128_si256(even, odd, 0x20));
  _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(even, odd, 0x31));
}

/// Fills as much of `out` as whole vectors can and returns how much that was; four(i) gives entities i … i + 3.
template <class Four>
std::size_t vector_blocks(std::uint64_t key, std::uint32_t step, std::uint32_t draw, std::span<RandomBlock> out,
                          Four&& four) {
  constexpr std::size_t kVectors = 2, kLanes = 4 * kVectors;  // two chains hide the multiply's latency
  std::size_t i = 0;
  for (; i + kLanes <= out.size(); i += kLanes) {
    State s[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) {
      const __m256i entity = four(i + 4 * v);
      s[v] = {_mm256_set1_epi64x(draw), entity, _mm256_srli_epi64(entity, 32), _mm256_set1_epi64x(step)};
    }
    std::uint32_t k0 = low32(key), k1 = high32(key);
    for (int round = 0; round < 10; ++round) {
      for (State& state : s) one_round(state, _mm256_set1_epi64x(k0), _mm256_set1_epi64x(k1));
      k0 += PHILOX_W32_0;
      k1 += PHILOX_W32_1;
    }
    for (std::size_t v = 0; v < kVectors; ++v) store(s[v], out.data() + i + 4 * v);
  }
  return i;
}

}  // namespace

RandomBlock Random::block(std::uint32_t step, std::uint64_t entity, std::uint32_t draw) const {
  r123::Philox4x32 philox;
  const r123::Philox4x32::ctr_type counter{{draw, low32(entity), high32(entity), step}};
  const r123::Philox4x32::key_type key{{low32(key_), high32(key_)}};
  const auto r = philox(counter, key);
  return {r[0], r[1], r[2], r[3]};
}

void Random::blocks(std::uint32_t step, std::uint64_t first, std::uint32_t draw,
                    std::span<RandomBlock> out) const {
  const __m256i lane = _mm256_setr_epi64x(0, 1, 2, 3);
  std::size_t i = vector_blocks(key_, step, draw, out, [&](std::size_t at) {
    return _mm256_add_epi64(_mm256_set1_epi64x(static_cast<long long>(first + at)), lane);
  });
  for (; i < out.size(); ++i) out[i] = block(step, first + i, draw);
}

void Random::blocks(std::uint32_t step, std::span<const std::uint64_t> entities, std::uint32_t draw,
                    std::span<RandomBlock> out) const {
  EXPECT(entities.size() == out.size());
  std::size_t i = vector_blocks(key_, step, draw, out, [&](std::size_t at) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(entities.data() + at));
  });
  for (; i < out.size(); ++i) out[i] = block(step, entities[i], draw);
}

}  // namespace core
}  // namespace swarm
