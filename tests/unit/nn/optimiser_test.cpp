#include "agents/nn/optimiser.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "agents/nn/isa/kernels.hpp"
#include "sim/core/errors.hpp"
#include "tests/unit/nn/nets.hpp"

namespace swarm::nn {
namespace {

constexpr std::size_t kParameters = 48;
constexpr float kInfinity = std::numeric_limits<float>::infinity(), kNan = std::numeric_limits<float>::quiet_NaN();

AlignedFloats noise(std::size_t n, std::uint64_t entity) {
  const std::vector<float> values = test::noise(n, entity);
  return {values.begin(), values.end()};
}

std::size_t different_bits(std::span<const float> a, std::span<const float> b) {
  std::size_t count = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    count += std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i]);
  return count;
}

/// Parameters after some steps along gradients that change.
AlignedFloats descended(const Optimiser& optimiser, int steps) {
  AlignedFloats w = noise(kParameters, 1);
  Descent descent(optimiser, kParameters);
  for (int t = 0; t < steps; ++t) {
    descent.begin_step();
    descent.move(0, w, noise(kParameters, 100 + static_cast<std::uint64_t>(t)));
  }
  return w;
}

// First step, g = 1: m = 0.1, v = 0.001, corrected both 1: w = −0.5·1/(√1 + 0.25) = −0.4.
// Second, g = −1: m = 0.9·0.1 − 0.1 = −0.01, corrected by 1 − 0.81 = 0.19: −1/19; v corrected is 1 again:
// w = −0.4 + 0.5/19/1.25 = −0.37894737.
TEST(Adam, TwoStepsByHand) {
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    Descent descent(Adam{.learning_rate = 0.5f, .epsilon = 0.25f}, 16);
    AlignedFloats w(16), g(16, 1.0f);
    descent.begin_step();
    descent.move(0, w, g);
    EXPECT_FLOAT_EQ(w[0], -0.4f);
    g.assign(16, -1.0f);
    descent.begin_step();
    descent.move(0, w, g);
    EXPECT_NEAR(w[15], -0.37894737f, 1e-7f);
    descent.set_learning_rate(0.0f);
    const AlignedFloats still = w;
    descent.begin_step();
    descent.move(0, w, g);
    EXPECT_EQ(w, still);
  }
}

// The first step is −rate·1/(1 + ε) whatever the betas; at ε = 1e-8 that is −rate.
TEST(Adam, TheFirstStepIsOfTheRatesSize) {
  for (const float beta : {0.0f, 0.5f, 0.999f}) {
    Descent descent(Adam{.learning_rate = 0.125f, .beta_1 = beta, .beta_2 = beta}, 16);
    AlignedFloats w(16);
    descent.begin_step();
    descent.move(0, w, AlignedFloats(16, 1.0f));
    EXPECT_NEAR(w[0], -0.125f, 2e-8f) << beta;
  }
}

enum class Fault { none, no_correction, first_uncorrected, epsilon_in_root, no_root, betas_swapped, square_of_mean };

/// Adam as Kingma & Ba's algorithm 1 has it, in double precision.
std::vector<double> plain_adam(const Adam& rule, int steps, Fault fault) {
  const AlignedFloats start = noise(kParameters, 1);
  std::vector<double> w(start.begin(), start.end()), m(kParameters), v(kParameters);
  double beta_1 = static_cast<double>(rule.beta_1), beta_2 = static_cast<double>(rule.beta_2);
  if (fault == Fault::betas_swapped) std::swap(beta_1, beta_2);
  const double rate = static_cast<double>(rule.learning_rate), epsilon = static_cast<double>(rule.epsilon);
  for (int t = 1; t <= steps; ++t) {
    const AlignedFloats g = noise(kParameters, 99 + static_cast<std::uint64_t>(t));
    for (std::size_t i = 0; i < kParameters; ++i) {
      const double gradient = static_cast<double>(g[i]);
      m[i] = beta_1 * m[i] + (1 - beta_1) * gradient;
      v[i] = beta_2 * v[i] + (1 - beta_2) * (fault == Fault::square_of_mean ? m[i] * m[i] : gradient * gradient);
      const bool none = fault == Fault::no_correction;
      const double mean = m[i] / (none || fault == Fault::first_uncorrected ? 1 : 1 - std::pow(beta_1, t)),
                   square = v[i] / (none ? 1 : 1 - std::pow(beta_2, t));
      const double root = fault == Fault::epsilon_in_root ? std::sqrt(square + epsilon)
                          : fault == Fault::no_root       ? square + epsilon
                                                          : std::sqrt(square) + epsilon;
      w[i] -= rate * mean / root;
    }
  }
  return w;
}

double distance(const AlignedFloats& a, const std::vector<double>& b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(static_cast<double>(a[i]) - b[i]));
  return worst;
}

// 60 steps of at most 0.02, each wrong by some 1e-7 of itself, and 60 roundings of a parameter near 1 by 6e-8 at most.
TEST(Adam, AgreesWithAPlainOneAndFaultyOnesDoNot) {
  constexpr double kTolerance = 4e-6;
  const Adam rule{.learning_rate = 0.01f, .epsilon = 1e-3f};
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    const AlignedFloats w = descended(rule, 60);
    EXPECT_LT(distance(w, plain_adam(rule, 60, Fault::none)), kTolerance) << enum_name(set);
    for (int fault = 1; fault <= static_cast<int>(Fault::square_of_mean); ++fault)
      EXPECT_GT(distance(w, plain_adam(rule, 60, static_cast<Fault>(fault))), 100 * kTolerance) << "fault " << fault;
  }
}

/// One step by plain loops, every operation rounded as the kernel's header states; or once more than that.
void plain_step(const isa::AdamStep& job, bool rounded_once_more) {
  for (std::size_t i = 0; i < job.n; ++i) {
    const float g = job.gradient[i];
    float *m = job.mean + i, *v = job.square + i, *w = job.parameters + i;
    *m = rounded_once_more ? job.beta_1 * *m + job.rest_1 * g : std::fma(job.beta_1, *m, job.rest_1 * g);
    *v = std::fma(job.beta_2, *v, job.rest_2 * g * g);
    *w = std::fma(-job.rate, *m * job.unbias_1 / (std::sqrt(*v * job.unbias_2) + job.epsilon), *w);
  }
}

TEST(Adam, EveryBitIsThatOfPlainLoops) {
  constexpr std::size_t kMany = 4096;
  AlignedFloats g = noise(kMany, 5);
  for (std::size_t i = 0; i < kMany; i += 2)
    g[i] = std::ldexp(g[i], static_cast<int>(i % 250) - 149);  // down to denormals
  g[3] = kInfinity;
  g[4] = 1e30f;  // its square is infinite
  std::size_t missed = 0;
  for (const Isa set : test::supported_sets())
    for (const bool mutant : {false, true}) {
      AlignedFloats w = noise(kMany, 6), m = noise(kMany, 7), v = noise(kMany, 8);
      for (float& x : v) x = x * x;
      AlignedFloats plain_w = w, plain_m = m, plain_v = v;
      isa::AdamStep job{.gradient = g.data(),
                        .parameters = w.data(),
                        .mean = m.data(),
                        .square = v.data(),
                        .n = kMany,
                        .rate = 0.003f,
                        .beta_1 = 0.9f,
                        .rest_1 = 0.1f,
                        .beta_2 = 0.999f,
                        .rest_2 = 0.001f,
                        .unbias_1 = 1.7f,
                        .unbias_2 = 23.0f,
                        .epsilon = 1e-8f};
      kernels_of(set).optimiser.adam(job);
      job.parameters = plain_w.data();
      job.mean = plain_m.data();
      job.square = plain_v.data();
      plain_step(job, mutant);
      // Which NaN an invalid operation gives is open: parameter 3 is ∞/∞.
      EXPECT_TRUE(std::isnan(w[3]) && std::isnan(plain_w[3]));
      w[3] = plain_w[3] = 0;
      const std::size_t different =
          different_bits(w, plain_w) + different_bits(m, plain_m) + different_bits(v, plain_v);
      if (mutant)
        missed += different < 300 ? 1 : 0;
      else
        EXPECT_EQ(different, 0u) << enum_name(set);
      EXPECT_EQ(w[4], noise(kMany, 6)[4]) << "an infinite square leaves its parameter where it was";
    }
  EXPECT_EQ(missed, 0u);
}

TEST(Sgd, EveryBitIsThatOfPlainLoops) {
  const Sgd rule{.learning_rate = 0.3f, .momentum = 0.7f};
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    AlignedFloats w = noise(kParameters, 1), v(kParameters);
    AlignedFloats twice = w, v_twice(kParameters);
    for (std::uint64_t t = 0; t < 5; ++t) {
      const AlignedFloats g = noise(kParameters, 100 + t);
      for (std::size_t i = 0; i < kParameters; ++i) {
        v[i] = std::fma(rule.momentum, v[i], g[i]);
        w[i] = std::fma(-rule.learning_rate, v[i], w[i]);
        v_twice[i] = rule.momentum * v_twice[i] + g[i];
        twice[i] -= rule.learning_rate * v_twice[i];
      }
    }
    EXPECT_EQ(different_bits(descended(rule, 5), w), 0u) << enum_name(set);
    EXPECT_GT(different_bits(descended(rule, 5), twice), 5u);
  }
}

// The kernel that computes gradients and takes the step in one go, and the two one after the other.
TEST(Sgd, FusedWithGradientsOrNotItGivesTheSameBits) {
  for (const Isa set : test::supported_sets())
    for (const std::size_t samples : {1u, 7u, 33u})
      for (const std::size_t in : {1u, 5u, 70u})
        for (const std::size_t width : {16u, 64u, 112u}) {
          const AlignedFloats x = noise(samples * in, 1), delta = noise(samples * width, 2);
          const std::size_t n = (in + 1) * width;
          AlignedFloats fused = noise(n, 3), fused_v = noise(n, 4), gradient(n);
          AlignedFloats apart = fused, apart_v = fused_v;
          const isa::Kernels& kernels = kernels_of(set);
          kernels.dense.update({.x = x.data(),
                                .x_stride = in,
                                .delta = delta.data(),
                                .weights = fused.data(),
                                .bias = fused.data() + in * width,
                                .weight_velocity = fused_v.data(),
                                .bias_velocity = fused_v.data() + in * width,
                                .samples = samples,
                                .in = in,
                                .width = width,
                                .rate = 0.05f,
                                .momentum = 0.9f});
          kernels.dense.gradient({.x = x.data(),
                                  .x_stride = in,
                                  .delta = delta.data(),
                                  .delta_stride = width,
                                  .weights = gradient.data(),
                                  .bias = gradient.data() + in * width,
                                  .samples = samples,
                                  .in = in,
                                  .width = width,
                                  .go_on = false});
          kernels.optimiser.sgd({.gradient = gradient.data(),
                                 .parameters = apart.data(),
                                 .velocity = apart_v.data(),
                                 .n = n,
                                 .rate = 0.05f,
                                 .momentum = 0.9f});
          EXPECT_EQ(different_bits(fused, apart) + different_bits(fused_v, apart_v), 0u)
              << enum_name(set) << ", " << samples << " samples, " << in << " × " << width;
        }
}

// What has no gradient stays where it is: padding remains zero.
TEST(Optimisers, LeaveAloneWhatHasNoGradient) {
  for (const Optimiser& optimiser : {Optimiser(Sgd{}), Optimiser(Adam{})}) {
    Descent descent(optimiser, 32);
    AlignedFloats w(16);
    for (int t = 0; t < 3; ++t) {
      descent.begin_step();
      descent.move(16, w, AlignedFloats(16));
    }
    EXPECT_EQ(w, AlignedFloats(16));
  }
}

TEST(Optimisers, RefuseWhatCannotWork) {
  const Optimiser wrong[] = {Sgd{.learning_rate = -0.1f}, Sgd{.learning_rate = kNan}, Sgd{.learning_rate = kInfinity},
                             Sgd{.momentum = 1.0f},       Sgd{.momentum = -0.1f},     Adam{.learning_rate = kNan},
                             Adam{.beta_1 = 1.0f},        Adam{.beta_1 = -0.5f},      Adam{.beta_2 = 1.0f},
                             Adam{.beta_2 = kNan},        Adam{.epsilon = 0.0f},      Adam{.epsilon = kInfinity}};
  for (const Optimiser& optimiser : wrong) EXPECT_THROW(Descent(optimiser, 16), ModelError);
  Descent descent(Adam{}, 16);
  EXPECT_THROW(descent.set_learning_rate(kNan), ModelError);
}

}  // namespace
}  // namespace swarm::nn
