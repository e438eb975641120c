#include "agents/nn/quantise.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sim/core/errors.hpp"
#include "tests/unit/nn/nets.hpp"

namespace swarm::nn {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

template <class Q>
std::vector<Q> quantised(const std::vector<float>& x, const Affine& affine) {
  std::vector<Q> q(x.size());
  quantise_linear(x, affine, q);
  return q;
}

TEST(Affine, FollowsTheExampleOfOnnx) {
  // The example of DynamicQuantizeLinear: x = 0, 2, −3, −2.5, 1.34, 0.5; scale 5/255 = 0.0196078438, zero
  // point 153.
  const std::vector<float> x{0, 2, -3, -2.5f, 1.34f, 0.5f};
  const Affine affine = affine_of(x);
  EXPECT_EQ(affine, (Affine{5.0f / 255.0f, 153}));
  EXPECT_EQ(quantised<std::uint8_t>(x, affine), (std::vector<std::uint8_t>{153, 255, 0, 26, 221, 179}));
}

TEST(Affine, TheRangeIsWidenedToContainZero) {
  EXPECT_EQ(affine_of(std::vector<float>{1, 5.1f}), (Affine{5.1f / 255.0f, 0}));
  EXPECT_EQ(affine_of(std::vector<float>{-5.1f, -1}), (Affine{5.1f / 255.0f, 255}));
}

TEST(Affine, TheZeroPointIsRoundedTiesToEven) {
  EXPECT_EQ(affine_of_range(-1, 254), (Affine{1, 1}));
  EXPECT_EQ(affine_of_range(-0.5f, 254.5f).zero_point, 0);
  EXPECT_EQ(affine_of_range(-1.5f, 253.5f).zero_point, 2);
}

TEST(Affine, WhatOnnxLeavesOpenIsDefined) {
  EXPECT_EQ(affine_of({}), (Affine{1, 0}));
  EXPECT_EQ(affine_of(std::vector<float>{0, -0.0f}), (Affine{1, 0}));
  EXPECT_EQ(affine_of(std::vector<float>{kNan, -1, 2, kNan}), affine_of_range(-1, 2));
  EXPECT_EQ(affine_of_range(kNan, kNan), (Affine{1, 0}));
  const Affine widest{0x1p127f / 255.0f, 127};  // −low/scale is just below 127.5, as 1/255 is rounded up
  EXPECT_EQ(affine_of_range(-kInfinity, kInfinity), widest);
  EXPECT_EQ(affine_of_range(-3e38f, 3e38f), widest);
  const float smallest = std::numeric_limits<float>::min();
  EXPECT_EQ(affine_of_range(0, 255 * smallest), (Affine{smallest, 0}));
  EXPECT_EQ(affine_of_range(0, 254 * smallest), (Affine{1, 0}));
}

TEST(Affine, UnusableOnesAreRefused) {
  EXPECT_NO_THROW(require_usable({0.5f, 0}));
  EXPECT_NO_THROW(require_usable({0.5f, 255}));
  for (const Affine& bad : {Affine{0, 0}, Affine{-1, 0}, Affine{kNan, 0}, Affine{kInfinity, 0},
                            Affine{1e-39f, 0}, Affine{1, -1}, Affine{1, 256}})
    EXPECT_THROW(require_usable(bad), ModelError) << bad.scale << ", " << bad.zero_point;
}

TEST(QuantiseLinear, TiesGoToEvenAndTheRestSaturates) {
  const std::vector<float> x{1, 3, 5, -1, -3, 400, -400, kInfinity, -kInfinity, kNan, 1e-45f};
  EXPECT_EQ(quantised<std::uint8_t>(x, {2, 3}),
            (std::vector<std::uint8_t>{3, 5, 5, 3, 1, 203, 0, 255, 0, 0, 3}));
  EXPECT_EQ(quantised<std::int8_t>(x, {2, -1}),
            (std::vector<std::int8_t>{-1, 1, 1, -1, -3, 127, -128, 127, -128, -128, -1}));
}

TEST(QuantiseLinear, EveryNumberComesBack) {
  for (const int zero_point : {0, 7, 128, 255}) {
    const Affine affine{0.37f, zero_point};
    std::vector<std::uint8_t> q(256);
    for (std::size_t i = 0; i < 256; ++i) q[i] = static_cast<std::uint8_t>(i);
    std::vector<float> x(256);
    dequantise_linear(q, affine, x);
    EXPECT_EQ(x[10], static_cast<float>(10 - zero_point) * 0.37f);
    EXPECT_EQ(quantised<std::uint8_t>(x, affine), q);
  }
  const std::vector<std::int8_t> q{-128, -1, 0, 127};
  std::vector<float> x(4);
  dequantise_linear(q, {0.5f, -3}, x);
  EXPECT_EQ(x, (std::vector<float>{-62.5f, 1, 1.5f, 65}));
}

TEST(QuantiseWeights, ByHand) {
  // Outputs: 12.7, −6.35, 0.15 / ±7 (7 steps of 1) / zeros. 0.15/0.1 = 1.5 rounds to even.
  const std::vector<float> w{12.7f, 3.5f, 0, -6.35f, -7, -0.0f, 0.15f, 2.5f, 0};
  const IntegerWeights eight = quantise_weights(w, 3, 3, IntegerFormat::int8);
  EXPECT_EQ(eight.scale, (std::vector<float>{12.7f / 127.0f, 7.0f / 127.0f, 1}));
  EXPECT_EQ(eight.values[0], 127);
  EXPECT_EQ(eight.values[4], -127);
  EXPECT_EQ(eight.values[8], 0);
  const IntegerWeights four = quantise_weights(w, 3, 3, IntegerFormat::int4);
  EXPECT_EQ(four.scale, (std::vector<float>{12.7f / 7.0f, 1, 1}));
  EXPECT_EQ(four.values, (std::vector<std::int8_t>{7, 4, 0, -4, -7, 0, 0, 2, 0}));  // 3.5 → 4, 2.5 → 2
}

TEST(QuantiseWeights, OutputsTooSmallForAScaleAreZero) {
  const IntegerWeights tiny =
      quantise_weights(std::vector<float>{1e-39f, 1, 1e-38f, 2}, 2, 2, IntegerFormat::int8);
  EXPECT_EQ(tiny.scale[0], 1);
  EXPECT_EQ(tiny.values, (std::vector<std::int8_t>{0, 64, 0, 127}));  // 63.5 is a tie
  const float largest = std::numeric_limits<float>::max();
  const IntegerWeights huge =
      quantise_weights(std::vector<float>{largest, -largest}, 2, 1, IntegerFormat::int4);
  EXPECT_EQ(huge.values, (std::vector<std::int8_t>{7, -7}));
}

TEST(QuantiseWeights, WhatCannotBeConvertedIsRefused) {
  EXPECT_THROW(quantise_weights(std::vector<float>(5), 2, 3, IntegerFormat::int8), ModelError);
  for (const float bad : {kNan, kInfinity, -kInfinity})
    EXPECT_THROW(quantise_weights(std::vector<float>{1, bad}, 1, 2, IntegerFormat::int8), ModelError);
  EXPECT_TRUE(quantise_weights({}, 0, 3, IntegerFormat::int4).values.empty());
}

TEST(ConversionError, ByHand) {
  // Scale 1: differences 0, 0.25, −0.5 (2.5 → 2 would be +0.5), 0.
  const std::vector<float> w{7, 1.25f, 3.5f, -4};
  const ConversionError error = conversion_error(w, quantise_weights(w, 4, 1, IntegerFormat::int4));
  EXPECT_DOUBLE_EQ(error.max_abs, 0.5);
  EXPECT_DOUBLE_EQ(error.rms, std::sqrt((0.0625 + 0.25) / 4));
  EXPECT_DOUBLE_EQ(error.relative, std::sqrt((0.0625 + 0.25) / (49 + 1.5625 + 12.25 + 16)));
  const ConversionError none = conversion_error({}, quantise_weights({}, 0, 0, IntegerFormat::int4));
  EXPECT_EQ(none.max_abs + none.rms + none.relative, 0);
}

TEST(ConversionError, IsThatOfUniformRounding) {
  // The rounding error of a weight is uniform in ±scale/2, so its root mean square is scale/√12. Over 40,000
  // weights the standard error of a mean square is √(4/5/40,000) = 0.45 %, of its root half that; 1 % is over
  // four of them.
  const std::size_t in = 400, out = 100;
  const std::vector<float> w = test::noise(in * out, 5);
  for (const IntegerFormat format : {IntegerFormat::int8, IntegerFormat::int4}) {
    const IntegerWeights converted = quantise_weights(w, in, out, format);
    double squares = 0, largest = 0;
    for (const float scale : converted.scale) {
      squares += static_cast<double>(scale) * static_cast<double>(scale) / 12 / static_cast<double>(out);
      largest = std::max(largest, static_cast<double>(scale));
    }
    const ConversionError error = conversion_error(w, converted);
    EXPECT_NEAR(error.rms / std::sqrt(squares), 1, 0.01);
    EXPECT_LE(error.max_abs, largest * (0.5 + 1e-5));  // and the rounding of w/scale itself, below 127·2^-24
    EXPECT_NEAR(error.relative, error.rms * std::sqrt(3), 0.01 * error.relative);  // U(−1, 1) has 1/√3
    RecordProperty(format == IntegerFormat::int8 ? "relative_int8" : "relative_int4",
                   std::to_string(error.relative));
    // Cutting off instead of rounding would double it: the mean square of U(0, 1) is 1/3, of U(−1/2, 1/2)
    // 1/12.
    IntegerWeights cut = converted;
    for (std::size_t i = 0; i < w.size(); ++i)
      cut.values[i] = static_cast<std::int8_t>(w[i] / converted.scale[i % out]);
    EXPECT_NEAR(conversion_error(w, cut).rms / std::sqrt(squares), 2, 0.02);
  }
}

}  // namespace
}  // namespace swarm::nn
