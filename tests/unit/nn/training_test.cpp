#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "agents/nn/infer.hpp"
#include "agents/nn/train.hpp"
#include "sim/core/errors.hpp"
#include "tests/unit/nn/families.hpp"

// Training of every kind of network; perceptrons in particular are in train_test.cpp, gradients in tests/reference.
namespace swarm::nn {
namespace {

std::size_t different_bits(std::span<const float> a, std::span<const float> b) {
  std::size_t count = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    count += std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i]);
  return count;
}

TEST(Training, PassesForwardAsInferenceDoes) {
  for (const Architecture& a : test::trainable_architectures())
    for (const Isa set : test::supported_sets()) {
      const test::Forced forced(set);
      const Model model = test::filled(a, 40);
      Tape tape(a);
      for (const std::uint32_t n : {1u, 70u, 3u}) {  // grown once, then used in part
        const std::vector<float> x = test::inputs_of(a, n, n);
        std::vector<float> expected(n * model.output().size()), y;
        forward(model, x.data(), expected.data(), n);
        tape.run(model, x.data(), n);
        const Rows<const float> rows = tape.outputs();
        for (std::size_t r = 0; r < rows.rows; ++r)
          y.insert(y.end(), rows.data + r * rows.stride, rows.data + r * rows.stride + rows.width);
        EXPECT_EQ(different_bits(y, expected), 0u) << enum_name(set) << ", batch of " << n;
      }
    }
}

struct Trained {
  Model model;
  float loss;
};

/// After a few batches of several sizes, half of them with a teacher.
Trained trained(const Architecture& a, const Optimiser& optimiser) {
  Trained result{test::filled(a, 3), 0};
  Trainer trainer(result.model, optimiser);
  const Extent out = result.model.output();
  for (const std::uint32_t n : {3u, 17u, 1u, 8u}) {
    const std::vector<float> x = test::inputs_of(a, n, n), teacher = test::noise(n * out.size(), n + 1);
    const std::vector<std::uint8_t> labels = test::classes(n * out.rows, out.width);
    result.loss = trainer.step(x.data(), {labels.data(), teacher.data(), 2.0f, n % 2 == 1 ? 0.5f : 0.0f}, n);
  }
  return result;
}

TEST(Training, EveryInstructionSetGivesTheSameBits) {
  for (const Architecture& a : test::trainable_architectures())
    for (const Optimiser& optimiser : {Optimiser(Sgd{}), Optimiser(Adam{})}) {
      std::vector<Trained> results;
      for (const Isa set : test::supported_sets()) {
        const test::Forced forced(set);
        results.push_back(trained(a, optimiser));
        EXPECT_TRUE(std::isfinite(results.back().loss));
        EXPECT_EQ(different_bits(results.back().model.data(), results.front().model.data()), 0u) << enum_name(set);
        EXPECT_EQ(different_bits({&results.back().loss, 1}, {&results.front().loss, 1}), 0u) << enum_name(set);
      }
    }
}

TEST(Training, KeepsPaddingZero) {
  for (const Architecture& a : test::trainable_architectures())
    for (const Optimiser& optimiser : {Optimiser(Sgd{}), Optimiser(Adam{})}) {
      const Model model = trained(a, optimiser).model;
      EXPECT_EQ(different_bits(model.data(), Model::unpack(a, model.packed()).data()), 0u);
      EXPECT_GT(different_bits(model.data(), test::filled(a, 3).data()), 0u);
    }
}

TEST(Training, ANetworkThatEndsWithSoftmaxIsRefused) {
  Model model({{1, 4}, {Linear{3}, Softmax{}}}), within({{1, 4}, {Linear{3}, Softmax{}, Linear{2}}});
  EXPECT_THROW(Trainer(model, {}), ModelError);
  EXPECT_NO_THROW(Trainer(within, {}));
}

TEST(Training, AnEmbeddingThatNothingCanLearnBeforeIsRefused) {
  Model model({{2, 4}, {Linear{1}, Embedding{3, 2}}}), without({{2, 2}, {Flatten{}, Linear{1}}}),
      first({{2, 1}, {MeanRows{}, Embedding{3, 2}}});
  EXPECT_THROW(Trainer(model, {}), ModelError);
  EXPECT_NO_THROW(Trainer(without, {}));
  EXPECT_NO_THROW(Trainer(first, {}));
}

TEST(Training, WhatIsRefusedChangesNothing) {
  const Model start = test::filled({{2, 1}, {Embedding{3, 4}, Flatten{}, Linear{2}}}, 1);
  Model model = start;
  Trainer trainer(model, Adam{});
  const std::uint8_t label = 0;
  for (const float wrong : {-1.0f, 3.0f, 0.5f, std::nanf("")}) {
    const float x[] = {1, wrong};
    EXPECT_THROW(trainer.step(x, &label, 1), ModelError);
  }
  const float x[] = {1, 2};
  EXPECT_THROW(trainer.step(x, {.labels = &label, .teacher_share = 0.5f}, 1), ModelError);
  EXPECT_EQ(different_bits(model.data(), start.data()), 0u);
  // Nor has Adam counted any of these as a step.
  Model fresh = start;
  trainer.step(x, &label, 1);
  Trainer(fresh, Adam{}).step(x, &label, 1);
  EXPECT_EQ(different_bits(model.data(), fresh.data()), 0u);
}

// A word's row adds up over all its places: twice the same word, and one that does not occur.
TEST(Training, AWordsGradientsAddUp) {
  Model model({{2, 1}, {Embedding{3, 2}}});
  Trainer trainer(model, Sgd{.learning_rate = 1.0f, .momentum = 0.0f});
  const float words[] = {1, 1};
  const std::uint8_t labels[] = {0, 0};  // of both rows
  // Logits (0, 0): each place asks for −(p − y)/2 = (¼, −¼).
  EXPECT_FLOAT_EQ(trainer.step(words, labels, 1), 0.69314718f);
  EXPECT_EQ(model.packed(), (std::vector<float>{0, 0, 0.5f, -0.5f, 0, 0}));
}

/// Samples of a problem by number.
struct Problem {
  std::size_t inputs;
  void (*make)(std::uint64_t number, float* x, std::uint8_t* label);
};

/// Two noisy crossed blobs: whether the signs of both coordinates differ.
void crossed(std::uint64_t number, float* x, std::uint8_t* label) {
  const std::vector<float> raw = test::noise(4, number);
  const float a = raw[0] > 0 ? 1.0f : -1.0f, b = raw[1] > 0 ? 1.0f : -1.0f;
  x[0] = a + 0.3f * raw[2];
  x[1] = b - 0.3f * raw[3];
  *label = a * b < 0 ? 1 : 0;
}
constexpr Problem kCrossed{2, crossed};

/// 12 positions: somewhere a step up and back, or down and back. The mean is the same.
void pulses(std::uint64_t number, float* x, std::uint8_t* label) {
  const std::vector<float> raw = test::noise(2, number);
  const auto at = static_cast<std::size_t>((raw[0] + 1) / 2 * 10.99f);
  *label = raw[1] > 0 ? 1 : 0;
  std::fill_n(x, 12, 0.0f);
  x[at] = *label == 1 ? 1.0f : -1.0f;
  x[at + 1] = -x[at];
}
constexpr Problem kPulses{12, pulses};

/// 5 words: one 1 and one 2 among 0s. Which comes first?
void order(std::uint64_t number, float* x, std::uint8_t* label) {
  const std::vector<float> raw = test::noise(2, number);
  const auto one = static_cast<std::size_t>((raw[0] + 1) / 2 * 4.99f);
  const auto other = (one + 1 + static_cast<std::size_t>((raw[1] + 1) / 2 * 3.99f)) % 5;
  std::fill_n(x, 5, 0.0f);
  x[one] = 1;
  x[other] = 2;
  *label = one < other ? 1 : 0;
}
constexpr Problem kOrder{5, order};

struct Batch {
  std::vector<float> x;
  std::vector<std::uint8_t> labels;

  Batch(const Problem& problem, std::uint64_t first, std::size_t n) : x(n * problem.inputs), labels(n) {
    for (std::size_t i = 0; i < n; ++i) problem.make(first + i, x.data() + i * problem.inputs, &labels[i]);
  }
};

double accuracy(const Model& model, const Problem& problem) {
  constexpr std::uint32_t kTest = 500;
  const Batch batch(problem, 1'000'000, kTest);
  std::vector<float> logits(kTest * 2);
  forward(model, batch.x.data(), logits.data(), kTest);
  double right = 0;
  for (std::uint32_t i = 0; i < kTest; ++i) right += argmax(logits.data() + 2 * i, 2) == batch.labels[i] ? 1 : 0;
  return right / kTest;
}

Model learned(const Problem& problem, const Architecture& a, const Optimiser& optimiser,
              const Model* teacher = nullptr) {
  constexpr std::uint32_t kBatch = 32, kSteps = 400;
  Model model(a);
  initialise(model, Random(7, Stream::weight_init), 1);
  Trainer trainer(model, optimiser);
  std::vector<float> answers(kBatch * 2);
  for (std::uint32_t step = 0; step < kSteps; ++step) {
    const Batch batch(problem, step * kBatch, kBatch);
    if (teacher == nullptr) {
      trainer.step(batch.x.data(), batch.labels.data(), kBatch);
      continue;
    }
    forward(*teacher, batch.x.data(), answers.data(), kBatch);
    trainer.step(batch.x.data(), {.labels = nullptr, .teacher = answers.data(), .temperature = 2, .teacher_share = 1},
                 kBatch);
  }
  return model;
}

constexpr Adam kAdam{.learning_rate = 0.01f};

// Each with a network of the same kind that lacks what the problem asks for, so that learning it proves something.
TEST(Training, PerceptronsOfEveryActivationLearnWhatALineCannot) {
  for (const Activation f : {Activation::relu, Activation::tanh, Activation::sigmoid, Activation::gelu})
    EXPECT_GE(accuracy(learned(kCrossed, {{1, 2}, {Linear{16, f}, Linear{2}}}, kAdam), kCrossed), 0.99)
        << static_cast<int>(f);
  EXPECT_LE(accuracy(learned(kCrossed, {{1, 2}, {Linear{16}, Linear{2}}}, kAdam), kCrossed), 0.8);
}

TEST(Training, AConvolutionLearnsWhatTheMeanCannotShow) {
  const Architecture with{
      {12, 1},
      {Linear{8}, DepthwiseConv{3, 1, 1, 1, 1, Activation::gelu}, Linear{8, Activation::relu}, MeanRows{}, Linear{2}}},
      without{{12, 1}, {Linear{8}, DepthwiseConv{1, 1, 1, 0, 0}, Linear{8}, MeanRows{}, Linear{2}}};
  for (const Optimiser& optimiser : {Optimiser(kAdam), Optimiser(Sgd{})})
    EXPECT_GE(accuracy(learned(kPulses, with, optimiser), kPulses), 0.99) << optimiser.index();
  EXPECT_LE(accuracy(learned(kPulses, without, kAdam), kPulses), 0.7);
}

TEST(Training, AttentionLearnsAnOrderItSeesByPositionsOrAMaskAlone) {
  const auto network = [](bool positions, const Attention& attention) {
    Architecture a{{5, 1},
                   {Embedding{3, 16}, attention, LayerNorm{}, Linear{16, Activation::gelu}, MeanRows{}, Linear{2}}};
    if (positions) a.layers.insert(a.layers.begin() + 1, Positions{});
    return a;
  };
  EXPECT_GE(accuracy(learned(kOrder, network(true, {2, 0, false, true}), kAdam), kOrder), 0.99);
  EXPECT_GE(accuracy(learned(kOrder, network(true, {2, 2, false, true}), kAdam), kOrder), 0.99);
  EXPECT_GE(accuracy(learned(kOrder, network(false, {2, 0, true, true}), kAdam), kOrder), 0.99);
  EXPECT_LE(accuracy(learned(kOrder, network(false, {2, 0, false, true}), kAdam), kOrder), 0.7);
}

// A student that sees no label learns what its teacher knows, and nothing from one that knows nothing.
TEST(Training, AStudentLearnsFromItsTeacherAlone) {
  const Architecture a{{1, 2}, {Linear{16, Activation::relu}, Linear{2}}};
  const Model teacher = learned(kCrossed, a, Sgd{}), ignorant(a);
  const Architecture smaller{{1, 2}, {Linear{8, Activation::tanh}, Linear{2}}};
  EXPECT_GE(accuracy(learned(kCrossed, smaller, kAdam, &teacher), kCrossed), 0.99);
  EXPECT_LE(accuracy(learned(kCrossed, smaller, kAdam, &ignorant), kCrossed), 0.8);
}

}  // namespace
}  // namespace swarm::nn
