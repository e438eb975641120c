#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "agents/nn/infer.hpp"
#include "agents/nn/network.hpp"
#include "agents/nn/sparse_layer.hpp"
#include "tests/unit/nn/nets.hpp"

namespace swarm::nn {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

constexpr Numerics kSparse{Format::fp32, true};

std::vector<float> run(const Model& model, const std::vector<float>& x, std::size_t n) {
  Scratch scratch;
  std::vector<float> y(n * model.columns(model.blocks() - 1));
  PackedModel(model, kSparse).run(x.data(), y.data(), static_cast<std::uint32_t>(n), scratch);
  return y;
}

TEST(Sparse, CountsWhatItStoresAndDoes) {
  // Ten outputs are a group of eight and one of two. Output 0 has two nonzeros, outputs 1 and 2 one each.
  Model model(MlpShape{{3, 10}});
  model.weight(0, 0, 0) = 1;
  model.weight(0, 2, 0) = 2;
  model.weight(0, 1, 1) = -3;
  model.weight(0, 1, 2) = 4;
  model.weight(0, 1, 3) = -0.0f;
  const SparseLayer sparse(model, 0);
  EXPECT_EQ(sparse.nonzeros(), 4u);
  // Two steps of the first group, none of the second: 2·8·(4 + 2) B, and two group descriptions.
  EXPECT_EQ(sparse.bytes(), 96 + 2 * sizeof(isa::SparseGroup));
  EXPECT_EQ(PackedModel(model, kSparse).cost(), (PassCost{4, sparse.bytes(), 4 * 13}));
}

TEST(Sparse, NoSamplesTouchNothing) {
  Scratch scratch;
  const Model model = test::random_model({{3, 2}}, 1);
  PackedModel(model, kSparse).run(nullptr, nullptr, 0, scratch);
}

TEST(Sparse, ScratchServesNetworksOfAllSizes) {
  Scratch scratch;
  for (const std::uint32_t width : {100u, 3u, 200u, 1u}) {
    const Model model = test::random_model({{width, 5, width, 2}}, width);
    const std::vector<float> x = test::noise(width * 20, 1);
    std::vector<float> y(40), fresh = run(model, x, 20);
    PackedModel(model, kSparse).run(x.data(), y.data(), 20, scratch);
    EXPECT_EQ(y, fresh) << width;
  }
}

TEST(Sparse, WithoutWeightsTheBiasComesOut) {
  Model model(MlpShape{{7, 3}});
  model.bias(0)[0] = 1.5f;
  model.bias(0)[1] = -0.0f;
  model.bias(0)[2] = -kInfinity;
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    const std::vector<float> y = run(model, test::noise(7 * 2, 1), 2);
    EXPECT_EQ(y, (std::vector<float>{1.5f, -0.0f, -kInfinity, 1.5f, -0.0f, -kInfinity}));
    EXPECT_TRUE(std::signbit(y[1])) << "nothing is added to a bias of −0";
  }
}

// The dense kernel adds the zero terms. That shows where the bias is −0 and where an input is infinite.
TEST(Sparse, DiffersFromDenseWhereZeroTermsMatter) {
  Model model(MlpShape{{2, 1}});
  model.bias(0)[0] = -0.0f;
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    float dense = 1;
    const std::vector<float> ones{1, 1};
    forward(model, ones.data(), &dense, 1);
    EXPECT_EQ(std::bit_cast<std::uint32_t>(dense), 0u);
    EXPECT_EQ(std::bit_cast<std::uint32_t>(run(model, ones, 1)[0]), 0x80000000u);
    const std::vector<float> infinite{kInfinity, 1};
    forward(model, infinite.data(), &dense, 1);
    EXPECT_TRUE(std::isnan(dense));
    EXPECT_EQ(run(model, infinite, 1)[0], 0.0f);
  }
}

TEST(Sparse, KeepsSubnormalsInfinitiesAndNan) {
  // Shares a group with a longer output, so that the filling of the shorter one is exercised too.
  Model model(MlpShape{{3, 2}});
  model.weight(0, 0, 0) = 1;
  model.weight(0, 0, 1) = model.weight(0, 1, 1) = model.weight(0, 2, 1) = 0.5f;
  const float tiny = std::numeric_limits<float>::denorm_min();
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    EXPECT_EQ(run(model, {tiny, tiny, 0}, 1)[0], tiny);
    // Halves of the smallest number round to even: −½ to −0, then 1½ to 2.
    EXPECT_EQ(run(model, {-tiny, 3 * tiny, 0}, 1)[1], 2 * tiny);
    EXPECT_EQ(run(model, {kInfinity, kInfinity, 1}, 1)[0], kInfinity);
    EXPECT_TRUE(std::isnan(run(model, {kInfinity, -kInfinity, 1}, 1)[1]));
    EXPECT_EQ(run(model, {1, 2, std::numeric_limits<float>::quiet_NaN()}, 1)[0], 1.0f);
  }
}

TEST(Sparse, NanWeightsAreNotZero) {
  Model model(MlpShape{{1, 1}});
  model.weight(0, 0, 0) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(SparseLayer(model, 0).nonzeros(), 1u);
  EXPECT_TRUE(std::isnan(run(model, {1}, 1)[0]));
}

// Up to 65,535 inputs the index of the row of zeros still fits into 16 bits.
TEST(Sparse, IndicesAreAsWideAsTheInputsNeed) {
  for (const std::uint32_t in : {65535u, 65536u}) {
    Model model(MlpShape{{in, 3}});
    model.weight(0, in - 1, 0) = 2;  // two more steps than the others
    model.weight(0, 0, 0) = 1;
    model.weight(0, 1, 1) = 1;
    const SparseLayer sparse(model, 0);
    EXPECT_EQ(sparse.bytes(), 2u * 8u * (in == 65535u ? 6u : 8u) + sizeof(isa::SparseGroup));
    std::vector<float> x(in * 2, 100.0f);
    x[0] = 1;
    x[1] = 5;
    x[in - 1] = 7;
    EXPECT_EQ(run(model, x, 2), (std::vector<float>{15, 5, 0, 300, 100, 0})) << in;
  }
}

}  // namespace
}  // namespace swarm::nn
