#include <fmt/core.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "agents/tasks/base_models.hpp"
#include "sim/core/errors.hpp"
#include "sim/io/onnx_file.hpp"
#include "tests/unit/io/sample.hpp"

namespace swarm::io {
namespace {

using sample::Folder;

// A specialist of every family and type, written and named in a scenario, is the base specialist that it was.
TEST(GivenSpecialists, OfEveryFamilyComeBackFromTheirFiles) {
  const Folder folder;
  for (const tasks::Family family : {tasks::Family::mlp, tasks::Family::conv, tasks::Family::attention}) {
    tasks::SpecialistParams params;
    params.family = family;
    params.training_samples = 256;
    params.lineages = 1;
    const std::vector<tasks::BaseModel> trained = tasks::base_models(params, 1, {});
    tasks::SpecialistParams named;
    named.lineages = 1;
    std::string* const files[] = {&named.onnx_vision, &named.onnx_language, &named.onnx_reasoning,
                                  &named.onnx_memory};
    for (std::size_t t = 0; t < trained.size(); ++t) {
      *files[t] = (folder.path() / fmt::format("{}{}.onnx", enum_name(family), t)).string();
      write_onnx(trained[t].model, *files[t]);
    }
    const auto given = tasks::base_models(named, 1, {}, nullptr, tasks::read_given_models(named, read_onnx));
    for (std::size_t t = 0; t < trained.size(); ++t) {
      EXPECT_EQ(given[t].model.packed(), trained[t].model.packed()) << enum_name(family) << ' ' << t;
      EXPECT_EQ(given[t].test_accuracy, trained[t].test_accuracy) << enum_name(family) << ' ' << t;
    }
    std::swap(named.onnx_vision, named.onnx_language);
    const auto swapped =
        tasks::base_models(named, 1, {}, nullptr, tasks::read_given_models(named, read_onnx));
    EXPECT_NE(swapped[0].model.packed(), trained[0].model.packed()) << "mutant: another type's file";
  }
}

TEST(GivenSpecialists, ThatAreMissingOrOfAnotherShapeAreNamed) {
  const Folder folder;
  tasks::SpecialistParams params;
  params.onnx_memory = (folder / "absent.onnx").string();
  EXPECT_THROW(tasks::read_given_models(params, read_onnx), FileError);
  write_onnx(nn::Model(nn::MlpShape{{32, 10}}), folder / "small.onnx");
  params.onnx_memory = (folder / "small.onnx").string();
  try {
    tasks::read_given_models(params, read_onnx);
    FAIL();
  } catch (const InputError& e) {
    EXPECT_EQ(e.problems().at(0).file, params.onnx_memory);
    EXPECT_EQ(e.problems().at(0).problem,
              "the model of 'specialists.onnx_memory' takes 32 numbers and gives 10");
  }
}

}  // namespace
}  // namespace swarm::io
