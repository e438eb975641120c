#include "agents/tasks/input.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "agents/tasks/generators.hpp"
#include "sim/core/checks.hpp"

namespace swarm {
namespace tasks {
namespace {

constexpr float kAmplitude = 0.0625f;
constexpr std::uint32_t kNoiseBlocks = kInputs / sizeof(RandomBlock);

/// Both products are fused by name, so the bits do not depend on what a compiler contracts.
void blend(const std::uint8_t* item, const std::uint8_t* noise, float* out) {
  constexpr float kItem = 1.0f / 255.0f, kNoise = 2.0f * kAmplitude / 255.0f;
  for (std::uint32_t i = 0; i < kInputs; ++i)
    out[i] = std::fma(static_cast<float>(item[i]), kItem,
                      std::fma(static_cast<float>(noise[i]), kNoise, -kAmplitude));
}

// Items lie scattered over banks larger than a core's caches: a chunk's are called for before its noise is
// drawn, and have arrived when they are needed.
constexpr std::size_t kChunk = 32;

}  // namespace

double noise_amplitude() {
  return kAmplitude;
}

void make_input(const std::uint8_t* item, const Random& noise, std::uint32_t step, std::uint64_t request,
                float* out) {
  std::uint8_t bytes[kInputs];
  for (std::uint32_t draw = 0; draw < kNoiseBlocks; ++draw) {
    const RandomBlock block = noise.block(step, request, draw);
    std::memcpy(bytes + draw * sizeof block, block.data(), sizeof block);
  }
  blend(item, bytes, out);
}

void make_inputs(std::span<const std::uint8_t* const> items, const Random& noise, std::uint32_t step,
                 std::span<const std::uint64_t> requests, float* out) {
  EXPECT(items.size() == requests.size());
  RandomBlock drawn[kNoiseBlocks][kChunk];
  std::uint8_t bytes[kInputs];
  for (std::size_t begin = 0; begin < requests.size(); begin += kChunk) {
    const std::size_t count = std::min(kChunk, requests.size() - begin);
    for (const std::uint8_t* item : items.subspan(begin, count)) __builtin_prefetch(item);
    for (std::uint32_t d = 0; d < kNoiseBlocks; ++d)
      noise.blocks(step, requests.subspan(begin, count), d, std::span(drawn[d], count));
    for (std::size_t i = 0; i < count; ++i) {
      for (std::uint32_t d = 0; d < kNoiseBlocks; ++d)
        std::memcpy(bytes + d * sizeof(RandomBlock), drawn[d][i].data(), sizeof(RandomBlock));
      blend(items[begin + i], bytes, out + (begin + i) * kInputs);
    }
  }
}

}  // namespace tasks
}  // namespace swarm
