#include "agents/nn/attention.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "sim/core/errors.hpp"
#include "tests/unit/nn/naive_attention.hpp"

namespace swarm::nn {
namespace {

using test::AttentionCase;
using test::AttentionFault;
using Numbers = std::vector<float>;

Numbers identity(std::size_t n, float size = 1.0f) {
  Numbers w(n * n);
  for (std::size_t i = 0; i < n; ++i) w[i * n + i] = size;
  return w;
}

/// Projections that change nothing.
AttentionCase plain(const AttentionShape& shape, Numbers x) {
  AttentionCase c(shape, x.size() / (shape.tokens * shape.width), 1);
  c.x = std::move(x);
  for (std::size_t p = 0; p < 4; ++p) {
    c.w[p] = identity(shape.width);
    c.b[p].assign(shape.width, 0.0f);
  }
  return c;
}

Numbers outputs(const AttentionCase& c) {
  std::size_t dirty = 0;
  Numbers y = c.forward(dirty);
  EXPECT_EQ(dirty, 0u);
  return y;
}

// e and its powers as softmax weights: a score of 1 against 0 gets e / (e + 1).
constexpr float kOneToNone = 0.7310586f;

TEST(Attention, TwoTokensByHand) {
  // Width 1: scores x_i·x_j. Token 0 (x = 1) sees 1 and 0: weight e/(e+1) on 1. Token 1 (x = 0) sees equals.
  const Numbers y = outputs(plain({.tokens = 2}, {1, 0}));
  EXPECT_FLOAT_EQ(y[0], kOneToNone);
  EXPECT_FLOAT_EQ(y[1], 0.5f);
}

TEST(Attention, ScoresAreDividedByTheRootOfAHeadsWidth) {
  // Width 4, one head: score 2·2/√4 = 2 against 0. Two heads of 2: 4/√2. Only channel 0 is not zero.
  const Numbers x{2, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_FLOAT_EQ(outputs(plain({.tokens = 2, .width = 4}, x))[0], 2.0f * 0.8807971f);  // e²/(e² + 1)
  EXPECT_FLOAT_EQ(outputs(plain({.tokens = 2, .width = 4, .heads = 2}, x))[0],
                  2.0f * 0.9441930f);  // e^2.828…
}

TEST(Attention, HeadsKeepToTheirChannels) {
  // Head 0 sees (1, 0), head 1 sees (0, 1): each as two tokens of width 1.
  const Numbers y = outputs(plain({.tokens = 2, .width = 2, .heads = 2}, {1, 0, 0, 1}));
  EXPECT_FLOAT_EQ(y[0], kOneToNone);
  EXPECT_FLOAT_EQ(y[1], 0.5f);
  EXPECT_FLOAT_EQ(y[2], 0.5f);
  EXPECT_FLOAT_EQ(y[3], kOneToNone);
}

TEST(Attention, CausalTokensSeeThemselvesAndWhatIsBefore) {
  const Numbers y = outputs(plain({.tokens = 3, .causal = true}, {0, 1, 5}));
  EXPECT_EQ(y[0], 0.0f);
  EXPECT_FLOAT_EQ(y[1], kOneToNone);
}

TEST(Attention, MaskedKeysAreNotReadWhateverTheyHold) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::uint32_t top_k : {0u, 1u, 3u}) {
    AttentionCase c = plain({.tokens = 3, .top_k = top_k}, {1, 0, nan});
    c.lengths = {2};
    const AttentionCase shorter = plain({.tokens = 2, .top_k = top_k}, {1, 0});
    std::size_t dirty = 0;
    const Numbers y = c.forward(dirty), expected = outputs(shorter);
    EXPECT_EQ(y[0], expected[0]);
    EXPECT_EQ(y[1], expected[1]);
    EXPECT_TRUE(std::isnan(y[2])) << "it asks with NaN";
  }
}

TEST(Attention, AFullyMaskedQueryGivesTheOutputsBias) {
  for (const bool causal : {false, true})
    for (const std::uint32_t top_k : {0u, 2u}) {
      AttentionCase c = plain({.tokens = 3, .top_k = top_k, .causal = causal}, {4, 5, 6, 1, 1, 1});
      c.b[3] = {0.25f};
      c.lengths = {0, 3};
      EXPECT_EQ(outputs(c), (Numbers{0.25f, 0.25f, 0.25f, 1.25f, 1.25f, 1.25f}));
    }
}

TEST(Attention, LengthsBeyondTheTokensMeanAll) {
  AttentionCase c = plain({.tokens = 2}, {1, 0});
  const Numbers all = outputs(c);
  c.lengths = {9};
  EXPECT_EQ(outputs(c), all);
}

/// What the last token gets for keys of these scores; values are told apart by the second channel.
Numbers last_of(const Numbers& scores, const Numbers& values, std::uint32_t top_k) {
  const auto tokens = static_cast<std::uint32_t>(scores.size());
  AttentionCase c =
      plain({.tokens = tokens, .width = 2, .heads = 1, .top_k = top_k}, Numbers(2 * scores.size()));
  c.w[0] = Numbers(4);  // queries are (√2, 0), so a score is the key's first channel
  c.b[0] = {1.4142135f, 0.0f};
  for (std::size_t j = 0; j < scores.size(); ++j) {
    c.x[2 * j] = scores[j];
    c.x[2 * j + 1] = values[j];
  }
  std::size_t dirty = 0;
  const Numbers y = c.forward(dirty);
  return {y.end() - 2, y.end()};
}

TEST(Attention, TopKKeepsTheLargestAndTheFirstAmongEquals) {
  EXPECT_EQ(last_of({1, 3, 2, 3}, {10, 20, 30, 40}, 1)[1], 20.0f) << "the first of two largest";
  EXPECT_EQ(last_of({1, 3, 2, 3}, {10, 20, 30, 40}, 2)[1], 30.0f) << "both largest";
  EXPECT_EQ(last_of({3, 3, 3, 3}, {10, 20, 30, 40}, 2)[1], 15.0f) << "the first two of four";
  EXPECT_EQ(last_of({2, 2, 5, 2}, {10, 20, 30, 40}, 1)[1], 30.0f);
  // Kept 5, 2 and the first 2 weighs e³ : 1 with two kept.
  EXPECT_FLOAT_EQ(last_of({2, 2, 5, 2}, {10, 20, 30, 40}, 2)[1], 10.0f + 20.0f * 0.9525741f);
  EXPECT_EQ(last_of({1, 3, 2, 3}, {10, 20, 30, 40}, 4), last_of({1, 3, 2, 3}, {10, 20, 30, 40}, 0));
  EXPECT_EQ(last_of({1, 3, 2, 3}, {10, 20, 30, 40}, 9), last_of({1, 3, 2, 3}, {10, 20, 30, 40}, 0));
}

TEST(Attention, NanIsNeverKeptBeforeANumberAndShowsWithoutTopK) {
  const float nan = std::numeric_limits<float>::quiet_NaN(),
              infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(last_of({nan, 3, nan, 1}, {10, 20, 30, 40}, 1)[1], 20.0f);
  EXPECT_TRUE(std::isnan(last_of({nan, 3, nan, 1}, {10, 20, 30, 40}, 3)[1]));
  EXPECT_TRUE(std::isnan(last_of({nan, 3, nan, 1}, {10, 20, 30, 40}, 0)[1]));
  EXPECT_EQ(last_of({-infinity, 3, -infinity, -2}, {10, 20, 30, 40}, 1)[1], 20.0f);
}

TEST(Attention, HugeScoresDoNotOverflow) {
  EXPECT_EQ(last_of({1e30f, 0, -1e30f}, {7, 8, 9}, 0)[1], 7.0f);
}

TEST(Attention, OneTokenSeesItself) {
  EXPECT_EQ(outputs(plain({}, {3})), Numbers{3});
  EXPECT_EQ(outputs(plain({.top_k = 1, .causal = true}, {3})), Numbers{3});
}

TEST(Attention, ImpossibleShapesAreRefused) {
  EXPECT_NO_THROW(check(AttentionShape{.tokens = 3, .width = 12, .heads = 4}));
  EXPECT_THROW(check(AttentionShape{.tokens = 3, .width = 12, .heads = 5}), ModelError);
  EXPECT_THROW(check(AttentionShape{.tokens = 0}), ModelError);
  EXPECT_THROW(check(AttentionShape{.width = 0}), ModelError);
  EXPECT_THROW(check(AttentionShape{.heads = 0}), ModelError);
  EXPECT_THROW(AttentionWorkspace(AttentionShape{.width = 12, .heads = 5}), ModelError);
}

TEST(Attention, ASampleDoesNotDependOnItsBatch) {
  for (const std::uint32_t tokens : {1u, 5u, 33u, 70u}) {
    AttentionCase together({.tokens = tokens, .width = 12, .heads = 3, .top_k = tokens / 3}, 9, 3);
    for (std::uint32_t s = 0; s < 9; ++s) together.lengths.push_back(s * tokens / 8);
    const Numbers all = outputs(together);
    AttentionCase alone = together;
    alone.samples = 1;
    for (std::size_t s = 0; s < 9; ++s) {
      const auto begin = static_cast<std::ptrdiff_t>(s * tokens * 12), end = begin + tokens * 12;
      alone.x.assign(together.x.begin() + begin, together.x.begin() + end);
      alone.lengths = {together.lengths[s]};
      EXPECT_EQ(outputs(alone), Numbers(all.begin() + begin, all.begin() + end))
          << tokens << " tokens, sample " << s;
    }
  }
}

TEST(Attention, AnEmptyBatchDoesNothingAndItsGradientIsZero) {
  const AttentionCase c({.tokens = 3, .width = 4, .heads = 2}, 0, 1);
  EXPECT_TRUE(outputs(c).empty());
  std::size_t dirty = 0;
  const Numbers g = c.backward({}, dirty);
  EXPECT_EQ(g, Numbers(4 * (16 + 4)));
}

/// Largest difference between a list of gradients and central differences of Σ y·delta.
double worst_error(const AttentionCase& c, const std::vector<double>& gradient, const Numbers& delta) {
  test::NaiveAttention<double> net = c.naive<double>();
  std::vector<double> x(c.x.begin(), c.x.end());
  const auto loss = [&] {
    double sum = 0;
    for (std::size_t s = 0; s < c.samples; ++s) {
      const std::size_t at = s * c.sample_floats();
      const std::vector<double> y = net.forward(x.data() + at, c.length(s)).y;
      for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * static_cast<double>(delta[at + i]);
    }
    return sum;
  };
  double worst = 0;
  const double* expected = gradient.data();
  const auto compare = [&](std::vector<double>& values) {
    for (double& value : values) {
      const double centre = value, step = 1e-5;
      value = centre + step;
      const double up = loss();
      value = centre - step;
      worst = std::max(worst, std::fabs(*expected++ - (up - loss()) / (2 * step)));
      value = centre;
    }
  };
  for (std::size_t p = 0; p < 4; ++p) {
    compare(net.w[p]);
    compare(net.b[p]);
  }
  compare(x);
  return worst;
}

TEST(Attention, GradientsAgreeWithFiniteDifferencesAndFaultyOnesDoNot) {
  // Sums of some 20 products of numbers up to 3, each off by a few 1e-7; a wrong term is as large as a
  // gradient, 0.01 to 1. Scores of these samples are so far apart that a step never changes which keys are
  // kept.
  constexpr double kTolerance = 2e-5;
  const AttentionShape full{.tokens = 5, .width = 6, .heads = 2},
      causal{.tokens = 5, .width = 6, .heads = 3, .causal = true},
      kept{.tokens = 6, .width = 6, .heads = 2, .top_k = 2},
      both{.tokens = 6, .width = 4, .heads = 1, .top_k = 3, .causal = true};
  for (const AttentionShape& shape : {full, causal, kept, both}) {
    AttentionCase c(shape, 3, 40);
    c.lengths = {shape.tokens, 3, 0};
    const Numbers delta = test::noise(c.x.size(), 41);
    std::size_t dirty = 0;
    for (const Isa set : test::supported_sets()) {
      const test::Forced forced(set);
      const Numbers g = c.backward(delta, dirty);
      EXPECT_LT(worst_error(c, {g.begin(), g.end()}, delta), kTolerance) << enum_name(set);
    }
    for (const AttentionFault fault :
         {AttentionFault::jacobian_without_second_term, AttentionFault::scale_forgotten_backward,
          AttentionFault::value_path_forgotten, AttentionFault::key_path_forgotten})
      EXPECT_GT(worst_error(c, c.naive_backward<double>(delta, fault), delta), 100 * kTolerance)
          << "the check misses fault " << static_cast<int>(fault);
  }
}

TEST(Attention, InputGradientIsOptional) {
  const AttentionCase c({.tokens = 5, .width = 6, .heads = 2}, 3, 1);
  AttentionWorkspace workspace(c.shape, 3);
  const AlignedFloats x = c.spread(c.x, 16), block = c.parameters(),
                      d = c.spread(test::noise(c.x.size(), 2), 16);
  AlignedFloats y(d.size()), dx(d.size()), with(block.size()), without(block.size());
  attention_forward({x.data(), 16, block.data(), nullptr, y.data(), 3}, workspace);
  attention_backward({x.data(), 16, block.data(), nullptr, d.data(), with.data(), dx.data(), 3}, workspace);
  attention_backward({x.data(), 16, block.data(), nullptr, d.data(), without.data(), nullptr, 3}, workspace);
  EXPECT_EQ(with, without);
}

TEST(Attention, WorkByHand) {
  // Four tokens of width 6, two heads; one sample has 3 keys. Causal and top 2: queries keep 1, 2, 2, 2 of 1,
  // 2, 3, 3.
  const AttentionShape shape{.tokens = 4, .width = 6, .heads = 2, .top_k = 2, .causal = true};
  const std::uint32_t length = 3;
  const WorkCount work = attention_cost(shape, 1, std::span(&length, 1));
  EXPECT_EQ(work.macs, 4u * 4 * 36 + 4 * 3 * 6 + 7 * 6);
  const std::uint64_t projections = 3 * (24 + 24), scores = 24 + 18 + 4 * 3 * 2, softmax = (9 + 7) * 2,
                      mix = 7 * 2 + 18 + 24;
  EXPECT_EQ(work.bytes, 4u * (4 * 42 + projections + scores + softmax + mix + 24 + 24));
  // Two samples as one group share the parameters.
  const WorkCount one = attention_cost(shape, 1), two = attention_cost(shape, 2);
  EXPECT_EQ(two.macs, 2 * one.macs);
  EXPECT_EQ(2 * one.bytes - two.bytes, 4u * 4 * 42);
}

}  // namespace
}  // namespace swarm::nn
