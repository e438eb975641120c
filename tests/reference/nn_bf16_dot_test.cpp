#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "agents/nn/half.hpp"
#include "agents/nn/network.hpp"
#include "sim/core/errors.hpp"
#include "tests/unit/nn/nets.hpp"

// Networks by the pair instruction of bf16 against double precision, with bounds from the roundings that
// happen.
namespace swarm::nn {
namespace {

/// What the reference does to the numbers it multiplies. Only `rounded` is what the kernel does.
enum class Fault { none, pair_dropped, pair_swapped, truncated, bias_left_out };

double rounded(float x, Fault fault) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  return static_cast<double>(fault == Fault::truncated ? std::bit_cast<float>(bits & 0xffff0000u)
                                                       : from_bf16(to_bf16(x)));
}

constexpr Numerics kDot{Format::bf16_dot};

std::vector<float> fast(const Model& model, const std::vector<float>& x, std::size_t n) {
  Scratch scratch;
  std::vector<float> y(n * model.columns(model.blocks() - 1), 77.0f);
  PackedModel(model, kDot).run(x.data(), y.data(), static_cast<std::uint32_t>(n), scratch);
  return y;
}

/// Outputs of a network of one layer that are further from the reference than the fp32 sum can explain: k
/// terms are added in k steps of at most two roundings each, every one of at most 2⁻²³ of the sum of
/// magnitudes (2⁻²⁴ if it rounds to nearest), and each may flush what is below 2⁻¹²⁶.
std::size_t outside_the_sum(const Model& model, const std::vector<float>& x, const std::vector<float>& y,
                            std::size_t n, Fault fault) {
  const std::size_t in = model.rows(0), out = model.columns(0);
  std::size_t outside = 0;
  for (std::size_t s = 0; s < n; ++s)
    for (std::size_t o = 0; o < out; ++o) {
      double sum = fault == Fault::bias_left_out ? 0.0 : static_cast<double>(model.bias(0)[o]),
             size = std::abs(sum);
      for (std::size_t k = fault == Fault::pair_dropped ? 2 : 0; k < in; ++k) {
        const std::size_t other = fault == Fault::pair_swapped && (k ^ 1) < in ? k ^ 1 : k;
        const double term = rounded(model.weight(0, k, o), fault) * rounded(x[s * in + other], fault);
        sum += term;
        size += std::abs(term);
      }
      const auto roundings = static_cast<double>(2 * in + 2);
      const double bound = roundings * (0x1p-23 * size + 0x1p-126);
      outside += !(std::abs(static_cast<double>(y[s * out + o]) - sum) <= bound);
    }
  return outside;
}

class NnBf16Dot : public testing::Test {
 protected:
  void SetUp() override {
    if (!bf16_dot_supported()) GTEST_SKIP() << "this machine has no such instruction";
  }
};

TEST_F(NnBf16Dot, IsTheSumOfRoundedProductsOnManyShapes) {
  const Random random(7, Stream::experiment);
  for (std::uint32_t trial = 0; trial < 1500; ++trial) {
    const RandomBlock roll = random.block(5, 6, trial);
    constexpr std::array<std::uint32_t, 8> kOdd{7, 33, 100, 64, 128, 1, 2, 65};
    const auto width = [&](std::uint32_t word) {
      return word % 31 == 0 ? 1 + word / 31 % 512 : word % 3 == 0 ? kOdd[word / 3 % 8] : 1 + word / 3 % 48;
    };
    const MlpShape shape{{width(roll[0]), width(roll[1])}};
    const std::uint32_t n = 1 + roll[2] % 70;
    const Model model = test::random_model(shape, trial);
    const std::vector<float> x = test::noise(n * shape.widths.front(), trial);
    ASSERT_EQ(outside_the_sum(model, x, fast(model, x, n), n, Fault::none), 0u)
        << "trial " << trial << ": " << shape.widths[0] << " to " << shape.widths[1] << ", batch of " << n;
  }
}

TEST_F(NnBf16Dot, TheBoundCatchesWrongSums) {
  for (const std::uint32_t in : {7u, 64u}) {
    const Model model = test::random_model({{in, 33}}, 11);
    const std::vector<float> x = test::noise(32 * in, 12);
    const std::vector<float> y = fast(model, x, 32);
    for (const Fault fault :
         {Fault::pair_dropped, Fault::pair_swapped, Fault::truncated, Fault::bias_left_out})
      EXPECT_GT(outside_the_sum(model, x, y, 32, fault), 900u) << static_cast<int>(fault);  // of 1056
  }
}

// Through all layers: an output of layer l is off by what its inputs were off, e, and by the rounding to bf16
// of weights and inputs, u = 2⁻⁸ each: Σ |w|·((1 + u)·(e + u·(|a| + e)) + u·|a|), and by the rounding of the
// fp32 sum.
TEST_F(NnBf16Dot, StaysWithinTheUnitRoundoffOfBf16) {
  constexpr double u = 0x1p-8;
  double worst = 0, typical = 0;
  for (const MlpShape& shape : test::awkward_shapes()) {
    const Model model = test::random_model(shape, 11);
    constexpr std::size_t n = 70;
    const std::vector<float> x = test::noise(n * shape.widths.front(), 12), y = fast(model, x, n);
    for (std::size_t s = 0; s < n; ++s) {
      std::vector<double> a(shape.widths.front()), e(a.size(), 0.0);
      for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<double>(x[s * a.size() + i]);
      for (std::size_t l = 0; l < model.blocks(); ++l) {
        std::vector<double> next(model.columns(l)), bound(next.size());
        for (std::size_t o = 0; o < next.size(); ++o) {
          double size = std::abs(static_cast<double>(model.bias(l)[o]));
          next[o] = static_cast<double>(model.bias(l)[o]);
          for (std::size_t k = 0; k < a.size(); ++k) {
            const auto w = static_cast<double>(model.weight(l, k, o));
            next[o] += w * a[k];
            bound[o] += std::abs(w) * ((1 + u) * (e[k] + u * (std::abs(a[k]) + e[k])) + u * std::abs(a[k]));
            size += std::abs(w) * (1 + u) * (1 + u) * (std::abs(a[k]) + e[k]);
          }
          bound[o] += static_cast<double>(2 * a.size() + 2) * (0x1p-23 * size + 0x1p-126);
          if (l + 1 < model.blocks()) next[o] = std::max(next[o], 0.0);
        }
        a = next;
        e = bound;
      }
      for (std::size_t o = 0; o < a.size(); ++o) {
        const double off = std::abs(static_cast<double>(y[s * a.size() + o]) - a[o]);
        ASSERT_LE(off, e[o]);
        worst = std::max(worst, off / e[o]);
        typical = std::max(typical, off);
      }
    }
  }
  EXPECT_GT(worst, 0.01) << "the bound is too wide to say anything";
  EXPECT_GT(typical, 1e-4) << "nothing was rounded to bf16";
}

TEST_F(NnBf16Dot, ASampleDoesNotSeeItsBatch) {
  const Model model = test::random_model({{33, 100, 7}}, 5);
  const std::vector<float> x = test::noise(140 * 33, 6), all = fast(model, x, 140);
  for (std::size_t n = 0; n <= 140; ++n)
    ASSERT_EQ(fast(model, x, n),
              std::vector<float>(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(7 * n)));
}

TEST_F(NnBf16Dot, InfinitiesAndNanShow) {
  Model model(MlpShape{{2, 3}});
  model.weight(0, 0, 0) = model.weight(0, 1, 1) = 1;
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> y = fast(model, {infinity, 1}, 1);
  EXPECT_EQ(y[0], infinity);
  EXPECT_TRUE(std::isnan(y[1])) << "0 times infinity";
  EXPECT_TRUE(std::isnan(fast(model, {std::nanf(""), 1}, 1)[0]));
}

TEST_F(NnBf16Dot, CountsTwoBytesPerWeightAndHiddenActivation) {
  // macs 25; bytes: 2·25 weights + 4·7 biases; per sample 4·3 in, 2·5 out and in again, 4·2 out
  EXPECT_EQ(pass_cost(MlpShape{{3, 5, 2}}, kDot), (PassCost{25, 50 + 28, 12 + 10 + 10 + 8}));
}

TEST(NnBf16DotAbsent, IsRefused) {
  if (bf16_dot_supported()) GTEST_SKIP() << "this machine has the instruction";
  EXPECT_THROW(Network(MlpShape{{1, 1}}, kDot), ModelError);
}

}  // namespace
}  // namespace swarm::nn
