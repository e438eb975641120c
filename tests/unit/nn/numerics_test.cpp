#include "agents/nn/numerics.hpp"

#include <gtest/gtest.h>

#include "agents/nn/infer.hpp"
#include "agents/nn/network.hpp"
#include "sim/core/errors.hpp"
#include "tests/unit/nn/nets.hpp"

namespace swarm::nn {
namespace {

constexpr Numerics kInt8{Format::int8}, kInt4{Format::int4}, kStatic{.format = Format::int8, .calibrated = true};

TEST(Numerics, WhatDoesNotExistIsRefused) {
  EXPECT_THROW(check({.format = Format::int8, .sparse = true}), ModelError);
  EXPECT_THROW(check({.format = Format::bf16, .calibrated = true}), ModelError);
  EXPECT_NO_THROW(check({.format = Format::int4, .calibrated = true}));
  EXPECT_NO_THROW(check({.format = Format::fp32, .sparse = true}));
  const Model infinite = Model::unpack(MlpShape{{1, 1}}, std::vector<float>{INFINITY, 0});
  EXPECT_THROW(PackedModel(infinite, kInt8), ModelError);
}

// 3-5-2 has 25 weights and 7 outputs. Per output an integer matrix has where sums start, a scale and a bias. Signals: 3 in, 5
// out and in again, 2 out.
TEST(Numerics, BytesFollowTheFormat) {
  const Architecture a = MlpShape{{3, 5, 2}};
  EXPECT_EQ(pass_cost(a), (PassCost{25, 4 * 32, 4 * 15}));
  EXPECT_EQ(pass_cost(a, {Format::bf16}), (PassCost{25, 2 * 25 + 4 * 7, 4 * 15}));
  EXPECT_EQ(pass_cost(a, {Format::fp16}), (PassCost{25, 2 * 25 + 4 * 7, 4 * 15}));
  EXPECT_EQ(pass_cost(a, kInt8), (PassCost{25, 25 + 12 * 7, 4 * 15}));
  EXPECT_EQ(pass_cost(a, kInt4), (PassCost{25, 8 + 5 + 12 * 7, 4 * 15})) << "half bytes are rounded up per matrix";
  EXPECT_EQ(pass_cost(a, kStatic), (PassCost{25, 25 + 12 * 7, 4 * 3 + 5 + 5 + 4 * 2})) << "bytes between the layers";
}

// Tables and gains stay in fp32, projections do not.
TEST(Numerics, OnlyMatricesAreConverted) {
  const Architecture a{{3, 1}, {Embedding{10, 4}, Positions{}, Attention{2}, LayerNorm{}, MeanRows{}, Linear{2}}};
  const std::uint64_t tables = 4 * (10 * 4 + 3 * 4 + 2 * 4), outputs = 4 * 4 + 2, weights = 4 * 16 + 8;
  EXPECT_EQ(pass_cost(a).parameter_bytes, tables + 4 * (weights + outputs));
  EXPECT_EQ(pass_cost(a, kInt8).parameter_bytes, tables + weights + 12 * outputs);
  EXPECT_EQ(pass_cost(a).macs, pass_cost(a, kInt8).macs);
}

// x = (1, −2); W = (1 0.5; 0 1), relu; then (3; −1). Hidden: (1, max(0, 0.5 − 2)) = (1, 0).
TEST(Numerics, CalibrationSeesWhatEntersEachMatrix) {
  const Model model = Model::unpack(MlpShape{{2, 2, 1}}, std::vector<float>{1, 0.5f, 0, 1, 0, 0, 3, -1, 0});
  const std::vector<float> x{1, -2, 4, 0.5f};  // the second: hidden (4, 2.5)
  const auto ranges = calibrate(model, x.data(), 2);
  ASSERT_EQ(ranges.size(), 2u);
  EXPECT_EQ(ranges[0], affine_of_range(-2, 4));
  EXPECT_EQ(ranges[1], affine_of_range(0, 4));
  EXPECT_EQ(calibrate(model, x.data(), 1)[1], affine_of_range(0, 1));
  EXPECT_EQ(calibrate(model, nullptr, 0)[0], affine_of_range(0, 0)) << "nothing seen";
}

TEST(Numerics, AStoreRunsWhatWasPackedLast) {
  WeightStore store;
  const Model model = test::random_model({{8, 20, 3}}, 1);
  const auto x = test::noise(8, 2);
  const auto run = [&](ModelId id) {
    std::vector<float> y(3);
    const Group group{id, x.data(), y.data(), 1};
    infer_groups(store, {&group, 1});
    return y;
  };
  const ModelId id = store.add(model, kInt8), shared = store.add(model);
  EXPECT_GT(store.bytes(), 2 * model.data().size_bytes());
  const auto before = run(id);
  store.writable(id).bias(1)[0] += 1;
  EXPECT_THROW(run(id), ModelError) << "what is packed is older than the model";
  store.pack(id);
  EXPECT_NEAR(run(id)[0], before[0] + 1, 1e-5);
  store.writable(shared).bias(1)[0] += 1;
  EXPECT_NO_THROW(run(shared)) << "fp32 runs the model's own parameters";

  store.retain(id);
  const ModelId copy = store.diverge(id);
  EXPECT_EQ(run(copy), run(id));
  store.writable(copy).bias(1)[0] -= 1;
  store.pack(copy);
  EXPECT_NEAR(run(copy)[0], before[0], 1e-5);
  EXPECT_NEAR(run(id)[0], before[0] + 1, 1e-5);

  const auto packed = run(id);
  const std::size_t all = store.bytes();
  EXPECT_GT(store.drop_packed(), 0u);
  EXPECT_EQ(store.bytes(), all) << "made anew at once";
  EXPECT_EQ(run(id), packed);
  for (const ModelId m : store.ids()) store.release(m);
  EXPECT_EQ(store.bytes(), 0u);
}

TEST(Numerics, ARestoredModelRunsInItsNumerics) {
  const Model model = test::random_model({{8, 20, 3}}, 1);
  const auto x = test::noise(80, 2);
  const auto ranges = calibrate(model, x.data(), 10);
  WeightStore first, second;
  const ModelId id = first.add(model, kStatic, ranges);
  second.restore(ModelId{7}, model, 1, kStatic, ranges);
  std::vector<float> a(30), b(30);
  const Group one{id, x.data(), a.data(), 10}, other{ModelId{7}, x.data(), b.data(), 10};
  infer_groups(first, {&one, 1});
  infer_groups(second, {&other, 1});
  EXPECT_EQ(a, b);
}

}  // namespace
}  // namespace swarm::nn
