#include "agents/nn/conv.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "sim/core/errors.hpp"
#include "tests/unit/nn/naive_conv.hpp"

namespace swarm::nn {
namespace {

using test::ConvCase;
using test::ConvFault;
using Numbers = std::vector<float>;

/// A case with numbers of one's own: x [length][in], w [out][in of group][tap], b [out].
ConvCase by_hand(const ConvShape& shape, Numbers x, Numbers w, Numbers b) {
  ConvCase c(shape, 1, x.size() / shape.in_channels, padded(shape.in_channels), 1);
  c.x = std::move(x);
  c.w = std::move(w);
  c.b = std::move(b);
  c.fill_parameters();
  return c;
}

Numbers outputs(const ConvCase& c, Activation activation = Activation::none) {
  std::size_t dirty = 0;
  Numbers y = c.forward(dirty, activation);
  EXPECT_EQ(dirty, 0u);
  return y;
}

TEST(Conv, OneChannelByHand) {
  // 1 2 3 4 with taps (1, 10, 100) and bias 1000, a zero on either side.
  const ConvCase c =
      by_hand({.kernel = 3, .pad_left = 1, .pad_right = 1}, {1, 2, 3, 4}, {1, 10, 100}, {1000});
  EXPECT_EQ(outputs(c), (Numbers{1210, 1321, 1432, 1043}));
}

TEST(Conv, StrideDilationAndUnevenPaddingByHand) {
  // Taps (1, 10) two apart, every second position from −1 on: x₋₁, x₁ | x₁, x₃ | x₃, x₅.
  const ConvCase c = by_hand({.kernel = 2, .stride = 2, .dilation = 2, .pad_left = 1, .pad_right = 2},
                             {1, 2, 3, 4, 5}, {1, 10}, {0});
  EXPECT_EQ(outputs(c), (Numbers{20, 42, 4}));
}

TEST(Conv, GroupsByHand) {
  // Two groups of two inputs and one output each.
  const ConvCase c = by_hand({.in_channels = 4, .out_channels = 2, .group = 2}, {1, 2, 3, 4},
                             {1, 10, 100, 1000}, {0.5f, 0.25f});
  EXPECT_EQ(outputs(c), (Numbers{21.5f, 4300.25f}));
}

TEST(Conv, DepthwiseByHandWithRelu) {
  // Two channels, taps (1, 10) and (1, −1): (12, −1), then (23, −1) without the last.
  const ConvCase c = by_hand({.in_channels = 2, .out_channels = 2, .kernel = 2, .group = 2},
                             {2, 5, 1, 6, 2, 7}, {1, 10, 1, -1}, {0, 0.5f});
  EXPECT_EQ(outputs(c), (Numbers{12, -0.5f, 21, -0.5f}));
  EXPECT_EQ(outputs(c, Activation::relu), (Numbers{12, 0, 21, 0}));
}

TEST(Conv, DepthwiseWithAMultiplierByHand) {
  // One input channel feeds two outputs: 3·1, 3·2, 5·10, 5·20.
  const ConvCase c =
      by_hand({.in_channels = 2, .out_channels = 4, .group = 2}, {3, 5}, {1, 2, 10, 20}, {0, 0, 0, 0});
  EXPECT_EQ(outputs(c), (Numbers{3, 6, 50, 100}));
}

TEST(Conv, OutputLengthIsOnnxs) {
  const ConvShape shape{.kernel = 3, .stride = 2, .dilation = 2, .pad_left = 1, .pad_right = 2};
  EXPECT_EQ(output_length(shape, 5), 2u);  // ⌊(5 + 3 − 5)/2⌋ + 1
  EXPECT_EQ(output_length(shape, 2), 1u);
  EXPECT_EQ(output_length({.kernel = 3}, 3), 1u);
  EXPECT_THROW(output_length(shape, 1), ModelError) << "the kernel reaches over 5 positions of 4";
  EXPECT_THROW(output_length({}, 0), ModelError);
}

TEST(Conv, ImpossibleShapesAreRefused) {
  EXPECT_NO_THROW(check(ConvShape{.in_channels = 6, .out_channels = 9, .group = 3}));
  EXPECT_THROW(check(ConvShape{.in_channels = 6, .out_channels = 8, .group = 3}), ModelError);
  EXPECT_THROW(check(ConvShape{.in_channels = 7, .out_channels = 9, .group = 3}), ModelError);
  EXPECT_THROW(check(ConvShape{.in_channels = 0}), ModelError);
  EXPECT_THROW(check(ConvShape{.out_channels = 0}), ModelError);
  EXPECT_THROW(check(ConvShape{.kernel = 0}), ModelError);
  EXPECT_THROW(check(ConvShape{.stride = 0}), ModelError);
  EXPECT_THROW(check(ConvShape{.dilation = 0}), ModelError);
  EXPECT_THROW(check(ConvShape{.group = 0}), ModelError);
}

/// One shape for each way through the code: depthwise; terms side by side in x; gathered; in groups;
/// pointwise.
std::vector<ConvCase> all_ways(std::size_t samples, std::size_t length) {
  const ConvShape depthwise{
      .in_channels = 20, .out_channels = 20, .kernel = 3, .pad_left = 1, .pad_right = 1, .group = 20};
  const ConvShape strided{
      .in_channels = 20, .out_channels = 20, .kernel = 3, .stride = 2, .pad_left = 2, .group = 20};
  const ConvShape first{.in_channels = 1, .out_channels = 70, .kernel = 5, .pad_left = 2, .pad_right = 2};
  const ConvShape groups{.in_channels = 6,
                         .out_channels = 9,
                         .kernel = 3,
                         .dilation = 2,
                         .pad_left = 2,
                         .pad_right = 2,
                         .group = 3};
  const ConvShape pointwise{.in_channels = 20, .out_channels = 33};
  std::vector<ConvCase> out;
  for (const ConvShape& shape : {depthwise, strided}) out.emplace_back(shape, samples, length, 32, 1);
  for (const std::size_t stride : {1u, 16u}) out.emplace_back(first, samples, length, stride, 1);
  out.emplace_back(groups, samples, length, 16, 1);
  out.emplace_back(pointwise, samples, length, 32, 1);
  return out;
}

TEST(Conv, ASampleDoesNotDependOnItsBatch) {
  for (const std::size_t length : {1u, 2u, 7u, 70u}) {
    const std::vector<ConvCase> together = all_ways(5, length);
    std::vector<ConvCase> alone = all_ways(1, length);
    for (std::size_t way = 0; way < alone.size(); ++way) {
      const Numbers all = outputs(together[way]);
      const std::size_t in = together[way].x.size() / 5, out = all.size() / 5;
      for (std::size_t s = 0; s < 5; ++s) {
        alone[way].x.assign(together[way].x.begin() + static_cast<std::ptrdiff_t>(s * in),
                            together[way].x.begin() + static_cast<std::ptrdiff_t>((s + 1) * in));
        const Numbers expected(all.begin() + static_cast<std::ptrdiff_t>(s * out),
                               all.begin() + static_cast<std::ptrdiff_t>((s + 1) * out));
        EXPECT_EQ(test::different_bits(outputs(alone[way]), expected), 0u)
            << "way " << way << ", length " << length;
      }
    }
  }
}

TEST(Conv, AnEmptyBatchDoesNothingAndItsGradientIsZero) {
  for (const ConvCase& c : all_ways(0, 7)) {
    EXPECT_TRUE(outputs(c).empty());
    std::size_t dirty = 0;
    const auto g = c.backward({}, dirty);
    EXPECT_EQ(g.w, Numbers(g.w.size()));
    EXPECT_EQ(g.b, Numbers(g.b.size()));
    EXPECT_EQ(dirty, 0u);
  }
}

TEST(Conv, TermsInThePaddingAreLeftOut) {
  // An infinite tap over a zero of padding would give NaN; a bias of −0 plus a zero would give +0.
  const float infinity = std::numeric_limits<float>::infinity();
  for (const std::uint32_t group : {1u, 2u}) {
    const ConvShape shape{
        .in_channels = group, .out_channels = group, .kernel = 2, .pad_left = 2, .group = group};
    const ConvCase c =
        by_hand(shape, Numbers(group, 3.0f),
                group == 1 ? Numbers{infinity, 1} : Numbers{infinity, 1, infinity, 1}, Numbers(group, -0.0f));
    const Numbers y = outputs(c);
    ASSERT_EQ(y.size(), 2 * group);
    EXPECT_TRUE(y[0] == 0.0f && std::signbit(y[0])) << "no tap inside";
    EXPECT_EQ(y[group], 3.0f) << "the second tap alone";
  }
}

TEST(Conv, NanAndInfinityPass) {
  const float nan = std::numeric_limits<float>::quiet_NaN(),
              infinity = std::numeric_limits<float>::infinity();
  std::size_t dirty = 0;
  const Numbers y = by_hand({}, {nan, -infinity, 1e-40f}, {1}, {0}).forward(dirty, Activation::relu);
  EXPECT_TRUE(std::isnan(y[0]));
  EXPECT_EQ(y[1], 0.0f);
  EXPECT_EQ(y[2], 1e-40f) << "subnormal numbers are kept";
}

/// Largest difference between gradients and central differences of Σ y·delta.
double worst_error(const ConvCase& c, const test::NaiveConv<double>::Gradient& g, const Numbers& delta) {
  test::NaiveConv<double> net = c.naive<double>();
  std::vector<double> x(c.x.begin(), c.x.end());
  const auto loss = [&] {
    const std::vector<double> y = net.forward(x, c.samples, c.length);
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * static_cast<double>(delta[i]);
    return sum;
  };
  double worst = 0;
  const auto compare = [&](std::vector<double>& values, const std::vector<double>& gradient) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double centre = values[i], step = 0.5;  // the loss is linear in each number, so any step is exact
      values[i] = centre + step;
      const double up = loss();
      values[i] = centre - step;
      worst = std::max(worst, std::fabs(gradient[i] - (up - loss()) / (2 * step)));
      values[i] = centre;
    }
  };
  compare(net.w, g.w);
  compare(net.b, g.b);
  compare(x, g.x);
  return worst;
}

TEST(Conv, GradientsAgreeWithFiniteDifferencesAndFaultyOnesDoNot) {
  // Sums of at most 210 terms below 1 that reach some 10, so their rounding stays below 210 · 10 · 2⁻²⁵.
  constexpr double kTolerance = 6e-5;
  for (const ConvCase& c : all_ways(3, 6)) {
    const Numbers delta = test::noise(c.samples * c.positions() * c.shape.out_channels, 9);
    std::size_t dirty = 0;
    const auto g = c.backward(delta, dirty);
    const auto wide = [](const Numbers& v) { return std::vector<double>(v.begin(), v.end()); };
    EXPECT_LT(worst_error(c, {wide(g.w), wide(g.b), wide(g.x)}, delta), kTolerance);
    if (c.shape.kernel == 1) continue;
    const auto mutant =
        c.naive<double>(ConvFault::padding_off_by_one).backward(wide(c.x), wide(delta), c.samples, c.length);
    EXPECT_GT(worst_error(c, mutant, delta), 1000 * kTolerance);
  }
}

TEST(Conv, InputGradientIsOptional) {
  for (const ConvCase& c : all_ways(2, 6)) {
    const Numbers delta = test::noise(c.samples * c.positions() * c.shape.out_channels, 9);
    const AlignedFloats x = ConvCase::spread(c.x, c.shape.in_channels, c.x_stride);
    const AlignedFloats d = ConvCase::spread(delta, c.shape.out_channels, padded(c.shape.out_channels));
    AlignedFloats with(c.parameters.size()), without(c.parameters.size()),
        scratch(conv_backward_scratch(c.shape));
    AlignedFloats dx(c.samples * c.length * padded(c.shape.in_channels));
    conv_backward(c.shape, {x.data(), c.x_stride, c.parameters.data(), d.data(), with.data(), dx.data(),
                            c.samples, c.length, scratch.data()});
    conv_backward(c.shape, {x.data(), c.x_stride, c.parameters.data(), d.data(), without.data(), nullptr,
                            c.samples, c.length, scratch.data()});
    EXPECT_EQ(with, without);
  }
}

TEST(Conv, WorkByHand) {
  // Five positions, taps inside 2 + 3 + 3 + 3 + 2 = 13; two inputs and three outputs per group, two groups.
  const ConvShape shape{
      .in_channels = 4, .out_channels = 6, .kernel = 3, .pad_left = 1, .pad_right = 1, .group = 2};
  const WorkCount work = conv_cost(shape, 5, 10);
  EXPECT_EQ(work.macs, 13u * 2 * 6 * 10);
  EXPECT_EQ(work.bytes, 4u * (3 * 2 * 6 + 6 + 10 * (5 * 4 + 5 * 6)));
}

}  // namespace
}  // namespace swarm::nn
