#include "agents/nn/prune.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "agents/nn/infer.hpp"
#include "sim/core/errors.hpp"
#include "tests/unit/nn/nets.hpp"

namespace swarm::nn {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(PruneWeights, TakesTheSmallestAndAmongEqualsTheFirst) {
  // weights [in][out]: 3, −1, 1 / −1, 2, 1; bias 0.1 0.2 0.3. A share of ½ is 3 of 6.
  Model model = Model::unpack(MlpShape{{2, 3}}, std::vector<float>{3, -1, 1, -1, 2, 1, 0.1f, 0.2f, 0.3f});
  const ConversionError error = prune_weights(model, 0.5);
  EXPECT_EQ(model.packed(), (std::vector<float>{3, 0, 0, 0, 2, 1, 0.1f, 0.2f, 0.3f}));
  EXPECT_FALSE(std::signbit(model.weight(0, 0, 1))) << "a removed weight is +0";
  EXPECT_EQ(error.max_abs, 1.0);
  EXPECT_EQ(error.rms, std::sqrt(3.0 / 6.0));
}

TEST(PruneWeights, EveryLayerLosesItsShareRoundedToNearest) {
  const MlpShape shape{{7, 33, 5}};
  for (const double share : {0.0, 0.001, 0.3, 0.5, 0.9, 1.0}) {
    Model model = test::random_model(shape, 3);
    const std::vector<float> bias(model.bias(1).begin(), model.bias(1).end());
    prune_weights(model, share);
    for (std::size_t l = 0; l < 2; ++l) {
      const std::size_t n = model.rows(l) * model.columns(l);
      std::size_t zeros = 0;
      for (std::size_t i = 0; i < model.rows(l); ++i)
        for (std::size_t o = 0; o < model.columns(l); ++o) zeros += model.weight(l, i, o) == 0.0f;
      EXPECT_EQ(zeros, static_cast<std::size_t>(share * static_cast<double>(n) + 0.5)) << share;
    }
    EXPECT_TRUE(std::equal(bias.begin(), bias.end(), model.bias(1).begin())) << "biases stay";
  }
}

TEST(PruneWeights, WhatStaysIsNotSmallerThanWhatWent) {
  const Model before = test::random_model({{33, 100}}, 4);
  Model after = before;
  const ConversionError error = prune_weights(after, 0.4);
  float largest_gone = 0, smallest_kept = kInfinity;
  double squares = 0;
  for (std::size_t i = 0; i < 33; ++i)
    for (std::size_t o = 0; o < 100; ++o) {
      const float w = std::abs(before.weight(0, i, o));
      if (after.weight(0, i, o) == 0.0f) {
        largest_gone = std::max(largest_gone, w);
        squares += static_cast<double>(w) * static_cast<double>(w);
      } else {
        EXPECT_EQ(after.weight(0, i, o), before.weight(0, i, o));
        smallest_kept = std::min(smallest_kept, w);
      }
    }
  EXPECT_LE(largest_gone, smallest_kept);
  EXPECT_EQ(error.max_abs, static_cast<double>(largest_gone));
  EXPECT_DOUBLE_EQ(error.rms, std::sqrt(squares / 3300.0));
}

TEST(PruneWeights, InfinitiesAndNanGoLast) {
  Model model = Model::unpack(MlpShape{{1, 4}}, std::vector<float>{kNan, -kInfinity, 3e38f, 1, 0, 0, 0, 0});
  EXPECT_EQ(prune_weights(model, 0.5).max_abs, static_cast<double>(3e38f));
  EXPECT_TRUE(std::isnan(model.weight(0, 0, 0)));
  EXPECT_EQ(model.weight(0, 0, 1), -kInfinity);
  EXPECT_EQ(model.weight(0, 0, 2), 0.0f);
  EXPECT_EQ(prune_weights(model, 1.0).rms, static_cast<double>(kInfinity))
      << "a removed NaN is no small change";
  EXPECT_EQ(model.weight(0, 0, 0), 0.0f);
}

/// A network with blocks of every kind.
Architecture every_block() {
  return {{6, 1},
          {Embedding{9, 8}, Positions{}, Attention{2}, LayerNorm{}, DepthwiseConv{3, 1, 1, 1, 1},
           Linear{10, Activation::gelu}, Linear{8}, Flatten{}, Linear{7, Activation::relu}, Linear{4}}};
}

Model random_network(const Architecture& architecture, std::uint64_t entity) {
  Model model(architecture);
  initialise(model, Random(7, Stream::weight_init), entity);
  return model;
}

TEST(PruneWeights, OnlyMatricesLoseWeights) {
  const Model before = random_network(every_block(), 6);
  Model after = before;
  const ConversionError error = prune_weights(after, 0.5);
  ConversionErrorSum expected, mutant;  // the mutant counts blocks that are no matrices
  std::size_t tables = 0;
  for (std::size_t b = 0; b < before.blocks(); ++b) {
    std::size_t zeros = 0;
    for (std::size_t i = 0; i < before.rows(b); ++i)
      for (std::size_t o = 0; o < before.columns(b); ++o) {
        zeros += after.weight(b, i, o) == 0.0f;
        if (before.is_matrix(b)) expected.add(before.weight(b, i, o), after.weight(b, i, o));
        mutant.add(before.weight(b, i, o), after.weight(b, i, o));
      }
    tables += !before.is_matrix(b);
    EXPECT_EQ(zeros, before.is_matrix(b) ? before.rows(b) * before.columns(b) / 2 : 0) << "block " << b;
    EXPECT_TRUE(std::equal(before.bias(b).begin(), before.bias(b).end(), after.bias(b).begin()))
        << "block " << b;
  }
  EXPECT_EQ(tables, 4u);
  EXPECT_EQ(error.rms, expected.result().rms);
  EXPECT_NE(error.rms, mutant.result().rms);
}

TEST(PruneNeurons, RemovesColumnsAndRowsOfTheWeakest) {
  // Hidden neurons: incoming (3, 0), (1, 1), (0, 0); biases 0, 0, 1.4. Norms 3, √2, 1.4: the third goes at ⅓,
  // and would stay (the second going) at ⅔ only if its bias did not count for less than √2.
  const std::vector<float> numbers{3, 1, 0, 0, 1, 0, /*bias*/ 0, 0, 1.4f, /*next*/ 5, 6, 7, /*bias*/ 8};
  const Model model = Model::unpack(MlpShape{{2, 3, 1}}, numbers);
  const NeuronPruning third = prune_neurons(model, 1.0 / 3.0);
  EXPECT_EQ(third.kept, (std::vector<std::vector<std::uint32_t>>{{0, 1}}));
  EXPECT_EQ(third.model.architecture(), Architecture(MlpShape{{2, 2, 1}}));
  EXPECT_EQ(third.model.packed(), (std::vector<float>{3, 1, 0, 1, 0, 0, 5, 6, 8}));
  EXPECT_EQ(third.error.max_abs, 7.0);
  EXPECT_EQ(third.error.rms, std::sqrt(49.0 / 9.0));
  EXPECT_EQ(prune_neurons(model, 2.0 / 3.0).kept, (std::vector<std::vector<std::uint32_t>>{{0}}));
}

TEST(PruneNeurons, TheBiasBelongsToTheNorm) {
  const std::vector<float> numbers{1, 0.5f, /*bias*/ 0, 2, /*next*/ 1, 1, /*bias*/ 0};
  EXPECT_EQ(prune_neurons(Model::unpack(MlpShape{{1, 2, 1}}, numbers), 0.5).kept,
            (std::vector<std::vector<std::uint32_t>>{{1}}));
}

TEST(PruneNeurons, AmongEqualsTheFirstGoesAndOneStays) {
  Model model(MlpShape{{2, 5, 4, 1}});
  const NeuronPruning some = prune_neurons(model, 0.4);
  EXPECT_EQ(some.kept, (std::vector<std::vector<std::uint32_t>>{{2, 3, 4}, {2, 3}}));
  EXPECT_EQ(prune_neurons(model, 1.0).model.architecture(), Architecture(MlpShape{{2, 1, 1, 1}}));
  EXPECT_EQ(prune_neurons(model, 0.0).model.packed(), model.packed());
  EXPECT_EQ(prune_neurons(Model(MlpShape{{3, 2}}), 1.0).model.architecture(), Architecture(MlpShape{{3, 2}})) << "no hidden layer";
}

TEST(PruneNeurons, TheSmallerNetworkIsTheLargerOneWithSilentNeurons) {
  const MlpShape shape{{7, 33, 100, 3}};
  const Model model = test::random_model(shape, 5);
  const NeuronPruning pruned = prune_neurons(model, 0.3);
  EXPECT_EQ(pruned.model.architecture(), Architecture(MlpShape{{7, 23, 70, 3}}));
  std::vector<float> expected;
  const auto all = [](std::size_t n) {
    std::vector<std::uint32_t> index(n);
    for (std::size_t i = 0; i < n; ++i) index[i] = static_cast<std::uint32_t>(i);
    return index;
  };
  const std::vector<std::vector<std::uint32_t>> stays{all(7), pruned.kept[0], pruned.kept[1], all(3)};
  for (std::size_t l = 0; l < 3; ++l) {
    for (const std::uint32_t i : stays[l])
      for (const std::uint32_t o : stays[l + 1]) expected.push_back(model.weight(l, i, o));
    for (const std::uint32_t o : stays[l + 1]) expected.push_back(model.bias(l)[o]);
  }
  EXPECT_EQ(pruned.model.packed(), expected);
}

// Of every_block(), linear layers 10 → 8 and 7 → 4 are pairs: 10 and 7 are hidden, 8 goes through a flatten
// and stays.
TEST(PruneNeurons, HiddenIsWhatPassesFromALinearLayerToTheNext) {
  const Model model = random_network(every_block(), 7);
  const NeuronPruning pruned = prune_neurons(model, 0.3);
  Architecture expected = every_block();
  std::get<Linear>(expected.layers[5]).outputs = 7;
  std::get<Linear>(expected.layers[8]).outputs = 5;
  EXPECT_EQ(pruned.model.architecture(), expected);
  EXPECT_EQ(without_neurons(every_block(), 0.3), expected);
  ASSERT_EQ(pruned.kept.size(), 2u);

  // The smaller network answers like the larger one whose removed neurons pass nothing on; had others been
  // removed, it would not.
  const auto silenced = [&](std::size_t shift) {
    Model silent = model;
    const std::size_t next[] = {9, 11};  // the blocks that read hidden neurons
    for (std::size_t h = 0; h < 2; ++h) {
      const std::size_t n = silent.rows(next[h]);
      std::vector<char> kept(n, 0);
      for (const std::uint32_t k : pruned.kept[h]) kept[(k + shift) % n] = 1;
      for (std::size_t i = 0; i < n; ++i)
        if (kept[i] == 0)
          for (std::size_t o = 0; o < silent.columns(next[h]); ++o) silent.weight(next[h], i, o) = 0.0f;
    }
    return silent;
  };
  const std::vector<float> ids{3, 1, 4, 1, 5, 8};
  const auto outputs = [&](const Model& m) {
    std::vector<float> y(4);
    forward(m, ids.data(), y.data(), 1);
    return y;
  };
  EXPECT_EQ(outputs(pruned.model), outputs(silenced(0))) << "a term of zero changes no sum";
  EXPECT_NE(outputs(pruned.model), outputs(silenced(1))) << "mutant: other neurons";
}

TEST(PruneNeurons, ANetworkWithoutHiddenLayersComesBackAsItIs) {
  const Architecture architecture{{4, 3}, {Linear{5, Activation::relu}, MeanRows{}, Linear{2}}};
  const Model model = random_network(architecture, 8);
  const NeuronPruning pruned = prune_neurons(model, 0.9);
  EXPECT_EQ(pruned.model.architecture(), architecture);
  EXPECT_EQ(pruned.model.packed(), model.packed());
  EXPECT_TRUE(pruned.kept.empty());
  EXPECT_EQ(pruned.error.rms, 0.0);
}

TEST(Prune, RefusesSharesThatAreNone) {
  Model model(MlpShape{{2, 2}});
  for (const double share : {-0.1, 1.1, static_cast<double>(kNan)}) {
    EXPECT_THROW(prune_weights(model, share), ModelError);
    EXPECT_THROW(prune_neurons(model, share), ModelError);
    EXPECT_THROW(without_neurons(model.architecture(), share), ModelError);
  }
}

}  // namespace
}  // namespace swarm::nn
