#include "agents/nn/infer.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <new>

#include "sim/core/parallel.hpp"
#include "tests/unit/nn/nets.hpp"

namespace {
std::atomic<std::uint64_t> allocations{0};

void* counted(std::size_t size, std::size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* p = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
}  // namespace

// Replacing these for the whole test program is the only way to see every allocation. Inlined in part, they look like
// mismatched pairs to GCC.
void* operator new(std::size_t size) {
  return counted(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t a) {
  return counted(size, static_cast<std::size_t>(a));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* p, const std::nothrow_t&) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  std::free(p);
}

namespace swarm::nn {
namespace {

std::vector<std::uint32_t> bits(const std::vector<float>& values) {
  std::vector<std::uint32_t> out;
  out.reserve(values.size());
  for (const float v : values) out.push_back(std::bit_cast<std::uint32_t>(v));
  return out;
}

std::vector<float> run(const Model& model, const std::vector<float>& inputs, std::uint32_t n) {
  std::vector<float> outputs(n * model.columns(model.blocks() - 1));
  forward(model, inputs.data(), outputs.data(), n);
  return outputs;
}

TEST(Forward, TwoLayersByHand) {
  // x = (1, 2); hidden a = 0.5 + 1·1 + 2·(−2) = −2.5 → 0, b = 0.25 + 1·3 + 2·1 = 5.25; y = 1 + 0·7 + 5.25·2
  // = 11.5
  const std::vector<float> numbers{1, 3, -2, 1, 0.5f, 0.25f, 7, 2, 1};
  const Model model = Model::unpack(MlpShape{{2, 2, 1}}, numbers);
  EXPECT_EQ(run(model, {1, 2}, 1), std::vector<float>{11.5f});
}

TEST(Forward, EveryInstructionSetAndBatchSizeGivesTheSameBits) {
  constexpr std::uint32_t kMost = 70;
  for (const MlpShape& shape : test::awkward_shapes()) {
    const Model model = test::random_model(shape, 3);
    const std::size_t in = shape.widths.front(), out = shape.widths.back();
    const std::vector<float> inputs = test::noise(kMost * in, 4);
    std::vector<float> one_by_one(kMost * out);
    {
      const test::Forced forced(Isa::portable);
      for (std::uint32_t s = 0; s < kMost; ++s)
        forward(model, inputs.data() + s * in, one_by_one.data() + s * out, 1);
    }
    for (const Isa set : test::supported_sets()) {
      const test::Forced forced(set);
      for (std::uint32_t n = 1; n <= kMost; ++n) {
        std::vector<float> expected(one_by_one.begin(),
                                    one_by_one.begin() + static_cast<std::ptrdiff_t>(n * out));
        ASSERT_EQ(bits(run(model, inputs, n)), bits(expected)) << enum_name(set) << ", batch of " << n;
      }
    }
  }
}

TEST(Forward, TheBitCheckCatchesAnotherOrderOfSummation) {
  // The same network with its inputs listed backwards sums the same terms in another order.
  const MlpShape shape{{64, 10}};
  const Model model = test::random_model(shape, 3);
  Model backwards(shape);
  std::copy(model.bias(0).begin(), model.bias(0).end(), backwards.bias(0).begin());
  for (std::size_t i = 0; i < 64; ++i)
    for (std::size_t o = 0; o < 10; ++o)
      backwards.weight(0, i, o) = model.weight(0, 63 - i, o);
  std::vector<float> inputs = test::noise(64, 4);
  const std::vector<float> right = run(model, inputs, 1);
  std::reverse(inputs.begin(), inputs.end());
  EXPECT_NE(bits(run(backwards, inputs, 1)), bits(right));
}

TEST(Forward, WritesItsOutputsAndNothingElse) {
  const Model model = test::random_model({{5, 33, 10}}, 1);
  const std::vector<float> inputs = test::noise(9 * 5, 2);
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    std::vector<float> outputs(9 * 10 + 32, -77.0f);
    forward(model, inputs.data(), outputs.data() + 16, 9);
    for (std::size_t i = 0; i < 16; ++i) {
      EXPECT_EQ(outputs[i], -77.0f);
      EXPECT_EQ(outputs[outputs.size() - 1 - i], -77.0f);
    }
    for (std::size_t i = 16; i < 16 + 90; ++i) EXPECT_NE(outputs[i], -77.0f);
  }
}

TEST(Forward, NanGoesThroughReluAndStaysInItsRow) {
  const Model model = test::random_model({{4, 20, 3}}, 1);
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    std::vector<float> inputs = test::noise(3 * 4, 2);
    const std::vector<float> clean = run(model, inputs, 3);
    inputs[5] = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> outputs = run(model, inputs, 3);
    for (std::size_t o = 0; o < 3; ++o) {
      EXPECT_EQ(outputs[o], clean[o]);
      EXPECT_TRUE(std::isnan(outputs[3 + o]));
      EXPECT_EQ(outputs[6 + o], clean[6 + o]);
    }
  }
}

/// Models of two shapes, groups of all sizes, one of them larger than a piece of parallel work.
struct Batch {
  WeightStore store;
  std::vector<std::uint32_t> sizes{1, 2, 3, 600, 0, 17, 64, 5, 1, 31};
  std::vector<std::vector<float>> inputs, outputs;
  std::vector<Group> groups;

  Batch() {
    for (std::size_t g = 0; g < sizes.size(); ++g) {
      const MlpShape shape = g % 3 == 0 ? MlpShape{{64, 128, 64, 10}} : MlpShape{{17, 40, 3}};
      const ModelId id = store.add(test::random_model(shape, g));
      inputs.push_back(test::noise(sizes[g] * shape.widths.front(), 50 + g));
      outputs.emplace_back(sizes[g] * shape.widths.back(), -1.0f);
      groups.push_back({id, inputs[g].data(), outputs[g].data(), sizes[g]});
    }
  }
};

TEST(InferGroups, EqualsOneModelAtATimeForAnyNumberOfThreads) {
  for (const int threads : {1, 2, 4}) {
    const ThreadLimit limit(threads);
    Batch batch;
    const WorkCount work = infer_groups(batch.store, batch.groups);
    WorkCount expected;
    for (std::size_t g = 0; g < batch.groups.size(); ++g) {
      const Model& model = batch.store.get(batch.groups[g].model);
      if (batch.sizes[g] > 0) expected += pass_cost(model.architecture()).of(batch.sizes[g]);
      EXPECT_EQ(bits(batch.outputs[g]), bits(run(model, batch.inputs[g], batch.sizes[g]))) << "group " << g;
    }
    EXPECT_EQ(work, expected);
  }
}

TEST(InferGroups, SplittingAGroupChangesNothing) {
  Batch whole, split;
  infer_groups(whole.store, whole.groups);
  const Group large = split.groups[3];
  const std::size_t in = 64, out = 10;
  split.groups[3].n = 250;
  split.groups.push_back({large.model, large.inputs + 250 * in, large.outputs + 250 * out, 350});
  infer_groups(split.store, split.groups);
  for (std::size_t g = 0; g < whole.outputs.size(); ++g)
    EXPECT_EQ(bits(split.outputs[g]), bits(whole.outputs[g]));
}

TEST(InferGroups, CallsInsideParallelLoopsKeepTheirPlans) {
  const ThreadLimit limit(4);
  std::vector<Batch> batches(8);
  parallel_each(batches.size(), [&](std::size_t b) { infer_groups(batches[b].store, batches[b].groups); });
  for (const Batch& batch : batches)
    for (std::size_t g = 0; g < batch.outputs.size(); ++g)
      ASSERT_EQ(bits(batch.outputs[g]), bits(batches.front().outputs[g]));
}

TEST(InferGroups, NothingToDoIsNoWork) {
  const WeightStore store;
  EXPECT_EQ(infer_groups(store, {}), WorkCount{});
}

// Every format, and a network of every kind of layer.
TEST(InferGroups, AllocatesNothingAfterFirstUseInAnyFormat) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "loops start threads of their own under ThreadSanitizer, and those allocate";
#endif
  const ThreadLimit limit(1);
  const Architecture all{{12, 1},
                         {Embedding{30, 8}, Positions{}, Attention{2, 3, true, true}, LayerNorm{}, DepthwiseConv{.kernel = 3},
                          Linear{20, Activation::gelu}, Linear{6}, Softmax{}, MeanRows{}, Linear{5}, Flatten{}}};
  std::vector<Numerics> numerics{{}, {.sparse = true}, {Format::bf16}, {Format::fp16}, {Format::int8}, {Format::int4},
                                 {.format = Format::int8, .calibrated = true}};
  if (bf16_dot_supported()) numerics.push_back({Format::bf16_dot});
  for (const Architecture& a : {Architecture(MlpShape{{12, 40, 5}}), all}) {
    Model model(a);
    initialise(model, Random(7, Stream::weight_init), 3);
    const std::vector<float> x(70 * 12, 1.0f);
    WeightStore store;
    std::vector<float> y(70 * 5);
    std::vector<Group> groups;
    for (const Numerics& n : numerics)
      for (const std::uint32_t samples : {1u, 70u})
        groups.push_back({store.add(model, n, n.calibrated ? calibrate(model, x.data(), 70) : std::vector<Affine>{}), x.data(), y.data(), samples});
    infer_groups(store, groups);
    const std::uint64_t before = allocations.load();
    infer_groups(store, groups);
    EXPECT_EQ(allocations.load(), before);
  }
}

TEST(InferGroups, AllocatesNothingAfterFirstUse) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "loops start threads of their own under ThreadSanitizer, and those allocate";
#endif
  const ThreadLimit limit(1);
  Batch batch;
  infer_groups(batch.store, batch.groups);
  const std::uint64_t before = allocations.load();
  infer_groups(batch.store, batch.groups);
  EXPECT_EQ(allocations.load(), before);
  const std::vector<float> probe(1000);
  EXPECT_GT(allocations.load(), before) << "the counter does not count";
}

}  // namespace
}  // namespace swarm::nn
