#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>

#include "agents/nn/convert.hpp"
#include "agents/nn/half.hpp"
#include "agents/nn/infer.hpp"
#include "agents/nn/network.hpp"
#include "tests/unit/nn/nets.hpp"

// Networks with 16-bit weights against the fp32 kernels on the weights converted back: every bit.
namespace swarm::nn {
namespace {

std::vector<float> fast(const PackedModel& model, const std::vector<float>& x, std::size_t n) {
  thread_local Scratch scratch;
  std::vector<float> y(n * model.network().output_size(), 77.0f);
  model.run(x.data(), y.data(), static_cast<std::uint32_t>(n), scratch);
  return y;
}

std::vector<float> dense(const Model& model, const std::vector<float>& x, std::size_t n) {
  std::vector<float> y(n * model.output().width);
  forward(model, x.data(), y.data(), static_cast<std::uint32_t>(n));
  return y;
}

std::size_t different_bits(const std::vector<float>& a, const std::vector<float>& b) {
  std::size_t count = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    count += std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i]);
  return count;
}

constexpr std::array kFormats{Format::bf16, Format::fp16};

TEST(NnHalf, EqualsTheFloatKernelBitForBitOnThousandsOfShapes) {
  const Random random(7, Stream::experiment);
  for (std::uint32_t trial = 0; trial < 1500; ++trial) {
    const RandomBlock roll = random.block(3, 4, trial);
    constexpr std::array<std::uint32_t, 8> kOdd{7, 33, 100, 64, 128, 1, 16, 65};
    const auto width = [&](std::uint32_t word) {
      return word % 31 == 0 ? 1 + word / 31 % 512 : word % 3 == 0 ? kOdd[word / 3 % 8] : 1 + word / 3 % 48;
    };
    MlpShape shape{{width(roll[0]), width(roll[1])}};
    if (trial % 3 == 0) shape.widths.push_back(width(roll[2]));
    const std::uint32_t n = 1 + roll[3] % (trial % 4 == 0 ? 70 : 18);
    const Model model = test::random_model(shape, trial);
    const std::vector<float> x = test::noise(n * shape.widths.front(), trial);
    for (const Format format : kFormats) {
      const PackedModel half(model, {format});
      const Model unpacked = rounded(model, format);
      const std::vector<float> expected = dense(unpacked, x, n);
      for (const Isa set : test::supported_sets()) {
        const test::Forced forced(set);
        ASSERT_EQ(different_bits(fast(half, x, n), expected), 0u)
            << enum_name(format) << ", " << enum_name(set) << ", trial " << trial << ", batch of " << n;
      }
    }
  }
}

// One layer whose weights are all patterns there are: y = 1·w + (−0) is w itself.
TEST(NnHalf, KernelsReadEveryPatternAsItsNumber) {
  Model model(MlpShape{{1, 0x10000u}});
  const std::vector<float> one{1.0f};
  for (const Format format : kFormats) {
    for (std::uint32_t h = 0; h < 0x10000u; ++h) {
      const auto half = static_cast<std::uint16_t>(h);
      model.weight(0, 0, h) = format == Format::bf16 ? from_bf16(half) : from_fp16(half);
      model.bias(0)[h] = -0.0f;
    }
    const PackedModel half(model, {format});
    const Model unpacked = rounded(model, format);
    for (const Isa set : test::supported_sets()) {
      const test::Forced forced(set);
      const std::vector<float> y = fast(half, one, 1);
      for (std::uint32_t h = 0; h < 0x10000u; ++h)
        ASSERT_EQ(std::bit_cast<std::uint32_t>(y[h]), std::bit_cast<std::uint32_t>(unpacked.weight(0, 0, h)))
            << enum_name(format) << ", " << enum_name(set) << ", pattern " << h;
    }
  }
}

TEST(NnHalf, ASampleDoesNotSeeItsBatch) {
  const Model original = test::random_model({{33, 100, 7}}, 5);
  const PackedModel model(original, {Format::bf16});
  const std::vector<float> x = test::noise(140 * 33, 6);
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    const std::vector<float> all = fast(model, x, 140);
    for (std::size_t n = 1; n <= 140; ++n)
      ASSERT_EQ(
          different_bits(fast(model, x, n), {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(7 * n)}),
          0u)
          << n;
  }
}

// A weight one step of its format away, in one place, must show.
TEST(NnHalf, TheBitCheckCatchesASingleWeight) {
  const Model model = test::random_model({{33, 100}}, 11);
  const std::vector<float> x = test::noise(33, 12);
  for (const Format format : kFormats) {
    const PackedModel half(model, {format});
    Model wrong = rounded(model, format);
    float& w = wrong.weight(0, 32, 99);
    w = format == Format::bf16 ? from_bf16(static_cast<std::uint16_t>(to_bf16(w) + 1))
                                   : from_fp16(static_cast<std::uint16_t>(to_fp16(w) + 1));
    EXPECT_EQ(different_bits(fast(half, x, 1), dense(wrong, x, 1)), 1u);
    EXPECT_GT(different_bits(fast(half, x, 1), dense(model, x, 1)), 90u) << "weights that were never rounded";
  }
}

}  // namespace
}  // namespace swarm::nn
