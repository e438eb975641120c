#include "agents/nn/rows.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#include "agents/nn/elementwise.hpp"
#include "tests/unit/nn/nets.hpp"

namespace swarm::nn {
namespace {

using Floats = std::vector<float>;
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
/// Around every boundary of a vector and of the sixteen partial results.
const std::vector<std::size_t> kWidths{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 100, 257};

Rows<const float> read(const Floats& x, std::size_t width) {
  return Rows<const float>::packed(x.data(), x.size() / width, width);
}
Rows<float> write(Floats& x, std::size_t width) {
  return Rows<float>::packed(x.data(), x.size() / width, width);
}

Floats softmax_of(const Floats& x, std::size_t width, const SoftmaxMask& mask = {}) {
  Floats y(x.size(), -77.0f);
  softmax(read(x, width), write(y, width), mask);
  return y;
}

/// Every NaN counts as one.
std::vector<std::uint32_t> bits(const Floats& values) {
  std::vector<std::uint32_t> out;
  for (const float v : values) out.push_back(std::bit_cast<std::uint32_t>(std::isnan(v) ? kNan : v));
  return out;
}

/// On every set in turn.
void on_each_set(const std::function<void()>& check) {
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    SCOPED_TRACE(enum_name(set));
    check();
  }
}

TEST(Softmax, ByHand) {
  on_each_set([] {
    EXPECT_EQ(softmax_of({5.0f}, 1), Floats{1.0f});
    EXPECT_EQ(softmax_of({2, 2, 2, 2}, 4), (Floats{0.25f, 0.25f, 0.25f, 0.25f}));
    const Floats y = softmax_of({0, 0.6931472f, 0, 1.3862944f}, 2);  // 1 : 2 and 1 : 4
    EXPECT_NEAR(y[0], 1.0 / 3, 1e-7);
    EXPECT_NEAR(y[1], 2.0 / 3, 1e-7);
    EXPECT_NEAR(y[2], 0.2, 1e-7);
    EXPECT_NEAR(y[3], 0.8, 1e-7);
    EXPECT_EQ(softmax_of({}, 3), Floats{});
  });
}

/// Whether a softmax of one row depends on differences alone, however large the numbers.
bool only_differences_count(const std::function<Floats(const Floats&)>& f) {
  return f({3e38f, 3e38f}) == Floats{0.5f, 0.5f} && f({-3e38f, -3e38f}) == Floats{0.5f, 0.5f} &&
         f({3e38f, -3e38f, 0.0f}) == Floats{1, 0, 0} && bits(f({1000, 1001, 1002})) == bits(f({-2, -1, 0}));
}

TEST(Softmax, OnlyDifferencesCountHoweverLarge) {
  on_each_set(
      [] { EXPECT_TRUE(only_differences_count([](const Floats& x) { return softmax_of(x, x.size()); })); });
  EXPECT_FALSE(only_differences_count([](const Floats& x) {  // without the shift
    Floats y(x.size());
    exponential(x, y);
    float sum = 0;
    for (const float e : y) sum += e;
    for (float& e : y) e /= sum;
    return y;
  }));
}

TEST(Softmax, SpecialNumbers) {
  on_each_set([] {
    EXPECT_EQ(softmax_of({-kInfinity, 1, 1}, 3), (Floats{0, 0.5f, 0.5f}));
    for (const std::size_t width : kWidths) {
      EXPECT_EQ(softmax_of(Floats(width, -kInfinity), width), Floats(width, 0.0f));
      for (const float bad : {kNan, kInfinity})
        for (const std::size_t at : {std::size_t{0}, width - 1}) {
          Floats x(width, -kInfinity);
          x[at] = bad;
          for (const float y : softmax_of(x, width)) EXPECT_TRUE(std::isnan(y)) << width << " with " << bad;
        }
    }
  });
}

TEST(Softmax, MasksHideWhateverTheElementsHold) {
  on_each_set([] {
    const std::vector<std::uint8_t> allowed{1, 0, 255, 0, 0, 0};
    const Floats x{1, kNan, 1, kInfinity, kNan, 7};
    EXPECT_EQ(softmax_of(x, 3, {.allowed = allowed}), (Floats{0.5f, 0, 0.5f, 0, 0, 0}));
    const std::vector<std::uint32_t> lengths{1, 0};
    EXPECT_EQ(softmax_of(x, 3, {.lengths = lengths}), (Floats{1, 0, 0, 0, 0, 0}));
    const std::vector<std::uint32_t> two{2, 2};
    const std::vector<std::uint8_t> first{0, 1, 1, 1, 0, 1};
    EXPECT_EQ(softmax_of({9, 1, 9, 1, 9, 9}, 3, {.lengths = two, .allowed = first}),
              (Floats{0, 1, 0, 1, 0, 0}));
  });
}

TEST(Softmax, AMaskedRowEqualsAShorterOne) {
  on_each_set([] {
    for (const std::size_t width : kWidths) {
      const Floats x = test::noise(width, width);
      for (std::size_t n = 0; n <= width; n += 1 + n / 3) {
        Floats right = softmax_of(Floats(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(n)),
                                  std::max<std::size_t>(n, 1));
        right.resize(width, 0.0f);
        const std::vector<std::uint32_t> lengths{static_cast<std::uint32_t>(n)};
        std::vector<std::uint8_t> allowed(width, 0);
        std::fill_n(allowed.begin(), n, std::uint8_t{1});
        ASSERT_EQ(bits(softmax_of(x, width, {.lengths = lengths})), bits(right)) << n << " of " << width;
        ASSERT_EQ(bits(softmax_of(x, width, {.allowed = allowed})), bits(right)) << n << " of " << width;
      }
    }
  });
}

TEST(SoftmaxGradient, ByHand) {
  on_each_set([] {
    const Floats y{0.25f, 0.75f, 0, 0}, delta{4, 8, 1, 2};  // Σ delta·y = 7
    Floats gradient(4);
    softmax_gradient(read(y, 2), read(delta, 2), write(gradient, 2));
    EXPECT_EQ(gradient, (Floats{-0.75f, 0.75f, 0, 0}));
  });
}

struct Normed {
  Floats y, means, scales;
};

Normed norm_of(const Floats& x, std::size_t width, const Floats& gain, const Floats& bias, float epsilon) {
  const std::size_t rows = x.size() / width;
  Normed out{Floats(x.size()), Floats(rows), Floats(rows)};
  layer_norm(read(x, width), {.gain = gain, .bias = bias, .epsilon = epsilon}, write(out.y, width),
             {.means = out.means, .scales = out.scales});
  return out;
}

TEST(NormParameters, ByHand) {
  on_each_set([] {
    // mean 3, variance 4, epsilon 0.25 → scale 1/√(4 + 0.25)
    const Normed odd = norm_of({1, 5}, 2, {2, 3}, {10, 20}, 0.25f);
    EXPECT_EQ(odd.means, Floats{3});
    EXPECT_NEAR(odd.scales[0], 0.4850713, 1e-7);
    EXPECT_NEAR(odd.y[0], 10 - 4 * 0.4850713, 2e-6);
    EXPECT_NEAR(odd.y[1], 20 + 6 * 0.4850713, 2e-6);
    // mean 3, variance 2, epsilon 2 → scale 1/2
    const Normed even = norm_of({1, 2, 3, 4, 5}, 5, {1, 1, 1, 2, 1}, {0, 0, 7, 0, 0}, 2.0f);
    EXPECT_EQ(even.y, (Floats{-1, -0.5f, 7, 1, 1}));
    EXPECT_EQ(norm_of({}, 2, {1, 1}, {0, 0}, 1.0f).y, Floats{});
  });
}

TEST(NormParameters, ExtremeRows) {
  on_each_set([] {
    for (const std::size_t width : kWidths) {
      const Floats gain(width, 2.0f), bias(width, 3.0f);
      EXPECT_EQ(norm_of(Floats(width, 0.75f), width, gain, bias, 1e-5f).y, bias);  // constant
      Floats x(width, 1e30f);
      x[0] = -1e30f;
      EXPECT_EQ(norm_of(x, width, gain, bias, 1e-5f).y, bias);  // squares overflow
      x[0] = kNan;
      for (const float y : norm_of(x, width, gain, bias, 1e-5f).y) EXPECT_TRUE(std::isnan(y));
    }
    // A one-pass variance, E x² − (E x)², would be lost here: 4096² + 1 needs 25 bits.
    const Normed far = norm_of({4095, 4097}, 2, {1, 1}, {0, 0}, 1e-5f);
    EXPECT_NEAR(far.y[0], -1, 1e-5);
    EXPECT_NEAR(far.y[1], 1, 1e-5);
  });
}

TEST(LayerNormGradient, AddsToGainAndBiasRowByRow) {
  on_each_set([] {
    const std::size_t width = 33, rows = 6;
    const Floats x = test::noise(rows * width, 1), delta = test::noise(rows * width, 2),
                 gain = test::noise(width, 3);
    const Normed n = norm_of(x, width, gain, gain, 1e-5f);
    const auto run = [&](std::size_t first, std::size_t last, Floats& gradient, Floats& of_gain,
                         Floats& of_bias) {
      const auto part = [&](auto* data) { return data + first * width; };
      Floats means(n.means.begin() + static_cast<std::ptrdiff_t>(first),
                   n.means.begin() + static_cast<std::ptrdiff_t>(last));
      Floats scales(n.scales.begin() + static_cast<std::ptrdiff_t>(first),
                    n.scales.begin() + static_cast<std::ptrdiff_t>(last));
      layer_norm_gradient(Rows<const float>::packed(part(x.data()), last - first, width),
                          {.gain = gain, .bias = gain}, {.means = means, .scales = scales},
                          Rows<const float>::packed(part(delta.data()), last - first, width),
                          {.gradient = Rows<float>::packed(part(gradient.data()), last - first, width),
                           .gain = of_gain,
                           .bias = of_bias});
    };
    Floats whole(rows * width), parts(rows * width), gain_whole(width, 0.5f), gain_parts(width, 0.5f),
        bias_whole(width, 0.5f), bias_parts(width, 0.5f);
    run(0, rows, whole, gain_whole, bias_whole);
    run(0, 2, parts, gain_parts, bias_parts);
    run(2, rows, parts, gain_parts, bias_parts);
    EXPECT_EQ(bits(whole), bits(parts));
    EXPECT_EQ(bits(gain_whole), bits(gain_parts));
    EXPECT_EQ(bits(bias_whole), bits(bias_parts));
    float sum = 0.5f;
    for (std::size_t r = 0; r < rows; ++r) sum += delta[r * width];
    EXPECT_EQ(bias_whole[0], sum);
  });
}

/// All operations on rows with gaps between them, in place or not; the gaps must survive.
std::vector<std::uint32_t> all_operations(std::size_t rows, std::size_t width, bool in_place) {
  const std::size_t stride = width + 3;
  const auto spread = [&](std::uint64_t entity) {
    Floats out(rows * stride, -77.0f);
    const Floats values = test::noise(rows * width, entity);
    for (std::size_t i = 0; i < values.size(); ++i) out[i / width * stride + i % width] = 8 * values[i];
    return out;
  };
  const Floats x = spread(1), delta = spread(2), gain = test::noise(width, 3), bias = test::noise(width, 4);
  const auto in = [&](const Floats& data) { return Rows<const float>{data.data(), rows, width, stride}; };
  const auto out = [&](Floats& data) { return Rows<float>{data.data(), rows, width, stride}; };
  Floats means(rows), scales(rows), gain_gradient(width), bias_gradient(width), all;
  const auto append = [&](const Floats& y) { all.insert(all.end(), y.begin(), y.end()); };
  const auto target = [&](const Floats& from) { return in_place ? from : spread(9); };

  Floats y = target(x);
  softmax(in(in_place ? y : x), out(y));
  append(y);
  Floats gradient = target(delta);
  softmax_gradient(in(y), in(in_place ? gradient : delta), out(gradient));
  append(gradient);
  y = target(x);
  layer_norm(in(in_place ? y : x), {.gain = gain, .bias = bias}, out(y), {.means = means, .scales = scales});
  append(y);
  gradient = target(delta);
  layer_norm_gradient(in(x), {.gain = gain, .bias = bias}, {.means = means, .scales = scales},
                      in(in_place ? gradient : delta),
                      {.gradient = out(gradient), .gain = gain_gradient, .bias = bias_gradient});
  append(gradient);
  for (const Floats& part : {means, scales, gain_gradient, bias_gradient}) append(part);
  for (std::size_t i = 0; i < 4 * rows * stride; ++i)
    EXPECT_TRUE(i % stride < width || all[i] == -77.0f) << "a gap was written";
  return bits(all);
}

TEST(RowOperations, EverySetGivesTheSameBitsInPlaceOrNot) {
  for (const std::size_t width : kWidths) {
    std::vector<std::uint32_t> right;
    on_each_set([&] {
      for (const bool in_place : {false, true}) {
        const std::vector<std::uint32_t> result = all_operations(5, width, in_place);
        if (right.empty()) right = result;
        ASSERT_EQ(result, right) << "width " << width;
      }
    });
  }
}

TEST(RowOperations, InfinitiesGiveTheSameBitsOnEverySet) {
  for (const std::size_t width : kWidths)
    for (const float bad : {kInfinity, -kInfinity, 3e38f, kNan}) {
      Floats x = test::noise(width, 1);
      x[width / 2] = bad;
      x[0] = bad;
      std::vector<std::uint32_t> right;
      on_each_set([&] {
        const Normed n = norm_of(x, width, x, x, 1e-5f);
        Floats all = softmax_of(x, width);
        for (const Floats& part : {n.y, n.means, n.scales}) all.insert(all.end(), part.begin(), part.end());
        if (right.empty()) right = bits(all);
        ASSERT_EQ(bits(all), right) << width << " with " << bad;
      });
    }
}

}  // namespace
}  // namespace swarm::nn
