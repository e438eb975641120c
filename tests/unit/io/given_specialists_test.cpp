#include <fmt/core.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "agents/tasks/base_models.hpp"
#include "sim/core/errors.hpp"
#include "sim/io/onnx_file.hpp"

namespace swarm::io {
namespace {

namespace fs = std::filesystem;

/// A folder that goes away at the end of the test.
class GivenSpecialists : public ::testing::Test {
 protected:
  GivenSpecialists() : dir_(fs::temp_directory_path() / "swarm_given_specialists") {
    fs::remove_all(dir_);
    fs::create_directories(dir_);
  }
  ~GivenSpecialists() override { fs::remove_all(dir_); }

  fs::path dir_;
};

// A specialist of every family and type, written and named in a scenario, is the base specialist that it was.
TEST_F(GivenSpecialists, OfEveryFamilyComeBackFromTheirFiles) {
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
      *files[t] = (dir_ / fmt::format("{}{}.onnx", enum_name(family), t)).string();
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

TEST_F(GivenSpecialists, ThatAreMissingOrOfAnotherShapeAreNamed) {
  tasks::SpecialistParams params;
  params.onnx_memory = (dir_ / "absent.onnx").string();
  EXPECT_THROW(tasks::read_given_models(params, read_onnx), FileError);
  write_onnx(nn::Model(nn::MlpShape{{32, 10}}), dir_ / "small.onnx");
  params.onnx_memory = (dir_ / "small.onnx").string();
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
