#include "agents/nn/architecture.hpp"

#include <gtest/gtest.h>

#include "sim/core/errors.hpp"

namespace swarm::nn {
namespace {

using Blocks = std::vector<Block>;

std::string problem(const Architecture& a) {
  try {
    a.extents();
  } catch (const ModelError& e) {
    return e.what();
  }
  return "";
}

TEST(Architecture, AnMlpIsLinearLayersWithReluBetween) {
  const Architecture a = MlpShape{{64, 128, 10}};
  EXPECT_EQ(a, (Architecture{{1, 64}, {Linear{128, Activation::relu}, Linear{10, Activation::none}}}));
  EXPECT_EQ(a.blocks(), (Blocks{{64, 128, true, true}, {128, 10, true, true}}));
  EXPECT_THROW(Architecture(MlpShape{{3}}), ModelError);
}

// A signal of 16 positions with 4 channels: 16·4 → kernel 5 padded by 2, stride 2 → 8 × 4 → pointwise 8 × 12 → 12 → 3.
TEST(Architecture, FollowsASignalThroughAConvolution) {
  const Architecture a{{16, 4}, {DepthwiseConv{5, 2, 1, 2, 2, Activation::relu}, Linear{12, Activation::relu}, MeanRows{}, Linear{3}}};
  EXPECT_EQ(a.extents(), (std::vector<Extent>{{16, 4}, {8, 4}, {8, 12}, {1, 12}, {1, 3}}));
  EXPECT_EQ(a.blocks(), (Blocks{{5, 4, true, false}, {4, 12, true, true}, {12, 3, true, true}}));
  EXPECT_EQ(a.parameters(), 24u + 60u + 39u);
}

// Seven words of a vocabulary of 50: 7 × 1 → 7 × 8 twice, attention with two heads, normed, flattened to 56, shares of 5.
TEST(Architecture, FollowsWordsThroughAttention) {
  const Architecture a{{7, 1}, {Embedding{50, 8}, Positions{}, Attention{2}, LayerNorm{}, Flatten{}, Linear{5}, Softmax{}}};
  EXPECT_EQ(a.extents(), (std::vector<Extent>{{7, 1}, {7, 8}, {7, 8}, {7, 8}, {7, 8}, {1, 56}, {1, 5}, {1, 5}}));
  EXPECT_EQ(a.blocks(), (Blocks{{50, 8, false, false}, {7, 8, false, false}, {8, 8, true, true}, {8, 8, true, true}, {8, 8, true, true}, {8, 8, true, true}, {1, 8, true, false}, {56, 5, true, true}}));
  EXPECT_EQ(a.parameters(), 400u + 56u + 4 * 72u + 16u + 285u);
  std::size_t owned = 0;
  for (const Layer& layer : a.layers) owned += block_count(layer);
  EXPECT_EQ(owned, a.blocks().size());
}

TEST(Architecture, DilationReachesFurther) {
  EXPECT_EQ((Architecture{{9, 1}, {DepthwiseConv{3, 1, 4}}}.extents().back()), (Extent{1, 1}));
  EXPECT_EQ((Architecture{{9, 1}, {DepthwiseConv{3, 2, 2}}}.extents().back()), (Extent{3, 1}));
}

TEST(Architecture, SaysWhatIsImpossibleAndWhere) {
  EXPECT_EQ(problem({{1, 4}, {Linear{3}, Linear{0}}}), "layer 1 (linear) after 1 × 3 numbers is impossible: it has no outputs");
  EXPECT_EQ(problem({{4, 2}, {DepthwiseConv{5, 1, 1, 0, 0}}}),
            "layer 0 (depthwise_conv) after 4 × 2 numbers is impossible: its kernel is longer than the padded signal");
  EXPECT_EQ(problem({{4, 2}, {DepthwiseConv{5, 1, 1, 1, 0}}}), "");
  EXPECT_EQ(problem({{4, 2}, {DepthwiseConv{0}}}),
            "layer 0 (depthwise_conv) after 4 × 2 numbers is impossible: kernel, stride and dilation are at least 1");
  EXPECT_EQ(problem({{4, 6}, {Attention{4}}}), "layer 0 (attention) after 4 × 6 numbers is impossible: the number of heads must divide the width");
  EXPECT_EQ(problem({{4, 6}, {Attention{0}}}), "layer 0 (attention) after 4 × 6 numbers is impossible: the number of heads must divide the width");
  EXPECT_EQ(problem({{4, 6}, {LayerNorm{0}}}), "layer 0 (layer_norm) after 4 × 6 numbers is impossible: epsilon must be positive");
  EXPECT_EQ(problem({{4, 6}, {Embedding{9, 2}}}), "layer 0 (embedding) after 4 × 6 numbers is impossible: it takes one number per row");
  EXPECT_EQ(problem({{4, 1}, {Embedding{0, 2}}}), "layer 0 (embedding) after 4 × 1 numbers is impossible: vocabulary and width are at least 1");
  EXPECT_EQ(problem({{0, 4}, {Linear{3}}}), "a network needs an input of at least one number");
  EXPECT_EQ(problem({{1, 4}, {}}), "a network needs a layer");
  EXPECT_EQ(problem({{1, 4}, {Softmax{}}}), "a network needs parameters");
  EXPECT_EQ(problem({{1, 1u << 15}, {Linear{1u << 15}}}),
            "layer 0 (linear) after 1 × 32768 numbers is impossible: it has too many parameters");
  EXPECT_EQ(problem({{1u << 15, 1}, {Linear{1u << 15}}}), "layer 0 (linear) after 32768 × 1 numbers is impossible: its output is too large");
}

TEST(Architecture, NamesItsLayers) {
  EXPECT_EQ(layer_name(Linear{}), "linear");
  EXPECT_EQ(layer_name(Softmax{}), "softmax");
  EXPECT_EQ(layer_name(Positions{}), "positions");
}

}  // namespace
}  // namespace swarm::nn
