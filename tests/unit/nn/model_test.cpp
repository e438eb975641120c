#include "agents/nn/model.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "agents/nn/cost.hpp"
#include "sim/core/errors.hpp"
#include "tests/unit/nn/nets.hpp"

namespace swarm::nn {
namespace {

TEST(MlpShape, CountsParametersWithoutPadding) {
  // (3+1)·5 + (5+1)·2 = 20 + 12
  EXPECT_EQ((Architecture(MlpShape{{3, 5, 2}}).parameters()), 32u);
  // 65·128 + 129·64 + 65·10 = 8320 + 8256 + 650
  EXPECT_EQ((Architecture(MlpShape{{64, 128, 64, 10}}).parameters()), 17226u);
}

TEST(Model, LaysNarrowLayersOutInAlignedPaddedRows) {
  Model model(MlpShape{{3, 5, 17}});
  ASSERT_EQ(model.blocks(), 2u);
  EXPECT_EQ(model.weights(0).size(), 3u * 16u);
  EXPECT_EQ(model.bias(0).size(), 16u);
  EXPECT_EQ(model.weights(1).size(), 5u * 32u);
  EXPECT_EQ(model.bias(1).size(), 32u);
  EXPECT_EQ(model.data().size(), 4u * 16u + 6u * 32u);
  EXPECT_EQ(model.bias(0).data(), model.weights(0).data() + 48);
  EXPECT_EQ(model.weights(1).data(), model.bias(0).data() + 16);
  for (std::size_t l = 0; l < 2; ++l)
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(model.weights(l).data()) % 64, 0u);
}

// 100 outputs are padded to 112: a panel of 64 columns and one of 48, each with its three rows together.
TEST(Model, LaysWideLayersOutInPanels) {
  const MlpShape shape{{3, 100}};
  std::vector<float> numbers(Architecture(shape).parameters());
  std::iota(numbers.begin(), numbers.end(), 1.0f);
  const Model model = Model::unpack(shape, numbers);
  const std::span<const float> w = model.weights(0);
  ASSERT_EQ(w.size(), 3u * 112u);
  EXPECT_EQ(w[0], 1.0f);               // in 0 → out 0
  EXPECT_EQ(w[63], 64.0f);             // in 0 → out 63
  EXPECT_EQ(w[64], 101.0f);            // in 1 → out 0
  EXPECT_EQ(w[3 * 64], 65.0f);         // in 0 → out 64, the second panel
  EXPECT_EQ(w[3 * 64 + 48], 165.0f);   // in 1 → out 64
  EXPECT_EQ(w[3 * 64 + 35], 100.0f);   // in 0 → out 99
  EXPECT_EQ(w[3 * 64 + 36], 0.0f);     // padding
  EXPECT_EQ(model.weight(0, 2, 99), 300.0f);
  EXPECT_EQ(model.packed(), numbers);
}

// What is not multiplied with lies row by row: a table of two rows of 100, each padded to 112.
TEST(Model, LaysTablesOutInRows) {
  const Architecture table{{5, 1}, {Embedding{2, 100}}};
  std::vector<float> numbers(table.parameters());
  std::iota(numbers.begin(), numbers.end(), 1.0f);
  const Model model = Model::unpack(table, numbers);
  EXPECT_TRUE(model.bias(0).empty());
  EXPECT_EQ(model.data().size(), 2u * 112u);
  EXPECT_EQ(model.weights(0)[99], 100.0f);
  EXPECT_EQ(model.weights(0)[100], 0.0f);
  EXPECT_EQ(model.weights(0)[112], 101.0f);
  EXPECT_EQ(model.packed(), numbers);
}

TEST(Model, PacksInCanonicalOrderAndBack) {
  const MlpShape shape{{2, 3, 1}};
  std::vector<float> numbers(Architecture(shape).parameters());
  std::iota(numbers.begin(), numbers.end(), 1.0f);
  const Model model = Model::unpack(shape, numbers);
  EXPECT_EQ(model.weights(0)[0], 1.0f);   // in 0 → out 0
  EXPECT_EQ(model.weights(0)[2], 3.0f);   // in 0 → out 2
  EXPECT_EQ(model.weights(0)[16], 4.0f);  // in 1 → out 0, one padded row further
  EXPECT_EQ(model.bias(0)[0], 7.0f);
  EXPECT_EQ(model.weights(1)[16], 11.0f);
  EXPECT_EQ(model.bias(1)[0], 13.0f);
  EXPECT_EQ(model.packed(), numbers);
  const std::span<const float> storage = model.data();
  EXPECT_EQ(std::count(storage.begin(), storage.end(), 0.0f),
            static_cast<std::ptrdiff_t>(storage.size() - numbers.size()))
      << "padding must be zero";
}

TEST(Model, CopiesShareNothing) {
  Model original = test::random_model({{4, 4}}, 1);
  const Model copy = original;
  original.weights(0)[0] = 42.0f;
  EXPECT_NE(copy.weights(0)[0], 42.0f);
}

TEST(Model, RefusesShapesAndSizesThatCannotBe) {
  EXPECT_THROW(Model(MlpShape{{3}}), ModelError);
  EXPECT_THROW(Model(MlpShape{{3, 0, 2}}), ModelError);
  const std::vector<float> five(5);
  EXPECT_THROW(Model::unpack(MlpShape{{2, 2}}, five), ModelError);  // needs 6
}

TEST(WorkCount, IsTheArithmeticOfTheNetwork) {
  const MlpShape shape{{3, 5, 2}};
  // macs 3·5 + 5·2 = 25; bytes: 4·32 parameters + 4·((3 + 5) + (5 + 2)) activations = 128 + 60
  EXPECT_EQ(pass_cost(shape).of(1), (WorkCount{25, 188}));
  // ten samples read the weights once: 128 + 10·60
  EXPECT_EQ(pass_cost(shape).of(10), (WorkCount{250, 728}));
  EXPECT_EQ(pass_cost(MlpShape{{64, 128, 64, 10}}).macs, 17024u);
}

}  // namespace
}  // namespace swarm::nn
