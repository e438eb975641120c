#include <gtest/gtest.h>

#include <tuple>

#include "agents/nn/isa/kernels.hpp"
#include "tests/unit/nn/naive_conv.hpp"

// Convolution against plain loops: every bit in single precision, and rounding alone against double
// precision.
namespace swarm::nn {
namespace {

using test::ConvCase;
using test::ConvFault;
using test::different_bits;

constexpr std::uint64_t kCases = 3000;

TEST(NnConv, EqualsThePlainLoopsBitForBit) {
  for (std::uint64_t n = 0; n < kCases; ++n) {
    const ConvCase c = test::random_conv(n);
    const std::vector<float> expected = c.naive<float>().forward(c.x, c.samples, c.length);
    for (const Isa set : test::supported_sets()) {
      const test::Forced forced(set);
      std::size_t dirty = 0;
      ASSERT_EQ(different_bits(c.forward(dirty), expected), 0u) << enum_name(set) << ", case " << n;
      ASSERT_EQ(dirty, 0u) << "padding, case " << n;
    }
  }
}

TEST(NnConv, BackwardEqualsThePlainLoopsBitForBit) {
  for (std::uint64_t n = 0; n < kCases; ++n) {
    const ConvCase c = test::random_conv(n);
    const std::vector<float> delta = test::noise(c.samples * c.positions() * c.shape.out_channels, 5 + n);
    const auto expected = c.naive<float>().backward(c.x, delta, c.samples, c.length);
    for (const Isa set : test::supported_sets()) {
      const test::Forced forced(set);
      std::size_t dirty = 0;
      const auto g = c.backward(delta, dirty);
      ASSERT_EQ(different_bits(g.w, expected.w), 0u) << enum_name(set) << ", weights, case " << n;
      ASSERT_EQ(different_bits(g.b, expected.b), 0u) << enum_name(set) << ", biases, case " << n;
      ASSERT_EQ(different_bits(g.x, expected.x), 0u) << enum_name(set) << ", input, case " << n;
      ASSERT_EQ(dirty, 0u) << "padding, case " << n;
    }
  }
}

TEST(NnConv, ManyPositionsCrossThePiecesOfABackwardPass) {
  const ConvCase c(
      {.in_channels = 6, .out_channels = 70, .kernel = 3, .pad_left = 1, .pad_right = 1, .group = 2}, 5, 37,
      16, 3);
  const std::vector<float> delta = test::noise(5 * 37 * 70, 4);
  std::size_t dirty = 0;
  EXPECT_EQ(different_bits(c.backward(delta, dirty).w, c.naive<float>().backward(c.x, delta, 5, 37).w), 0u);
  EXPECT_EQ(different_bits(c.forward(dirty), c.naive<float>().forward(c.x, 5, 37)), 0u);
}

TEST(NnConv, TheBitCheckCatchesMutants) {
  for (const ConvFault fault :
       {ConvFault::padding_off_by_one, ConvFault::taps_backwards, ConvFault::channels_first,
        ConvFault::rounded_twice, ConvFault::bias_last, ConvFault::dilation_ignored}) {
    std::size_t caught = 0;
    for (std::uint64_t n = 0; n < 300; ++n) {
      const ConvCase c = test::random_conv(n);
      std::size_t dirty = 0;
      caught += different_bits(c.forward(dirty), c.naive<float>(fault).forward(c.x, c.samples, c.length)) > 0;
    }
    EXPECT_GT(caught, 100u) << static_cast<int>(fault);
  }
}

/// A sum of n fused terms is off by at most γ = (n + 1)·u / (1 − (n + 1)·u) of the sum of its terms' sizes, u
/// = 2⁻²⁴ (Higham 2002, section 3.1).
double worst_share_of_bound(const ConvCase& c, ConvFault fault) {
  const auto sizes = [](const std::vector<float>& v) {
    std::vector<double> out;
    for (const float value : v) out.push_back(std::fabs(static_cast<double>(value)));
    return out;
  };
  const test::NaiveConv<double> size{c.shape, sizes(c.w), sizes(c.b)};
  const std::vector<double> bound = size.forward(sizes(c.x), c.samples, c.length);
  const std::vector<double> exact =
      c.naive<double>(fault).forward(std::vector<double>(c.x.begin(), c.x.end()), c.samples, c.length);
  std::size_t dirty = 0;
  const std::vector<float> y = c.forward(dirty);
  const double terms =
      static_cast<double>(c.shape.kernel * (c.shape.in_channels / c.shape.group) + 1) * 0x1p-24;
  double worst = 0;
  for (std::size_t i = 0; i < y.size(); ++i)
    worst =
        std::max(worst, std::fabs(static_cast<double>(y[i]) - exact[i]) / (terms / (1 - terms) * bound[i]));
  return worst;
}

TEST(NnConv, AgreesWithDoublePrecisionWithinTheBoundOfASum) {
  std::size_t caught = 0;
  for (std::uint64_t n = 0; n < kCases; ++n) {
    const ConvCase c = test::random_conv(n);
    ASSERT_LE(worst_share_of_bound(c, ConvFault::none), 1.0) << "case " << n;
    caught += worst_share_of_bound(c, ConvFault::padding_off_by_one) > 1.0;
  }
  EXPECT_GT(caught, kCases * 9 / 10) << "the bound is too wide to catch anything";
}

/// Sums of the weight-gradient kernel, in pieces and at once.
TEST(NnDense, GradientEqualsThePlainLoopsBitForBit) {
  for (const auto& [samples, in, out] :
       {std::tuple{1u, 1u, 1u}, {3u, 17u, 33u}, {64u, 20u, 10u}, {31u, 65u, 130u}}) {
    const std::size_t width = padded(out), stride = width + 16;
    const std::vector<float> x = test::noise(samples * in, 1), delta = test::noise(samples * out, 2);
    const AlignedFloats d = ConvCase::spread(delta, out, stride);
    std::vector<float> expected(in * out + out);
    for (std::size_t s = 0; s < samples; ++s)
      for (std::size_t o = 0; o < out; ++o) {
        for (std::size_t i = 0; i < in; ++i)
          expected[i * out + o] = std::fma(x[s * in + i], delta[s * out + o], expected[i * out + o]);
        expected[in * out + o] += delta[s * out + o];
      }
    for (const Isa set : test::supported_sets()) {
      for (const std::size_t piece : {std::size_t{samples}, std::size_t{2}}) {
        AlignedFloats w(in * width, 77.0f), bias(width, 77.0f);
        for (std::size_t first = 0; first < samples; first += piece)
          kernels_of(set).dense.gradient(
              {x.data() + first * in, in, d.data() + first * stride, stride, w.data(), bias.data(),
               std::min<std::size_t>(piece, samples - first), in, width, first > 0});
        std::vector<float> got;
        for (std::size_t i = 0; i < in * out; ++i) got.push_back(w[panel_index(in, width, i / out, i % out)]);
        got.insert(got.end(), bias.begin(), bias.begin() + out);
        EXPECT_EQ(different_bits(got, expected), 0u) << enum_name(set) << ", " << piece << " at a time";
      }
    }
  }
}

}  // namespace
}  // namespace swarm::nn
