#include "agents/nn/half.hpp"

#include <gtest/gtest.h>
#include <immintrin.h>

#include <cmath>
#include <limits>

#include "agents/nn/convert.hpp"
#include "tests/unit/nn/nets.hpp"

namespace swarm::nn {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::uint32_t bits_of(float x) {
  return std::bit_cast<std::uint32_t>(x);
}

/// A 16-bit format by its definition, in double precision.
struct Format {
  int exponent_bits, digits;
  std::uint16_t (*to)(float);
  float (*from)(std::uint16_t);

  std::uint32_t infinity() const { return ((1u << exponent_bits) - 1) << digits; }
  double value(std::uint32_t magnitude) const {
    const int exponent = static_cast<int>(magnitude >> digits), bias = (1 << (exponent_bits - 1)) - 1;
    const double fraction = static_cast<double>(magnitude & ((1u << digits) - 1));
    return exponent == 0 ? std::ldexp(fraction, 1 - bias - digits)
                         : std::ldexp(fraction + std::ldexp(1.0, digits), exponent - bias - digits);
  }
};

const Format kBf16{8, 7, &to_bf16, &from_bf16};
const Format kFp16{5, 10, &to_fp16, &from_fp16};

/// Wrong roundings of either sign: numbers, ties between neighbours and the floats next to the ties.
std::size_t wrong_roundings(const Format& format, std::uint16_t (*to)(float)) {
  std::size_t wrong = 0;
  const auto check = [&](double x, std::uint32_t expected) {
    wrong += to(static_cast<float>(x)) != expected;
    wrong += to(static_cast<float>(-x)) != (expected | 0x8000u);
  };
  for (std::uint32_t low = 0; low < format.infinity(); ++low) {
    check(format.value(low), low);
    // Above the largest number, an infinity stands where the next number would.
    const double tie = 0.5 * (format.value(low) + format.value(low + 1));
    check(tie, low + (low & 1u));
    check(static_cast<double>(std::nextafter(static_cast<float>(tie), 0.0f)), low);
    check(static_cast<double>(std::nextafter(static_cast<float>(tie), kInfinity)), low + 1);
  }
  check(static_cast<double>(kInfinity), format.infinity());
  check(static_cast<double>(std::numeric_limits<float>::max()), format.infinity());
  return wrong;
}

TEST(Half, EveryPatternIsItsNumberAndComesBack) {
  for (const Format& format : {kBf16, kFp16}) {
    for (std::uint32_t h = 0; h < 0x10000u; ++h) {
      const auto half = static_cast<std::uint16_t>(h);
      const std::uint32_t magnitude = h & 0x7fffu;
      const float x = format.from(half);
      EXPECT_EQ(std::signbit(x), h >= 0x8000u);
      if (magnitude > format.infinity()) {
        EXPECT_TRUE(std::isnan(x));
        EXPECT_EQ(format.to(x), h | 1u << (format.digits - 1)) << "quiet, with its sign and payload";
        continue;
      }
      const double value =
          magnitude == format.infinity() ? static_cast<double>(kInfinity) : format.value(magnitude);
      ASSERT_EQ(std::abs(static_cast<double>(x)), value) << h;
      ASSERT_EQ(format.to(x), h);
    }
  }
}

TEST(Half, RoundsToNearestEven) {
  EXPECT_EQ(wrong_roundings(kBf16, &to_bf16), 0u);
  EXPECT_EQ(wrong_roundings(kFp16, &to_fp16), 0u);
}

std::uint16_t truncated(float x) {
  return static_cast<std::uint16_t>(bits_of(x) >> 16);
}
std::uint16_t ties_away(float x) {
  return std::isinf(x) ? to_bf16(x) : static_cast<std::uint16_t>((bits_of(x) + 0x8000u) >> 16);
}
std::uint16_t bf16_flushed(float x) {
  return std::abs(x) < 0x1p-126f ? static_cast<std::uint16_t>(std::signbit(x) ? 0x8000u : 0u) : to_bf16(x);
}
std::uint16_t fp16_flushed(float x) {
  return std::abs(x) < 0x1p-14f ? static_cast<std::uint16_t>(std::signbit(x) ? 0x8000u : 0u) : to_fp16(x);
}
std::uint16_t saturated(float x) {
  const std::uint16_t half = to_fp16(x);
  return static_cast<std::uint16_t>((half & 0x7fffu) == 0x7c00u && !std::isinf(x) ? half - 1 : half);
}

TEST(Half, TheRoundingCheckCatchesOtherRoundings) {
  EXPECT_GT(wrong_roundings(kBf16, &truncated), 10'000u);
  EXPECT_GT(wrong_roundings(kBf16, &ties_away), 10'000u);
  EXPECT_GT(wrong_roundings(kBf16, &bf16_flushed), 100u);
  EXPECT_GT(wrong_roundings(kFp16, &fp16_flushed), 1'000u);
  EXPECT_GT(wrong_roundings(kFp16, &saturated), 0u);
}

// The whole program is compiled for machines that have these instructions.
TEST(Half, Fp16AgreesWithTheProcessor) {
  const Random random(7, Stream::experiment);
  for (std::uint32_t draw = 0; draw < 250'000; ++draw) {
    for (const std::uint32_t word : random.block(1, 2, draw)) {
      // Half of them with an exponent near the format's range, where something happens.
      const std::uint32_t near = (word & 0x81ffffffu) | 0x36000000u | (word & 0x0c000000u) << 1;
      const float x = std::bit_cast<float>(draw % 2 == 0 ? word : near);
      ASSERT_EQ(to_fp16(x), _cvtss_sh(x, 0)) << std::hexfloat << x;
    }
  }
  for (std::uint32_t h = 0; h < 0x10000u; ++h) {
    const auto half = static_cast<std::uint16_t>(h);
    ASSERT_EQ(bits_of(from_fp16(half)), bits_of(_cvtsh_ss(half))) << h;
  }
}

TEST(Half, NanStaysNan) {
  for (const std::uint32_t word : {0x7f800001u, 0xff800001u, 0x7fbfffffu, 0xffffffffu, 0x7fc00000u}) {
    const float x = std::bit_cast<float>(word);
    for (const Format& format : {kBf16, kFp16}) {
      const float back = format.from(format.to(x));
      EXPECT_TRUE(std::isnan(back));
      EXPECT_EQ(std::signbit(back), word >> 31 != 0);
      EXPECT_NE(bits_of(back) & 0x00400000u, 0u) << "quiet";
    }
  }
}

TEST(HalfWeights, AreMeasured) {
  // bf16 keeps 8 digits: 1 + 2⁻⁸ is a tie and falls to 1, 1 + 3·2⁻⁸ rises to 1 + 2⁻⁶; 2 and 0.5 stay.
  const Model model =
      Model::unpack(MlpShape{{2, 2}}, std::vector<float>{1 + 0x1p-8f, 2, 0.5f, 1 + 3 * 0x1p-8f, 0.1f, 0.2f});
  const Model half = rounded(model, nn::Format::bf16);
  EXPECT_EQ(half.packed(), (std::vector<float>{1, 2, 0.5f, 1 + 0x1p-6f, 0.1f, 0.2f})) << "biases stay";
  EXPECT_EQ(conversion_error(model, half).max_abs, 0x1p-8);
  EXPECT_EQ(conversion_error(model, half).rms, std::sqrt(2 * 0x1p-16 / 4));
  EXPECT_EQ(conversion_error(model, rounded(model, nn::Format::fp16)).max_abs, 0.0);
}

TEST(HalfWeights, AnOverflowIsInfinitelyFar) {
  const Model model = Model::unpack(MlpShape{{1, 1}}, std::vector<float>{1e6f, 0});
  const Model half = rounded(model, nn::Format::fp16);
  EXPECT_EQ(half.weight(0, 0, 0), kInfinity);
  EXPECT_EQ(conversion_error(model, half).max_abs, static_cast<double>(kInfinity));
  EXPECT_EQ(conversion_error(model, half).rms, static_cast<double>(kInfinity));
}

}  // namespace
}  // namespace swarm::nn
