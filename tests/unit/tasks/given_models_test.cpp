#include "agents/tasks/given_models.hpp"

#include <gtest/gtest.h>

#include "agents/nn/train.hpp"
#include "agents/tasks/base_models.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace tasks {
namespace {

/// A file's name says which network is in it.
nn::Model read(const std::filesystem::path& file) {
  const nn::Architecture rows{{8, 8}, {nn::Linear{4}, nn::Flatten{}, nn::Linear{10}}};
  const nn::Architecture narrow = nn::MlpShape{{63, 10}}, few = nn::MlpShape{{64, 9}};
  const nn::Architecture words{{64, 1}, {nn::Embedding{9, 1}, nn::Flatten{}, nn::Linear{10}}};
  if (file == "damaged") throw InputError(Diagnostic{.file = "damaged", .problem = "is no model"});
  nn::Model model(file == "rows" ? rows : file == "narrow" ? narrow : file == "few" ? few : words);
  nn::initialise(model, Random(3, Stream::weight_init), 0);
  return model;
}

TEST(GivenModels, AreReadWhereAFileIsNamed) {
  SpecialistParams params;
  params.onnx_language = "rows";
  const GivenModels given = read_given_models(params, read);
  ASSERT_NE(given[1], nullptr);
  EXPECT_EQ(given[1]->packed(), read("rows").packed());
  EXPECT_EQ(given[0], nullptr);
  EXPECT_EQ(read_given_models({}, nullptr), GivenModels{}) << "nothing named, nothing read";
}

TEST(GivenModels, ThatAreNoSpecialistsAreAllNamed) {
  SpecialistParams params;
  params.onnx_vision = "narrow";
  params.onnx_language = "few";
  params.onnx_reasoning = "words";
  params.onnx_memory = "damaged";
  try {
    read_given_models(params, read);
    FAIL();
  } catch (const InputError& e) {
    ASSERT_EQ(e.problems().size(), 4u);
    EXPECT_EQ(e.problems()[0].text(),
              "narrow: the model of 'specialists.onnx_vision' takes 63 numbers and gives 10 (problems are 64 "
              "numbers and "
              "have 10 answers) Name a model of that shape.");
    EXPECT_EQ(e.problems()[1].problem,
              "the model of 'specialists.onnx_language' takes 64 numbers and gives 9");
    EXPECT_EQ(e.problems()[2].problem, "the model of 'specialists.onnx_reasoning' takes ids of a vocabulary");
    EXPECT_EQ(e.problems()[3].problem, "is no model");
  }
  SpecialistParams named;
  named.onnx_memory = "rows";
  EXPECT_THROW(read_given_models(named, nullptr), InputError) << "where models cannot be read";
}

TEST(GivenModels, AreAllLineagesOfTheirTypeInTheFormat) {
  SpecialistParams params;
  params.hidden_1 = 8;
  params.hidden_2 = 0;
  params.training_samples = 64;
  params.lineages = 2;
  params.pruning = Pruning::structured;
  params.format = nn::Format::int8;
  params.calibration = Calibration::fixed;
  GivenModels given;
  given[2] = std::make_shared<const nn::Model>(read("rows"));
  bool cached = true;
  const auto models = base_models(params, 1, {}, &cached, given);
  EXPECT_FALSE(cached) << "the others were trained without a cache";
  const auto trained = base_models(params, 1, {});
  for (std::size_t i = 0; i < 8; ++i) {
    if (i / 2 == 2) {
      EXPECT_EQ(models[i].model.packed(), given[2]->packed());
      EXPECT_EQ(models[i].ranges.size(), 2u);
      EXPECT_LT(models[i].test_accuracy, 0.4) << "nobody trained it";
    } else {
      EXPECT_EQ(models[i].model.packed(), trained[i].model.packed());
    }
    EXPECT_EQ(models[i].numerics.format, nn::Format::int8);
  }
  EXPECT_NE(models[4].ranges, models[5].ranges) << "each lineage's own mixture";
}

}  // namespace
}  // namespace tasks
}  // namespace swarm
