#include "agents/tasks/input.hpp"

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

/// The noise bytes of the requests first … first + count − 1 of a step.
constexpr std::size_t kRun = 16, kRunMin = 8;  // shorter runs gain nothing from the vectorised generator
struct Noise {
  RandomBlock block[kNoiseBlocks][kRun];

  void draw(const Random& noise, std::uint32_t step, std::uint64_t first, std::size_t count) {
    for (std::uint32_t d = 0; d < kNoiseBlocks; ++d) noise.blocks(step, first, d, std::span(block[d], count));
  }
  void bytes(std::size_t request, std::uint8_t* out) const {
    for (std::uint32_t d = 0; d < kNoiseBlocks; ++d)
      std::memcpy(out + d * sizeof(RandomBlock), block[d][request].data(), sizeof(RandomBlock));
  }
};

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
  Noise drawn;
  std::uint8_t bytes[kInputs];
  for (std::size_t begin = 0; begin < requests.size();) {
    std::size_t count =
        1;  // neighbours in the batch are often neighbours in number: their noise comes cheaper
    while (count < kRun && begin + count < requests.size() &&
           requests[begin + count] == requests[begin] + count)
      ++count;
    if (count < kRunMin) {
      for (std::size_t i = begin; i < begin + count; ++i)
        make_input(items[i], noise, step, requests[i], out + i * kInputs);
    } else {
      drawn.draw(noise, step, requests[begin], count);
      for (std::size_t i = 0; i < count; ++i) {
        drawn.bytes(i, bytes);
        blend(items[begin + i], bytes, out + (begin + i) * kInputs);
      }
    }
    begin += count;
  }
}

}  // namespace tasks
}  // namespace swarm
