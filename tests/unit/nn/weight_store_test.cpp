#include "agents/nn/weight_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/core/errors.hpp"
#include "tests/unit/nn/nets.hpp"

namespace swarm::nn {
namespace {

const MlpShape kShape{{4, 6, 3}};

std::vector<float> numbers(const WeightStore& store, ModelId id) {
  return store.get(id).packed();
}

TEST(WeightStore, IssuesIdsOnceAndFreesAtNoReferences) {
  WeightStore store;
  const ModelId a = store.add(test::random_model(kShape, 1));
  const ModelId b = store.add(test::random_model(kShape, 2));
  EXPECT_EQ(a, ModelId{0});
  EXPECT_EQ(b, ModelId{1});
  // rows of 16 floats: (4+1)·16 + (6+1)·16 = 192 floats each
  EXPECT_EQ(store.bytes(), 2u * 192u * 4u);
  store.retain(a, 2);
  EXPECT_EQ(store.references(a), 3u);
  store.release(a);
  store.release(a, 2);
  EXPECT_FALSE(store.contains(a));
  EXPECT_EQ(store.size(), 1u);
  EXPECT_EQ(store.bytes(), 192u * 4u);
  EXPECT_THROW(store.get(a), ModelError);
  EXPECT_EQ(store.add(Model(kShape)), ModelId{2}) << "an id was reused";
  EXPECT_EQ(store.ids(), (std::vector<ModelId>{ModelId{1}, ModelId{2}}));
  EXPECT_EQ(store.next_id(), 3u);
}

TEST(WeightStore, RefusesToGiveBackMoreThanIsHeld) {
  WeightStore store;
  const ModelId id = store.add(Model(kShape));
  EXPECT_THROW(store.release(id, 2), ModelError);
  EXPECT_EQ(store.references(id), 1u);
  EXPECT_THROW(store.retain(ModelId{99}), ModelError);
  EXPECT_THROW(store.release(ModelId{99}), ModelError);
  EXPECT_THROW(store.retain(id, ~std::uint64_t{0}), ModelError);
}

TEST(WeightStore, DivergesOnlyWhenShared) {
  WeightStore store;
  const ModelId id = store.add(test::random_model(kShape, 1));
  EXPECT_EQ(store.diverge(id), id);
  store.retain(id);
  EXPECT_THROW(store.writable(id), ModelError);
  const std::vector<float> before = numbers(store, id);
  const ModelId own = store.diverge(id);
  ASSERT_NE(own, id);
  EXPECT_EQ(store.references(id), 1u);
  EXPECT_EQ(store.references(own), 1u);
  EXPECT_EQ(numbers(store, own), before);
  store.writable(own).weights(0)[0] += 1.0f;
  EXPECT_EQ(numbers(store, id), before) << "the copy shares storage with the original";
  EXPECT_NE(numbers(store, own), before);
}

TEST(WeightStore, ReusesDeadStorageWithoutLeavingTraces) {
  WeightStore store;
  const ModelId dead = store.add(test::random_model(kShape, 5));
  store.release(dead);
  const ModelId id = store.add(test::random_model(kShape, 1));
  store.retain(id);
  const ModelId own = store.diverge(id);
  EXPECT_EQ(numbers(store, own), numbers(store, id));
  EXPECT_TRUE(
      std::equal(store.get(own).data().begin(), store.get(own).data().end(), store.get(id).data().begin()));
  EXPECT_EQ(store.drop_packed(), 0u) << "the dead model's storage should be in use";
}

TEST(WeightStore, DropsWhatCanBeRecomputedAndNothingElse) {
  WeightStore store;
  const ModelId kept = store.add(test::random_model(kShape, 1));
  store.release(store.add(test::random_model(kShape, 2)));
  const std::vector<float> before = numbers(store, kept);
  EXPECT_EQ(store.drop_packed(), 192u * 4u);
  EXPECT_EQ(store.drop_packed(), 0u);
  EXPECT_EQ(numbers(store, kept), before);
  EXPECT_EQ(store.bytes(), 192u * 4u);
}

TEST(WeightStore, RestoresACheckpoint) {
  WeightStore store;
  store.restore(ModelId{700}, test::random_model(kShape, 1), 3);
  store.restore(ModelId{5}, test::random_model(kShape, 2), 1);
  EXPECT_EQ(store.ids(), (std::vector<ModelId>{ModelId{5}, ModelId{700}}));
  EXPECT_EQ(store.references(ModelId{700}), 3u);
  EXPECT_EQ(store.next_id(), 701u);
  EXPECT_THROW(store.restore(ModelId{5}, Model(kShape), 1), ModelError);
  EXPECT_THROW(store.restore(ModelId{6}, Model(kShape), 0), ModelError);
  store.restore_next_id(900);  // the models 701 … 899 had died before the checkpoint
  EXPECT_EQ(store.add(Model(kShape)), ModelId{900});
  EXPECT_THROW(store.restore_next_id(3), ModelError);
}

TEST(WeightStore, AddressesStayWhenTheStoreGrows) {
  WeightStore store;
  const ModelId first = store.add(test::random_model(kShape, 1));
  const Model* address = &store.get(first);
  for (std::uint64_t i = 0; i < 600; ++i) store.add(Model(kShape));
  EXPECT_EQ(&store.get(first), address);
  for (std::uint32_t i = 1; i <= 600; ++i) store.release(ModelId{i});
  EXPECT_EQ(&store.get(first), address);
  EXPECT_EQ(store.size(), 1u);
}

}  // namespace
}  // namespace swarm::nn
