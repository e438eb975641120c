#include "agents/nn/small_network.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>

#include "agents/nn/infer.hpp"
#include "tests/unit/nn/nets.hpp"

namespace swarm::nn {
namespace {

const std::vector<MlpShape> kShapes{{{1, 1}}, {{8, 16, 4}}, {{40, 17, 32, 3}}, {{3, 5, 7, 9, 31, 32, 1, 2, 15}}};

/// A small network's outputs by plain loops; `term` says which of n terms comes k-th.
std::vector<float> by_plain_loops(const Model& model, std::vector<float> x,
                                  const std::function<std::size_t(std::size_t k, std::size_t n)>& term) {
  for (std::size_t l = 0; l < model.blocks(); ++l) {
    std::vector<float> y(model.columns(l));
    for (std::size_t c = 0; c < y.size(); ++c) {
      y[c] = model.bias(l)[c];
      for (std::size_t k = 0; k < x.size(); ++k) {
        const std::size_t i = term(k, x.size());
        y[c] = std::fma(x[i], model.weight(l, i, c), y[c]);
      }
      if (l + 1 < model.blocks()) y[c] = y[c] < 0 ? 0 : y[c];
    }
    x = y;
  }
  return x;
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](float x, float y) {
    return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
  });
}

/// `count` models of a shape and a sample for each; outputs lie between guards.
struct Crowd {
  std::vector<Model> models;
  std::vector<std::vector<float>> inputs, outputs;

  Crowd(const MlpShape& shape, std::size_t count) {
    for (std::size_t m = 0; m < count; ++m) {
      models.push_back(test::random_model(shape, m));
      inputs.push_back(test::noise(shape.widths.front(), 100 + m));
      outputs.emplace_back(shape.widths.back() + 32, -77.0f);
    }
  }
  void run(std::intptr_t ahead) {
    std::vector<isa::SmallModel> each;
    for (std::size_t m = 0; m < models.size(); ++m)
      each.push_back({models[m].data().data(), inputs[m].data(), outputs[m].data() + 16, ahead});
    SmallNetwork::of(models.front().architecture())->run(each.data(), each.size());
  }
  std::span<const float> output(std::size_t m) const {
    return std::span(outputs[m]).subspan(16, outputs[m].size() - 32);
  }
};

std::size_t ascending(std::size_t k, std::size_t) {
  return k;
}
std::size_t descending(std::size_t k, std::size_t n) {
  return n - 1 - k;
}

TEST(SmallNetwork, EqualsPlainLoopsBitForBitAndWritesNothingElse) {
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    for (const MlpShape& shape : kShapes)
      for (const std::intptr_t ahead : {0, 16384}) {
        Crowd crowd(shape, 5);
        crowd.run(ahead);
        for (std::size_t m = 0; m < crowd.models.size(); ++m) {
          EXPECT_TRUE(same_bits(crowd.output(m), by_plain_loops(crowd.models[m], crowd.inputs[m], ascending)))
              << enum_name(set) << ", model " << m << " of " << shape.widths.size() - 1 << " layers";
          for (std::size_t i = 0; i < 16; ++i) {
            EXPECT_EQ(crowd.outputs[m][i], -77.0f);
            EXPECT_EQ(crowd.outputs[m][crowd.outputs[m].size() - 1 - i], -77.0f);
          }
        }
      }
  }
}

TEST(SmallNetwork, TheBitCheckCatchesOtherSumsAndAnotherModel) {
  Crowd crowd(kShapes[2], 2);
  crowd.run(0);
  EXPECT_FALSE(same_bits(crowd.output(0), by_plain_loops(crowd.models[0], crowd.inputs[0], descending)));
  EXPECT_FALSE(same_bits(crowd.output(0), by_plain_loops(crowd.models[1], crowd.inputs[0], ascending)));
}

TEST(SmallNetwork, EveryActivationEqualsTheOrdinaryPath) {
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    for (const Activation f :
         {Activation::none, Activation::relu, Activation::tanh, Activation::sigmoid, Activation::gelu}) {
      const Architecture architecture{{1, 6}, {Linear{20, f}, Linear{3, f}}};
      const Model model = Model::unpack(architecture, test::noise(architecture.parameters(), 5));
      const std::vector<float> x = test::noise(6, 9);
      std::vector<float> y(3), expected(3);
      const isa::SmallModel one{model.data().data(), x.data(), y.data(), 0};
      SmallNetwork::of(architecture)->run(&one, 1);
      forward(model, x.data(), expected.data(), 1);
      EXPECT_TRUE(same_bits(y, expected)) << enum_name(set) << ", activation " << static_cast<int>(f);
    }
  }
}

TEST(SmallNetwork, IsForNarrowDenseLayersOfOneRow) {
  EXPECT_TRUE(SmallNetwork::of(MlpShape{{500, 32, 32}}));
  EXPECT_FALSE(SmallNetwork::of(MlpShape{{8, 33, 4}}));
  EXPECT_FALSE(SmallNetwork::of(MlpShape{std::vector<std::uint32_t>(isa::kSmallLayers + 2, 4)}));
  EXPECT_FALSE(SmallNetwork::of({{2, 8}, {Linear{4}}}));
  EXPECT_FALSE(SmallNetwork::of({{1, 8}, {Linear{4}, LayerNorm{}}}));
}

TEST(InferGroups, SmallNetworksAmongOthersEqualOneModelAtATime) {
  WeightStore store;
  std::vector<std::vector<float>> inputs, outputs;
  std::vector<Group> groups;
  for (std::size_t g = 0; g < 120; ++g) {  // runs of one sample each, longer than what goes to the kernel at once
    const MlpShape shape = g % 50 < 35 ? kShapes[1] : g % 50 < 40 ? MlpShape{{9, 70, 2}} : kShapes[3];
    const std::uint32_t n = g % 47 == 46 ? 3 : 1;
    inputs.push_back(test::noise(n * shape.widths.front(), g));
    outputs.emplace_back(n * shape.widths.back());
    groups.push_back({store.add(test::random_model(shape, g)), inputs[g].data(), outputs[g].data(), n});
  }
  infer_groups(store, groups);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    std::vector<float> expected(outputs[g].size());
    forward(store.get(groups[g].model), inputs[g].data(), expected.data(), groups[g].n);
    EXPECT_TRUE(same_bits(outputs[g], expected)) << "group " << g;
  }
}

}  // namespace
}  // namespace swarm::nn
