#include "agents/tasks/input.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "agents/tasks/generators.hpp"

namespace swarm {
namespace tasks {
namespace {

using Input = std::array<float, kInputs>;

Input input_of(const std::array<std::uint8_t, kInputs>& item, std::uint32_t step, std::uint64_t request) {
  Input out;
  make_input(item.data(), Random(5, Stream::input_noise), step, request, out.data());
  return out;
}

std::array<std::uint8_t, kInputs> ramp() {
  std::array<std::uint8_t, kInputs> item;
  for (std::uint32_t i = 0; i < kInputs; ++i) item[i] = static_cast<std::uint8_t>(4 * i + 3);
  return item;
}

// By the formula, in double, byte d of word w of block b at input 16b + 4w + d.
TEST(MakeInput, FollowsItsFormula) {
  const auto item = ramp();
  const Input got = input_of(item, 9, 1234);
  for (std::uint32_t i = 0; i < kInputs; ++i) {
    const RandomBlock block = Random(5, Stream::input_noise).block(9, 1234, i / 16);
    const std::uint32_t byte = block[i / 4 % 4] >> (8 * (i % 4)) & 255u;
    const double want = item[i] / 255.0 + noise_amplitude() * (2.0 * byte - 255.0) / 255.0;
    EXPECT_NEAR(got[i], want, 1e-6);
    const double mutant = item[i] / 255.0 + noise_amplitude() * (2.0 * (byte ^ 128u) - 255.0) / 255.0;
    EXPECT_GT(std::abs(got[i] - mutant), 0.05);
  }
}

TEST(MakeInput, NoiseDependsOnRequestAndStepOnly) {
  const auto item = ramp();
  EXPECT_EQ(input_of(item, 1, 7), input_of(item, 1, 7));
  EXPECT_NE(input_of(item, 1, 7), input_of(item, 2, 7));
  EXPECT_NE(input_of(item, 1, 7), input_of(item, 1, 8));
}

// Uniform on 256 levels: mean 0, variance A²·(256² − 1)/(3·255²) = A²·0.3359.
TEST(MakeInput, NoiseHasMeanZeroAndTheStatedSpread) {
  const std::array<std::uint8_t, kInputs> zero{};
  constexpr int n = 2000;
  double sum = 0, square = 0, largest = 0;
  for (int r = 0; r < n; ++r)
    for (const float x : input_of(zero, 0, static_cast<std::uint64_t>(r))) {
      sum += x;
      square += static_cast<double>(x) * x;
      largest = std::max(largest, std::abs(static_cast<double>(x)));
    }
  const double count = n * static_cast<double>(kInputs),
               variance = noise_amplitude() * noise_amplitude() * 0.3359;
  EXPECT_NEAR(sum / count, 0, 4.5 * std::sqrt(variance / count));
  // The fourth moment of a uniform is 9/5 of the variance squared, so the estimate's variance is 4/5 of that.
  EXPECT_NEAR(square / count, variance, 4.5 * variance * std::sqrt(0.8 / count));
  EXPECT_LE(largest, noise_amplitude() + 1e-7);
}

TEST(MakeInputs, HasTheBitsOfMakeInput) {
  std::vector<std::uint64_t> requests;
  const std::uint64_t region = std::uint64_t{3} << 48;
  for (std::uint64_t r = 0; r < 45; ++r) requests.push_back(region | r);      // a long run
  for (std::uint64_t r = 0; r < 20; ++r) requests.push_back(region | r * r);  // scattered
  for (std::uint64_t r = 0; r < 9; ++r) requests.push_back(r + 100);          // a short run, another region
  const auto a = ramp();
  std::array<std::uint8_t, kInputs> b{};
  std::vector<const std::uint8_t*> items;
  for (std::size_t i = 0; i < requests.size(); ++i) items.push_back(i % 3 == 0 ? a.data() : b.data());
  const Random noise(5, Stream::input_noise);
  std::vector<float> bulk(requests.size() * kInputs);
  make_inputs(items, noise, 4, requests, bulk.data());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    Input one;
    make_input(items[i], noise, 4, requests[i], one.data());
    EXPECT_EQ(std::memcmp(one.data(), bulk.data() + i * kInputs, sizeof one), 0) << i;
  }
  make_inputs({}, noise, 4, {}, bulk.data());  // nothing to do is allowed
}

}  // namespace
}  // namespace tasks
}  // namespace swarm
