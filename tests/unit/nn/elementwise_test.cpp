#include "agents/nn/elementwise.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "agents/nn/isa/kernels.hpp"
#include "tests/unit/nn/nets.hpp"

namespace swarm::nn {
namespace {

using Exact = long double;
using Floats = std::vector<float>;
/// A function of whole arrays, as the kernels are.
using Function = std::function<void(const Floats& in, Floats& out)>;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kTiniest = std::numeric_limits<float>::denorm_min();
const std::vector<Activation> kAll{Activation::none, Activation::relu, Activation::tanh, Activation::sigmoid,
                                   Activation::gelu};

Function kernel(Activation f) {
  return [f](const Floats& in, Floats& out) { activate(f, in, out); };
}
const Function kExp = [](const Floats& in, Floats& out) { exponential(in, out); };
/// A wrong function, value by value.
Function each(float (*f)(float)) {
  return [f](const Floats& in, Floats& out) {
    for (std::size_t i = 0; i < in.size(); ++i) out[i] = f(in[i]);
  };
}

Exact exact_exp(Exact x) {
  return std::exp(x);
}
Exact exact_tanh(Exact x) {
  return std::tanh(x);
}
Exact exact_sigmoid(Exact x) {
  return 1 / (1 + std::exp(-x));
}
Exact exact_gelu(Exact x) {
  return x * std::erfc(-x / std::sqrt(Exact{2})) / 2;
}

/// Finite floats in ascending order are consecutive keys; 0 and −0 are 0 and −1.
float from_key(std::int64_t key) {
  return key >= 0 ? std::bit_cast<float>(static_cast<std::uint32_t>(key))
                  : std::bit_cast<float>(0x8000'0000u + static_cast<std::uint32_t>(-key - 1));
}
std::int64_t to_key(float x) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  return bits < 0x8000'0000u ? std::int64_t{bits} : -1 - std::int64_t{bits - 0x8000'0000u};
}

/// Every 2003rd finite float, and 4,000 neighbours of every place where a function changes its form or
/// saturates.
Floats probes() {
  Floats x;
  const std::int64_t last = to_key(std::numeric_limits<float>::max());
  for (std::int64_t key = -last - 1; key <= last; key += 2003) x.push_back(from_key(key));
  for (const float place :
       {0.0f,     0.625f, -0.625f,       9.01f,           -9.01f,          0.3466f,
        -0.3466f, 1.04f,  -1.04f,        88.7228f,        -87.3365f,       -103.972f,
        17.33f,   13.2f,  -13.2f,        -14.36f,         15.0f,           -15.0f,
        -109.0f,  90.0f,  0x1.4cc98p+2f, -0x1.429024p-1f, -0x1.362c52p+2f, -0x1.767752p+2f})
    for (std::int64_t key = to_key(place) - 2000; key < to_key(place) + 2000; ++key)
      x.push_back(from_key(key));
  return x;
}

/// The largest error in units in the last place of the exact result; 2^128 stands for what overflows.
double worst_error(const Function& f, Exact (*exact)(Exact), const Floats& x) {
  Floats y(x.size());
  f(x, y);
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Exact right = exact(static_cast<Exact>(x[i]));
    if (right >= 0x1p128L && y[i] == kInfinity) continue;
    int exponent = 0;
    std::frexp(right, &exponent);
    const Exact ulp = std::ldexp(Exact{1}, std::max(exponent, -125) - 24);
    const Exact got = y[i] == kInfinity ? 0x1p128L : static_cast<Exact>(y[i]);
    worst = std::max(worst, static_cast<double>(std::abs(got - right) / ulp));
  }
  return worst;
}

TEST(Elementwise, ErrorsAreAsStated) {
  const Floats x = probes();
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    EXPECT_LE(worst_error(kExp, exact_exp, x), 0.92) << enum_name(set);
    EXPECT_LE(worst_error(kernel(Activation::tanh), exact_tanh, x), 1.4) << enum_name(set);
    EXPECT_LE(worst_error(kernel(Activation::sigmoid), exact_sigmoid, x), 1.5) << enum_name(set);
    EXPECT_LE(worst_error(kernel(Activation::gelu), exact_gelu, x), 6.6) << enum_name(set);
  }
}

TEST(Elementwise, TheErrorCheckCatchesCommonShortcuts) {
  const Floats x = probes();
  const Function flushed = each([](float v) { return v < -87.4f ? 0.0f : std::exp(v); });
  EXPECT_GT(worst_error(flushed, exact_exp, x), 1e6);
  const Function early = each([](float v) { return v > 88.5f ? kInfinity : std::exp(v); });
  EXPECT_GT(worst_error(early, exact_exp, x), 1e6);
  const Function cancelling = each([](float v) {
    const float e = std::exp(2 * std::min(v, 20.0f));
    return (e - 1) / (e + 1);
  });
  EXPECT_GT(worst_error(cancelling, exact_tanh, x), 1e6);
  const Function from_above = each([](float v) { return 1 - 1 / (1 + std::exp(v)); });
  EXPECT_GT(worst_error(from_above, exact_sigmoid, x), 1e6);
  const Function by_tanh =
      each([](float v) { return 0.5f * v * (1 + std::tanh(0.7978846f * (v + 0.044715f * v * v * v))); });
  EXPECT_GT(worst_error(by_tanh, exact_gelu, x), 1e3);
}

/// How far f of a float is at most below f of the float before it, in steps between neighbours; 0 for never.
std::int64_t deepest_fall(const Function& f, const Floats& x) {
  Floats y(x.size());
  f(x, y);
  std::int64_t deepest = 0;
  for (std::size_t i = 1; i < y.size(); ++i) deepest = std::max(deepest, to_key(y[i - 1]) - to_key(y[i]));
  return deepest;
}

TEST(Elementwise, GrowingFunctionsDoNotFall) {
  std::vector<Floats> runs;
  runs.emplace_back();
  const std::int64_t last = to_key(kInfinity);
  for (std::int64_t key = -last - 1; key <= last; key += 997) runs.back().push_back(from_key(key));
  for (const float start :
       {-103.9f, -88.0f, -9.02f, -3.0f, -0.63f, -0.35f, -1e-3f, 1e-3f, 0.345f, 0.62f, 3.0f, 8.9f, 88.0f}) {
    runs.emplace_back();
    for (std::int64_t i = 0; i < 200'000; ++i) runs.back().push_back(from_key(to_key(start) + i));
  }
  const Function short_series = each([](float v) {  // of e^x, with a seam
    return std::abs(v) < 0.35f ? 1 + v * (1 + v * (0.5f + v / 6)) : std::exp(v);
  });
  const Function uncorrected =
      each([](float v) {  // a sigmoid whose sum is corrected and whose quotient is not
        const float t = std::exp(-std::abs(v)), sum = 1 + t, q = (v < 0 ? t : 1) / sum;
        return std::fma(-q, t - (sum - 1), q);
      });
  std::int64_t fall_of_series = 0, fall_of_uncorrected = 0;
  for (const Floats& x : runs) {
    EXPECT_LE(deepest_fall(kExp, x), 1) << "from " << x.front();
    EXPECT_EQ(deepest_fall(kernel(Activation::tanh), x), 0) << "from " << x.front();
    EXPECT_LE(deepest_fall(kernel(Activation::sigmoid), x), 1) << "from " << x.front();
    fall_of_series = std::max(fall_of_series, deepest_fall(short_series, x));
    fall_of_uncorrected = std::max(fall_of_uncorrected, deepest_fall(uncorrected, x));
  }
  EXPECT_GT(fall_of_series, 1);
  EXPECT_GT(fall_of_uncorrected, 0);
}

float one(const Function& f, float x) {
  Floats y(1);
  f({x}, y);
  return y[0];
}

/// Every NaN counts as one.
std::uint32_t bits_of(float x) {
  return std::bit_cast<std::uint32_t>(std::isnan(x) ? kNan : x);
}

TEST(Elementwise, SpecialValues) {
  struct Case {
    Function f;
    float x, y;
  };
  const Function tanh = kernel(Activation::tanh), sigmoid = kernel(Activation::sigmoid),
                 gelu = kernel(Activation::gelu), relu = kernel(Activation::relu);
  const std::vector<Case> cases{
      {kExp, 0.0f, 1.0f},           {kExp, -0.0f, 1.0f},          {kExp, kInfinity, kInfinity},
      {kExp, -kInfinity, 0.0f},     {kExp, 88.73f, kInfinity},    {kExp, -103.98f, 0.0f},
      {kExp, -103.2f, kTiniest},    {kExp, 1e30f, kInfinity},     {kExp, -1e30f, 0.0f},
      {tanh, 0.0f, 0.0f},           {tanh, -0.0f, -0.0f},         {tanh, kTiniest, kTiniest},
      {tanh, -kTiniest, -kTiniest}, {tanh, 9.02f, 1.0f},          {tanh, -9.02f, -1.0f},
      {tanh, kInfinity, 1.0f},      {tanh, -kInfinity, -1.0f},    {sigmoid, 0.0f, 0.5f},
      {sigmoid, -0.0f, 0.5f},       {sigmoid, 17.4f, 1.0f},       {sigmoid, kInfinity, 1.0f},
      {sigmoid, -103.98f, 0.0f},    {sigmoid, -kInfinity, 0.0f},  {gelu, 0.0f, 0.0f},
      {gelu, -0.0f, -0.0f},         {gelu, kInfinity, kInfinity}, {gelu, -kInfinity, 0.0f},
      {gelu, 3e38f, 3e38f},         {gelu, -14.4f, 0.0f},         {gelu, -3e38f, 0.0f},
      {relu, -0.0f, -0.0f},         {relu, -1.0f, 0.0f},          {relu, kInfinity, kInfinity},
      {relu, -kInfinity, 0.0f},     {relu, kTiniest, kTiniest}};
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    for (const Case& c : cases)
      EXPECT_EQ(bits_of(one(c.f, c.x)), bits_of(c.y)) << enum_name(set) << ", case " << &c - cases.data();
    EXPECT_TRUE(std::isnan(one(kExp, kNan)));
    for (const Activation f : kAll) EXPECT_TRUE(std::isnan(one(kernel(f), kNan)));
  }
}

/// Numbers around 0, far ones, and every kind of special one.
Floats awkward_numbers(std::size_t n, std::uint64_t entity) {
  Floats x = test::noise(n, entity);
  const Floats specials{0.0f,   -0.0f,  kInfinity, -kInfinity, kTiniest, -kTiniest,
                        1e-39f, -88.0f, -103.0f,   88.7f,      -13.5f,   kNan};
  for (std::size_t i = 0; i < n; ++i)
    x[i] = i % 5 == 4 ? specials[i / 5 % specials.size()] : x[i] * (i % 3 == 0 ? 100.0f : 3.0f);
  return x;
}

std::vector<std::uint32_t> bits_of(const Floats& values) {
  std::vector<std::uint32_t> out;
  for (const float v : values) out.push_back(bits_of(v));
  return out;
}

TEST(Elementwise, EverySetPlaceAndLengthGivesTheSameBits) {
  const std::size_t most = 150;
  const Floats x = awkward_numbers(most, 1), delta = test::noise(most, 2);
  for (const Activation f : kAll) {
    Floats value(most), slope(most), power(most);
    {
      const test::Forced forced(Isa::portable);
      for (std::size_t i = 0; i < most; ++i) {
        activate(f, {&x[i], 1}, {&value[i], 1});
        activation_gradient(f, {&x[i], 1}, {&delta[i], 1}, {&slope[i], 1});
        exponential({&x[i], 1}, {&power[i], 1});
      }
    }
    for (const Isa set : test::supported_sets()) {
      const test::Forced forced(set);
      for (std::size_t n = 0; n <= most; n += n < 40 ? 1 : 37) {
        const std::span<const float> in(x.data(), n), flow(delta.data(), n);
        const auto expect = [&](const Floats& right, const auto& fill) {
          Floats y(n + 2, -77.0f);
          fill(std::span<float>(y.data() + 1, n));
          Floats whole{-77.0f};
          whole.insert(whole.end(), right.begin(), right.begin() + static_cast<std::ptrdiff_t>(n));
          whole.push_back(-77.0f);
          ASSERT_EQ(bits_of(y), bits_of(whole)) << enum_name(set) << ", length " << n;
        };
        expect(value, [&](std::span<float> y) { activate(f, in, y); });
        expect(slope, [&](std::span<float> y) { activation_gradient(f, in, flow, y); });
        expect(power, [&](std::span<float> y) { exponential(in, y); });
        expect(value, [&](std::span<float> y) {  // in place
          std::copy(in.begin(), in.end(), y.begin());
          activate(f, y, y);
        });
      }
    }
  }
}

/// One layer on a set's kernels: x is rows × in, weights and biases random, y is rows × columns.
Floats layer(Isa set, Activation f, std::size_t rows, std::size_t in, std::size_t columns) {
  Model model =
      test::random_model({{static_cast<std::uint32_t>(in), static_cast<std::uint32_t>(columns)}}, 5);
  for (float& w : model.data()) w *= 4.0f;
  const Floats x = test::noise(rows * in, 6);
  Floats y(rows * columns);
  kernels_of(set).dense.forward({.x = x.data(),
                                 .x_stride = in,
                                 .weights = model.weights(0).data(),
                                 .bias = model.bias(0).data(),
                                 .y = y.data(),
                                 .y_stride = columns,
                                 .rows = rows,
                                 .in = in,
                                 .width = model.width(0),
                                 .columns = columns,
                                 .activation = f,
                                 .ahead = 0});
  return y;
}

TEST(Elementwise, ALayerAppliesTheSameFunctionToItsSums) {
  for (const auto& [in, columns] :
       {std::pair<std::size_t, std::size_t>{8, 16}, {16, 4}, {1, 1}, {7, 100}, {33, 130}})
    for (const std::size_t rows : {0u, 1u, 2u, 7u, 8u, 13u, 64u}) {
      const Floats sums = layer(Isa::portable, Activation::none, rows, in, columns);
      for (const Activation f : kAll) {
        Floats right(sums.size());
        activate(f, sums, right);
        for (const Isa set : test::supported_sets())
          ASSERT_EQ(bits_of(layer(set, f, rows, in, columns)), bits_of(right))
              << enum_name(set) << ", " << rows << " rows of " << columns;
      }
    }
}

}  // namespace
}  // namespace swarm::nn
