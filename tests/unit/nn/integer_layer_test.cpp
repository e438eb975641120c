#include "agents/nn/integer_layer.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "sim/core/errors.hpp"
#include "tests/unit/nn/nets.hpp"

namespace swarm::nn {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

IntegerWeights weights_of(IntegerFormat format, std::size_t in, std::size_t out,
                          std::vector<std::int8_t> values, std::vector<float> scale) {
  return {format, in, out, std::move(values), std::move(scale)};
}

/// Rows of bytes as the layers want them: 16-byte steps.
struct Rows {
  std::size_t stride, n;
  std::vector<std::uint8_t> q;

  Rows(std::size_t rows, std::size_t columns) : stride(padded(columns)), n(rows), q(rows * stride) {}
  ByteRows view() const { return {.q = q.data(), .stride = stride, .n = n}; }
};

TEST(IntegerLayer, ByHand) {
  // x: scale 0.5, zero point 10; q = (12, 9, 10) is (1, −0.5, 0). Weights (3, −7; −2, 5; 7, 7), scales 0.25
  // and 2. Sums: 2·3 + (−1)(−2) + 0 = 8 and 2·(−7) + (−1)·5 = −19. y: 8·0.125 + 1 = 2; −19·1 + 0.5 = −18.5,
  // relu 0.
  for (const Isa set : test::supported_sets())
    for (const IntegerFormat format : {IntegerFormat::int8, IntegerFormat::int4}) {
      const test::Forced forced(set);
      IntegerLayer layer(weights_of(format, 3, 2, {3, -7, -2, 5, 7, 7}, {0.25f, 2}),
                         std::vector<float>{1, 0.5f});
      Rows rows(1, 3);
      std::copy_n(std::vector<std::uint8_t>{12, 9, 10}.data(), 3, rows.q.data());
      std::vector<std::int32_t> sums(2);
      std::vector<float> y(2);
      std::vector<std::uint8_t> q(16);
      EXPECT_THROW(integer_sums(layer, rows.view(), sums.data(), 2), ModelError);
      layer.calibrate({0.5f, 10});
      integer_sums(layer, rows.view(), sums.data(), 2);
      EXPECT_EQ(sums, (std::vector<std::int32_t>{8, -19}));
      forward(layer, rows.view(), Activation::none, y.data(), 2, 2);
      EXPECT_EQ(y, (std::vector<float>{2, -18.5f}));
      forward(layer, rows.view(), Activation::relu, y.data(), 2, 2);
      EXPECT_EQ(y, (std::vector<float>{2, 0}));
      forward_bytes(layer, rows.view(), Activation::none, {0.5f, 40}, q.data(), 16);
      EXPECT_EQ(q[0], 44);
      EXPECT_EQ(q[1], 3);
      forward_bytes(layer, rows.view(), Activation::relu, {0.5f, 40}, q.data(), 16);
      EXPECT_EQ(q[1], 40);
      forward_bytes(layer, rows.view(), Activation::relu, {0.5f, 0}, q.data(), 16);
      EXPECT_EQ(q[0], 4);
      EXPECT_EQ(q[1], 0);
      // The same with the row's own range, twice as coarse and another zero: (q − 8): 4, 1, 2.
      const float scale = 1.0f;
      const std::int32_t zero_point = 8;
      ByteRows own = rows.view();
      own.scale = &scale;
      own.zero_point = &zero_point;
      forward(layer, own, Activation::none, y.data(), 2, 2);
      EXPECT_EQ(y, (std::vector<float>{24 * 0.25f + 1, -9 * 2 + 0.5f}));
    }
}

TEST(IntegerLayer, NumbersOfWeightsAreChecked) {
  const std::vector<float> one{1};
  const auto make = [&](IntegerWeights weights, std::vector<float> bias) { IntegerLayer(weights, bias); };
  EXPECT_NO_THROW(make(weights_of(IntegerFormat::int8, 1, 1, {-128}, one), one));
  EXPECT_NO_THROW(make(weights_of(IntegerFormat::int4, 1, 1, {-8}, one), one));
  EXPECT_THROW(make(weights_of(IntegerFormat::int4, 1, 1, {8}, one), one), ModelError);
  EXPECT_THROW(make(weights_of(IntegerFormat::int4, 1, 1, {-9}, one), one), ModelError);
  EXPECT_THROW(make(weights_of(IntegerFormat::int8, 1, 1, {1, 2}, one), one), ModelError);
  EXPECT_THROW(make(weights_of(IntegerFormat::int8, 1, 1, {1}, {1, 2}), one), ModelError);
  EXPECT_THROW(make(weights_of(IntegerFormat::int8, 1, 1, {1}, one), {}), ModelError);
  EXPECT_THROW(make(weights_of(IntegerFormat::int8, 0, 1, {}, one), one), ModelError);
  EXPECT_THROW(make(weights_of(IntegerFormat::int8, 1, 0, {}, {}), {}), ModelError);
  for (const float bad : {0.0f, -1.0f, kNan, kInfinity, 1e-39f})
    EXPECT_THROW(make(weights_of(IntegerFormat::int8, 1, 1, {1}, {bad}), one), ModelError) << bad;
  IntegerLayer layer(weights_of(IntegerFormat::int8, 1, 1, {1}, one), one);
  EXPECT_THROW(layer.calibrate({0, 0}), ModelError);
}

TEST(IntegerLayer, TheDeepestSumsFitAndDeeperOnesAreRefused) {
  const std::size_t most = IntegerLayer::kMostInputs;
  const std::vector<float> one{1};
  EXPECT_THROW(
      IntegerLayer(weights_of(IntegerFormat::int8, most + 1, 1, std::vector<std::int8_t>(most + 1), one),
                   one),
      ModelError);
  for (const int weight : {-128, 127})
    for (const int zero_point : {0, 255}) {
      IntegerLayer layer(weights_of(IntegerFormat::int8, most, 1,
                                    std::vector<std::int8_t>(most, static_cast<std::int8_t>(weight)), one),
                         one);
      layer.calibrate({1, zero_point});
      Rows rows(1, most);
      std::fill(rows.q.begin(), rows.q.end(), static_cast<std::uint8_t>(255 - zero_point));
      for (const Isa set : test::supported_sets()) {
        const test::Forced forced(set);
        std::int32_t sum = 0;
        integer_sums(layer, rows.view(), &sum, 1);
        EXPECT_EQ(sum, static_cast<std::int64_t>(most) * (255 - 2 * zero_point) * weight) << enum_name(set);
      }
    }
}

TEST(IntegerLayer, PackedSizeIsAQuarterAndAnEighth) {
  const std::vector<float> bias(128, 0.0f);
  const std::vector<float> w = test::noise(64 * 128, 1);
  const std::size_t constants = 3 * 128 * 4;  // sums, scales, biases
  EXPECT_EQ(IntegerLayer(quantise_weights(w, 64, 128, IntegerFormat::int8), bias).bytes(),
            64u * 128 + constants);
  EXPECT_EQ(IntegerLayer(quantise_weights(w, 64, 128, IntegerFormat::int4), bias).bytes(),
            32u * 128 + constants);
}

TEST(QuantiseRows, NothingIsWrittenForNoRows) {
  IntegerLayer layer(quantise_weights(test::noise(64, 1), 8, 8, IntegerFormat::int8),
                     std::vector<float>(8, 0.0f));
  layer.calibrate({1, 0});
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    quantise_rows(nullptr, 8, 0, 8, {1, 0}, nullptr, 16);
    quantise_rows(nullptr, 8, 0, 8, nullptr, 16, nullptr, nullptr);
    forward(layer, {}, Activation::none, nullptr, 8, 8);
    integer_sums(layer, {}, nullptr, 8);
    forward_bytes(layer, {}, Activation::none, {1, 0}, nullptr, 16);
  }
  EXPECT_THROW(quantise_rows(nullptr, 8, 0, 8, {0, 0}, nullptr, 16), ModelError);
  EXPECT_THROW(forward_bytes(layer, {}, Activation::none, {0, 0}, nullptr, 16), ModelError);
}

TEST(QuantiseRows, UndefinedInputIsDefined) {
  const std::vector<float> x{kNan,  kInfinity, -kInfinity, 1e-45f, -0.0f, 3e9f,
                             -3e9f, 1e20f,     -1e20f,     2.5f,   -1.5f, 0.5f};
  // Widths on both sides of 16 and 64 take other paths through the kernels.
  for (const std::size_t repeats : {1u, 2u, 7u})
    for (const Isa set : test::supported_sets()) {
      const test::Forced forced(set);
      std::vector<float> row;
      std::vector<std::uint8_t> expected;
      for (std::size_t i = 0; i < repeats; ++i) {
        row.insert(row.end(), x.begin(), x.end());
        for (const int v : {0, 255, 0, 100, 100, 255, 0, 255, 0, 102, 98, 100})
          expected.push_back(static_cast<std::uint8_t>(v));
      }
      Rows rows(1, row.size());
      quantise_rows(row.data(), row.size(), 1, row.size(), {1, 100}, rows.q.data(), rows.stride);
      rows.q.resize(row.size());
      EXPECT_EQ(rows.q, expected) << enum_name(set);
      float scale = 0;
      std::int32_t zero_point = 0;
      Rows own(1, row.size());
      quantise_rows(row.data(), row.size(), 1, row.size(), own.q.data(), own.stride, &scale, &zero_point);
      EXPECT_EQ((Affine{scale, zero_point}), affine_of(row));
      EXPECT_EQ(own.q[0], 0);    // NaN
      EXPECT_EQ(own.q[1], 255);  // infinity, beyond the clamped range
      EXPECT_EQ(own.q[3], zero_point);
    }
}

TEST(IntegerForward, NanAndInfinityOfABiasFollowTheRules) {
  IntegerLayer layer(weights_of(IntegerFormat::int8, 1, 4, {1, 1, 1, 1}, {1, 1, 1, 1}),
                     std::vector<float>{kNan, kInfinity, -kInfinity, -kNan});
  layer.calibrate({1, 0});
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    Rows rows(1, 1);
    rows.q[0] = 5;
    std::vector<float> y(4);
    forward(layer, rows.view(), Activation::relu, y.data(), 4, 4);
    EXPECT_TRUE(std::isnan(y[0]));
    EXPECT_EQ(y[1], kInfinity);
    EXPECT_EQ(y[2], 0);
    for (const int zero : {0, 9}) {
      std::vector<std::uint8_t> q(16);
      forward_bytes(layer, rows.view(), Activation::none, {1, zero}, q.data(), 16);
      EXPECT_EQ(q[0], 0);
      EXPECT_EQ(q[1], 255);
      EXPECT_EQ(q[2], 0);
      EXPECT_EQ(q[3], 0);
    }
  }
}

TEST(IntegerForward, WhatIntegersCannotHoldSaturates) {
  // Two outputs are large, by their scale or by their bias, beside two that are not. Few rows and many, as what
  // is worth finding out about a layer may depend on that.
  struct Large {
    float scale, bias, unit;
  };
  for (const Large& large : {Large{1, 1e4f, 1}, {1, 3e6f, 1}, {1, 5e6f, 1}, {1, 1e9f, 1}, {1, 3e9f, 1}, {1, 1e20f, 1},
                             {1, kInfinity, 1}, {0x1p120f, kInfinity, 0x1p120f}, {0x1p-90f, 0x1p-58f, 0x1p-90f},
                             {1e6f, 0, 1}, {1e9f, 0, 1}, {1e20f, 0, 1}}) {
    IntegerLayer layer(
        weights_of(IntegerFormat::int8, 1, 4, {1, -1, 1, -1}, {large.scale, large.scale, large.unit, large.unit}),
        std::vector<float>{large.bias, -large.bias, 0, 0});
    layer.calibrate({1, 0});
    for (const Isa set : test::supported_sets())
      for (const std::size_t n : {1u, 7u, 8u, 40u}) {
        const test::Forced forced(set);
        Rows rows(n, 1);
        for (std::size_t r = 0; r < n; ++r) rows.q[r * rows.stride] = 5;
        std::vector<std::uint8_t> q(n * 16);
        forward_bytes(layer, rows.view(), Activation::none, {large.unit, 9}, q.data(), 16);
        for (std::size_t r = 0; r < n; ++r)
          EXPECT_EQ((std::vector<int>{q[16 * r], q[16 * r + 1], q[16 * r + 2], q[16 * r + 3]}),
                    (std::vector<int>{255, 0, 14, 4}))
              << enum_name(set) << ", " << large.scale << ", " << large.bias << ", row " << r << " of " << n;
      }
  }
}

TEST(IntegerForward, NothingBesideTheColumnsIsWritten) {
  for (const Isa set : test::supported_sets())
    for (const std::size_t out : {1u, 10u, 17u, 64u, 100u}) {
      const test::Forced forced(set);
      IntegerLayer layer(quantise_weights(test::noise(7 * out, 3), 7, out, IntegerFormat::int8),
                         std::vector<float>(out, 1.0f));
      layer.calibrate({1, 3});
      const Rows rows(13, 7);
      const std::size_t stride = out + 3;
      std::vector<float> y(13 * stride, 77.0f);
      std::vector<std::int32_t> sums(13 * stride, 77);
      forward(layer, rows.view(), Activation::none, y.data(), stride, out);
      integer_sums(layer, rows.view(), sums.data(), stride);
      for (std::size_t i = 0; i < y.size(); ++i) {
        EXPECT_EQ(y[i] == 77.0f, i % stride >= out) << i;
        EXPECT_EQ(sums[i] == 77, i % stride >= out) << i;
      }
    }
}

}  // namespace
}  // namespace swarm::nn
