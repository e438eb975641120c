#include <gtest/gtest.h>

#include "agents/nn/train.hpp"
#include "tests/reference/plain_network.hpp"
#include "tests/unit/nn/families.hpp"

// Gradients of whole networks against differences of a loss computed by plain loops in double precision.
namespace swarm::nn {
namespace {

using test::Fault;
using test::Numbers;

constexpr std::uint32_t kSamples = 5;
constexpr Sgd kSgd{.learning_rate = 1.0f, .momentum = 0.0f};
constexpr Adam kAdam{.learning_rate = 1.0f, .epsilon = 1.0f};

/// A network, its inputs, and a way to say what it should answer.
struct Case {
  Model model;
  std::vector<float> inputs;
  std::vector<std::uint8_t> labels;
  std::vector<float> teacher;
  Targets targets;
};

/// Without a teacher, with a warm one, and with a cool one alone.
Case make_case(const Architecture& a, std::uint64_t entity, int kind) {
  Case c{test::filled(a, entity), test::inputs_of(a, kSamples, entity + 50), {}, {}, {}};
  const Extent out = c.model.output();
  c.labels = test::classes(kSamples * out.rows, out.width);
  c.teacher = test::noise(kSamples * out.size(), entity + 60);
  for (float& z : c.teacher) z *= 3.0f;
  if (kind == 0) c.targets = {.labels = c.labels.data()};
  if (kind == 1)
    c.targets = {.labels = c.labels.data(), .teacher = c.teacher.data(), .temperature = 2.5f, .teacher_share = 0.25f};
  if (kind == 2)
    c.targets = {.labels = nullptr, .teacher = c.teacher.data(), .temperature = 0.75f, .teacher_share = 1.0f};
  return c;
}

/// The gradient that a first step of Sgd at rate 1 has followed: the distance moved. One of Adam, at rate 1 and with
/// epsilon 1, is u = g/(|g| + 1), so g = u/(1 − |u|).
Numbers trained_gradient(const Case& c, const Optimiser& optimiser) {
  Model model = c.model;
  Trainer trainer(model, optimiser);
  trainer.step(c.inputs.data(), c.targets, kSamples);
  const std::vector<float> before = c.model.packed(), after = model.packed();
  Numbers g;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double u = static_cast<double>(before[i]) - static_cast<double>(after[i]);
    g.push_back(std::holds_alternative<Sgd>(optimiser) ? u : u / (1 - std::abs(u)));
  }
  return g;
}

/// Some parameters of each block, first and last among them.
std::vector<std::vector<std::size_t>> chosen(const Architecture& a) {
  constexpr std::size_t kMost = 40;
  std::vector<std::vector<std::size_t>> all;
  std::size_t at = 0;
  for (const Block& block : a.blocks()) {
    const std::size_t n = block.parameters();
    all.emplace_back();
    for (std::size_t i = 0; i < std::min(n, kMost); ++i)
      all.back().push_back(at + i * (n - 1) / std::max<std::size_t>(std::min(n, kMost) - 1, 1));
    at += n;
  }
  return all;
}

/// Central differences at the chosen parameters, by block.
std::vector<Numbers> differences(const Case& c, Fault fault) {
  constexpr double kStep = 1e-5;
  const std::vector<float> packed = c.model.packed();
  const Architecture& a = c.model.architecture();
  test::PlainNetwork net{a, Numbers(packed.begin(), packed.end()), fault};
  const test::PlainTargets targets{c.labels, Numbers(c.teacher.begin(), c.teacher.end()),
                                   static_cast<double>(c.targets.temperature),
                                   static_cast<double>(c.targets.teacher_share)};
  std::vector<Numbers> samples;
  for (std::size_t s = 0; s < kSamples; ++s) {
    const float* x = c.inputs.data() + s * a.input.size();
    samples.emplace_back(x, x + a.input.size());
  }
  std::vector<Numbers> all;
  for (const auto& block : chosen(a)) {
    all.emplace_back();
    for (const std::size_t i : block) {
      const double centre = net.parameters[i];
      net.parameters[i] = centre + kStep;
      const double up = net.loss(samples, targets);
      net.parameters[i] = centre - kStep;
      const double down = net.loss(samples, targets);
      net.parameters[i] = centre;
      all.back().push_back((up - down) / (2 * kStep));
    }
  }
  return all;
}

double worst(const Architecture& a, const Numbers& gradient, const std::vector<Numbers>& expected) {
  double error = 0;
  const auto places = chosen(a);
  for (std::size_t b = 0; b < places.size(); ++b)
    for (std::size_t i = 0; i < places[b].size(); ++i)
      error = std::max(error, std::abs(gradient[places[b][i]] - expected[b][i]));
  return error;
}

// What the trainer's single precision may lose: parameters near 1 are rounded by 2^-24 = 6e-8 as they move, and
// gradients up to 1 are sums of up to 200 rounded terms; found are 2.1e-7. The differences are exact to 1e-10.
constexpr double kTolerance = 1e-6;
/// What a mutant must exceed. The weakest, GELU by tanh, moves slopes by up to 1e-3 and is found at 1.2e-4.
constexpr double kFound = 100 * kTolerance;

TEST(NnGradients, AgreeWithDifferencesForEveryLayerActivationAndTarget) {
  std::uint64_t entity = 0;
  for (const Architecture& a : test::trainable_architectures())
    for (const int kind : {0, 1, 2}) {
      const Case c = make_case(a, entity += 100, kind);
      const std::vector<Numbers> expected = differences(c, Fault::none);
      for (const Isa set : test::supported_sets()) {
        const test::Forced forced(set);
        for (const Optimiser& optimiser : {Optimiser(kSgd), Optimiser(kAdam)})
          EXPECT_LT(worst(a, trained_gradient(c, optimiser), expected), kTolerance)
              << "case " << entity << ", " << enum_name(set) << ", optimiser " << optimiser.index();
      }
    }
}

TEST(NnGradients, MutantsAreFound) {
  for (int fault = 1; fault <= test::kFaults; ++fault) {
    double error = 0;
    std::uint64_t entity = 0;
    for (const Architecture& a : test::trainable_architectures())
      for (const int kind : {0, 1, 2}) {
        const Case c = make_case(a, entity += 100, kind);
        if (error < kFound) error = worst(a, trained_gradient(c, kSgd), differences(c, static_cast<Fault>(fault)));
      }
    EXPECT_GT(error, kFound) << "fault " << fault;
  }
}

// Whatever the layer, forgetting to train one of its blocks is seen.
TEST(NnGradients, AForgottenBlockIsFound) {
  std::uint64_t entity = 0;
  for (const Architecture& a : test::trainable_architectures()) {
    const Case c = make_case(a, entity += 300, 1);
    const std::vector<Numbers> expected = differences(c, Fault::none);
    const Numbers gradient = trained_gradient(c, kSgd);
    std::size_t at = 0;
    for (const Block& block : a.blocks()) {
      Numbers mutant = gradient;
      std::fill_n(mutant.begin() + static_cast<std::ptrdiff_t>(at), block.parameters(), 0.0);
      EXPECT_GT(worst(a, mutant, expected), kFound) << "case " << entity << ", parameters from " << at;
      at += block.parameters();
    }
  }
}

TEST(NnGradients, TheReturnedLossIsThatBeforeTheStep) {
  std::uint64_t entity = 0;
  for (const Architecture& a : test::trainable_architectures())
    for (const int kind : {0, 1, 2}) {
      const Case c = make_case(a, entity += 100, kind);
      const std::vector<float> packed = c.model.packed();
      const test::PlainNetwork net{a, Numbers(packed.begin(), packed.end())};
      std::vector<Numbers> samples;
      for (std::size_t s = 0; s < kSamples; ++s) {
        const float* x = c.inputs.data() + s * a.input.size();
        samples.emplace_back(x, x + a.input.size());
      }
      const double expected =
          net.loss(samples, {c.labels, Numbers(c.teacher.begin(), c.teacher.end()),
                             static_cast<double>(c.targets.temperature), static_cast<double>(c.targets.teacher_share)});
      Model model = c.model;
      Trainer trainer(model, {});
      EXPECT_NEAR(static_cast<double>(trainer.step(c.inputs.data(), c.targets, kSamples)), expected, 3e-6)
          << "case " << entity;
    }
}

}  // namespace
}  // namespace swarm::nn
