#include <gtest/gtest.h>

#include <cmath>

#include "agents/nn/elementwise.hpp"
#include "tests/unit/nn/nets.hpp"

// Slopes of activations against central differences of the functions in double precision.
namespace swarm::nn {
namespace {

double value(Activation f, double x) {
  switch (f) {
    case Activation::none:
      return x;
    case Activation::relu:
      return x > 0 ? x : 0;
    case Activation::tanh:
      return std::tanh(x);
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::gelu:
      return x * std::erfc(-x / std::sqrt(2.0)) / 2;
  }
  return 0;
}

/// The slope by differences of fourth order: with steps of 1e-3 their own error is below 1e-10.
double slope(Activation f, double x) {
  const double h = 1e-3;
  const auto difference = [&](double step) { return (value(f, x + step) - value(f, x - step)) / (2 * step); };
  return (4 * difference(h) - difference(2 * h)) / 3;
}

using Slopes = void (*)(Activation f, std::span<const float> at, std::span<const float> delta,
                        std::span<float> gradient);

/// The largest error of delta·f′ beside |delta| for arguments in (−12, 12), no closer to 0 than the
/// differences reach.
double worst_error(Activation f, Slopes slopes) {
  std::vector<float> x = test::noise(4001, 3), delta = test::noise(4001, 4), gradient(4001);
  for (float& v : x) v = v * 11.9f + (v < 0 ? -0.01f : 0.01f);
  std::vector<float> at = x;
  if (f != Activation::gelu) activate(f, x, at);
  slopes(f, at, delta, gradient);
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double d = static_cast<double>(delta[i]), right = d * slope(f, static_cast<double>(x[i]));
    worst = std::max(worst, std::abs(static_cast<double>(gradient[i]) - right) / std::abs(d));
  }
  return worst;
}

// From a result that is off by 1.4 ulp of 1 (1.7e-7), tanh's slope is off by twice that at most; the product
// adds half an ulp.
constexpr double kBound = 4e-7;

TEST(ActivationGradient, AgreesWithDifferences) {
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    EXPECT_LT(worst_error(Activation::none, activation_gradient), 1e-9);
    EXPECT_LT(worst_error(Activation::relu, activation_gradient), 1e-9);
    EXPECT_LT(worst_error(Activation::tanh, activation_gradient), kBound);
    EXPECT_LT(worst_error(Activation::sigmoid, activation_gradient), kBound);
    EXPECT_LT(worst_error(Activation::gelu, activation_gradient), 2.6e-7);  // 2e-7 stated, and the product
  }
}

void wrong(Activation f, std::span<const float> at, std::span<const float> delta, std::span<float> gradient) {
  for (std::size_t i = 0; i < at.size(); ++i) {
    const double a = static_cast<double>(at[i]);
    double s = 1;
    if (f == Activation::relu) s = a >= 0 ? 1 : 0;                      // open at 0
    if (f == Activation::tanh) s = 1 - a;                               // not squared
    if (f == Activation::sigmoid) s = 1 - a * a;                        // tanh's
    if (f == Activation::gelu) s = std::erfc(-a / std::sqrt(2.0)) / 2;  // Φ without x·φ
    gradient[i] = static_cast<float>(s) * delta[i];
  }
}

TEST(ActivationGradient, DifferencesCatchWrongSlopes) {
  for (const Activation f : {Activation::relu, Activation::tanh, Activation::sigmoid, Activation::gelu})
    EXPECT_GT(worst_error(f, wrong), 0.1) << static_cast<int>(f);
}

TEST(ActivationGradient, ByHand) {
  const auto gradient = [](Activation f, float at, float delta) {
    float g = 0;
    activation_gradient(f, {&at, 1}, {&delta, 1}, {&g, 1});
    return g;
  };
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    EXPECT_EQ(gradient(Activation::none, 9.0f, 3.0f), 3.0f);
    EXPECT_EQ(gradient(Activation::relu, 0.0f, 3.0f), 0.0f);
    EXPECT_EQ(gradient(Activation::relu, 1e-40f, 3.0f), 3.0f);
    EXPECT_EQ(gradient(Activation::tanh, 0.5f, 3.0f), 2.25f);  // 3·(1 − 1/4)
    EXPECT_EQ(gradient(Activation::tanh, -1.0f, 3.0f), 0.0f);
    EXPECT_EQ(gradient(Activation::sigmoid, 0.25f, 3.0f), 0.5625f);  // 3·3/16
    EXPECT_EQ(gradient(Activation::sigmoid, 1.0f, 3.0f), 0.0f);
    EXPECT_EQ(gradient(Activation::gelu, 0.0f, 3.0f), 1.5f);  // 3·Φ(0)
    EXPECT_EQ(gradient(Activation::gelu, 20.0f, 3.0f), 3.0f);
    EXPECT_EQ(gradient(Activation::gelu, -20.0f, 3.0f), 0.0f);
    // where the slope changes its sign it is small, and known within 2e-7: x = −0.7517916
    EXPECT_NEAR(gradient(Activation::gelu, -0.7517916f, 1.0f), 0.0f, 2e-7f);
  }
}

}  // namespace
}  // namespace swarm::nn
