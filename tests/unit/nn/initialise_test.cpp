#include "agents/nn/initialise.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/nn/nets.hpp"

namespace swarm::nn {
namespace {

TEST(Initialise, DrawsHeUniformWeightsKeyedByEntity) {
  Model model(MlpShape{{64, 100}}), same(MlpShape{{64, 100}}), other(MlpShape{{64, 100}});
  const Random random(3, Stream::weight_init);
  initialise(model, random, 1);
  initialise(same, random, 1);
  initialise(other, random, 2);
  EXPECT_EQ(model.packed(), same.packed());
  EXPECT_NE(model.packed(), other.packed());
  const double bound = std::sqrt(6.0 / 64.0);
  double square = 0, largest = 0;
  for (std::size_t i = 0; i < 64; ++i)
    for (std::size_t o = 0; o < 100; ++o) {
      const double w = static_cast<double>(model.weight(0, i, o));
      square += w * w;
      largest = std::max(largest, std::fabs(w));
    }
  EXPECT_LE(largest, bound);
  EXPECT_GT(largest, 0.99 * bound);
  // Variance a²/3 = 2/in; its standard error over 6400 draws is √(4/5)/√6400 ≈ 1.1 %; five of them.
  EXPECT_NEAR(square / 6400.0, 2.0 / 64.0, 0.056 * 2.0 / 64.0);
  EXPECT_EQ(model.bias(0)[0], 0.0f);
  // The documented key of weight 5: word 1 of block (layer 0, entity 1, draw 1).
  const double u = uniform_open(random.block(0, 1, 1)[1]);
  EXPECT_EQ(model.weights(0)[5], static_cast<float>(bound * (2 * u - 1)));
}

/// Root mean square and largest size of block b's weights.
struct Spread {
  double deviation = 0, largest = 0;

  Spread(const Model& model, std::size_t b) {
    for (std::size_t r = 0; r < model.rows(b); ++r)
      for (std::size_t c = 0; c < model.columns(b); ++c) {
        const double w = static_cast<double>(model.weight(b, r, c));
        deviation += w * w / static_cast<double>(model.rows(b) * model.columns(b));
        largest = std::max(largest, std::fabs(w));
      }
    deviation = std::sqrt(deviation);
  }
};

// Bounds a of the header. A uniform draw deviates by a/√3; over n draws that is known within 5·√(1/5)/√n, so 2240 of
// them (the fewest here) leave 4.8 %.
TEST(Initialise, EveryLayerHasItsBound) {
  const Architecture a{{40, 1},
                       {Embedding{70, 56}, Positions{}, LayerNorm{}, Attention{2}, DepthwiseConv{40, 1, 1, 0, 0},
                        Linear{64, Activation::tanh}, MeanRows{}, Linear{50}}};
  Model model(a);
  model.data()[0] = 9;  // what was there counts for nothing
  initialise(model, Random(3, Stream::weight_init), 1);
  const auto expect = [&](std::size_t b, double bound) {
    const Spread spread(model, b);
    EXPECT_LE(spread.largest, bound) << "block " << b;
    EXPECT_GT(spread.largest, 0.99 * bound) << "block " << b;
    EXPECT_NEAR(spread.deviation, bound / std::sqrt(3.0), 0.048 * bound / std::sqrt(3.0)) << "block " << b;
  };
  expect(0, std::sqrt(3.0 / 56));  // rows of length near 1
  expect(1, std::sqrt(3.0 / 56));
  for (const std::size_t projection : {3u, 4u, 5u, 6u}) expect(projection, std::sqrt(6.0 / (56 + 56)));
  expect(7, std::sqrt(6.0 / 40));
  expect(8, std::sqrt(6.0 / 56));
  expect(9, std::sqrt(6.0 / 64));
  for (std::size_t c = 0; c < 56; ++c) EXPECT_EQ(model.weight(2, 0, c), 1.0f);
  for (std::size_t b = 0; b < model.blocks(); ++b)
    for (const float offset : model.bias(b)) EXPECT_EQ(offset, 0.0f);
}

// Number 5 of block 4, the keys: word 1 of block (step 4, entity 9, draw 1). Blocks of one layer draw apart.
TEST(Initialise, EveryBlockDrawsUnderItsOwnNumber) {
  Model model({{7, 1}, {Embedding{5, 8}, Positions{}, LayerNorm{}, Attention{2}, MeanRows{}, Linear{2}}});
  const Random random(3, Stream::weight_init);
  initialise(model, random, 9);
  const double u = uniform_open(random.block(4, 9, 1)[1]);
  EXPECT_EQ(model.weight(4, 0, 5), static_cast<float>(std::sqrt(6.0 / 16) * (2 * u - 1)));
  EXPECT_NE(model.weight(3, 0, 5), model.weight(4, 0, 5));
}

TEST(Initialise, KeepsPaddingZero) {
  Model model(
      {{7, 1}, {Embedding{5, 9}, Positions{}, LayerNorm{}, Attention{3}, DepthwiseConv{2, 1, 1, 0, 0}, Linear{2}}});
  initialise(model, Random(3, Stream::weight_init), 1);
  const Model rebuilt = Model::unpack(model.architecture(), model.packed());
  EXPECT_TRUE(std::equal(model.data().begin(), model.data().end(), rebuilt.data().begin()));
}

}  // namespace
}  // namespace swarm::nn
