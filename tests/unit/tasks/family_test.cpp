#include "agents/tasks/family.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "agents/nn/cost.hpp"
#include "agents/nn/infer.hpp"
#include "agents/nn/model.hpp"
#include "agents/tasks/generators.hpp"
#include "agents/tasks/memory.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace tasks {
namespace {

using workload::ProblemType;

SpecialistParams of(Family family) {
  SpecialistParams params;
  params.family = family;
  return params;
}

TEST(Family, APerceptronIsWhatItAlwaysWas) {
  EXPECT_EQ(architecture_of({}, ProblemType::memory), nn::Architecture(nn::MlpShape{{64, 128, 64, 10}}));
  EXPECT_EQ(architecture_of({}, ProblemType::vision, 3), nn::Architecture(nn::MlpShape{{64, 384, 192, 10}}));
  SpecialistParams shallow;
  shallow.hidden_2 = 0;
  EXPECT_EQ(architecture_of(shallow, ProblemType::vision), nn::Architecture(nn::MlpShape{{64, 128, 10}}));
}

// Rows: 8 lines of a page, 16 symbols, 6 blocks of ten.
TEST(Family, RowsAreWhatTheInputsAreMadeOf) {
  const std::uint32_t rows[] = {8, 16, 6, 6};
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t)
    for (const Family family : {Family::conv, Family::attention}) {
      const nn::Architecture network = architecture_of(of(family), static_cast<ProblemType>(t));
      EXPECT_EQ(network.input.size(), kInputs);
      const std::vector<nn::Extent> extents = network.extents();
      EXPECT_EQ(extents.back(), (nn::Extent{1, kClasses}));
      const nn::Extent flattened = extents[extents.size() - 3];
      EXPECT_EQ(flattened, (nn::Extent{1, rows[t] * 16})) << enum_name(family) << ' ' << t;
    }
}

// Block p of ten inputs becomes row p: Σ_v taps[v]·(x[10p + v]·w + b), so lighting another key's value moves
// to another row, and lighting another value of the same key stays in the row.
TEST(Family, AListsKeysAreRows) {
  const nn::Architecture network = architecture_of(of(Family::conv), ProblemType::memory);
  const nn::Architecture embedding{network.input, {network.layers[0], network.layers[1]}};
  nn::Model model(embedding);
  for (float& w : model.weights(0)) w = 1.0f;
  for (std::size_t v = 0; v < kValues; ++v)
    for (std::size_t c = 0; c < model.columns(1); ++c) model.weight(1, v, c) = static_cast<float>(v + 1);
  const std::size_t channels = model.columns(1);
  for (std::uint32_t key = 0; key < kKeys; ++key)
    for (std::uint32_t value = 0; value < kValues; ++value) {
      std::vector<float> x(kInputs, 0.0f), y(6 * channels);
      x[key * kValues + value] = 1.0f;
      nn::forward(model, x.data(), y.data(), 1);
      for (std::uint32_t row = 0; row < 6; ++row)
        EXPECT_EQ(y[row * channels], row == key ? static_cast<float>(value + 1) : 0.0f);
    }
  EXPECT_EQ(kQueryAt / kValues, 5u) << "the query has a row of its own";
}

// By hand for vision, conv: 8 rows · 8 · 16 into channels, twice 8 · (3 taps · 16 + 16 · 16), 128 · 64 and 64
// · 10: 1,024 + 2 · 2,432 + 8,192 + 640 = 14,720, less the taps that fall outside the page: 2 blocks · 2 ends
// · 16.
TEST(Family, CostsWhatItsLayersSay) {
  EXPECT_EQ(nn::pass_cost(architecture_of(of(Family::conv), ProblemType::vision)).macs, 14720u - 64u);
  EXPECT_EQ(nn::pass_cost(architecture_of({}, ProblemType::vision)).macs, 64u * 128 + 128 * 64 + 640);
}

TEST(Family, TopKeysAreAShareOfTheRows) {
  SpecialistParams params = of(Family::attention);
  const auto attention = [&](ProblemType type) {
    for (const nn::Layer& layer : architecture_of(params, type).layers)
      if (const auto* found = std::get_if<nn::Attention>(&layer)) return *found;
    return nn::Attention{.heads = 0};
  };
  EXPECT_EQ(attention(ProblemType::language),
            (nn::Attention{.heads = 4, .top_keys = 0, .causal = false, .residual = true}));
  params.top_keys = 0.1;  // of 16 and of 6, rounded up
  params.causal = true;
  params.heads = 2;
  EXPECT_EQ(attention(ProblemType::language),
            (nn::Attention{.heads = 2, .top_keys = 2, .causal = true, .residual = true}));
  EXPECT_EQ(attention(ProblemType::memory).top_keys, 1u);
}

TEST(Family, ImpossibleSizesAreRefused) {
  SpecialistParams params = of(Family::attention);
  params.heads = 3;
  EXPECT_THROW(architecture_of(params, ProblemType::vision), ModelError);
  params.family = Family::conv;  // has no heads
  EXPECT_NO_THROW(architecture_of(params, ProblemType::vision));
  params.kernel = 64;  // longer than any signal, but not than the padded one
  EXPECT_EQ(architecture_of(params, ProblemType::vision).extents()[2], (nn::Extent{8, 16}));
}

TEST(Family, NumericsFollowFormatAndPruning) {
  SpecialistParams params;
  EXPECT_EQ(numerics_of(params), nn::Numerics{});
  params.pruning = Pruning::structured;
  EXPECT_EQ(numerics_of(params), nn::Numerics{});
  params.pruning = Pruning::unstructured;
  EXPECT_EQ(numerics_of(params), (nn::Numerics{.sparse = true}));
  params.format = nn::Format::int8;
  params.calibration = Calibration::fixed;
  EXPECT_EQ(numerics_of(params),
            (nn::Numerics{.format = nn::Format::int8, .sparse = false, .calibrated = true}));
}

}  // namespace
}  // namespace tasks
}  // namespace swarm
