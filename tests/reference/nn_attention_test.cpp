#include <gtest/gtest.h>

#include <bit>

#include "tests/unit/nn/naive_attention.hpp"

// Attention against plain loops: every bit in single precision, and rounding alone against double precision.
namespace swarm::nn {
namespace {

using test::AttentionCase;
using test::AttentionFault;

constexpr std::uint64_t kCases = 2000;

std::size_t different_bits(const std::vector<float>& a, const std::vector<float>& b) {
  std::size_t count = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    count += std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i]);
  return count;
}

TEST(NnAttention, EqualsThePlainLoopsBitForBit) {
  for (std::uint64_t n = 0; n < kCases; ++n) {
    const AttentionCase c = test::random_attention(n);
    const std::vector<float> expected = c.naive_forward<float>();
    for (const Isa set : test::supported_sets()) {
      const test::Forced forced(set);
      std::size_t dirty = 0;
      ASSERT_EQ(different_bits(c.forward(dirty), expected), 0u) << enum_name(set) << ", case " << n;
      ASSERT_EQ(different_bits(c.forward(dirty, c.samples), expected), 0u)
          << enum_name(set) << ", kept, case " << n;
      ASSERT_EQ(dirty, 0u) << "padding, case " << n;
    }
  }
}

TEST(NnAttention, BackwardEqualsThePlainLoopsBitForBit) {
  for (std::uint64_t n = 0; n < kCases / 4; ++n) {
    const AttentionCase c = test::random_attention(n);
    const std::vector<float> delta = test::noise(c.x.size(), 5 + n),
                             expected = c.naive_backward<float>(delta);
    for (const Isa set : test::supported_sets()) {
      const test::Forced forced(set);
      std::size_t dirty = 0;
      // A weight of zero adds a zero of either sign, which plain loops and masks may leave out: signs of
      // zeros are free.
      std::vector<float> got = c.backward(delta, dirty), wanted = expected;
      for (std::vector<float>* list : {&got, &wanted})
        for (float& value : *list) value += 0.0f;
      ASSERT_EQ(different_bits(got, wanted), 0u) << enum_name(set) << ", case " << n;
      ASSERT_EQ(dirty, 0u) << "padding, case " << n;
    }
  }
}

TEST(NnAttention, TheBitChecksCatchMutants) {
  for (const AttentionFault fault :
       {AttentionFault::causal_ignored, AttentionFault::causal_off_by_one, AttentionFault::length_ignored,
        AttentionFault::scale_forgotten, AttentionFault::keys_descending, AttentionFault::last_of_equals,
        AttentionFault::top_k_ignored, AttentionFault::softmax_before_top_k, AttentionFault::sum_in_one_part,
        AttentionFault::heads_interleaved}) {
    std::size_t caught = 0;
    for (std::uint64_t n = 0; n < 200; ++n) {
      const AttentionCase c = test::random_attention(n);
      std::size_t dirty = 0;
      caught += different_bits(c.forward(dirty), c.naive_forward<float>(fault)) > 0;
    }
    EXPECT_GT(caught, 15u) << static_cast<int>(fault);
  }
}

double worst_difference(const AttentionCase& c, AttentionFault fault) {
  const std::vector<double> exact = c.naive_forward<double>(fault);
  std::size_t dirty = 0;
  const std::vector<float> y = c.forward(dirty);
  double worst = 0;
  for (std::size_t i = 0; i < y.size(); ++i)
    worst = std::max(worst, std::fabs(static_cast<double>(y[i]) - exact[i]));
  return worst;
}

TEST(NnAttention, AgreesWithDoublePrecision) {
  // Projections are sums of at most 121 terms of at most 0.2 in size, so q, k, v are below 25 and mostly
  // below 3, and off by some 1e-6; scores of at most 24 such products are off by some 1e-5, which is the
  // relative error of weights. Top-k is left out: where two scores are nearly equal the two precisions may
  // keep different keys.
  constexpr double kTolerance = 1e-4;
  std::size_t caught = 0, tested = 0;
  for (std::uint64_t n = 0; n < kCases; ++n) {
    AttentionCase c = test::random_attention(n);
    c.shape.top_k = 0;
    ASSERT_LE(worst_difference(c, AttentionFault::none), kTolerance) << "case " << n;
    if (c.shape.tokens < 2 || c.shape.depth() < 2 || n % 10 != 1) continue;
    ++tested;
    caught += worst_difference(c, AttentionFault::scale_forgotten) > 100 * kTolerance;
  }
  EXPECT_GT(caught, tested * 9 / 10) << "the tolerance is too wide to catch anything";
}

}  // namespace
}  // namespace swarm::nn
